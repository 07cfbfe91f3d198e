//! What may happen to an attempt, as data, and how it is told.

use literllm_core::Call;
use literllm_core::types::{
    Error, FailureKind, Header, Message, Reached, Request, ResponseHead, Role, Step, TransportFailure,
};

/// Something that happens to a call. Attempts are named by their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    /// A head with a status and, with a refusal, a pause it names.
    Head {
        attempt: u32,
        status: u16,
        hint_ms: Option<u32>,
    },
    /// The same, and it says whether it wants to be asked again (`x-should-retry`).
    Advice {
        attempt: u32,
        status: u16,
        hint_ms: Option<u32>,
        again: bool,
    },
    /// Bytes of a stream.
    Body {
        attempt: u32,
        piece: Piece,
    },
    End {
        attempt: u32,
    },
    Failed {
        attempt: u32,
        kind: FailureKind,
        reached: Reached,
    },
    /// The moment, or an attempt that was silent for too long.
    Wake {
        idle: Option<u32>,
    },
    Cancel,
}

/// A piece of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A start-up event, which nobody sees.
    Role,
    /// Text.
    Text,
    /// The end of an event that never began.
    Half,
    /// A finish reason and the last mark.
    Finish,
    /// An error inside the stream.
    Error,
    /// What is no stream.
    Garbage,
    /// A comment.
    Alive,
}

impl Piece {
    pub(crate) const ALL: [Self; 7] =
        [Self::Role, Self::Text, Self::Half, Self::Finish, Self::Error, Self::Garbage, Self::Alive];

    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Role => {
                b"data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
            }
            Self::Text => b"data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word\"}}]}\n\n",
            Self::Half => b"data: {\"choi",
            Self::Finish => {
                b"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
            }
            Self::Error => b"data: {\"error\":{\"message\":\"no\",\"code\":503}}\n\n",
            Self::Garbage => b"data: {nothing\n\n",
            Self::Alive => b": alive\n\n",
        }
    }
}

/// Tells it.
///
/// # Errors
/// What the core says to a happening out of order.
pub(crate) fn tell(call: &mut Call, happening: Happening, now_ms: u64) -> Result<Step, Error> {
    match happening {
        Happening::Head { attempt, status, hint_ms } => call.head(attempt, &head(status, hint_ms), now_ms),
        Happening::Advice { attempt, status, hint_ms, again } => {
            let mut head = head(status, hint_ms);
            head.headers.push(Header { name: "x-should-retry".into(), value: again.to_string() });
            call.head(attempt, &head, now_ms)
        }
        Happening::Body { attempt, piece } => call.body(attempt, piece.bytes(), now_ms),
        Happening::End { attempt } => call.end(attempt, now_ms),
        Happening::Failed { attempt, kind, reached } => {
            let failure = TransportFailure { kind, reached, message: String::new() };
            call.failed(attempt, &failure, now_ms)
        }
        Happening::Wake { idle } => call.wake(idle, now_ms),
        Happening::Cancel => call.cancel(now_ms),
    }
}

fn head(status: u16, hint_ms: Option<u32>) -> ResponseHead {
    let hint = hint_ms.map(|ms| Header { name: "retry-after-ms".into(), value: ms.to_string() });
    ResponseHead { status, headers: hint.into_iter().collect() }
}

/// A small streamed request.
pub(crate) fn request(model: &str) -> Request {
    Request {
        model: model.into(),
        messages: vec![Message::text(Role::User, "Hello")],
        stream: Some(true),
        ..Request::default()
    }
}
