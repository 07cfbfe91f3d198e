//! Scripted providers: what each request of a run meets, known beforehand.
//!
//! A script is played twice: over sockets by the simulator, which counts the requests of a run, and without any by
//! [`perform`], for clocks that are only a number. Both ask the same functions, so both see the same provider.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::errors::Refusal;
use crate::faults::{Fault, FaultKind, Step};
use crate::format::Format;
use crate::route::{self, Manner, Trouble};
use crate::script::{Act, Answer, Break, Pace, Voice};

/// What one request meets.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// An answer in good order, or a fault.
    pub step: Step,
    /// More headers of the answer. A value may hold moments: `{date+1s}`, `{unix+2s}`, `{unix_ms+40ms}`, `{rfc3339+40ms}`.
    pub headers: Vec<(String, String)>,
    /// The body of the answer instead of its own.
    pub body: Option<String>,
    /// Headers that the request must carry; else it is refused in words that say so.
    pub wants: Vec<(String, String)>,
}

impl Turn {
    /// Whether its headers can be written.
    ///
    /// # Errors
    /// A sentence that names the header.
    pub fn check(&self) -> Result<(), String> {
        for (name, value) in &self.headers {
            let filled = filled(value, 0).map_err(|why| format!("header {name}: {why}"))?;
            if name.parse::<HeaderName>().is_err() || HeaderValue::from_str(&filled).is_err() {
                return Err(format!("header {name}: {value:?} is no header"));
            }
        }
        Ok(())
    }

    pub(crate) fn fault(&self) -> Option<&Fault> {
        match &self.step {
            Step::Ok => None,
            Step::Fault(fault) => Some(fault),
        }
    }

    /// The silence before the head.
    pub(crate) fn slow_head_ms(&self) -> u64 {
        let slow = self.fault().filter(|fault| fault.row().kind == FaultKind::SlowHead);
        slow.and_then(|fault| fault.number("delay_ms")).unwrap_or(0)
    }

    /// Refuses a request that lacks a wanted header.
    pub(crate) fn check_wants(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        for (name, value) in &self.wants {
            let given = headers.get(name).map(|given| String::from_utf8_lossy(given.as_bytes()).into_owned());
            if given.as_deref() != Some(value) {
                let given = given.unwrap_or_else(|| "absent".to_owned());
                let message = format!("The script wants {name} to be {value:?}; it is {given:?}.");
                return Err(Refusal::bad(message));
            }
        }
        Ok(())
    }

    /// What the script adds to an answer at `now_ms`.
    pub(crate) fn dress(&self, answer: &mut Answer, now_ms: u64) {
        if let Some(body) = &self.body {
            answer.length = Some(body.len() as u64);
            answer.acts = vec![Act::Send(Bytes::from(body.clone()))];
        }
        for (name, value) in &self.headers {
            // `check` has seen them.
            let value = filled(value, now_ms).ok().and_then(|value| HeaderValue::from_str(&value).ok());
            if let (Ok(name), Some(value)) = (name.parse::<HeaderName>(), value) {
                answer.headers.append(name, value);
            }
        }
    }
}

/// A script as the simulator needs it.
#[derive(Clone, Debug)]
pub struct Scripted {
    /// `group/name`.
    pub name: String,
    /// What the requests of a run meet, in order.
    pub turns: Vec<Turn>,
    /// What is told to who wants to play it. `{base}` stands for where the run's providers are, `{refused}` for a place
    /// at which nobody listens, `{addr}` for the simulator's host and port.
    pub telling: Value,
}

/// Scripts, and how far each run of them has come.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    all: Vec<Scripted>,
    addr: Option<SocketAddr>,
    refused: Option<SocketAddr>,
    runs: Mutex<HashMap<String, Run>>,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    script: usize,
    next: usize,
}

/// Where scripted providers are: `/faults/GROUP/NAME/RUN/...`.
const PREFIX: &str = "/faults/";

impl Scripts {
    pub(crate) fn new(all: Vec<Scripted>, addr: SocketAddr, refused: Option<SocketAddr>) -> Self {
        Self { all, addr: Some(addr), refused, runs: Mutex::default() }
    }

    /// All scripts, each with a run of its own, as a JSON list.
    pub(crate) fn tell(&self) -> String {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let address =
            |addr: Option<SocketAddr>| addr.map_or_else(String::new, |addr| format!("http://{addr}"));
        let told = self.all.iter().enumerate().map(|(script, scripted)| {
            let run = format!("{}/{}", scripted.name, runs.len());
            let base = format!("{}{PREFIX}{run}", address(self.addr));
            runs.insert(run, Run { script, next: 0 });
            // Neither an address nor the name of a script needs an escape in JSON.
            let addr = self.addr.map_or_else(String::new, |addr| addr.to_string());
            let telling = scripted.telling.to_string().replace("{base}", &base).replace("{addr}", &addr);
            telling.replace("{refused}", &address(self.refused))
        });
        let told: Vec<String> = told.collect();
        format!("[{}]\n", told.join(",\n"))
    }

    /// What the next request at a path meets. Absent: the path is none of a script's.
    pub(crate) fn next(&self, path: &str) -> Option<Result<Turn, Refusal>> {
        let parts: Vec<&str> = path.strip_prefix(PREFIX)?.splitn(4, '/').collect();
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let no = |what: String| Some(Err(Refusal::of(StatusCode::NOT_IMPLEMENTED, what)));
        let Some(run) = runs.get_mut(&parts[..parts.len().min(3)].join("/")) else {
            return no(format!("There is no such run: {path}."));
        };
        run.next += 1;
        match self.all[run.script].turns.get(run.next - 1) {
            Some(turn) => Some(Ok(turn.clone())),
            None => no(format!("The script has no answer to request {}.", run.next)),
        }
    }
}

/// What a provider does, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Nothing, for so many milliseconds.
    Wait(u64),
    /// It sends a head: status and headers.
    Head(u16, Vec<(String, String)>),
    /// It sends bytes of the body.
    Bytes(Bytes),
    /// Nothing any more, and the connection stays open.
    Silence,
    /// It ends the body in good order.
    End,
    /// It breaks the connection.
    Break,
}

/// What a provider that speaks `format` does with a request, without a socket.
pub fn perform<'a>(
    format: &'static Format,
    turn: &Turn,
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: &[u8],
    now_ms: u64,
) -> Vec<Deed> {
    let header = |(name, value): (&str, &str)| Some((name.parse::<HeaderName>().ok()?, value.parse().ok()?));
    let headers: HeaderMap = headers.filter_map(header).collect();
    let voice = Voice { format, number: 1 };
    let manner = Manner { seed: 0, pace: Pace { chunk_delay_ms: 0, events_per_write: 1 } };
    let slow_ms = turn.slow_head_ms();
    let mut deeds: Vec<Deed> = (slow_ms > 0).then_some(Deed::Wait(slow_ms)).into_iter().collect();
    let answer = turn.check_wants(&headers).map_err(Trouble::from);
    let answer = answer.and_then(|()| route::chat(format, &headers, body, turn.fault(), manner, voice));
    let answer = match answer {
        Ok(mut answer) => {
            turn.dress(&mut answer, now_ms + slow_ms);
            answer
        }
        Err(Trouble::Refused(refusal)) => Answer::error(&refusal, voice),
        Err(Trouble::Method(_) | Trouble::Broken(_)) => {
            deeds.push(Deed::Break);
            return deeds;
        }
    };
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = answer.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
    deeds.push(Deed::Head(answer.status.as_u16(), headers.collect()));
    for act in answer.acts {
        deeds.push(match act {
            Act::Send(bytes) => Deed::Bytes(bytes),
            Act::Fill(count) => Deed::Bytes(vec![b'x'; usize::try_from(count).unwrap_or(0)].into()),
            Act::PauseMs(wait_ms) => Deed::Wait(wait_ms),
            Act::Hang => Deed::Silence,
            Act::Break(Break::Close | Break::Reset) => Deed::Break,
        });
    }
    if !matches!(deeds.last(), Some(Deed::Break | Deed::Silence)) {
        deeds.push(Deed::End);
    }
    deeds
}

/// The text with its moments filled in.
fn filled(text: &str, now_ms: u64) -> Result<String, String> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let (moment, after) = after.split_once('}').ok_or("a { without its }")?;
        filled.push_str(before);
        filled.push_str(&written(moment, now_ms).ok_or_else(|| format!("{{{moment}}} is no moment"))?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// `date+1s` and its kin.
fn written(moment: &str, now_ms: u64) -> Option<String> {
    let (form, later) = moment.split_once('+')?;
    let digits = later.find(|c: char| !c.is_ascii_digit())?;
    let unit_ms = match &later[digits..] {
        "ms" => 1,
        "s" => 1_000,
        _ => return None,
    };
    let at_ms = now_ms + later[..digits].parse::<u64>().ok()? * unit_ms;
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(at_ms);
    Some(match form {
        "date" => httpdate::fmt_http_date(at),
        "unix" => (at_ms / 1_000).to_string(),
        "unix_ms" => at_ms.to_string(),
        "rfc3339" => rfc3339(at_ms),
        _ => return None,
    })
}

fn rfc3339(at_ms: u64) -> String {
    // Days since 1970 in a calendar whose years begin in March, so that leap days come last.
    let (days, ms) = (at_ms / 86_400_000 + 719_468, at_ms % 86_400_000);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FORMATS;

    /// Tue, 14 Nov 2023 22:13:20 GMT.
    const NOW_MS: u64 = 1_700_000_000_000;

    #[test]
    fn moments_are_written_in_each_form() {
        for (text, expected) in [
            ("{date+1s}", "Tue, 14 Nov 2023 22:13:21 GMT"),
            ("at {unix+2s}", "at 1700000002"),
            ("{unix_ms+40ms}", "1700000000040"),
            ("{rfc3339+40ms}", "2023-11-14T22:13:20.040Z"),
            ("plain", "plain"),
        ] {
            assert_eq!(filled(text, NOW_MS).as_deref(), Ok(expected));
        }
        for nonsense in ["{date+1s", "{date}", "{date+1h}", "{now+1s}"] {
            assert!(filled(nonsense, NOW_MS).is_err(), "{nonsense}");
        }
        assert_eq!(rfc3339(1_709_164_800_000), "2024-02-29T00:00:00.000Z");
        assert_eq!(rfc3339(946_684_799_999), "1999-12-31T23:59:59.999Z");
    }

    fn turn(step: &str) -> Turn {
        Turn { step: step.parse().unwrap(), headers: Vec::new(), body: None, wants: Vec::new() }
    }

    #[test]
    fn a_provider_without_a_socket_does_what_the_other_does() {
        let body = br#"{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}"#;
        let perform = |turn: &Turn| perform(&FORMATS[0], turn, std::iter::empty(), body, NOW_MS);
        let deeds = perform(&turn("cut;after=2"));
        assert!(matches!(deeds[..], [Deed::Head(200, _), Deed::Bytes(_), Deed::Bytes(_), Deed::End]));
        assert_eq!(perform(&turn("reset-before-head")), [Deed::Break]);
        assert!(matches!(perform(&turn("stall;after=1"))[..], [_, Deed::Bytes(_), Deed::Silence, ..]));
        assert_eq!(perform(&turn("slow-head;delay_ms=7"))[0], Deed::Wait(7));

        let mut limited = turn("status=429");
        limited.headers.push(("retry-after".into(), "{date+2s}".into()));
        limited.body = Some("{}".into());
        let [Deed::Head(429, headers), Deed::Bytes(body), Deed::End] = &perform(&limited)[..] else {
            panic!("{:?}", perform(&limited));
        };
        assert!(headers.contains(&("retry-after".into(), "Tue, 14 Nov 2023 22:13:22 GMT".into())));
        assert_eq!(&body[..], b"{}");

        let mut picky = turn("ok");
        picky.wants.push(("x-key".into(), "1".into()));
        assert!(matches!(perform(&picky)[0], Deed::Head(400, _)));
    }

    #[test]
    fn every_run_has_its_own_count() {
        let scripted = Scripted {
            name: "group/name".into(),
            turns: vec![turn("status=503"), turn("ok")],
            telling: serde_json::json!({"base_url": "{base}/v1", "closed": "{refused}"}),
        };
        let addr: SocketAddr = ([127, 0, 0, 1], 80).into();
        let scripts = Scripts::new(vec![scripted], addr, Some(([127, 0, 0, 1], 81).into()));
        assert!(scripts.tell().contains(r#""base_url":"http://127.0.0.1:80/faults/group/name/0/v1""#));
        assert!(scripts.tell().contains(r#""closed":"http://127.0.0.1:81""#));
        let next = |path: &str| scripts.next(path).map(|turn| turn.map(|turn| turn.step.to_string()).ok());
        assert_eq!(next("/v1/chat/completions"), None);
        assert_eq!(next("/faults/group/name/0/v1/x").as_ref().map(Option::is_some), Some(true));
        assert_eq!(next("/faults/group/name/1/v1/x"), Some(Some("status;code=503".into())));
        assert_eq!(next("/faults/group/name/0/v1/x"), Some(Some("ok".into())));
        assert_eq!(next("/faults/group/name/0/v1/x"), Some(None));
        assert_eq!(next("/faults/group/other/0/v1/x"), Some(None));
    }
}
