//! The text files of the checkout, read once for all rules.

use std::fs;
use std::path::Path;

use crate::Outcome;

/// Folders that hold no source of ours.
const NOT_OURS: &[&str] = &[".git", "node_modules", "cloudwright.out", "__pycache__"];

/// The sources of the crates that users build on.
const LIBRARIES: &[&str] = &[
    "spec/src/",
    "synth/src/",
    "constructs/src/",
    "constructs/cfn/src/",
    "diff/src/",
];

/// The endings of the files that are read.
const TEXT: &[&str] = &[
    "rs", "md", "toml", "py", "sh", "txt", "json", "snap", "stderr",
];

/// All text files.
pub(super) struct Repository {
    files: Vec<File>,
}

/// One text file.
pub(super) struct File {
    /// Its path from the root of the repository, with forward slashes.
    pub(super) path: String,
    /// Its content.
    pub(super) text: String,
}

impl Repository {
    /// Reads the files below `root`, in the order of their paths.
    pub(super) fn read(root: &Path) -> Outcome<Self> {
        let mut files = Vec::new();
        collect(root, root, &mut files).map_err(|e| format!("{}: {e}", root.display()))?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// A repository of these files, for tests of a rule.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Self {
            files: files.iter().map(file).collect(),
        }
    }

    /// All files.
    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// The Rust sources.
    pub(super) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// The parsed Rust sources, but for generated ones and those that must not compile.
    pub(super) fn syntax(&self) -> Outcome<Vec<(&File, syn::File)>> {
        let sources = self
            .rust()
            .filter(|file| !file.is_generated() && !file.must_not_compile());
        let parsed = sources.map(|file| match syn::parse_file(&file.text) {
            Ok(syntax) => Ok((file, syntax)),
            Err(e) => Err(format!("{}: {e}", file.path)),
        });
        parsed.collect()
    }

    /// The text of a file, if it is there.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files
            .iter()
            .find(|file| file.path == path)
            .map(|file| file.text.as_str())
    }
}

impl File {
    fn is_generated(&self) -> bool {
        let mut opening = self.text.lines().take(3);
        opening.any(|line| line.contains("@generated"))
    }

    /// Whether it is a case of the compile-fail suite.
    fn must_not_compile(&self) -> bool {
        self.path.contains("/ui/")
    }

    /// Whether it is code of the crates that users build on, rather than a test or a tool.
    pub(super) fn is_library(&self) -> bool {
        LIBRARIES
            .iter()
            .any(|library| self.path.starts_with(library))
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if !is_foreign(&path) {
                collect(root, &path, files)?;
            }
        } else if is_text(&path) {
            // A file with such an ending that is not UTF-8 is not ours to read.
            if let Ok(text) = fs::read_to_string(&path) {
                let relative = path.strip_prefix(root).unwrap_or(&path);
                files.push(File {
                    path: relative.to_string_lossy().replace('\\', "/"),
                    text,
                });
            }
        }
    }
    Ok(())
}

/// Whether it is a folder of git, npm, Python or an output; cargo tags its target folder.
fn is_foreign(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default();
    NOT_OURS.iter().any(|foreign| name == *foreign) || folder.join("CACHEDIR.TAG").exists()
}

fn is_text(path: &Path) -> bool {
    let script = path.ends_with(".ci/run");
    script
        || path
            .extension()
            .is_some_and(|ending| TEXT.iter().any(|text| ending == *text))
}
