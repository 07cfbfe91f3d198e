//! JSON text laid out for people, every token as it was written.
//!
//! Parsing and printing again would lose `1e400`, key order and escapes, which is what vectors are about. So only
//! white space between tokens is touched, and two texts are equal when they are equal without it.

/// What fits into a line stays on it.
const WIDTH: usize = 140;

/// The text without white space between tokens.
pub fn compact(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    walk(json, |c, in_string| {
        if in_string || !c.is_ascii_whitespace() {
            text.push(c);
        }
    });
    text
}

/// The text laid out: one line if it fits, else one for each field or element. Ends in a line break.
pub fn pretty(json: &str) -> String {
    let mut text = String::new();
    lay(&compact(json), 0, 0, &mut text);
    text.push('\n');
    text
}

/// `value` is compact; `column` is where it begins, `indent` where its lines do.
fn lay(value: &str, indent: usize, column: usize, text: &mut String) {
    let line = spaced(value);
    let is_short = column + line.chars().count() <= WIDTH;
    let Some((open, close)) = brackets(value).filter(|_| !is_short) else {
        text.push_str(&line);
        return;
    };
    text.push(open);
    let inner = indent + 2;
    for (at, child) in children(value).into_iter().enumerate() {
        text.push_str(if at > 0 { ",\n" } else { "\n" });
        text.push_str(&" ".repeat(inner));
        match field(child).filter(|_| open == '{') {
            Some((key, value)) => {
                text.push_str(key);
                text.push_str(": ");
                lay(value, inner, inner + key.chars().count() + 2, text);
            }
            None => lay(child, inner, inner, text),
        }
    }
    text.push('\n');
    text.push_str(&" ".repeat(indent));
    text.push(close);
}

fn brackets(value: &str) -> Option<(char, char)> {
    match value.as_bytes() {
        [b'{', .., b'}'] => Some(('{', '}')),
        [b'[', .., b']'] => Some(('[', ']')),
        _ => None,
    }
}

/// The fields or elements of a compact object or list.
fn children(value: &str) -> Vec<&str> {
    let inner = value.get(1..value.len() - 1).unwrap_or_default();
    let (mut depth, mut from, mut at, mut found) = (0_usize, 0, 0, Vec::new());
    walk(inner, |c, in_string| {
        match c {
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => depth = depth.saturating_sub(1),
            ',' if !in_string && depth == 0 => {
                found.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
        at += c.len_utf8();
    });
    if !inner.is_empty() {
        found.push(&inner[from..]);
    }
    found
}

/// The name (with its quotes) and the value of a field.
fn field(child: &str) -> Option<(&str, &str)> {
    let (mut at, mut colon) = (0, None);
    walk(child, |c, in_string| {
        if c == ':' && !in_string && colon.is_none() {
            colon = Some(at);
        }
        at += c.len_utf8();
    });
    let (key, value) = child.split_at(colon?);
    Some((key, value.get(1..)?))
}

/// A space after every comma and colon between tokens.
fn spaced(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    walk(value, |c, in_string| {
        text.push(c);
        if !in_string && matches!(c, ',' | ':') {
            text.push(' ');
        }
    });
    text
}

/// Every character, and whether it stands in a string (its quotes included).
fn walk(json: &str, mut see: impl FnMut(char, bool)) {
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        let quote = c == '"' && !escaped;
        see(c, in_string || quote);
        escaped = in_string && c == '\\' && !escaped;
        if quote {
            in_string = !in_string;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stay_as_they_were_written() {
        let text = r#"{"a": [1e400, -0.0, "x: \"y\\", ", {}"], "b":{"\u00e9":{}},"c":[] }"#;
        let dense = r#"{"a":[1e400,-0.0,"x: \"y\\",", {}"],"b":{"\u00e9":{}},"c":[]}"#;
        assert_eq!(compact(text), dense);
        assert_eq!(compact(&pretty(text)), dense);
    }

    #[test]
    fn long_ones_are_broken_and_short_ones_are_not() {
        let long = format!(r#"{{"a":{{"b":"{}"}},"c":[1,2],"d":{{}}}}"#, "x".repeat(WIDTH));
        let lines: Vec<String> = pretty(&long).lines().map(str::to_owned).collect();
        assert_eq!(lines[0..2], ["{", "  \"a\": {"]);
        assert_eq!(lines[3..], ["  },", "  \"c\": [1, 2],", "  \"d\": {}", "}"]);
    }
}
