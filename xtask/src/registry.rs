//! `cargo xtask registry FOLDER`: the crates of this workspace as a registry hands them out, for what is
//! built in that folder, such as a project that tries what a user will have.
//!
//! Cargo treats a crate by where it comes from. A dependency in a folder is compiled incrementally, which
//! makes its first build dearer by a tenth, and with all its lints; one of a registry is not, and that is
//! what a user has. So the crates are packaged as `cargo publish` would upload them and put beside the
//! third-party crates, in the versions of this workspace, into a folder that replaces crates.io.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Arg, ArgMatches, value_parser};
use flate2::read::GzDecoder;
use hmac_sha256::Hash;
use tempfile::TempDir;

use crate::process::{capture, run_quietly};
use crate::{Outcome, workspace_root};

/// What a user depends on, and what is installed when handlers are bundled.
const PUBLISHED: [&str; 2] = ["cloudwright", "cloudwright-runtime"];

/// Where the packages are, in the folder of the app.
const VENDOR: &str = "vendor";

const CONFIG: &str = "[source.crates-io]\nreplace-with = \"packages\"\n\n\
                      [source.packages]\ndirectory = \"vendor\"\n";

/// The arguments of the verb.
pub(crate) fn command() -> clap::Command {
    let folder = Arg::new("folder").required(true);
    clap::Command::new("registry")
        .about(
            "Give what is built in a folder the crates of this workspace as if they were published",
        )
        .arg(folder.value_parser(value_parser!(PathBuf)))
}

pub(crate) fn run(arguments: &ArgMatches) -> Outcome {
    let folder: Option<&PathBuf> = arguments.get_one("folder");
    serve(folder.ok_or("no folder given")?)
}

/// Gives what is built in `folder` a registry of its own, in place of what was there.
pub(crate) fn serve(folder: &Path) -> Outcome {
    let vendor = folder.join(VENDOR);
    if vendor.exists() {
        fs::remove_dir_all(&vendor).map_err(|e| format!("{}: {e}", vendor.display()))?;
    }
    let mut third_party = Command::new("cargo");
    third_party.args(["vendor", "--locked", "--versioned-dirs", "--no-delete"]);
    third_party.arg(&vendor);
    run_quietly(third_party.current_dir(workspace_root()))?;
    package(&vendor)?;
    write(&folder.join(".cargo/config.toml"), CONFIG)
}

/// Packages what is published of this workspace with what it needs, and unpacks all below `vendor`.
fn package(vendor: &Path) -> Outcome {
    let ours = our_crates(&tree(&PUBLISHED, &["--all-features"])?);
    let folder = TempDir::new().map_err(|e| e.to_string())?;
    let mut package = Command::new("cargo");
    package.args(["package", "--no-verify", "--allow-dirty"]);
    package.arg("--target-dir").arg(folder.path());
    package.args(ours.iter().flat_map(|(name, _)| ["-p", name]));
    run_quietly(package.current_dir(workspace_root()))?;
    for (name, version) in &ours {
        let package = format!("{name}-{version}");
        let path = folder.path().join(format!("package/{package}.crate"));
        let failed = |e| format!("{}: {e}", path.display());
        let content = fs::read(&path).map_err(failed)?;
        let unpacked = tar::Archive::new(GzDecoder::new(&*content)).unpack(vendor);
        unpacked.map_err(failed)?;
        // A lock file that is published names packages by this hash.
        let hash = hexadecimal(&Hash::hash(&content));
        let checksum = format!("{{\"files\":{{}},\"package\":\"{hash}\"}}");
        write(
            &vendor.join(package).join(".cargo-checksum.json"),
            &checksum,
        )?;
    }
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in bytes {
        // Writing into a `String` cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// What an app compiles that depends on the library, as `cargo tree` prints it.
pub(crate) fn library_tree() -> Outcome<String> {
    tree(&PUBLISHED[..1], &[])
}

fn tree(packages: &[&str], features: &[&str]) -> Outcome<String> {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--edges", "normal,build", "--prefix", "none"]);
    tree.args(features);
    tree.args(packages.iter().flat_map(|name| ["--package", name]));
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

pub(crate) fn write(path: &Path, text: &str) -> Outcome {
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
        write(&folder.path().join("Cargo.toml"), manifest).unwrap();
        serve(folder.path()).unwrap();
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
