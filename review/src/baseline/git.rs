//! What a git revision has: a committed assembly or template; or what the program writes at that revision.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Found, files};
use crate::cli::{Host, Stop};

/// Where an assembly is, unless another folder is named.
const USUAL: &str = "cloudwright.out";

/// Reads `REV` or `REV:PATH`.
pub(super) fn read(named: &str, host: &Host<'_>) -> Result<Found, Stop> {
    let (revision, path) = match named.split_once(':') {
        Some((revision, path)) => (revision, Some(path)),
        None => (named, None),
    };
    let name = format!("git:{named}");
    let repository = Repository::around(host.folder)?;
    let commit = repository.commit(revision)?;
    let folder = path.unwrap_or(USUAL).trim_end_matches('/');
    match repository.kind(&commit, folder).as_deref() {
        Some("tree") => {
            let file = |file: &str| repository.file(&commit, &format!("{folder}/{file}"));
            if path.is_some() || file("manifest.json").is_ok() {
                return files::assembly(&name, &file);
            }
        }
        Some(_) if path.is_some() => {
            let text = repository.file(&commit, folder);
            let text = text.map_err(|why| {
                Stop::cannot(
                    format!("cannot read \"{name}\": {why}"),
                    "name a file of text",
                )
            })?;
            return files::template(&name, &text).map(Found::Template);
        }
        _ => {}
    }
    if path.is_some() {
        let message = format!("the revision {revision} has nothing at \"{folder}\"");
        return Err(Stop::cannot(
            message,
            "paths start at the current folder; look: `git ls-tree REV`",
        ));
    }
    of_program(&name, revision, &commit, &repository, host)
}

/// What the program writes at a revision.
fn of_program(
    name: &str,
    revision: &str,
    commit: &str,
    repository: &Repository<'_>,
    host: &Host<'_>,
) -> Result<Found, Stop> {
    let Some(program) = &host.program else {
        let message = format!(
            "the revision {revision} has no assembly in {USUAL}, and there is no program to write one"
        );
        return Err(Stop::usage(
            message,
            "say how it is run: `--app \"cargo run --quiet --\"`",
        ));
    };
    (host.progress)(&format!(
        "Running the program at {revision}, which may have to be compiled first"
    ));
    let worktree = Worktree::new(repository, commit)?;
    let out = worktree.folder.join("cloudwright-review.out");
    let start = worktree.folder.join("tree").join(&repository.prefix);
    let done = program.synthesize(
        &start,
        (&repository.top, &worktree.folder.join("tree")),
        &out,
    );
    done.map_err(|why| {
        let message = format!("the program wrote no assembly at {revision}: {why}");
        Stop::cannot(
            message,
            "run it there yourself, `synth --out DIR`, and compare with that: `--baseline DIR`",
        )
    })?;
    files::assembly(name, &|file| fs::read_to_string(out.join(file)))
}

/// The repository around a folder.
struct Repository<'a> {
    folder: &'a Path,
    top: PathBuf,
    /// The folder, as seen from the top: empty, or with a slash at its end.
    prefix: String,
}

impl<'a> Repository<'a> {
    fn around(folder: &'a Path) -> Result<Self, Stop> {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let none = |why: String| {
            let help = "run this in a checkout, or compare with the folder of an assembly: `--baseline DIR`";
            Stop::cannot(format!("there is no git repository here: {why}"), help)
        };
        let top = git(folder, &["rev-parse", "--show-toplevel"]).map_err(none)?;
        let prefix = git(folder, &["rev-parse", "--show-prefix"]).map_err(none)?;
        Ok(Self {
            folder,
            top: top.trim_end().into(),
            prefix: prefix.trim_end().to_owned(),
        })
    }

    /// The commit of a revision.
    fn commit(&self, revision: &str) -> Result<String, Stop> {
        let wanted = format!("{revision}^{{commit}}");
        let found = git(
            self.folder,
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &wanted,
            ],
        );
        let found = found.map(|commit| commit.trim_end().to_owned());
        found.ok().filter(|commit| !commit.is_empty()).ok_or_else(|| {
            let help = "fetch it first: `git fetch origin main`; a checkout of continuous integration may have one commit only";
            Stop::cannot(format!("this repository has no revision \"{revision}\""), help)
        })
    }

    /// `tree`, `blob` or nothing: what a commit has at a path.
    fn kind(&self, commit: &str, path: &str) -> Option<String> {
        let object = self.object(commit, path);
        let kind = git(self.folder, &["cat-file", "-t", &object]).ok()?;
        Some(kind.trim_end().to_owned())
    }

    /// A file of a commit.
    fn file(&self, commit: &str, path: &str) -> io::Result<String> {
        let object = self.object(commit, path);
        git(self.folder, &["cat-file", "blob", &object]).map_err(|_| io::ErrorKind::NotFound.into())
    }

    fn object(&self, commit: &str, path: &str) -> String {
        format!("{commit}:{}{path}", self.prefix)
    }
}

/// A checkout of a commit beside the others, which goes away with this value.
struct Worktree<'a> {
    repository: &'a Repository<'a>,
    /// A folder of ours with the checkout in `tree`.
    folder: PathBuf,
}

impl<'a> Worktree<'a> {
    fn new(repository: &'a Repository<'a>, commit: &str) -> Result<Self, Stop> {
        let cannot = |why: String| {
            let message = format!("cannot check {commit} out: {why}");
            Stop::cannot(message, "free space for temporary files")
        };
        let folder = own_folder().map_err(|why| cannot(why.to_string()))?;
        let worktree = Self { repository, folder };
        let tree = worktree.folder.join("tree");
        let tree = tree.to_string_lossy();
        git(
            repository.folder,
            &["worktree", "add", "--detach", "--quiet", &tree, commit],
        )
        .map_err(cannot)?;
        Ok(worktree)
    }
}

/// Makes a folder that is nobody else's.
fn own_folder() -> io::Result<PathBuf> {
    let name = |number: u32| format!("cloudwright-review-{}-{number}", std::process::id());
    let mut number = 0;
    loop {
        let folder = std::env::temp_dir().join(name(number));
        match fs::create_dir(&folder) {
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists && number < 1_000 => number += 1,
            done => return done.map(|()| folder),
        }
    }
}

impl Drop for Worktree<'_> {
    fn drop(&mut self) {
        let tree = self.folder.join("tree");
        let _ = git(
            self.repository.folder,
            &["worktree", "remove", "--force", &tree.to_string_lossy()],
        );
        let _ = fs::remove_dir_all(&self.folder);
        let _ = git(self.repository.folder, &["worktree", "prune"]);
    }
}

/// Runs git and gives what it says, or why it does not.
fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|why| format!("git does not start: {why}"))?;
    match output.status.success() {
        true => String::from_utf8(output.stdout).map_err(|why| why.to_string()),
        false => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(said.lines().next().unwrap_or("git failed").to_owned())
        }
    }
}
