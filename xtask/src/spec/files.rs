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
