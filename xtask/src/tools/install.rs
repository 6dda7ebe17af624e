//! How a tool gets into its folder: a Python environment, an npm prefix or unpacked Debian packages.

use std::path::Path;
use std::process::Command;

use super::debian;
use crate::Outcome;
use crate::process::{capture, run_quietly};

/// What to install, pinned, and with which installer.
pub(crate) enum Recipe {
    /// A virtual environment holding these requirements (the text of a `requirements.txt`).
    Python(&'static str),
    /// An npm prefix holding these packages.
    Npm(&'static [&'static str]),
    /// Debian packages of the machine's release, unpacked, not installed.
    Debian(&'static [&'static str]),
}

impl Recipe {
    /// Everything that the installation depends on, as text to compare.
    pub(super) fn stamp(&self, folder: &Path) -> Outcome<String> {
        let place = folder.display();
        Ok(match self {
            // An environment holds absolute paths and belongs to one interpreter.
            Self::Python(pins) => format!("{place}\n{}\n{pins}", python_version()?),
            Self::Npm(packages) | Self::Debian(packages) => {
                format!("{place}\n{}", packages.join("\n"))
            }
        })
    }

    pub(super) fn install(&self, folder: &Path) -> Outcome {
        match self {
            Self::Python(pins) => python(folder, pins),
            Self::Npm(packages) => npm(folder, packages),
            Self::Debian(packages) => debian::unpack(folder, packages),
        }
    }
}

fn python_version() -> Outcome<String> {
    capture(Command::new("python3").arg("--version")).map_err(|why| {
        format!("{why}; install Python 3.11 or newer (`apt-get install python3 python3-venv`)")
    })
}

fn python(folder: &Path, pins: &str) -> Outcome {
    run_quietly(Command::new("python3").args(["-m", "venv"]).arg(folder))
        .map_err(|why| format!("{why}; run `apt-get install python3-venv`"))?;
    let requirements = folder.join("requirements.txt");
    std::fs::write(&requirements, pins).map_err(|e| format!("{}: {e}", requirements.display()))?;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
    ];
    run_quietly(
        Command::new(folder.join("bin/python"))
            .args(pip)
            .arg(&requirements),
    )
    .map_err(|why| format!("{why}; check that the Python package index can be reached"))
}

fn npm(folder: &Path, packages: &[&str]) -> Outcome {
    capture(Command::new("node").arg("--version"))
        .map_err(|why| format!("{why}; install Node.js 20 or newer"))?;
    let flags = [
        "install",
        "--no-audit",
        "--no-fund",
        "--save-exact",
        "--loglevel=error",
        "--prefix",
    ];
    run_quietly(Command::new("npm").args(flags).arg(folder).args(packages))
        .map_err(|why| format!("{why}; install npm and check that its registry can be reached"))
}
