//! What holds for the events of every streamed call, whatever a provider sent: the core's grammar, and that what they add
//! up to is what the outcome says.

use literllm_core::grammar::Grammar;
use literllm_core::types::{DeltaEvent, Event, OutcomeResult, Part, Response};

/// A part as its events tell it.
struct Told {
    choice: u32,
    id: u32,
    open: bool,
    content: Part,
}

/// Checks the events of one call against its end.
///
/// # Errors
/// Which rule is broken.
pub fn check(events: &[Event], result: &OutcomeResult) -> Result<(), String> {
    let mut reader = Reader::default();
    let mut grammar = Grammar::default();
    for (at, event) in events.iter().enumerate() {
        grammar.read(event).map_err(|why| format!("event {at}: {why}: {event:?}"))?;
        reader.read(event).map_err(|why| format!("event {at} {why}: {event:?}"))?;
    }
    match result {
        OutcomeResult::Response(response) => {
            grammar.end().map_err(|why| why.to_string())?;
            reader.end(response)
        }
        OutcomeResult::Error(error) => match &error.partial {
            Some(partial) => reader.adds_up_to(partial, true),
            None if reader.parts.is_empty() => Ok(()),
            None => Err("the error has no partial answer although parts were told".into()),
        },
    }
}

/// Folds events as a caller would.
#[derive(Default)]
struct Reader {
    parts: Vec<Told>,
    finished: Vec<(u32, String)>,
    usage: Option<String>,
}

impl Reader {
    fn read(&mut self, event: &Event) -> Result<(), &'static str> {
        match event {
            Event::PartStart(start) => {
                let content = match (&start.tool_call_id, &start.tool_name) {
                    (Some(id), Some(name)) => serde_json::json!({
                        "type": "tool_call", "id": id, "name": name, "arguments": ""
                    }),
                    _ => serde_json::json!({"type": start.kind, "text": ""}),
                };
                let content = serde_json::from_value(content).map_err(|_| "begins a strange part")?;
                let (choice, id) = (start.choice, start.part);
                self.parts.push(Told { choice, id, open: true, content });
            }
            Event::Part(part) => {
                let (choice, id, content) = (part.choice, part.part, part.content.clone());
                self.parts.push(Told { choice, id, open: false, content });
            }
            Event::TextDelta(delta)
            | Event::ReasoningDelta(delta)
            | Event::RefusalDelta(delta)
            | Event::ToolArgumentsDelta(delta) => self.add(delta)?,
            Event::PartEnd(end) => {
                let part = self.part(end.choice, end.part)?;
                part.open = false;
                match &mut part.content {
                    Part::Reasoning(reasoning) => reasoning.provider_data.clone_from(&end.provider_data),
                    Part::ToolCall(call) => call.provider_data.clone_from(&end.provider_data),
                    _ => {}
                }
            }
            Event::Finish(finish) => self.finished.push((finish.choice, format!("{:?}", finish.finish))),
            Event::Usage(usage) => self.usage = Some(format!("{usage:?}")),
            Event::Start(_)
            | Event::Logprobs(_)
            | Event::Heartbeat
            | Event::Notice(_)
            | Event::Warning(_) => {}
        }
        Ok(())
    }

    fn part(&mut self, choice: u32, id: u32) -> Result<&mut Told, &'static str> {
        let part = self.parts.iter_mut().find(|part| part.choice == choice && part.id == id);
        part.ok_or("names a part that never began")
    }

    fn add(&mut self, delta: &DeltaEvent) -> Result<(), &'static str> {
        match &mut self.part(delta.choice, delta.part)?.content {
            Part::Text(part) => part.text.push_str(&delta.text),
            Part::Reasoning(part) => part.text.push_str(&delta.text),
            Part::Refusal(part) => part.text.push_str(&delta.text),
            Part::ToolCall(part) => part.arguments.push_str(&delta.text),
            _ => return Err("adds to a part that came whole"),
        }
        Ok(())
    }

    fn end(mut self, response: &Response) -> Result<(), String> {
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
                        (Part::ToolCall(call), Some(Part::ToolCall(told))) => {
                            (&call.id, &call.name) != (&told.id, &told.name)
                        }
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
