//! The typed sibling of the engine: `literllm-wasi.wasm`, world `literllm-client` of `wit/client.wit`.
//!
//! The same core, linked in, and around it a host that is itself a component: [`drive`] is the loop of every host,
//! [`attempt`] speaks `wasi:http`, keys come from `wasi:cli/environment`. What crosses is typed.

mod attempt;
#[rustfmt::skip]
mod convert;
mod drive;
mod time;

mod bindings {
    #![allow(
        missing_docs,
        unsafe_code,
        unreachable_pub,
        reason = "generated from wit/, which holds the documentation"
    )]
    wit_bindgen::generate!({ path: "../../wit", world: "literllm:client/literllm-client@0.1.0" });

    use super::Shell;
    export!(Shell with_types_in self);
}

use std::cell::RefCell;
use std::rc::Rc;

use literllm_core::types::{CallOptions, EgressRow, Request};
use literllm_lend::{Egress, KeySource, Secret};

use bindings::exports::literllm::client::client as wit;
use drive::Drive;

struct Shell;

impl wit::Guest for Shell {
    type Client = Client;
    type ChatStream = ChatStream;
}

/// A client; each call gets a drive of its own.
struct Client {
    core: RefCell<literllm_core::Client>,
    egress: Rc<Egress>,
}

impl Client {
    fn start(&self, request: wit::Request, options: wit::CallOptions) -> Result<Drive, wit::Error> {
        let (request, options): (Request, CallOptions) = (request.into(), options.into());
        let (now_ms, seed) = (time::wall_ms(), wasip2::random::random::get_random_u64());
        let started = self.core.borrow_mut().start(request, options, now_ms, seed)?;
        Ok(Drive::new(started, Rc::clone(&self.egress), now_ms))
    }
}

impl wit::GuestClient for Client {
    fn create(config: wit::ClientConfig) -> Result<wit::Client, wit::Error> {
        let core = literllm_core::Client::new(config.into())?;
        let egress = Rc::new(Egress::new(&core.egress()));
        Ok(wit::Client::new(Self { core: RefCell::new(core), egress }))
    }

    fn chat(&self, request: wit::Request, options: wit::CallOptions) -> Result<wit::Outcome, wit::Error> {
        let mut drive = self.start(request, options)?;
        while drive.next().is_some() {}
        drive.outcome.map(Into::into).ok_or_else(|| no_outcome().into())
    }

    fn stream(
        &self,
        request: wit::Request,
        options: wit::CallOptions,
    ) -> Result<wit::ChatStream, wit::Error> {
        let drive = self.start(request, options)?;
        Ok(wit::ChatStream::new(ChatStream(RefCell::new(drive))))
    }
}

/// A call under way.
struct ChatStream(RefCell<Drive>);

impl wit::GuestChatStream for ChatStream {
    fn next(&self) -> Option<Vec<wit::Event>> {
        let events = self.0.borrow_mut().next()?;
        Some(events.into_iter().map(Into::into).collect())
    }

    fn outcome(&self) -> Option<wit::Outcome> {
        self.0.borrow().outcome.clone().map(Into::into)
    }

    fn cancel(&self) {
        self.0.borrow_mut().cancel();
    }
}

/// Keys from the environment that the host of this component grants.
struct WasiEnvironment;

impl KeySource for WasiEnvironment {
    fn key(&self, row: &EgressRow, slot: u32) -> Option<Secret> {
        let variables = wasip2::cli::environment::get_environment();
        let value = |name: &String| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let spare = slot
            .checked_sub(1)
            .map(|at| row.spare_key_env.get(at as usize).map_or(&[][..], std::slice::from_ref));
        let names = spare.unwrap_or(&row.key_env);
        names.iter().filter_map(value).find(|value| !value.is_empty()).map(Secret::new)
    }
}

fn no_outcome() -> literllm_core::types::Error {
    let message = "a call ended without an outcome: a mistake in literllm-component-http";
    literllm_core::types::Error::new(literllm_core::types::ErrorKind::Internal, message)
}
