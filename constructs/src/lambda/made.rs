//! Code that is made from its source when it is deployed.
//!
//! Synthesis hashes the source and starts no compiler: the hash is the asset's key, and the assembly
//! holds the command that makes the package, `cargo-cloudwright bundle`. It runs when the stack is
//! deployed, and only if nothing is there under the key.

use std::path::PathBuf;

use cloudwright_bundle::{CargoRecipe, FolderRecipe, Found, Problem, PythonRecipe, Recipe};
use cloudwright_synth::sorted::sort;
use cloudwright_synth::{AssetRef, FileAsset, Scope};

use super::{Architecture, Code};
use crate::rules;

/// How Python's runtimes are called, before the version.
const PYTHON: &str = "python";

/// A Rust program for `provided.al2023`: see [`Code::cargo`].
#[derive(Clone, Debug)]
#[must_use = "code does nothing until a function takes it"]
pub struct CargoCode {
    folder: PathBuf,
    bin: Option<String>,
    profile: Option<String>,
    features: Vec<String>,
    default_features: bool,
}

impl CargoCode {
    pub(super) const fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            bin: None,
            profile: None,
            features: Vec::new(),
            default_features: true,
        }
    }

    /// Which of the package's programs it is; not needed when there is one.
    pub fn bin(mut self, name: impl Into<String>) -> Self {
        self.bin = Some(name.into());
        self
    }

    /// Builds with this profile of the workspace; `release` unless said.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Turns features of the package on.
    pub fn features<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.features.extend(names.into_iter().map(Into::into));
        self
    }

    /// Turns the package's default features off.
    pub const fn without_default_features(mut self) -> Self {
        self.default_features = false;
        self
    }

    pub(super) fn find(self, architecture: Architecture) -> Result<Made, Problem> {
        let target = architecture.built_for();
        let mut found = CargoRecipe::find(&self.folder, self.bin.as_deref(), target)?;
        let mut name = String::new();
        if let Recipe::Cargo(recipe) = &mut found.recipe {
            recipe.profile = self.profile.unwrap_or_else(|| recipe.profile.clone());
            recipe.features = self.features;
            sort(&mut recipe.features);
            recipe.features.dedup();
            recipe.default_features = self.default_features;
            name = format!("{} for {}", recipe.bin, architecture.name());
        }
        Made::new(found, name)
    }
}

impl From<CargoCode> for Code {
    fn from(code: CargoCode) -> Self {
        Self::of_cargo(code)
    }
}

/// A Python program: see [`Code::python`].
#[derive(Clone, Debug)]
#[must_use = "code does nothing until a function takes it"]
pub struct PythonCode {
    folder: PathBuf,
    requirements: Option<PathBuf>,
}

impl PythonCode {
    pub(super) const fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            requirements: None,
        }
    }

    /// Installs the distributions that this file names, with their exact versions, as wheels for
    /// the function's processor. A relative path starts at the program's folder.
    pub fn requirements(mut self, file: impl Into<PathBuf>) -> Self {
        self.requirements = Some(file.into());
        self
    }

    /// Whether the package depends on the processor.
    pub(super) const fn has_wheels(&self) -> bool {
        self.requirements.is_some()
    }

    /// `runtime` is the name of the function's runtime, such as `python3.13`.
    pub(super) fn find(self, architecture: Architecture, runtime: &str) -> Result<Made, Problem> {
        let Some(version) = runtime.strip_prefix(PYTHON) else {
            return Err(Problem::new(
                format!("a Python program runs on a Python runtime, got {runtime}"),
                "say which: `.runtime(Runtime::Python3_14, \"app.handler\")`",
            ));
        };
        let requirements = self.requirements.as_deref();
        let target = architecture.built_for();
        let found = PythonRecipe::find(&self.folder, requirements, version, target)?;
        let mut name = folder_name(&found);
        if requirements.is_some() {
            name = format!("{name} for {}", architecture.name());
        }
        Made::new(found, name)
    }
}

impl From<PythonCode> for Code {
    fn from(code: PythonCode) -> Self {
        Self::of_python(code)
    }
}

/// A folder that is packed as it is.
pub(super) fn find_folder(folder: &std::path::Path) -> Result<Made, Problem> {
    let found = FolderRecipe::find(folder)?;
    let name = folder_name(&found);
    Made::new(found, name)
}

/// The last part of a source's path; a checkout that is the source as a whole has its own name.
fn folder_name(found: &Found) -> String {
    let whole = found.checkout.join(found.recipe.path());
    let name = whole.components().next_back();
    name.map_or_else(String::new, |name| {
        name.as_os_str().to_string_lossy().into_owned()
    })
}

/// A package with its key.
pub(super) struct Made {
    recipe: Recipe,
    key: String,
    name: String,
    checkout: Option<PathBuf>,
}

impl Made {
    fn new(found: Found, name: String) -> Result<Self, Problem> {
        Ok(Self {
            key: found.recipe.key(&found.checkout)?,
            recipe: found.recipe,
            name,
            checkout: Some(found.checkout),
        })
    }

    /// A package whose key needs no source to be hashed.
    pub(super) const fn known(
        key: String,
        recipe: Recipe,
        name: String,
        checkout: Option<PathBuf>,
    ) -> Self {
        Self {
            recipe,
            key,
            name,
            checkout,
        }
    }

    fn asset(self, scope: &Scope) -> AssetRef {
        let command = self.recipe.command(&self.key);
        let file = FileAsset::made(self.key, "zip", command).named(self.name);
        scope.asset(match self.checkout {
            Some(checkout) => file.from_checkout(checkout),
            None => file,
        })
    }
}

/// The asset of a package; a source that cannot be hashed is a mistake of the program.
pub(super) fn asset(scope: &Scope, made: Result<Made, Problem>) -> Option<AssetRef> {
    match made {
        Ok(made) => Some(made.asset(scope)),
        Err(problem) => {
            scope.error(&rules::BAD_CODE, problem.message, problem.help);
            None
        }
    }
}
