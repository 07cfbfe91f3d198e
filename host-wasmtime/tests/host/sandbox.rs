//! What a trap breaks, and what it does not.

use futures_util::FutureExt as _;
use literllm_host::types::{ErrorKind, Event};
use literllm_host::{Chat, Client, Engine};

use crate::script::{Act, Script, delta, done, head, saying};

/// Enough for ordinary calls, too little for the line below.
const SMALL_BYTES: usize = 4 << 20;

fn client(script: &Script) -> Client {
    script.builder(Engine::Component).sandbox_memory_bytes(SMALL_BYTES).build().unwrap()
}

fn hello() -> Chat {
    Chat::new("openai/gpt-4o-mini").user("Hello")
}

/// Within the core's own bounds, beyond this sandbox's memory.
fn too_much() -> Act {
    Act::Bytes(vec![b'x'; 6 << 20].into())
}

#[tokio::test(start_paused = true)]
async fn after_a_trap_the_next_call_gets_a_new_sandbox() {
    let script = Script::new([
        vec![head(), delta("a"), Act::Wait(10), delta("b"), done()],
        vec![head(), too_much()],
        saying(&["new"]),
        saying(&["again"]),
    ]);
    let client = client(&script);

    let mut beside = client.stream(hello()).unwrap();
    while !matches!(beside.next().await, Some(Ok(Event::TextDelta(_)))) {}
    let broken = client.infer("openai/m", "x").await.unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::Internal);
    assert!(broken.to_string().contains("sandbox"), "{broken}");

    // A call beside it ends with an error of its own, and its exchange with it.
    let lost = beside.finish().await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Internal);
    assert!(lost.detail.retryable && lost.to_string().contains("start this call again"), "{lost}");
    assert_eq!(script.under_way(2), 0);

    assert_eq!(client.infer("openai/m", "x").await.unwrap().text, "new");
    assert_eq!(client.infer("openai/m", "x").await.unwrap().text, "again");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_after_its_sandbox_died_harms_nobody() {
    let script =
        Script::new([vec![head(), delta("a"), Act::Hang], vec![head(), too_much()], saying(&["new"])]);
    let client = client(&script);
    let mut old = client.stream(hello()).unwrap();
    old.next().await.unwrap().unwrap();
    client.infer("openai/m", "x").await.unwrap_err();
    let mut young = client.stream(hello()).unwrap();
    young.next().await.unwrap().unwrap();
    // Both have the first handle of their instance; the old one must not forget the young one's call.
    drop(old);
    assert_eq!(young.finish().await.unwrap().text(), "new");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_kept_goes_on_in_the_next_sandbox() {
    let script = Script::new([vec![Act::Hang], vec![head(), too_much()], saying(&["again"])]);
    let client = client(&script);
    let mut stream = client.stream(hello()).unwrap();
    assert!(stream.next().now_or_never().is_none());
    let snapshot = stream.snapshot().unwrap();
    client.infer("openai/m", "x").await.unwrap_err();
    assert!(stream.snapshot().unwrap_err().to_string().contains("start this call again"));
    assert_eq!(client.resume(snapshot).unwrap().finish().await.unwrap().text(), "again");
    assert!(
        stream.finish().now_or_never().is_none(),
        "its exchange hangs, and so nobody asks the dead sandbox"
    );
}

#[test]
fn the_component_is_what_it_says() {
    let info = Client::builder().build().unwrap().component_info().unwrap();
    assert_eq!((info.sha256.len(), info.size_bytes), (64, info.bytes.len()));
    assert!(info.bytes.starts_with(b"\0asm"));
}
