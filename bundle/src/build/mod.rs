//! Making packages: what runs when an asset is published and its key is not there yet.
//!
//! The result is a zip archive, or the folder of a container image, in the target folder under the asset's key, so
//! that the next publisher on this machine finds it. All that is said on the way goes to standard error: standard
//! output belongs to the path of the result, which is how an asset manifest's `executable` answers.

mod archive;
mod cargo;
mod elf;
mod image;
mod pip;
mod process;
mod roots;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::recipe::Recipe;
use crate::{Problem, RuntimeRecipe, checkout};

pub use archive::{Entry, pack};
pub use cargo::{builder, without_caller};
pub use elf::{check as check_executable, drop_unwind_tables};
pub use image::{Image, ImageFile};
pub use roots::pem as authorities;

/// The surroundings of one run.
pub struct Workshop<'a> {
    /// The user's folder for cloudwright: see [`checkout::home`].
    pub home: PathBuf,
    /// Where cargo builds, when the environment names such a folder.
    pub target_dir: Option<PathBuf>,
    /// What a person should know.
    pub log: &'a mut dyn Write,
}

impl Workshop<'_> {
    /// Makes the package of a recipe with a key, and gives the path of the archive, or of the folder with an image's
    /// [layout](Image::write). `candidates` are the checkouts to look at.
    ///
    /// # Errors
    /// When the source of that key cannot be found, or a package cannot be made of it.
    pub fn make(
        &mut self,
        recipe: &Recipe,
        key: &str,
        candidates: &[PathBuf],
    ) -> Result<PathBuf, Problem> {
        let checkout = match (recipe, checkout::find(recipe, key, candidates)) {
            (_, Ok(checkout)) => Some(checkout),
            // A published version is its own source, and needs no checkout.
            (Recipe::Runtime(_), Err(problem)) => {
                let reason = problem.message;
                self.say(&format!("{reason}; taking the published handlers"));
                None
            }
            (_, Err(problem)) => return Err(problem),
        };
        let output = self.output(checkout.as_deref());
        let extension = if recipe.is_image() { "oci" } else { "zip" };
        let made = output.join("assets").join(format!("{key}.{extension}"));
        if made.exists() {
            self.say(&format!("{key}.{extension} is there already"));
            return Ok(made);
        }
        let started = Instant::now();
        let entries = self.entries(recipe, checkout.as_deref(), &output)?;
        if let Some(checkout) = &checkout {
            unchanged(recipe, checkout, key)?;
        }
        match recipe {
            Recipe::Runtime(recipe) if recipe.is_image() => {
                self.image(recipe, entries, &made)?;
            }
            _ => self.archive(&entries, &made, started)?,
        }
        Ok(made)
    }

    fn archive(
        &mut self,
        entries: &[Entry],
        archive: &Path,
        started: Instant,
    ) -> Result<(), Problem> {
        let content = pack(entries)?;
        self.say(&format!(
            "packed {} file(s), {} bytes, in {:.1} s",
            entries.len(),
            content.len(),
            started.elapsed().as_secs_f64()
        ));
        save(archive, &content)
    }

    /// Writes the layout of an image as a whole or not at all.
    fn image(
        &mut self,
        recipe: &RuntimeRecipe,
        entries: Vec<Entry>,
        folder: &Path,
    ) -> Result<(), Problem> {
        whole(folder, |draft| {
            for Entry { path, content, .. } in entries {
                let size = content.len();
                let image = Image::of(&path, content, recipe.target).certificates(roots::pem());
                let digest = image.write(draft)?;
                self.say(&format!("{path}: {size} bytes, the image is {digest}"));
            }
            Ok(())
        })
    }

    /// Where results are kept: in cargo's target folder, or the user's own for what no cargo
    /// workspace holds.
    fn output(&self, checkout: Option<&Path>) -> PathBuf {
        let workspace = checkout.filter(|checkout| checkout.join("Cargo.lock").exists());
        let Some(workspace) = workspace else {
            return self.home.clone();
        };
        let target = self.target_dir.clone();
        workspace
            .join(target.unwrap_or_else(|| "target".into()))
            .join("cloudwright")
    }

    fn entries(
        &mut self,
        recipe: &Recipe,
        checkout: Option<&Path>,
        output: &Path,
    ) -> Result<Vec<Entry>, Problem> {
        match (recipe, checkout) {
            (Recipe::Cargo(recipe), Some(checkout)) => {
                cargo::of_package(self, recipe, checkout, output)
            }
            (Recipe::Runtime(recipe), checkout) => {
                cargo::of_runtime(self, recipe, checkout, output)
            }
            (Recipe::Folder(recipe), Some(checkout)) => archive::of_files(&recipe.files(checkout)?),
            (Recipe::Python(recipe), Some(checkout)) => pip::package(self, recipe, checkout),
            (_, None) => Err(Problem::new("no checkout", "name one")),
        }
    }

    /// Tells a person; whoever does not listen is no reason to fail.
    fn say(&mut self, text: &str) {
        let _ = writeln!(self.log, "cloudwright: {text}");
    }
}

/// What changed while it was read would be published under the wrong key.
fn unchanged(recipe: &Recipe, checkout: &Path, key: &str) -> Result<(), Problem> {
    if recipe.key(checkout)? == key {
        return Ok(());
    }
    let message = format!("\"{}\" changed while it was built", recipe.path());
    Err(Problem::new(message, "synthesize again"))
}

/// Writes a file as a whole or not at all.
fn save(path: &Path, content: &[u8]) -> Result<(), Problem> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| unwritable(path, &error))?;
    whole(path, |draft| {
        fs::write(draft, content).map_err(|error| unwritable(path, &error))
    })
}

/// Has a file or a folder written beside its place, and moves it there. Nothing of it stays where that fails.
fn whole(path: &Path, write: impl FnOnce(&Path) -> Result<(), Problem>) -> Result<(), Problem> {
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let moved = write(&draft)
        .and_then(|()| fs::rename(&draft, path).map_err(|error| unwritable(path, &error)));
    if moved.is_err() {
        // There may be nothing to remove.
        let _ = fs::remove_file(&draft).or_else(|_| fs::remove_dir_all(&draft));
        // A folder is not moved over one that somebody else made of the same key meanwhile.
        if path.is_dir() && path.join("oci-layout").exists() {
            return Ok(());
        }
    }
    moved
}

fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    let message = format!("cannot write \"{}\": {error}", path.display());
    Problem::of_file(
        message,
        "free some space, or name a folder: `CARGO_TARGET_DIR`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_of_what_cannot_be_written_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("00.zip");
        let full = || Problem::of_file("no space left on device", "free some space");
        let half = |draft: &Path| {
            fs::write(draft, "half").unwrap();
            Err(full())
        };
        assert_eq!(whole(&path, half), Err(full()));
        let half = |draft: &Path| {
            fs::create_dir_all(draft.join("blobs")).unwrap();
            Err(full())
        };
        assert_eq!(whole(&path, half), Err(full()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn of_two_that_make_an_image_at_once_both_have_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("00.oci");
        let layout = |folder: &Path| {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join("oci-layout"), "{}").unwrap();
        };
        let late = |draft: &Path| {
            layout(draft);
            layout(&path);
            Ok(())
        };
        assert_eq!(whole(&path, late), Ok(()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
