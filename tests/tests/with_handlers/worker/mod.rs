//! From a bucket to a NetStorage: the function `forward`, a FIFO queue, and the worker as a process with the
//! environment and the role of its task.

#[cfg(target_os = "linux")]
mod image;
#[cfg(target_os = "linux")]
mod memory;
mod netstorage;
mod rights;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use cloudwright::iam::{Principal, Role, Statement};
use cloudwright::lambda::Handler;
use cloudwright::prelude::*;
use cloudwright_runtime::harness::http::{Reply, Server};
use serde_json::{Value as Document, json as expected};
use tests::engine::Engine;
use tests::tools::{isolated, worker};

use crate::{ACCOUNT, HERE, KEY, aws, deploy, handler, watch};
use netstorage::{CP_CODE, Fault, NetStorage};

/// How long a busy machine may take for anything here.
const PATIENCE: Duration = Duration::from_secs(300);

fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            started.elapsed() < PATIENCE,
            "waited {PATIENCE:?} for {what}"
        );
        thread::sleep(Duration::from_millis(100));
    }
}

/// A bucket whose changes wait in a queue, and the role of who works on them.
struct Source {
    bucket: String,
    queue: String,
    dead_letters: String,
    role: String,
}

impl Source {
    fn deploy(name: &'static str) -> Self {
        let app = App::new();
        let stack = app.stack(name, Environment::new(ACCOUNT, HERE));
        let bucket = stack.add("Bucket", s3::Bucket::new());
        let queue = stack.add(
            "Queue",
            sqs::FifoQueue::new().visibility_timeout(minutes(5)),
        );
        let forward = handler(Handler::Forward).env("QUEUE_URL", queue.url());
        let forward = stack.add("Forward", forward);
        watch(&bucket, &forward);
        queue.grant_send(&forward);
        let dead_letters = queue
            .dead_letter_queue()
            .expect("a queue has one unless told")
            .clone();
        let role = stack.add("Role", Role::assumed_by(Principal::account(ACCOUNT)));
        // As the construct grants it.
        bucket.grant_read_objects(&role);
        role.add_statement(Statement::allow(["s3:ListBucket"]).on(bucket.arn()));
        queue.grant_consume(&role);
        dead_letters.grant_send(&role);
        stack.output("BucketName", bucket.name());
        stack.output("QueueUrl", queue.url());
        stack.output("DeadLettersUrl", dead_letters.url());
        stack.output("RoleArn", role.arn());
        let outputs = deploy(app, &[(name, HERE)]);
        let output = |name: &str| outputs[name].clone();
        Self {
            bucket: output("BucketName"),
            queue: output("QueueUrl"),
            dead_letters: output("DeadLettersUrl"),
            role: output("RoleArn"),
        }
    }

    fn put(&self, key: &str, body: &str) {
        aws(HERE).put_object(&self.bucket, key, body);
    }

    fn delete(&self, key: &str) {
        let object = expected!({ "Bucket": self.bucket, "Key": key });
        aws(HERE).call("s3", "DeleteObject", &object);
    }

    /// Puts a message into the queue that `forward` did not write.
    fn send(&self, body: &str, group: &str) {
        let message = expected!({ "QueueUrl": self.queue, "MessageBody": body,
            "MessageGroupId": group, "MessageDeduplicationId": group });
        aws(HERE).call("sqs", "SendMessage", &message);
    }

    /// How many messages are in a queue, hidden ones included.
    fn count(&self, url: &str) -> u32 {
        let names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ];
        let asked = expected!({ "QueueUrl": url, "AttributeNames": names });
        let answer = aws(HERE).call("sqs", "GetQueueAttributes", &asked);
        let number = |name: &&str| answer["Attributes"][name].as_str()?.parse::<u32>().ok();
        names.iter().filter_map(number).sum()
    }

    /// Waits until so many messages are in the queue: `forward` has told of everything.
    fn await_count(&self, messages: u32) {
        wait_for("the messages", || {
            (self.count(&self.queue) == messages).then_some(())
        });
    }

    fn await_empty(&self) {
        wait_for("an empty queue", || {
            (self.count(&self.queue) == 0).then_some(())
        });
    }
}

/// Gives out the credentials of a role, as Amazon ECS does at an address of the container's own.
fn credentials(role: &str) -> Server {
    let asked = expected!({ "RoleArn": role, "RoleSessionName": "task" });
    let held = aws(HERE).call("sts", "AssumeRole", &asked)["Credentials"].take();
    let answer = expected!({
        "AccessKeyId": held["AccessKeyId"], "SecretAccessKey": held["SecretAccessKey"],
        "Token": held["SessionToken"], "Expiration": "2099-01-01T00:00:00Z", "RoleArn": role,
    });
    let server = Server::start(move |_| Reply::new(200, answer.to_string()));
    server.expect("a free port")
}

/// A worker that runs; it is killed when it is dropped.
struct Running {
    process: Child,
    log: Arc<Mutex<Vec<String>>>,
    _credentials: Server,
}

impl Running {
    fn start(source: &Source, storage: &NetStorage, more: &[(&str, &str)]) -> Self {
        Self::start_of(&worker(), source, storage, more)
    }

    fn start_of(
        program: &Path,
        source: &Source,
        storage: &NetStorage,
        more: &[(&str, &str)],
    ) -> Self {
        let credentials = credentials(&source.role);
        let mut command: Command = isolated(program);
        command
            .env("AWS_REGION", HERE)
            .env("AWS_ENDPOINT_URL", Engine::shared().endpoint())
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", credentials.url())
            .env("QUEUE_URL", &source.queue)
            .env("DEAD_LETTER_URL", &source.dead_letters)
            .env("SINK", "netstorage")
            .env("NS_CPCODE", CP_CODE)
            .env("NS_HOSTNAME", storage.url())
            .env("NS_USER", netstorage::USER)
            .env("NS_KEY", netstorage::KEY)
            .env("WAIT_SECONDS", "1")
            .env("RETRY_SECONDS", "1")
            .envs(more.iter().copied());
        let mut process = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the worker starts");
        let log = Arc::<Mutex<Vec<String>>>::default();
        let lines = BufReader::new(process.stdout.take().expect("its output is piped")).lines();
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        Self {
            process,
            log,
            _credentials: credentials,
        }
    }

    fn says(&self, text: &str) -> bool {
        self.log
            .lock()
            .unwrap()
            .iter()
            .any(|line| line.contains(text))
    }

    fn await_line(&self, text: &str) {
        wait_for(text, || self.says(text).then_some(()));
    }

    fn terminate(&self) {
        let kill = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        assert!(kill.is_ok_and(|status| status.success()));
    }

    /// Whether it ended by itself with success.
    fn ended(&mut self) -> bool {
        let status = wait_for("the worker's end", || {
            self.process.try_wait().ok().flatten()
        });
        status.success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            println!("{}", self.log.lock().unwrap().join("\n"));
        }
    }
}

fn encoded(key: &str) -> String {
    cloudwright_runtime::intake::encode_path(key)
}

#[test]
fn what_is_put_into_the_bucket_is_served_and_what_is_removed_is_not() {
    let source = Source::deploy("Carried");
    let storage = NetStorage::start();
    let odd = KEY.trim_end_matches("//..");
    let large = "0123456789abcdef".repeat(200_000);
    for (key, body) in [
        (odd, "first"),
        ("large", &*large),
        ("/slash", ""),
        ("gone", "x"),
    ] {
        source.put(key, body);
    }
    source.await_count(4);
    let mut worker = Running::start(&source, &storage, &[]);
    source.await_empty();
    assert_eq!(storage.file(&encoded(odd)).as_deref(), Some(&b"first"[..]));
    assert_eq!(
        storage.file("large").map(|file| file == large.as_bytes()),
        Some(true)
    );
    assert_eq!(storage.file("/slash").as_deref(), Some(&b""[..]));

    // In order for each object, whatever becomes of the others.
    source.put(odd, "second");
    source.delete("gone");
    wait_for("the second content", || {
        (storage.file(&encoded(odd)).as_deref() == Some(b"second")).then_some(())
    });
    wait_for("the removal", || {
        storage.file("gone").is_none().then_some(())
    });
    source.await_empty();
    assert_eq!(source.count(&source.dead_letters), 0);

    worker.terminate();
    assert!(worker.ended(), "{:?}", worker.log);
}

#[test]
fn whatever_fails_for_a_while_nothing_is_lost_and_nothing_acknowledged_early() {
    let source = Source::deploy("Troubled");
    let storage = NetStorage::start();
    storage.state.lock().unwrap().ahead = 7_200;
    let trouble = [
        Fault::Status(503),
        Fault::Reset,
        Fault::Slow(Duration::from_secs(8)),
        Fault::Status(500),
    ];
    storage.fail(trouble);
    for number in 0..6 {
        source.put(&format!("film-{number}"), &"film".repeat(number + 1));
    }
    source.await_count(6);
    // Each is hidden for less time than the slow one takes.
    let short = [
        ("VISIBILITY_SECONDS", "6"),
        ("MAX_RECEIVES", "50"),
        ("CONCURRENCY", "2"),
    ];
    let killed = Running::start(&source, &storage, &short);
    killed.await_line("clock is 7200 s behind the server's");
    wait_for("an upload", || {
        (storage.state.lock().unwrap().begun > 0).then_some(())
    });
    drop(killed);

    let worker = Running::start(&source, &storage, &short);
    source.await_empty();
    for number in 0..6 {
        let file = storage.file(&format!("film-{number}"));
        assert_eq!(
            file,
            Some("film".repeat(number + 1).into_bytes()),
            "film-{number}"
        );
    }
    assert_eq!(source.count(&source.dead_letters), 0);
    assert!(storage.state.lock().unwrap().faults.is_empty());
    drop(worker);
}

#[test]
fn a_worker_that_is_told_to_stop_returns_what_is_not_done() {
    let source = Source::deploy("Stopped");
    let storage = NetStorage::start();
    storage.fail([Fault::Slow(Duration::from_secs(600))]);
    source.put("slow", "x");
    source.await_count(1);
    let patient = [("GRACE_SECONDS", "1"), ("VISIBILITY_SECONDS", "3600")];
    let mut worker = Running::start(&source, &storage, &patient);
    wait_for("an upload", || {
        (storage.state.lock().unwrap().begun == 1).then_some(())
    });
    worker.terminate();
    assert!(worker.ended(), "{:?}", worker.log);
    assert!(worker.says("not done in time, returned"));
    // The message is there at once, long before its hour is over.
    let _next = Running::start(&source, &storage, &patient);
    source.await_empty();
    assert_eq!(storage.file("slow").as_deref(), Some(&b"x"[..]));
}

#[test]
fn what_can_never_be_carried_is_among_dead_letters_with_the_reason_and_the_original() {
    let source = Source::deploy("Refused");
    let storage = NetStorage::start();
    source.put("a/../../secret", "x");
    source.send("no JSON at all", "torn");
    source.put("fine", "y");
    source.await_count(3);
    let mut worker = Running::start(&source, &storage, &[("UNTIL_EMPTY", "true")]);
    assert!(worker.ended(), "{:?}", worker.log);
    assert_eq!(storage.state.lock().unwrap().files.len(), 1);
    assert_eq!(source.count(&source.queue), 0);
    let mut letters = Vec::new();
    wait_for("both letters", || {
        let look = expected!({ "QueueUrl": source.dead_letters, "MaxNumberOfMessages": 10,
            "MessageAttributeNames": ["All"] });
        let answer = aws(HERE).call("sqs", "ReceiveMessage", &look);
        letters.extend(answer["Messages"].as_array().into_iter().flatten().cloned());
        (letters.len() == 2).then_some(())
    });
    let attribute =
        |letter: &Document, name: &str| letter["MessageAttributes"][name]["StringValue"].clone();
    let of = |text: &str| {
        let holds = |letter: &&Document| letter["Body"].as_str().unwrap().contains(text);
        letters.iter().find(holds).expect(text).clone()
    };
    let torn = of("no JSON at all");
    assert_eq!(torn["Body"], "no JSON at all");
    assert_eq!(attribute(&torn, "ErrorType"), "UnreadableEvent");
    let outside = of("a/../../secret");
    let body: Document = serde_json::from_str(outside["Body"].as_str().unwrap()).unwrap();
    assert_eq!(body["key"], "a/../../secret");
    let reason = attribute(&outside, "Reason");
    assert!(
        reason.as_str().unwrap().contains("leads to another path"),
        "{reason}"
    );
}

#[test]
fn a_worker_that_is_set_up_wrong_takes_no_message() {
    let source = Source::deploy("Wrong");
    let storage = NetStorage::start();
    source.put("a", "x");
    source.await_count(1);
    for (name, held, said) in [
        ("NS_KEY", "", "environment variable NS_KEY is not set"),
        (
            "NS_KEY",
            "another",
            "NetStorage stat: HTTP status 403: Unauthorized",
        ),
        ("NS_CPCODE", "654321", "no CP code 654321"),
        ("SINK", "ftp", "expected netstorage or http"),
    ] {
        let mut worker = Running::start(&source, &storage, &[(name, held)]);
        assert!(!worker.ended());
        worker.await_line(said);
    }
    let names =
        expected!({ "QueueUrl": source.queue, "AttributeNames": ["ApproximateNumberOfMessages"] });
    let answer = aws(HERE).call("sqs", "GetQueueAttributes", &names);
    assert_eq!(answer["Attributes"]["ApproximateNumberOfMessages"], "1");
}
