//! A local AWS that deploys templates for real: ministack, one per test process.
//!
//! It listens on a free port of 127.0.0.1, evaluates IAM policies, and treats every request as
//! having come through TLS, so that secure-by-default templates are deployed as they are. It is
//! not a judge of templates (it accepts unknown properties and dangling references): cfn-lint and
//! our own checks are.
//!
//! It has no servers. moto has, as far as their tags, and Systems Manager for them: it is started
//! the same way.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Child;
use std::sync::OnceLock;

use cloudwright_deploy::local::engine::{COMMANDS, Launch, SCRIPT};
use tempfile::TempDir;

use crate::aws::Aws;
use crate::tools::require;

/// A running engine. It ends with its owner, and with the process in any case.
#[derive(Debug)]
pub struct Engine {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Engine {
    /// The engine of this test process, started on first use. Tests that share it use stack and
    /// bucket names of their own.
    ///
    /// # Panics
    /// If the engine cannot be started.
    pub fn shared() -> &'static Self {
        // Never dropped: the closing of its standard input ends it when this process ends.
        static SHARED: OnceLock<Engine> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Starts an engine and waits until it answers.
    ///
    /// # Panics
    /// If ministack is missing, does not start, is not as expected, or listens beyond 127.0.0.1.
    #[must_use]
    pub fn start() -> Self {
        Self::of("ministack", SCRIPT)
    }

    /// The moto of this test process, started on first use. It knows servers and Systems Manager;
    /// it checks no rights and runs nothing. Commands are held against the model of the API.
    ///
    /// # Panics
    /// If moto is missing or does not start.
    pub fn moto() -> &'static Self {
        static SHARED: OnceLock<Engine> = OnceLock::new();
        let script = || format!("{COMMANDS}{}", include_str!("../support/servers.py"));
        SHARED.get_or_init(|| Self::of("moto", &script()))
    }

    fn of(tool: &str, script: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder for the engine");
        let launch = Launch {
            python: &require(tool, "bin/python"),
            script,
            folder: folder.path(),
            stays: false,
        };
        let (process, port) = launch.start().unwrap_or_else(|why| panic!("{tool}: {why}"));
        Self {
            process,
            port,
            folder,
        }
    }

    /// The address of every service of the engine.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// A client of the engine's default account, 000000000000, with all rights.
    #[must_use]
    pub fn client(&self, region: &str) -> Aws {
        Aws::start(&self.endpoint(), region)
    }

    /// Forgets everything that was deployed and stored.
    ///
    /// # Panics
    /// If the engine does not confirm it.
    pub fn reset(&self) {
        let request = "POST /_ministack/reset HTTP/1.0\r\nContent-Length: 0\r\n\r\n";
        let mut stream =
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("the engine listens");
        stream
            .write_all(request.as_bytes())
            .expect("the engine reads a reset");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("the engine answers a reset");
        assert!(
            answer.contains(r#"{"reset": "ok"}"#),
            "the engine was not reset: {answer}"
        );
    }

    /// The folder of the engine's temporary files, gone after the engine.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The engine removes its folder and kills its handlers when its standard input closes.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
