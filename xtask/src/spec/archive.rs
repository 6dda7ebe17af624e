//! Reads the JSON documents out of the two downloaded packages.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;
use zip::ZipArchive;

use super::download::Sources;

/// What the cfn-lint wheel says.
pub(crate) struct Lint {
    /// The date of its schemas.
    pub(crate) schema_date: String,
    /// Every region it lists.
    pub(crate) regions: BTreeSet<String>,
    /// Type name to the regions it exists in.
    pub(crate) presence: BTreeMap<String, BTreeSet<String>>,
    /// Type name to provider schema.
    pub(crate) schemas: BTreeMap<String, &'static Value>,
}

const SCHEMAS: &str = "cfnlint/data/schemas/";

/// Reads every provider schema of the wheel.
pub(crate) fn lint(sources: &Sources) -> Result<Lint, String> {
    let file = open(&sources.cfn_lint)?;
    let mut wheel = ZipArchive::new(file).map_err(|e| format!("cannot read the wheel: {e}"))?;
    let version = entry(&mut wheel, &format!("{SCHEMAS}version.json"))?;
    let mut lint = Lint {
        schema_date: text(&version, "schema_date"),
        regions: BTreeSet::new(),
        presence: BTreeMap::new(),
        schemas: BTreeMap::new(),
    };
    for name in providers(&wheel) {
        provider(&mut wheel, &mut lint, &name)?;
    }
    Ok(lint)
}

/// Reads the actions of IAM, by service.
pub(crate) fn policies(sources: &Sources) -> Result<Value, String> {
    let file = open(&sources.cfn_lint)?;
    let mut wheel = ZipArchive::new(file).map_err(|e| format!("cannot read the wheel: {e}"))?;
    entry(&mut wheel, "cfnlint/data/AdditionalSpecs/Policies.json")
}

/// The region files; `sam.json` beside them is a transform's types, not a region.
fn providers(wheel: &ZipArchive<File>) -> Vec<String> {
    let folder = format!("{SCHEMAS}providers/");
    let region = |name: &str| {
        Some(
            name.strip_prefix(&folder)?
                .strip_suffix(".json")?
                .to_owned(),
        )
    };
    wheel
        .file_names()
        .filter_map(region)
        .filter(|name| name != "sam")
        .collect()
}

fn provider(wheel: &mut ZipArchive<File>, lint: &mut Lint, region: &str) -> Result<(), String> {
    let list = entry(wheel, &format!("{SCHEMAS}providers/{region}.json"))?;
    lint.regions.insert(region.to_owned());
    for (type_name, hash) in list.as_object().into_iter().flatten() {
        lint.presence
            .entry(type_name.clone())
            .or_default()
            .insert(region.to_owned());
        if !lint.schemas.contains_key(type_name) {
            let hash = hash.as_str().unwrap_or_default();
            let schema = entry(wheel, &format!("{SCHEMAS}resources/{hash}.json"))?;
            lint.schemas.insert(type_name.clone(), leak_value(schema));
        }
    }
    Ok(())
}

/// Reads the graph database of aws-service-spec.
pub(crate) fn service_spec(sources: &Sources) -> Result<Value, String> {
    let tarball = flate2::read::GzDecoder::new(open(&sources.service_spec)?);
    let mut archive = tar::Archive::new(tarball);
    let entries = archive
        .entries()
        .map_err(|e| format!("cannot read the tarball: {e}"))?;
    for entry in entries {
        let entry = entry.map_err(|e| format!("cannot read the tarball: {e}"))?;
        if entry.path().is_ok_and(|path| path.ends_with("db.json.gz")) {
            return json(flate2::read::GzDecoder::new(entry), "db.json.gz");
        }
    }
    Err("got a service-spec package without db.json.gz".into())
}

fn entry(wheel: &mut ZipArchive<File>, name: &str) -> Result<Value, String> {
    let file = wheel
        .by_name(name)
        .map_err(|e| format!("cannot find {name} in the wheel: {e}"))?;
    json(file, name)
}

fn json(mut reader: impl Read, name: &str) -> Result<Value, String> {
    let mut bytes = Vec::new();
    reader
        .read_to_end(&mut bytes)
        .map_err(|e| format!("cannot read {name}: {e}"))?;
    serde_json::from_slice(&bytes).map_err(|e| format!("cannot parse {name}: {e}"))
}

fn open(path: &Path) -> Result<File, String> {
    File::open(path).map_err(|e| format!("cannot open {}: {e}", path.display()))
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// The models borrow from schemas; this short process keeps them all.
pub(crate) fn leak_value(value: Value) -> &'static Value {
    Box::leak(Box::new(value))
}
