//! `bundle`: makes the package of an asset, or its container image, and prints its path.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use cloudwright_bundle::build::Workshop;
use cloudwright_bundle::{
    CargoRecipe, FolderRecipe, Handlers, PROGRAM, Problem, PythonRecipe, Recipe, RuntimeRecipe,
    Target, checkout,
};

const AFTER_HELP: &str = "\
This is what the asset manifests of an assembly call when a file is to be uploaded. Standard output
is the absolute path of the archive, or of the folder with an image's OCI layout, and nothing else; all progress is
on standard error.

The source is looked for in CLOUDWRIGHT_CHECKOUT, in the folders from the current one upwards, and in
the checkouts that were synthesized on this machine. Only a source with the very key is taken.

The result is kept in target/cloudwright/assets under its key, and made once.

Exit codes:
  0  done
  1  the source is not found, or no package can be made of it
  2  the command line makes no sense
  3  a file or folder cannot be read or written";

/// What the verb is called.
pub const VERB: &str = "bundle";

/// The program that is made into an image.
const WORKER: &str = "worker";

/// What a recipe is made of: exactly one of these is given.
const SOURCES: [&str; 4] = ["cargo", "folder", "python", "runtime"];

/// The arguments of `bundle`.
#[must_use]
pub fn command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new(VERB)
        .about("Makes the package of an asset and prints its path")
        .after_help(AFTER_HELP)
        .arg(option("key", "HASH", "The asset's key, as the assembly has it").required(true))
        .arg(option(
            "cargo",
            "DIR",
            "A cargo package, below its checkout",
        ))
        .arg(option("folder", "DIR", "A folder to pack as it is"))
        .arg(option("python", "DIR", "A Python program"))
        .arg(option(
            "runtime",
            "VERSION",
            "The handlers of cloudwright-runtime",
        ))
        .group(ArgGroup::new("source").args(SOURCES).required(true))
        .arg(
            option("image", "NAME", "As an image: the program `worker`")
                .value_parser([WORKER])
                .requires("runtime"),
        )
        .arg(option("bin", "NAME", "The package's program").requires("cargo"))
        .arg(option("target", "TRIPLE", "The processor to build for").value_parser(target))
        .arg(option("profile", "NAME", "The package's profile").default_value("release"))
        .arg(
            option(
                "features",
                "NAMES",
                "The package's features, separated by commas",
            )
            .value_delimiter(','),
        )
        .arg(
            Arg::new("no-default-features")
                .long("no-default-features")
                .action(ArgAction::SetTrue)
                .help("Without the package's default features"),
        )
        .arg(option(
            "requirements",
            "FILE",
            "What a Python program needs",
        ))
        .arg(option(
            "python-version",
            "VERSION",
            "Python's version, such as 3.13",
        ))
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("Prints {version, key, path, bytes} instead of the path"),
        )
        .arg(
            Arg::new("checkout")
                .long("checkout")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Where the paths start; looked at before all else"),
        )
}

fn target(text: &str) -> Result<Target, String> {
    text.parse::<Target>().map_err(|problem| problem.message)
}

/// Makes the package and gives what is to be printed: its path, in a line.
///
/// # Errors
/// When the command line is incomplete, the source cannot be found, no package can be made of it, or a file cannot be
/// read or written: the exit code that says so, and what is wrong.
pub fn run(arguments: &ArgMatches) -> Result<String, (u8, String)> {
    let order = Order::of(arguments).map_err(|message| (2, message))?;
    let variable = |name: &str| env::var(name).ok();
    let home = checkout::home(variable);
    let home = home.ok_or_else(|| (3, "no home folder: set CLOUDWRIGHT_HOME".to_owned()))?;
    let given = arguments
        .get_many::<PathBuf>("checkout")
        .unwrap_or_default();
    let given: Vec<_> = given.cloned().collect();
    let mut workshop = Workshop {
        home,
        target_dir: env::var_os("CARGO_TARGET_DIR").map(PathBuf::from),
        log: &mut io::stderr(),
    };
    let made = order.make(&mut workshop, &given, variable);
    let made = made.map_err(|problem| {
        let code = if problem.is_of_file { 3 } else { 1 };
        (
            code,
            format!("{}\n   = help: {}", problem.message, problem.help),
        )
    })?;
    Ok(if arguments.get_flag("json") {
        format!("{:#}\n", made.json(&order.key))
    } else {
        format!("{}\n", made.path.display())
    })
}

/// One package to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    recipe: Recipe,
    key: String,
}

/// A package that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The archive, or the folder of an image, as an absolute path.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Order {
    /// Reads the command that an assembly has for an asset: its `executable`.
    ///
    /// # Errors
    /// When it is no such command, or one of another version.
    pub fn read(words: &[String]) -> Result<Self, Problem> {
        let problem = |message: String| {
            let help = "synthesize with the same version of cloudwright";
            Problem::new(
                format!("unknown command `{}`: {message}", words.join(" ")),
                help,
            )
        };
        match words {
            [program, verb, ..] if program == PROGRAM && verb == VERB => {}
            _ => return Err(problem(format!("expected `{PROGRAM} {VERB} ..`"))),
        }
        // The verb takes the place of the program's name.
        let matches = command().try_get_matches_from(&words[1..]);
        let matches = matches.map_err(|error| problem(error.to_string()))?;
        Self::of(&matches).map_err(problem)
    }

    fn of(arguments: &ArgMatches) -> Result<Self, String> {
        Ok(Self {
            recipe: recipe(arguments)?,
            key: text(arguments, "key").unwrap_or_default(),
        })
    }

    /// Makes the package, unless it is there already. Its source is looked for in `given` first.
    ///
    /// # Errors
    /// When the source cannot be found, or no package can be made of it.
    pub fn make(
        &self,
        workshop: &mut Workshop<'_>,
        given: &[PathBuf],
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Made, Problem> {
        let mut candidates = given.to_vec();
        candidates.extend(variable(checkout::CHECKOUT).map(PathBuf::from));
        if let Ok(current) = env::current_dir() {
            candidates.extend(checkout::around(&current));
        }
        candidates.extend(checkout::remembered(&workshop.home));
        let made = workshop.make(&self.recipe, &self.key, &candidates)?;
        let unreadable = |error: io::Error| {
            let message = format!("cannot read \"{}\": {error}", made.display());
            Problem::of_file(message, "make it again")
        };
        let path = std::path::absolute(&made).map_err(unreadable)?;
        let bytes = size(&path).map_err(unreadable)?;
        Ok(Made { path, bytes })
    }
}

/// The size of a file, or of all in a folder, in bytes.
fn size(path: &Path) -> io::Result<u64> {
    let found = std::fs::metadata(path)?;
    if !found.is_dir() {
        return Ok(found.len());
    }
    let entries = std::fs::read_dir(path)?;
    entries.map(|entry| size(&entry?.path())).sum()
}

impl Made {
    fn json(&self, key: &str) -> serde_json::Value {
        serde_json::json!({
            "version": 1,
            "key": key,
            "path": self.path.display().to_string(),
            "bytes": self.bytes,
        })
    }
}

/// The recipe of a command line: the reverse of [`Recipe::command`].
fn recipe(arguments: &ArgMatches) -> Result<Recipe, String> {
    let target = || {
        let target = arguments.get_one::<Target>("target").copied();
        target.ok_or("name a target: `--target aarch64-unknown-linux-gnu`")
    };
    if let Some(path) = text(arguments, "cargo") {
        let features = arguments.get_many::<String>("features");
        return Ok(Recipe::Cargo(CargoRecipe {
            path,
            bin: text(arguments, "bin").ok_or("name the program: `--bin NAME`")?,
            target: target()?,
            profile: text(arguments, "profile").unwrap_or_default(),
            features: features.into_iter().flatten().cloned().collect(),
            default_features: !arguments.get_flag("no-default-features"),
        }));
    }
    if let Some(path) = text(arguments, "python") {
        return Ok(Recipe::Python(PythonRecipe {
            path,
            requirements: text(arguments, "requirements"),
            version: text(arguments, "python-version")
                .ok_or("name a version: `--python-version 3.13`")?,
            target: target()?,
        }));
    }
    if let Some(version) = text(arguments, "runtime") {
        return Ok(Recipe::Runtime(RuntimeRecipe {
            version,
            target: target()?,
            handlers: handlers(arguments)?,
        }));
    }
    let path = text(arguments, "folder").ok_or("name a source")?;
    Ok(Recipe::Folder(FolderRecipe { path }))
}

/// All handlers in their release, or a development build of one: the settings of both are fixed.
fn handlers(arguments: &ArgMatches) -> Result<Handlers, String> {
    let features = arguments.get_many::<String>("features");
    let features: Vec<_> = features.into_iter().flatten().collect();
    let profile = text(arguments, "profile").unwrap_or_default();
    let is_image = text(arguments, "image").is_some();
    match (&*profile, &features[..]) {
        ("release", []) if is_image => Ok(Handlers::Worker),
        ("release", []) => Ok(Handlers::Every),
        ("dev", [name]) if !is_image => Ok(Handlers::Only((*name).clone())),
        _ => Err(
            "the handlers are built in their release, or one of them for development: \
             `--profile dev --features forward`"
                .to_owned(),
        ),
    }
}

fn text(arguments: &ArgMatches, name: &str) -> Option<String> {
    arguments.get_one::<String>(name).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_an_assembly_is_read_back() {
        let cargo = CargoRecipe {
            path: "handlers/resize".into(),
            bin: "resize".into(),
            target: Target::Arm64,
            profile: "release".into(),
            features: Vec::new(),
            default_features: true,
        };
        let special = CargoRecipe {
            path: ".".into(),
            profile: "small".into(),
            features: vec!["a".into(), "b".into()],
            default_features: false,
            target: Target::X86_64,
            ..cargo.clone()
        };
        let python = PythonRecipe {
            path: "app".into(),
            requirements: Some("app/requirements.txt".into()),
            version: "3.13".into(),
            target: Target::Arm64,
        };
        let plain = PythonRecipe {
            requirements: None,
            ..python.clone()
        };
        let runtime = RuntimeRecipe {
            version: "0.1.0".into(),
            target: Target::X86_64,
            handlers: Handlers::Every,
        };
        let development = RuntimeRecipe {
            handlers: Handlers::Only("forward".into()),
            ..runtime.clone()
        };
        let image = RuntimeRecipe {
            handlers: Handlers::Worker,
            ..runtime.clone()
        };
        for recipe in [
            Recipe::Cargo(cargo),
            Recipe::Cargo(special),
            Recipe::Folder(FolderRecipe {
                path: "site".into(),
            }),
            Recipe::Python(python),
            Recipe::Python(plain),
            Recipe::Runtime(runtime),
            Recipe::Runtime(development),
            Recipe::Runtime(image),
        ] {
            let order = Order::read(&recipe.command("00")).unwrap();
            assert_eq!((order.recipe, &*order.key), (recipe, "00"));
        }
    }

    #[test]
    fn other_commands_are_refused() {
        for words in [
            &[][..],
            &["cargo-cloudwright"],
            &["sh", "bundle", "--key", "00", "--folder", "a"],
            &["cargo-cloudwright", "bundle", "--key", "00"],
            &["cargo-cloudwright", "bundle", "--new-option"],
        ] {
            let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
            let problem = Order::read(&words).unwrap_err();
            assert!(problem.message.contains("unknown command"), "{words:?}");
        }
    }

    #[test]
    fn the_handlers_are_built_in_one_of_two_ways() {
        for more in [
            &["--profile", "dev"][..],
            &["--features", "forward"],
            &["--profile", "small"],
            &["--profile", "dev", "--features", "forward,replicate"],
        ] {
            let words = [
                "bundle",
                "--key",
                "00",
                "--runtime",
                "0.1.0",
                "--target",
                "arm64",
            ];
            let words = words.iter().chain(more);
            let matches = command().get_matches_from(words);
            let problem = recipe(&matches).unwrap_err();
            assert!(problem.contains("--profile dev --features forward"));
        }
    }

    #[test]
    fn one_source_is_needed_and_two_are_too_many() {
        for words in [
            &["bundle", "--key", "00"][..],
            &[
                "bundle",
                "--key",
                "00",
                "--folder",
                "a",
                "--runtime",
                "0.1.0",
            ],
            &["bundle", "--folder", "a"],
            &[
                "bundle", "--key", "00", "--cargo", "a", "--target", "riscv64",
            ],
        ] {
            assert!(command().try_get_matches_from(words).is_err(), "{words:?}");
        }
    }
}
