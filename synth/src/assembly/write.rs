//! Writes the assembly: aside first, then in one step to its place.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::assembly::{Assembly, files};

/// What kept an assembly from being written. The assembly that was there before is whole.
#[derive(Debug)]
pub struct WriteError {
    doing: &'static str,
    path: PathBuf,
    cause: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "cannot {} \"{}\": {}",
            self.doing,
            self.path.display(),
            self.cause
        )
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

fn at<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> WriteError + 'a {
    move |cause| WriteError {
        doing,
        path: path.to_owned(),
        cause,
    }
}

impl Assembly {
    /// Writes the assembly to a folder, replacing the assembly that was there.
    ///
    /// # Errors
    /// When the folder cannot be written, or holds something that is not an assembly. Whatever
    /// happens, an assembly that was there stays whole until the new one is.
    pub fn write(&self, folder: &Path) -> Result<(), WriteError> {
        refuse_foreign(folder)?;
        let aside = beside(folder, "new");
        let before = beside(folder, "old");
        undo_interrupted(folder, &before)?;
        for leftover in [&aside, &before] {
            if leftover.exists() {
                fs::remove_dir_all(leftover).map_err(at("remove", leftover))?;
            }
        }
        fs::create_dir_all(&aside).map_err(at("create", &aside))?;
        files::each(self, |name, content| {
            let path = aside.join(name);
            fs::write(&path, content).map_err(at("write", &path))
        })?;
        if folder.exists() {
            fs::rename(folder, &before).map_err(at("move away", folder))?;
        }
        if let Err(cause) = fs::rename(&aside, folder) {
            let _ = fs::rename(&before, folder);
            return Err(at("move into place", folder)(cause));
        }
        if before.exists() {
            fs::remove_dir_all(&before).map_err(at("remove", &before))?;
        }
        Ok(())
    }

    /// Writes the assembly's files into a folder that another program manages, such as the one that
    /// the official `cdk` CLI locks while it runs an app. Files of other names stay.
    ///
    /// # Errors
    /// When the folder cannot be written. The manifest is replaced last, so that what it names is
    /// always there.
    pub fn write_into(&self, folder: &Path) -> Result<(), WriteError> {
        fs::create_dir_all(folder).map_err(at("create", folder))?;
        files::each(self, |name, content| {
            let aside = folder.join(format!(".{name}.new"));
            let path = folder.join(name);
            fs::write(&aside, content).map_err(at("write", &aside))?;
            fs::rename(&aside, &path).map_err(at("replace", &path))
        })
    }
}

/// Brings back the assembly of a run that was stopped in the middle of the swap.
fn undo_interrupted(folder: &Path, before: &Path) -> Result<(), WriteError> {
    if before.exists() && !folder.exists() {
        fs::rename(before, folder).map_err(at("bring back", folder))?;
    }
    Ok(())
}

/// A folder with files that is no assembly is somebody's work: never replaced.
fn refuse_foreign(folder: &Path) -> Result<(), WriteError> {
    let Ok(mut entries) = fs::read_dir(folder) else {
        return if folder.exists() {
            Err(at("replace", folder)(io::Error::other(
                "it is a file, expected a folder",
            )))
        } else {
            Ok(())
        };
    };
    if entries.next().is_none() || folder.join(files::MANIFEST).exists() {
        return Ok(());
    }
    let problem =
        "it holds files but no manifest.json, so it is not an assembly; choose another folder";
    Err(at("replace", folder)(io::Error::other(problem)))
}

/// A hidden folder next to `folder`, for the moment of the swap.
fn beside(folder: &Path, suffix: &str) -> PathBuf {
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    folder.with_file_name(format!(
        ".{}.{suffix}",
        name.unwrap_or_else(|| "assembly".to_owned())
    ))
}
