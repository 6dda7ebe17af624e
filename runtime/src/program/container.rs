//! The program `worker`, in a container: it works until it is told to stop.
//!
//! It cannot be told what is wrong with its set-up by anybody but its log and its end: it says in one line what
//! it needs, and ends with 1 before it has taken a message.

use std::io::{Read as _, Write as _, stdout};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use aws_types::SdkConfig;
use cloudwright_contract::{Login, SinkPlan, Worker as Plan};
use futures_util::future::{Either, select};
use hmac_sha256::Hash;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

use super::init::InitError;
use super::surroundings::{self, set};
use super::task_role::TaskRole;
use crate::journal::Journal;
use crate::mailbox::Queues;
use crate::s3::Contents;
use crate::worker::ports::{Sink, Source};
use crate::worker::sink::HttpPut;
use crate::worker::sink::netstorage::NetStorage;
use crate::worker::sink::signature::Signer;
use crate::worker::{Ended, Pulse, Rules, WELL, Worker, let_in};
use crate::worker_http::Http;

/// How long whoever asks for health may take.
const ASKING: Duration = Duration::from_secs(2);
/// How long `worker health` waits for an answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// Runs the worker, or asks the one that runs in this container whether it is well (`worker health`).
#[must_use]
pub fn worker() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        None => super::until_the_end(Box::pin(work())),
        Some("health") => ask_health(),
        Some(other) => {
            println!("got the argument {other:?}, expected none or `health`");
            ExitCode::from(2)
        }
    }
}

async fn work() -> Result<(), InitError> {
    let plan = Plan::from_env()?;
    let login = Login::from_env(&plan.sink)?;
    let sdk = match TaskRole::from_env() {
        Some(role) => surroundings::sdk_as(role)?,
        None => surroundings::sdk()?,
    };
    match (&plan.sink, login) {
        (
            SinkPlan::NetStorage { cp_code, prefix },
            Login::NetStorage {
                hostname,
                user,
                key,
            },
        ) => {
            let place = (&**cp_code, prefix.as_deref());
            let signer = Signer::new(user, key);
            let sink = NetStorage::new(Http::new(), &hostname, place, signer, (now, seed()));
            carry(&plan, &sdk, sink).await
        }
        (SinkPlan::Http { url }, Login::Http(authorization)) => {
            let sink = HttpPut::new(Http::new(), url.clone(), authorization);
            carry(&plan, &sdk, sink).await
        }
        _ => Err(InitError::configuration(
            "a login for another sink".to_owned(),
        )),
    }
}

async fn carry<K>(plan: &Plan, sdk: &SdkConfig, sink: K) -> Result<(), InitError>
where
    K: Sink<<Contents as Source>::Content>,
{
    let name = set(Plan::NAME).unwrap_or_else(|| "worker".to_owned());
    let journal = Journal::new("worker", &name, stdout());
    // First of all: the first process of a container that listens to no signal cannot be told to stop.
    let mut stop = Box::pin(stop_signal().map_err(unable)?);
    match before(let_in(&sink, &journal), &mut stop).await {
        Some(checked) => {
            checked.map_err(|failure| InitError::configuration(format!("the sink: {failure}")))?;
        }
        None => return Ok(()),
    }
    let (url, dead) = (plan.queue_url.clone(), plan.dead_letter_url.clone());
    let rules = Rules::of(plan);
    let queues = Queues::new(sdk, url, dead, rules.visibility);
    let worker = Worker::new((queues, Contents::new(sdk), sink), rules, journal);
    if let Some(port) = plan.health_port {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        tokio::spawn(tell_health(listener.map_err(unable)?, worker.pulse()));
    }
    println!(
        "{}",
        json!({"level": "INFO", "handler": "worker", "message": "ready"})
    );
    match Box::pin(worker.run(stop)).await {
        Ended::Stopped | Ended::Empty => Ok(()),
        Ended::NoQueue => Err(InitError::configuration(
            "the queue does not answer".to_owned(),
        )),
    }
}

/// Does the work, unless the worker is told to stop before it is done.
async fn before<T>(
    work: impl Future<Output = T>,
    stop: &mut (impl Future<Output = ()> + Unpin),
) -> Option<T> {
    match select(Box::pin(work), stop).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unable(problem: std::io::Error) -> InitError {
    InitError::configuration(problem.to_string())
}

/// Ends when the process is told to: by Amazon ECS, or by a person.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        let (one, other) = (
            std::pin::pin!(terminate.recv()),
            std::pin::pin!(interrupt.recv()),
        );
        select(one, other).await;
    })
}

/// Answers whoever asks on this machine.
async fn tell_health(listener: TcpListener, pulse: Pulse) {
    loop {
        let Ok((mut connection, _)) = listener.accept().await else {
            sleep(ASKING).await;
            continue;
        };
        let mut asked = [0; 512];
        let _ = timeout(ASKING, connection.read(&mut asked)).await;
        let status = if pulse.age() < WELL {
            "200 OK"
        } else {
            "503 Stuck"
        };
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let _ = timeout(ASKING, connection.write_all(answer.as_bytes())).await;
    }
}

/// Asks the worker of this container.
fn ask_health() -> ExitCode {
    match asked() {
        Ok(answer) if answer.starts_with("HTTP/1.1 200") => ExitCode::SUCCESS,
        Ok(answer) => {
            println!("{}", answer.lines().next().unwrap_or("no answer"));
            ExitCode::FAILURE
        }
        Err(problem) => {
            println!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn asked() -> Result<String, String> {
    let port = Plan::from_env()
        .map_err(|problem| problem.to_string())?
        .health_port;
    let port = port.ok_or("HEALTH_PORT is not set")?;
    let text = |problem: std::io::Error| problem.to_string();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut connection = TcpStream::connect_timeout(&address, PATIENCE).map_err(text)?;
    connection.set_read_timeout(Some(PATIENCE)).map_err(text)?;
    connection
        .write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        .map_err(text)?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).map_err(text)?;
    Ok(answer)
}

/// Seconds since 1970.
fn now() -> i64 {
    i64::try_from(super::now()).unwrap_or(i64::MAX)
}

/// A number that another worker hardly begins with.
fn seed() -> u32 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let text = format!(
        "{} {} {}",
        since.unwrap_or_default().as_nanos(),
        std::process::id(),
        set("ECS_CONTAINER_METADATA_URI_V4").unwrap_or_default(),
    );
    let [a, b, c, d, ..] = Hash::hash(text.as_bytes());
    u32::from_be_bytes([a, b, c, d])
}
