//! The folder of an assembly: what everything that reads one looks at first.
//!
//! Whoever names a folder may be mistaken in it. What is wrong is told here, in one place: there is no such folder, it
//! is a file, it holds no assembly, the manifest is cut off, or the assembly is of another version.

use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The file that every assembly has.
const MANIFEST: &str = "manifest.json";

/// The major version of the cloud assembly schema that is read.
const SCHEMA: &str = "36";

/// What helps against a file that is not as it should be.
const ANEW: &str = "write the assembly anew by `synth`";

/// Why something of an assembly cannot be read, in one line, and the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What is wrong.
    pub message: String,
    /// The next step.
    pub help: String,
}

impl Unread {
    fn new(message: String, help: impl Into<String>) -> Self {
        let help = help.into();
        Self { message, help }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Unread {}

/// The manifest of the assembly in a folder.
///
/// # Errors
/// When there is no assembly, or none of this version.
pub fn manifest(folder: &Path) -> Result<Value, Unread> {
    let file = folder.join(MANIFEST);
    if !file.exists() {
        return Err(absent(folder));
    }
    let manifest = json(&file)?;
    require_version(&manifest, &file)?;
    Ok(manifest)
}

/// Whether a folder is that of an assembly.
#[must_use]
pub fn has_assembly(folder: &Path) -> bool {
    folder.join(MANIFEST).is_file()
}

fn absent(folder: &Path) -> Unread {
    let name = folder.display();
    if folder.is_file() {
        let message = format!("\"{name}\" is a file, expected the folder of an assembly");
        return Unread::new(message, "name the folder: `--app DIR`");
    }
    let why = if folder.is_dir() {
        format!("it has no {MANIFEST}")
    } else {
        let here = std::env::current_dir().ok();
        let here = here.filter(|_| folder.is_relative());
        let within = here.map(|here| format!(" in {}", here.display()));
        format!("there is no such folder{}", within.unwrap_or_default())
    };
    let message = format!("there is no assembly in \"{name}\": {why}");
    let help = "write one by `cargo run -- synth`, or name its folder or a program: `--app DIR`, `--app \"cargo run --\"`";
    Unread::new(message, help)
}

/// Refuses an assembly of another version, whose files may mean something else.
fn require_version(manifest: &Value, file: &Path) -> Result<(), Unread> {
    let version = manifest["version"].as_str();
    let version = version.ok_or_else(|| not_a(file, "manifest of an assembly"))?;
    if version.split('.').next() == Some(SCHEMA) {
        return Ok(());
    }
    let message = format!("the assembly is of version {version}, expected {SCHEMA}");
    let help = "write it by `synth` with the same version of cloudwright as this program";
    Err(Unread::new(message, help))
}

/// A document of an assembly.
pub(crate) fn json(file: &Path) -> Result<Value, Unread> {
    let name = file.display();
    let bytes = fs::read(file)
        .map_err(|why| Unread::new(format!("cannot read \"{name}\": {why}"), ANEW))?;
    serde_json::from_slice(&bytes)
        .map_err(|why| Unread::new(format!("\"{name}\" is not JSON: {why}"), ANEW))
}

/// A document that is something else than its name says.
pub(crate) fn not_a(file: &Path, what: &str) -> Unread {
    Unread::new(format!("\"{}\" is not a {what}", file.display()), ANEW)
}
