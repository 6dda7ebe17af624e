//! A program's command line as a process: what its transcripts (`constructs/tests/cli`) cannot show.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
#[cfg(unix)]
use std::process::Output;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use tests::examples;

fn uploads(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uploads"));
    command.current_dir(folder).env_remove("CDK_OUTDIR");
    command
}

#[test]
fn the_process_ends_with_the_exit_code() {
    let folder = TempDir::new().unwrap();
    let code = |arguments: &[&str]| {
        let output = uploads(folder.path()).args(arguments).output().unwrap();
        output.status.code()
    };
    assert_eq!(code(&["check"]), Some(0));
    assert_eq!(code(&["check", "-c", "timeout=soon"]), Some(1));
    assert_eq!(code(&[]), Some(2));
    fs::write(folder.path().join("taken"), "").unwrap();
    assert_eq!(code(&["synth", "--out", "taken"]), Some(3));
}

#[test]
fn denied_warnings_stop_the_process_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let output = uploads(folder.path()).args(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said)
    };
    let warning = "warning[CW0012]: context key \"spare\" is given, and nothing reads it";
    for verb in ["synth", "check"] {
        let (code, said) = run(&[verb, "-c", "spare=1", "--deny", "warnings"]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(warning), "{said}");
        assert!(said.contains("`--deny warnings` stops here"), "{said}");
    }
    assert!(names(folder.path()).is_empty());
    let (code, said) = run(&["check", "--deny", "warnings"]);
    assert_eq!((code, &*said), (Some(0), ""));
    let (code, said) = run(&["synth", "-c", "spare=1"]);
    assert_eq!(code, Some(0));
    assert!(said.contains(warning), "{said}");
    assert_eq!(names(folder.path()), ["cloudwright.out"]);
}

#[test]
fn templates_land_in_the_current_folder() {
    let folder = TempDir::new().unwrap();
    let output = uploads(folder.path()).arg("synth").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("Wrote 1 stack to cloudwright.out (no warnings)\n"),
        "{said}"
    );
    assert!(!said.contains('\x1b'), "colours in a pipe: {said}");
    let template = folder.path().join("cloudwright.out/Uploads.template.json");
    let printed = uploads(folder.path())
        .args(["synth", "--print"])
        .output()
        .unwrap();
    assert_eq!(fs::read(template).unwrap(), printed.stdout);
}

#[test]
fn what_holds_data_is_listed_by_stack_logical_id_and_type() {
    let folder = TempDir::new().unwrap();
    let output = uploads(folder.path())
        .args(["ls", "--stateful"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let wanted = "Uploads Archive AWS::S3::Bucket\nUploads Incoming AWS::SQS::Queue\n";
    assert_eq!(said, wanted);
}

#[test]
fn an_outdated_list_of_what_holds_data_stops_a_run_and_can_be_written_anew() {
    let folder = TempDir::new().unwrap();
    let run = |verb: &[&str]| {
        let outdated = ["-c", "stateful=Uploads Old AWS::S3::Bucket"];
        let mut command = uploads(folder.path());
        command.args(verb).args(outdated).output().unwrap()
    };
    let refused = run(&["check"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("CW0013"));
    let written = run(&["ls", "--stateful"]);
    assert!(written.status.success(), "{written:?}");
    assert_eq!(String::from_utf8_lossy(&written.stdout).lines().count(), 2);
}

/// The content of every file of a folder by its name.
fn content(folder: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap()))
        .collect()
}

fn names(folder: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
    names.sort();
    names
}

#[test]
fn a_program_with_a_mistake_leaves_the_assembly_before_as_it_is() {
    let folder = TempDir::new().unwrap();
    let synth = |context: &str| {
        let arguments = ["synth", "--context", context];
        uploads(folder.path()).args(arguments).output().unwrap()
    };
    let refused = synth("timeout=soon");
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&refused.stdout), "");
    assert!(names(folder.path()).is_empty(), "something was written");

    assert_eq!(synth("timeout=60").status.code(), Some(0));
    let out = folder.path().join("cloudwright.out");
    let before = content(&out);
    assert_eq!(synth("timeout=soon").status.code(), Some(1));
    assert_eq!(content(&out), before);
    assert_eq!(names(folder.path()), ["cloudwright.out"]);
}

/// Runs `uploads synth` where no file may grow beyond half a kilobyte: at the first longer one the
/// kernel ends the process, or fails the write when the signal for that is ignored.
#[cfg(unix)]
fn cramped(folder: &Path, signal: &str) -> Output {
    let script = format!("{signal} ulimit -f 1; ulimit -c 0; exec \"$0\" synth -c timeout=77");
    Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_uploads")])
        .current_dir(folder)
        .output()
        .unwrap()
}

#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_in_the_middle_of_a_file_leaves_the_assembly_before_whole() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("cloudwright.out");
    let synth = |timeout: &str| {
        let mut command = uploads(folder.path());
        let status = command.args(["synth", "-q", "-c", timeout]).status();
        assert_eq!(status.unwrap().code(), Some(0));
    };
    synth("timeout=60");
    let before = content(&out);

    let killed = cramped(folder.path(), "");
    assert_eq!(killed.status.code(), None, "{killed:?}");
    assert_eq!(content(&out), before);
    let half = names(folder.path());
    assert_eq!(half, [".cloudwright.out.new", "cloudwright.out"]);

    let refused = cramped(folder.path(), "trap '' XFSZ;");
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.starts_with("error: cannot write \""), "{said}");
    assert!(said.contains("what was written before is unchanged"));
    assert_eq!(content(&out), before);

    synth("timeout=77");
    assert_ne!(content(&out), before);
    assert_eq!(names(folder.path()), ["cloudwright.out"]);
}

#[test]
fn a_reader_that_closes_early_is_no_error() {
    let folder = TempDir::new().unwrap();
    let mut child = uploads(folder.path())
        .args(["synth", "--print"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = TempDir::new().unwrap();
    let full = fs::File::create("/dev/full").unwrap();
    let output = uploads(folder.path())
        .args(["synth", "--print"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot write to standard output"), "{said}");
}

#[test]
fn without_the_feature_a_full_check_says_which() {
    let mut command = Command::new(examples::program("environments"));
    let output = command.args(["check", "--full"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("`cargo add cloudwright --features full`"),
        "{said}"
    );
}

#[test]
fn without_the_feature_a_check_by_aws_says_which() {
    let mut command = Command::new(examples::program("environments"));
    let output = command.args(["check", "--aws"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("`cargo add cloudwright --features validate`") && said.contains("Rust 1.96"),
        "{said}"
    );
}

#[test]
fn what_a_check_prints_is_as_its_schema_says() {
    let folder = TempDir::new().unwrap();
    for (arguments, code) in [
        (&["check", "--json"][..], 0),
        (&["check", "--json", "-c", "timeout=soon"], 1),
        (
            &["check", "--json", "--deny", "warnings", "-c", "typo=1"],
            1,
        ),
    ] {
        let output = uploads(folder.path()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let arguments: Vec<String> = arguments.iter().map(|&one| one.to_owned()).collect();
        let printed = String::from_utf8(output.stdout).unwrap();
        tests::documents::check(&arguments, &printed);
    }
}

/// Runs `packing bundle` on a folder with one file; the folder of what is made is `home`.
fn bundle(folder: &Path, home: &str, arguments: &[&str]) -> std::process::Output {
    let code = folder.join("code");
    fs::create_dir_all(&code).unwrap();
    fs::write(code.join("app.py"), "def handler(event, context): pass\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_packing"));
    command.current_dir(folder).env_remove("CDK_OUTDIR");
    command.env("CLOUDWRIGHT_HOME", folder.join(home));
    command.args(["bundle", "--context", "code=code"]);
    command.args(arguments).output().unwrap()
}

#[test]
fn packages_are_made_once_and_told_with_their_path() {
    let folder = TempDir::new().unwrap();
    let made = bundle(folder.path(), "home", &["--json"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let told: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let package = &told["packages"][0];
    assert_eq!(package["name"], "code");
    let archive = fs::File::open(package["path"].as_str().unwrap()).unwrap();
    assert_eq!(
        Some(archive.metadata().unwrap().len()),
        package["bytes"].as_u64()
    );
    let mut archive = zip::ZipArchive::new(archive).unwrap();
    assert_eq!(archive.by_index(0).unwrap().name(), "app.py");

    let again = bundle(folder.path(), "home", &[]);
    let progress = String::from_utf8(again.stderr).unwrap();
    assert!(progress.contains("is there already"), "{progress}");
    let table = String::from_utf8(again.stdout).unwrap();
    assert!(table.contains(package["path"].as_str().unwrap()), "{table}");

    let quiet = bundle(folder.path(), "home", &["--quiet", "Packing"]);
    assert!(quiet.stderr.is_empty(), "{quiet:?}");
}

#[test]
fn a_package_that_finds_no_place_ends_the_run_with_the_exit_code_of_files() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("taken"), "").unwrap();
    let failed = bundle(folder.path(), "taken", &[]);
    assert_eq!(failed.status.code(), Some(3), "{failed:?}");
    assert!(failed.stdout.is_empty());
    let told = String::from_utf8(failed.stderr).unwrap();
    assert!(
        told.contains("cannot write") && told.contains("help:"),
        "{told}"
    );
}
