//! Fields that the contract does not know: kept by their names, counted, bounded.

use super::{EventSink, MAX_PIECES};
use crate::json::read::{Object, Value};
use crate::protocol::growing::Strings;
use crate::types::NamedJson;

impl EventSink {
    /// A field of the answer that the contract does not know. The last of a name counts.
    pub fn extra(&mut self, name: &str, value: &str) {
        if self.overfull {
            return;
        }
        let grown = set_extra(&mut self.answer.extra, name, value);
        self.count_extra(&grown);
    }

    /// A field of a choice that the contract does not know. The last of a name counts.
    pub fn choice_extra(&mut self, choice: u32, name: &str, value: &str) {
        let position = self.choice(choice);
        let Some(fold) = self.choices.get_mut(position) else { return };
        let grown = set_extra(&mut fold.extra, name, value);
        self.count_extra(&grown);
    }

    /// All fields of an object but those that are `known`, which are read elsewhere.
    pub(crate) fn choice_extras(&mut self, choice: u32, object: &Object<'_>, known: &[&str]) {
        for (name, value) in object.iter().filter(|(name, value)| !known.contains(name) && !value.is_null()) {
            self.choice_extra(choice, name, value.raw());
        }
    }

    /// The same of a field that comes in pieces, an object each: the strings in `joined` are one after the other, lists
    /// too, of others the last counts.
    pub(crate) fn choice_extra_piece(&mut self, choice: u32, name: &str, piece: Value<'_>, joined: &[&str]) {
        let position = self.choice(choice);
        let Some(fold) = self.choices.get_mut(position) else { return };
        let new = fold.growing.iter().all(|(held, _)| held != name);
        let Some(object) = fold.growing(name) else { return };
        let mut grown = Some((0, 0));
        for (field, value) in piece.object().iter() {
            let strings = if joined.contains(&field) { Strings::Join } else { Strings::Replace };
            let more = object.add(field, value, strings);
            grown = grown.zip(more).map(|(sum, more)| (sum.0 + more.0, sum.1 + more.1));
        }
        self.extras += u32::from(new);
        self.overfull |= self.extras > MAX_PIECES;
        self.grew(grown);
    }

    fn count_extra(&mut self, grown: &Grown) {
        self.extras += u32::from(grown.new);
        self.overfull |= self.extras > MAX_PIECES;
        self.grew(Some((grown.more, grown.less)));
    }
}

/// A new or changed field.
struct Grown {
    new: bool,
    more: usize,
    less: usize,
}

fn set_extra(held: &mut Vec<NamedJson>, name: &str, value: &str) -> Grown {
    match held.iter_mut().find(|entry| entry.name == name) {
        // Many servers say the same in every chunk.
        Some(entry) if entry.value == value => Grown { new: false, more: 0, less: 0 },
        Some(entry) => {
            let less = entry.value.len();
            entry.value = value.to_owned();
            Grown { new: false, more: value.len(), less }
        }
        None => {
            held.push(NamedJson { name: name.to_owned(), value: value.to_owned() });
            Grown { new: true, more: name.len() + value.len(), less: 0 }
        }
    }
}
