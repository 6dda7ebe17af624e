//! Code that is made when it is deployed: its key, its command, and its mistakes.

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cloudwright::lambda::{Architecture, CargoCode, Code, Function, Handler, Runtime};
use cloudwright::{App, Assembly, Stack};
use serde_json::{Value, json};
use support::{assert_error, findings, home};
use tempfile::TempDir;

/// A package of its own with a handler.
fn package() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| fs::write(root.path().join(path), text).unwrap();
    write(
        "Cargo.toml",
        "[package]\nname = \"resize\"\nversion = \"1.0.0\"\n[features]\npng = []\n",
    );
    write(
        "Cargo.lock",
        "version = 4\n[[package]]\nname = \"resize\"\nversion = \"1.0.0\"\n",
    );
    fs::create_dir(root.path().join("src")).unwrap();
    write("src/main.rs", "fn main() {}\n");
    root
}

fn assembly(context: &[(&'static str, &'static str)], build: impl FnOnce(&Stack)) -> Assembly {
    let app = App::new();
    context
        .iter()
        .for_each(|(key, value)| app.set_context(*key, *value));
    build(&app.stack("S", home()));
    app.synth().unwrap_or_else(|findings| panic!("{findings}"))
}

/// The processor of the one function, the key of its code and the command that makes it.
fn made(assembly: &Assembly) -> (Value, String, Vec<String>) {
    let stack = assembly.stack("S").unwrap();
    let template: Value = serde_json::from_str(&stack.template().to_json()).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let function = resources
        .values()
        .find(|resource| resource["Type"] == "AWS::Lambda::Function");
    let function = &function.unwrap()["Properties"];
    let [asset] = stack.assets() else {
        panic!("one asset")
    };
    let key = asset.key().to_owned();
    assert_eq!(function["Code"]["S3Key"], format!("{key}.zip"));
    (
        function["Architectures"].clone(),
        key,
        asset.command().unwrap().to_vec(),
    )
}

fn add(stack: &Stack, code: impl Into<Code>) {
    stack.add("F", Function::new(code));
}

#[test]
fn a_package_is_a_key_and_a_command_without_a_path_of_this_machine() {
    let package = package();
    let assembly = assembly(&[], |stack| add(stack, Code::cargo(package.path())));
    let (architectures, key, command) = made(&assembly);
    assert_eq!(architectures, json!(["arm64"]));
    let expected = format!(
        "cargo-cloudwright bundle --key {key} --cargo . --bin resize \
         --target aarch64-unknown-linux-gnu --profile release"
    );
    assert_eq!(command.join(" "), expected);
    let root = fs::canonicalize(package.path()).unwrap();
    assert_eq!(
        assembly.checkouts().into_iter().collect::<Vec<_>>(),
        [&*root]
    );
}

#[test]
fn the_context_puts_another_processor_into_template_and_key_together() {
    let package = package();
    let of = |context: &[(&'static str, &'static str)], code: Function| {
        made(&assembly(context, |stack| drop(stack.add("F", code))))
    };
    let code = || Function::new(Code::cargo(package.path()));
    let x86_64 = [("cloudwright:architecture", "x86_64")];
    let (usual, other) = (of(&[], code()), of(&x86_64, code()));
    assert_eq!(other.0, json!(["x86_64"]));
    assert_ne!(usual.1, other.1);
    assert!(other.2.contains(&"x86_64-unknown-linux-gnu".to_owned()));
    // A function that says its processor keeps it.
    let said = of(&x86_64, code().architecture(Architecture::Arm64));
    assert_eq!(said, usual);
}

#[test]
fn code_that_exists_already_ignores_the_context() {
    let app = App::new();
    app.set_context("cloudwright:architecture", "x86_64");
    let stack = app.stack("S", home());
    stack.add("F", Function::new(Code::s3("releases", "resize.zip")));
    let template = support::template_of(app, "S");
    assert_eq!(
        template.properties("AWS::Lambda::Function")["Architectures"],
        json!(["arm64"])
    );
}

#[test]
fn an_unknown_processor_in_the_context_is_found() {
    let package = package();
    let app = App::new();
    app.set_context("cloudwright:architecture", "riscv");
    add(&app.stack("S", home()), Code::cargo(package.path()));
    let found = support::refusal_of(app);
    assert_error(&found, "CW1305", &["arm64 or x86_64, got \"riscv\""]);
}

#[test]
fn every_option_changes_the_key_and_reaches_the_command() {
    let package = package();
    fs::create_dir(package.path().join("src/bin")).unwrap();
    fs::write(package.path().join("src/bin/second.rs"), "fn main() {}").unwrap();
    let code = || Code::cargo(package.path()).bin("resize");
    let options: [(CargoCode, &str); 5] = [
        (code(), "--bin resize"),
        (Code::cargo(package.path()).bin("second"), "--bin second"),
        (code().profile("small"), "--profile small"),
        (code().features(["png", "gif", "png"]), "--features gif,png"),
        (code().without_default_features(), "--no-default-features"),
    ];
    let mut keys = std::collections::BTreeSet::new();
    for (code, expected) in options {
        let (_, key, command) = made(&assembly(&[], |stack| add(stack, code)));
        assert!(command.join(" ").contains(expected), "{command:?}");
        assert!(keys.insert(key), "{expected} left the key");
    }
}

#[test]
fn functions_share_an_asset() {
    let package = package();
    let assembly = assembly(&[], |stack| {
        stack.add("One", Function::new(Code::cargo(package.path())));
        stack.add("Two", Function::new(Code::cargo(package.path())));
    });
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    assembly.write(&out).unwrap();
    let assets: Value =
        serde_json::from_slice(&fs::read(out.join("S.assets.json")).unwrap()).unwrap();
    assert_eq!(assets["files"].as_object().unwrap().len(), 1);
}

#[test]
fn two_checkouts_write_the_same_assembly() {
    let written = |package: TempDir| {
        let assembly = assembly(&[], |stack| {
            add(stack, Code::cargo(package.path()));
            stack.add("G", Function::new(Code::dir(package.path().join("src"))));
        });
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        assembly.write(&out).unwrap();
        let files = fs::read_dir(&out).unwrap().map(|entry| {
            let path = entry.unwrap().path();
            (
                path.file_name().unwrap().to_owned(),
                fs::read(path).unwrap(),
            )
        });
        files.collect::<std::collections::BTreeMap<_, _>>()
    };
    assert_eq!(written(package()), written(package()));
}

#[test]
fn a_folder_and_a_python_program_are_made_too() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    let app = root.path().join("services/app");
    fs::create_dir_all(&app).unwrap();
    fs::write(app.join("app.py"), "def handler(event, context): pass").unwrap();
    fs::write(app.join("requirements.txt"), "idna==3.10\n").unwrap();
    let command = |code: Code, runtime| {
        let function = Function::new(code).runtime(runtime, "app.handler");
        let assembly = assembly(&[], |stack| drop(stack.add("F", function)));
        let (_, key, command) = made(&assembly);
        command.join(" ").replace(&key, "KEY")
    };
    assert_eq!(
        command(Code::dir(&app), Runtime::Python3_13),
        "cargo-cloudwright bundle --key KEY --folder services/app"
    );
    let python = Code::python(&app).requirements("requirements.txt");
    assert_eq!(
        command(python.into(), Runtime::Python3_13),
        "cargo-cloudwright bundle --key KEY --python services/app \
         --requirements services/app/requirements.txt --python-version 3.13 \
         --target aarch64-unknown-linux-gnu"
    );
}

#[test]
fn a_source_that_cannot_be_made_is_found_with_the_users_line() {
    let here = |path: &Path| path.to_path_buf();
    let lockless = package();
    fs::remove_file(lockless.path().join("Cargo.lock")).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let loose = tempfile::tempdir().unwrap();
    fs::write(loose.path().join("requirements.txt"), "idna").unwrap();
    let cargo = |path: PathBuf| -> Code { Code::cargo(path).into() };
    let python = Code::python(loose.path()).requirements("requirements.txt");
    let cases: [(Code, &str); 5] = [
        (
            cargo(here(lockless.path())),
            "Cargo.lock, and there is none",
        ),
        (cargo(here(empty.path())), "holds no Cargo.toml"),
        (cargo(empty.path().join("missing")), "cannot read"),
        (Code::dir(empty.path()), "holds no file to pack"),
        (python.into(), "on a Python runtime, got provided.al2023"),
    ];
    for (code, expected) in cases {
        let found = findings(|stack| add(stack, code));
        assert_error(&found, "CW1301", &[expected]);
        assert!(found.to_string().contains("lambda_made.rs"), "{found}");
        assert!(
            !found
                .to_string()
                .contains(&*std::env::temp_dir().to_string_lossy()),
            "{found}"
        );
    }
    let python = Code::python(loose.path()).requirements("requirements.txt");
    let function = Function::new(python).runtime(Runtime::Python3_13, "app.handler");
    let found = findings(|stack| drop(stack.add("F", function)));
    assert_error(&found, "CW1301", &["names one version, got \"idna\""]);
    let package = package();
    let function = Function::new(Code::cargo(package.path())).runtime(Runtime::Python3_13, "a.b");
    let found = findings(|stack| drop(stack.add("F", function)));
    assert_error(
        &found,
        "CW1301",
        &["runs on provided.al2023, got python3.13"],
    );
}

#[test]
fn a_bundled_handler_is_named_by_the_function_and_shares_one_package() {
    let assembly = assembly(&[], |stack| {
        stack.add("One", Function::new(Code::bundled(Handler::Forward)));
        stack.add("Two", Function::new(Code::bundled(Handler::Replicate)));
    });
    let stack = assembly.stack("S").unwrap();
    let template: Value = serde_json::from_str(&stack.template().to_json()).unwrap();
    let resources = template["Resources"].as_object().unwrap().values();
    let functions = resources.filter(|resource| resource["Type"] == "AWS::Lambda::Function");
    let (mut handlers, mut keys): (Vec<_>, Vec<_>) = functions
        .map(|function| &function["Properties"])
        .map(|function| {
            (
                function["Handler"].clone(),
                function["Code"]["S3Key"].clone(),
            )
        })
        .unzip();
    handlers.sort_by_key(Value::to_string);
    assert_eq!(handlers, [json!("forward"), json!("replicate")]);
    keys.dedup();
    assert_eq!(keys.len(), 1);
    let asset = &stack.assets()[0];
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "cargo-cloudwright bundle --key {} --runtime {version} --target aarch64-unknown-linux-gnu",
        asset.key()
    );
    assert_eq!(asset.command().unwrap().join(" "), expected);
}

#[test]
fn bundled_handlers_follow_the_context_and_are_built_from_a_checkout() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let bundled = |context: &[(&'static str, &'static str)]| {
        assembly(context, |stack| {
            add(stack, Code::bundled(Handler::Forward));
        })
    };
    let usual = made(&bundled(&[]));
    let assembly = bundled(&[("cloudwright:architecture", "x86_64")]);
    let (architectures, key, command) = made(&assembly);
    assert_eq!(architectures, json!(["x86_64"]));
    assert_ne!(key, usual.1);
    assert_eq!(command.last().unwrap(), "x86_64-unknown-linux-gnu");
    let checkouts: Vec<_> = assembly.checkouts().into_iter().collect();
    assert_eq!(checkouts, [fs::canonicalize(root).unwrap()]);
}

#[test]
fn a_development_build_holds_only_the_handler_that_is_used() {
    let bundled = |handler: Handler| {
        made(&assembly(
            &[("cloudwright:handlers", "development")],
            |stack| {
                add(stack, Code::bundled(handler));
            },
        ))
    };
    let (_, forward, command) = bundled(Handler::Forward);
    assert!(command.ends_with(&["--profile", "dev", "--features", "forward"].map(Into::into)));
    let (_, replicate, _) = bundled(Handler::Replicate);
    let usual = |context: &[_]| {
        made(&assembly(context, |stack| {
            add(stack, Code::bundled(Handler::Forward));
        }))
    };
    assert_eq!(usual(&[("cloudwright:handlers", "release")]), usual(&[]));
    let keys = BTreeSet::from([forward, replicate, usual(&[]).1]);
    assert_eq!(keys.len(), 3);
}

#[test]
fn every_bundled_handler_is_a_feature_of_its_package() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/Cargo.toml");
    let manifest = fs::read_to_string(manifest).unwrap();
    for handler in Handler::ALL {
        assert!(manifest.contains(&format!("\n{handler} = [")), "{handler}");
    }
}

#[test]
fn an_unknown_build_in_the_context_is_found() {
    let app = App::new();
    app.set_context("cloudwright:handlers", "fast");
    add(&app.stack("S", home()), Code::bundled(Handler::Forward));
    let found = support::refusal_of(app);
    assert_error(&found, "CW1306", &["release or development, got \"fast\""]);
}

#[test]
fn a_bundled_handler_is_not_given_another_one() {
    let forward = || Function::new(Code::bundled(Handler::Forward));
    let found = findings(|stack| drop(stack.add("F", forward().handler("replicate"))));
    assert_error(&found, "CW1103", &["the code is the handler forward"]);
    let found =
        findings(|stack| drop(stack.add("F", forward().runtime(Runtime::Python3_13, "a.b"))));
    assert_error(
        &found,
        "CW1301",
        &["runs on provided.al2023, got python3.13"],
    );
}
