//! What a user has: a project outside of any checkout, with cloudwright's crates from a registry. Its
//! bundled handlers are made of the published package.

use std::env;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloudwright_runtime::harness::Function;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::bundles::{Machine, made_files, own_processor};
use tests::examples::{repository, synth_in};
use tests::tools::{isolated, support};

const MANIFEST: &str = "[package]\nname = \"forwarding\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n\
                        [dependencies]\ncloudwright = \"*\"\n\n[workspace]\n";

/// A folder for what is compiled and made. It stays between runs, so that the SDK is compiled once on a
/// developer's machine.
fn place() -> PathBuf {
    let test = env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    target.join("tests/registry")
}

/// A project with a program of the tests, and a registry that it finds cloudwright's crates in. It is outside of
/// every checkout: in one, its handlers would be made of that checkout's source.
fn project(place: &Path) -> TempDir {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let served = Command::new(cargo)
        .args(["xtask", "registry"])
        .arg(place)
        .current_dir(repository())
        .status();
    assert!(served.unwrap().success());
    let folder = TempDir::new().unwrap();
    let project = folder.path();
    fs::create_dir_all(project.join("src")).unwrap();
    fs::write(project.join("Cargo.toml"), MANIFEST).unwrap();
    fs::copy(
        support("programs/forwarding.rs"),
        project.join("src/main.rs"),
    )
    .unwrap();
    fs::copy(repository().join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
    folder
}

/// Everything that cargo needs, and folders of this test. `cargo install` heeds the settings of a user
/// alone, not those of a project, so here the user has them.
fn cargo(machine: &Machine, place: &Path) -> Vec<(&'static str, std::ffi::OsString)> {
    let mut variables = machine.variables();
    for (name, value) in &mut variables {
        match *name {
            "CARGO_TARGET_DIR" => *value = place.join("target").into(),
            "CLOUDWRIGHT_HOME" => *value = place.join("home").into(),
            "CARGO_HOME" => *value = place.join(".cargo").into(),
            _ => {}
        }
    }
    variables
}

/// The program in the archive, beside it.
fn unpacked(archive: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;

    let mut archive = zip::ZipArchive::new(fs::File::open(archive).unwrap()).unwrap();
    let mut content = Vec::new();
    let mut file = archive.by_name("bootstrap").unwrap();
    file.read_to_end(&mut content).unwrap();
    let program = place().join("bootstrap");
    fs::write(&program, content).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[test]
fn bundled_handlers_of_a_project_without_a_checkout_are_those_that_are_published() {
    let (place, machine) = (place(), Machine::new());
    let project = project(&place);
    let project = project.path();
    let variables = cargo(&machine, &place);
    let mut program = isolated(Path::new("cargo"));
    program
        .args(["run", "--quiet", "--offline", "--"])
        .current_dir(project)
        .envs(variables.iter().cloned());
    let context = [own_processor(), "cloudwright:handlers=development"];
    let assembly = synth_in(program, &context);

    // A machine where no handler was made before.
    let home = place.join("home");
    if home.exists() {
        fs::remove_dir_all(&home).unwrap();
    }
    let [file] = &made_files(&assembly, "Forwarding")[..] else {
        panic!("one file is made")
    };
    let (name, arguments) = file.executable.split_first().unwrap();
    let made = isolated(Path::new(name))
        .args(arguments)
        .current_dir(project)
        .envs(variables)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{said}");
    assert!(said.contains("taking the published handlers"), "{said}");
    let archive = PathBuf::from(String::from_utf8_lossy(&made.stdout).trim());
    assert_eq!(archive, home.join(format!("assets/{}.zip", file.key)));

    let function = Function::new(unpacked(&archive), "forward")
        .variable("QUEUE_URL", "http://127.0.0.1:1/000000000000/changes");
    let mut instance = function.start().unwrap();
    assert_eq!(instance.invoke(&json!({"Records": []})), Ok(Value::Null));
    // Only the handler that is used was built.
    let other = Function::new(place.join("bootstrap"), "replicate");
    let error = other
        .variable("DESTINATION_1_BUCKET", "b")
        .start()
        .unwrap_err();
    assert!(error.message.contains("left out"), "{error}");
}
