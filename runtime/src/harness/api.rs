//! The Runtime API: events go to the program through a channel, what it says comes back through
//! another.

use std::io;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::http::{Reply, Request, Server};

const BASE: &str = "/2018-06-01/runtime";

/// What a program says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Heard {
    /// It asks for an event.
    Ready,
    /// The answer to an event.
    Response(Value),
    /// An event failed.
    Error(Value),
    /// It cannot take events.
    InitError(Value),
}

#[derive(Debug)]
pub(super) struct Api {
    server: Server,
    events: Sender<Reply>,
    heard: Receiver<Heard>,
    given: Mutex<u32>,
}

impl Api {
    pub(super) fn start() -> io::Result<Self> {
        let (events, waiting) = channel();
        let (says, heard) = channel();
        let waiting = Mutex::new(waiting);
        let says = Mutex::new(says);
        let server = Server::start(move |request| handle(request, &waiting, &says))?;
        Ok(Self {
            server,
            events,
            heard,
            given: Mutex::new(0),
        })
    }

    pub(super) fn host(&self) -> String {
        self.server.host()
    }

    /// Puts an event where the program's next request finds it.
    pub(super) fn give(&self, event: &str, timeout: Duration) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        *given += 1;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let deadline = now.unwrap_or_default() + timeout;
        let reply = Reply::new(200, event)
            .with("Content-Type", "application/json")
            .with("Lambda-Runtime-Aws-Request-Id", &format!("request-{given}"))
            .with(
                "Lambda-Runtime-Deadline-Ms",
                &deadline.as_millis().to_string(),
            )
            .with(
                "Lambda-Runtime-Invoked-Function-Arn",
                "arn:aws:lambda:eu-central-1:123456789012:function:function",
            )
            .with(
                "Lambda-Runtime-Trace-Id",
                "Root=1-00000000-000000000000000000000000",
            );
        // It arrives unless the server has ended, which it does with this value.
        let _ = self.events.send(reply);
    }

    pub(super) fn hear(&self, patience: Duration) -> Option<Heard> {
        self.heard.recv_timeout(patience).ok()
    }
}

fn handle(
    request: &Request,
    waiting: &Mutex<Receiver<Reply>>,
    says: &Mutex<Sender<Heard>>,
) -> Reply {
    let say = |heard| {
        let says = says.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody listens any more when the test is over.
        let _ = says.send(heard);
    };
    let path = request.path().strip_prefix(BASE).unwrap_or_default();
    // What is no JSON is heard as text.
    let body = || {
        let parsed = serde_json::from_slice(&request.body);
        parsed.unwrap_or_else(|_| Value::String(request.text()))
    };
    match (&*request.method, path) {
        ("GET", "/invocation/next") => {
            say(Heard::Ready);
            let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            return waiting.recv().unwrap_or(Reply::HangUp);
        }
        ("POST", "/init/error") => say(Heard::InitError(body())),
        ("POST", path) if path.ends_with("/response") => say(Heard::Response(body())),
        ("POST", path) if path.ends_with("/error") => say(Heard::Error(body())),
        _ => return Reply::new(404, Vec::new()),
    }
    Reply::new(202, r#"{"status":"OK"}"#)
}
