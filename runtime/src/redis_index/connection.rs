//! A connection that is made when it is first needed, and made again when it breaks.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind,
};

use crate::failure::{Class, Failure};
use crate::secrets::Secret;

/// How often a request is made that breaks on its way. All of them may be made twice: a write that
/// was done finds that what it replaces is no longer there.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a server is.
#[derive(Clone, Debug)]
pub enum Address {
    /// At this address.
    Plain(String),
    /// At the address that a secret holds, which may change.
    Secret(Secret),
}

impl Address {
    async fn text(&self) -> Result<String, Failure> {
        match self {
            Self::Plain(address) => Ok(address.clone()),
            Self::Secret(secret) => Ok(secret.text().await?.trim().to_owned()),
        }
    }
}

/// A server and the connection to it.
pub(super) struct Server {
    address: Address,
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Server {
    pub(super) const fn new(address: Address) -> Self {
        Self {
            address,
            connection: Mutex::new(None),
        }
    }

    /// Makes a request, and makes it again if the connection breaks.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Failure> {
        let mut attempt = 1;
        loop {
            let problem = match self.try_once(command).await {
                Ok(answer) => return Ok(answer),
                Err(Problem::Redis(problem)) => problem,
                Err(Problem::Address(failure)) => return Err(failure),
            };
            if !is_worth_another(&problem) || attempt == ATTEMPTS {
                return Err(failure(command, &problem));
            }
            tokio::time::sleep(PAUSE * 4_u32.pow(attempt - 1)).await;
            attempt += 1;
        }
    }

    async fn try_once<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Problem> {
        let mut connection = self.connection().await?;
        let answer = command.query_async(&mut connection).await;
        answer.map_err(|problem| {
            // Whatever went wrong, the next request does not start from it. A connection that is
            // fine is made again in a millisecond.
            self.keep(None);
            Problem::Redis(problem)
        })
    }

    async fn connection(&self) -> Result<MultiplexedConnection, Problem> {
        let kept = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(connection) = kept {
            return Ok(connection);
        }
        let address = self.address.text().await.map_err(Problem::Address)?;
        let client = Client::open(address).map_err(|problem| self.no_address(&problem))?;
        let configuration = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let made = client
            .get_multiplexed_async_connection_with_config(&configuration)
            .await;
        let connection = made.map_err(Problem::Redis)?;
        self.keep(Some(connection.clone()));
        Ok(connection)
    }

    fn keep(&self, connection: Option<MultiplexedConnection>) {
        *self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = connection;
    }

    /// The text of the problem could repeat a password.
    fn no_address(&self, problem: &RedisError) -> Problem {
        let what = "no address of a Redis server, such as rediss://user:password@host:6379";
        Problem::Address(match &self.address {
            Address::Secret(secret) => secret.strange(what),
            Address::Plain(address) => {
                Failure::new(Class::Refused, format!("{address}: {what}: {problem}"))
                    .during("Redis")
            }
        })
    }
}

enum Problem {
    Redis(RedisError),
    Address(Failure),
}

fn is_worth_another(problem: &RedisError) -> bool {
    const FOR_NOW: [ServerErrorKind; 3] = [
        ServerErrorKind::BusyLoading,
        ServerErrorKind::MasterDown,
        ServerErrorKind::TryAgain,
    ];
    match problem.kind() {
        ErrorKind::Io => true,
        ErrorKind::Server(kind) => FOR_NOW.contains(&kind),
        _ => false,
    }
}

fn failure(command: &Cmd, problem: &RedisError) -> Failure {
    let code = problem.code().unwrap_or_default();
    let class = match problem.kind() {
        ErrorKind::Io => Class::Unreachable,
        ErrorKind::AuthenticationFailed => Class::AccessDenied,
        _ if matches!(code, "NOPERM" | "NOAUTH" | "WRONGPASS") => Class::AccessDenied,
        ErrorKind::Server(_) if is_worth_another(problem) => Class::ServiceFailed,
        _ => Class::Refused,
    };
    let verb = command.args_iter().next();
    let verb = match verb {
        Some(redis::Arg::Simple(verb)) => String::from_utf8_lossy(verb).into_owned(),
        _ => String::new(),
    };
    Failure::new(class, problem.to_string()).during(format!("Redis {verb}"))
}
