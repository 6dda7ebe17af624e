//! A Runtime API for tests: it starts a function's program as Lambda does, gives it events, and says
//! what came of them.
//!
//! ```no_run
//! use cloudwright_runtime::harness::Function;
//! use serde_json::json;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let function = Function::new("target/handlers-dev/bootstrap", "forward")
//!     .variable("QUEUE_URL", "http://127.0.0.1:4566/000000000000/uploads")
//!     .variable("AWS_ENDPOINT_URL", "http://127.0.0.1:4566");
//! let mut instance = function.start()?;
//! let answer = instance.invoke(&json!({"Records": []}));
//! assert!(answer.is_ok(), "{answer:?}\n{}", instance.logs().join("\n"));
//! # Ok(())
//! # }
//! ```
//!
//! The program sees nothing of the environment of the test: no credentials, no endpoint and no
//! proxy of the machine. It speaks the
//! [Runtime API](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) only, so it may be
//! written in any language.

mod api;
pub mod http;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use api::{Api, Heard};

/// How long a program may take before it asks for its first event: as long as Lambda gives it.
const INIT_TIME: Duration = Duration::from_secs(10);

/// How long a line of the log may take to arrive.
const LOG_TIME: Duration = Duration::from_secs(5);

/// How often it is looked whether the program still runs.
const PAUSE: Duration = Duration::from_millis(10);

/// A function to start: its program, its handler and its environment.
#[derive(Clone, Debug)]
pub struct Function {
    program: PathBuf,
    arguments: Vec<String>,
    variables: BTreeMap<String, String>,
    timeout: Duration,
}

/// A running program.
#[derive(Debug)]
pub struct Instance {
    process: Child,
    api: Api,
    logs: Logs,
    init_time: Duration,
    timeout: Duration,
}

/// How an invocation or the start of a program failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The type, such as `AccessDenied`, as the program gave it; `Runtime.ExitError` and
    /// `Sandbox.Timedout` as Lambda does.
    pub kind: String,
    /// The text.
    pub message: String,
    /// What the program sent, if it sent something.
    pub sent: Value,
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for FunctionError {}

impl FunctionError {
    fn new(kind: &str, message: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.into(),
            sent: Value::Null,
        }
    }

    fn told(sent: Value) -> Self {
        let text = |name: &str| sent[name].as_str().unwrap_or_default().to_owned();
        Self {
            kind: text("errorType"),
            message: text("errorMessage"),
            sent,
        }
    }
}

impl From<io::Error> for FunctionError {
    fn from(problem: io::Error) -> Self {
        Self::new("Runtime.InvalidEntrypoint", problem.to_string())
    }
}

impl Function {
    /// The function with this program and `Handler`, in `eu-central-1`, with 60 seconds for an
    /// invocation.
    #[must_use]
    pub fn new(program: impl AsRef<Path>, handler: &str) -> Self {
        let variables = [
            ("_HANDLER", handler),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_LAMBDA_FUNCTION_NAME", "function"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/function"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            variables: variables.into_iter().map(owned).collect(),
            timeout: Duration::from_secs(60),
        }
    }

    /// Adds an argument of the program, for an interpreter.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Leaves out a variable that is set by default.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// Sets how long an invocation may take.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Starts the program and waits until it asks for its first event.
    ///
    /// # Errors
    /// What it reported instead, or that it ended or took too long.
    pub fn start(&self) -> Result<Instance, FunctionError> {
        let started = Instant::now();
        let api = Api::start()?;
        let mut process = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(&self.variables)
            .env("AWS_LAMBDA_RUNTIME_API", api.host())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let logs = Logs::default();
        logs.read(process.stdout.take());
        logs.read(process.stderr.take());
        let mut instance = Instance {
            process,
            api,
            logs,
            init_time: Duration::ZERO,
            timeout: self.timeout,
        };
        match instance.hear(INIT_TIME)? {
            Heard::Ready => {
                instance.init_time = started.elapsed();
                Ok(instance)
            }
            Heard::InitError(error) | Heard::Error(error) => Err(FunctionError::told(error)),
            Heard::Response(_) => Err(FunctionError::new("Runtime.Unknown", "an early response")),
        }
    }
}

impl Instance {
    /// Gives the program an event and waits for its answer.
    ///
    /// # Errors
    /// The error that it reported, or that it ended or took too long.
    pub fn invoke(&mut self, event: &Value) -> Result<Value, FunctionError> {
        self.invoke_text(&event.to_string())
    }

    /// As [`Instance::invoke`], with an event that need not be JSON.
    ///
    /// # Errors
    /// The error that it reported, or that it ended or took too long.
    pub fn invoke_text(&mut self, event: &str) -> Result<Value, FunctionError> {
        self.api.give(event, self.timeout);
        self.answer()
    }

    /// Gives the program all these events, so that the next one waits for it whenever it asks, as in a burst of
    /// invocations; and waits for its answers, in their order.
    pub fn invoke_all(&mut self, events: &[Value]) -> Vec<Result<Value, FunctionError>> {
        for event in events {
            self.api.give(&event.to_string(), self.timeout);
        }
        events.iter().map(|_| self.answer()).collect()
    }

    /// The program's answer to the first event that it has not answered.
    fn answer(&mut self) -> Result<Value, FunctionError> {
        loop {
            match self.hear(self.timeout)? {
                Heard::Ready => {}
                Heard::Response(answer) => return Ok(answer),
                Heard::Error(error) | Heard::InitError(error) => {
                    return Err(FunctionError::told(error));
                }
            }
        }
    }

    /// From the start of the process to the moment at which it asked for its first event.
    #[must_use]
    pub const fn init_time(&self) -> Duration {
        self.init_time
    }

    /// The id of the process, to look up its memory and processor time.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The lines that the program has written so far, to either output.
    #[must_use]
    pub fn logs(&self) -> Vec<String> {
        self.logs.lines()
    }

    /// The first log line that is a JSON object and as wanted. What a program writes before it
    /// answers can come after the answer, so this waits for it a little.
    #[must_use]
    pub fn record(&self, is_wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        let started = Instant::now();
        while started.elapsed() < LOG_TIME {
            let lines = self.logs().into_iter();
            let mut records = lines.filter_map(|line| serde_json::from_str::<Value>(&line).ok());
            let found = records.find(|record| record.is_object() && is_wanted(record));
            if found.is_some() {
                return found;
            }
            thread::sleep(PAUSE);
        }
        None
    }

    /// What the program says next. One that takes too long is ended, as by Lambda.
    fn hear(&mut self, patience: Duration) -> Result<Heard, FunctionError> {
        let started = Instant::now();
        loop {
            // Before the last look, so that what an ended program has said is heard.
            let ended = self.process.try_wait()?;
            if let Some(heard) = self.api.hear(PAUSE) {
                return Ok(heard);
            }
            if let Some(status) = ended {
                let message = format!("the program ended: {status}\n{}", self.logs().join("\n"));
                return Err(FunctionError::new("Runtime.ExitError", message));
            }
            if started.elapsed() > patience {
                self.process.kill()?;
                let message = format!("timed out after {} s", patience.as_secs_f32());
                return Err(FunctionError::new("Sandbox.Timedout", message));
            }
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Clone, Debug, Default)]
struct Logs(Arc<Mutex<Vec<String>>>);

impl Logs {
    fn read(&self, output: Option<impl Read + Send + 'static>) {
        let lines = Arc::clone(&self.0);
        thread::spawn(move || {
            let reader = output.map(BufReader::new);
            for line in reader.into_iter().flat_map(BufRead::lines) {
                let Ok(line) = line else { return };
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.push(line);
            }
        });
    }

    fn lines(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.clone()
    }
}
