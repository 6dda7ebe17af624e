//! Debian packages without root: downloaded with a package list of our own and unpacked into a
//! folder, for servers that exist in no language's registry.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::process::run_quietly;

/// Unpacks `packages` (no dependencies: name each) below `folder`, as in `folder/usr/bin/...`.
pub(super) fn unpack(folder: &Path, packages: &[&str]) -> Outcome {
    let lists = folder.join("lists");
    let archives = folder.join("archives");
    for made in [&lists.join("partial"), &archives] {
        fs::create_dir_all(made).map_err(|e| format!("{}: {e}", made.display()))?;
    }
    let needs_debian = |why| format!("{why}; this tool needs apt and dpkg (Debian or Ubuntu)");
    run_quietly(apt(&lists, &archives).arg("update")).map_err(needs_debian)?;
    run_quietly(apt(&lists, &archives).arg("download").args(packages)).map_err(needs_debian)?;
    for entry in fs::read_dir(&archives).map_err(|e| format!("{}: {e}", archives.display()))? {
        let archive = entry
            .map_err(|e| format!("{}: {e}", archives.display()))?
            .path();
        run_quietly(Command::new("dpkg").arg("-x").arg(&archive).arg(folder))?;
    }
    Ok(())
}

/// `apt-get` with lists of its own, since those of the system are often absent and owned by root.
fn apt(lists: &Path, archives: &Path) -> Command {
    let mut apt = Command::new("apt-get");
    apt.current_dir(archives).arg("-qq");
    for option in [
        format!("Dir::State::Lists={}", lists.display()),
        "Dir::Cache::pkgcache=".to_owned(),
        "Dir::Cache::srcpkgcache=".to_owned(),
        "Debug::NoLocking=1".to_owned(),
        "APT::Sandbox::User=".to_owned(),
    ] {
        apt.args(["-o", &option]);
    }
    apt
}
