//! What changes the key of a source, and what does not.

use std::fs;
use std::path::Path;

use cloudwright_bundle::{CargoRecipe, FolderRecipe, PythonRecipe, Recipe, Target};
use tempfile::TempDir;

/// A workspace with a handler, a package that it is built from, and a package that it is not.
const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"handler\", \"shared\", \"other\"]\nresolver = \"3\"\n\
         [workspace.package]\nedition = \"2024\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n\
         [workspace.dependencies]\nused = { version = \"1\", features = [\"a\"] }\nunused = \"1\"\n\
         [profile.release]\nlto = \"fat\"\n",
    ),
    (
        "Cargo.lock",
        "version = 4\n\
         [[package]]\nname = \"handler\"\nversion = \"1.0.0\"\n\
         dependencies = [\"shared\", \"tests-only\", \"used 1.0.0\"]\n\
         [[package]]\nname = \"shared\"\nversion = \"1.0.0\"\ndependencies = [\"deep\"]\n\
         [[package]]\nname = \"other\"\nversion = \"1.0.0\"\ndependencies = [\"unused\", \"used 2.0.0\"]\n\
         [[package]]\nname = \"used\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\nchecksum = \"11\"\n\
         [[package]]\nname = \"used\"\nversion = \"2.0.0\"\nsource = \"registry+x\"\nchecksum = \"22\"\n\
         [[package]]\nname = \"deep\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\nchecksum = \"33\"\n\
         [[package]]\nname = \"unused\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\nchecksum = \"44\"\n\
         [[package]]\nname = \"tests-only\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\nchecksum = \"55\"\n",
    ),
    (
        "handler/Cargo.toml",
        "[package]\nname = \"handler\"\nversion.workspace = true\nedition.workspace = true\n\
         [features]\nfast = []\n\
         [dependencies]\nshared = { path = \"../shared\" }\nused.workspace = true\n\
         [dev-dependencies]\ntests-only = \"1\"\n",
    ),
    ("handler/src/main.rs", "fn main() {}\n"),
    ("handler/src/work.rs", "// work\n"),
    ("handler/.gitignore", "*.log\n"),
    (
        "shared/Cargo.toml",
        "[package]\nname = \"shared\"\nversion = \"1.0.0\"\n[dependencies]\ndeep = \"1\"\n",
    ),
    ("shared/src/lib.rs", "// shared\n"),
    (
        "other/Cargo.toml",
        "[package]\nname = \"other\"\nversion = \"1.0.0\"\n",
    ),
    ("other/src/lib.rs", "// other\n"),
];

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn edit(root: &Path, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(root.join(path)).unwrap();
    assert!(text.contains(from), "{path} holds no {from}");
    write(root, path, &text.replacen(from, to, 1));
}

fn workspace(name: &str) -> TempDir {
    let root = tempfile::Builder::new().prefix(name).tempdir().unwrap();
    FILES
        .iter()
        .for_each(|(path, text)| write(root.path(), path, text));
    root
}

fn key(root: &Path) -> String {
    let found = CargoRecipe::find(&root.join("handler"), None, Target::Arm64).unwrap();
    found.recipe.key(&found.checkout).unwrap()
}

type Change = fn(&Path);

/// Each gives a key of its own.
const DECISIVE: &[(&str, Change)] = &[
    ("a file", |root| {
        edit(root, "handler/src/main.rs", "{}", "{ }");
    }),
    ("a line end", |root| {
        edit(root, "handler/src/main.rs", "\n", "\r\n");
    }),
    ("a name", |root| {
        fs::rename(
            root.join("handler/src/work.rs"),
            root.join("handler/src/play.rs"),
        )
        .unwrap();
    }),
    ("a new file", |root| {
        write(root, "handler/data/table.csv", "1");
    }),
    ("a file that is gone", |root| {
        fs::remove_file(root.join("handler/src/work.rs")).unwrap();
    }),
    ("text that moves to the next file", |root| {
        write(root, "handler/src/main.rs", "fn main() {}\n// work\n");
        write(root, "handler/src/work.rs", "");
    }),
    ("a package it is built from", |root| {
        edit(root, "shared/src/lib.rs", "shared", "changed");
    }),
    ("a dependency", |root| {
        edit(root, "Cargo.lock", "\"11\"", "\"12\"");
    }),
    ("a dependency of a dependency", |root| {
        edit(root, "Cargo.lock", "\"33\"", "\"34\"");
    }),
    ("an inherited value", |root| {
        edit(root, "Cargo.toml", "2024", "2021");
    }),
    ("an inherited feature", |root| {
        edit(root, "Cargo.toml", "[\"a\"]", "[\"b\"]");
    }),
    ("the profile", |root| {
        edit(root, "Cargo.toml", "fat", "thin");
    }),
    ("the resolver", |root| {
        edit(root, "Cargo.toml", "\"3\"", "\"2\"");
    }),
    ("a flag", |root| {
        write(
            root,
            ".cargo/config.toml",
            "[build]\nrustflags = [\"-Ctarget-cpu=native\"]",
        );
    }),
    ("the toolchain", |root| {
        write(
            root,
            "rust-toolchain.toml",
            "[toolchain]\nchannel = \"1.95\"",
        );
    }),
];

#[test]
fn what_decides_about_the_program_changes_the_key() {
    let mut seen = vec![key(workspace("plain").path())];
    for (what, change) in DECISIVE {
        let root = workspace("changed");
        change(root.path());
        let changed = key(root.path());
        assert!(!seen.contains(&changed), "{what} did not change the key");
        seen.push(changed);
    }
}

/// None changes the key.
const IDLE: &[(&str, Change)] = &[
    ("another folder", |_| {}),
    ("an unrelated package of the lock", |root| {
        edit(root, "Cargo.lock", "\"44\"", "\"45\"");
    }),
    ("another version of the same name", |root| {
        edit(root, "Cargo.lock", "\"22\"", "\"23\"");
    }),
    ("a dependency of tests", |root| {
        edit(root, "Cargo.lock", "\"55\"", "\"56\"");
    }),
    ("another member", |root| {
        edit(root, "other/src/lib.rs", "other", "changed");
    }),
    ("a value that is not inherited", |root| {
        edit(root, "Cargo.toml", "\"MIT\"", "\"ISC\"");
    }),
    ("a dependency of others", |root| {
        edit(root, "Cargo.toml", "unused = \"1\"", "unused = \"2\"");
    }),
    ("the order of the lock", |root| {
        let text = fs::read_to_string(root.join("Cargo.lock")).unwrap();
        let (head, packages) = text.split_once("[[package]]\n").unwrap();
        let mut packages: Vec<_> = packages.split("[[package]]\n").map(str::trim_end).collect();
        packages.reverse();
        let text: String = packages
            .iter()
            .map(|text| format!("[[package]]\n{text}\n"))
            .collect();
        write(root, "Cargo.lock", &format!("{head}{text}"));
    }),
    ("a comment in a manifest", |root| {
        edit(
            root,
            "handler/Cargo.toml",
            "[features]",
            "# on demand\n[features]",
        );
    }),
    ("an ignored file", |root| {
        write(root, "handler/debug.log", "noise");
    }),
    ("build output", |root| {
        write(root, "handler/target/release/handler", "binary");
    }),
    ("a hidden file", |root| {
        write(root, "handler/.idea/workspace.xml", "noise");
    }),
    ("a package inside the package", |root| {
        write(
            root,
            "handler/fuzz/Cargo.toml",
            "[package]\nname = \"fuzz\"",
        );
        write(root, "handler/fuzz/src/main.rs", "fn main() {}");
    }),
    ("an alias", |root| {
        write(root, ".cargo/config.toml", "[alias]\nx = \"run\"");
    }),
    #[cfg(unix)]
    ("a mode", |root| {
        set_mode(&root.join("handler/src/main.rs"), 0o755);
    }),
    ("a time", |root| {
        let file = fs::File::options()
            .append(true)
            .open(root.join("handler/src/main.rs"))
            .unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    }),
];

#[test]
fn a_package_of_another_workspace_inherits_from_there() {
    let root = TempDir::new().unwrap();
    let files = [
        ("ours/Cargo.toml", "[workspace]\nmembers = [\"handler\"]\n"),
        (
            "ours/Cargo.lock",
            "version = 4\n\
             [[package]]\nname = \"handler\"\nversion = \"1.0.0\"\ndependencies = [\"shared\"]\n\
             [[package]]\nname = \"shared\"\nversion = \"1.0.0\"\ndependencies = [\"deep\"]\n\
             [[package]]\nname = \"deep\"\nversion = \"1.0.0\"\n",
        ),
        (
            "ours/handler/Cargo.toml",
            "[package]\nname = \"handler\"\n[dependencies]\nshared = { path = \"../../theirs/shared\" }\n",
        ),
        ("ours/handler/src/main.rs", "fn main() {}\n"),
        (
            "theirs/Cargo.toml",
            "[workspace]\n[workspace.package]\nedition = \"2024\"\n\
             [workspace.dependencies]\ndeep = { path = \"deep\" }\n",
        ),
        (
            "theirs/shared/Cargo.toml",
            "[package]\nname = \"shared\"\nedition.workspace = true\n[dependencies]\ndeep.workspace = true\n",
        ),
        ("theirs/shared/src/lib.rs", "// shared\n"),
        ("theirs/deep/Cargo.toml", "[package]\nname = \"deep\"\n"),
        ("theirs/deep/src/lib.rs", "// deep\n"),
    ];
    for (path, text) in files {
        write(root.path(), path, text);
    }
    let ours = root.path().join("ours");
    let first = key(&ours);
    edit(root.path(), "theirs/Cargo.toml", "2024", "2021");
    let second = key(&ours);
    edit(root.path(), "theirs/deep/src/lib.rs", "deep", "deeper");
    assert_ne!(first, second);
    assert_ne!(second, key(&ours));
}

#[test]
fn what_decides_nothing_leaves_the_key() {
    let expected = key(workspace("plain").path());
    for (what, change) in IDLE {
        let root = workspace("elsewhere");
        change(root.path());
        assert_eq!(key(root.path()), expected, "{what} changed the key");
    }
}

#[test]
fn what_is_asked_for_is_part_of_the_key() {
    let root = workspace("asked");
    let found = CargoRecipe::find(&root.path().join("handler"), None, Target::Arm64).unwrap();
    let Recipe::Cargo(plain) = found.recipe else {
        panic!("a package is a cargo recipe")
    };
    let asked = [
        plain.clone(),
        CargoRecipe {
            target: Target::X86_64,
            ..plain.clone()
        },
        CargoRecipe {
            profile: "small".into(),
            ..plain.clone()
        },
        CargoRecipe {
            features: vec!["fast".into()],
            ..plain.clone()
        },
        CargoRecipe {
            default_features: false,
            ..plain.clone()
        },
    ];
    let keys: std::collections::BTreeSet<_> = asked
        .into_iter()
        .map(|recipe| Recipe::Cargo(recipe).key(&found.checkout).unwrap())
        .collect();
    assert_eq!(keys.len(), 5);
    // It names the package from its checkout on, and nothing above.
    assert_eq!((&*plain.path, &*plain.bin), ("handler", "handler"));
    let command = Recipe::Cargo(plain).command("00").join(" ");
    assert!(
        !command.contains(&*root.path().to_string_lossy()),
        "{command}"
    );
}

#[test]
fn a_source_that_cannot_be_hashed_says_why() {
    let cases: &[(Change, &str)] = &[
        (
            |root| fs::remove_file(root.join("Cargo.lock")).unwrap(),
            "there is none",
        ),
        (
            |root| edit(root, "Cargo.lock", "name = \"handler\"", "name = \"x\""),
            "does not know the package \"handler\"",
        ),
        (
            |root| edit(root, "Cargo.lock", "name = \"deep\"", "name = \"x\""),
            "does not know the package \"deep\"",
        ),
        (
            |root| fs::remove_file(root.join("handler/Cargo.toml")).unwrap(),
            "holds no Cargo.toml",
        ),
        (
            |root| write(root, "handler/Cargo.toml", "[package"),
            "is no TOML at line 1",
        ),
        (
            |root| write(root, "handler/Cargo.toml", "[lib]\n"),
            "describes no package",
        ),
        (
            |root| fs::remove_file(root.join("handler/src/main.rs")).unwrap(),
            "has no program",
        ),
        (
            |root| write(root, "handler/src/bin/second.rs", ""),
            "has 2 programs: handler, second",
        ),
        (
            |root| fs::remove_dir_all(root.join("handler")).unwrap(),
            "cannot read",
        ),
        (
            |root| {
                edit(
                    root,
                    "handler/Cargo.toml",
                    "{ path = \"../shared\" }",
                    "\"1\"",
                );
            },
            "no path leads to the package \"shared\"",
        ),
    ];
    for (change, expected) in cases {
        let root = workspace("broken");
        change(root.path());
        let folder = root.path().join("handler");
        let problem = CargoRecipe::find(&folder, None, Target::Arm64).unwrap_err();
        assert!(problem.message.contains(expected), "{problem}");
        assert!(
            !problem.message.contains(&*root.path().to_string_lossy()),
            "{problem}"
        );
    }
}

#[test]
fn a_program_can_be_named() {
    let root = workspace("programs");
    write(root.path(), "handler/src/bin/second/main.rs", "");
    let folder = root.path().join("handler");
    let found = CargoRecipe::find(&folder, Some("second"), Target::Arm64).unwrap();
    assert!(matches!(found.recipe, Recipe::Cargo(recipe) if recipe.bin == "second"));
    let problem = CargoRecipe::find(&folder, Some("third"), Target::Arm64).unwrap_err();
    assert!(
        problem
            .message
            .contains("no program \"third\", but handler, second"),
        "{problem}"
    );
}

fn folder_key(root: &Path) -> String {
    let found = FolderRecipe::find(&root.join("site")).unwrap();
    found.recipe.key(&found.checkout).unwrap()
}

fn site() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "site/index.py", "print()");
    write(root.path(), "site/.hidden", "counts");
    root
}

#[test]
fn a_folder_is_its_paths_contents_and_executable_files() {
    let expected = folder_key(site().path());
    assert_eq!(folder_key(site().path()), expected);
    let root = site();
    write(root.path(), "site/.git/HEAD", "not packed");
    assert_eq!(folder_key(root.path()), expected);
    write(root.path(), "site/.hidden", "changed");
    assert_ne!(folder_key(root.path()), expected);
    let empty = tempfile::tempdir().unwrap();
    let found = FolderRecipe::find(empty.path()).unwrap();
    let problem = found.recipe.key(&found.checkout).unwrap_err();
    assert!(problem.message.contains("holds no file"), "{problem}");
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn what_is_packed_with_its_mode_counts_with_it() {
    let root = site();
    let expected = folder_key(root.path());
    set_mode(&root.path().join("site/index.py"), 0o700);
    let executable = folder_key(root.path());
    assert_ne!(executable, expected);
    set_mode(&root.path().join("site/index.py"), 0o775);
    assert_eq!(
        folder_key(root.path()),
        executable,
        "only whether it is executable counts"
    );
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_is_refused_and_one_to_a_file_is_that_file() {
    let root = site();
    std::os::unix::fs::symlink("index.py", root.path().join("site/link.py")).unwrap();
    assert_eq!(folder_key(root.path()).len(), 64);
    std::os::unix::fs::symlink("..", root.path().join("site/loop")).unwrap();
    let found = FolderRecipe::find(&root.path().join("site")).unwrap();
    let problem = found.recipe.key(&found.checkout).unwrap_err();
    assert!(
        problem.message.contains("is a link to a folder"),
        "{problem}"
    );
}

fn python_key(root: &Path, version: &str, target: Target) -> String {
    let requirements = Path::new("requirements.txt");
    let found = PythonRecipe::find(&root.join("app"), Some(requirements), version, target).unwrap();
    found.recipe.key(&found.checkout).unwrap()
}

fn app() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        "app/handler.py",
        "def handler(event, context): pass",
    );
    write(root.path(), "app/requirements.txt", "idna==3.10\n");
    root
}

#[test]
fn a_python_program_is_its_files_versions_and_platform() {
    let root = app();
    let expected = python_key(root.path(), "3.13", Target::Arm64);
    write(root.path(), "app/__pycache__/handler.pyc", "compiled");
    write(root.path(), "app/venv/pyvenv.cfg", "");
    write(root.path(), "app/venv/lib/x.py", "");
    write(root.path(), "app/.env", "SECRET=1");
    assert_eq!(python_key(root.path(), "3.13", Target::Arm64), expected);
    assert_ne!(python_key(root.path(), "3.12", Target::Arm64), expected);
    assert_ne!(python_key(root.path(), "3.13", Target::X86_64), expected);
    write(root.path(), "app/requirements.txt", "idna==3.9\n");
    assert_ne!(python_key(root.path(), "3.13", Target::Arm64), expected);
    write(root.path(), "app/requirements.txt", "idna\n");
    let file = Path::new("requirements.txt");
    let found =
        PythonRecipe::find(&root.path().join("app"), Some(file), "3.13", Target::Arm64).unwrap();
    let problem = found.recipe.key(&found.checkout).unwrap_err();
    assert!(
        problem.message.contains("names one version, got \"idna\""),
        "{problem}"
    );
}
