//! Fetches the two upstream packages, by exact version, into a cache under the target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The release of cfn-lint that is the base of the facts and the judge of our checks.
pub(crate) const CFN_LINT: &str = "1.58.0";

/// The release of `@aws-cdk/aws-service-spec` that is laid over it.
pub(crate) const SERVICE_SPEC: &str = "0.1.216";

/// Where the downloaded packages lie.
pub(crate) struct Sources {
    /// The cfn-lint wheel, a zip archive.
    pub(crate) cfn_lint: PathBuf,
    /// The aws-service-spec package, a gzipped tar archive.
    pub(crate) service_spec: PathBuf,
}

/// Returns both packages, downloading what is not cached yet.
pub(crate) fn sources() -> Result<Sources, String> {
    let cache = crate::target_dir().join("sources");
    fs::create_dir_all(&cache).map_err(|e| format!("cannot create {}: {e}", cache.display()))?;
    Ok(Sources {
        cfn_lint: wheel(&cache)?,
        service_spec: tarball(&cache)?,
    })
}

fn wheel(cache: &Path) -> Result<PathBuf, String> {
    let file = cache.join(format!("cfn_lint-{CFN_LINT}-py3-none-any.whl"));
    let requirement = format!("cfn-lint=={CFN_LINT}");
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        &requirement,
    ]);
    fetch(cache, &file, &mut pip)?;
    Ok(file)
}

fn tarball(cache: &Path) -> Result<PathBuf, String> {
    let file = cache.join(format!("aws-cdk-aws-service-spec-{SERVICE_SPEC}.tgz"));
    let package = format!("@aws-cdk/aws-service-spec@{SERVICE_SPEC}");
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--ignore-scripts", &package]);
    fetch(cache, &file, &mut npm)?;
    Ok(file)
}

fn fetch(cache: &Path, file: &Path, command: &mut Command) -> Result<(), String> {
    if file.exists() {
        return Ok(());
    }
    let status = command.current_dir(cache).status();
    let status = status.map_err(|e| format!("cannot run {command:?}: {e}"))?;
    match status.success() && file.exists() {
        true => Ok(()),
        false => Err(format!(
            "{command:?} did not bring {} ({status})",
            file.display()
        )),
    }
}
