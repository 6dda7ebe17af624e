//! The Python environment of the engine: made once for all projects of a user, of pinned packages whose hashes
//! are known.
//!
//! A stamp, written last, tells that an environment is whole; one that was interrupted is made anew. Its folder
//! is named by what it is made of, so that two versions of cloudwright never change it under each other.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cloudwright_bundle::Problem;
use hmac_sha256::Hash;

/// The engine and all that it needs: versions and hashes, as pip reads them.
pub const PINS: &str = include_str!("ministack.txt");
/// The oldest minor version of Python 3 that the pins are for.
const OLDEST: u32 = 11;
const GET_PYTHON: &str =
    "install Python 3.11 or newer (`apt-get install python3 python3-venv`, `brew install python`)";

const GET_ROOM: &str = "free space, or name another folder by CLOUDWRIGHT_HOME";

/// The interpreter of the engine's environment below the user's folder for cloudwright, which is made if it is
/// not there. `say` is told what takes its time.
///
/// # Errors
/// When there is no Python, or the packages cannot be fetched.
pub fn prepare(home: &Path, say: impl Fn(&str)) -> Result<PathBuf, Problem> {
    let version = python_version()?;
    let folder = home
        .join("local")
        .join(format!("ministack-{}", mark(&version)));
    let python = folder.join("bin/python");
    let stamp = folder.join(".stamp");
    if stamp.exists() {
        return Ok(python);
    }
    let parent = folder.parent().unwrap_or(home);
    fs::create_dir_all(parent).map_err(|why| unwritable(parent, &why))?;
    let _alone = lock(&folder.with_extension("lock"))?;
    if stamp.exists() {
        return Ok(python);
    }
    say(&format!(
        "preparing {} in {}, once",
        pinned("ministack"),
        folder.display()
    ));
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|why| unwritable(&folder, &why))?;
    }
    install(&folder, PINS)?;
    fs::write(&stamp, "").map_err(|why| unwritable(&stamp, &why))?;
    Ok(python)
}

/// The version of Python, such as `Python 3.11.7`.
///
/// # Errors
/// When there is none, or it is too old.
pub fn python_version() -> Result<String, Problem> {
    let output = Command::new("python3")
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|why| {
        Problem::new(
            format!("cannot run `python3`, which the local engine needs: {why}"),
            GET_PYTHON,
        )
    })?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let minor = version
        .strip_prefix("Python 3.")
        .and_then(|rest| rest.split('.').next()?.parse().ok());
    if minor.is_some_and(|minor: u32| minor >= OLDEST) {
        return Ok(version);
    }
    let message = format!("`python3` is {version}, expected Python 3.{OLDEST} or newer");
    Err(Problem::new(message, GET_PYTHON))
}

/// Makes a virtual environment with these requirements (the text of a `requirements.txt`) in a folder.
///
/// # Errors
/// When it cannot be made, or the packages cannot be fetched.
pub fn install(folder: &Path, requirements: &str) -> Result<(), Problem> {
    let mut venv = Command::new("python3");
    run(venv.args(["-m", "venv"]).arg(folder), GET_PYTHON)?;
    let file = folder.join("requirements.txt");
    fs::write(&file, requirements).map_err(|why| unwritable(&file, &why))?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    if requirements.contains("--hash=") {
        // Nothing but what the hashes name: no package that only building would fetch.
        pip.args(["--require-hashes", "--only-binary", ":all:", "--no-deps"]);
    }
    pip.env_remove("PIP_NO_BINARY")
        .env_remove("PIP_REQUIRE_VIRTUALENV")
        .arg("-r");
    run(
        pip.arg(&file),
        "see that the Python package index (pypi.org, or the one of your pip.conf) can be reached",
    )
}

fn run(command: &mut Command, help: &str) -> Result<(), Problem> {
    let shown = format!("{command:?}").replace('"', "");
    let output = command.stdin(Stdio::null()).output();
    let output =
        output.map_err(|why| Problem::new(format!("cannot run `{shown}`: {why}"), help))?;
    if output.status.success() {
        return Ok(());
    }
    let said = last_words(&output);
    let message = format!("`{shown}` failed: {said}");
    // What programs of Python say on a full disk, or where files may not be so large.
    let full = ["No space left on device", "File too large"];
    if full.iter().any(|text| said.contains(text)) {
        return Err(Problem::of_file(message, GET_ROOM));
    }
    Err(Problem::new(message, help))
}

/// The last lines that a program wrote.
fn last_words(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(4)..].join("\n")
}

/// Waits until nobody else has the lock, which is held as long as the file is open.
pub(super) fn lock(path: &Path) -> Result<File, Problem> {
    let file = File::create(path).map_err(|why| unwritable(path, &why))?;
    file.lock().map_err(|why| unwritable(path, &why))?;
    Ok(file)
}

pub(super) fn unwritable(path: &Path, why: &io::Error) -> Problem {
    let message = format!("cannot write \"{}\": {why}", path.display());
    Problem::of_file(message, GET_ROOM)
}

/// `ministack==1.5.33` of the pins.
fn pinned(package: &str) -> &'static str {
    let words = PINS.split_whitespace();
    let is_it = |word: &&str| word.split("==").next() == Some(package);
    words.into_iter().find(is_it).unwrap_or_default()
}

/// What names an environment: its pins and its interpreter.
fn mark(version: &str) -> String {
    let hash = Hash::hash(format!("{version}\n{PINS}").as_bytes());
    hash[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_of_the_engine_is_pinned_by_version_and_hash() {
        assert_eq!(pinned("ministack"), "ministack==1.5.33");
        let mut packages = PINS
            .split("\n")
            .filter(|line| !line.starts_with(' ') && !line.is_empty());
        assert!(packages.all(|line| line.contains("==") && line.ends_with('\\')));
        assert!(PINS.matches("--hash=sha256:").count() >= PINS.matches("==").count());
    }

    #[test]
    fn an_environment_of_another_interpreter_is_another() {
        assert_ne!(mark("Python 3.11.7"), mark("Python 3.12.0"));
    }

    #[test]
    fn a_program_that_fails_is_told_with_its_last_words() {
        let mut command = Command::new("sh");
        let problem = run(
            command.args(["-c", "echo no route to host >&2; exit 1"]),
            "look",
        )
        .unwrap_err();
        assert!(
            problem.message.ends_with("failed: no route to host"),
            "{problem}"
        );
        assert_eq!(problem.help, "look");
    }
}
