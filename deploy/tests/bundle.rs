//! The real program, with real builds: handlers of nothing but the standard library, in a workspace
//! that the tests write.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cloudwright_bundle::{
    CargoRecipe, FolderRecipe, Found, Handlers, PythonRecipe, Recipe, RuntimeRecipe, Target,
    checkout,
};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with a workspace, and one for what the program keeps.
struct Place {
    root: TempDir,
    home: TempDir,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self {
            root: tempfile::tempdir().unwrap(),
            home: tempfile::tempdir().unwrap(),
        };
        files
            .iter()
            .for_each(|(path, text)| place.write(path, text));
        place
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs the command of a recipe in a folder, exactly as an asset manifest has it.
    fn run(&self, command: &[String], folder: &Path) -> Output {
        assert_eq!(command[0], "cargo-cloudwright");
        Command::new(env!("CARGO_BIN_EXE_cargo-cloudwright"))
            .args(&command[1..])
            .current_dir(folder)
            .env("CLOUDWRIGHT_HOME", self.home.path())
            .env_remove("CARGO_TARGET_DIR")
            .env_remove(checkout::CHECKOUT)
            .output()
            .unwrap()
    }

    /// The path that a run in the workspace prints.
    fn made(&self, found: &Found) -> PathBuf {
        let output = self.run(&command(found), self.root.path());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let printed = text(&output.stdout);
        assert_eq!(printed.lines().count(), 1, "{printed}");
        PathBuf::from(printed.trim())
    }
}

impl Place {
    /// As `made`, for a folder that no cargo workspace holds: its checkout is remembered.
    fn made_from(&self, found: &Found) -> PathBuf {
        checkout::remember(self.home.path(), &found.checkout).unwrap();
        self.made(found)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn command(found: &Found) -> Vec<String> {
    let key = found.recipe.key(&found.checkout).unwrap();
    found.recipe.command(&key)
}

/// The files of an archive with their modes.
fn files(archive: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(fs::File::open(archive).unwrap()).unwrap();
    let count = archive.len();
    let files = (0..count).map(|index| {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        (
            file.name().to_owned(),
            file.unix_mode().unwrap() & 0o777,
            content,
        )
    });
    files.collect()
}

const MANIFEST: &str = "[package]\nname = \"handler\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
                        [features]\nloud = []\n[dependencies]\nshared = { path = \"../shared\" }\n";
const MAIN: &str = "fn main() {\n    let word = if cfg!(feature = \"loud\") { \"HELLO\" } else { \"hello\" };\n    \
                    println!(\"{} {word} from {}\", shared::name(), file!());\n    \
                    if std::env::args().len() > 5 { panic!(\"told to\"); }\n}\n";

/// A workspace with a handler and what it is built from.
fn handler() -> Place {
    Place::new(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"handler\", \"shared\"]\nresolver = \"3\"\n",
        ),
        (
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"handler\"\nversion = \"1.0.0\"\ndependencies = [\n \"shared\",\n]\n\n\
             [[package]]\nname = \"shared\"\nversion = \"1.0.0\"\n",
        ),
        ("handler/Cargo.toml", MANIFEST),
        ("handler/src/main.rs", MAIN),
        (
            "shared/Cargo.toml",
            "[package]\nname = \"shared\"\nversion = \"1.0.0\"\nedition = \"2024\"\n",
        ),
        (
            "shared/src/lib.rs",
            "pub fn name() -> &'static str { file!() }\n",
        ),
    ])
}

/// This machine's processor.
fn host() -> Target {
    let name = std::env::consts::ARCH.replace("aarch64", "arm64");
    name.parse().unwrap()
}

/// The recipe for this machine's processor, so that the result can be started.
fn recipe(place: &Place) -> Found {
    CargoRecipe::find(&place.path("handler"), None, host()).unwrap()
}

/// A checkout with a program that is called as the one of images is, and looks a name up.
fn worker() -> (Place, Found) {
    let main = "fn main() {\n    use std::net::ToSocketAddrs as _;\n    \
                let found = (\"localhost\", 80).to_socket_addrs().unwrap().next();\n    \
                println!(\"{} {found:?}\", file!());\n}\n";
    let place = Place::new(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"runtime\"]\nresolver = \"3\"\n",
        ),
        (
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"cloudwright-runtime\"\nversion = \"1.0.0\"\n",
        ),
        (
            "runtime/Cargo.toml",
            "[package]\nname = \"cloudwright-runtime\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
             [features]\nworker = []\n[[bin]]\nname = \"worker\"\nrequired-features = [\"worker\"]\n",
        ),
        ("runtime/src/lib.rs", ""),
        ("runtime/src/bin/worker.rs", main),
    ]);
    let recipe = RuntimeRecipe {
        version: "1.0.0".to_owned(),
        target: host(),
        handlers: Handlers::Worker,
    };
    let checkout = fs::canonicalize(place.root.path()).unwrap();
    let recipe = Recipe::Runtime(recipe);
    (place, Found { recipe, checkout })
}

/// The manifest's digest, and the folder of an image's files, taken out by a program that is not ours.
fn taken_out(layout: &Path) -> (String, TempDir) {
    let read =
        |path: PathBuf| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let digest = |descriptor: &Value| descriptor["digest"].as_str().unwrap().to_owned();
    let blob = |digest: &str| layout.join("blobs/sha256").join(&digest["sha256:".len()..]);
    let named = digest(&read(layout.join("index.json"))["manifests"][0]);
    let manifest = read(blob(&named));
    let root = tempfile::tempdir().unwrap();
    for layer in manifest["layers"].as_array().unwrap() {
        let mut tar = Command::new("tar");
        tar.arg("-xf").arg(blob(&digest(layer)));
        assert!(tar.arg("-C").arg(root.path()).status().unwrap().success());
    }
    (named, root)
}

#[test]
fn a_handler_is_built_packed_and_runs() {
    let place = handler();
    let archive = place.made(&recipe(&place));
    let [(name, mode, content)] = &files(&archive)[..] else {
        panic!("one file is packed");
    };
    assert_eq!((&**name, *mode), ("bootstrap", 0o755));
    // No path of this machine is in it.
    let root = fs::canonicalize(place.root.path()).unwrap();
    let needle = root.to_str().unwrap().as_bytes();
    assert!(!content.windows(needle.len()).any(|at| at == needle));
    let program = place.path("bootstrap");
    fs::write(&program, content).unwrap();
    let mut run = Command::new("chmod");
    assert!(run.arg("+x").arg(&program).status().unwrap().success());
    let output = Command::new(&program).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains(" hello from "),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn an_image_is_the_same_from_two_checkouts_and_its_program_needs_nothing_else() {
    let made = [(); 2].map(|()| {
        let (place, found) = worker();
        let layout = place.made(&found);
        assert_eq!(layout.extension().unwrap(), "oci");
        let (digest, root) = taken_out(&layout);
        (
            place,
            found.recipe.key(&found.checkout).unwrap(),
            digest,
            root,
        )
    });
    let [(_place, key, digest, root), (_, other_key, other_digest, _)] = &made;
    assert_eq!((key, digest), (other_key, other_digest));
    let program = root.path().join("worker");
    let said = Command::new(&program).env_clear().output().unwrap();
    assert_eq!(
        text(&said.stdout),
        "runtime/src/bin/worker.rs Some(127.0.0.1:80)\n"
    );
    // Nothing loads it but the kernel.
    let content = fs::read(&program).unwrap();
    assert!(
        !content
            .windows(7)
            .any(|at| at == b"/ld-lin" || at == b"/ld-mus")
    );
    let roots = fs::read_to_string(root.path().join("etc/ssl/certs/ca-certificates.crt")).unwrap();
    assert!(roots.matches("BEGIN CERTIFICATE").count() > 100);
}

#[test]
fn two_checkouts_make_the_same_archive_under_the_same_key() {
    let (one, other) = (handler(), handler());
    let (first, second) = (one.made(&recipe(&one)), other.made(&recipe(&other)));
    assert_ne!(first, second);
    assert_eq!(first.file_name(), second.file_name());
    assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());
}

#[test]
fn it_is_made_once_and_found_from_any_folder() {
    let place = handler();
    let found = recipe(&place);
    let elsewhere = tempfile::tempdir().unwrap();
    let lost = place.run(&command(&found), elsewhere.path());
    assert_eq!(lost.status.code(), Some(1));
    assert!(lost.stdout.is_empty());
    assert!(text(&lost.stderr).contains("no checkout with \"handler\" is known"));
    // As `synth` does when it writes the assembly.
    checkout::remember(place.home.path(), &found.checkout).unwrap();
    let output = place.run(&command(&found), elsewhere.path());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let archive = PathBuf::from(text(&output.stdout).trim());
    assert!(archive.is_absolute());
    assert_eq!(place.made(&found), archive);
    // What is there under its key is not made again.
    fs::write(&archive, "kept").unwrap();
    assert_eq!(fs::read(place.made(&found)).unwrap(), b"kept");
}

#[test]
fn features_reach_the_build() {
    let place = handler();
    let mut found = recipe(&place);
    if let cloudwright_bundle::Recipe::Cargo(recipe) = &mut found.recipe {
        recipe.features = vec!["loud".to_owned()];
    }
    let packed = files(&place.made(&found));
    let has = |word: &[u8]| packed[0].2.windows(word.len()).any(|at| at == word);
    assert!(has(b"HELLO") && !has(b"hello"));
}

#[test]
fn a_source_that_changed_since_synthesis_is_refused() {
    let place = handler();
    let command = command(&recipe(&place));
    place.write(
        "shared/src/lib.rs",
        "pub fn name() -> &'static str { \"changed\" }\n",
    );
    let output = place.run(&command, place.root.path());
    assert!(!output.status.success() && output.stdout.is_empty());
    let said = text(&output.stderr);
    assert!(
        said.contains("\"handler\" has changed since synthesis"),
        "{said}"
    );
}

#[test]
fn a_build_that_fails_says_why_on_standard_error() {
    let place = handler();
    place.write(
        "handler/src/main.rs",
        "fn main() { let x: u8 = \"text\"; }\n",
    );
    let output = place.run(&command(&recipe(&place)), place.root.path());
    assert!(!output.status.success() && output.stdout.is_empty());
    let said = text(&output.stderr);
    assert!(
        said.contains("mismatched types") && said.contains("failed"),
        "{said}"
    );
}

/// Runs the recipe for the processor that this machine has not, on a machine that has nothing but these
/// programs, given as scripts; gives what it says.
#[cfg(unix)]
fn without_tools(programs: &[(&str, &str)]) -> String {
    use std::os::unix::fs::PermissionsExt as _;

    let place = handler();
    let bin = tempfile::tempdir().unwrap();
    for (name, script) in programs {
        let path = bin.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let found = CargoRecipe::find(&place.path("handler"), None, other()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-cloudwright"))
        .args(&command(&found)[1..])
        .current_dir(place.root.path())
        .env_clear()
        .env("PATH", bin.path())
        .env("CLOUDWRIGHT_HOME", place.home.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert_eq!(text(&output.stdout), "");
    text(&output.stderr)
}

/// The processor that this machine has not.
#[cfg(unix)]
fn other() -> Target {
    let is_other = |target: &Target| target.machine() != std::env::consts::ARCH;
    Target::ALL.into_iter().find(is_other).unwrap()
}

#[cfg(unix)]
#[test]
fn a_machine_without_rust_or_the_target_or_a_linker_says_what_to_install() {
    let (triple, name) = (other().triple(), other().name());
    let host = std::env::consts::ARCH.replace("aarch64", "arm64");
    let said = without_tools(&[]);
    assert!(said.contains("cannot run `rustc`"), "{said}");
    assert!(
        said.contains("help: install Rust: https://rustup.rs"),
        "{said}"
    );

    let said = without_tools(&[("rustc", "echo /nowhere/lib")]);
    let message = format!("this machine's Rust cannot build for {name} ({triple})");
    let help = format!(
        "help: `rustup target add {triple}`; or run functions on this machine's processor: \
         `--context cloudwright:architecture={host}`"
    );
    assert!(said.contains(&message) && said.contains(&help), "{said}");

    let said = without_tools(&[("rustc", "echo /")]);
    let message = format!("nothing here links for {triple}");
    let help = "help: `pip install ziglang cargo-zigbuild`, which does for every target";
    assert!(said.contains(&message) && said.contains(help), "{said}");
}

#[cfg(unix)]
#[test]
fn a_linker_for_the_other_processor_is_taken_and_zig_before_it() {
    let linker = format!("{}-linux-gnu-gcc", other().machine());
    let variable = other().triple().to_uppercase().replace('-', "_");
    let tell = format!("echo cargo \"$CARGO_TARGET_{variable}_LINKER\" \"$@\" >&2; exit 1");
    let rustc = ("rustc", "echo /");
    let said = without_tools(&[rustc, (&linker, ""), ("cargo", &tell)]);
    assert!(said.contains(&format!("cargo {linker} build ")), "{said}");
    assert!(
        said.contains(&format!("--target {} ", other().triple())),
        "{said}"
    );
    let zig = "test \"$1\" = --version || echo zig \"$@\" >&2; test \"$1\" = --version";
    let said = without_tools(&[
        rustc,
        (&linker, ""),
        ("cargo", &tell),
        ("cargo-zigbuild", zig),
    ]);
    assert!(said.contains("zig zigbuild "), "{said}");
    assert!(
        said.contains(&format!("--target {}.2.34 ", other().triple())),
        "{said}"
    );
}

#[test]
fn a_folder_is_packed_as_it_is() {
    let place = Place::new(&[
        ("app/index.py", "print()"),
        ("app/data/x.txt", "1"),
        ("app/.rc", "2"),
    ]);
    let found = FolderRecipe::find(&place.path("app")).unwrap();
    let named: Vec<_> = files(&place.made_from(&found))
        .into_iter()
        .map(|(name, mode, _)| (name, mode))
        .collect();
    let expected = [(".rc", 0o644), ("data/x.txt", 0o644), ("index.py", 0o644)];
    assert_eq!(named, expected.map(|(name, mode)| (name.to_owned(), mode)));
}

#[test]
fn exit_codes_tell_a_wrong_command_line_a_source_that_is_none_and_a_place_that_is_none_apart() {
    let place = Place::new(&[("app/index.py", "print()"), ("file", "1")]);
    let found = FolderRecipe::find(&place.path("app")).unwrap();
    checkout::remember(place.home.path(), &found.checkout).unwrap();
    let key = found.recipe.key(&found.checkout).unwrap();
    let of = |command: &[String], code: i32, said: &str| {
        let output = place.run(command, place.root.path());
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
        assert!(told.contains(said), "{told}");
    };
    let bundle = |more: &[&str]| -> Vec<String> {
        let words = ["cargo-cloudwright", "bundle", "--key", &key];
        words
            .iter()
            .chain(more)
            .map(|word| (*word).to_owned())
            .collect()
    };
    of(
        &bundle(&["--cargo", "app"]),
        2,
        "name the program: `--bin NAME`",
    );
    of(&bundle(&[]), 2, "--folder");
    // A file where a folder is expected, and one that is not there.
    of(&bundle(&["--folder", "file"]), 1, "help: ");
    of(
        &bundle(&["--folder", "nothing"]),
        1,
        "no checkout with \"nothing\" is known",
    );
    // The folder of what is made is taken by a file.
    let kept = place.home.path().join("assets");
    fs::write(&kept, "").unwrap();
    let unwritable = format!("cannot write \"{}", kept.display());
    of(&command(&found), 3, &unwritable);
}

#[test]
fn a_python_program_without_requirements_needs_no_pip() {
    let place = Place::new(&[
        ("app/handler.py", "def handler(e, c): pass"),
        ("app/.env", "SECRET=1"),
    ]);
    let found = PythonRecipe::find(&place.path("app"), None, "3.13", Target::Arm64).unwrap();
    let packed = files(&place.made_from(&found));
    assert_eq!(packed.len(), 1);
    assert_eq!(packed[0].0, "handler.py");
}
