//! Where attempts of a call go: one model of one provider, and the request made for it.

use std::sync::Arc;

use crate::client::{Bounds, Shared};
use crate::policy::backoff::Dice;
use crate::protocol::{ProviderAdapter, Target};
use crate::registry::Way;
use crate::types::{
    BodySegment, Error, ErrorKind, FallbackStep, Header, HttpRequest, Request, Warning, WarningKind,
};

/// A model and how it is asked.
pub(crate) struct Route {
    pub(crate) adapter: Arc<dyn ProviderAdapter>,
    pub(crate) target: Target,
    pub(crate) request: HttpRequest,
    pub(crate) warnings: Vec<Warning>,
    /// How many keys the provider has, at least 1.
    pub(crate) keys: u32,
    /// The provider takes the call's key for an idempotency key: sending again costs nothing twice.
    pub(crate) idempotent: bool,
}

/// What else of the caller's wishes goes into a route.
#[derive(Debug, Clone)]
pub(crate) struct Wishes {
    pub(crate) strict: bool,
    pub(crate) idempotency_key: Option<String>,
    /// Makes a key where the caller gave none.
    pub(crate) seed: u64,
}

/// A model to turn to, and when. Its request is made when the call begins: a caller learns of a mistake before money is
/// spent, not in the middle of a failure.
pub(crate) struct Ahead {
    /// Kinds of error it helps against. Empty: all but the request's own faults.
    pub(crate) on: Vec<ErrorKind>,
    pub(crate) route: Route,
}

impl Route {
    /// The request that asks this way.
    ///
    /// # Errors
    /// Whatever can be known before anything is sent: `invalid-request`, `too-large`.
    pub(crate) fn by(
        way: Way<'_>,
        request: &Request,
        wishes: &Wishes,
        bounds: Bounds,
    ) -> Result<Self, Error> {
        let encoded = way.adapter.encode(request, &way.target)?;
        let (mut headers, mut warnings) = (encoded.headers, encoded.warnings);
        headers.extend(request.headers.iter().cloned());
        match (&way.idempotency_header, &wishes.idempotency_key) {
            // The caller's own header says the same.
            (Some(name), _) if headers.iter().any(|header| header.name == *name) => {}
            (Some(name), key) => {
                let value = key.clone().unwrap_or_else(|| idempotency_key(wishes.seed));
                headers.push(Header { name: (*name).to_owned(), value });
            }
            (None, Some(_)) => warnings.push(Warning {
                kind: WarningKind::Dropped,
                field: "options.idempotency_key".into(),
                message: format!(
                    "{} is not known to honour such keys: name its header as `idempotency_header` of its row if it does",
                    way.target.provider
                ),
            }),
            (None, None) => {}
        }
        if let (true, Some(warning)) = (wishes.strict, warnings.first()) {
            let message = format!("strict: {}: {}", warning.field, warning.message);
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        let asked = HttpRequest {
            method: encoded.method.to_owned(),
            url: encoded.url,
            headers,
            auth: way.egress.auth.clone(),
            body: encoded.body,
            body_length: encoded.body_length,
        };
        let route = Self::new(way, asked, warnings);
        let (length_bytes, most_bytes) = (route.length_bytes(), bounds.max_request_bytes);
        if length_bytes > most_bytes {
            let message = format!(
                "the request body has {length_bytes} bytes without blobs, max_request_bytes is {most_bytes}: hand large media over as blobs, or raise the limit"
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        Ok(route)
    }

    /// A request that was made for the way.
    pub(crate) fn new(way: Way<'_>, request: HttpRequest, warnings: Vec<Warning>) -> Self {
        Self {
            keys: way.keys(),
            idempotent: way.idempotency_header.is_some(),
            adapter: way.adapter.clone(),
            target: way.target,
            request,
            warnings,
        }
    }

    /// Bytes of the request's body that are held here: those of its text.
    pub(crate) fn length_bytes(&self) -> u64 {
        let bytes = |segment: &BodySegment| match segment {
            BodySegment::Text(segment) => segment.text.len() as u64,
            BodySegment::Blob(_) => 0,
        };
        self.request.body.iter().map(bytes).sum()
    }

    /// `provider/model`.
    pub(crate) fn model(&self) -> String {
        format!("{}/{}", self.target.provider, self.target.model)
    }
}

impl Ahead {
    /// The models of `steps`, in order.
    ///
    /// # Errors
    /// Those of the first that cannot take the request.
    pub(crate) fn all(
        shared: &Shared,
        request: &Request,
        steps: &[FallbackStep],
        wishes: &Wishes,
    ) -> Result<Vec<Self>, Error> {
        let mut ahead = Vec::with_capacity(steps.len());
        for (at, step) in steps.iter().enumerate() {
            let way = shared.registry.resolve(&step.model);
            let route =
                way.and_then(|way| Route::by(way, request, wishes, shared.bounds)).map_err(|mut error| {
                    error.message = format!("policy.fallback[{at}]: {}", error.message);
                    error
                })?;
            ahead.push(Self { on: step.on.clone(), route });
        }
        Ok(ahead)
    }

    /// Whether another model may help against an error of `kind`.
    pub(crate) fn helps(&self, kind: ErrorKind) -> bool {
        match self.on.as_slice() {
            [] => !matches!(kind, ErrorKind::InvalidRequest | ErrorKind::TooLarge | ErrorKind::Cancelled),
            kinds => kinds.contains(&kind),
        }
    }
}

/// A key for a call whose caller gave none: 128 bits out of its seed, so that it stays the same in every attempt and every
/// process that takes the call up.
fn idempotency_key(seed: u64) -> String {
    // Not the stream of the jitter.
    let mut dice = Dice::new(seed ^ 0x6964_656D_706F_7465);
    format!("literllm-{:016x}{:016x}", dice.up_to(u64::MAX), dice.up_to(u64::MAX))
}
