//! Snapshots and the next instance, looked at from inside.

use super::*;

fn engine() -> ComponentEngine {
    ComponentEngine::new(&ClientConfig::default(), MEMORY_BYTES, None, None).unwrap()
}

#[test]
fn a_snapshot_is_taken_when_the_memory_moved_and_once_a_second_at_most() {
    let engine = engine();
    let mut slot = engine.sandbox.lock();
    let mut taken_at = |dirty: bool, now_ms: u64| {
        slot.dirty |= dirty;
        slot.keep_snapshot(now_ms);
        (slot.snapshot.is_some(), slot.snapshot_at_ms, slot.dirty)
    };
    assert_eq!(taken_at(false, 4_000), (false, 0, false));
    assert_eq!(taken_at(true, 5_000), (true, 5_000, false));
    assert_eq!(taken_at(true, 5_999), (true, 5_000, true));
    assert_eq!(taken_at(false, 6_000), (true, 6_000, false), "what moved in between is not forgotten");
}

#[test]
fn the_next_instance_has_the_next_number_and_the_newest_snapshot() {
    let engine = engine();
    let mut slot = engine.sandbox.lock();
    slot.dirty = true;
    slot.keep_snapshot(1);
    let snapshot = slot.snapshot.clone();
    slot.instance = None;
    engine.sandbox.revive(&mut slot).unwrap();
    assert_eq!(slot.instance.as_ref().map(|instance| instance.number), Some(1));
    assert_eq!(slot.snapshot, snapshot);
}

#[test]
fn a_snapshot_that_cannot_be_restored_is_tried_once() {
    let engine = engine();
    let mut slot = engine.sandbox.lock();
    slot.snapshot = Some("nonsense".to_owned());
    slot.instance = None;
    assert!(engine.sandbox.revive(&mut slot).is_err());
    engine.sandbox.revive(&mut slot).unwrap();
}
