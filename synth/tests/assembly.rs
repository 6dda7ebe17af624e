//! The assembly: what is in its files, and how it gets to the disk.

mod support;

use std::fs;
use std::path::Path;

use cloudwright_synth::{App, Assembly, Environment, FileAsset, Parameter, Verb, json};
use serde_json::{Value as Plain, json as plain};
use support::{
    ACCOUNT, REGION, assembly_of, assert_error, files, files_in, findings_of, home, queue,
};

/// The SHA-256 of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn small(name: &'static str) -> Assembly {
    let app = App::new();
    app.stack("S", home()).add(name, queue());
    assembly_of(app)
}

fn read(files: &std::collections::BTreeMap<String, Vec<u8>>, name: &str) -> Plain {
    serde_json::from_slice(&files[name]).unwrap()
}

#[test]
fn the_manifest_lists_stacks_as_the_cdk_does() {
    let app = App::new();
    let stage = app.stage("Prod");
    let first = stage
        .stack("First", home())
        .stack_tag("team", "mail")
        .termination_protection();
    first.add("Inbox", queue());
    let second = app
        .stack("Second", Environment::agnostic())
        .stack_name("Legacy");
    second.add("Inbox", queue());
    second.depends_on(&first);
    let files = files(&assembly_of(app));
    let manifest = read(&files, "manifest.json");
    assert_eq!(manifest["version"], "36.0.0");
    assert_eq!(
        manifest["artifacts"]["Prod-First"],
        plain!({
            "type": "aws:cloudformation:stack",
            "environment": format!("aws://{ACCOUNT}/{REGION}"),
            "displayName": "Prod/First",
            "properties": {
                "templateFile": "Prod-First.template.json",
                "stackName": "Prod-First",
                "terminationProtection": true,
                "tags": { "team": "mail" },
            },
            "dependencies": ["Prod-First.assets"],
            "metadata": { "/Prod/First/Inbox": [{ "type": "aws:cdk:logicalId", "data": "Inbox" }] },
        })
    );
    let second = &manifest["artifacts"]["Second"];
    assert_eq!(
        second["environment"],
        "aws://unknown-account/unknown-region"
    );
    assert_eq!(second["properties"]["stackName"], "Legacy");
    assert_eq!(
        second["dependencies"],
        plain!(["Prod-First", "Second.assets"])
    );
    assert_eq!(
        manifest["artifacts"]["Tree"]["properties"]["file"],
        "tree.json"
    );
    let template = read(&files, "Prod-First.template.json");
    assert_eq!(template["Resources"]["Inbox"]["Type"], "AWS::SQS::Queue");
}

#[test]
fn the_tree_shows_every_construct() {
    let files = files(&small("Inbox"));
    let tree = read(&files, "tree.json");
    assert_eq!(tree["version"], "tree-0.1");
    let inbox = &tree["tree"]["children"]["S"]["children"]["Inbox"];
    assert_eq!(inbox["path"], "S/Inbox");
    assert_eq!(
        inbox["attributes"]["aws:cdk:cloudformation:type"],
        "AWS::SQS::Queue"
    );
}

#[test]
fn facts_say_what_constructs_do_to_each_other_and_where_they_are_from() {
    let app = App::new();
    let stack = app.stack("S", home());
    let line = line!() + 1;
    let (a, b) = (stack.add("A", queue()), stack.add("B", queue()));
    for _ in 0..2 {
        b.scope().edge(Verb::DeadLettersTo, a.scope(), "after 5");
    }
    a.scope().edge(Verb::SendsTo, b.scope(), "");
    let assembly = assembly_of(app);
    assert_eq!(assembly.edges().len(), 2);
    assert_eq!(
        read(&files(&assembly), "facts.json"),
        plain!({ "version": 1, "edges": [
            { "from": "S/A", "verb": "sends-to", "to": "S/B", "detail": "" },
            { "from": "S/B", "verb": "dead-letters-to", "to": "S/A", "detail": "after 5" },
        ], "operations": [], "lines": {
            "S/A": format!("synth/tests/assembly.rs:{line}"),
            "S/B": format!("synth/tests/assembly.rs:{line}"),
        } })
    );
}

fn with_asset(path: &Path, environment: Environment) -> App {
    let app = App::new();
    let stack = app.stack("S", environment);
    let asset = stack.asset(FileAsset::file(path));
    let key = asset.key().to_owned();
    stack.add(
        "Inbox",
        queue()
            .property("Bucket", asset.bucket())
            .property("Key", key),
    );
    app
}

#[test]
fn a_file_is_known_by_its_content_and_copied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("handler.zip");
    fs::write(&path, "hello").unwrap();
    let files = files(&assembly_of(with_asset(&path, home())));
    assert_eq!(files[&format!("asset.{HELLO}.zip")], b"hello");
    assert_eq!(
        read(&files, "S.assets.json")["files"][HELLO],
        plain!({
            "displayName": "handler.zip",
            "source": { "path": format!("asset.{HELLO}.zip"), "packaging": "file" },
            "destinations": { "current": {
                "bucketName": format!("cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"),
                "objectKey": format!("{HELLO}.zip"),
                "region": REGION,
            } },
        })
    );
    let inbox = read(&files, "S.template.json")["Resources"]["Inbox"]["Properties"].take();
    assert_eq!(
        inbox["Bucket"],
        format!("cdk-hnb659fds-assets-{ACCOUNT}-{REGION}")
    );
    assert_eq!(inbox["Key"], format!("{HELLO}.zip"));
}

#[test]
fn an_asset_keeps_its_key_until_its_content_changes() {
    let key = |content: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.zip");
        fs::write(&path, content).unwrap();
        let app = App::new();
        app.stack("S", home())
            .asset(FileAsset::file(&path))
            .key()
            .to_owned()
    };
    assert_eq!(key("a"), key("a"));
    assert_ne!(key("a"), key("b"));
}

#[test]
fn an_agnostic_stack_finds_its_assets_by_pseudo_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("handler");
    fs::write(&path, "hello").unwrap();
    let app = App::new();
    app.set_context("@aws-cdk/core:bootstrapQualifier", "mine");
    let stack = app.stack("S", Environment::agnostic());
    let asset = stack.asset(FileAsset::file(&path));
    stack.add("Inbox", queue().property("Bucket", asset.bucket()));
    let files = files(&assembly_of(app));
    let destination =
        read(&files, "S.assets.json")["files"][HELLO]["destinations"]["current"].take();
    assert_eq!(
        destination["bucketName"],
        "cdk-mine-assets-${AWS::AccountId}-${AWS::Region}"
    );
    assert_eq!(destination["objectKey"], HELLO);
    let bucket =
        read(&files, "S.template.json")["Resources"]["Inbox"]["Properties"]["Bucket"].take();
    assert_eq!(
        bucket,
        plain!({ "Fn::Sub": "cdk-mine-assets-${AWS::AccountId}-${AWS::Region}" })
    );
}

#[test]
fn a_file_that_is_made_is_a_command_and_no_path_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::new();
    let stack = app.stack("S", home());
    let made = FileAsset::made(HELLO, "zip", ["make-it", "--key", HELLO]);
    let asset = stack.asset(made.named("resize").from_checkout(folder.path()));
    assert_eq!(asset.key(), format!("{HELLO}.zip"));
    stack.add("Inbox", queue().property("Bucket", asset.bucket()));
    let assembly = assembly_of(app);
    assert_eq!(
        assembly.checkouts().into_iter().collect::<Vec<_>>(),
        [folder.path()]
    );
    let [asset] = assembly.stacks()[0].assets() else {
        panic!("one asset")
    };
    assert_eq!((asset.name(), asset.key()), ("resize", HELLO));
    assert_eq!(asset.command().unwrap()[0], "make-it");
    let files = files(&assembly);
    let entry = read(&files, "S.assets.json")["files"][HELLO].take();
    assert_eq!(
        entry["source"],
        plain!({ "executable": ["make-it", "--key", HELLO] })
    );
    assert_eq!(entry["displayName"], "resize");
    assert_eq!(
        entry["destinations"]["current"]["objectKey"],
        format!("{HELLO}.zip")
    );
    assert!(!files.keys().any(|name| name.starts_with("asset.")));
    let path = folder.path().to_string_lossy();
    assert!(
        files
            .values()
            .all(|content| !String::from_utf8_lossy(content).contains(&*path))
    );
}

#[test]
fn a_file_that_is_made_needs_a_hash_and_a_command() {
    let found = |made: FileAsset| {
        let app = App::new();
        let _ = app.stack("S", home()).asset(made);
        findings_of(app)
    };
    let upper = HELLO.to_uppercase();
    for key in ["", "resize", &HELLO[1..], &*upper] {
        let found = found(FileAsset::made(key, "zip", ["make-it"]));
        assert_error(&found, "CW0006", &["64 hexadecimal digits", key]);
    }
    let found = found(FileAsset::made(HELLO, "zip", Vec::<String>::new()));
    assert_error(&found, "CW0006", &["by a command, got none"]);
}

#[test]
fn an_unreadable_asset_is_told_without_a_host_path() {
    let folder = tempfile::tempdir().unwrap();
    let found = findings_of(with_asset(&folder.path().join("no/handler.zip"), home()));
    assert_error(
        &found,
        "CW0006",
        &[
            "cannot read the asset \"no/handler.zip\"",
            "tests/assembly.rs:",
        ],
    );
    assert!(
        !found
            .to_string()
            .contains(&folder.path().display().to_string())
    );
    let found = findings_of(with_asset(folder.path(), home()));
    assert_error(&found, "CW0006", &["cannot read the asset"]);
}

#[test]
fn nested_templates_are_assets_of_the_stack_that_is_deployed() {
    let app = App::new();
    let outer = app.stack("Outer", home());
    outer.nested_stack("Inner").add("Inside", queue());
    let files = files(&assembly_of(app));
    let assets = read(&files, "Outer.assets.json");
    let (hash, asset) = assets["files"].as_object().unwrap().iter().next().unwrap();
    assert_eq!(asset["source"]["path"], format!("asset.{hash}.json"));
    let nested: Plain = serde_json::from_slice(&files[&format!("asset.{hash}.json")]).unwrap();
    assert_eq!(nested["Resources"]["Inside"]["Type"], "AWS::SQS::Queue");
    let template = String::from_utf8(files["Outer.template.json"].clone()).unwrap();
    assert!(template.contains(&format!("{hash}.json")));
    assert!(
        !read(&files, "manifest.json")["artifacts"]
            .as_object()
            .unwrap()
            .contains_key("Outer-Inner")
    );
}

#[test]
fn an_assembly_replaces_the_one_before_and_leaves_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("deep/er/out");
    small("Old").write(&out).unwrap();
    fs::write(out.join("leftover.txt"), "x").unwrap();
    small("New").write(&out).unwrap();
    assert_eq!(files_in(&out), files(&small("New")));
    let beside = fs::read_dir(out.parent().unwrap()).unwrap().count();
    assert_eq!(beside, 1);
}

#[test]
fn half_written_leftovers_of_a_killed_run_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    small("Old").write(&out).unwrap();
    for leftover in [".out.new", ".out.old"] {
        fs::create_dir(folder.path().join(leftover)).unwrap();
        fs::write(folder.path().join(leftover).join("half"), "{").unwrap();
    }
    small("New").write(&out).unwrap();
    assert_eq!(files_in(&out), files(&small("New")));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_assembly_that_a_killed_run_moved_away_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let away = folder.path().join(".out.old");
    small("Old").write(&out).unwrap();
    fs::rename(&out, &away).unwrap();
    // Something stands where the new one would be put together, so that writing fails.
    fs::write(folder.path().join(".out.new"), "a file").unwrap();
    assert!(small("New").write(&out).is_err());
    assert_eq!(files_in(&out), files(&small("Old")));
}

#[test]
fn a_folder_with_other_files_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "precious").unwrap();
    let error = small("New").write(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("not an assembly") && error.contains("choose another folder"),
        "{error}"
    );
    assert_eq!(files_in(folder.path())["thesis.txt"], b"precious");
    let file = folder.path().join("thesis.txt");
    let error = small("New").write(&file).unwrap_err().to_string();
    assert!(error.contains("it is a file, expected a folder"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"precious");
}

#[test]
fn an_empty_folder_is_filled() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    small("New").write(&out).unwrap();
    assert!(out.join("manifest.json").exists());
}

#[test]
fn a_place_that_cannot_be_written_is_told_and_the_assembly_before_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = small("New").write(&file.join("out")).unwrap_err();
    assert!(error.to_string().starts_with("cannot "), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    let out = folder.path().join("out");
    small("Old").write(&out).unwrap();
    let before = files_in(&out);
    fs::write(folder.path().join(".out.new"), "in the way").unwrap();
    assert!(small("New").write(&out).is_err());
    assert_eq!(files_in(&out), before);
}

#[test]
fn what_stands_in_a_template_is_led_back_to_its_construct_and_line() {
    let app = App::new();
    let stack = app.stack("S", home());
    stack.add("Inbox", queue());
    stack.add("Owner", Parameter::string());
    let inner = stack.nested_stack("Inner");
    inner.add("Mail", queue());
    let line = line!() + 1;
    inner.add("Owner", Parameter::string());
    let assembly = assembly_of(app);
    let [outer, nested] = assembly.all_stacks() else {
        panic!("two stacks");
    };
    let path = |stack, id: &str| assembly.origin(stack, id).map(|(path, _)| path);
    let inbox = outer.template().resources().next().unwrap().id();
    assert_eq!(path(outer, inbox).as_deref(), Some("S/Inbox"));
    assert_eq!(path(outer, "Owner").as_deref(), Some("S/Owner"));
    assert_eq!(path(nested, "Owner").as_deref(), Some("S/Inner/Owner"));
    assert_eq!(path(nested, inbox), None);
    let (_, place) = assembly.origin(nested, "Owner").unwrap();
    assert_eq!(
        (place.file(), place.line()),
        ("synth/tests/assembly.rs", line)
    );
    let of_stack = |stack| assembly.stack_location(stack).map(|place| place.line());
    assert_eq!(of_stack(nested), Some(line - 3));
}

#[test]
fn nothing_is_written_for_a_program_with_mistakes() {
    let app = App::new();
    app.stack("S", home())
        .add("Inbox", queue().property("X", json!({ "Ref": "Nothing" })));
    assert!(app.synth().is_err());
}
