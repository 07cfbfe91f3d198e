//! What holds for the events of every streamed call, whatever a provider sent.
//!
//! `start` comes first and once; a part begins, goes on and ends, in that order; every choice finishes after its
//! parts; and what the events add up to is what the outcome says.

use literllm_core::types::{DeltaEvent, Event, OutcomeResult, Part, PartKind, Response};

/// A part as its events tell it.
struct Told {
    choice: u32,
    id: u32,
    kind: Option<PartKind>,
    open: bool,
    content: Part,
}

/// Checks the events of one call against its end.
///
/// # Errors
/// Which rule is broken.
pub fn check(events: &[Event], result: &OutcomeResult) -> Result<(), String> {
    let mut reader = Reader::default();
    for (at, event) in events.iter().enumerate() {
        reader.read(event).map_err(|why| format!("event {at} {why}: {event:?}"))?;
    }
    match result {
        OutcomeResult::Response(response) => reader.end(response),
        OutcomeResult::Error(error) => match &error.partial {
            Some(partial) => reader.adds_up_to(partial, true),
            None if reader.parts.is_empty() => Ok(()),
            None => Err("the error has no partial answer although parts were told".into()),
        },
    }
}

#[derive(Default)]
struct Reader {
    started: bool,
    parts: Vec<Told>,
    finished: Vec<(u32, String)>,
    usage: Option<String>,
}

impl Reader {
    fn read(&mut self, event: &Event) -> Result<(), &'static str> {
        let free = matches!(event, Event::Start(_) | Event::Heartbeat | Event::Notice(_) | Event::Warning(_));
        if !free && !self.started {
            return Err("comes before the start");
        }
        match event {
            Event::Start(_) if std::mem::replace(&mut self.started, true) => Err("is a second start"),
            Event::PartStart(start) => {
                let content = match (start.kind, &start.tool_call_id, &start.tool_name) {
                    (PartKind::ToolCall, Some(id), Some(name)) => {
                        let call =
                            serde_json::json!({"type": "tool_call", "id": id, "name": name, "arguments": ""});
                        serde_json::from_value(call).map_err(|_| "is no tool call")?
                    }
                    (PartKind::ToolCall, ..) => return Err("has no id or no name"),
                    (kind, None, None) => {
                        let kind = serde_json::to_value(kind).map_err(|_| "has no kind")?;
                        serde_json::from_value(serde_json::json!({"type": kind, "text": ""}))
                            .map_err(|_| "has a strange kind")?
                    }
                    _ => return Err("has the id or name of a tool and is none"),
                };
                self.begin(start.choice, start.part, Some(start.kind), content)
            }
            Event::Part(part) => self.begin(part.choice, part.part, None, part.content.clone()),
            Event::TextDelta(delta) => self.delta(delta, PartKind::Text),
            Event::ReasoningDelta(delta) => self.delta(delta, PartKind::Reasoning),
            Event::RefusalDelta(delta) => self.delta(delta, PartKind::Refusal),
            Event::ToolArgumentsDelta(delta) => self.delta(delta, PartKind::ToolCall),
            Event::PartEnd(end) => {
                let part = self.open(end.choice, end.part)?;
                part.open = false;
                match &mut part.content {
                    Part::Reasoning(reasoning) => reasoning.provider_data.clone_from(&end.provider_data),
                    Part::ToolCall(call) => call.provider_data.clone_from(&end.provider_data),
                    _ => {}
                }
                Ok(())
            }
            Event::Finish(finish) => {
                if self.parts.iter().any(|part| part.choice == finish.choice && part.open) {
                    return Err("comes while a part of its choice is open");
                }
                self.finished.push((finish.choice, format!("{:?}", finish.finish)));
                Ok(())
            }
            Event::Usage(usage) => {
                self.usage = Some(format!("{usage:?}"));
                Ok(())
            }
            Event::Start(_)
            | Event::Logprobs(_)
            | Event::Heartbeat
            | Event::Notice(_)
            | Event::Warning(_) => Ok(()),
        }
    }

    fn begin(
        &mut self,
        choice: u32,
        id: u32,
        kind: Option<PartKind>,
        content: Part,
    ) -> Result<(), &'static str> {
        if self.parts.iter().any(|part| part.id == id) {
            return Err("uses a part's id again");
        }
        self.parts.push(Told { choice, id, kind, open: kind.is_some(), content });
        Ok(())
    }

    fn open(&mut self, choice: u32, id: u32) -> Result<&mut Told, &'static str> {
        let part = self.parts.iter_mut().find(|part| part.open && part.choice == choice && part.id == id);
        part.ok_or("names a part that is not open")
    }

    fn delta(&mut self, delta: &DeltaEvent, kind: PartKind) -> Result<(), &'static str> {
        if delta.text.is_empty() {
            return Err("is empty");
        }
        let part = self.open(delta.choice, delta.part)?;
        if part.kind != Some(kind) {
            return Err("is not of its part's kind");
        }
        match &mut part.content {
            Part::Text(part) => part.text.push_str(&delta.text),
            Part::Reasoning(part) => part.text.push_str(&delta.text),
            Part::Refusal(part) => part.text.push_str(&delta.text),
            Part::ToolCall(part) => part.arguments.push_str(&delta.text),
            _ => return Err("adds to a part that came whole"),
        }
        Ok(())
    }

    fn end(mut self, response: &Response) -> Result<(), String> {
        if self.parts.iter().any(|part| part.open) {
            return Err("a part did not end".into());
        }
        let mut expected: Vec<_> =
            response.choices.iter().map(|choice| (choice.index, choice.finish.as_ref())).collect();
        expected.sort_by_key(|(index, _)| *index);
        self.finished.sort();
        let expected: Vec<_> = expected
            .into_iter()
            .filter_map(|(index, finish)| Some((index, format!("{:?}", finish?))))
            .collect();
        if self.finished != expected {
            return Err(format!("the finish events say {:?}, the answer says {expected:?}", self.finished));
        }
        let usage = response.usage.as_ref().map(|usage| format!("{usage:?}"));
        if self.usage != usage {
            return Err(format!("the usage events say {:?}, the answer says {usage:?}", self.usage));
        }
        self.adds_up_to(response, false)
    }

    /// Parts are compared but for `complete`, which events do not tell, and the data of reasoning that did not end.
    fn adds_up_to(self, response: &Response, is_partial: bool) -> Result<(), String> {
        let plain = |part: &Part, with_data: bool| {
            let mut part = part.clone();
            match &mut part {
                Part::ToolCall(call) => {
                    call.complete = None;
                    if !with_data {
                        call.provider_data = None;
                    }
                }
                Part::Reasoning(reasoning) if !with_data => reasoning.provider_data = None,
                _ => {}
            }
            format!("{part:?}")
        };
        for choice in &response.choices {
            let mut told: Vec<&Told> = self.parts.iter().filter(|part| part.choice == choice.index).collect();
            // A call whose name comes late is told late; its id was given when it began.
            told.sort_by_key(|part| part.id);
            let known: Vec<String> = told.iter().map(|part| plain(&part.content, !part.open)).collect();
            // In step with `told`, which lacks the calls that never got a name.
            let mut at = 0;
            let said: Vec<String> = choice
                .content
                .iter()
                .map(|part| {
                    let beside = told.get(at).copied();
                    let untold = match (part, beside.map(|told| &told.content)) {
                        (Part::ToolCall(call), Some(Part::ToolCall(told))) => call.id != told.id,
                        (Part::ToolCall(_), _) => true,
                        _ => false,
                    };
                    at += usize::from(!untold);
                    plain(part, beside.is_none_or(|told| !told.open))
                })
                .collect();
            // In a partial answer there may be calls that never got a name and were not told.
            if known != said && !(is_partial && known.iter().all(|part| said.contains(part))) {
                return Err(format!(
                    "the events of choice {} add up to {known:?}, the outcome says {said:?}",
                    choice.index
                ));
            }
        }
        Ok(())
    }
}
