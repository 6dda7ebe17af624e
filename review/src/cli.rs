//! The verb `review`, which a user's program and `cargo cloudwright` share: its arguments, what is compared with, where
//! the review goes, and the exit code.

use std::fs;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use cloudwright_diff::SpecLookup;
use cloudwright_graph::{Problem, Source};
use serde_json::Value;

use crate::baseline::{DEPLOYED, read};
use crate::chosen::choose;
use crate::html::OURS;
use crate::markdown::verdict;
use crate::model::Review;

pub use crate::baseline::{Program, Sought};

/// The name of the verb.
pub const VERB: &str = "review";

/// The exit code for a review that `--fail-on` does not let through.
const FOUND: u8 = 1;
/// The exit code for a command line that makes no sense.
const USAGE: u8 = 2;
/// The exit code for a file that cannot be read or written.
const UNREADABLE: u8 = 3;

/// Where a page goes, unless something else is said.
const PAGE: &str = "review.html";

/// What says where deployed stacks are, in programs that deploy.
const PLACE: [&str; 4] = ["region", "profile", "assume-role", "endpoint-url"];

const AFTER_HELP: &str = "\
Shows what a change does: what is lost or replaced first, who may do more than before in words, the
warnings of the checks with their lines, the picture with what is new, and every property. Without
--baseline it shows the system as it is.

--baseline is one of
  DIR             an assembly, also one of the AWS CDK
  FILE            a template in JSON; with several stacks, name the one that it belongs to
  git:REV         the assembly of a revision: the one that it has in cloudwright.out; or else the program
                  is run at that revision, in a worktree that goes away again
  git:REV:PATH    an assembly or a template that a revision has at a path
  deployed        the stacks as they are in AWS, in a program that deploys; nothing is changed there. A
                  folder of that name is ./deployed

--fail-on makes the exit code 1, from such changes on as `deploy --require-approval` asks about:
  any-change      anything differs
  broadening      somebody may do more than before, or data is lost or may be
  destructive     data is lost or may be, or a resource is deleted or replaced

The page is one file that needs no network. A comment of --format markdown has less than 65,536
characters, as code hosts want it; what is left out is counted.

With --json: as --format json: {version, baseline, anyChange, broadening, destructive, unknownTypes,
stacks: [{path, name, status, difference, changes: [{id, path, line, fate}], access: [{access, sentence,
exactly, wide}]}], findings: [{code, title, message, help, construct, line, explanation}]}.

Examples:
  review                                            the system as it is, in review.html
  review --baseline git:origin/main                 what the branch changes
  review --baseline deployed                        what a deployment would change
  review --baseline git:origin/main --format markdown --fail-on broadening > comment.md";

/// The help and the arguments of the verb.
#[must_use]
pub fn command(command: Command) -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let format = option("format", "FORMAT", "What the review is written as")
        .value_parser(PossibleValuesParser::new(["html", "markdown", "json"]))
        .default_value("html");
    let levels = ["never", "any-change", "broadening", "destructive"];
    let fail_on = option(
        "fail-on",
        "CHANGE",
        "From which changes on the exit code is 1",
    )
    .value_parser(PossibleValuesParser::new(levels))
    .default_value("never");
    let out =
        "Where the review goes; - is standard output [default: review.html for a page, else -]";
    command
        .about("Shows what a change does to the stacks, as a page, a comment or data")
        .after_help(AFTER_HELP)
        .arg(
            Arg::new("stacks")
                .value_name("STACK")
                .action(ArgAction::Append)
                .help(
                    "Paths or names of stacks, `*` standing for anything; all stacks unless given",
                ),
        )
        .args([
            option("baseline", "WHAT", "What is compared with"),
            format,
            option("out", "FILE", out).value_parser(clap::value_parser!(PathBuf)),
            fail_on,
        ])
}

/// Why there is no review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The exit code.
    pub code: u8,
    /// What was given and what was expected.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Stop {
    /// A command line that makes no sense.
    #[must_use]
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code: USAGE,
            message: message.into(),
            help: help.into(),
        }
    }

    /// Something that cannot be read or written.
    #[must_use]
    pub fn cannot(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code: UNREADABLE,
            ..Self::usage(message, help)
        }
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::cannot(problem.message, problem.help)
    }
}

/// Gives the deployed template of each stack, in their order; `null` for one that is not deployed.
pub type Deployed<'a> = dyn Fn(&[Sought<'_>]) -> Result<Vec<Value>, Stop> + 'a;

/// What a review is made in.
pub struct Host<'a> {
    /// The facts about resource types.
    pub facts: SpecLookup<'a>,
    /// Where relative paths start.
    pub folder: &'a Path,
    /// How the app is run, where that is known.
    pub program: Option<Program>,
    /// Whether the result is wanted as JSON, whatever the format.
    pub json: bool,
    /// Gives the deployed templates.
    pub deployed: &'a Deployed<'a>,
    /// Tells what takes time.
    pub progress: &'a dyn Fn(&str),
}

/// A review that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What goes to standard output.
    pub output: String,
    /// What a person should know.
    pub note: Option<String>,
    /// The exit code.
    pub code: u8,
}

/// Reviews an assembly as the command line says.
///
/// # Errors
/// When the command line makes no sense, or when something cannot be read or written; then nothing is written.
pub fn run(arguments: &ArgMatches, source: &Source, host: &Host<'_>) -> Result<Done, Stop> {
    let one = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    let stacks = arguments.get_many::<String>("stacks").unwrap_or_default();
    let chosen = choose(source, &stacks.cloned().collect::<Vec<_>>())?;
    require_deployed(arguments, one("baseline"))?;
    let baseline = one("baseline").map(|what| read(what, (&chosen, source), host));
    let baseline = baseline.transpose()?;
    let level = one("fail-on").unwrap_or_default();
    if baseline.is_none() && level != "never" {
        return Err(Stop::usage(
            format!("`--fail-on {level}` needs something to compare with"),
            "say it: `--baseline git:origin/main`, a folder or a file",
        ));
    }
    let review = Review::new(source, baseline.as_ref(), host.facts).only(&chosen);
    let format = if host.json {
        "json"
    } else {
        one("format").unwrap_or_default()
    };
    let out = arguments.get_one::<PathBuf>("out");
    let mut done = written(&review, format, out.map(PathBuf::as_path), host.folder)?;
    if review.fails(level) {
        let why = format!(
            "error: found what `--fail-on {level}` looks for: {}",
            verdict(&review)
        );
        done.note = Some(
            done.note
                .map_or_else(|| why.clone(), |note| format!("{note}\n{why}")),
        );
        done.code = FOUND;
    }
    Ok(done)
}

/// Refuses what says where AWS is, where nothing is asked of it.
fn require_deployed(arguments: &ArgMatches, baseline: Option<&str>) -> Result<(), Stop> {
    let is_given = |name: &&&str| {
        matches!(arguments.try_contains_id(name), Ok(true))
            && arguments.value_source(name) == Some(ValueSource::CommandLine)
    };
    let given = PLACE.iter().find(is_given);
    match given.filter(|_| baseline != Some(DEPLOYED)) {
        None => Ok(()),
        Some(name) => Err(Stop::usage(
            format!("`--{name}` says where deployed stacks are, and they are not compared with"),
            "add `--baseline deployed`, or leave it out",
        )),
    }
}

/// Writes the review where it is wanted.
fn written(review: &Review, format: &str, out: Option<&Path>, folder: &Path) -> Result<Done, Stop> {
    let text = match format {
        "markdown" => review.to_markdown(),
        "json" => format!("{:#}\n", review.to_json()),
        _ => review.to_html(),
    };
    let usual = (format == "html").then_some(Path::new(PAGE));
    let Some(name) = out.or(usual).filter(|name| *name != Path::new("-")) else {
        return Ok(Done {
            output: text,
            note: None,
            code: 0,
        });
    };
    let file = folder.join(name);
    if out.is_none() {
        require_ours(&file, name)?;
    }
    replace(&file, &text).map_err(|why| {
        let message = format!("cannot write \"{}\": {why}", name.display());
        Stop::cannot(
            message,
            "name a file in a folder that can be written: `--out FILE`",
        )
    })?;
    Ok(Done {
        output: String::new(),
        note: Some(format!("Wrote {}. {}", name.display(), verdict(review))),
        code: 0,
    })
}

/// Refuses to write over a file of somebody's, which nobody named.
fn require_ours(file: &Path, name: &Path) -> Result<(), Stop> {
    let is_other = fs::read(file).is_ok_and(|content| !content.starts_with(OURS.as_bytes()));
    match is_other {
        false => Ok(()),
        true => Err(Stop::cannot(
            format!("\"{}\" is there already, and no review", name.display()),
            "name the file: `--out FILE`",
        )),
    }
}

/// Writes a file in one step: what was there stays whole until the new one is.
fn replace(file: &Path, content: &str) -> std::io::Result<()> {
    cloudwright_graph::replace(file, content)
}

impl Review {
    /// Whether there is a change from which on `--fail-on` makes the exit code 1.
    fn fails(&self, level: &str) -> bool {
        let changes = || self.stacks.iter().flat_map(|stack| &stack.diff.resources);
        match level {
            "any-change" => self.is_any_change(),
            "broadening" => self.is_broadening() || self.is_destructive(),
            "destructive" => self.is_destructive() || changes().any(|change| change.rank() <= 4),
            _ => false,
        }
    }
}
