//! Tool calls: which of them a piece belongs to, and when one is told.
//!
//! | a piece has | it belongs to the open call |
//! |---|---|
//! | an index | of that index, unless it names another id or another name: some providers number all their calls 0 |
//! | an id alone | of that id |
//! | neither | that came last, unless both have a name |
//!
//! A piece that belongs to none begins a call. A call is told once it has its name; arguments that came before are kept.

use super::fold::{Folded, Own, PartFold};
use super::{EventSink, Owner};
use crate::json::read::{Piece, Value};
use crate::protocol::growing::Strings;
use crate::types::{Event, PartKind, PartStartEvent};

/// The place of a tool call in its choice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallPlace(usize);

impl EventSink {
    /// More of a tool call. `index` or `id` says of which; with neither it is the last one. A new id or name under
    /// an old index is a new call: some providers number all their calls 0.
    pub fn tool_call(
        &mut self,
        choice: u32,
        index: Option<u64>,
        id: Option<&str>,
        name: Option<&str>,
        arguments: &str,
    ) {
        self.tool_call_piece(choice, index, id, name, arguments.into());
    }

    /// The same with arguments that may begin or end in the middle of a character. Answers with the call's place.
    pub(crate) fn tool_call_piece(
        &mut self,
        choice: u32,
        index: Option<u64>,
        id: Option<&str>,
        name: Option<&str>,
        arguments: Piece<'_>,
    ) -> CallPlace {
        let id = id.filter(|id| !id.is_empty());
        let name = name.filter(|name| !name.is_empty());
        let position = self.choice(choice);
        let same = |part: &PartFold| match &part.content {
            Folded::ToolCall { index: held_index, id: held_id, name: held_name, .. } => {
                part.open
                    && match (index, id) {
                        (Some(_), _) if *held_index != index => false,
                        (Some(_), Some(id)) => {
                            name.is_none() || held_id.as_deref().is_none_or(|held| held == id)
                        }
                        (Some(_), None) => {
                            name.is_none_or(|name| held_name.as_deref().is_none_or(|held| held == name))
                        }
                        (None, Some(id)) => held_id.as_deref() == Some(id),
                        (None, None) => name.is_none() || held_name.is_none(),
                    }
            }
            _ => false,
        };
        let found = self.choices.get(position).and_then(|fold| fold.parts.iter().rposition(same));
        let place = match found {
            Some(part) => part,
            None => self.begin(
                choice,
                Folded::ToolCall { index, id: None, name: None, arguments: String::new(), data: None },
            ),
        };
        let Some(part) = self.choices.get_mut(position).and_then(|fold| fold.parts.get_mut(place)) else {
            return CallPlace(place);
        };
        let Folded::ToolCall { id: held_id, name: held_name, .. } = &mut part.content else {
            return CallPlace(place);
        };
        let mut more = arguments.text.len();
        for (held, new) in [(held_id, id), (&mut *held_name, name)] {
            if let (None, Some(new)) = (&held, new) {
                *held = Some(new.to_owned());
                more += new.len();
            }
        }
        let is_named = held_name.is_some();
        let arguments = part.add(arguments);
        let (part_id, told) = (part.id, part.told);
        self.keep(more);
        if told {
            self.delta(choice, part_id, PartKind::ToolCall, &arguments);
        } else if is_named {
            self.tell_tool_start(choice, part_id);
        }
        CallPlace(place)
    }

    /// A field that goes back to the provider with a tool call, or more of one.
    pub(crate) fn tool_call_field(
        &mut self,
        choice: u32,
        place: CallPlace,
        owner: Owner<'_>,
        name: &str,
        value: Value<'_>,
    ) {
        let position = self.choice(choice);
        let part = self.choices.get_mut(position).and_then(|fold| fold.parts.get_mut(place.0));
        // What comes after the call's end has nowhere to go: the end has told its data.
        let Some(PartFold { open: true, content: Folded::ToolCall { data, .. }, .. }) = part else { return };
        let own = data.get_or_insert_with(|| Own::fields(owner.protocol, owner.provider));
        let grown = own.growing().map_or(Some((0, 0)), |fields| fields.add(name, value, Strings::Replace));
        self.grew(grown);
    }

    /// The tool call of that index has ended.
    pub fn end_tool_call(&mut self, choice: u32, index: u64) {
        let position = self.choice(choice);
        let is_it = |part: &PartFold| {
            part.open && matches!(part.content, Folded::ToolCall { index: held, .. } if held == Some(index))
        };
        if let Some(part) = self.choices.get(position).and_then(|fold| fold.parts.iter().rposition(is_it)) {
            self.close_part(position, part);
        }
    }

    /// Tells that a tool call begins, and the arguments that came before its name.
    pub(super) fn tell_tool_start(&mut self, choice: u32, part_id: u32) {
        let position = self.choice(choice);
        let Some(part) = self
            .choices
            .get_mut(position)
            .and_then(|fold| fold.parts.iter_mut().find(|part| part.id == part_id))
        else {
            return;
        };
        part.told = true;
        let Folded::ToolCall { id, name, arguments, .. } = &mut part.content else { return };
        let id = id.get_or_insert_with(|| format!("call_{}", part_id + 1)).clone();
        let name = name.get_or_insert_default().clone();
        let arguments = arguments.clone();
        self.tell(Event::PartStart(PartStartEvent {
            choice,
            part: part_id,
            kind: PartKind::ToolCall,
            tool_call_id: Some(id),
            tool_name: Some(name),
        }));
        self.delta(choice, part_id, PartKind::ToolCall, &arguments);
    }
}
