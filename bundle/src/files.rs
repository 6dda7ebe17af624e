//! The files below a folder, in an order that no machine changes.

use std::fs;
use std::path::{Path, PathBuf};

use cloudwright_spec::sorted::sort;

use crate::Problem;
use crate::ignore::Rules;
use crate::problem::shown;

/// What version control keeps for itself, and what file managers leave behind.
const NEVER: &[&str] = &[".git", ".hg", ".svn", ".jj", ".DS_Store", "Thumbs.db"];

/// A file of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Where it is below the folder, with `/` between the parts.
    pub path: String,
    /// Where it is on this machine.
    pub on_disk: PathBuf,
    /// Whether it may be executed.
    pub executable: bool,
}

/// Which files count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// All but the marks of version control: a folder that is packed as it is.
    Everything,
    /// What a Python program is made of: no hidden files, which may hold a developer's secrets, no
    /// compiled files and no virtual environments.
    Python,
    /// What `cargo package` would take: no hidden files, nothing that `.gitignore` names, no
    /// `target` folder, no package inside the package.
    Package,
}

/// The files of a folder, sorted by path.
pub(crate) fn list(folder: &Path, selection: Selection) -> Result<Vec<File>, Problem> {
    let mut walk = Walk {
        selection,
        files: Vec::new(),
    };
    let (mut rules, mut parts) = (Rules::default(), Vec::new());
    if selection == Selection::Package {
        (rules, parts) = outer_rules(folder);
    }
    let base = parts.len();
    walk.folder(folder, &mut parts, base, &rules)?;
    sort(&mut walk.files);
    Ok(walk.files)
}

/// The rules of the repository's folders above this one, and this one's path in the repository.
fn outer_rules(folder: &Path) -> (Rules, Vec<String>) {
    let mut rules = Rules::default();
    let Some(root) = folder.ancestors().find(|above| above.join(".git").exists()) else {
        return (rules, Vec::new());
    };
    let below = folder.strip_prefix(root).unwrap_or(Path::new(""));
    let parts: Vec<_> = below
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let mut at = root.to_path_buf();
    for (depth, part) in parts.iter().enumerate() {
        extend(&mut rules, &at, depth);
        at.push(part);
    }
    (rules, parts)
}

fn extend(rules: &mut Rules, folder: &Path, depth: usize) {
    if let Ok(text) = fs::read_to_string(folder.join(".gitignore")) {
        rules.extend(&text, depth);
    }
}

struct Walk {
    selection: Selection,
    files: Vec<File>,
}

impl Walk {
    /// Adds the files of a folder; `parts` is its path in the repository, of which the first `base`
    /// lead to where the walk began.
    fn folder(
        &mut self,
        folder: &Path,
        parts: &mut Vec<String>,
        base: usize,
        rules: &Rules,
    ) -> Result<(), Problem> {
        let unreadable = |error| Problem::unreadable(folder, &error);
        let mut rules = rules.clone();
        if self.selection == Selection::Package {
            extend(&mut rules, folder, parts.len());
        }
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let on_disk = entry.map_err(unreadable)?.path();
            let name = on_disk.file_name().and_then(|name| name.to_str());
            let Some(name) = name.map(str::to_owned) else {
                let message = format!("the name of \"{}\" is no Unicode", shown(&on_disk));
                return Err(Problem::new(message, "rename the file, or move it away"));
            };
            let found =
                fs::metadata(&on_disk).map_err(|error| Problem::unreadable(&on_disk, &error))?;
            parts.push(name);
            if self.counts(&on_disk, parts, base, found.is_dir(), &rules) {
                if !found.is_dir() {
                    self.files.push(File {
                        path: parts[base..].join("/"),
                        executable: is_executable(&found),
                        on_disk,
                    });
                } else if on_disk.is_symlink() {
                    let message = format!("\"{}\" is a link to a folder", shown(&on_disk));
                    let help = "put the folder itself there: a link would be followed differently \
                                on another machine";
                    return Err(Problem::new(message, help));
                } else {
                    self.folder(&on_disk, parts, base, &rules)?;
                }
            }
            parts.pop();
        }
        Ok(())
    }

    fn counts(
        &self,
        on_disk: &Path,
        parts: &[String],
        base: usize,
        is_folder: bool,
        rules: &Rules,
    ) -> bool {
        let name = parts.last().map_or("", String::as_str);
        if NEVER.contains(&name) {
            return false;
        }
        match self.selection {
            Selection::Everything => true,
            Selection::Python if name.starts_with('.') => false,
            Selection::Python if is_folder => {
                name != "__pycache__" && !on_disk.join("pyvenv.cfg").exists()
            }
            Selection::Python => !has_extension(name, "pyc"),
            Selection::Package => {
                let at_top = parts.len() == base + 1;
                let is_output = is_folder && name == "target" && at_top;
                let is_package = is_folder && on_disk.join("Cargo.toml").exists();
                // Both are taken in by their meaning: see `package`.
                let is_read = !is_folder && at_top && ["Cargo.toml", "Cargo.lock"].contains(&name);
                let is_hidden = name.starts_with('.');
                !(is_hidden || is_output || is_package || is_read || rules.ignore(parts, is_folder))
            }
        }
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|found| found == extension)
}

#[cfg(unix)]
fn is_executable(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    // Such a system has no mark for it; what starts at all on Lambda has to be marked.
    true
}
