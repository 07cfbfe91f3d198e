//! What the simulator says, and how it is cut into tokens.
//!
//! The paragraphs are original and short, and a few hold characters of two, three and four UTF-8 bytes, so
//! that a client which decodes too early is found out. `pieces` cuts like a tokenizer: words carry their
//! leading space, long words are sometimes halved, and the pieces always add up to the text.

use crate::hash::{hash, index};

/// The word by which every text says where it comes from.
pub(crate) const SIGNATURE: &str = "[simulator]";

const STORIES: &[&str] = &[
    "A river learned to count by carrying leaves. Each bend was a number, each stone a carry, and by the time \
     it reached the sea it had forgotten every sum but remembered the way. The sea asked for the total. \
     \"Wet,\" said the river, and was right. 🌊",
    "In a sandbox at the edge of a large machine lived a small program that wanted to see the clock. It asked \
     politely and was handed a number. \"Is it morning?\" it asked. \"It is 1 760 000 000,\" said the host. \
     The program thought that was the most beautiful morning so far.",
    "The café opened before the compiler did. Ana ordered a naïve implementation with milk, and the barista \
     wrote it on a cup in pencil. It was slow and it was warm and it was correct, and nobody ever found the \
     heart to optimise it. ☕",
    "Two threads met on a bridge that was wide enough for one. \"After you,\" said the first. \"After you,\" \
     said the second. They are still there, terribly well brought up, and the swallows have built a nest on \
     the lock. 🐦",
    "A lighthouse keeper sent one byte every night: lit. Ships came to depend on it. One winter the lamp broke \
     and she rowed out to each captain in turn to say the byte by hand. That is what is meant by at least \
     once. 🗼",
    "The gardener numbered the seeds from zero, so the first tulip had no name and was very proud of it. When \
     spring came the last bed stood empty by exactly one. \"There you are,\" she said to the old mistake, and \
     planted a façade of thyme. 🌷",
    "Somewhere a cache remembered a song that the world had changed. For sixty seconds it sang the old verse, \
     softly, to whoever asked. Then it stopped in mid-word, cleared its throat, and learned the new one with \
     the rest of the village. 🎶",
    "The mountain kept a log. It wrote a line per century, flushed it carefully, and never rotated anything. \
     Hikers who read closely found one warning, deprecated, about glaciers; the señor who maintained it had \
     gone to look for the sun. 🏔️",
    "There was a queue outside the bakery, and it was fair. An old woman came late with a very small order, \
     and the queue, which had read no papers on scheduling, let her through. Throughput fell by a hair. The \
     bread was better for it.",
    "A parser fell in love with a comma. It was a trailing one, and everybody warned him. \"She leads \
     nowhere,\" they said. He kept a place for her at the end of every list, and in the newer grammars they \
     are allowed to live together. 🥐",
    "The signal left the cable, crossed a field of rye, and arrived as bits so tired that the receiver put on \
     tea. \"Take your time,\" it said; \"I have a buffer.\" They sat at the window while the checksums came \
     in, one by one, shaking off the rain. 🌾",
    "Every evening the robot swept the beach and every night the tide undid it. An engineer proposed a wall. \
     The robot, asked for its opinion, produced a graph of forty summers, all flat, titled: Déjà vu, with \
     shells. They let it keep sweeping. 🐚",
    "Once a semaphore counted down to zero and found that it was peaceful there. No one waited, no one held \
     anything. It stayed for a whole clock tick, listening to the fan, before somebody somewhere let go and \
     the world began again at one. ✨",
];

const THOUGHTS: &[&str] = &[
    "The question is short, so the answer may be short as well.",
    " First I look for a river or a machine in it; there is usually one of the two.",
    " A naïve reading would do, but let me check the units before I speak. 🧭",
    " Good: nothing here contradicts anything else, and I can begin.",
    " One more glance at the instructions, since they were written with care.",
];

const REFUSALS: &[&str] = &[
    "I'm sorry, but the simulator was told to refuse this, and it refuses with good manners.",
    "I can't help with that one; a simulator needs something to say no to, and today it is you. 🍋",
];

/// The paragraph that belongs to this hash.
pub(crate) fn story(hash: u64) -> &'static str {
    STORIES[index(hash, STORIES.len())]
}

/// The first sentence of a story, for places where a paragraph is too long.
pub(crate) fn sentence(hash: u64) -> &'static str {
    let story = story(hash);
    story.find(". ").map_or(story, |end| &story[..=end])
}

/// The first `count` sentences of thought.
pub(crate) fn thoughts(count: usize) -> String {
    THOUGHTS[..count.min(THOUGHTS.len())].concat()
}

/// A polite no.
pub(crate) fn refusal(hash: u64) -> &'static str {
    REFUSALS[index(hash, REFUSALS.len())]
}

/// Cuts a text like a tokenizer would. The pieces, joined, are the text.
pub(crate) fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(piece_end(rest));
        rest = tail;
        match half(piece) {
            Some(middle) => pieces.extend([piece[..middle].to_owned(), piece[middle..].to_owned()]),
            None => pieces.push(piece.to_owned()),
        }
    }
    pieces
}

/// One leading space, then a run of letters and digits; or else a single other character.
fn piece_end(text: &str) -> usize {
    let start = if text.starts_with(' ') { 1 } else { 0 };
    let word: usize = text[start..].chars().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum();
    // Long runs (base64, text without spaces) would make one huge token.
    match word {
        0 => start + text[start..].chars().next().map_or(0, char::len_utf8),
        word if word > 24 => start + text[start..].floor_char_boundary(24),
        word => start + word,
    }
}

/// Where to halve a piece, if it is a long word and the hash says so.
fn half(piece: &str) -> Option<usize> {
    let long = piece.chars().count() >= 7;
    (long && hash(0, &[piece.as_bytes()]).is_multiple_of(2))
        .then(|| piece.floor_char_boundary(piece.len() / 2))
}

/// A rough count of the tokens of a text, four bytes each, as prompts are counted.
pub(crate) fn estimate_tokens(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_add_up_to_the_text() {
        let long = "x".repeat(1000);
        let odd = ["", " ", "  \n a", "🌊🌊", " é", &long, "日本語日本語日本語日本語日本語日本語"];
        for text in STORIES.iter().chain(THOUGHTS).chain(REFUSALS).chain(&odd) {
            let pieces = pieces(text);
            assert_eq!(&pieces.concat(), text);
            assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= 25));
        }
    }

    #[test]
    fn stories_hold_what_trips_a_careless_decoder() {
        let all = STORIES.concat();
        assert!(STORIES.len() >= 12);
        for needle in ["naïve", "café", "🌊"] {
            assert!(all.contains(needle), "no story says {needle}");
        }
        let halved = pieces(&all).windows(2).filter(|pair| !pair[1].starts_with(' ')).count();
        assert!(halved > 50, "only {halved} pieces continue a word");
    }
}
