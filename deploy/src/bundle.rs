//! `bundle`: makes the package of an asset and prints its path.

use std::env;
use std::io;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use cloudwright_bundle::build::Workshop;
use cloudwright_bundle::{
    CargoRecipe, FolderRecipe, Handlers, PythonRecipe, Recipe, RuntimeRecipe, Target, checkout,
};

const AFTER_HELP: &str = "\
This is what the asset manifests of an assembly call when a file is to be uploaded. Standard output
is the absolute path of the archive and nothing else; all progress is on standard error.

The source is looked for in CLOUDWRIGHT_CHECKOUT, in the folders from the current one upwards, and in
the checkouts that were synthesized on this machine. Only a source with the very key is taken.

The archive is kept in target/cloudwright/assets under its key, and made once.";

/// What a recipe is made of: exactly one of these is given.
const SOURCES: [&str; 4] = ["cargo", "folder", "python", "runtime"];

pub(crate) fn command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("bundle")
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

pub(crate) fn run(arguments: &ArgMatches) -> Result<(), String> {
    let recipe = recipe(arguments)?;
    let key = text(arguments, "key").unwrap_or_default();
    let variable = |name: &str| env::var(name).ok();
    let home = checkout::home(variable).ok_or("no home folder: set CLOUDWRIGHT_HOME")?;
    let mut candidates: Vec<_> = arguments
        .get_one::<PathBuf>("checkout")
        .cloned()
        .into_iter()
        .collect();
    candidates.extend(variable(checkout::CHECKOUT).map(PathBuf::from));
    if let Ok(current) = env::current_dir() {
        candidates.extend(checkout::around(&current));
    }
    candidates.extend(checkout::remembered(&home));
    let mut workshop = Workshop {
        home,
        target_dir: env::var_os("CARGO_TARGET_DIR").map(PathBuf::from),
        log: &mut io::stderr(),
    };
    let made = workshop.make(&recipe, &key, &candidates);
    let made = made.map_err(|problem| problem.to_string())?;
    let absolute = std::path::absolute(&made).map_err(|error| error.to_string())?;
    println!("{}", absolute.display());
    Ok(())
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
    match (&*profile, &features[..]) {
        ("release", []) => Ok(Handlers::Every),
        ("dev", [name]) => Ok(Handlers::Only((*name).clone())),
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

    fn read(words: &[String]) -> Recipe {
        // The program and the verb are not part of the verb's arguments.
        let matches = command().get_matches_from(&words[1..]);
        recipe(&matches).unwrap()
    }

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
        ] {
            assert_eq!(read(&recipe.command("00")), recipe);
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
