//! A bucket, a queue that hides messages for a while, and a NetStorage that verifies what is signed; all in
//! virtual time, with faults.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use super::super::ports::{Head, Letter, Mailbox, Source};
use super::super::sink::signature::{ACTION, DATA, SIGN, sign};
use super::super::sink::{Outgoing, Reply, Transport};
use crate::failure::{Class, Failure};

pub(super) const KEY: &str = "secret";
pub(super) const NOW: i64 = 1_280_000_000;

/// What goes wrong with one request to the store.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// This status, and nothing is done.
    Status(u16),
    /// The connection ends before the request is through.
    Reset,
    /// The connection ends after it is done.
    LostAnswer,
    /// It is done after so long.
    Slow(u64),
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) objects: RefCell<BTreeMap<String, (u64, Vec<u8>)>>,
    pub(super) files: RefCell<BTreeMap<String, Vec<u8>>>,
    pub(super) messages: RefCell<Vec<Message>>,
    pub(super) buried: RefCell<Vec<(String, String)>>,
    pub(super) faults: RefCell<VecDeque<Fault>>,
    /// Faults of the queue: requests that fail.
    pub(super) deaf: Cell<u32>,
    /// The dead-letter queue takes nothing.
    pub(super) is_full: Cell<bool>,
    /// The store answers 503 to everything.
    pub(super) is_out: Cell<bool>,
    /// What it answers to a signature of another time, if not 403.
    pub(super) skew_status: Cell<u16>,
    /// How many removals of messages are never answered.
    pub(super) hangs: Cell<u32>,
    /// By how much the server's clock is ahead.
    pub(super) ahead: Cell<i64>,
    pub(super) requests: RefCell<Vec<String>>,
    /// How many workers there were.
    pub(super) workers: Cell<u32>,
    pub(super) busy: Cell<usize>,
    pub(super) busiest: Cell<usize>,
    /// What happens to an object while it is read the next time.
    pub(super) meanwhile: RefCell<Option<(String, Option<Vec<u8>>)>>,
    versions: Cell<u64>,
    receipts: Cell<u64>,
    used: RefCell<BTreeSet<String>>,
}

#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: String,
    body: String,
    group: Option<String>,
    visible: Instant,
    pub(super) receives: u32,
    receipt: String,
}

impl Model {
    pub(super) fn put(&self, key: &str, bytes: &[u8]) {
        self.versions.set(self.versions.get() + 1);
        let object = (self.versions.get(), bytes.to_vec());
        self.objects.borrow_mut().insert(key.to_owned(), object);
    }

    /// Tells of a change, in the group of its object.
    pub(super) fn tell(&self, key: &str) {
        let body = json!({"schemaVersion": 1, "eventName": "ObjectCreated:Put", "bucket": "media", "key": key,
                          "keyEncoding": "none", "etag": null, "size": null, "versionId": null,
                          "sequencer": null, "eventTime": null, "region": null});
        self.send(&body.to_string(), Some(key));
    }

    pub(super) fn send(&self, body: &str, group: Option<&str>) {
        let mut messages = self.messages.borrow_mut();
        self.receipts.set(self.receipts.get() + 1);
        messages.push(Message {
            id: format!("m{}", self.receipts.get()),
            body: body.to_owned(),
            group: group.map(str::to_owned),
            visible: Instant::now(),
            receives: 0,
            receipt: String::new(),
        });
    }

    /// Puts an object and tells of it.
    pub(super) fn upload(&self, key: &str, bytes: &[u8]) {
        self.put(key, bytes);
        self.tell(key);
    }

    pub(super) fn delete(&self, key: &str) {
        self.objects.borrow_mut().remove(key);
        self.tell(key);
    }

    /// What the store has to hold.
    pub(super) fn expected(&self) -> BTreeMap<String, Vec<u8>> {
        let objects = self.objects.borrow();
        let file = |(key, (_, bytes)): (&String, &(u64, Vec<u8>))| {
            (
                format!("/123/{}", crate::intake::encode_path(key)),
                bytes.clone(),
            )
        };
        objects.iter().map(file).collect()
    }

    /// Whether another worker would get it now.
    pub(super) fn is_visible(&self, id: &str) -> bool {
        let messages = self.messages.borrow();
        messages
            .iter()
            .any(|one| one.id == id && one.visible <= Instant::now())
    }

    fn next_receipt(&self) -> String {
        self.receipts.set(self.receipts.get() + 1);
        self.receipts.get().to_string()
    }

    fn ready(&self, most: usize) -> Vec<Letter> {
        let (now, mut letters) = (Instant::now(), Vec::new());
        let mut messages = self.messages.borrow_mut();
        let mut blocked: BTreeSet<String> = BTreeSet::new();
        for message in messages.iter_mut() {
            let group = message.group.clone();
            if message.visible > now || group.as_ref().is_some_and(|group| blocked.contains(group))
            {
                blocked.extend(group);
                continue;
            }
            if letters.len() == most {
                break;
            }
            message.receives += 1;
            message.visible = now + Duration::from_secs(30);
            message.receipt = self.next_receipt();
            letters.push(Letter {
                id: message.id.clone(),
                receipt: message.receipt.clone(),
                body: message.body.clone(),
                group,
                receives: message.receives,
            });
        }
        letters
    }

    /// What a request does to the files, if it is signed as it should be.
    fn serve(
        &self,
        path: &str,
        headers: &[(&'static str, String)],
        content: Option<Vec<u8>>,
    ) -> Reply {
        let header = |name| {
            headers
                .iter()
                .find(|(found, _)| *found == name)
                .unwrap()
                .1
                .clone()
        };
        let (action, data) = (header(ACTION), header(DATA));
        let reply = |status| Reply {
            status,
            date: Some(NOW + self.ahead.get()),
            body: Vec::new(),
        };
        let time: i64 = data.split(", ").nth(3).unwrap().parse().unwrap();
        let is_new = self.used.borrow_mut().insert(data.clone());
        assert!(is_new, "used twice: {data}");
        let is_signed = header(SIGN) == sign(KEY, &data, path, &action);
        if !is_signed || (time - NOW - self.ahead.get()).abs() > 30 {
            return reply(if self.skew_status.get() == 0 {
                403
            } else {
                self.skew_status.get()
            });
        }
        let action = action.strip_prefix("version=1&action=").unwrap();
        let mut files = self.files.borrow_mut();
        match action {
            "upload" => {
                files.insert(path.to_owned(), content.unwrap());
                reply(200)
            }
            "delete" => reply(if files.remove(path).is_some() {
                200
            } else {
                404
            }),
            "stat&format=xml" => stat(&files, path, reply(200)),
            _ => reply(200),
        }
    }
}

fn stat(files: &BTreeMap<String, Vec<u8>>, path: &str, found: Reply) -> Reply {
    let text = match files.get(path) {
        Some(file) => format!(
            "<file type=\"file\" name=\"n\" size=\"{}\" md5=\"ab\"/>",
            file.len()
        ),
        None if path == "/123" => "<file type=\"dir\" name=\"123\"/>".to_owned(),
        None => {
            return Reply {
                status: 404,
                ..found
            };
        }
    };
    let body = format!("<?xml version=\"1.0\"?><stat directory=\"/\">{text}</stat>");
    Reply {
        body: body.into_bytes(),
        ..found
    }
}

#[derive(Clone, Default)]
pub(super) struct World(pub(super) Rc<Model>);

fn unreachable(what: &str) -> Failure {
    Failure::new(Class::Unreachable, what)
}

impl Mailbox for World {
    async fn receive(&self, most: usize, wait: Duration) -> Result<Vec<Letter>, Failure> {
        assert!((1..=10).contains(&most));
        if self.0.deaf.get() > 0 {
            self.0.deaf.set(self.0.deaf.get() - 1);
            return Err(unreachable("no queue"));
        }
        let end = Instant::now() + wait;
        loop {
            let letters = self.0.ready(most);
            if !letters.is_empty() || Instant::now() >= end {
                return Ok(letters);
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn hide(&self, letter: &Letter, time: Duration) -> Result<(), Failure> {
        let mut messages = self.0.messages.borrow_mut();
        let mut held = messages
            .iter_mut()
            .filter(|one| one.receipt == letter.receipt);
        let message = held.next().ok_or_else(|| unreachable("not in flight"))?;
        message.visible = Instant::now() + time;
        Ok(())
    }

    async fn remove(&self, letter: &Letter) -> Result<(), Failure> {
        if self.0.hangs.get() > 0 {
            self.0.hangs.set(self.0.hangs.get() - 1);
            std::future::pending::<()>().await;
        }
        let mut messages = self.0.messages.borrow_mut();
        messages.retain(|one| one.receipt != letter.receipt);
        Ok(())
    }

    async fn bury(&self, letter: &Letter, reason: &Failure) -> Result<(), Failure> {
        if self.0.is_full.get() {
            return Err(unreachable("no dead-letter queue"));
        }
        let in_queue = self
            .0
            .messages
            .borrow()
            .iter()
            .any(|one| one.id == letter.id);
        assert!(in_queue, "removed before it was given up");
        self.0
            .buried
            .borrow_mut()
            .push((letter.body.clone(), reason.to_string()));
        Ok(())
    }
}

impl Source for World {
    type Content = Vec<u8>;

    async fn look(&self, bucket: &str, key: &str) -> Result<Option<Head>, Failure> {
        Ok(self
            .0
            .objects
            .borrow()
            .get(key)
            .map(|(version, bytes)| Head {
                bucket: bucket.to_owned(),
                key: key.to_owned(),
                version_id: None,
                etag: format!("\"{version}\""),
                size: u64::try_from(bytes.len()).unwrap(),
                content_type: None,
            }))
    }

    async fn open(&self, bucket: &str, key: &str) -> Result<Option<(Head, Vec<u8>)>, Failure> {
        let head = self.look(bucket, key).await?;
        let bytes = self
            .0
            .objects
            .borrow()
            .get(key)
            .map(|(_, bytes)| bytes.clone());
        let meanwhile = self.0.meanwhile.borrow_mut().take();
        match meanwhile {
            Some((key, Some(bytes))) => self.0.put(&key, &bytes),
            Some((key, None)) => drop(self.0.objects.borrow_mut().remove(&key)),
            None => {}
        }
        Ok(head.zip(bytes))
    }
}

impl Transport for World {
    type Content = Vec<u8>;

    async fn send(&self, request: Outgoing<Vec<u8>>) -> Result<Reply, Failure> {
        let model = &self.0;
        let path = request
            .url
            .strip_prefix("https://cdn.example")
            .unwrap()
            .to_owned();
        let action = request.headers.iter().find(|(name, _)| *name == ACTION);
        let action =
            action.map(|(_, action)| action.trim_start_matches("version=1&action=").to_owned());
        let line = format!("{} {path} {}", request.method, action.unwrap_or_default());
        model.requests.borrow_mut().push(line);
        model.busy.set(model.busy.get() + 1);
        model.busiest.set(model.busiest.get().max(model.busy.get()));
        let _busy = Busy(model);
        let fault = model.faults.borrow_mut().pop_front();
        sleep(Duration::from_millis(10)).await;
        let content = request.content.map(|(content, _)| content);
        let serve = || model.serve(&path, &request.headers, content);
        match fault {
            None if model.is_out.get() => Ok(Reply {
                status: 503,
                ..Reply::default()
            }),
            None => Ok(serve()),
            Some(Fault::Status(status)) => Ok(Reply {
                status,
                ..Reply::default()
            }),
            Some(Fault::Reset) => Err(unreachable("reset")),
            Some(Fault::LostAnswer) => {
                serve();
                Err(unreachable("reset"))
            }
            Some(Fault::Slow(seconds)) => {
                sleep(Duration::from_secs(seconds)).await;
                Ok(serve())
            }
        }
    }
}

/// A request that is on its way, or was dropped.
struct Busy<'a>(&'a Model);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.set(self.0.busy.get() - 1);
    }
}
