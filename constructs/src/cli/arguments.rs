//! The command line's grammar and help.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::cli::Run;
use crate::cli::session::Session;
use crate::cli::stop::Stop;
use crate::cli::verbs;

const ABOUT: &str = "The command line of an app made with cloudwright: shows, checks and writes \
                     the CloudFormation templates of the stacks that this program describes.";

/// The release of the library, and of the facts about CloudFormation's resources that it was made with.
const VERSION: &str = concat!(
    "made with cloudwright ",
    env!("CARGO_PKG_VERSION"),
    " (CloudFormation spec ",
    cloudwright_synth::release!(),
    ")"
);

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the program or its templates have errors, `--fail-on` found a match, or a package
     cannot be made
  2  the command line makes no sense
  3  a file or folder cannot be read or written";

/// A command line that makes sense.
pub(crate) struct Request {
    pub(crate) run: Run,
    pub(crate) verb: ArgMatches,
    pub(crate) context: Vec<(String, String)>,
    /// Whether warnings stand in the way like errors.
    pub(crate) deny_warnings: bool,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

/// Reads the session's arguments.
pub(crate) fn read(session: &Session<'_>) -> Result<Request, Stop> {
    let mut grammar = grammar(&program_name(&session.arguments));
    let arguments = session.arguments.iter().skip(1);
    let matches = grammar
        .try_get_matches_from_mut(arguments)
        .map_err(|error| refused(&error))?;
    let (run, verb) = match matches.subcommand() {
        Some((name, verb)) => (verbs::find(name), verb.clone()),
        None if verbs::called_by_cdk(session) => (Some(verbs::SYNTH_FOR_CDK), matches),
        None => (None, matches),
    };
    Ok(Request {
        run: run.ok_or_else(|| Stop::Refused(grammar.render_help()))?,
        context: context(&verb)?,
        deny_warnings: verb.contains_id("deny"),
        json: verb.get_flag("json"),
        quiet: verb.get_flag("quiet"),
        verb,
    })
}

fn refused(error: &clap::Error) -> Stop {
    let text = error.render();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop::Shown(text),
        ErrorKind::InvalidSubcommand => elsewhere(error).unwrap_or(Stop::Refused(text)),
        _ => Stop::Refused(text),
    }
}

/// What makes a program deploy itself.
const TURN_ON_DEPLOY: &str = "turn on its feature: `cargo add cloudwright --features deploy`; or run `synth`, then use \
                              `cargo cloudwright` or `npx aws-cdk@2 --app cloudwright.out`";

/// What makes a program work with what runs.
const TURN_ON_OPERATE: &str = "turn on its feature: `cargo add cloudwright --features operate`; or run `synth`, then use \
                               `cargo cloudwright`";

/// Verbs of other tools that newcomers try here, and what does their work.
const ELSEWHERE: [(&str, &str); 12] = [
    ("bootstrap", TURN_ON_DEPLOY),
    (
        "bundle",
        "turn on its feature: `cargo add cloudwright --features bundle`",
    ),
    (
        "completions",
        "turn on its feature: `cargo add cloudwright --features completions`",
    ),
    ("deploy", TURN_ON_DEPLOY),
    ("destroy", TURN_ON_DEPLOY),
    (
        "graph",
        "turn on its feature: `cargo add cloudwright --features graph`; or run `synth`, then `cargo cloudwright graph`",
    ),
    (
        "init",
        "make a program by `cargo cloudwright new NAME`; or by `cargo new`, and `cargo add cloudwright`",
    ),
    ("local", TURN_ON_DEPLOY),
    ("invoke", TURN_ON_OPERATE),
    ("logs", TURN_ON_OPERATE),
    (
        "review",
        "turn on its feature: `cargo add cloudwright --features review`; or run `synth`, then `cargo cloudwright review`",
    ),
    ("run", TURN_ON_OPERATE),
];

fn elsewhere(error: &clap::Error) -> Option<Stop> {
    let ContextValue::String(verb) = error.get(ContextKind::InvalidSubcommand)? else {
        return None;
    };
    let (_, help) = ELSEWHERE.iter().find(|(name, _)| name == verb)?;
    Some(Stop::usage(
        format!("this program has no verb `{verb}`"),
        *help,
    ))
}

/// The file name of the running program.
pub(crate) fn program_name(arguments: &[OsString]) -> String {
    let path = arguments.first().map(Path::new);
    let name = path.and_then(Path::file_stem);
    name.map_or_else(
        || "app".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The whole grammar.
pub(crate) fn grammar(name: &str) -> Command {
    Command::new("app")
        .bin_name(name)
        .display_name(name)
        .no_binary_name(true)
        .about(ABOUT)
        .version(VERSION)
        .after_help(EXIT_CODES)
        .subcommand_required(false)
        .args(common())
        .subcommands(verbs::all().map(|verb| (verb.command)(Command::new(verb.name))))
}

/// Arguments that every verb has.
fn common() -> [Arg; 5] {
    let arg = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .global(true)
            .help_heading("Common options")
    };
    [
        arg("context")
            .short('c')
            .value_name("KEY=VALUE")
            .action(ArgAction::Append)
            .help("Sets a context value, which the program reads by `app.context(\"KEY\")`"),
        arg("deny")
            .value_name("WHAT")
            .value_parser(["warnings"])
            .help("Stops at warnings as at errors: `--deny warnings`"),
        arg("json")
            .action(ArgAction::SetTrue)
            .help("Writes the result to standard output as JSON"),
        arg("quiet")
            .short('q')
            .action(ArgAction::SetTrue)
            .help("Writes results and problems only"),
        arg("color")
            .value_name("WHEN")
            .value_parser(["auto", "always", "never"])
            .default_value("auto")
            .help("Colours; `auto` means on a terminal where NO_COLOR is not set"),
    ]
}

fn context(verb: &ArgMatches) -> Result<Vec<(String, String)>, Stop> {
    let given = verb.get_many::<String>("context").unwrap_or_default();
    given.map(|pair| context_pair(pair)).collect()
}

fn context_pair(pair: &str) -> Result<(String, String), Stop> {
    match pair.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(Stop::usage(
            format!("a context value is KEY=VALUE, got \"{pair}\""),
            "write a key, an equals sign and a value: `-c owner=team-a`",
        )),
    }
}
