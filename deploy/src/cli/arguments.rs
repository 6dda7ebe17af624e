//! What the verbs have in common on the command line.

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::aws::Settings;
use crate::problem::Problem;

/// An option with a value.
pub(super) fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// A switch.
pub(super) fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

/// The stacks that a verb is about.
pub(super) fn stacks(command: Command) -> Command {
    let stacks = Arg::new("stacks")
        .value_name("STACK")
        .action(ArgAction::Append);
    command.arg(
        stacks.help("Paths or names of stacks, `*` standing for anything; all stacks unless given"),
    )
}

/// Where requests go, and as whom.
pub(super) fn aws(command: Command) -> Command {
    const HEADING: &str = "AWS options";
    let arguments = [
        option(
            "region",
            "REGION",
            "The region of stacks that leave it open",
        ),
        option(
            "profile",
            "[ACCOUNT=]NAME",
            "A profile of the AWS configuration; one for each account where there are several",
        )
        .action(ArgAction::Append),
        option(
            "assume-role",
            "NAME",
            "The role to assume in accounts other than the caller's",
        ),
        option("endpoint-url", "URL", "Where requests go instead of AWS"),
    ];
    command.args(arguments.map(|argument| argument.help_heading(HEADING)))
}

/// What [`aws`] was given.
pub(super) fn settings(arguments: &ArgMatches) -> Result<Settings, Problem> {
    let mut settings = Settings {
        region: text(arguments, "region"),
        assume_role: text(arguments, "assume-role"),
        endpoint: text(arguments, "endpoint-url"),
        ..Settings::default()
    };
    for profile in texts(arguments, "profile") {
        match profile.split_once('=') {
            Some((account, name)) if is_account(account) => {
                settings
                    .accounts
                    .insert(account.to_owned(), name.to_owned());
            }
            _ if settings.profile.is_none() => settings.profile = Some(profile),
            _ => {
                let message = "two profiles without an account are one too many";
                return Err(Problem::usage(
                    message,
                    "say whose each is: `--profile 123456789012=NAME`",
                ));
            }
        }
    }
    Ok(settings)
}

/// Whether a text is the number of an account.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// The value of an option.
pub(super) fn text(arguments: &ArgMatches, name: &str) -> Option<String> {
    arguments.get_one::<String>(name).cloned()
}

/// The values of an option that may be given several times.
pub(super) fn texts(arguments: &ArgMatches, name: &str) -> Vec<String> {
    arguments
        .get_many::<String>(name)
        .unwrap_or_default()
        .cloned()
        .collect()
}
