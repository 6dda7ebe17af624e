//! The files that are watched: each folder by itself, so that what a build writes is never looked at.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::ModifyKind;
use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, recommended_watcher,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::sleep;

#[cfg(unix)]
use super::echo::is_echo;
use crate::problem::Problem;

#[cfg(not(unix))]
fn is_echo(_: &Path) -> bool {
    false
}

/// Folders that no person writes.
const MADE: [&str; 4] = ["target", "cloudwright.out", "node_modules", "__pycache__"];

/// How often, and after how long, it is looked again whether a file is still open.
const MOMENTS: usize = 30;
const MOMENT: Duration = Duration::from_millis(100);

/// What is watched; it ends when this is dropped.
pub(super) struct Files {
    wanted: Wanted,
    watcher: RecommendedWatcher,
    changes: UnboundedReceiver<PathBuf>,
    /// Which files were asked about, and whether they are where our output goes.
    known: BTreeMap<PathBuf, bool>,
}

/// Which changes count.
struct Wanted {
    roots: Vec<PathBuf>,
    silent: Vec<PathBuf>,
}

impl Files {
    /// Watches these files and folders, but for what is `silent`.
    pub(super) fn watched(roots: &[PathBuf], silent: &[PathBuf]) -> Result<Self, Problem> {
        let absolute = |path: &PathBuf| fs::canonicalize(path).map_err(|why| unwatched(path, &why));
        let roots: Vec<PathBuf> = roots.iter().map(absolute).collect::<Result<_, _>>()?;
        let wanted = Wanted {
            roots,
            silent: silent.iter().filter_map(|path| absent(path)).collect(),
        };
        let (sender, changes) = unbounded_channel();
        let first = wanted.roots.first().cloned();
        let tell = move |event: notify::Result<Event>| {
            let paths = match event {
                Ok(event) if !event.need_rescan() => {
                    let event = Some(event).filter(|event| is_change(event.kind));
                    event.map(|event| event.paths).unwrap_or_default()
                }
                // Events were lost: anything may have changed.
                _ => first.iter().cloned().collect(),
            };
            for path in paths {
                // Who listens no more has been stopped.
                let _ = sender.send(path);
            }
        };
        let watcher = recommended_watcher(tell);
        let mut files = Self {
            watcher: watcher.map_err(|why| unwatched(Path::new("."), &why))?,
            wanted,
            changes,
            known: BTreeMap::new(),
        };
        for root in files.wanted.roots.clone() {
            files.add(&root).map_err(|why| unwatched(&root, &why))?;
        }
        Ok(files)
    }

    /// What is watched, for people.
    pub(super) fn named(&self) -> String {
        let names = self.wanted.roots.iter();
        let names = names.map(|root| root.display().to_string());
        names.collect::<Vec<_>>().join(", ")
    }

    /// The next file that changes. A folder that is new is watched from now on.
    pub(super) async fn next(&mut self) -> Option<PathBuf> {
        loop {
            let path = self.changes.recv().await?;
            if !self.wanted.has(&path) || self.is_echo(&path).await {
                continue;
            }
            if path.is_dir() {
                // One that is gone again needs none.
                let _ = self.add(&path);
            }
            return Some(path);
        }
    }

    /// Whether a file is where this program's own output goes. Each file is asked about once.
    async fn is_echo(&mut self, path: &Path) -> bool {
        if let Some(known) = self.known.get(path) {
            return *known;
        }
        let found = stays(|| is_echo(path)).await;
        self.known.insert(path.to_owned(), found);
        found
    }

    /// Watches a folder and what is below it. A file is watched in its folder: editors put another in its place.
    fn add(&mut self, path: &Path) -> notify::Result<()> {
        let folder = if path.is_dir() {
            Some(path)
        } else {
            path.parent()
        };
        let Some(folder) = folder else { return Ok(()) };
        self.watcher.watch(folder, RecursiveMode::NonRecursive)?;
        if folder != path {
            return Ok(());
        }
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && self.wanted.has(&entry.path()) {
                self.add(&entry.path())?;
            }
        }
        Ok(())
    }
}

/// Whether something is so for a while. Who reads our output may also save a file of the program, an editor with a terminal
/// of its own, say: it has that one open for a moment only.
async fn stays(is_so: impl Fn() -> bool) -> bool {
    for _ in 0..MOMENTS {
        if !is_so() {
            return false;
        }
        sleep(MOMENT).await;
    }
    true
}

/// The place of a file that need not be there yet.
fn absent(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let folder = path
        .parent()
        .and_then(|folder| fs::canonicalize(folder).ok());
    Some(folder.map_or(path.clone(), |folder| {
        folder.join(path.file_name().unwrap_or_default())
    }))
}

/// Whether an event is one of a file's content or name.
fn is_change(kind: EventKind) -> bool {
    !matches!(
        kind,
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_))
    )
}

impl Wanted {
    /// Whether a change of this file counts.
    fn has(&self, path: &Path) -> bool {
        let is_silent = self.silent.iter().any(|silent| path.starts_with(silent));
        let below = |root: &PathBuf| path.strip_prefix(root).ok();
        let is_written = |below: &Path| below.iter().all(|name| !is_made(&name.to_string_lossy()));
        !is_silent && self.roots.iter().filter_map(below).any(is_written)
    }
}

/// Whether a file or folder of this name is one that programs write.
fn is_made(name: &str) -> bool {
    MADE.contains(&name) || name.starts_with('.') || name.ends_with('~')
}

fn unwatched(path: &Path, why: &dyn std::fmt::Display) -> Problem {
    let message = format!("cannot watch \"{}\": {why}", path.display());
    let help = "name what is to be watched: `--path src`; Linux limits how many folders are (fs.inotify.max_user_watches)";
    Problem::unreadable(message, help)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tempfile::TempDir;

    use super::super::tests::in_runtime;
    use super::*;

    /// What is told next; nothing within two minutes is an error.
    async fn told(files: &mut Files) -> Option<String> {
        let change = tokio::time::timeout(Duration::from_secs(120), files.next()).await;
        let name = |path: PathBuf| {
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        };
        change.ok().flatten().and_then(name)
    }

    #[test]
    fn what_people_write_is_told_and_what_programs_write_is_not() {
        in_runtime(async {
            let folder = TempDir::new().unwrap();
            let path = |name: &str| folder.path().join(name);
            for name in ["src", "target", ".git"] {
                fs::create_dir(path(name)).unwrap();
            }
            let silent = [path("outputs.json")];
            let mut files = Files::watched(&[folder.path().to_owned()], &silent).unwrap();
            for name in [
                "target/a",
                ".git/index",
                "outputs.json",
                "src/.main.rs.swp",
                "main.rs~",
            ] {
                fs::write(path(name), "1").unwrap();
            }
            let _ = fs::read(path("src/.main.rs.swp")).unwrap();
            fs::write(path("src/main.rs"), "1").unwrap();
            assert_eq!(told(&mut files).await.as_deref(), Some("main.rs"));
            // A build reads every file, which must not begin another. Changes are told in their order, so what was
            // told before a mark is over.
            fs::write(path("src/mark.rs"), "1").unwrap();
            while told(&mut files).await.as_deref() != Some("mark.rs") {}
            let _ = fs::read(path("src/main.rs")).unwrap();
            fs::write(path("src/next.rs"), "1").unwrap();
            loop {
                let told = told(&mut files).await;
                assert_ne!(told.as_deref(), Some("main.rs"));
                if told.as_deref() == Some("next.rs") {
                    break;
                }
            }
            // A folder that is new is watched as well.
            fs::create_dir(path("src/shop")).unwrap();
            while told(&mut files).await.as_deref() != Some("shop") {}
            fs::write(path("src/shop/new.rs"), "1").unwrap();
            while told(&mut files).await.as_deref() != Some("new.rs") {}
            assert!(files.named().starts_with('/'));
        });
    }

    #[test]
    fn what_is_so_for_a_moment_only_does_not_stay() {
        in_runtime(async {
            let looks = Cell::new(0);
            let is_open = |most: usize| {
                looks.set(looks.get() + 1);
                looks.get() <= most
            };
            assert!(!stays(|| is_open(3)).await);
            looks.set(0);
            assert!(stays(|| is_open(usize::MAX)).await);
        });
    }

    #[test]
    fn one_file_is_watched_though_another_takes_its_place() {
        in_runtime(async {
            let folder = TempDir::new().unwrap();
            let path = |name: &str| folder.path().join(name);
            fs::write(path("a.json"), "1").unwrap();
            let mut files = Files::watched(&[path("a.json")], &[]).unwrap();
            for content in ["2", "3"] {
                fs::write(path("b.json"), content).unwrap();
                fs::rename(path("b.json"), path("a.json")).unwrap();
                assert_eq!(told(&mut files).await.as_deref(), Some("a.json"));
                let quiet = Duration::from_millis(300);
                while let Ok(Some(_)) = tokio::time::timeout(quiet, files.next()).await {}
            }
            let gone = Files::watched(&[path("c.json")], &[]);
            assert!(gone.is_err_and(|problem| problem.message.contains("c.json")));
        });
    }
}
