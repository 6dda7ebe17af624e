//! `watch`: deploys again whenever the source changes.
//!
//! A program that runs cannot become its own new version, so each round is a process of its own: the build, and
//! then this program with the very same arguments and a variable in its environment, which makes of `watch`
//! the `deploy` that it repeats. Ctrl-C on a terminal reaches both; each `deploy` then ends as ever,
//! with what goes on in AWS, and this process waits for it. So there is no half state that `deploy` alone does
//! not have.

#[cfg(unix)]
mod echo;
mod files;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{Command as Process, ExitStatus};
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use futures_util::future::{Either, Shared, select};
use futures_util::{Future, FutureExt as _};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use super::arguments::{option, text};
use super::terminal::Terminal;
use super::{INTERRUPTED, local, operate};
use crate::problem::Problem;
use files::Files;

/// The name of the verb.
pub(super) const VERB: &str = "watch";
/// Set for the process of one round.
const ROUND: &str = "CLOUDWRIGHT_WATCH_ROUND";
/// How long nothing may change before a round begins: editors and `git` write many files.
const QUIET: Duration = Duration::from_millis(300);
/// The longest time that a round is put off.
const PATIENCE: Duration = Duration::from_secs(10);

const STORY: &str = "\
Deploys at once, and again after every change of a file: first the program is built, then it runs `deploy` with the
same options. A build or a deployment that fails is told, and the next change tries again. What changes while
a round is under way begins the next one.

Watched are the files below the workspace of a program that `cargo run` started, else below the current folder; not
`target`, `cloudwright.out`, `node_modules`, `__pycache__` and what begins with a dot, nor --outputs-file, nor on Linux the
file that its own output is piped to by `tee`. What a build or a log writes among the sources begins round after round:
name the folders that people write by --path then.

Without --build, a program that `cargo run` started is built by `cargo build` with its features by default; say
`--build \"cargo build --features deploy\"` if it needs others. `cargo cloudwright watch --app PROGRAM` runs the program
for its assembly in every round: `--app \"cargo run --\"` builds it, too.

Ctrl-C ends it once the round under way has ended; on a terminal that is at once, and stacks go on in AWS.

With --json, each round writes the document that `deploy` writes.";

pub(super) fn command(command: Command) -> Command {
    let command = operate::deploy_command(command)
        .about("Deploys again whenever a file changes")
        .after_help(format!("{STORY}\n\n{}", super::EXIT_CODES));
    let paths = Arg::new("path").long("path").value_name("PATH");
    command.args([
        option(
            "build",
            "COMMAND",
            "What builds the program before each round",
        ),
        paths
            .value_parser(value_parser!(PathBuf))
            .action(ArgAction::Append)
            .help("A folder or a file that is watched; several may be given"),
    ])
}

/// What a verb is in this process: a round of `watch` is a `deploy`.
pub(super) fn in_this_process(verb: &str) -> &str {
    if verb == VERB && is_round() {
        "deploy"
    } else {
        verb
    }
}

fn is_round() -> bool {
    env::var_os(ROUND).is_some()
}

/// The arguments of `watch`, or of `local watch`, unless this is the process of a round.
pub(super) fn asked<'a>(verb: &str, arguments: &'a ArgMatches) -> Option<&'a ArgMatches> {
    let (verb, arguments) = match (verb, arguments.subcommand()) {
        (local::VERB, Some(below)) => below,
        _ => (verb, arguments),
    };
    (verb == VERB && !is_round()).then_some(arguments)
}

/// Deploys again and again, until Ctrl-C.
pub(super) async fn run(arguments: &ArgMatches, terminal: &Terminal<'_>) -> Result<u8, Problem> {
    let round = Round::of(arguments)?;
    let mut files = Files::watched(&round.paths(arguments)?, &round.silent(arguments))?;
    let stop = tokio::signal::ctrl_c().map(drop).boxed_local().shared();
    loop {
        let (ended, is_stopped) =
            until_stopped(round.run(terminal, &stop), stop.clone(), terminal).await;
        ended?;
        if is_stopped {
            return Ok(INTERRUPTED);
        }
        terminal.progress(&format!("watching {}; Ctrl-C ends it", files.named()));
        let change = pin!(changed((QUIET, PATIENCE), async || files.next().await));
        match select(change, stop.clone()).await {
            Either::Left((Some(file), _)) => {
                terminal.progress(&format!("{} changed", file.display()));
            }
            Either::Left((None, _)) => {
                let message = "the files are watched no longer";
                return Err(Problem::failed(message, "run the command again"));
            }
            Either::Right(_) => return Ok(INTERRUPTED),
        }
    }
}

/// What some work ends in, and whether Ctrl-C was pressed meanwhile. The work is waited for all the same.
async fn until_stopped<T, S: Future<Output = ()>>(
    work: impl Future<Output = T>,
    stop: Shared<S>,
    terminal: &Terminal<'_>,
) -> (T, bool) {
    match select(stop, pin!(work)).await {
        Either::Right((done, _)) => (done, false),
        Either::Left(((), work)) => {
            terminal.progress("stopped: waiting for the end of what is under way");
            (work.await, true)
        }
    }
}

/// The first file that changes, once nothing more does.
async fn changed(
    (quiet, patience): (Duration, Duration),
    mut next: impl AsyncFnMut() -> Option<PathBuf>,
) -> Option<PathBuf> {
    let first = next().await?;
    let latest = Instant::now() + patience;
    while Instant::now() < latest && matches!(timeout(quiet, next()).await, Ok(Some(_))) {}
    Some(first)
}

/// One round: a build, and a deployment.
struct Round {
    build: Option<Vec<OsString>>,
    deploy: Vec<OsString>,
}

impl Round {
    fn of(arguments: &ArgMatches) -> Result<Self, Problem> {
        let program = env::current_exe().map_err(|why| {
            let message = format!("cannot tell where this program is: {why}");
            Problem::unreadable(message, "start it by its path")
        })?;
        let build = match text(arguments, "build") {
            Some(given) => Some(words(&given)?),
            None => match env::var_os("CARGO_MANIFEST_DIR") {
                Some(package) => {
                    require_plain(Path::new(&package), &program)?;
                    Some(by_cargo(&program, package))
                }
                None => None,
            },
        };
        let deploy = [program.into_os_string()].into_iter();
        Ok(Self {
            build,
            deploy: deploy.chain(env::args_os().skip(1)).collect(),
        })
    }

    /// What is watched.
    fn paths(&self, arguments: &ArgMatches) -> Result<Vec<PathBuf>, Problem> {
        if let Some(paths) = arguments.get_many::<PathBuf>("path") {
            return Ok(paths.cloned().collect());
        }
        match env::var_os("CARGO_MANIFEST_DIR") {
            Some(package) => Ok(vec![workspace(Path::new(&package))]),
            None => env::current_dir()
                .map(|folder| vec![folder])
                .map_err(|why| {
                    let message = format!("cannot tell the current folder: {why}");
                    Problem::unreadable(message, "go to one that is there")
                }),
        }
    }

    /// What a round itself writes.
    fn silent(&self, arguments: &ArgMatches) -> Vec<PathBuf> {
        let outputs = arguments.get_one::<PathBuf>("outputs-file").cloned();
        let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        // The folder of a program that cargo built, and the files that this program writes to.
        let built = Path::new(&self.deploy[0]).parent().map(Path::to_owned);
        let streams = ["/proc/self/fd/1", "/proc/self/fd/2"];
        let streams = streams
            .iter()
            .filter_map(|path| std::fs::read_link(path).ok());
        let all = outputs.into_iter().chain(target);
        all.chain(built.filter(|_| is_built_by_cargo()))
            .chain(streams)
            .collect()
    }

    /// Builds and deploys. What fails there is told there; it is a problem only if it cannot be started.
    async fn run<S: Future<Output = ()>>(
        &self,
        terminal: &Terminal<'_>,
        stop: &Shared<S>,
    ) -> Result<(), Problem> {
        if let Some(build) = &self.build {
            let ended = process(build.clone()).await?;
            // Who stops a build wants no deployment after it.
            if stop.peek().is_some() {
                return Ok(());
            }
            if !ended.success() {
                terminal.note(&format!(
                    "the build failed ({ended}): the next change tries again"
                ));
                return Ok(());
            }
        }
        let ended = process(self.deploy.clone()).await?;
        if ended.code() == Some(2) {
            terminal.note("if the program has no `watch` now, it was built without its features: see `--build`");
        }
        if !ended.success() {
            terminal.note(&format!(
                "the deployment ended early ({ended}): the next change tries again"
            ));
        }
        Ok(())
    }
}

/// The words of a command; none of them holds a space.
fn words(command: &str) -> Result<Vec<OsString>, Problem> {
    let words: Vec<_> = command.split_whitespace().map(OsString::from).collect();
    if words.is_empty() {
        let help = "name a command: `--build \"cargo build\"`";
        return Err(Problem::usage("the value of `--build` is empty", help));
    }
    Ok(words)
}

fn is_built_by_cargo() -> bool {
    env::var_os("CARGO_MANIFEST_DIR").is_some()
}

/// The workspace around a package, whose other packages are deployed by it: handlers, say.
fn workspace(package: &Path) -> PathBuf {
    let is_workspace = |folder: &&Path| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml"));
        manifest.is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
    };
    package
        .ancestors()
        .find(is_workspace)
        .unwrap_or(package)
        .to_owned()
}

/// Refuses to guess how a program is built that has features of its own for deployment: built without them, it would
/// have no `watch` any more.
fn require_plain(package: &Path, program: &Path) -> Result<(), Problem> {
    let manifest = std::fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default();
    let has_own = ["\"cloudwright/deploy\"", "\"cloudwright/operate\""];
    let has_own = has_own.iter().any(|feature| manifest.contains(feature));
    let folder = program.parent().and_then(Path::file_name);
    if !has_own && folder.is_none_or(|name| name != "examples") {
        return Ok(());
    }
    let name = program.file_stem().unwrap_or_default().to_string_lossy();
    let help = format!("say it: `--build \"cargo build --features deploy --bin {name}\"`");
    Err(Problem::usage(
        "how this program is built cannot be told",
        help,
    ))
}

/// How cargo builds a program of a package, in the profile that it was built in.
fn by_cargo(program: &Path, package: OsString) -> Vec<OsString> {
    let manifest = PathBuf::from(package).join("Cargo.toml");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut words = vec![
        cargo,
        "build".into(),
        "--manifest-path".into(),
        manifest.into(),
    ];
    if let Some(name) = program.file_stem() {
        words.extend(["--bin".into(), name.to_owned()]);
    }
    let folder = program.parent().and_then(|folder| folder.file_name());
    match folder.and_then(|name| name.to_str()) {
        None | Some("debug") => {}
        Some(profile) => words.extend(["--profile".into(), profile.into()]),
    }
    words
}

/// Runs a process to its end, on a thread of its own.
async fn process(words: Vec<OsString>) -> Result<ExitStatus, Problem> {
    let name = words[0].to_string_lossy().into_owned();
    let run = move || {
        Process::new(&words[0])
            .args(&words[1..])
            .env(ROUND, "1")
            .status()
    };
    let ended = spawn_blocking(run).await;
    let ended = ended.unwrap_or_else(|why| Err(std::io::Error::other(why)));
    ended.map_err(|why| {
        let message = format!("cannot start \"{name}\": {why}");
        Problem::unreadable(message, "check its name, and that it is on PATH")
    })
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[test]
    fn the_profile_of_the_program_is_built_again() {
        let words = |program: &str| {
            let words = by_cargo(Path::new(program), "/shop".into());
            let words: Vec<_> = words[1..]
                .iter()
                .map(|word| word.to_string_lossy().into_owned())
                .collect();
            words.join(" ")
        };
        let plain = "build --manifest-path /shop/Cargo.toml --bin shop";
        assert_eq!(words("/shop/target/debug/shop"), plain);
        assert_eq!(
            words("/shop/target/release/shop"),
            format!("{plain} --profile release")
        );
    }

    #[test]
    fn a_program_with_features_of_its_own_is_not_built_by_guessing() {
        let folder = tempfile::TempDir::new().unwrap();
        let program = Path::new("target/debug/shop");
        let write = |text: &str| std::fs::write(folder.path().join("Cargo.toml"), text).unwrap();
        write(
            "[package]\nname = \"shop\"\n[dependencies]\ncloudwright = { features = [\"deploy\"] }",
        );
        assert_eq!(require_plain(folder.path(), program), Ok(()));
        let example = require_plain(folder.path(), Path::new("target/debug/examples/shop"));
        assert!(example.is_err());
        write("[features]\ndeploy = [\"cloudwright/deploy\"]\n[workspace]\n");
        let problem = require_plain(folder.path(), program).unwrap_err();
        assert!(
            problem.help.contains("--features deploy --bin shop"),
            "{problem:?}"
        );
        assert_eq!(workspace(&folder.path().join("infra")), folder.path());
    }

    #[test]
    fn a_burst_of_changes_is_one_change_and_an_endless_one_does_not_put_it_off() {
        let (sender, mut changes) = unbounded_channel();
        let times = (Duration::from_millis(200), Duration::from_secs(1));
        for name in ["a", "b", "c"] {
            sender.send(PathBuf::from(name)).unwrap();
        }
        in_runtime(async {
            let first = changed(times, async || changes.recv().await).await;
            assert_eq!(first, Some("a".into()));
            assert!(changes.is_empty());
            let writer = async {
                loop {
                    let _ = sender.send("log".into());
                    tokio::time::sleep(times.0 / 4).await;
                }
            };
            let change = changed(times, async || changes.recv().await);
            match select(pin!(change), pin!(writer)).await {
                Either::Left((file, _)) => assert_eq!(file, Some("log".into())),
                Either::Right(((), _)) => unreachable!("it writes for ever"),
            }
        });
    }

    /// Runs a test that waits for something.
    pub(super) fn in_runtime(test: impl Future<Output = ()>) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(test);
    }
}
