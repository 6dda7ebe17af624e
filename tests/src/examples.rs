//! The example systems, synthesized as a user does it: by running their programs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::tools::isolated;

/// The assembly that an example wrote, in a folder that goes away with it.
#[derive(Debug)]
pub struct Assembly {
    folder: TempDir,
}

/// The names of all examples, which are the programs of the package `examples`.
///
/// # Panics
/// If cargo cannot tell them, or there are none.
#[must_use]
pub fn names() -> Vec<String> {
    let programs = targets();
    let names = programs.iter().filter_map(|t| t["name"].as_str());
    let names: Vec<_> = names.map(str::to_owned).collect();
    assert!(!names.is_empty(), "the package `examples` has no programs");
    names
}

/// The programs of the package `examples`, as cargo tells of them.
fn targets() -> Vec<Value> {
    let arguments = ["metadata", "--no-deps", "--format-version=1"];
    let output = cargo().args(arguments).output().expect("cargo starts");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let package = list(&metadata["packages"])
        .into_iter()
        .find(|p| p["name"] == "examples");
    let mut targets = package
        .map(|package| list(&package["targets"]))
        .unwrap_or_default();
    targets.retain(|target| list(&target["kind"]).iter().any(|kind| kind == "bin"));
    targets
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// The features that programs need to be there; not those that make them more than that.
fn features() -> String {
    let programs = targets();
    let needed = programs.iter().flat_map(|t| list(&t["required-features"]));
    let needed: Vec<_> = needed
        .filter_map(|f| f.as_str().map(str::to_owned))
        .collect();
    needed.join(",")
}

/// Runs `EXAMPLE synth --out FOLDER` in an empty working directory.
///
/// # Panics
/// If the example does not compile or its synth fails.
#[track_caller]
#[must_use]
pub fn synth(example: &str) -> Assembly {
    let elsewhere = TempDir::new().expect("a temporary working directory");
    let mut command = isolated(&program(example));
    command.current_dir(elsewhere.path());
    synth_by(command)
}

/// Runs `COMMAND synth --out FOLDER`, where the command is an example's program in a working
/// directory and with an environment of the caller's choice.
///
/// # Panics
/// If the program does not start or its synth fails.
#[track_caller]
#[must_use]
pub fn synth_by(command: Command) -> Assembly {
    synth_in(command, &[])
}

/// As [`synth_by`], with context values such as `timeout=30`.
///
/// # Panics
/// If the program does not start or its synth fails.
#[track_caller]
#[must_use]
pub fn synth_in(mut command: Command, context: &[&str]) -> Assembly {
    let context = context.iter().flat_map(|value| ["--context", value]);
    let folder = TempDir::new().expect("a temporary folder for an assembly");
    command
        .args(["synth", "--out"])
        .arg(folder.path().join("out"))
        .args(context);
    let output = command.output().expect("the example starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{said}");
    Assembly { folder }
}

/// A stack as the manifest of an assembly lists it.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Its id in the assembly, such as `Dev-Data`.
    pub id: String,
    /// Its path in the program, such as `Dev/Data`.
    pub path: String,
    /// The name that it is deployed under.
    pub name: String,
    /// Where it goes, such as `aws://111111111111/eu-central-1`.
    pub environment: String,
    /// The ids of the stacks that are deployed before it.
    pub needs: Vec<String>,
    /// Its template as it was written.
    pub template: Value,
    /// The path of its template in the assembly.
    pub file: PathBuf,
}

impl Stack {
    /// The region it goes to, unless that is left open.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        let (_, region) = self.environment.rsplit_once('/')?;
        (region != "unknown-region").then_some(region)
    }
}

impl Assembly {
    /// Where the assembly is.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// The templates by their path in the assembly, those of nested assemblies and stacks included.
    ///
    /// # Panics
    /// If there are none.
    #[track_caller]
    #[must_use]
    pub fn templates(&self) -> Vec<PathBuf> {
        let mut templates = self.files().into_keys().collect::<Vec<_>>();
        templates.retain(|path| path.to_string_lossy().ends_with(".template.json"));
        assert!(!templates.is_empty(), "the assembly holds no template");
        templates
    }

    /// The stacks that the manifest lists, by their id.
    ///
    /// # Panics
    /// If there are none, or one of them has no template.
    #[track_caller]
    #[must_use]
    pub fn stacks(&self) -> BTreeMap<String, Stack> {
        let manifest = self.json(Path::new("manifest.json"));
        let artifacts = manifest["artifacts"]
            .as_object()
            .expect("a manifest lists artifacts");
        let stacks: BTreeMap<_, _> = artifacts
            .iter()
            .filter(|(_, artifact)| artifact["type"] == "aws:cloudformation:stack")
            .map(|(id, artifact)| (id.clone(), self.stack(id, artifact)))
            .collect();
        assert!(!stacks.is_empty(), "the assembly holds no stack");
        stacks
    }

    fn stack(&self, id: &str, artifact: &Value) -> Stack {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let properties = &artifact["properties"];
        let file = PathBuf::from(text(&properties["templateFile"]));
        let needs = artifact["dependencies"].as_array().into_iter().flatten();
        Stack {
            id: id.to_owned(),
            path: text(&artifact["displayName"]),
            name: text(&properties["stackName"]),
            environment: text(&artifact["environment"]),
            needs: needs
                .map(text)
                .filter(|need| !need.ends_with(".assets"))
                .collect(),
            template: self.json(&file),
            file,
        }
    }

    fn json(&self, file: &Path) -> Value {
        let path = self.folder().join(file);
        let content = fs::read_to_string(&path)
            .unwrap_or_else(|e| panic!("{} cannot be read: {e}", path.display()));
        serde_json::from_str(&content)
            .unwrap_or_else(|e| panic!("{} is not JSON: {e}", path.display()))
    }

    /// The path of the construct of each resource of a stack, by logical id.
    #[must_use]
    pub fn paths(&self, stack: &str) -> BTreeMap<String, String> {
        let manifest = self.json(Path::new("manifest.json"));
        let metadata = manifest["artifacts"][stack]["metadata"].as_object();
        let entries = metadata.into_iter().flatten();
        let path = |(path, entry): (&String, &Value)| {
            let id = entry[0]["data"].as_str()?;
            Some((id.to_owned(), path.trim_start_matches('/').to_owned()))
        };
        entries.filter_map(path).collect()
    }

    /// The content of every file by its path in the assembly.
    ///
    /// # Panics
    /// If the assembly cannot be read.
    #[must_use]
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.folder(), Path::new(""), &mut files);
        files
    }
}

fn collect(root: &Path, below: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let entries = fs::read_dir(root.join(below)).expect("the assembly can be listed");
    for entry in entries {
        let name = entry.expect("the assembly can be listed").file_name();
        let path = below.join(name);
        let place = root.join(&path);
        if place.is_dir() {
            collect(root, &path, files);
        } else {
            files.insert(path, fs::read(place).expect("the assembly can be read"));
        }
    }
}

/// The program of an example.
///
/// # Panics
/// If the examples do not compile.
#[must_use]
pub fn program(example: &str) -> PathBuf {
    programs().join(example)
}

/// The README of an example, from its folder.
///
/// # Panics
/// If there is none.
#[track_caller]
#[must_use]
pub fn readme(example: &str) -> String {
    let path = repository().join(format!("examples/{example}/README.md"));
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{} cannot be read: {e}", path.display()))
}

/// The folder of the programs, built once in the target folder of this test.
fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| build_programs("examples", &["--features", &features()]))
}

/// Builds the programs of a package, with these further arguments, in the target folder of this test, and gives their folder.
///
/// # Panics
/// If they do not compile.
pub(crate) fn build_programs(package: &str, more: &[&str]) -> PathBuf {
    let target = target();
    let build = ["build", "--quiet", "--package", package, "--bins"];
    let status = cargo()
        .args(build)
        .args(more)
        .arg("--target-dir")
        .arg(&target)
        .status();
    assert!(
        status.expect("cargo starts").success(),
        "{package} does not compile"
    );
    target.join("debug")
}

/// The target folder that this test was built in.
pub(crate) fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own program");
    // .../target/debug/deps/test
    let target = test.ancestors().nth(3);
    target
        .expect("cargo puts tests below its target")
        .to_owned()
}

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(repository());
    cargo
}

/// The checkout.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
