//! `cargo cloudwright new`: a project of it is built offline on this checkout, synthesizes, and its test passes; what cannot
//! be made is told, and leaves nothing behind.
#![cfg(feature = "new")]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use toml::Table;

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn new(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-cloudwright"));
    command
        .args(["cloudwright", "new"])
        .args(arguments)
        .current_dir(folder);
    command.output().unwrap()
}

#[track_caller]
fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Everything in a folder, by name.
fn inside(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Runs cargo in a project, without a network; what is compiled stays for the next run of this test.
#[track_caller]
fn cargo(project: &Path, arguments: &[&str], accept: &str) -> String {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(project);
    cargo
        .env("CARGO_NET_OFFLINE", "true")
        .env("INSTA_UPDATE", accept);
    cargo.env(
        "CARGO_TARGET_DIR",
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("new"),
    );
    let output = cargo.output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

#[test]
fn a_project_is_built_offline_synthesizes_and_is_tested() {
    let home = TempDir::new().unwrap();
    let checkout = checkout();
    let made = new(
        home.path(),
        &["my-uploads", "--path", checkout.to_str().unwrap()],
    );
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert_eq!(
        text(&made.stdout),
        "made my-uploads: `cd my-uploads`, then `cargo run -- synth`\n"
    );
    let project = home.path().join("my-uploads");
    let files = [
        ".github",
        ".gitignore",
        "Cargo.lock",
        "Cargo.toml",
        "README.md",
        "src",
        "tests",
    ];
    assert_eq!(inside(&project), files);
    let readme = fs::read_to_string(project.join("README.md")).unwrap();
    for command in ["cargo run -- synth", "INSTA_UPDATE=always cargo test"] {
        assert!(readme.contains(command), "{readme}");
    }
    let said = cargo(&project, &["run", "--quiet", "--", "synth"], "no");
    assert!(said.contains("Uploads"), "{said}");
    assert!(
        project
            .join("cloudwright.out/Uploads.template.json")
            .exists()
    );
    cargo(&project, &["test", "--quiet"], "always");
    assert_eq!(inside(&project.join("snapshots")), ["Uploads.snap"]);
    cargo(&project, &["test", "--quiet"], "no");
}

/// The manifest of a package of this repository.
fn manifest(path: &Path) -> Table {
    toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The examples, each with the features of cloudwright that it needs.
fn examples() -> Vec<(String, Vec<String>)> {
    let manifest = manifest(&checkout().join("examples/Cargo.toml"));
    let texts = |value: &toml::Value| {
        let all = value.as_array().unwrap().iter();
        let all = all.map(|text| text.as_str().unwrap().to_owned());
        all.collect::<Vec<_>>()
    };
    let programs = manifest["bin"].as_array().unwrap().iter();
    let example = programs.map(|program| {
        let needed = program.get("required-features").map(texts);
        let needed = needed.unwrap_or_default().into_iter();
        let needed = needed.flat_map(|feature| texts(&manifest["features"][&feature]));
        let needed = needed.map(|feature| feature.trim_start_matches("cloudwright/").to_owned());
        let name = program["name"].as_str().unwrap();
        (name.to_owned(), needed.collect())
    });
    example.collect()
}

#[test]
fn every_example_is_made_with_the_published_names_and_the_features_that_it_needs() {
    let home = TempDir::new().unwrap();
    for (example, features) in examples() {
        let name = format!("my-{example}");
        let made = new(home.path(), &[&name, "--from", &example]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        let project = home.path().join(&name);
        let manifest = manifest(&project.join("Cargo.toml"));
        let readme = fs::read_to_string(project.join("README.md")).unwrap();
        let named = readme.split("--features ").skip(1);
        for feature in named.filter_map(|rest| rest.split(' ').next()) {
            let features = manifest["features"].as_table().unwrap();
            assert!(features.contains_key(feature), "{feature} is no feature");
        }
        let package = &manifest["dependencies"]["cloudwright"];
        assert_eq!(package["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));
        let asked = package.get("features").and_then(|all| all.as_array());
        let asked: Vec<_> = asked
            .into_iter()
            .flatten()
            .filter_map(|feature| feature.as_str())
            .collect();
        assert_eq!(asked, features, "{example}");
        let program = fs::read_to_string(project.join("src/main.rs")).unwrap();
        assert!(program.contains("cloudwright::main("), "{program}");
    }
}

/// A dependency as a table, with what the workspace says of it.
fn dependency(workspace: &Table, name: &str, given: &toml::Value) -> Table {
    let mut given = match given {
        toml::Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    };
    if given.remove("workspace").is_some() {
        let shared = workspace["workspace"]["dependencies"][name].clone();
        let mut shared = match shared {
            toml::Value::Table(table) => table,
            version => Table::from_iter([("version".to_owned(), version)]),
        };
        let mut features: Vec<_> = [&shared, &given]
            .iter()
            .filter_map(|table| table.get("features")?.as_array())
            .flatten()
            .cloned()
            .collect();
        features.sort_by_key(ToString::to_string);
        shared.extend(given);
        if !features.is_empty() {
            shared.insert("features".to_owned(), features.into());
        }
        return shared;
    }
    given
}

#[test]
fn packages_of_handlers_need_what_those_of_the_examples_need() {
    let home = TempDir::new().unwrap();
    let workspace = manifest(&checkout().join("Cargo.toml"));
    for (example, package, original) in [
        ("handler", "book", "handler/book"),
        ("object-catalog", "catalog", "object-catalog/catalog"),
        ("wibl-pipeline", "convert", "wibl-pipeline/convert"),
        ("three-stages", "convert", "wibl-pipeline/convert"),
    ] {
        let name = format!("my-{example}");
        assert!(
            new(home.path(), &[&name, "--from", example])
                .status
                .success()
        );
        let made = home.path().join(name).join(package).join("Cargo.toml");
        let made = manifest(&made);
        let original = checkout().join("examples").join(original);
        let original = manifest(&original.join("Cargo.toml"));
        for table in ["features", "bin"] {
            assert_eq!(made.get(table), original.get(table), "{example}: {table}");
        }
        let mut expected = Table::new();
        for (name, given) in original["dependencies"].as_table().unwrap() {
            let mut given = dependency(&workspace, name, given);
            given.remove("path");
            expected.insert(name.clone(), given.into());
        }
        let mut found = Table::new();
        for (name, given) in made["dependencies"].as_table().unwrap() {
            let given = dependency(&workspace, name, given);
            found.insert(name.clone(), given.into());
        }
        assert_eq!(found, expected, "{example}");
    }
}

#[test]
fn systems_with_code_of_their_own_synthesize_and_their_packages_are_tested() {
    let home = TempDir::new().unwrap();
    let checkout = checkout();
    // What one of them needs they all get, so that cloudwright is compiled once.
    let features: BTreeSet<_> = examples()
        .into_iter()
        .flat_map(|(_, features)| features)
        .map(|feature| format!("cloudwright/{feature}"))
        .collect();
    let features = Vec::from_iter(features).join(",");
    let examples = [
        "handler",
        "netstorage-sync",
        "object-catalog",
        "three-stages",
        "wibl-pipeline",
    ];
    for example in examples {
        let name = format!("my-{example}");
        let arguments = [
            &name,
            "--from",
            example,
            "--path",
            checkout.to_str().unwrap(),
        ];
        let made = new(home.path(), &arguments);
        assert!(made.status.success(), "{}", text(&made.stderr));
        let project = home.path().join(&name);
        let run = ["run", "--quiet", "--features", &features, "--", "synth"];
        let said = cargo(&project, &run, "no");
        assert!(said.contains("(no warnings)"), "{example}: {said}");
        let mine = fs::read_dir(&project)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let packages = mine.filter(|folder| folder.join("Cargo.toml").exists());
        for package in packages {
            let package = package.file_name().unwrap().to_str().unwrap().to_owned();
            assert!(said.contains(&format!("{package} for arm64")), "{said}");
            let tested = cargo(&project, &["test", "--package", &package], "no");
            assert!(tested.contains("test result: ok. "), "{tested}");
        }
    }
}

#[test]
fn whoever_reads_no_more_gets_the_whole_project() {
    let home = TempDir::new().unwrap();
    let program = env!("CARGO_BIN_EXE_cargo-cloudwright");
    let (read, write) = std::io::pipe().unwrap();
    drop(read);
    let status = Command::new(program)
        .args(["new", "uploads"])
        .current_dir(home.path())
        .stdout(write)
        .status();
    assert!(status.unwrap().success());
    assert_eq!(inside(home.path()), ["uploads"]);
    assert!(home.path().join("uploads/src/main.rs").exists());
}

#[test]
fn what_cannot_be_made_is_told_and_leaves_nothing_behind() {
    let home = TempDir::new().unwrap();
    fs::create_dir(home.path().join("there")).unwrap();
    fs::write(home.path().join("file"), "mine").unwrap();
    let cases: [(&[&str], &str); 7] = [
        (&["there"], "\"there\" is there already"),
        (&["file"], "\"file\" is there already"),
        (&["2x"], "\"2x\" is no name for a crate"),
        (
            &["x", "--from", "nothing"],
            "there are quickstart, environments, handler",
        ),
        (
            &["x", "--from", "wibl-pipelin"],
            "did you mean \"wibl-pipeline\"? there are quickstart",
        ),
        (&["x", "--path", "there"], "it has no constructs/Cargo.toml"),
        (&["x", "--path", "missing"], "is no checkout of cloudwright"),
    ];
    for (arguments, said) in cases {
        let output = new(home.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = text(&output.stderr);
        assert!(
            error.starts_with("error: ") && error.contains(said),
            "{error}"
        );
        assert!(error.contains("= help: "), "{error}");
        assert_eq!(inside(home.path()), ["file", "there"]);
    }
    assert_eq!(
        fs::read_to_string(home.path().join("file")).unwrap(),
        "mine"
    );
    assert!(inside(&home.path().join("there")).is_empty());
}
