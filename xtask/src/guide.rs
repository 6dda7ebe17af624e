//! `cargo xtask guide`: writes the pages of the guide that are made of code: what the handlers read, from the schemas of
//! their contract.
//!
//! `cargo xtask tidy` fails where a page is not what would be written. The page of commands needs the programs themselves, with the
//! SDK, so a test of them holds it (`tests/tests/with_walks/commands.rs`).

use std::fmt::Write as _;
use std::fs;

use clap::{ArgMatches, Command};
use serde_json::Value;

use crate::schema;
use crate::{Outcome, workspace_root};

/// The page of what handlers read.
pub(crate) const CONFIGURATION: &str = "docs/src/reference/configuration.md";

/// Where the schemas are for readers of the guide, which is not in their folder.
const SCHEMAS: &str = "https://github.com/cloudwright/cloudwright/blob/main/docs/schema";

const STORY: &str = "\
# Configuration of handlers

<!-- Written by `cargo xtask guide` from the contract's schemas; do not edit. -->

The handlers that are brought along are programs for functions and tasks. What they have to know stands in their environment, and
their constructs write it there. This page is for those who look at a function in the console, or who run a handler on their own.
A variable with an unreadable value stops the handler when it starts, and the message names the variable.

`<n>` in a name is 1, 2, 3 and so on.
";

/// The arguments of the verb.
pub(crate) fn command() -> Command {
    Command::new("guide").about("Write the pages of the guide that are made of code")
}

pub(crate) fn run(_: &ArgMatches) -> Outcome {
    let because = |e: std::io::Error| format!("{CONFIGURATION}: {e}");
    fs::write(workspace_root().join(CONFIGURATION), configuration()?).map_err(because)?;
    println!("wrote {CONFIGURATION}");
    Ok(())
}

/// The page of what handlers read.
pub(crate) fn configuration() -> Outcome<String> {
    let mut page = STORY.to_owned();
    let mut messages = Vec::new();
    let files = schema::files()?;
    for (file, text) in &files {
        let document: Value = serde_json::from_str(text).map_err(|e| format!("{file}: {e}"))?;
        if let Some(name) = file.strip_suffix(".environment.json") {
            let settings = files.get(&format!("{name}.settings.json"));
            let settings = settings.map_or("null", String::as_str);
            let settings = serde_json::from_str(settings).map_err(|e| format!("{name}: {e}"))?;
            page += &handler(name, &document, &settings);
        } else if !file.starts_with("cli.") && !file.ends_with(".settings.json") {
            messages.push(message(file, &document));
        }
    }
    page += "\n## Messages\n\nWhat handlers, workers and operations say to each other, other than events of AWS:\n\n";
    page += "| schema | is |\n|---|---|\n";
    Ok(page + &messages.concat())
}

/// The section of a handler.
fn handler(name: &str, environment: &Value, settings: &Value) -> String {
    let mut section = format!("\n## {name}\n\n{}\n\n", first_line(settings));
    let variables = variables(environment);
    if variables.is_empty() {
        section += "Nothing stands in its environment; it is told with each call:\n\n";
        section += "| property | holds |\n|---|---|\n";
        section += &rows(settings["properties"].as_object());
    } else {
        section += "| variable | holds |\n|---|---|\n";
        section += &variables;
    }
    let _ = writeln!(
        section,
        "\nSchemas: [{name}.environment.json]({SCHEMAS}/{name}.environment.json), \
         [{name}.settings.json]({SCHEMAS}/{name}.settings.json)."
    );
    section
}

fn variables(environment: &Value) -> String {
    let named = rows(environment["properties"].as_object());
    named + &rows(environment["patternProperties"].as_object())
}

fn rows(members: Option<&serde_json::Map<String, Value>>) -> String {
    let rows = members.into_iter().flatten().map(|(name, member)| {
        let name = name.trim_matches(['^', '$']).replace("[1-9][0-9]*", "<n>");
        format!("| `{name}` | {} |\n", cell(&first_line(member)))
    });
    rows.collect()
}

fn message(file: &str, document: &Value) -> String {
    format!(
        "| [{file}]({SCHEMAS}/{file}) | {} |\n",
        cell(&first_line(document))
    )
}

/// What a schema says it is, up to the first empty line.
fn first_line(schema: &Value) -> String {
    let told = schema["description"].as_str().unwrap_or_default();
    let first = told.split("\n\n").next().unwrap_or_default();
    let plain = first.replace("[`crate::", "`").replace("`]", "`");
    without_items(&plain).replace('\n', " ")
}

/// A text without links to items of Rust, which lead nowhere here; what they are called stays.
fn without_items(text: &str) -> String {
    let Some((before, link)) = text.split_once("](") else {
        return text.to_owned();
    };
    let (target, after) = link.split_once(')').unwrap_or((link, ""));
    let after = without_items(after);
    match before.rsplit_once('[') {
        Some((before, name)) if !target.contains(':') => format!("{before}{name}{after}"),
        _ => format!("{before}]({target}){after}"),
    }
}

/// A text in a row of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_items_become_their_names() {
        let told = "see [an object](Rebuild) of [AWS](https://aws.example), or [one](Self)";
        let plain = "see an object of [AWS](https://aws.example), or one";
        assert_eq!(without_items(told), plain);
    }

    #[test]
    fn every_handler_and_variable_is_on_the_page() {
        let page = configuration().unwrap();
        for expected in [
            "## replicate\n",
            "| `DESTINATION_<n>_BUCKET` | the name of a bucket that gets copies |",
            "## worker\n",
            "## bucket-notifications\n",
            "Nothing stands in its environment",
            "[object-message.json]",
        ] {
            assert!(page.contains(expected), "no {expected}: {page}");
        }
        assert!(!page.contains("| |"), "something is not described: {page}");
    }
}
