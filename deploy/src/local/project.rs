//! The engine of a folder: which one it is, whether it is there, and its end.
//!
//! `state.json`, which the engine writes itself, says its port and its process. Neither proves anything: after a
//! crash both may be somebody else's. So the engine is asked who it is, and it counts as this folder's only if
//! process and folder agree. It is ended by asking it, never by a signal to a number that was written down.
//!
//! An engine that does not answer may be busy. Whether it is gone, the lock says that it holds for all its life:
//! **as long as somebody has `engine.lock`, nothing of the folder is touched.**

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use cloudwright_bundle::Problem;
use hmac_sha256::Hash;
use serde_json::Value;

use super::engine::{Launch, SCRIPT, version};
use super::environment::{lock, unwritable};
use super::http::ask;

/// How often, and how long each time, an engine is waited for that was told to end.
const LOOKS: (u32, Duration) = (600, Duration::from_millis(100));

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
    /// What it is made of: [`version`].
    pub version: String,
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

    /// The folder of the assembly that was deployed to it last.
    #[must_use]
    pub fn deployed(&self) -> Option<PathBuf> {
        let path = fs::read_to_string(self.folder.join("app")).ok()?;
        Some(PathBuf::from(path)).filter(|path| path.exists())
    }

    /// Notes which assembly is deployed to it.
    ///
    /// # Errors
    /// When the note cannot be written.
    pub fn note_deployed(&self, app: &Path) -> Result<(), Problem> {
        let file = self.folder.join("app");
        let app = std::path::absolute(app).map_err(|why| unwritable(&file, &why))?;
        fs::write(&file, app.display().to_string()).map_err(|why| unwritable(&file, &why))
    }

    /// Its engine, if there is one.
    ///
    /// # Errors
    /// When there is one that does not answer.
    pub fn running(&self) -> Result<Option<Running>, Problem> {
        if let Some(running) = self.asked() {
            return Ok(Some(running));
        }
        if !self.is_alive() {
            return Ok(None);
        }
        let message = "the local AWS of this folder is there, and does not answer just now";
        let help = format!(
            "it may be busy: wait; or see {}",
            self.folder.join("log").display()
        );
        Err(Problem::new(message, help))
    }

    /// What the engine says of itself.
    fn asked(&self) -> Option<Running> {
        let (process, port) = self.noted()?;
        let answer = ask(port, "GET", "/_cloudwright/engine", process).ok()?;
        let is_ours = answer["process"] == process
            && answer["folder"].as_str().map(Path::new) == Some(&self.folder);
        is_ours.then(|| Running {
            process,
            port,
            types: texts(&answer["types"]),
            recorded: texts(&answer["recorded"]),
            version: answer["version"].as_str().unwrap_or_default().to_owned(),
        })
    }

    /// Whether somebody holds the lock of the engine.
    fn is_alive(&self) -> bool {
        let lock = File::open(self.folder.join("engine.lock"));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Its engine, which is started by this interpreter if there is none; whether it was.
    ///
    /// # Errors
    /// When it does not start, does not answer, or is one of another version.
    pub fn up(&self, python: &Path) -> Result<(Running, bool), Problem> {
        fs::create_dir_all(&self.folder).map_err(|why| unwritable(&self.folder, &why))?;
        let _alone = lock(&self.folder.join("lock"))?;
        if let Some(running) = self.running()? {
            require_own_version(&running)?;
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
        let running = self.running()?.map(|running| (running, true));
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
    /// When it does not answer, does not end, or was ended by something else.
    pub fn down(&self) -> Result<bool, Problem> {
        if !self.folder.exists() {
            return Ok(false);
        }
        let _alone = lock(&self.folder.join("lock"))?;
        let Some(running) = self.running()? else {
            let lost = self.noted();
            self.forget()?;
            return lost.map_or(Ok(false), |(process, _)| Err(gone(process)));
        };
        // The answer may be lost in its end.
        let _ = ask(running.port, "POST", "/_cloudwright/stop", running.process);
        for _ in 0..LOOKS.0 {
            if !self.is_alive() {
                self.forget()?;
                return Ok(true);
            }
            thread::sleep(LOOKS.1);
        }
        let message = format!(
            "the local AWS was told to end, and has not: process {}",
            running.process
        );
        let help = format!(
            "run the command again; see {}",
            self.folder.join("log").display()
        );
        Err(Problem::new(message, help))
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

    /// Removes what an engine left that is gone, and what was deployed to it.
    fn forget(&self) -> Result<(), Problem> {
        self.tidy_up()?;
        let assembly = self.assembly();
        match fs::remove_dir_all(&assembly) {
            Err(why) if why.kind() != ErrorKind::NotFound => Err(unwritable(&assembly, &why)),
            _ => Ok(()),
        }
    }

    /// Removes what an engine left that is gone. The assembly is not its: it may have been written for the engine that is
    /// about to start.
    fn tidy_up(&self) -> Result<(), Problem> {
        let entries = fs::read_dir(&self.folder).map_err(|why| unwritable(&self.folder, &why))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let removed = match &*name {
                "state.json" | "app" => fs::remove_file(&path),
                name if name.starts_with("tmp") => fs::remove_dir_all(&path),
                _ => Ok(()),
            };
            removed.map_err(|why| unwritable(&path, &why))?;
        }
        Ok(())
    }
}

/// Refuses an engine that another version of cloudwright started: what this one says of it may be false.
///
/// # Errors
/// When it is one of another version.
pub fn require_own_version(running: &Running) -> Result<(), Problem> {
    if running.version == version() {
        return Ok(());
    }
    let message = "the local AWS of this folder was started by another version of cloudwright";
    let help = "`local down`, then the command again; what was deployed to it is gone then";
    Err(Problem::new(message, help))
}

fn gone(process: u64) -> Problem {
    let message =
        format!("the local AWS of this folder, process {process}, was ended by something else");
    Problem::new(
        message,
        "what it left is removed; `local up` starts another",
    )
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
        let project = Project::new(home, Path::new("/srv/ann/shop"));
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
        assert_ne!(folder("/srv/ann/shop"), folder("/srv/ann/mail"));
        assert_eq!(folder("/srv/ann/shop"), folder("/srv/ann/shop"));
    }

    #[test]
    fn a_port_that_somebody_else_has_now_is_not_the_engine() {
        let home = tempfile::tempdir().unwrap();
        let project = project(home.path());
        note(&project, 77, somebody(r#"{"process": 78, "folder": null}"#));
        assert_eq!(project.running(), Ok(None));
        note(&project, 77, somebody("hello"));
        assert_eq!(project.running(), Ok(None));
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
            problem
                .message
                .contains("process 77, was ended by something else"),
            "{problem}"
        );
        assert_eq!(project.down(), Ok(false));
    }

    #[test]
    fn nothing_of_an_engine_is_touched_as_long_as_it_holds_its_lock() {
        let home = tempfile::tempdir().unwrap();
        let project = project(home.path());
        let silent = TcpListener::bind(("127.0.0.1", 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        note(&project, 77, silent);
        fs::create_dir(project.folder().join("tmp-77")).unwrap();
        let engine = lock(&project.folder().join("engine.lock")).unwrap();
        for problem in [
            project.running().unwrap_err(),
            project.down().unwrap_err(),
            project.up(Path::new("python")).unwrap_err(),
        ] {
            assert!(
                problem.message.ends_with("does not answer just now"),
                "{problem}"
            );
        }
        assert!(project.folder().join("state.json").exists());
        assert!(project.folder().join("tmp-77").exists());
        drop(engine);
        assert_eq!(project.running(), Ok(None));
    }

    #[test]
    fn an_engine_of_another_version_is_not_taken_for_ours() {
        let running = |version: String| Running {
            process: 1,
            port: 2,
            types: BTreeSet::new(),
            recorded: BTreeSet::new(),
            version,
        };
        assert!(require_own_version(&running(version())).is_ok());
        assert!(require_own_version(&running("another".to_owned())).is_err());
    }
}
