//! No verb: what the official `cdk` CLI calls, as in `cdk --app ./target/debug/uploads deploy`.
//!
//! The CLI tells a program by variables where to write and what context its user gave, and keeps a
//! lock in that folder while the program runs.

use std::path::Path;

use clap::ArgMatches;
use serde_json::Value;

use crate::cli::console::Console;
use crate::cli::program::{self, Program};
use crate::cli::session::Session;
use crate::cli::sources;
use crate::cli::stop::{SUCCESS, Stop};

const OUT_FOLDER: &str = "CDK_OUTDIR";
const CONTEXT: &str = "CDK_CONTEXT_JSON";

/// Whether the official CLI started this program.
pub(crate) fn called_by_cdk(session: &Session<'_>) -> bool {
    (session.variable)(OUT_FOLDER).is_some()
}

/// Writes the assembly where the CLI wants it, and shows nothing but problems.
pub(crate) fn run(
    _: &ArgMatches,
    console: &mut Console<'_>,
    mut program: Program<'_>,
) -> Result<u8, Stop> {
    let out = console.variable(OUT_FOLDER).unwrap_or_default();
    let context = console.variable(CONTEXT).unwrap_or_default();
    program.add_context(context_values(&context)?);
    let assembly = program.synthesize()?;
    program::require_stacks(&assembly)?;
    console.warnings(assembly.warnings());
    let written = assembly.write_into(&console.resolve(Path::new(&out)));
    written.map_err(|error| {
        Stop::cannot(error.to_string(), "name another folder: `cdk --output DIR`")
    })?;
    sources::remember(&assembly, console);
    Ok(SUCCESS)
}

/// The context as texts; what is none keeps its JSON form.
fn context_values(json: &str) -> Result<Vec<(String, String)>, Stop> {
    if json.is_empty() {
        return Ok(Vec::new());
    }
    let Ok(Value::Object(members)) = serde_json::from_str(json) else {
        let message = format!("{CONTEXT} is an object in JSON, got \"{json}\"");
        return Err(Stop::usage(
            message,
            "give context by `cdk --context KEY=VALUE`",
        ));
    };
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(members
        .into_iter()
        .map(|(key, value)| (key, text(value)))
        .collect())
}
