//! Starting the engine: its script, run by the interpreter of its environment, that says when it answers.

use std::env;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use cloudwright_bundle::Problem;
use hmac_sha256::Hash;
use serde_json::Value;

use super::environment::{PINS, unwritable};

/// The part of [`SCRIPT`] that knows commands to servers.
pub const COMMANDS: &str = include_str!("commands.py");
/// The script of the engine.
pub const SCRIPT: &str = concat!(
    include_str!("alarms.py"),
    include_str!("commands.py"),
    include_str!("images.py"),
    include_str!("moves.py"),
    include_str!("engine.py")
);
/// How long a cold start may take; it takes 2 s on a quiet machine. The script gives up earlier, and says why.
const PATIENCE: Duration = Duration::from_secs(180);

/// What tells an engine of this version from another: its script and its packages.
#[must_use]
pub fn version() -> String {
    let hash = Hash::hash(format!("{SCRIPT}\n{PINS}").as_bytes());
    hash[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is started, and where.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    /// The interpreter of the environment.
    pub python: &'a Path,
    /// The script: [`SCRIPT`], or another that says its port in the same way.
    pub script: &'a str,
    /// The folder of its files, which is there.
    pub folder: &'a Path,
    /// Whether it goes on when this process ends. Otherwise it ends when its standard input closes.
    pub stays: bool,
}

impl Launch<'_> {
    /// Starts the script and waits until it says its port.
    ///
    /// # Errors
    /// When it does not start, with the end of what it wrote.
    pub fn start(&self) -> Result<(Child, u16), Problem> {
        let mut process = self.spawn()?;
        let announced = first_line(&mut process);
        if let Some(port) = announced.as_deref().and_then(announced_port) {
            return Ok((process, port));
        }
        // It has said why, or nothing for too long.
        let _ = process.kill();
        let _ = process.wait();
        let message = format!("the local engine does not start: {}", self.end_of_log());
        let log = self.folder.join("log");
        Err(Problem::new(
            message,
            format!("all that it says is in {}", log.display()),
        ))
    }

    fn spawn(&self) -> Result<Child, Problem> {
        let folder = self.folder;
        let (script, log, temporary) = (
            folder.join("engine.py"),
            folder.join("log"),
            folder.join("tmp"),
        );
        fs::write(&script, self.script).map_err(|why| unwritable(&script, &why))?;
        fs::create_dir_all(&temporary).map_err(|why| unwritable(&temporary, &why))?;
        let log = File::create(&log).map_err(|why| unwritable(&log, &why))?;
        let mut command = Command::new(self.python);
        // Nothing but the search path: no credentials and no proxy of this machine reach the engine or a
        // function in it.
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C.UTF-8")
            .env("TMPDIR", &temporary)
            .env("HOME", folder)
            .current_dir(folder)
            .arg(&script);
        if self.stays {
            command.arg(folder).arg(version()).stdin(Stdio::null());
        } else {
            command.stdin(Stdio::piped());
        }
        let started = command.stdout(Stdio::piped()).stderr(log).spawn();
        started.map_err(|why| {
            let message = format!("cannot run \"{}\": {why}", self.python.display());
            Problem::new(message, "remove the folder that it is in; it is made again")
        })
    }

    fn end_of_log(&self) -> String {
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }
}

/// The first line that the process writes, if it writes one in time.
fn first_line(process: &mut Child) -> Option<String> {
    let stdout = process.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let _ = BufReader::new(stdout).read_line(&mut line);
        let _ = sender.send(line);
    });
    receiver.recv_timeout(PATIENCE).ok()
}

fn announced_port(line: &str) -> Option<u16> {
    let announcement: Value = serde_json::from_str(line).ok()?;
    announcement["port"].as_u64()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_fails_is_told_with_its_last_words_and_leaves_no_process() {
        let folder = tempfile::tempdir().unwrap();
        let launch = Launch {
            python: Path::new("sh"),
            script: "echo 'ministack has changed' >&2; exit 1",
            folder: folder.path(),
            stays: false,
        };
        let problem = launch.start().unwrap_err();
        assert_eq!(
            problem.message,
            "the local engine does not start: ministack has changed"
        );
        assert!(problem.help.ends_with("/log"), "{problem}");
    }

    #[test]
    fn a_script_that_says_its_port_is_up() {
        let folder = tempfile::tempdir().unwrap();
        let launch = Launch {
            python: Path::new("sh"),
            script: "echo '{\"port\": 40123}'; cat",
            folder: folder.path(),
            stays: false,
        };
        let (mut process, port) = launch.start().unwrap();
        assert_eq!(port, 40123);
        drop(process.stdin.take());
        assert!(process.wait().unwrap().success());
    }
}
