//! Recipes: what an asset is made of and what is asked of it, in a form that a command line holds.

use std::path::{Path, PathBuf};

use crate::files::{self, File, Selection};
use crate::handlers::{DEVELOPMENT, FOLDER, WORKER};
use crate::hash::Fields;
use crate::manifest::canonical;
use crate::package::{Package, read};
use crate::problem::shown;
use crate::{Handlers, Problem, RuntimeRecipe, Target, requirements};

/// The program that makes packages, found on `PATH`.
pub const PROGRAM: &str = "cargo-cloudwright";

/// How to make an asset. Paths are relative to the checkout: see [`crate::checkout`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipe {
    /// A program of a cargo package.
    Cargo(CargoRecipe),
    /// A folder as it is.
    Folder(FolderRecipe),
    /// A Python program with what it needs.
    Python(PythonRecipe),
    /// The handlers of `cloudwright-runtime`.
    Runtime(RuntimeRecipe),
}

/// A program of a cargo package, as the file `bootstrap`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CargoRecipe {
    /// The package's folder.
    pub path: String,
    /// The program's name.
    pub bin: String,
    /// The processor.
    pub target: Target,
    /// The profile, such as `release`.
    pub profile: String,
    /// The features, sorted, without the default ones.
    pub features: Vec<String>,
    /// Whether the default features are on.
    pub default_features: bool,
}

/// A folder as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderRecipe {
    /// The folder.
    pub path: String,
}

/// A Python program with what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonRecipe {
    /// The folder of the program.
    pub path: String,
    /// The file with exact versions of what it needs.
    pub requirements: Option<String>,
    /// Python's version, such as `3.13`.
    pub version: String,
    /// The processor.
    pub target: Target,
}

/// A recipe whose source has been found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The recipe.
    pub recipe: Recipe,
    /// The folder where its paths start. A path of this machine: never for the assembly.
    pub checkout: PathBuf,
}

impl Recipe {
    /// The key: a hash of the source and of what is asked, 64 hexadecimal digits.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn key(&self, checkout: &Path) -> Result<String, Problem> {
        match self {
            Self::Cargo(recipe) => {
                let package = Package::read(&checkout.join(&recipe.path))?;
                Ok(recipe.key(&package.digest()?))
            }
            Self::Folder(recipe) => recipe.key(checkout),
            Self::Python(recipe) => recipe.key(checkout),
            Self::Runtime(recipe) => Ok(recipe.key(&source_digest(&checkout.join(FOLDER))?)),
        }
    }

    /// The command that makes it, as an asset manifest's `executable` has it.
    #[must_use]
    pub fn command(&self, key: &str) -> Vec<String> {
        let mut words: Vec<String> = [PROGRAM, "bundle", "--key", key].map(Into::into).to_vec();
        let mut option = |name: &str, value: &str| words.extend([name.into(), value.into()]);
        match self {
            Self::Cargo(recipe) => {
                option("--cargo", &recipe.path);
                option("--bin", &recipe.bin);
                option("--target", recipe.target.triple());
                option("--profile", &recipe.profile);
                if !recipe.features.is_empty() {
                    option("--features", &recipe.features.join(","));
                }
                if !recipe.default_features {
                    words.push("--no-default-features".to_owned());
                }
            }
            Self::Folder(recipe) => option("--folder", &recipe.path),
            Self::Python(recipe) => {
                option("--python", &recipe.path);
                if let Some(requirements) = &recipe.requirements {
                    option("--requirements", requirements);
                }
                option("--python-version", &recipe.version);
                option("--target", recipe.target.triple());
            }
            Self::Runtime(recipe) => {
                option("--runtime", &recipe.version);
                option("--target", recipe.target.triple());
                match &recipe.handlers {
                    Handlers::Every => {}
                    Handlers::Only(name) => {
                        option("--profile", DEVELOPMENT);
                        option("--features", name);
                    }
                    Handlers::Worker => option("--image", WORKER),
                }
            }
        }
        words
    }

    /// Whether it becomes a container image, in place of an archive.
    #[must_use]
    pub const fn is_image(&self) -> bool {
        match self {
            Self::Runtime(recipe) => recipe.is_image(),
            _ => false,
        }
    }

    /// Where its source is, below the checkout.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Cargo(recipe) => &recipe.path,
            Self::Folder(recipe) => &recipe.path,
            Self::Python(recipe) => &recipe.path,
            Self::Runtime(_) => FOLDER,
        }
    }
}

/// The hash of a package's source alone, whatever it will be built for.
///
/// # Errors
/// When the source cannot be read.
pub fn source_digest(folder: &Path) -> Result<String, Problem> {
    Package::read(folder)?.digest()
}

impl CargoRecipe {
    /// A program of the package in a folder; without a name its only one.
    ///
    /// # Errors
    /// When the package cannot be read or has no such program.
    pub fn find(folder: &Path, bin: Option<&str>, target: Target) -> Result<Found, Problem> {
        let package = Package::read(folder)?;
        let recipe = Self {
            path: below(package.workspace(), &canonical(folder)?)?,
            bin: package.program(bin)?,
            target,
            profile: "release".to_owned(),
            features: Vec::new(),
            default_features: true,
        };
        Ok(Found {
            recipe: Recipe::Cargo(recipe),
            checkout: package.workspace().to_path_buf(),
        })
    }

    fn key(&self, source: &str) -> String {
        let mut fields = Fields::new("cargo/1");
        fields.add(source);
        fields.add(&self.bin);
        fields.add(self.target.triple());
        fields.add(&self.profile);
        fields.list(self.features.iter());
        fields.add(if self.default_features { "default" } else { "" });
        fields.finish()
    }
}

impl FolderRecipe {
    /// A folder.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn find(folder: &Path) -> Result<Found, Problem> {
        let (checkout, path) = place(folder)?;
        Ok(Found {
            recipe: Recipe::Folder(Self { path }),
            checkout,
        })
    }

    fn key(&self, checkout: &Path) -> Result<String, Problem> {
        let mut fields = Fields::new("folder/1");
        add_files(&mut fields, &self.files(checkout)?)?;
        Ok(fields.finish())
    }

    pub(crate) fn files(&self, checkout: &Path) -> Result<Vec<File>, Problem> {
        let folder = checkout.join(&self.path);
        some(files::list(&folder, Selection::Everything)?, &folder)
    }
}

impl PythonRecipe {
    /// The program in a folder; the path of its requirements starts there.
    ///
    /// # Errors
    /// When one of them cannot be read, or the requirements name no exact versions.
    pub fn find(
        folder: &Path,
        requirements: Option<&Path>,
        version: &str,
        target: Target,
    ) -> Result<Found, Problem> {
        let (checkout, path) = place(folder)?;
        let file = requirements.map(|file| canonical(&folder.join(file)));
        let recipe = Self {
            path,
            requirements: file
                .transpose()?
                .map(|file| below(&checkout, &file))
                .transpose()?,
            version: version.to_owned(),
            target,
        };
        Ok(Found {
            recipe: Recipe::Python(recipe),
            checkout,
        })
    }

    fn key(&self, checkout: &Path) -> Result<String, Problem> {
        let mut fields = Fields::new("python/1");
        add_files(&mut fields, &self.files(checkout)?)?;
        let Some(requirements) = &self.requirements else {
            // Without wheels the package is the same for every version and processor.
            return Ok(fields.finish());
        };
        let text = read(&checkout.join(requirements))?;
        requirements::check(&String::from_utf8_lossy(&text))?;
        fields.add(text);
        fields.add(&self.version);
        fields.add(self.target.machine());
        Ok(fields.finish())
    }

    pub(crate) fn files(&self, checkout: &Path) -> Result<Vec<File>, Problem> {
        let folder = checkout.join(&self.path);
        some(files::list(&folder, Selection::Python)?, &folder)
    }
}

/// Where a folder's checkout starts, and the folder below it: the nearest folder above with a
/// `Cargo.lock` or a repository, or else the folder itself.
fn place(folder: &Path) -> Result<(PathBuf, String), Problem> {
    let folder = canonical(folder)?;
    let is_checkout =
        |above: &&Path| above.join("Cargo.lock").exists() || above.join(".git").exists();
    let checkout = folder.ancestors().find(is_checkout).unwrap_or(&folder);
    Ok((checkout.to_path_buf(), below(checkout, &folder)?))
}

/// The path below a checkout, with `/` on every machine; `.` for the checkout itself.
fn below(checkout: &Path, path: &Path) -> Result<String, Problem> {
    let Ok(below) = path.strip_prefix(checkout) else {
        let message = format!("\"{}\" is outside of \"{}\"", shown(path), shown(checkout));
        let help = "move it into the workspace: elsewhere it could not be found again";
        return Err(Problem::new(message, help));
    };
    let parts: Vec<_> = below
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    Ok(if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    })
}

/// Lambda refuses an empty archive.
fn some(files: Vec<File>, folder: &Path) -> Result<Vec<File>, Problem> {
    if files.is_empty() {
        let message = format!("\"{}\" holds no file to pack", shown(folder));
        return Err(Problem::new(message, "name the folder with the code"));
    }
    Ok(files)
}

/// Here the mark of an executable file counts, because it is packed.
fn add_files(fields: &mut Fields, files: &[File]) -> Result<(), Problem> {
    fields.add(files.len().to_string());
    for file in files {
        fields.add(&file.path);
        fields.add(if file.executable { "x" } else { "-" });
        fields.add(read(&file.on_disk)?);
    }
    Ok(())
}
