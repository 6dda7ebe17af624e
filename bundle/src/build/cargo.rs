//! Building Rust handlers, and the program of a container image.
//!
//! `cargo zigbuild` is taken where it is there: it links against the C library of
//! `provided.al2023` whatever the machine has, and for both processors. Otherwise plain cargo
//! builds for the machine's own processor, or for the other one with a cross linker; the check of
//! the executable then says whether the machine's C library was too new.
//!
//! An image has no C library, so its program holds one: musl by `cargo zigbuild`, where Rust's standard library for
//! it is there (`rustup target add`), or else the machine's glibc, which has to be of 2.34 (2021) or newer to look names
//! up without libraries of its own.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::archive::Entry;
use super::process::{exists, run};
use super::{Workshop, elf};
use crate::handlers::{BOOTSTRAP, FOLDER, WORKER};
use crate::package::{Package, read};
use crate::{CargoRecipe, Problem, RuntimeRecipe, Target};

/// The program that links for any target.
const ZIGBUILD: &str = "cargo-zigbuild";
/// The C library of `provided.al2023`, as zigbuild takes it.
const GLIBC: &str = "2.34";
/// Has the compiler link the C library into the program.
const STATIC: &str = "-Ctarget-feature=+crt-static";
const NO_CARGO: &str = "install Rust: https://rustup.rs";

/// The handler of a user's package.
pub(super) fn of_package(
    shop: &mut Workshop<'_>,
    recipe: &CargoRecipe,
    checkout: &Path,
    output: &Path,
) -> Result<Vec<Entry>, Problem> {
    let folder = checkout.join(&recipe.path);
    let mut build = Build::new(recipe.target, Library::Shared, &folder)?;
    build.place(output, checkout, Package::read(&folder)?.compiler_flags()?);
    let command = &mut build.command;
    command.args(["--bin", &recipe.bin, "--profile", &recipe.profile]);
    if !recipe.features.is_empty() {
        command.args(["--features", &recipe.features.join(",")]);
    }
    if !recipe.default_features {
        command.arg("--no-default-features");
    }
    shop.say(&format!(
        "building {} for {}",
        recipe.bin,
        recipe.target.triple()
    ));
    build.finish(&recipe.bin)
}

/// The handlers of `cloudwright-runtime`: from a checkout of cloudwright, or the published package.
pub(super) fn of_runtime(
    shop: &mut Workshop<'_>,
    recipe: &RuntimeRecipe,
    checkout: Option<&Path>,
    output: &Path,
) -> Result<Vec<Entry>, Problem> {
    let (target, version) = (recipe.target, &recipe.version);
    let Some(checkout) = checkout else {
        shop.say(&format!(
            "building cloudwright-runtime {version} for {}",
            target.triple()
        ));
        return install(recipe, output);
    };
    let folder = checkout.join(FOLDER);
    let mut build = Build::new(target, library(recipe), &folder)?;
    build.place(output, checkout, Vec::new());
    build.handlers(recipe);
    shop.say(&format!(
        "building {} for {}",
        recipe.feature(),
        build.triple
    ));
    build.finish(program(recipe))
}

/// The published package, whose version is its source.
fn install(recipe: &RuntimeRecipe, output: &Path) -> Result<Vec<Entry>, Problem> {
    fs::create_dir_all(output).map_err(|error| Problem::unreadable(output, &error))?;
    let root = output.join(format!(
        "runtime-{}-{}-{}",
        recipe.version,
        recipe.feature(),
        recipe.target.name()
    ));
    let mut build = Build::with(recipe.target, library(recipe), output, "install")?;
    build.remap(&[(&root, "/source"), (output, "/source")], Vec::new());
    build.handlers(recipe);
    let package = format!("cloudwright-runtime@={}", recipe.version);
    let command = &mut build.command;
    command.args([&package, "--force", "--no-track"]);
    command.arg("--root").arg(&root);
    run(command, NO_CARGO)?;
    let name = program(recipe);
    packed(&root.join("bin").join(name), name, &build)
}

/// The program that is built.
const fn program(recipe: &RuntimeRecipe) -> &'static str {
    if recipe.is_image() { WORKER } else { BOOTSTRAP }
}

const fn library(recipe: &RuntimeRecipe) -> Library {
    if recipe.is_image() {
        Library::Static
    } else {
        Library::Shared
    }
}

/// Where a program finds its C library.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Library {
    /// Where it runs.
    Shared,
    /// In itself.
    Static,
}

/// One run of cargo.
struct Build {
    command: Command,
    target: Target,
    library: Library,
    /// What is built for, such as `x86_64-unknown-linux-musl`.
    triple: String,
    /// Whether it keeps the tables by which a panic unwinds.
    keeps_unwind_tables: bool,
}

impl Build {
    fn new(target: Target, library: Library, folder: &Path) -> Result<Self, Problem> {
        let mut build = Self::with(target, library, folder, "build")?;
        let manifest = folder.join("Cargo.toml");
        let command = &mut build.command;
        command.arg("--message-format=json-render-diagnostics");
        command.arg("--manifest-path").arg(manifest);
        Ok(build)
    }

    /// A run in a folder, whose settings count, with nothing of the environment that would make
    /// the result differ from machine to machine.
    fn with(target: Target, library: Library, folder: &Path, verb: &str) -> Result<Self, Problem> {
        let musl = format!("{}-unknown-linux-musl", target.machine());
        let is_static = library == Library::Static;
        let zig = exists(ZIGBUILD) && (!is_static || has_standard_library(&musl, folder)?);
        let triple = if zig && is_static {
            musl
        } else {
            require_target(target, folder)?;
            target.triple().to_owned()
        };
        let mut command = match (zig, verb) {
            (true, "build") => words(ZIGBUILD, "zigbuild"),
            (true, verb) => words(ZIGBUILD, verb),
            (false, verb) => words("cargo", verb),
        };
        let asked = if zig && !is_static {
            format!("{triple}.{GLIBC}")
        } else {
            triple.clone()
        };
        command
            .current_dir(folder)
            .args(["--locked", "--target", &asked]);
        if !zig {
            link(&mut command, target)?;
        }
        for flags in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_RUSTFLAGS",
            "CARGO_BUILD_TARGET",
        ] {
            command.env_remove(flags);
        }
        // A toolchain that whoever started us runs on; the one of the source is in its files.
        command.env_remove("RUSTUP_TOOLCHAIN");
        without_caller(&mut command);
        Ok(Self {
            command,
            target,
            library,
            triple,
            keeps_unwind_tables: true,
        })
    }

    /// Builds below `output`, so that the user's own builds stay as they are.
    fn place(&mut self, output: &Path, checkout: &Path, flags: Vec<String>) {
        let built = output.join("build");
        self.command.arg("--target-dir").arg(&built);
        self.remap(&[(checkout, "/source"), (&built, "/target")], flags);
    }

    /// Keeps paths of this machine out of the program: they would differ from build to build, and
    /// tell what nobody needs to know. The last one that fits counts.
    fn remap(&mut self, folders: &[(&Path, &str)], mut flags: Vec<String>) {
        let cargo = cargo_home();
        let known = cargo.iter().map(|home| (home.as_path(), "/cargo"));
        for (folder, name) in known.chain(folders.iter().copied()) {
            flags.push(format!("--remap-path-prefix={}={name}", folder.display()));
        }
        if self.library == Library::Static {
            flags.push(STATIC.to_owned());
        }
        let list = Value::from(flags);
        let setting = format!("target.{}.rustflags={list}", self.triple);
        self.command.arg("--config").arg(setting);
    }

    /// What the programs of `cloudwright-runtime` are built with.
    fn handlers(&mut self, recipe: &RuntimeRecipe) {
        let build = ["--bin", program(recipe), "--profile", recipe.profile()];
        self.command.args(build);
        self.command.args(["--features", recipe.feature()]);
        self.keeps_unwind_tables = recipe.keeps_unwind_tables();
        for (name, value) in recipe.settings() {
            self.command.arg("--config").arg(format!("{name}={value}"));
        }
    }

    fn finish(mut self, bin: &str) -> Result<Vec<Entry>, Problem> {
        let messages = run(&mut self.command, NO_CARGO)?;
        let built = messages
            .lines()
            .filter_map(|line| executable(line, bin))
            .next_back();
        let Some(built) = built else {
            let message = format!("cargo built no program \"{bin}\"");
            return Err(Problem::new(message, "see what it says above"));
        };
        let name = match self.library {
            Library::Shared => BOOTSTRAP,
            Library::Static => bin,
        };
        packed(&built, name, &self)
    }
}

fn words(program: &str, verb: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(verb);
    command
}

/// The path of a program in a message of cargo.
fn executable(line: &str, bin: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_it = message["reason"] == "compiler-artifact" && message["target"]["name"] == bin;
    is_it.then(|| message["executable"].as_str().map(PathBuf::from))?
}

/// The program under the name that it is started by.
fn packed(built: &Path, name: &str, build: &Build) -> Result<Vec<Entry>, Problem> {
    let mut content = read(built)?;
    match build.library {
        Library::Shared => elf::check(&content, name, build.target)?,
        Library::Static => elf::check_alone(&content, name, build.target)?,
    }
    if !build.keeps_unwind_tables {
        elf::drop_unwind_tables(&mut content, name)?;
    }
    Ok(vec![Entry {
        path: name.to_owned(),
        executable: true,
        content,
    }])
}

fn cargo_home() -> Option<PathBuf> {
    let set = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let user = || set("HOME").or_else(|| set("USERPROFILE"));
    set("CARGO_HOME").or_else(|| user().map(|user| user.join(".cargo")))
}

/// Asks for the standard library of the target before a build fails for want of it.
fn require_target(target: Target, folder: &Path) -> Result<(), Problem> {
    let triple = target.triple();
    if has_standard_library(triple, folder)? {
        return Ok(());
    }
    let message = format!(
        "this machine's Rust cannot build for {} ({triple})",
        target.name()
    );
    let help = format!(
        "`rustup target add {triple}`; or run functions on this machine's processor: \
         `--context cloudwright:architecture={}`",
        host().map_or("x86_64", Target::name)
    );
    Err(Problem::new(message, help))
}

/// Whether Rust's standard library for a target is there.
fn has_standard_library(triple: &str, folder: &Path) -> Result<bool, Problem> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(folder).env_remove("RUSTUP_TOOLCHAIN");
    rustc.args(["--print", "target-libdir", "--target", triple]);
    let library = run(&mut rustc, NO_CARGO)?;
    Ok(Path::new(library.trim()).is_dir())
}

/// What would build a handler for a processor: `cargo-zigbuild`, or cargo with a linker that fits.
///
/// # Errors
/// When there is no standard library for it, or nothing that links.
pub fn builder(target: Target, folder: &Path) -> Result<&'static str, Problem> {
    require_target(target, folder)?;
    if exists(ZIGBUILD) {
        return Ok(ZIGBUILD);
    }
    link(&mut Command::new("cargo"), target)?;
    Ok("cargo")
}

/// This machine, when Lambda has its processor.
fn host() -> Option<Target> {
    let is_linux = env::consts::OS == "linux";
    Target::ALL
        .into_iter()
        .find(|target| is_linux && target.machine() == env::consts::ARCH)
}

/// Tells plain cargo how to link for another processor.
fn link(command: &mut Command, target: Target) -> Result<(), Problem> {
    let name = target.triple().to_uppercase().replace('-', "_");
    let variable = format!("CARGO_TARGET_{name}_LINKER");
    if host() == Some(target) || env::var_os(&variable).is_some() {
        return Ok(());
    }
    let linker = format!("{}-linux-gnu-gcc", target.machine());
    if !exists(&linker) {
        let message = format!("nothing here links for {}", target.triple());
        let help = "`pip install ziglang cargo-zigbuild`, which does for every target";
        return Err(Problem::new(message, help));
    }
    let compiler = format!("CC_{}", target.triple().replace('-', "_"));
    command.env(variable, &linker).env(compiler, linker);
    Ok(())
}
/// Keeps from a cargo that is started what the cargo that started *us* told us of our own package. There are build
/// scripts that look at it (`ring` has one), and with them all that depends on them would be compiled again whenever
/// another program starts the same build.
pub fn without_caller(command: &mut Command) {
    let told = |name: &str| {
        let of_package = ["CARGO_PKG_", "CARGO_BIN_", "CARGO_MANIFEST_"];
        of_package.iter().any(|start| name.starts_with(start)) || name == "CARGO_CRATE_NAME"
    };
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(told) {
            command.env_remove(name);
        }
    }
}
