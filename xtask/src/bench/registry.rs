//! The crates of this workspace as a registry hands them out.
//!
//! Cargo treats a crate by where it comes from. A dependency in a folder is compiled incrementally, which
//! makes its first build dearer by a tenth, and with all its lints; one of a registry is not, and that is
//! what a user has. So the crates are packaged as `cargo publish` would upload them and put beside the
//! third-party crates into a folder that replaces crates.io for the app.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use flate2::read::GzDecoder;
use tempfile::TempDir;

use crate::process::{capture, run_quietly};
use crate::{Outcome, workspace_root};

/// Where the packages are, in the folder of the app.
const VENDOR: &str = "vendor";

const CONFIG: &str = "[source.crates-io]\nreplace-with = \"packages\"\n\n\
                      [source.packages]\ndirectory = \"vendor\"\n";

/// Gives the app in `folder` a registry of its own, with what `manifest` needs.
pub(super) fn serve(folder: &Path, manifest: &str) -> Outcome {
    let ours = package(&folder.join(VENDOR))?;
    // While ours are folders, cargo fetches what they need; it knows them by no registry yet.
    let folders: Vec<_> = ours
        .iter()
        .map(|(name, version)| format!("{name} = {{ path = \"{VENDOR}/{name}-{version}\" }}\n"))
        .collect();
    let patched = format!("{manifest}\n[patch.crates-io]\n{}", folders.concat());
    write(&folder.join("Cargo.toml"), &patched)?;
    // Cargo empties the folder that it vendors into of what it does not know.
    let mut vendor = Command::new("cargo");
    vendor.args(["vendor", "--versioned-dirs", "--no-delete", VENDOR]);
    run_quietly(vendor.current_dir(folder))?;
    for (name, version) in &ours {
        let package = folder.join(VENDOR).join(format!("{name}-{version}"));
        write(&package.join(".cargo-checksum.json"), "{\"files\":{}}")?;
    }
    write(&folder.join("Cargo.toml"), manifest)?;
    write(&folder.join(".cargo/config.toml"), CONFIG)
}

/// Packages the library with what it needs of this workspace, and unpacks all below `vendor`.
fn package(vendor: &Path) -> Outcome<BTreeSet<(String, String)>> {
    let ours = our_crates(&library_tree()?);
    let folder = TempDir::new().map_err(|e| e.to_string())?;
    let mut package = Command::new("cargo");
    package.args([
        "package",
        "--no-verify",
        "--allow-dirty",
        "--exclude-lockfile",
    ]);
    package.arg("--target-dir").arg(folder.path());
    package.args(ours.iter().flat_map(|(name, _)| ["-p", name]));
    run_quietly(package.current_dir(workspace_root()))?;
    for (name, version) in &ours {
        let path = folder
            .path()
            .join(format!("package/{name}-{version}.crate"));
        let unpacked = File::open(&path)
            .and_then(|file| tar::Archive::new(GzDecoder::new(file)).unpack(vendor));
        unpacked.map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(ours)
}

/// What an app compiles that depends on the library, as `cargo tree` prints it.
pub(super) fn library_tree() -> Outcome<String> {
    let mut tree = Command::new("cargo");
    tree.args([
        "tree",
        "--package",
        "cloudwright",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
    ]);
    capture(tree.current_dir(workspace_root()))
}

/// Name and version of the crates that are shown with their folder.
fn our_crates(tree: &str) -> BTreeSet<(String, String)> {
    let ours = tree.lines().filter(|line| line.contains("(/"));
    ours.filter_map(|line| {
        let (name, rest) = line.split_once(" v")?;
        let (version, _) = rest.split_once(' ')?;
        Some((name.to_owned(), version.to_owned()))
    })
    .collect()
}

pub(super) fn write(path: &Path, text: &str) -> Outcome {
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    written.map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_are_the_crates_with_a_folder() {
        let tree = "cloudwright v0.1.0 (/workspace/constructs)\nclap v4.6.7\n\
                    cloudwright-spec v0.1.0 (/workspace/spec)\ncloudwright-spec v0.1.0 (/workspace/spec) (*)\n";
        let ours = our_crates(tree);
        let names: Vec<_> = ours.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["cloudwright", "cloudwright-spec"]);
        assert!(ours.iter().all(|(_, version)| version == "0.1.0"));
    }

    #[test]
    fn an_app_finds_the_library_in_its_registry() {
        let folder = TempDir::new().unwrap();
        let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                        [dependencies]\ncloudwright = \"0.1.0\"\n\n[workspace]\n";
        write(&folder.path().join("src/main.rs"), "fn main() {}").unwrap();
        let lock = fs::read_to_string(workspace_root().join("Cargo.lock")).unwrap();
        write(&folder.path().join("Cargo.lock"), &lock).unwrap();
        serve(folder.path(), manifest).unwrap();
        let mut tree = Command::new("cargo");
        tree.args(["tree", "--offline", "--prefix", "none"]);
        let tree = capture(tree.current_dir(folder.path())).unwrap();
        assert!(tree.contains("cloudwright-cfn v0.1.0\n"), "{tree}");
        assert_eq!(
            our_crates(&tree).len(),
            1,
            "only the app is a folder: {tree}"
        );
    }
}
