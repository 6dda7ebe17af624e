//! The environment of the `worker`: the program of a container that carries objects to where they are served from.

use std::fmt;
use std::ops::RangeInclusive;

use crate::environment::{
    EnvironmentError, Process, Reader, Variable, Variables, missing, variable,
};

const QUEUE_URL: &str = "QUEUE_URL";
const DEAD_LETTER_URL: &str = "DEAD_LETTER_URL";
const SINK: &str = "SINK";
const CP_CODE: &str = "NS_CPCODE";
const PREFIX: &str = "NS_PREFIX";
const HOSTNAME: &str = "NS_HOSTNAME";
const USER: &str = "NS_USER";
const KEY: &str = "NS_KEY";
const SINK_URL: &str = "SINK_URL";
const AUTHORIZATION: &str = "SINK_AUTHORIZATION";
const VISIBILITY: &str = "VISIBILITY_SECONDS";
const RECEIVES: &str = "MAX_RECEIVES";
const CONCURRENCY: &str = "CONCURRENCY";
const ATTEMPTS: &str = "SINK_ATTEMPTS";
const RETRY: &str = "RETRY_SECONDS";
const GRACE: &str = "GRACE_SECONDS";
const WAIT: &str = "WAIT_SECONDS";
const UNTIL_EMPTY: &str = "UNTIL_EMPTY";
const HEALTH_PORT: &str = "HEALTH_PORT";

const EXPECTED_QUEUE: &str = "the URL of an SQS queue, such as https://sqs.eu-central-1.amazonaws.com/123456789012/uploads.fifo";
const EXPECTED_CP_CODE: &str = "a CP code: up to 10 digits, such as 123456";
const EXPECTED_PREFIX: &str = "a folder below the CP code without a slash at its ends and without `.` and `..`, such as media/films";
const EXPECTED_HOSTNAME: &str = "the host of a storage group, such as example-nsu.akamaihd.net (http://127.0.0.1:PORT for tests)";
const EXPECTED_URL: &str = "https://host/path (http:// only for 127.0.0.1 and localhost, since contents would be readable)";

/// How the `worker` is set up: it takes messages of changed objects out of a queue and makes a sink hold what the
/// bucket holds.
///
/// `V` is what a value is: text in the program, text or a token in a construct. What is secret is no part of it:
/// see [`Login`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Worker<V = String> {
    /// The URL of the SQS queue, of either kind.
    pub queue_url: V,
    /// The URL of the queue of the same kind to which a message is sent that is given up, with the reason.
    pub dead_letter_url: V,
    /// Where objects go.
    pub sink: SinkPlan<V>,
    /// For how long a message is hidden from others, in seconds: 3 to 43,200, by default 120. It is hidden again
    /// three times in this time while work on it goes on.
    pub visibility: u64,
    /// How often a message is received before it is given up: 1 to 1,000, by default 5.
    pub receives: u32,
    /// How many objects are carried at the same time: 1 to 256, by default 16.
    pub concurrency: u32,
    /// How often an object is tried each time that its message is received: 1 to 10, by default 3.
    pub attempts: u32,
    /// For how long a message that failed is left alone at first, in seconds: 0 to 900, by default 30. It
    /// doubles each time, up to 900.
    pub retry: u64,
    /// How long work may go on after the program was told to stop, in seconds: 0 to 115, by default 25. Then
    /// its messages are returned.
    pub grace: u64,
    /// How long the queue may be asked for messages in one request, in seconds: 0 to 20, by default 20.
    pub wait: u64,
    /// Ends the program when the queue has nothing more to give. False by default.
    pub until_empty: bool,
    /// The port of 127.0.0.1 at which the program says whether it is well; none by default.
    pub health_port: Option<u16>,
}

/// Where objects go.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum SinkPlan<V = String> {
    /// Akamai NetStorage, by its HTTP API.
    #[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
    NetStorage {
        /// The CP code: the directory at the top of a storage group that takes the uploads.
        cp_code: V,
        /// A folder below it; none by default.
        prefix: Option<String>,
    },
    /// A server that takes `PUT` and `DELETE`.
    Http {
        /// What stands before each key, without a slash at its end.
        url: V,
    },
}

/// What the worker proves itself with to a sink; Amazon ECS puts it into the environment, from a secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// A user of a storage group.
    NetStorage {
        /// The group's host.
        hostname: String,
        /// The name of the key.
        user: String,
        /// The key.
        key: String,
    },
    /// The header `Authorization`, if there is one.
    Http(Option<String>),
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

impl Login {
    /// What has to be in the secret of a NetStorage sink: keys of its JSON, and variables of the same names.
    pub const NET_STORAGE: [&str; 3] = [HOSTNAME, USER, KEY];
    /// The variable with the `Authorization` header of an HTTP sink.
    pub const AUTHORIZATION: &str = AUTHORIZATION;

    /// Reads what the sink needs from the environment of this process.
    ///
    /// # Errors
    /// If a variable is missing or wrong; what it held is not in the error.
    pub fn from_env(sink: &SinkPlan) -> Result<Self, EnvironmentError> {
        Self::read(sink, &Process)
    }

    /// Reads the given variables.
    ///
    /// # Errors
    /// If a variable is missing or wrong; what it held is not in the error.
    pub fn read(sink: &SinkPlan, variables: &impl Variables) -> Result<Self, EnvironmentError> {
        let reader = Reader(variables);
        let header = |text: &str| text.bytes().all(|byte| (b' '..0x7f).contains(&byte));
        let secret = |name: &str, expected: &str, is: fn(&str) -> bool| {
            let held = reader.required(name, expected)?;
            let held = held.trim().to_owned();
            let fits = header(&held) && is(&held);
            fits.then_some(held).ok_or_else(|| missing(name, expected))
        };
        Ok(match sink {
            SinkPlan::NetStorage { .. } => Self::NetStorage {
                hostname: secret(HOSTNAME, EXPECTED_HOSTNAME, is_host)?,
                user: secret(USER, "the name of an upload account's key", |user| {
                    !user.contains(',') && !user.is_empty()
                })?,
                key: secret(KEY, "the key of that upload account", |key| !key.is_empty())?,
            },
            SinkPlan::Http { .. } => Self::Http(match reader.optional(AUTHORIZATION) {
                None => None,
                Some(_) => Some(secret(
                    AUTHORIZATION,
                    "a header, such as Bearer ..",
                    |_| true,
                )?),
            }),
        })
    }
}

impl<V> Worker<V> {
    /// Carries what this queue tells of to the sink.
    #[must_use]
    pub const fn new(queue_url: V, dead_letter_url: V, sink: SinkPlan<V>) -> Self {
        Self {
            queue_url,
            dead_letter_url,
            sink,
            visibility: 120,
            receives: 5,
            concurrency: 16,
            attempts: 3,
            retry: 30,
            grace: 25,
            wait: 20,
            until_empty: false,
            health_port: None,
        }
    }

    /// The variables to set on the container; `literal` makes a value of plain text.
    #[must_use]
    pub fn variables(self, literal: impl Fn(String) -> V) -> Vec<(String, V)> {
        let number = |number: u64| Some(literal(number.to_string()));
        let (kind, sink) = match self.sink {
            SinkPlan::NetStorage { cp_code, prefix } => {
                let prefix = prefix.map(&literal);
                ("netstorage", [(CP_CODE, Some(cp_code)), (PREFIX, prefix)])
            }
            SinkPlan::Http { url } => ("http", [(SINK_URL, Some(url)), (PREFIX, None)]),
        };
        let port = self.health_port.map(|port| literal(port.to_string()));
        let variables = [
            (QUEUE_URL, Some(self.queue_url)),
            (DEAD_LETTER_URL, Some(self.dead_letter_url)),
            (SINK, Some(literal(kind.to_owned()))),
            (VISIBILITY, number(self.visibility)),
            (RECEIVES, number(self.receives.into())),
            (CONCURRENCY, number(self.concurrency.into())),
            (ATTEMPTS, number(self.attempts.into())),
            (RETRY, number(self.retry)),
            (GRACE, number(self.grace)),
            (WAIT, number(self.wait)),
            (
                UNTIL_EMPTY,
                self.until_empty.then(|| literal("true".to_owned())),
            ),
            (HEALTH_PORT, port),
        ];
        let set = |(name, value): (&str, Option<V>)| Some((name.to_owned(), value?));
        variables.into_iter().chain(sink).filter_map(set).collect()
    }
}

impl Worker {
    /// The variable with the name that its metrics have in place of a function's, `worker` without it.
    pub const NAME: &str = "WORKER_NAME";
    /// The metric that tells of a worker which bucket or sink does not let in: it is counted when the worker ends by that before
    /// it has taken a message, and each time that it asks for work after objects in a row were refused.
    pub const NOT_LET_IN: &str = "NotLetIn";
    /// For how long a message can be hidden, in seconds.
    pub const VISIBILITY: RangeInclusive<u64> = 3..=43_200;
    /// How often a message can be received.
    pub const RECEIVES: RangeInclusive<u32> = 1..=1_000;
    /// How many objects can be carried at the same time.
    pub const CONCURRENCY: RangeInclusive<u32> = 1..=256;
    /// How often an object can be tried each time.
    pub const ATTEMPTS: RangeInclusive<u32> = 1..=10;
    /// For how long a message that failed can be left alone at first, in seconds.
    pub const RETRY: RangeInclusive<u64> = 0..=900;
    /// How long work may go on after the end, in seconds.
    pub const GRACE: RangeInclusive<u64> = 0..=115;

    /// The variables and what they hold.
    pub const VARIABLES: &[Variable] = &[
        variable(
            QUEUE_URL,
            "the URL of the queue with what changed; of either kind",
        ),
        variable(
            DEAD_LETTER_URL,
            "the URL of the queue, of the same kind, to which given-up messages are sent with the reason",
        ),
        variable(SINK, "`netstorage` or `http`: where objects go"),
        variable(CP_CODE, "NetStorage: the CP code that takes the uploads"),
        variable(
            PREFIX,
            "NetStorage: a folder below the CP code; none by default",
        ),
        variable(
            HOSTNAME,
            "NetStorage: the host of the storage group; from the secret",
        ),
        variable(
            USER,
            "NetStorage: the name of the upload account's key; from the secret",
        ),
        variable(KEY, "NetStorage: the key; from the secret"),
        variable(SINK_URL, "HTTP: what stands before each key"),
        variable(
            AUTHORIZATION,
            "HTTP: the header `Authorization`, from a secret; none by default",
        ),
        variable(
            VISIBILITY,
            "for how long a message is hidden from others, in seconds, again and again while work goes on; by default 120",
        ),
        variable(
            RECEIVES,
            "how often a message is received before it is given up; by default 5",
        ),
        variable(
            CONCURRENCY,
            "how many objects are carried at the same time; by default 16",
        ),
        variable(
            ATTEMPTS,
            "how often an object is tried each time; by default 3",
        ),
        variable(
            RETRY,
            "for how long a message that failed is left alone at first, in seconds; it doubles; by default 30",
        ),
        variable(
            GRACE,
            "how long work may go on after SIGTERM, in seconds; by default 25",
        ),
        variable(
            WAIT,
            "how long the queue may take to answer, in seconds, up to 20; by default 20",
        ),
        variable(
            UNTIL_EMPTY,
            "`true` or `false`: ends when the queue has nothing more to give; by default false",
        ),
        variable(
            HEALTH_PORT,
            "the port of 127.0.0.1 at which `worker health` asks; none by default",
        ),
    ];

    /// Whether this is a CP code.
    #[must_use]
    pub fn takes_cp_code(text: &str) -> bool {
        (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Whether this is a folder below a CP code: no slash at its ends, and nothing that leads out of it.
    #[must_use]
    pub fn takes_prefix(text: &str) -> bool {
        let is_name = |part: &str| !matches!(part, "" | "." | "..");
        text.split('/').all(is_name) && !text.contains(char::is_control)
    }

    /// Whether objects can be sent to this address: `https://host/path`, and `http://` only on this machine.
    #[must_use]
    pub fn takes_url(text: &str) -> bool {
        crate::Submit::takes(text) && !text.contains('?') && !text.ends_with('/')
    }

    /// Reads the environment of this process.
    ///
    /// # Errors
    /// If a variable is missing or wrong.
    pub fn from_env() -> Result<Self, EnvironmentError> {
        Self::read(&Process)
    }

    /// Reads the given variables.
    ///
    /// # Errors
    /// If a variable is missing or wrong.
    pub fn read(variables: &impl Variables) -> Result<Self, EnvironmentError> {
        let reader = Reader(variables);
        let url = |name| required(&reader, name, EXPECTED_QUEUE, crate::forward::is_url);
        let flag = |name| reader.parsed(name, "true or false", |text| text.parse().ok());
        let port = |text: &str| text.parse().ok().filter(|port| *port > 0);
        Ok(Self {
            queue_url: url(QUEUE_URL)?,
            dead_letter_url: url(DEAD_LETTER_URL)?,
            sink: sink(&reader)?,
            visibility: reader.number(VISIBILITY, Self::VISIBILITY, 120)?,
            receives: reader.number(RECEIVES, Self::RECEIVES, 5)?,
            concurrency: reader.number(CONCURRENCY, Self::CONCURRENCY, 16)?,
            attempts: reader.number(ATTEMPTS, Self::ATTEMPTS, 3)?,
            retry: reader.number(RETRY, Self::RETRY, 30)?,
            grace: reader.number(GRACE, Self::GRACE, 25)?,
            wait: reader.number(WAIT, 0..=20, 20)?,
            until_empty: flag(UNTIL_EMPTY)?.unwrap_or_default(),
            health_port: reader.parsed(HEALTH_PORT, "a port from 1 to 65535", port)?,
        })
    }

    /// Whether the queue keeps the order of messages of a group.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.queue_url.ends_with(".fifo")
    }
}

fn required<E: Variables + ?Sized>(
    reader: &Reader<'_, E>,
    name: &str,
    expected: &str,
    is: fn(&str) -> bool,
) -> Result<String, EnvironmentError> {
    let text = |text: &str| is(text).then(|| text.to_owned());
    let found = reader.parsed(name, expected, text)?;
    found.ok_or_else(|| missing(name, expected))
}

fn sink<E: Variables + ?Sized>(reader: &Reader<'_, E>) -> Result<SinkPlan, EnvironmentError> {
    const KINDS: &str = "netstorage or http";
    let is_kind = |text: &str| matches!(text, "netstorage" | "http");
    let prefix = |text: &str| Worker::takes_prefix(text).then(|| text.to_owned());
    Ok(match &*required(reader, SINK, KINDS, is_kind)? {
        "http" => SinkPlan::Http {
            url: required(reader, SINK_URL, EXPECTED_URL, Worker::takes_url)?,
        },
        _ => SinkPlan::NetStorage {
            cp_code: required(reader, CP_CODE, EXPECTED_CP_CODE, Worker::takes_cp_code)?,
            prefix: reader.parsed(PREFIX, EXPECTED_PREFIX, prefix)?,
        },
    })
}

/// A host with or without a port; with a scheme only on this machine.
fn is_host(text: &str) -> bool {
    if let Some(local) = text.strip_prefix("http://") {
        let host = local.split(':').next().unwrap_or(local);
        return matches!(host, "127.0.0.1" | "localhost") && !local.contains('/');
    }
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    text.contains('.') && text.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn plan() -> Worker {
        let url = |name| format!("https://sqs.eu-central-1.amazonaws.com/123456789012/{name}");
        let sink = SinkPlan::NetStorage {
            cp_code: "123456".to_owned(),
            prefix: Some("media/films".to_owned()),
        };
        Worker {
            visibility: 300,
            receives: 7,
            concurrency: 3,
            attempts: 2,
            retry: 0,
            grace: 100,
            wait: 1,
            until_empty: true,
            health_port: Some(8_080),
            ..Worker::new(url("a.fifo"), url("b.fifo"), sink)
        }
    }

    fn written(plan: Worker) -> BTreeMap<String, String> {
        plan.variables(|text| text).into_iter().collect()
    }

    #[test]
    fn what_a_construct_writes_the_program_reads() {
        assert_eq!(Worker::read(&written(plan())), Ok(plan()));
        let url = "https://cdn.example/media".to_owned();
        let other = Worker::new(
            plan().queue_url,
            plan().dead_letter_url,
            SinkPlan::Http { url },
        );
        assert_eq!(Worker::read(&written(other.clone())), Ok(other));
        assert!(plan().is_fifo());
    }

    #[test]
    fn what_is_wrong_is_named_and_what_is_missing() {
        let table = [
            (QUEUE_URL, "arn:aws:sqs:eu-central-1:123456789012:uploads"),
            (SINK, "ftp"),
            (CP_CODE, "12a"),
            (CP_CODE, "../1"),
            (PREFIX, "/media"),
            (PREFIX, "a/../b"),
            (PREFIX, "media/"),
            (VISIBILITY, "2"),
            (CONCURRENCY, "0"),
            (WAIT, "21"),
            (UNTIL_EMPTY, "yes"),
            (HEALTH_PORT, "0"),
        ];
        for (name, wrong) in table {
            let mut variables = written(plan());
            variables.insert(name.to_owned(), wrong.to_owned());
            let error = Worker::read(&variables).unwrap_err();
            assert_eq!(
                (&*error.variable, error.held.as_deref()),
                (name, Some(wrong))
            );
        }
        for name in [QUEUE_URL, DEAD_LETTER_URL, SINK, CP_CODE] {
            let mut variables = written(plan());
            variables.remove(name);
            let error = Worker::read(&variables).unwrap_err();
            assert_eq!((&*error.variable, error.held), (name, None));
        }
    }

    #[test]
    fn contents_are_sent_where_nobody_else_reads_them() {
        assert!(Worker::takes_url("https://cdn.example/media"));
        assert!(Worker::takes_url("http://127.0.0.1:8080/x"));
        for wrong in [
            "http://cdn.example/media",
            "https://cdn.example/",
            "https://a/b?c",
        ] {
            assert!(!Worker::takes_url(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_secret_without_its_keys_is_told_and_no_error_shows_what_one_held() {
        let sink = plan().sink;
        let login = |pairs: &[(&'static str, &str)]| {
            let pairs = pairs.iter().map(|(name, held)| (*name, (*held).to_owned()));
            Login::read(&sink, &pairs.collect::<BTreeMap<_, _>>())
        };
        let host = (HOSTNAME, "example-nsu.akamaihd.net");
        let whole = login(&[host, (USER, "key1"), (KEY, " abc\n")]).unwrap();
        assert_eq!(format!("{whole:?}"), "Login(..)");
        assert!(matches!(whole, Login::NetStorage { key, .. } if key == "abc"));
        let table = [
            (vec![host, (USER, "key1")], KEY),
            (vec![host, (KEY, "abc")], USER),
            (vec![(USER, "key1"), (KEY, "abc")], HOSTNAME),
            (vec![host, (USER, "a,b"), (KEY, "abc")], USER),
            (vec![host, (USER, "key1"), (KEY, "a\u{e9}c")], KEY),
            (
                vec![
                    (HOSTNAME, "http://far.example"),
                    (USER, "key1"),
                    (KEY, "abc"),
                ],
                HOSTNAME,
            ),
        ];
        for (pairs, name) in table {
            let error = login(&pairs).unwrap_err();
            assert_eq!((&*error.variable, error.held), (name, None));
        }
    }
}
