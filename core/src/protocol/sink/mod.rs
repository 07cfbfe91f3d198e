//! Where decoders say what they read: events for the caller, and the same folded into an answer.
//!
//! The sink gives part ids, opens and closes parts, and so keeps the grammar of a stream whatever a provider
//! sends. Nothing is shown before the first visible piece, so that an attempt that fails early can be
//! tried again without the caller having seen half of it.

mod calls;
mod extras;
mod fold;

use super::growing::Strings;
use crate::json::read::{Piece, Value};
use crate::types::{
    CitationPart, DeltaEvent, Event, FinishEvent, FinishReason, LogprobsEvent, Part, PartEndEvent, PartEvent,
    PartKind, PartStartEvent, ProviderData, Response, StartEvent, TokenCandidate, TokenLogprob, Usage,
};
use fold::{ChoiceFold, Folded, Own, PartFold};

/// Most answers at once. Providers allow 128 (OpenAI's `n`), which few would pay for.
const MAX_CHOICES: usize = 128;

/// Most parts, and most unknown fields, of one answer. Each new one is looked for among the others, so a hostile
/// answer of nothing but parts would take minutes; the longest in the recorded traffic has some dozens.
const MAX_PIECES: u32 = 4_096;

/// Longest word for a finish that is kept, in bytes.
const MAX_WORD_BYTES: usize = 1_024;

/// Takes what a decoder reads.
#[derive(Debug)]
pub struct EventSink {
    ready: Vec<Event>,
    held: Vec<Event>,
    started: bool,
    visible: bool,
    /// Whether anything of the answer has come that a reader can see.
    spoke: bool,
    /// How many answers were asked for.
    asked: usize,
    closed: bool,
    marked_whole: bool,
    next_part: u32,
    kept_bytes: u64,
    extras: u32,
    overfull: bool,
    answer: Response,
    choices: Vec<ChoiceFold>,
}

impl EventSink {
    /// A sink for an answer of `provider`, whose head named `request_id`.
    pub fn new(provider: &str, request_id: Option<String>) -> Self {
        Self {
            ready: Vec::new(),
            held: Vec::new(),
            started: false,
            visible: false,
            spoke: false,
            asked: 1,
            closed: false,
            marked_whole: false,
            next_part: 0,
            kept_bytes: 0,
            extras: 0,
            overfull: false,
            answer: Response { provider: provider.to_owned(), request_id, ..Response::default() },
            choices: Vec::new(),
        }
    }

    /// The same for so many answers at once.
    pub(crate) fn asked(mut self, answers: u32) -> Self {
        self.asked = answers as usize;
        self
    }

    /// Who answers. The first that is not empty counts, piece by piece.
    pub fn identity(&mut self, id: Option<&str>, model: Option<&str>, created_ms: Option<u64>) {
        let first = |held: &mut Option<String>, new: Option<&str>| {
            let new = new.filter(|text| held.is_none() && !text.is_empty());
            if let Some(new) = new {
                *held = Some(new.to_owned());
            }
            new.map_or(0, str::len)
        };
        let more = first(&mut self.answer.id, id) + first(&mut self.answer.model, model);
        self.keep(more);
        self.answer.created_ms = self.answer.created_ms.or(created_ms.filter(|time| *time > 0));
    }

    /// Another model answers than the one that began.
    pub(crate) fn model(&mut self, model: &str) {
        let less = self.answer.model.as_ref().map_or(0, String::len);
        self.answer.model = Some(model.to_owned());
        self.grew(Some((model.len(), less)));
    }

    /// More text.
    pub fn text(&mut self, choice: u32, text: &str) {
        self.words(choice, text.into(), PartKind::Text);
    }

    /// More thinking.
    pub fn reasoning(&mut self, choice: u32, text: &str) {
        self.words(choice, text.into(), PartKind::Reasoning);
    }

    /// More of a refusal.
    pub fn refusal(&mut self, choice: u32, text: &str) {
        self.words(choice, text.into(), PartKind::Refusal);
    }

    /// What goes back to the provider with the reasoning that is being written; the last counts. If it has ended, its data
    /// have been told already: what comes later is a part of its own, without text.
    pub fn reasoning_data(&mut self, choice: u32, data: ProviderData) {
        self.keep(data.data.len());
        let own = Own::whole(data);
        if let Some(held) = self.own_of_reasoning(choice) {
            *held = Some(own);
        } else {
            self.begin(choice, Folded::Reasoning { text: String::new(), data: Some(own) });
        }
    }

    /// A field of what goes back, or more of one: lists are joined, of others the last counts.
    pub(crate) fn reasoning_field(&mut self, choice: u32, owner: Owner<'_>, name: &str, value: Value<'_>) {
        if self.own_of_reasoning(choice).is_none() {
            self.begin(choice, Folded::Reasoning { text: String::new(), data: None });
        }
        let Some(held) = self.own_of_reasoning(choice) else { return };
        let own = held.get_or_insert_with(|| Own::fields(owner.protocol, owner.provider));
        let grown = own.growing().map_or(Some((0, 0)), |fields| fields.add(name, value, Strings::Replace));
        self.grew(grown);
    }

    /// Where the data of the reasoning stand that is being written.
    fn own_of_reasoning(&mut self, choice: u32) -> Option<&mut Option<Own>> {
        let position = self.choice(choice);
        let parts = self.choices.get_mut(position)?.parts.iter_mut().rev();
        parts.filter(|part| part.open).find_map(|part| match &mut part.content {
            Folded::Reasoning { data, .. } => Some(data),
            _ => None,
        })
    }

    /// The words that are being written have ended: what follows is a part of its own, also of the same kind.
    pub fn end_words(&mut self, choice: u32) {
        self.close_words(choice, None);
    }

    /// A part that came whole.
    pub fn part(&mut self, choice: u32, content: Part) {
        self.close_words(choice, None);
        if let Part::Opaque(part) = &content {
            self.keep(part.provider_data.data.len());
        }
        self.begin(choice, Folded::Whole(content));
    }

    /// A source of the text before it.
    pub fn citation(&mut self, choice: u32, citation: CitationPart) {
        self.keep(citation.data.len());
        self.begin(choice, Folded::Whole(Part::Citation(citation)));
    }

    /// Log probabilities of what came.
    pub fn logprobs(&mut self, choice: u32, tokens: Vec<TokenLogprob>) {
        if tokens.is_empty() {
            return;
        }
        let candidate = |candidate: &TokenCandidate| {
            64 + candidate.token.len() + candidate.logprob.len() + candidate.bytes.len()
        };
        let bytes =
            |token: &TokenLogprob| candidate(&token.chosen) + token.top.iter().map(candidate).sum::<usize>();
        self.keep(tokens.iter().map(bytes).sum());
        let position = self.choice(choice);
        if let Some(fold) = self.choices.get_mut(position) {
            fold.logprobs.extend_from_slice(&tokens);
        }
        self.tell(Event::Logprobs(LogprobsEvent { choice, tokens }));
    }

    /// Why a choice stopped: the provider's word and what it means. The last one counts.
    pub fn finish(&mut self, choice: u32, raw: Option<&str>, unified: FinishReason) {
        // No provider's word is a page long.
        let raw = raw.map(|raw| crate::error::clip(raw, MAX_WORD_BYTES).to_owned());
        let position = self.choice(choice);
        if let Some(fold) = self.choices.get_mut(position) {
            fold.finish = Some((raw, unified));
        }
    }

    /// Tokens so far. The last one counts.
    pub fn usage(&mut self, usage: Usage) {
        let bytes = |usage: &Usage| usage.raw.as_ref().map_or(0, String::len);
        let (more, less) = (bytes(&usage), self.answer.usage.as_ref().map_or(0, bytes));
        self.answer.usage = Some(usage);
        self.grew(Some((more, less)));
    }

    /// The provider is alive and has nothing to say. Never held back.
    pub fn heartbeat(&mut self) {
        self.ready.push(Event::Heartbeat);
    }

    /// The provider marked the end of its answer.
    pub fn mark_whole(&mut self) {
        self.marked_whole = true;
    }

    /// Whether the answer came to its end: it was marked, or every choice that was asked for has its finish.
    pub fn is_whole(&self) -> bool {
        let all = |choices: &[ChoiceFold]| {
            choices.len() >= self.asked && choices.iter().all(|choice| choice.finish.is_some())
        };
        !self.choices.is_empty() && (self.marked_whole || all(&self.choices))
    }

    /// Whether the provider said that nothing more will come.
    pub(crate) fn is_marked_whole(&self) -> bool {
        self.marked_whole
    }

    /// Whether anything has come that a reader can see: words, arguments, a part.
    pub(crate) fn has_spoken(&self) -> bool {
        self.spoke
    }

    /// Whether the caller may have seen something of the answer.
    pub(crate) fn is_visible(&self) -> bool {
        self.visible
    }

    /// Whether the answer has more pieces than are taken; what came after was left out.
    pub(crate) fn is_overfull(&self) -> bool {
        self.overfull
    }

    /// About how many bytes are kept for the answer.
    pub(crate) fn kept_bytes(&self) -> u64 {
        self.kept_bytes
    }

    /// Events for the caller; those held back stay.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.ready)
    }

    /// The answer is whole: ends parts and tells finish and usage.
    pub(crate) fn close(&mut self) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        for position in 0..self.choices.len() {
            self.close_choice(position);
        }
        if let Some(usage) = self.answer.usage.clone() {
            self.tell(Event::Usage(usage));
        }
        self.show();
    }

    /// What has come, as an answer.
    pub(crate) fn into_response(self) -> Response {
        let mut answer = self.answer;
        for fold in self.choices {
            // Nearly always one, and in order: a sort would be the largest function of the component.
            let at = answer
                .choices
                .iter()
                .position(|choice| choice.index > fold.index)
                .unwrap_or(answer.choices.len());
            answer.choices.insert(at, fold.into_choice());
        }
        answer
    }

    /// Whether anything worth carrying in an error has come.
    pub(crate) fn is_empty(&self) -> bool {
        self.choices.iter().all(|choice| choice.parts.is_empty()) && self.answer.usage.is_none()
    }

    /// More words of a kind, which may begin or end in the middle of a character.
    pub(crate) fn words(&mut self, choice: u32, piece: Piece<'_>, kind: PartKind) {
        if piece.is_empty() {
            return;
        }
        self.keep(piece.text.len());
        self.close_words(choice, Some(kind));
        let position = self.choice(choice);
        let open = self.choices.get(position).and_then(|fold| {
            fold.parts.iter().rposition(|part| part.open && part.content.kind() == Some(kind))
        });
        let part = match open {
            Some(part) => part,
            None => self.begin(
                choice,
                match kind {
                    PartKind::Refusal => Folded::Refusal(String::new()),
                    PartKind::Reasoning => Folded::Reasoning { text: String::new(), data: None },
                    _ => Folded::Text(String::new()),
                },
            ),
        };
        let Some(part) = self.choices.get_mut(position).and_then(|fold| fold.parts.get_mut(part)) else {
            return;
        };
        let text = part.add(piece);
        let id = part.id;
        self.delta(choice, id, kind, &text);
    }

    fn delta(&mut self, choice: u32, part: u32, kind: PartKind, text: &str) {
        if text.is_empty() {
            return;
        }
        let delta = DeltaEvent { choice, part, text: text.to_owned() };
        self.tell(match kind {
            PartKind::Text => Event::TextDelta(delta),
            PartKind::Reasoning => Event::ReasoningDelta(delta),
            PartKind::Refusal => Event::RefusalDelta(delta),
            PartKind::ToolCall => Event::ToolArgumentsDelta(delta),
        });
        self.speak();
    }

    /// Position of a choice, which is made if it is new. Nowhere, once the answer is overfull.
    fn choice(&mut self, index: u32) -> usize {
        if self.overfull {
            return usize::MAX;
        }
        if let Some(position) = self.choices.iter().position(|choice| choice.index == index) {
            return position;
        }
        if self.choices.len() >= MAX_CHOICES {
            self.overfull = true;
            return usize::MAX;
        }
        self.keep(64);
        self.choices.push(ChoiceFold { index, ..ChoiceFold::default() });
        self.choices.len() - 1
    }

    /// Opens a part and answers with its position in the choice.
    fn begin(&mut self, choice: u32, content: Folded) -> usize {
        if self.next_part >= MAX_PIECES {
            self.overfull = true;
            return usize::MAX;
        }
        self.keep(64);
        let id = self.next_part;
        self.next_part += 1;
        let kind = content.kind();
        let whole = if let Folded::Whole(part) = &content { Some(part.clone()) } else { None };
        let told = !matches!(content, Folded::ToolCall { .. });
        let position = self.choice(choice);
        let Some(fold) = self.choices.get_mut(position) else { return usize::MAX };
        fold.parts.push(PartFold { id, open: whole.is_none(), told, content, high: None });
        let part_position = fold.parts.len() - 1;
        match (whole, kind) {
            (Some(content), _) => {
                self.tell(Event::Part(PartEvent { choice, part: id, content }));
                self.speak();
            }
            (None, Some(kind)) if told => {
                self.tell(Event::PartStart(PartStartEvent {
                    choice,
                    part: id,
                    kind,
                    tool_call_id: None,
                    tool_name: None,
                }));
            }
            _ => {}
        }
        part_position
    }

    /// Ends what is being said in a choice, except words of `kind`. Tool calls stay open: their pieces may be mixed.
    fn close_words(&mut self, choice: u32, kind: Option<PartKind>) {
        let position = self.choice(choice);
        let closing: Vec<usize> = self.choices.get(position).map_or_else(Vec::new, |fold| {
            let words = |part: &PartFold| {
                let own = part.content.kind();
                part.open && own != kind && own != Some(PartKind::ToolCall)
            };
            (0..fold.parts.len()).filter(|at| fold.parts.get(*at).is_some_and(words)).collect()
        });
        for part in closing {
            self.close_part(position, part);
        }
    }

    fn close_choice(&mut self, position: usize) {
        let count = self.choices.get(position).map_or(0, |fold| fold.parts.len());
        for part in 0..count {
            self.close_part(position, part);
        }
        let Some(fold) = self.choices.get_mut(position) else { return };
        let (choice, finish) = (fold.index, fold.unified());
        self.tell(Event::Finish(FinishEvent { choice, finish }));
    }

    fn close_part(&mut self, position: usize, part: usize) {
        let Some(fold) = self.choices.get_mut(position) else { return };
        let choice = fold.index;
        let Some(part) = fold.parts.get_mut(part).filter(|part| part.open) else { return };
        let half = part.add_half();
        part.open = false;
        let (id, told, kind) = (part.id, part.told, part.content.kind());
        let provider_data = match &part.content {
            Folded::Reasoning { data, .. } | Folded::ToolCall { data, .. } => {
                data.as_ref().map(Own::provider_data)
            }
            _ => None,
        };
        if !told {
            self.tell_tool_start(choice, id);
        } else if let (Some(half), Some(kind)) = (half, kind) {
            self.delta(choice, id, kind, half);
        }
        self.tell(Event::PartEnd(PartEndEvent { choice, part: id, provider_data }));
    }

    fn tell(&mut self, event: Event) {
        if !std::mem::replace(&mut self.started, true) {
            let Response { id, provider, model, created_ms, request_id, .. } = &self.answer;
            let start = StartEvent {
                id: id.clone(),
                provider: provider.clone(),
                model: model.clone(),
                created_ms: *created_ms,
                request_id: request_id.clone(),
            };
            self.tell(Event::Start(start));
        }
        if self.visible { self.ready.push(event) } else { self.held.push(event) }
    }

    /// The answer has something to see.
    fn speak(&mut self) {
        self.spoke = true;
        self.show();
    }

    /// From here on the caller sees everything.
    fn show(&mut self) {
        self.visible = true;
        self.ready.append(&mut self.held);
    }

    /// Counts what is held more and less; nothing when something had no room.
    pub(crate) fn grew(&mut self, grown: Option<(usize, usize)>) {
        match grown {
            Some((more, less)) => {
                self.keep(more);
                self.kept_bytes = self.kept_bytes.saturating_sub(less as u64);
            }
            None => self.overfull = true,
        }
    }

    /// Counts bytes that are kept for the answer, in the sink or by its decoder.
    pub(crate) fn keep(&mut self, bytes: usize) {
        self.kept_bytes = self.kept_bytes.saturating_add(bytes as u64);
    }
}

/// Whose a field is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) protocol: &'a str,
    pub(crate) provider: &'a str,
}
