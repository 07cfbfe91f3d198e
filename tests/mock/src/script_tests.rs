//! What each fault makes of a reply, as values. Whether the socket obeys is in `tests/faults.rs`.

use super::*;
use crate::format::FORMATS;

fn event(data: &str, part: Part) -> Event {
    Event { name: None, data: data.to_owned(), part }
}

fn stream_with(fault: &str) -> Answer {
    let events = vec![
        event(r#"{"content":""}"#, Part::Delta),
        event(r#"{"content":"a"}"#, Part::Delta),
        event(r#"{"content":"b"}"#, Part::Delta),
        event(r#"{"finish":1}"#, Part::Closing),
        event("[DONE]", Part::Done),
    ];
    shape(Reply::Stream(events), Some(&fault.parse().expect(fault)), ONE_BY_ONE, VOICE)
}

fn plain_with(fault: &str) -> Answer {
    let body = format!(r#"{{"content":"{}"}}"#, "é".repeat(100)).into_bytes();
    shape(Reply::Plain(body), Some(&fault.parse().expect(fault)), ONE_BY_ONE, VOICE)
}

fn text(acts: &[Act]) -> String {
    let sent = |act: &Act| match act {
        Act::Send(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Act::Fill(count) => format!("<{count}>"),
        other => format!("<{other:?}>"),
    };
    acts.iter().map(sent).collect()
}

const VOICE: Voice = Voice { format: &FORMATS[0], number: 7 };
const ONE_BY_ONE: Pace = Pace { chunk_delay_ms: 0, events_per_write: 1 };

#[test]
fn a_fault_in_the_middle_strikes_after_so_many_events_and_before_the_finish() {
    let start = "data: {\"content\":\"\"}\n\n";
    for (name, end) in
        [("cut", ""), ("reset-mid-stream", "<Break(Reset)>"), ("abort-mid-stream", "<Break(Close)>")]
    {
        assert_eq!(text(&stream_with(&format!("{name}=1")).acts), format!("{start}{end}"));
        assert_eq!(text(&stream_with(&format!("{name}=0")).acts), end);
        let late = text(&stream_with(&format!("{name}=99")).acts);
        assert!(late.contains("\"a\"") && !late.contains("\"b\"") && !late.contains("finish"), "{late}");
    }
}

#[test]
fn the_stream_goes_on_after_a_spoilt_event() {
    for (fault, shows) in [
        ("broken-json=1", "data: {\"conte\n\n"),
        ("invalid-utf8=1", "{\"content\":\"\u{fffd}(a\"}"),
        ("huge-line=100", "{\"content\":\"<79>a\"}"),
        ("stall=1", "<Hang>data: {\"content\":\"a\"}"),
        ("stall=1;stall_ms=5", "<PauseMs(5)>data: {\"content\":\"a\"}"),
        ("slow-first-token=7", "<PauseMs(7)>data: {\"content\":\"\"}"),
    ] {
        let text = text(&stream_with(fault).acts);
        assert!(
            text.contains(shows) && text.contains("\"b\"") && text.ends_with("[DONE]\n\n"),
            "{fault}: {text}"
        );
    }
    assert!(!text(&stream_with("no-done").acts).contains("DONE"));
    assert!(!text(&stream_with("crlf").acts).replace("\r\n", "").contains('\n'));
    assert_eq!(text(&stream_with("comments").acts).matches("\n\n: the simulator").count(), 5);
}

#[test]
fn plain_answers_are_spoilt_as_well() {
    let whole = plain_with("crlf");
    let body = text(&whole.acts);
    assert_eq!(whole.length, Some(body.len() as u64));
    let cut = plain_with("cut=1");
    assert_eq!((cut.length, text(&cut.acts).as_bytes()), (Some(64), &body.as_bytes()[..64]));
    assert_eq!(plain_with("cut=1000").length, Some(body.len() as u64 - 1));
    for (fault, end) in [("reset-mid-stream=1", Break::Reset), ("abort-mid-stream=1", Break::Close)] {
        let broken = plain_with(fault);
        assert_eq!((broken.length, broken.acts.last()), (whole.length, Some(&Act::Break(end))));
    }
    assert!(text(&plain_with("invalid-utf8").acts).contains("\"\u{fffd}(é"));
    assert!(text(&plain_with("error-in-200").acts).starts_with("{\"error\":{\"message\""));
    assert_eq!(plain_with("huge-line=5000").length, Some(5000));
    assert!(plain_with("one-byte").one_byte);
}

#[test]
fn pacing_is_between_events() {
    let events = || vec![event("a", Part::Delta), event("b", Part::Delta), event("[DONE]", Part::Done)];
    let paced = shape(Reply::Stream(events()), None, Pace { chunk_delay_ms: 5, ..ONE_BY_ONE }, VOICE);
    assert_eq!(text(&paced.acts), "data: a\n\n<PauseMs(5)>data: b\n\n<PauseMs(5)>data: [DONE]\n\n");
}

#[test]
fn several_events_are_written_at_once_when_asked() {
    let events = ["a", "b", "c"].map(|data| event(data, Part::Delta));
    let pace = Pace { chunk_delay_ms: 5, events_per_write: 2 };
    let paced = shape(Reply::Stream(events.into()), None, pace, VOICE);
    assert!(paced.is_stream);
    assert_eq!(text(&paced.acts), "data: a\n\ndata: b\n\n<PauseMs(5)>data: c\n\n");
}

#[test]
fn an_event_with_a_name_says_it_first() {
    let named = Event { name: Some("message_stop"), ..event("{}", Part::Done) };
    assert_eq!(frame(&named, "\r\n"), Bytes::from_static(b"event: message_stop\r\ndata: {}\r\n\r\n"));
}
