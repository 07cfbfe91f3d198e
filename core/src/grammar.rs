//! What may follow what in the events of one call.
//!
//! ```text
//! call    = start { part | finish | usage | logprobs }      notices, warnings, heartbeats anywhere
//! part    = part-start { delta of its kind } part-end | part (whole)      ids from 0, each once, parts may overlap
//! finish  = once per choice, when none of its parts is open; nothing of that choice after it but usage
//! ```
//!
//! [`Grammar`] is told every event before a caller sees it. The sink keeps these rules by itself; that nothing slips by,
//! whatever a wire format does, is seen here.

use std::fmt;

use crate::types::{Event, PartKind};

/// Reads the events of one call, one after the other.
///
/// ```
/// use literllm_core::grammar::Grammar;
/// use literllm_core::types::{DeltaEvent, Event};
///
/// let delta = Event::TextDelta(DeltaEvent { choice: 0, part: 0, text: "Hi".into() });
/// let why = Grammar::default().read(&delta).unwrap_err();
/// assert_eq!(why.to_string(), "an event comes before the start");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Grammar {
    started: bool,
    /// Ids below this were given. They are given in order, but a call that waits for its name is told later.
    next_part: u32,
    /// Ids below `next_part` that were not told yet.
    untold: Vec<u32>,
    open: Vec<OpenPart>,
    /// Choices that something was told of.
    told: Vec<u32>,
    finished: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct OpenPart {
    choice: u32,
    id: u32,
    kind: PartKind,
}

/// Which rule an event breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// Something comes before `start`.
    BeforeStart,
    /// A second `start`.
    SecondStart,
    /// A part's id was used before.
    IdUsed,
    /// A part that is not open goes on or ends.
    NotOpen,
    /// A delta of another kind than its part.
    OtherKind,
    /// A delta without text.
    EmptyDelta,
    /// A tool call begins without id or name, or something else with one.
    ToolNames,
    /// A choice finishes while a part of it is open.
    FinishWhileOpen,
    /// Something of a choice comes after its finish, or a second finish.
    AfterFinish,
    /// The stream ends before its start, while a part is open, or before a choice has its finish.
    Unfinished,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeforeStart => "an event comes before the start",
            Self::SecondStart => "a second start comes",
            Self::IdUsed => "the id of a part is used again",
            Self::NotOpen => "a part goes on or ends that is not open",
            Self::OtherKind => "a delta is of another kind than its part",
            Self::EmptyDelta => "a delta has no text",
            Self::ToolNames => "a tool call begins without its id or name, or another part with one",
            Self::FinishWhileOpen => "a choice finishes while a part of it is open",
            Self::AfterFinish => "something of a choice comes after its finish",
            Self::Unfinished => {
                "the stream ends before its start, while a part is open, or before a choice has its finish"
            }
        })
    }
}

impl std::error::Error for Violation {}

impl Grammar {
    /// Takes the next event.
    ///
    /// # Errors
    /// The rule it breaks. What was read before stays read.
    pub fn read(&mut self, event: &Event) -> Result<(), Violation> {
        match event {
            Event::Heartbeat | Event::Notice(_) | Event::Warning(_) => Ok(()),
            Event::Start(_) if std::mem::replace(&mut self.started, true) => Err(Violation::SecondStart),
            Event::Start(_) => Ok(()),
            _ if !self.started => Err(Violation::BeforeStart),
            Event::PartStart(start) => {
                let names = start.tool_call_id.is_some() && start.tool_name.is_some();
                let no_names = start.tool_call_id.is_none() && start.tool_name.is_none();
                if if start.kind == PartKind::ToolCall { !names } else { !no_names } {
                    return Err(Violation::ToolNames);
                }
                self.begin(start.choice, start.part)?;
                self.open.push(OpenPart { choice: start.choice, id: start.part, kind: start.kind });
                Ok(())
            }
            Event::Part(part) => self.begin(part.choice, part.part),
            Event::TextDelta(delta) => self.delta(delta.choice, delta.part, PartKind::Text, &delta.text),
            Event::ReasoningDelta(delta) => {
                self.delta(delta.choice, delta.part, PartKind::Reasoning, &delta.text)
            }
            Event::RefusalDelta(delta) => {
                self.delta(delta.choice, delta.part, PartKind::Refusal, &delta.text)
            }
            Event::ToolArgumentsDelta(delta) => {
                self.delta(delta.choice, delta.part, PartKind::ToolCall, &delta.text)
            }
            Event::PartEnd(end) => {
                let at = self.position(end.choice, end.part).ok_or(Violation::NotOpen)?;
                self.open.remove(at);
                Ok(())
            }
            Event::Logprobs(logprobs) => self.tell(logprobs.choice),
            Event::Finish(finish) => {
                if self.open.iter().any(|part| part.choice == finish.choice) {
                    return Err(Violation::FinishWhileOpen);
                }
                self.not_finished(finish.choice)?;
                self.finished.push(finish.choice);
                Ok(())
            }
            Event::Usage(_) => Ok(()),
        }
    }

    /// The answer is whole.
    ///
    /// # Errors
    /// It has not begun, a part is still open, or a choice that was told has no finish.
    pub fn end(&self) -> Result<(), Violation> {
        let finished = self.told.iter().all(|choice| self.finished.contains(choice));
        let whole = self.started && finished && self.open.is_empty() && self.untold.is_empty();
        if whole { Ok(()) } else { Err(Violation::Unfinished) }
    }

    fn tell(&mut self, choice: u32) -> Result<(), Violation> {
        self.not_finished(choice)?;
        if !self.told.contains(&choice) {
            self.told.push(choice);
        }
        Ok(())
    }

    fn begin(&mut self, choice: u32, id: u32) -> Result<(), Violation> {
        self.tell(choice)?;
        if id >= self.next_part {
            // A hostile sequence of ids is no reason to remember a billion of them.
            if id - self.next_part > MAX_UNTOLD {
                return Err(Violation::IdUsed);
            }
            self.untold.extend(self.next_part..id);
            self.next_part = id + 1;
            return Ok(());
        }
        let at = self.untold.iter().position(|untold| *untold == id).ok_or(Violation::IdUsed)?;
        self.untold.swap_remove(at);
        Ok(())
    }

    fn delta(&self, choice: u32, id: u32, kind: PartKind, text: &str) -> Result<(), Violation> {
        let part = self.position(choice, id).and_then(|at| self.open.get(at)).ok_or(Violation::NotOpen)?;
        match () {
            () if part.kind != kind => Err(Violation::OtherKind),
            () if text.is_empty() => Err(Violation::EmptyDelta),
            () => Ok(()),
        }
    }

    fn position(&self, choice: u32, id: u32) -> Option<usize> {
        // The part that goes on is nearly always the one that began last.
        self.open.iter().rposition(|part| part.choice == choice && part.id == id)
    }

    fn not_finished(&self, choice: u32) -> Result<(), Violation> {
        if self.finished.contains(&choice) { Err(Violation::AfterFinish) } else { Ok(()) }
    }
}

/// As many calls may wait for their names as an answer may have parts.
const MAX_UNTOLD: u32 = 4_096;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{
        DeltaEvent, Finish, FinishEvent, FinishReason, PartEndEvent, PartStartEvent, StartEvent, Usage,
    };

    fn start() -> Event {
        Event::Start(StartEvent::default())
    }

    fn begin(part: u32, kind: PartKind) -> Event {
        let name = (kind == PartKind::ToolCall).then(|| "x".to_owned());
        let (tool_call_id, tool_name) = (name.clone(), name);
        Event::PartStart(PartStartEvent { choice: 0, part, kind, tool_call_id, tool_name })
    }

    fn text(part: u32, text: &str) -> Event {
        Event::TextDelta(DeltaEvent { choice: 0, part, text: text.into() })
    }

    fn end(part: u32) -> Event {
        Event::PartEnd(PartEndEvent { choice: 0, part, provider_data: None })
    }

    fn finish() -> Event {
        let finish = Finish { unified: FinishReason::Stop, raw: None };
        Event::Finish(FinishEvent { choice: 0, finish })
    }

    fn read(events: &[Event]) -> Result<(), Violation> {
        let mut grammar = Grammar::default();
        events.iter().try_for_each(|event| grammar.read(event))?;
        grammar.end()
    }

    #[test]
    fn a_whole_stream_is_fine_and_parts_may_overlap() {
        let tool = begin(1, PartKind::ToolCall);
        let arguments = Event::ToolArgumentsDelta(DeltaEvent { choice: 0, part: 1, text: "{".into() });
        let usage = Event::Usage(Usage::default());
        let begun = begin(0, PartKind::Text);
        let events = [
            Event::Heartbeat,
            start(),
            begun,
            tool,
            text(0, "a"),
            arguments,
            end(0),
            end(1),
            finish(),
            usage,
        ];
        assert_eq!(read(&events), Ok(()));
        // A call whose name comes late is told after one that began later.
        let late =
            [start(), begin(1, PartKind::Text), begin(0, PartKind::ToolCall), end(1), end(0), finish()];
        assert_eq!(read(&late), Ok(()));
    }

    #[test]
    fn every_impossible_order_is_named() {
        let open = || [start(), begin(0, PartKind::Text)];
        for (more, why) in [
            (vec![start()], Violation::SecondStart),
            (vec![begin(0, PartKind::Text)], Violation::IdUsed),
            (vec![begin(u32::MAX, PartKind::Text)], Violation::IdUsed),
            (vec![text(1, "a")], Violation::NotOpen),
            (vec![end(0), text(0, "a")], Violation::NotOpen),
            (vec![end(0), end(0)], Violation::NotOpen),
            (vec![text(0, "")], Violation::EmptyDelta),
            (
                vec![Event::RefusalDelta(DeltaEvent { choice: 0, part: 0, text: "a".into() })],
                Violation::OtherKind,
            ),
            (vec![finish()], Violation::FinishWhileOpen),
            (vec![end(0), finish(), begin(1, PartKind::Text)], Violation::AfterFinish),
            (vec![end(0), finish(), finish()], Violation::AfterFinish),
            (vec![text(0, "a")], Violation::Unfinished),
            (vec![end(0)], Violation::Unfinished),
        ] {
            let events: Vec<Event> = open().into_iter().chain(more).collect();
            assert_eq!(read(&events), Err(why), "{events:?}");
        }
        assert_eq!(read(&[]), Err(Violation::Unfinished));
        assert_eq!(read(&[text(0, "a")]), Err(Violation::BeforeStart));
        let nameless = PartStartEvent {
            choice: 0,
            part: 0,
            kind: PartKind::ToolCall,
            tool_call_id: None,
            tool_name: None,
        };
        assert_eq!(read(&[start(), Event::PartStart(nameless)]), Err(Violation::ToolNames));
    }
}
