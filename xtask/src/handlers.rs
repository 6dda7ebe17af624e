//! `cargo xtask handlers`: writes the hash of the bundled handlers' source to where synthesis reads
//! it.
//!
//! A published `cloudwright` has no source of `cloudwright-runtime` to hash, so the hash is checked
//! in. `cargo xtask tidy` recomputes it and fails where it is another one.

use std::fs;

use clap::{ArgMatches, Command};

use crate::{Outcome, workspace_root};

/// The file with the hash.
pub(crate) const FILE: &str = "constructs/src/lambda/bundled.rs";
/// What stands before it.
const BEFORE: &str = "const SOURCE: &str = \"";

/// The arguments of the verb.
pub(crate) fn command() -> Command {
    Command::new("handlers").about("Write the hash of the bundled handlers' source")
}

pub(crate) fn run(_: &ArgMatches) -> Outcome {
    let path = workspace_root().join(FILE);
    let text = fs::read_to_string(&path).map_err(|e| format!("{FILE}: {e}"))?;
    let (old, new) = (written(&text)?, computed()?);
    if old == new {
        println!("{FILE} is up to date");
        return Ok(());
    }
    let text = text.replacen(old, &new, 1);
    fs::write(&path, text).map_err(|e| format!("{FILE}: {e}"))?;
    println!("wrote {new} to {FILE}");
    println!("now review the snapshots: the keys of bundled handlers changed");
    Ok(())
}

/// The hash in the text of the file.
pub(crate) fn written(text: &str) -> Outcome<&str> {
    let rest = text.split_once(BEFORE).map(|(_, rest)| rest);
    let hash = rest.and_then(|rest| rest.split('"').next());
    hash.ok_or_else(|| format!("{FILE}: expected `{BEFORE}..\"`"))
}

/// The hash of the source as it is.
pub(crate) fn computed() -> Outcome<String> {
    let folder = workspace_root().join("runtime");
    cloudwright_bundle::source_digest(&folder).map_err(|problem| problem.to_string())
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn the_hash_is_found_and_missed() {
        assert_eq!(written("//\nconst SOURCE: &str = \"ab\";\n"), Ok("ab"));
        assert!(written("const OTHER: &str = \"ab\";").is_err());
    }
}
