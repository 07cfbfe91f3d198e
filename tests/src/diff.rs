//! What differs between two texts, line by line.

/// Lines of agreement shown around a difference.
const CONTEXT: usize = 2;

/// The lines of `expected` that are gone (`-`) and those of `got` that are new (`+`); empty if the texts are equal.
pub fn lines(expected: &str, got: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), got.lines().collect());
    if old == new {
        return String::new();
    }
    let marked = marked(&old, &new);
    let near = |at: usize| {
        let around = at.saturating_sub(CONTEXT)..(at + CONTEXT + 1).min(marked.len());
        marked[around].iter().any(|(mark, _)| *mark != ' ')
    };
    let (mut text, mut gap) = (String::new(), false);
    for (at, (mark, line)) in marked.iter().enumerate() {
        if near(at) {
            text.push_str(&format!("  {mark} {line}\n"));
        } else if !gap {
            text.push_str("    ...\n");
        }
        gap = !near(at);
    }
    text
}

/// Both texts woven into one, by their longest common subsequence.
fn marked<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let mut longest = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i][j] = if old[i] == new[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut woven) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            woven.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && longest[i + 1][j] >= longest[i][j + 1]) {
            woven.push(('-', old[i]));
            i += 1;
        } else {
            woven.push(('+', new[j]));
            j += 1;
        }
    }
    woven
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(lines("a\nb", "a\nb"), "");
        assert_eq!(
            lines("1\n2\n3\n4\n5\n6", "1\n2\n3\n4\nfive\n6"),
            "    ...\n    3\n    4\n  - 5\n  + five\n    6\n"
        );
    }
}
