//! How a tool gets into its folder: a Python environment, an npm prefix or unpacked Debian packages.

use std::path::Path;
use std::process::Command;

use cloudwright_bundle::Problem;
use cloudwright_deploy::local::environment;

use super::{browser, debian};
use crate::Outcome;
use crate::process::{capture, run_quietly};

/// What to install, pinned, and with which installer.
pub(crate) enum Recipe {
    /// A virtual environment holding these requirements (the text of a `requirements.txt`).
    Python(&'static str),
    /// An npm prefix holding these packages.
    Npm(&'static [&'static str]),
    /// An npm package with a browser that is packed by Brotli, unpacked into the folder; see [`browser`].
    Browser(&'static str),
    /// Debian packages of the machine's release, unpacked, not installed.
    Debian(&'static [&'static str]),
}

impl Recipe {
    /// Everything that the installation depends on, as text to compare.
    pub(super) fn stamp(&self, folder: &Path) -> Outcome<String> {
        let place = folder.display();
        Ok(match self {
            // An environment holds absolute paths and belongs to one interpreter.
            Self::Python(pins) => format!(
                "{place}\n{}\n{pins}",
                environment::python_version().map_err(|problem| text(&problem))?
            ),
            Self::Browser(package) => format!("{place}\n{package}"),
            Self::Npm(packages) | Self::Debian(packages) => {
                format!("{place}\n{}", packages.join("\n"))
            }
        })
    }

    pub(super) fn install(&self, folder: &Path) -> Outcome {
        match self {
            Self::Python(pins) => {
                environment::install(folder, pins).map_err(|problem| text(&problem))
            }
            Self::Npm(packages) => npm(folder, packages),
            Self::Browser(package) => browser::unpack(folder, package),
            Self::Debian(packages) => debian::unpack(folder, packages),
        }
    }
}

fn text(problem: &Problem) -> String {
    format!("{}; {}", problem.message, problem.help)
}

pub(super) fn npm(folder: &Path, packages: &[&str]) -> Outcome {
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
