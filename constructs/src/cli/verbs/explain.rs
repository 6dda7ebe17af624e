//! `explain`: what the code of a diagnostic means.

use clap::{Arg, ArgMatches, Command};
use cloudwright_synth::{Rule, Severity};
use serde_json::{Value, json};

use crate::cli::aws;
use crate::cli::color::Look;
use crate::cli::console::Console;
use crate::cli::program::Program;
use crate::cli::stop::{SUCCESS, Stop};
use crate::cli::table::Table;
use crate::rules::all;
use cloudwright_synth::nearest;

const AFTER_HELP: &str = "\
With --json: {version, rules: [{code, severity, title, explanation, fix, page}]}.

Examples:
  explain CW0007  what CW0007 means and how to mend it
  explain         all codes";

pub(crate) fn command(command: Command) -> Command {
    command
        .about("Explains the code of an error or warning")
        .after_help(AFTER_HELP)
        .arg(
            Arg::new("code")
                .value_name("CODE")
                .help("A code such as CW0007; all codes unless given"),
        )
}

pub(crate) fn run(
    arguments: &ArgMatches,
    console: &mut Console<'_>,
    _: Program<'_>,
) -> Result<u8, Stop> {
    let rules = match arguments.get_one::<String>("code") {
        Some(code) => vec![find(code)?],
        None => all(),
    };
    if console.json {
        let rules: Value = rules.iter().map(|rule| object(rule)).collect();
        console.print_json(&json!({ "version": 1, "rules": rules }));
    } else if let [rule] = rules[..] {
        let heading = console
            .paint
            .on(Look::Bold, &format!("{}: {}", rule.code, rule.title));
        console.print(&format!("{heading}\n\n{}", text(rule)));
    } else {
        let text = list(&rules).text(console.paint);
        console.print(&text);
    }
    Ok(SUCCESS)
}

/// Whether there is more to tell about a code.
pub(crate) fn explains(code: &str) -> bool {
    known(code).is_some()
}

fn known(code: &str) -> Option<&'static Rule> {
    let mut ours = all().into_iter();
    let ours = ours.find(|rule| rule.code.eq_ignore_ascii_case(code));
    ours.or_else(|| aws::rule(code))
}

fn find(code: &str) -> Result<&'static Rule, Stop> {
    if let Some(rule) = known(code) {
        return Ok(rule);
    }
    let help = match nearest(code, all().iter().map(|rule| rule.code)) {
        Some(near) => format!("did you mean {near}? `explain` alone lists all codes"),
        None => "a code is CW and four digits; `explain` alone lists all".to_owned(),
    };
    Err(Stop::usage(format!("there is no code \"{code}\""), help))
}

fn list(rules: &[&Rule]) -> Table<2> {
    let mut table = Table::new(["Code", "Title"]);
    for rule in rules {
        table.row([rule.code.to_owned(), rule.title.to_owned()]);
    }
    table
}

fn object(rule: &Rule) -> Value {
    json!({
        "code": rule.code,
        "severity": severity(rule),
        "title": rule.title,
        "explanation": rule.explanation,
        "fix": rule.fix,
        "page": rule.page,
    })
}

const fn severity(rule: &Rule) -> &'static str {
    match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Why it matters, what to do, how bad it is, and where AWS says so.
fn text(rule: &Rule) -> String {
    let effect = match rule.severity {
        Severity::Error if is_of_aws(rule) => "An error of `check --aws`.",
        Severity::Error => "An error: no template is written.",
        Severity::Warning => "A warning: `--deny warnings` makes it an error.",
    };
    let mut text = format!(
        "{}\n\nWhat to do: {}\n\n{effect}\n",
        wrapped(rule.explanation),
        wrapped(rule.fix)
    );
    if !rule.page.is_empty() {
        text += &format!("AWS: {}\n", rule.page);
    }
    text
}

/// Whether the rule is one of AWS's engine, which has no say in what is written.
fn is_of_aws(rule: &Rule) -> bool {
    aws::rule(rule.code).is_some()
}

/// The text in lines of at most 80 characters, longer words excepted.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.len() - 1;
        let width = lines[line].chars().count() + 1 + word.chars().count();
        if width > 80 && !lines[line].is_empty() {
            lines.push(word.to_owned());
        } else {
            let gap = if lines[line].is_empty() { "" } else { " " };
            lines[line] += &format!("{gap}{word}");
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let codes: Vec<&str> = all().iter().map(|rule| rule.code).collect();
        let mut unique = codes.clone();
        unique.dedup();
        assert_eq!(codes, unique);
        let is_code = |code: &&str| {
            let digits = code.strip_prefix("CW").unwrap_or_default();
            digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        assert!(codes.iter().all(is_code), "{codes:?}");
    }
}
