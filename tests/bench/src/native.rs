//! The core as a Rust program has it: values in, values out.

use literllm_core::types::{CallOptions, ClientConfig, Request, ResponseHead};
use literllm_core::{Call, Client};

use crate::contender::{Answer, Contender, Failure};
use crate::streams::{Format, HEAD};

/// It has one call at a time.
pub(crate) struct Native {
    client: Client,
    call: Option<Call>,
}

impl Native {
    pub(crate) fn new() -> Result<Self, Failure> {
        let client = Client::new(ClientConfig::default()).map_err(|error| error.message)?;
        Ok(Self { client, call: None })
    }

    fn call(&mut self) -> Result<&mut Call, Failure> {
        self.call.as_mut().ok_or_else(|| "no call has begun".into())
    }
}

impl Contender for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn begin(&mut self, format: &Format) -> Result<u64, Failure> {
        let request: Request = serde_json::from_str(&format.request())?;
        let head: ResponseHead = serde_json::from_str(HEAD)?;
        let begun = self.client.start(request, CallOptions::default(), 0, 7);
        let (mut call, _) = begun.map_err(|error| error.message)?;
        call.head(1, &head, 0).map_err(|error| error.message)?;
        self.call = Some(call);
        Ok(0)
    }

    fn body(&mut self, _: u64, piece: &[u8]) -> Result<Answer, Failure> {
        let step = self.call()?.body(1, piece, 0).map_err(|error| error.message)?;
        Ok(Answer::Step(Box::new(step)))
    }

    fn end(&mut self, _: u64) -> Result<Answer, Failure> {
        let step = self.call()?.end(1, 0).map_err(|error| error.message)?;
        self.call = None;
        Ok(Answer::Step(Box::new(step)))
    }
}
