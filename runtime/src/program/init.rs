//! Errors before the first event.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use cloudwright_contract::{EnvironmentError, Handler, Process, UnknownHandler, Variables as _};
use serde_json::json;

const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// How long Lambda may take to accept an error.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why the program cannot take events.
#[derive(Debug)]
pub(super) struct InitError {
    /// As Lambda classes it: `category.reason`.
    kind: &'static str,
    message: String,
}

impl InitError {
    pub(super) const fn configuration(message: String) -> Self {
        Self {
            kind: "Runtime.ConfigInvalid",
            message,
        }
    }

    #[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
    pub(super) fn no_such_handler(unknown: UnknownHandler) -> Self {
        Self {
            kind: "Runtime.NoSuchHandler",
            message: unknown.to_string(),
        }
    }

    /// A handler that exists but is not in this build.
    pub(super) fn left_out(handler: Handler) -> Self {
        Self {
            kind: "Runtime.NoSuchHandler",
            message: format!("the handler {handler} is left out of this program by its features"),
        }
    }

    /// Logs the error and tells Lambda.
    pub(super) fn tell(&self) {
        let Self { kind, message } = self;
        println!(
            "{}",
            json!({"level": "ERROR", "errorType": kind, "message": message})
        );
        let Some(api) = Process.variable(RUNTIME_API) else {
            return;
        };
        if let Err(problem) = self.post(&api) {
            println!(
                "{}",
                json!({"level": "ERROR", "message": format!("/init/error: {problem}")})
            );
        }
    }

    fn post(&self, api: &str) -> io::Result<()> {
        let host = api.trim_start_matches("http://").trim_end_matches('/');
        let body = json!({"errorType": self.kind, "errorMessage": self.message, "stackTrace": []});
        let body = body.to_string();
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let kind = self.kind;
        write!(
            stream,
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        // The answer says nothing that could still be acted on, but the process waits for it.
        stream.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl From<EnvironmentError> for InitError {
    fn from(error: EnvironmentError) -> Self {
        Self::configuration(error.to_string())
    }
}

/// A variable that has to be set.
pub(super) fn required(name: &str, expected: &str) -> Result<String, InitError> {
    let held = Process.variable(name).filter(|text| !text.is_empty());
    held.ok_or_else(|| {
        InitError::from(EnvironmentError {
            variable: name.to_owned(),
            held: None,
            expected: expected.to_owned(),
        })
    })
}

/// The function's name, once everything is there that Lambda sets for every function. By hand the
/// program cannot run, and says so.
pub(super) fn function() -> Result<String, InitError> {
    let expected = "what Lambda sets; to run a handler on one machine, start it by a Runtime API";
    for name in [
        RUNTIME_API,
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    ] {
        required(name, expected)?;
    }
    required("AWS_LAMBDA_FUNCTION_NAME", expected)
}
