//! A sink that does not let the worker in.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::sinks::Server;
use super::*;
use crate::failure::Class;
use crate::worker::sink::HttpPut;

/// What was written to a log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }
}

/// What a worker logs within some minutes of objects for a server that answers so; nothing is given up meanwhile.
async fn minutes_of(status: u16, minutes: u64) -> Vec<Value> {
    let world = World::default();
    for number in 0..6 {
        world.0.upload(&format!("{number}"), b"x");
    }
    let server = Server::answering(status);
    let login = Some("Bearer out-of-date".to_owned());
    let sink = HttpPut::new(&server, "https://cdn.example".to_owned(), login);
    let log = Log::default();
    let journal = Journal::new("worker", "Media/Changes/Worker", log.clone());
    let patient = Rules {
        until_empty: false,
        ..rules()
    };
    let worker = Worker::new((world.clone(), world.clone(), sink), patient, journal);
    let minutes = sleep(Duration::from_secs(60 * minutes));
    assert_eq!(worker.run(minutes).await, Ended::Stopped);
    assert!(world.0.buried.borrow().is_empty());
    let lines = log.lines();
    assert!(!log_text(&lines).contains("out-of-date"));
    lines
}

/// The lines that an alarm watches.
fn counted(lines: &[Value]) -> Vec<&Value> {
    let counted = lines.iter().filter(|line| line.get("NotLetIn").is_some());
    let counted: Vec<_> = counted.collect();
    assert!(counted.iter().all(|line| line["NotLetIn"] == json!(1)));
    counted
}

fn log_text(lines: &[Value]) -> String {
    lines.iter().map(ToString::to_string).collect()
}

/// The lines that tell of objects in a row.
fn told(lines: &[Value]) -> Vec<&str> {
    let messages = lines.iter().filter_map(|line| line["message"].as_str());
    messages
        .filter(|said| said.contains("objects in a row were not carried"))
        .collect()
}

/// Nobody knows such a server beforehand, so the first objects show it: there is a metric for an alarm, and one line that says
/// what to do.
#[tokio::test(start_paused = true)]
async fn a_wrong_login_is_counted_and_told_once_with_what_to_do() {
    for status in [401, 403] {
        let lines = minutes_of(status, 60).await;
        let counted = counted(&lines);
        // As often as an alarm needs that looks at five minutes each, however long messages wait for their next try.
        assert!(counted.len() >= 60, "{}", counted.len());
        assert_eq!(counted[0]["Handler"], "worker");
        assert_eq!(counted[0]["FunctionName"], "Media/Changes/Worker");
        let [told] = told(&lines)[..] else {
            panic!("{lines:#?}");
        };
        for part in [
            &*format!("HTTP status {status}"),
            "put its login right and start the tasks anew",
        ] {
            assert!(told.contains(part), "{told}");
        }
    }
}

/// Only what is known is said of a sink: it is nobody's login that it is away, and it is not away when it says something else.
#[tokio::test(start_paused = true)]
async fn a_sink_that_says_something_else_is_told_otherwise() {
    let away = "bucket or sink is away";
    for (status, said) in [
        (503, Some(away)),
        (429, Some(away)),
        (404, Some("look whether bucket and sink are named right")),
        (409, None),
    ] {
        let lines = minutes_of(status, 1).await;
        assert!(counted(&lines).is_empty(), "{lines:#?}");
        let [told] = told(&lines)[..] else {
            panic!("{lines:#?}");
        };
        assert!(told.contains(&format!("HTTP status {status}")), "{told}");
        assert!(!told.contains("login"), "{told}");
        assert_eq!(told.contains(away), said == Some(away), "{told}");
        assert!(said.is_none_or(|said| told.contains(said)), "{told}");
    }
}

/// One path that nobody may write is no wrong login: its object is given up with the reason, and everything else goes on.
#[tokio::test(start_paused = true)]
async fn one_object_that_is_refused_is_not_the_worker() {
    let world = World::default();
    world.0.upload("locked/a", b"x");
    world.0.upload("b", b"y");
    let server = Server::closed_at("/locked/");
    let log = Log::default();
    while !world.0.messages.borrow().is_empty() {
        let sink = HttpPut::new(&server, "https://cdn.example".to_owned(), None);
        let journal = Journal::new("worker", "test", log.clone());
        let worker = Worker::new((world.clone(), world.clone(), sink), rules(), journal);
        assert_eq!(worker.run(std::future::pending()).await, Ended::Empty);
    }
    let buried = world.0.buried.borrow();
    let [(body, reason)] = &buried[..] else {
        panic!("{buried:?}");
    };
    assert!(body.contains("locked/a"), "{body}");
    assert!(reason.contains("or it may not do this"), "{reason}");
    let lines = log.lines();
    assert!(counted(&lines).is_empty(), "{lines:#?}");
}

/// A NetStorage for another key than this worker's, and what the worker logs.
fn rotated(world: &World) -> (NetStorage<World>, Log, Journal) {
    let signer = Signer::new("key1".to_owned(), "of yesterday".to_owned());
    let clock = ((|| NOW) as fn() -> i64, 7_000);
    let sink = NetStorage::new(world.clone(), "cdn.example", ("123", None), signer, clock);
    let log = Log::default();
    let journal = Journal::new("worker", "Changes.fifo", log.clone());
    (sink, log, journal)
}

/// NetStorage is asked at the start, and a task that it refuses takes no message: nobody else would count it.
#[tokio::test(start_paused = true)]
async fn a_start_that_is_refused_is_counted_before_it_ends() {
    let world = World::default();
    let (sink, log, journal) = rotated(&world);
    let failure = let_in(&sink, &journal).await.unwrap_err();
    assert_eq!(failure.class, Class::AccessDenied);
    let lines = log.lines();
    let counted = counted(&lines);
    assert_eq!(counted.len(), 1, "{lines:#?}");
    assert_eq!(counted[0]["FunctionName"], "Changes.fifo");
    assert!(!log_text(&lines).contains("of yesterday"));
    // With the right one, and where the answer may pass, it begins.
    let (_, log, journal) = rotated(&world);
    assert_eq!(let_in(&storage(&world), &journal).await, Ok(()));
    world.0.is_out.set(true);
    assert_eq!(let_in(&storage(&world), &journal).await, Ok(()));
    assert!(self::counted(&log.lines()).is_empty());
}

/// A key that is rotated while the worker runs: the check that comes before each message is refused, and that counts.
#[tokio::test(start_paused = true)]
async fn a_running_worker_that_is_refused_is_counted_until_it_ends() {
    let world = World::default();
    for number in 0..6 {
        world.0.upload(&format!("{number}"), b"x");
    }
    let (sink, log, journal) = rotated(&world);
    let patient = Rules {
        until_empty: false,
        ..rules()
    };
    let worker = Worker::new((world.clone(), world.clone(), sink), patient, journal);
    let hour = sleep(Duration::from_secs(3_600));
    assert_eq!(worker.run(hour).await, Ended::Stopped);
    assert!(counted(&log.lines()).len() >= 60);
    assert!(world.0.buried.borrow().is_empty());
}
