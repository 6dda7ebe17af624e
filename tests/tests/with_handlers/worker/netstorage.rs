//! A NetStorage on loopback: it lets in who signs as the API says, keeps files, and fails as it is told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use cloudwright_runtime::worker::sink::signature::sign;

pub(super) const USER: &str = "key1";
pub(super) const KEY: &str = "a key that nobody else has";
pub(super) const CP_CODE: &str = "123456";

/// What goes wrong with one upload.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// This status, and nothing is kept.
    Status(u16),
    /// The connection ends without an answer, and nothing is kept.
    Reset,
    /// The answer takes this long.
    Slow(Duration),
}

#[derive(Default)]
pub(super) struct State {
    /// Contents by path, as it was sent.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// Verb, path and status of everything that was answered, in order.
    pub(super) log: Vec<(String, String, u16)>,
    pub(super) faults: VecDeque<Fault>,
    /// By how many seconds its clock is ahead.
    pub(super) ahead: i64,
    /// How many uploads have begun.
    pub(super) begun: usize,
    used: BTreeSet<String>,
}

pub(super) struct NetStorage {
    server: Server,
    pub(super) state: Arc<Mutex<State>>,
}

impl NetStorage {
    pub(super) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| answer(request, &shared));
        Self {
            server: server.expect("a free port"),
            state,
        }
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    pub(super) fn file(&self, key: &str) -> Option<Vec<u8>> {
        let path = format!("/{CP_CODE}/{key}");
        self.state.lock().unwrap().files.get(&path).cloned()
    }

    pub(super) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().unwrap().faults.extend(faults);
    }
}

fn answer(request: &Request, shared: &Mutex<State>) -> Reply {
    let action = request.header("x-akamai-acs-action").unwrap_or_default();
    let action = action.strip_prefix("version=1&action=").unwrap_or_default();
    let verb = action.split('&').next().unwrap_or_default().to_owned();
    let fault = {
        let mut state = shared.lock().unwrap();
        let is_upload = verb == "upload";
        state.begun += usize::from(is_upload);
        is_upload.then(|| state.faults.pop_front()).flatten()
    };
    // Nobody else waits meanwhile.
    if let Some(Fault::Slow(time)) = fault {
        sleep(time);
    }
    let mut state = shared.lock().unwrap();
    let (status, body) = match fault {
        Some(Fault::Reset) => return Reply::HangUp,
        Some(Fault::Status(status)) => (status, String::new()),
        _ if !is_let_in(request, &mut state) => (403, "Unauthorized".to_owned()),
        _ => serve(request, &verb, &mut state),
    };
    state.log.push((verb, request.target.clone(), status));
    let date = http_date(now() + state.ahead);
    Reply::new(status, body).with("Date", &date)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_secs()).expect("before the end")
}

/// Whether the request is signed for now, and was never seen before.
fn is_let_in(request: &Request, state: &mut State) -> bool {
    let header = |name: &str| request.header(name).unwrap_or_default();
    let (data, action) = (
        header("x-akamai-acs-auth-data"),
        header("x-akamai-acs-action"),
    );
    let parts: Vec<_> = data.split(", ").collect();
    let [_, _, _, time, _, user] = *parts else {
        return false;
    };
    let time: i64 = time.parse().unwrap_or_default();
    let is_now = (time - now() - state.ahead).abs() <= 30;
    let expected = sign(KEY, data, &request.target, action);
    let is_new = state.used.insert(data.to_owned());
    user == USER && is_now && is_new && header("x-akamai-acs-auth-sign") == expected
}

fn serve(request: &Request, verb: &str, state: &mut State) -> (u16, String) {
    let path = request.target.clone();
    match (&*request.method, verb) {
        ("PUT", "upload") => {
            let length = request.header("content-length").map(str::parse);
            assert_eq!(length, Some(Ok(request.body.len())), "{path}");
            state.files.insert(path, request.body.clone());
            (200, String::new())
        }
        ("POST", "delete") => match state.files.remove(&path) {
            Some(_) => (200, String::new()),
            None => (404, String::new()),
        },
        ("GET", "stat") if path == format!("/{CP_CODE}") => (
            200,
            "<stat><file type=\"dir\" name=\"top\"/></stat>".to_owned(),
        ),
        ("GET", "stat") => match state.files.get(&path) {
            Some(file) => (
                200,
                format!("<stat><file type=\"file\" size=\"{}\"/></stat>", file.len()),
            ),
            None => (404, String::new()),
        },
        _ => (400, String::new()),
    }
}

/// Seconds since 1970 as HTTP writes them, by the calendar of
/// [Howard Hinnant](https://howardhinnant.github.io/date_algorithms.html#civil_from_days).
fn http_date(seconds: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    let name = |names: &[&'static str], at: i64| names[usize::try_from(at).expect("in range")];
    format!(
        "{}, {day:02} {} {year} {:02}:{:02}:{:02} GMT",
        name(&DAYS, days.rem_euclid(7)),
        name(&MONTHS, month),
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

#[test]
fn dates_are_those_of_http() {
    assert_eq!(http_date(1_769_860_800), "Sat, 31 Jan 2026 12:00:00 GMT");
    assert_eq!(http_date(951_782_399), "Mon, 28 Feb 2000 23:59:59 GMT");
    assert_eq!(http_date(951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT");
}
