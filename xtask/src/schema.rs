//! `cargo xtask schema`: writes the JSON Schemas of the handlers' environments and messages, and of what the verbs of
//! deployment print as JSON, to `docs/schema`, for people who write workers and scripts, and for tools that check what
//! they get.
//!
//! The lists are `cloudwright_contract::schema::all` and `cloudwright_deploy::documents::all`. `cargo xtask tidy` fails where a file is not what
//! would be written, and where a type that has a schema is in none of them.

use std::collections::BTreeMap;
use std::fs;

use clap::{ArgMatches, Command};

use crate::{Outcome, workspace_root};

/// Where the schemas are.
pub(crate) const FOLDER: &str = "docs/schema";

/// The arguments of the verb.
pub(crate) fn command() -> Command {
    Command::new("schema").about("Write the JSON Schemas of handlers and verbs to docs/schema")
}

pub(crate) fn run(_: &ArgMatches) -> Outcome {
    let folder = workspace_root().join(FOLDER);
    let because = |e: std::io::Error| format!("{FOLDER}: {e}");
    // Whole, so that nothing is left of a handler that is gone.
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(because)?;
    }
    fs::create_dir_all(&folder).map_err(because)?;
    for (name, text) in files()? {
        fs::write(folder.join(&name), text).map_err(because)?;
        println!("wrote {FOLDER}/{name}");
    }
    Ok(())
}

/// The files by name, with their text.
pub(crate) fn files() -> Outcome<BTreeMap<String, String>> {
    let file = |(name, schema)| {
        let text = serde_json::to_string_pretty(&schema).map_err(|e| format!("{name}: {e}"))?;
        Ok((format!("{name}.json"), text + "\n"))
    };
    all().into_iter().map(file).collect()
}

/// Every schema by its name.
fn all() -> Vec<(String, schemars::Schema)> {
    let mut all = cloudwright_contract::schema::all();
    all.extend(cloudwright_deploy::documents::all());
    all
}

/// The names of the types that the schemas describe.
pub(crate) fn described() -> Vec<String> {
    let mut names = Vec::new();
    for (_, schema) in all() {
        let schema = schema.to_value();
        names.extend(schema["title"].as_str().map(str::to_owned));
        let parts = schema["$defs"].as_object().into_iter().flatten();
        names.extend(parts.map(|(name, _)| name.clone()));
    }
    names
}
