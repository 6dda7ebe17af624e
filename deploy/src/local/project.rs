//! The engine of a folder: which one it is, whether it is there, and its end.
//!
//! `state.json`, which the engine writes itself, says its port and its process. Neither proves anything: after a
//! crash both may be somebody else's. So the engine is asked who it is, and it counts as this folder's only if
//! process and folder agree. It is ended by asking it, never by a signal to a number that was written down.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use cloudwright_bundle::Problem;
use hmac_sha256::Hash;
use serde_json::Value;

use super::engine::{Launch, SCRIPT};
use super::environment::{lock, unwritable};
use super::http::ask;

/// How often, and how long each time, an engine is waited for that was told to end.
const LOOKS: (u32, Duration) = (100, Duration::from_millis(100));

/// A folder that has an engine, or may have one.
#[derive(Clone, Debug)]
pub struct Project {
    folder: PathBuf,
}

/// An engine that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its process.
    pub process: u64,
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// The CloudFormation types that it makes something of.
    pub types: BTreeSet<String>,
    /// The types that it only writes down.
    pub recorded: BTreeSet<String>,
}

impl Running {
    /// The address of all services.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Project {
    /// The project of a folder that commands are run in, below the user's folder for cloudwright.
    #[must_use]
    pub fn new(home: &Path, run_in: &Path) -> Self {
        let hash = Hash::hash(run_in.as_os_str().as_encoded_bytes());
        let name: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            folder: home.join("local/projects").join(name),
        }
    }

    /// Where its log, its state and its assembly are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the assembly that is deployed to it, unless another is named.
    #[must_use]
    pub fn assembly(&self) -> PathBuf {
        self.folder.join("assembly")
    }

    /// Its engine, if there is one that answers.
    #[must_use]
    pub fn running(&self) -> Option<Running> {
        let (process, port) = self.noted()?;
        let answer = ask(port, "GET", "/_cloudwright/engine", process).ok()?;
        let is_ours = answer["process"] == process
            && answer["folder"].as_str().map(Path::new) == Some(&self.folder);
        is_ours.then(|| Running {
            process,
            port,
            types: texts(&answer["types"]),
            recorded: texts(&answer["recorded"]),
        })
    }

    /// Its engine, which is started by this interpreter if there is none; whether it was.
    ///
    /// # Errors
    /// When it does not start.
    pub fn up(&self, python: &Path) -> Result<(Running, bool), Problem> {
        fs::create_dir_all(&self.folder).map_err(|why| unwritable(&self.folder, &why))?;
        let _alone = lock(&self.folder.join("lock"))?;
        if let Some(running) = self.running() {
            return Ok((running, false));
        }
        self.tidy_up()?;
        let launch = Launch {
            python,
            script: SCRIPT,
            folder: &self.folder,
            stays: true,
        };
        launch.start()?;
        let running = self.running().map(|running| (running, true));
        running.ok_or_else(|| {
            let message = "the local engine started, and does not say who it is";
            Problem::new(
                message,
                format!("see {}", self.folder.join("log").display()),
            )
        })
    }

    /// Ends its engine; whether there was one.
    ///
    /// # Errors
    /// When it does not end.
    pub fn down(&self) -> Result<bool, Problem> {
        if !self.folder.exists() {
            return Ok(false);
        }
        let _alone = lock(&self.folder.join("lock"))?;
        let Some(running) = self.running() else {
            // What is left of one that was ended from outside, or that does not answer any more.
            let (was_there, process) = (
                self.noted().is_some(),
                self.noted().map_or(0, |(process, _)| process),
            );
            self.tidy_up()?;
            return if was_there {
                Err(lost(process))
            } else {
                Ok(false)
            };
        };
        // The answer may be lost in its end.
        let _ = ask(running.port, "POST", "/_cloudwright/stop", running.process);
        for _ in 0..LOOKS.0 {
            if self.running().is_none() {
                self.tidy_up()?;
                return Ok(true);
            }
            thread::sleep(LOOKS.1);
        }
        let message = format!("the local engine does not end: process {}", running.process);
        Err(Problem::new(
            message,
            format!("end it by `kill {}`", running.process),
        ))
    }

    /// The process and the port that are written down.
    fn noted(&self) -> Option<(u64, u16)> {
        let text = fs::read(self.folder.join("state.json")).ok()?;
        let state: Value = serde_json::from_slice(&text).ok()?;
        Some((
            state["process"].as_u64()?,
            state["port"].as_u64()?.try_into().ok()?,
        ))
    }

    /// Removes what an engine left that is gone.
    fn tidy_up(&self) -> Result<(), Problem> {
        let (state, temporary) = (self.folder.join("state.json"), self.folder.join("tmp"));
        if state.exists() {
            fs::remove_file(&state).map_err(|why| unwritable(&state, &why))?;
        }
        if temporary.exists() {
            fs::remove_dir_all(&temporary).map_err(|why| unwritable(&temporary, &why))?;
        }
        Ok(())
    }
}

fn lost(process: u64) -> Problem {
    let message = format!(
        "the local engine of this folder, process {process}, does not answer: it was ended by something else"
    );
    let help = format!(
        "`local up` starts another; if `ps -p {process}` still shows a python, end it by `kill {process}`"
    );
    Problem::new(message, help)
}

fn texts(list: &Value) -> BTreeSet<String> {
    let texts = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    fn project(home: &Path) -> Project {
        let project = Project::new(home, Path::new("/work/a"));
        fs::create_dir_all(project.folder()).unwrap();
        project
    }

    fn note(project: &Project, process: u64, port: u16) {
        let state = format!("{{\"process\": {process}, \"port\": {port}}}");
        fs::write(project.folder().join("state.json"), state).unwrap();
    }

    /// Somebody who answers one question.
    fn somebody(answer: &'static str) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(format!("HTTP/1.0 200 OK\r\n\r\n{answer}").as_bytes());
        });
        port
    }

    #[test]
    fn each_folder_has_a_project_of_its_own() {
        let home = Path::new("/home");
        let folder = |path: &str| Project::new(home, Path::new(path)).folder().to_owned();
        assert_ne!(folder("/work/a"), folder("/work/b"));
        assert_eq!(folder("/work/a"), folder("/work/a"));
    }

    #[test]
    fn a_port_that_somebody_else_has_now_is_not_the_engine() {
        let home = tempfile::tempdir().unwrap();
        let project = project(home.path());
        note(&project, 77, somebody(r#"{"process": 78, "folder": null}"#));
        assert_eq!(project.running(), None);
        note(&project, 77, somebody("hello"));
        assert_eq!(project.running(), None);
    }

    #[test]
    fn what_a_lost_engine_left_is_told_once_and_removed() {
        let home = tempfile::tempdir().unwrap();
        let project = project(home.path());
        // Nobody listens on a port that was free a moment ago.
        let free = TcpListener::bind(("127.0.0.1", 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        note(&project, 77, free);
        let problem = project.down().unwrap_err();
        assert!(
            problem.message.contains("process 77, does not answer"),
            "{problem}"
        );
        assert_eq!(project.down(), Ok(false));
    }
}
