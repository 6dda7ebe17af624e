//! The checked-in spec files.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::Outcome;

fn folder() -> PathBuf {
    crate::workspace_root().join("constructs/cfn/spec")
}

/// Service name to text, of what is checked in.
pub(crate) fn read() -> Outcome<BTreeMap<String, String>> {
    let folder = folder();
    fs::create_dir_all(&folder).map_err(|e| format!("cannot create {}: {e}", folder.display()))?;
    let listing = fs::read_dir(&folder).map_err(|e| format!("cannot list the spec files: {e}"))?;
    let mut files = BTreeMap::new();
    for entry in listing {
        let path = entry
            .map_err(|e| format!("cannot list the spec files: {e}"))?
            .path();
        let is_spec = path
            .extension()
            .is_some_and(|extension| extension == "spec");
        if let (true, Some(stem)) = (is_spec, path.file_stem()) {
            let text = fs::read_to_string(&path)
                .map_err(|e| format!("cannot read {}: {e}", path.display()))?;
            files.insert(stem.to_string_lossy().into_owned(), text);
        }
    }
    Ok(files)
}

/// Writes what differs, and removes the files of services that are gone.
pub(crate) fn write(old: &BTreeMap<String, String>, fresh: &BTreeMap<String, String>) -> Outcome {
    let path = |name: &String| folder().join(format!("{name}.spec"));
    for name in old.keys().filter(|name| !fresh.contains_key(*name)) {
        fs::remove_file(path(name)).map_err(|e| format!("cannot remove {name}.spec: {e}"))?;
    }
    for (name, text) in fresh
        .iter()
        .filter(|(name, text)| old.get(*name) != Some(text))
    {
        fs::write(path(name), text).map_err(|e| format!("cannot write {name}.spec: {e}"))?;
    }
    Ok(())
}

/// Where the release of the facts is said, for `--version`.
const RELEASE: &str = "spec/src/release.rs";

/// Writes the day of the schemas, of which `date` is the time, into that file.
pub(crate) fn write_release(date: &str) -> Outcome {
    let path = crate::workspace_root().join(RELEASE);
    let because = |e: std::io::Error| format!("{RELEASE}: {e}");
    let text = fs::read_to_string(&path).map_err(because)?;
    let (day, _) = date.split_once('T').unwrap_or((date, ""));
    fs::write(path, with_release(&text, day)?).map_err(because)
}

/// The file with another day in it.
fn with_release(text: &str, day: &str) -> Outcome<String> {
    let (before, rest) = text
        .split_once("        \"")
        .ok_or("no release to replace")?;
    let (_, after) = rest.split_once('"').ok_or("the release has no end")?;
    Ok(format!("{before}        \"{day}\"{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_that_of_every_file_and_can_be_replaced() {
        let release = cloudwright_spec::release!();
        let header = format!("(schemas {release}T");
        for (name, text) in read().unwrap() {
            let first = text.lines().next().unwrap_or_default();
            assert!(first.contains(&header), "{name}.spec: {first}");
        }
        let path = crate::workspace_root().join(RELEASE);
        let text = fs::read_to_string(path).unwrap();
        assert_eq!(with_release(&text, release).unwrap(), text);
        let newer = with_release(&text, "2027-01-02").unwrap();
        assert_eq!(newer, text.replace(release, "2027-01-02"));
    }
}
