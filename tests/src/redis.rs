//! A real Redis server for tests, on a free port of 127.0.0.1, that keeps nothing on disk.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::tools::{isolated, require};

/// How long a start may take; it takes 10 ms on a quiet machine.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(10);

/// Somebody else may take a port between its choice and its use.
const ATTEMPTS: usize = 5;

/// A running server. It ends with its owner, and with the process in any case.
#[derive(Debug)]
pub struct Redis {
    process: Child,
    port: u16,
    password: String,
    folder: TempDir,
}

impl Redis {
    /// Starts a server that wants this password, or none if it is empty, and waits until it answers.
    ///
    /// # Panics
    /// If Redis is missing or does not start.
    #[must_use]
    pub fn start(password: &str) -> Self {
        for _ in 0..ATTEMPTS {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
            let port = listener.local_addr().expect("an address").port();
            drop(listener);
            if let Some(server) = Self::start_at(port, password) {
                return server;
            }
        }
        panic!("Redis did not start on any of {ATTEMPTS} free ports")
    }

    /// Starts a server without a password on the port of one that has ended.
    ///
    /// # Panics
    /// If it does not start there.
    #[must_use]
    pub fn start_again(port: u16) -> Self {
        Self::start_at(port, "").expect("the port is still free")
    }

    fn start_at(port: u16, password: &str) -> Option<Self> {
        let folder = TempDir::new().expect("a temporary folder for Redis");
        // The shell ends the server when its input closes, as it does when the test's process dies.
        let process = isolated(Path::new("/bin/sh"))
            .args(["-c", "\"$@\" & cat; kill $!; wait", "sh"])
            .arg(require("redis", "usr/bin/redis-server"))
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--save", "", "--appendonly", "no"])
            .args(["--requirepass", password])
            .env("LD_LIBRARY_PATH", libraries())
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("a shell starts");
        let server = Self {
            process,
            port,
            password: password.to_owned(),
            folder,
        };
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if server
                .try_ask(&["PING"])
                .is_some_and(|answer| answer == "PONG")
            {
                return Some(server);
            }
            sleep(PAUSE);
        }
        None
    }

    /// The port of 127.0.0.1 on which it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Gives a command, such as `["HGETALL", "key"]`, and its answer.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn ask(&self, command: &[&str]) -> Value {
        let answer = self.try_ask(command);
        answer.unwrap_or_else(|| panic!("Redis does not answer {command:?}"))
    }

    fn try_ask(&self, command: &[&str]) -> Option<Value> {
        let mut client: Command = isolated(&require("redis", "usr/bin/redis-cli"));
        client
            .args(["--json", "-h", "127.0.0.1", "-p", &self.port.to_string()])
            .args(command)
            .env("LD_LIBRARY_PATH", libraries())
            .current_dir(self.folder.path());
        if !self.password.is_empty() {
            client.env("REDISCLI_AUTH", &self.password);
        }
        let output = client.output().ok()?;
        serde_json::from_slice(&output.stdout).ok()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Where the unpacked packages have their libraries: `usr/lib/x86_64-linux-gnu` or its like.
fn libraries() -> PathBuf {
    let lib = require("redis", "usr/lib");
    let folders = fs::read_dir(&lib).expect("a folder of libraries");
    let mut names = folders.filter_map(|entry| Some(entry.ok()?.path()));
    let triple = names.find(|path| path.to_string_lossy().ends_with("-linux-gnu"));
    triple.unwrap_or(lib)
}
