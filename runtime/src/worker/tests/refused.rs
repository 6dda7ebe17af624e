//! A sink that does not let the worker in.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::sinks::Server;
use super::*;
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

/// What a worker logs within a minute of objects for a server that answers so; nothing is given up meanwhile.
async fn a_minute_of(status: u16) -> Vec<Value> {
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
    let minute = sleep(Duration::from_secs(60));
    assert_eq!(worker.run(minute).await, Ended::Stopped);
    assert!(world.0.buried.borrow().is_empty());
    let lines = log.lines();
    assert!(
        lines
            .iter()
            .all(|line| !line.to_string().contains("out-of-date"))
    );
    lines
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
        let lines = a_minute_of(status).await;
        let counted = lines.iter().filter(|line| line["NotLetIn"] == json!(1));
        let counted: Vec<_> = counted.collect();
        assert!(counted.len() >= 3, "{lines:#?}");
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

/// A sink that is away is nobody's login.
#[tokio::test(start_paused = true)]
async fn a_sink_that_is_away_is_told_otherwise() {
    let lines = a_minute_of(503).await;
    assert!(lines.iter().all(|line| line.get("NotLetIn").is_none()));
    let [told] = told(&lines)[..] else {
        panic!("{lines:#?}");
    };
    assert!(told.contains("bucket or sink is away"), "{told}");
}
