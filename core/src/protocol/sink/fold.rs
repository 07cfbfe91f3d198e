//! An answer as it grows: choices, their parts, and what of a part was told.

use std::borrow::Cow;

use crate::json::read::Piece;
use crate::protocol::growing::Growing;
use crate::types::{
    Choice, Finish, FinishReason, NamedJson, Part, PartKind, ProviderData, ReasoningPart, RefusalPart,
    TextPart, TokenLogprob, ToolCallPart,
};

#[derive(Debug, Default)]
pub(super) struct ChoiceFold {
    pub(super) index: u32,
    pub(super) parts: Vec<PartFold>,
    pub(super) finish: Option<(Option<String>, FinishReason)>,
    pub(super) logprobs: Vec<TokenLogprob>,
    pub(super) extra: Vec<NamedJson>,
    /// Fields that come in pieces, each an object.
    pub(super) growing: Vec<(String, Growing)>,
}

#[derive(Debug)]
pub(super) struct PartFold {
    pub(super) id: u32,
    pub(super) open: bool,
    /// Whether `part-start` was told: a tool call waits for its name.
    pub(super) told: bool,
    pub(super) content: Folded,
    /// The first half of a character of which the second has not come.
    pub(super) high: Option<u16>,
}

/// What goes back to its provider with a part.
#[derive(Debug)]
pub(super) struct Own {
    protocol: String,
    provider: Option<String>,
    data: OwnData,
}

#[derive(Debug)]
enum OwnData {
    Whole(String),
    Fields(Growing),
}

impl Own {
    pub(super) fn whole(data: ProviderData) -> Self {
        let ProviderData { protocol, provider, data } = data;
        Self { protocol, provider, data: OwnData::Whole(data) }
    }

    pub(super) fn fields(protocol: &str, provider: &str) -> Self {
        Self {
            protocol: protocol.to_owned(),
            provider: Some(provider.to_owned()),
            data: OwnData::Fields(Growing::default()),
        }
    }

    /// The fields; what came whole has none.
    pub(super) fn growing(&mut self) -> Option<&mut Growing> {
        if let OwnData::Fields(fields) = &mut self.data { Some(fields) } else { None }
    }

    pub(super) fn provider_data(&self) -> ProviderData {
        let data = match &self.data {
            OwnData::Whole(data) => data.clone(),
            OwnData::Fields(fields) => fields.json(),
        };
        ProviderData { protocol: self.protocol.clone(), provider: self.provider.clone(), data }
    }
}

#[derive(Debug)]
pub(super) enum Folded {
    Text(String),
    Refusal(String),
    Reasoning {
        text: String,
        data: Option<Own>,
    },
    ToolCall {
        index: Option<u64>,
        id: Option<String>,
        name: Option<String>,
        arguments: String,
        data: Option<Own>,
    },
    Whole(Part),
}

impl Folded {
    pub(super) fn kind(&self) -> Option<PartKind> {
        match self {
            Self::Text(_) => Some(PartKind::Text),
            Self::Refusal(_) => Some(PartKind::Refusal),
            Self::Reasoning { .. } => Some(PartKind::Reasoning),
            Self::ToolCall { .. } => Some(PartKind::ToolCall),
            Self::Whole(_) => None,
        }
    }

    /// What grows.
    fn words(&mut self) -> Option<&mut String> {
        match self {
            Self::Text(held)
            | Self::Refusal(held)
            | Self::Reasoning { text: held, .. }
            | Self::ToolCall { arguments: held, .. } => Some(held),
            Self::Whole(_) => None,
        }
    }
}

impl ChoiceFold {
    /// Ours follows from what happened as well as from the word: some providers say `stop` after tool calls.
    pub(super) fn unified(&mut self) -> Finish {
        let (raw, unified) = self.finish.get_or_insert((None, FinishReason::Other)).clone();
        let called = self.parts.iter().any(|part| matches!(part.content, Folded::ToolCall { .. }));
        let unified = match unified {
            FinishReason::Stop if called => FinishReason::ToolCalls,
            other => other,
        };
        Finish { unified, raw }
    }

    /// The object of that name, which grows.
    pub(super) fn growing(&mut self, name: &str) -> Option<&mut Growing> {
        let position = self.growing.iter().position(|(held, _)| held == name).unwrap_or_else(|| {
            self.growing.push((name.to_owned(), Growing::default()));
            self.growing.len() - 1
        });
        self.growing.get_mut(position).map(|(_, object)| object)
    }

    pub(super) fn into_choice(mut self) -> Choice {
        let finish = self.finish.is_some().then(|| self.unified());
        let mut extra = self.extra;
        extra.extend(self.growing.into_iter().map(|(name, object)| NamedJson { name, value: object.json() }));
        Choice {
            index: self.index,
            content: self.parts.into_iter().map(PartFold::into_part).collect(),
            finish,
            logprobs: self.logprobs,
            extra,
        }
    }
}

impl PartFold {
    /// Adds to the words or arguments, and answers with what was added: halves of a character joined, a lone one U+FFFD.
    pub(super) fn add<'a>(&mut self, piece: Piece<'a>) -> Cow<'a, str> {
        let Piece { low, text, high } = piece;
        // An empty delta says nothing, also not that the second half will not come.
        let before =
            if low.is_some() || !text.is_empty() || high.is_some() { self.high.take() } else { None };
        let joined = match (before, low) {
            (None, None) => None,
            (Some(high), Some(low)) => char::decode_utf16([high, low]).next().and_then(Result::ok),
            _ => Some(char::REPLACEMENT_CHARACTER),
        };
        let added = match joined {
            None => text,
            Some(joined) => Cow::Owned(format!("{joined}{text}")),
        };
        self.high = high.or(self.high);
        if let Some(held) = self.content.words() {
            held.push_str(&added);
        }
        added
    }

    /// Nothing more comes: half a character that is still held is U+FFFD.
    pub(super) fn add_half(&mut self) -> Option<&'static str> {
        self.high.take()?;
        let half = "\u{FFFD}";
        if let Some(held) = self.content.words() {
            held.push_str(half);
        }
        Some(half)
    }

    fn into_part(self) -> Part {
        match self.content {
            Folded::Text(text) => Part::Text(TextPart { text, ..TextPart::default() }),
            Folded::Refusal(text) => Part::Refusal(RefusalPart { text }),
            Folded::Reasoning { text, data } => {
                Part::Reasoning(ReasoningPart { text, provider_data: data.map(|own| own.provider_data()) })
            }
            Folded::ToolCall { id, name, arguments, data, .. } => Part::ToolCall(ToolCallPart {
                id: id.unwrap_or_else(|| format!("call_{}", self.id + 1)),
                name: name.unwrap_or_default(),
                complete: Some(crate::json::read::Value::parse(&arguments).is_ok()),
                arguments,
                provider_data: data.map(|own| own.provider_data()),
            }),
            Folded::Whole(part) => part,
        }
    }
}
