//! A headless browser without root: the one that people run in AWS Lambda, from npm.
//!
//! Browsers of distributions change every week and the old one goes away, so no version of them can be pinned. This one is
//! a package of npm, pinned and checked by its registry's hash, with the libraries that small images lack.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::install::npm;
use crate::Outcome;
use crate::process::run_quietly;

/// Unpacks a `.br` file into another one that can be run.
const INFLATE: &str = "\
const { createReadStream, createWriteStream } = require('fs');
const { createBrotliDecompress } = require('zlib');
const [from, to] = process.argv.slice(1);
require('stream').pipeline(createReadStream(from), createBrotliDecompress({ chunkSize: 1 << 21 }), createWriteStream(to, { mode: 0o755 }),
  (why) => { if (why) throw why; });";

/// Installs `package` and leaves `folder/chromium` and the libraries in `folder/lib`.
pub(super) fn unpack(folder: &Path, package: &str) -> Outcome {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err("its package has a program for Linux on x86-64 alone".to_owned());
    }
    npm(folder, &[package, "--ignore-scripts"])?;
    let packed = folder.join("node_modules/@sparticuz/chromium/bin");
    let libraries = folder.join("libraries.tar");
    for (name, to) in [
        ("chromium.br", &folder.join("chromium")),
        ("al2023.tar.br", &libraries),
    ] {
        let inflate = ["-e", INFLATE, "--"];
        run_quietly(
            Command::new("node")
                .args(inflate)
                .arg(packed.join(name))
                .arg(to),
        )?;
    }
    run_quietly(
        Command::new("tar")
            .arg("-xf")
            .arg(&libraries)
            .arg("-C")
            .arg(folder),
    )?;
    for done in [
        fs::remove_file(&libraries),
        fs::remove_dir_all(folder.join("node_modules")),
    ] {
        done.map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    Ok(())
}
