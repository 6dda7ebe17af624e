//! The scripts of `SsmSyncFleet`, as their template has them, run by bash and the AWS CLI against moto's S3.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cloudwright::ec2::{Image, Nat, Vpc};
use cloudwright::lambda::Architecture;
use cloudwright::patterns::ssm_sync_fleet::{Directory, Fleet};
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tempfile::TempDir;
use tests::aws::Aws;
use tests::engine::Engine;
use tests::tools::{isolated, require};

const REGION: &str = "eu-central-1";

/// Keys that a shell, a path or a pattern would take for something else, and that files can be called by.
const HOSTILE: &[&str] = &[
    "$(touch hacked)",
    "`touch hacked`",
    "; touch hacked",
    "&& touch hacked",
    "it's",
    "with \"quotes\"",
    "-n",
    "--delete",
    "*",
    "[ab]",
    "{{S3Bucket}}",
    "back\\slash",
    " spaces ",
    "plus+percent%20",
    "ünï/cödé",
];
/// Keys that no file below a directory can be called by.
const IMPOSSIBLE: &[&str] = &[
    "../outside",
    "a/../../outside",
    "..",
    "b/..",
    "c/./d",
    "/absolute",
    "e//f",
    "folder/",
];

/// A bucket of moto, and a place for the directories of a server.
struct Scene {
    aws: Aws,
    bucket: &'static str,
    root: TempDir,
}

impl Scene {
    fn new(bucket: &'static str) -> Self {
        let aws = Engine::moto().client(REGION);
        let place = expected!({ "LocationConstraint": REGION });
        let request = expected!({ "Bucket": bucket, "CreateBucketConfiguration": place });
        aws.call("s3", "CreateBucket", &request);
        let root = TempDir::new().unwrap();
        Self { aws, bucket, root }
    }

    fn directory(&self) -> PathBuf {
        self.root.path().join("content")
    }

    /// The template of servers that follow the bucket with this directory.
    fn template(&self, say: impl Fn(Directory) -> Directory, start: String) -> Document {
        let app = App::new();
        let stack = app.stack("S", Environment::new("123456789012", REGION));
        let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
        let bucket = s3::Bucket::import(&stack, "Bucket", self.bucket);
        let image = Image::amazon_linux_2023(Architecture::Arm64);
        let fleet = Fleet::new(&network, image, "t4g.small", 1..=2).start_with([start]);
        let directory = Directory::new(self.directory().to_str().unwrap().to_owned());
        let content = SsmSyncFleet::new(say(directory))
            .bucket(&bucket)
            .fleet(fleet);
        stack.add("Content", content);
        let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
        serde_json::from_str(&assembly.stack("S").unwrap().template().to_json()).unwrap()
    }

    /// The script of the document, with what the agent would set.
    fn sync(&self, template: &Document) -> Command {
        let content = &one(template, "AWS::SSM::Document")["Content"];
        let lines = content["mainSteps"][0]["inputs"]["runCommand"]
            .as_array()
            .unwrap();
        let lines: Vec<_> = lines.iter().map(|line| line.as_str().unwrap()).collect();
        let mut command = self.bash(&lines.join("\n"));
        command
            .env("SSM_S3Bucket", self.bucket)
            .env("SSM_Region", REGION);
        command
    }

    /// A script of a server.
    fn bash(&self, script: &str) -> Command {
        let aws = require("awscli", "bin/aws");
        let path = std::env::var("PATH").unwrap();
        let mut command = isolated(Path::new("/bin/bash"));
        command
            .args(["-c", script])
            .current_dir(self.root.path())
            .env(
                "PATH",
                format!("{}:{path}", aws.parent().unwrap().display()),
            )
            .env("HOME", self.root.path())
            .env("AWS_ENDPOINT_URL", Engine::moto().endpoint())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// The files of the directory, by their paths in it.
    fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        collect(&self.directory(), "", &mut files);
        files
    }

    /// What the directory should hold.
    fn wanted(keys: &[&str]) -> BTreeMap<String, String> {
        let body = |key: &&str| ((*key).to_owned(), format!("body of {key}"));
        keys.iter().map(body).collect()
    }

    fn put(&self, keys: &[&str]) {
        for key in keys {
            self.aws
                .put_object(self.bucket, key, &format!("body of {key}"));
        }
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The properties of the only resource of a type.
fn one<'a>(template: &'a Document, kind: &str) -> &'a Document {
    let resources = template["Resources"].as_object().unwrap();
    let mut found = resources
        .values()
        .filter(|resource| resource["Type"] == kind);
    let one = found.next().unwrap();
    assert!(found.next().is_none(), "several {kind}");
    &one["Properties"]
}

fn works(output: &Output) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

#[test]
fn the_directory_equals_the_bucket_whatever_keys_are_called() {
    let scene = Scene::new("hostile");
    scene.put(HOSTILE);
    scene.put(IMPOSSIBLE);
    scene.put(&["a.txt", "d/b.txt", "drafts/skip.tmp"]);
    fs::create_dir(scene.directory()).unwrap();
    fs::write(scene.directory().join("old"), "gone").unwrap();
    fs::write(scene.directory().join("own.tmp"), "stays").unwrap();
    let mirror = |directory: Directory| directory.mirror().mode(0o640).exclude("*.tmp");
    let template = scene.template(mirror, "true".to_owned());
    works(&scene.sync(&template).output().unwrap());
    let mut wanted = Scene::wanted(HOSTILE);
    wanted.extend(Scene::wanted(&["a.txt", "d/b.txt"]));
    wanted.insert("own.tmp".to_owned(), "stays".to_owned());
    assert_eq!(scene.files(), wanted);
    // Nothing was written beside the directory, and nothing was run.
    let beside = fs::read_dir(scene.root.path()).unwrap().count();
    assert_eq!(beside, 1);
    let mode = |path: &str| {
        let of = fs::metadata(scene.directory().join(path)).unwrap();
        of.permissions().mode() & 0o777
    };
    assert_eq!((mode("a.txt"), mode("d"), mode("")), (0o640, 0o750, 0o750));
}

#[test]
fn what_was_removed_stays_unless_it_is_a_mirror() {
    let scene = Scene::new("removed");
    scene.put(&["a", "b"]);
    let same = scene.template(|directory| directory, "true".to_owned());
    works(&scene.sync(&same).output().unwrap());
    let request = expected!({ "Bucket": scene.bucket, "Key": "b" });
    scene.aws.call("s3", "DeleteObject", &request);
    works(&scene.sync(&same).output().unwrap());
    assert_eq!(scene.files(), Scene::wanted(&["a", "b"]));
    let mirror = scene.template(Directory::mirror, "true".to_owned());
    works(&scene.sync(&mirror).output().unwrap());
    assert_eq!(scene.files(), Scene::wanted(&["a"]));
}

#[test]
fn two_runs_come_after_each_other() {
    let scene = Scene::new("parallel");
    scene.put(&["a", "b/c"]);
    let template = scene.template(Directory::mirror, "true".to_owned());
    fs::create_dir(scene.directory()).unwrap();
    // Somebody is at it until it is told to go.
    let held = "exec 9<content; flock 9; echo held; read -r go";
    let mut held = scene
        .bash(held)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = [0; 5];
    held.stdout.as_mut().unwrap().read_exact(&mut told).unwrap();
    let runs = [scene.sync(&template), scene.sync(&template)];
    let runs = runs.map(|mut run| run.spawn().unwrap());
    // Long enough for one that does not wait to be seen; however long it takes, nothing may be there.
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(scene.files().is_empty(), "nobody waits for the lock");
    held.stdin.take().unwrap().write_all(b"go\n").unwrap();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    assert!(held.wait().unwrap().success());
    assert_eq!(scene.files(), Scene::wanted(&["a", "b/c"]));
}

#[test]
fn a_bucket_that_cannot_be_read_fails_the_run_and_removes_nothing() {
    let scene = Scene::new("unreadable");
    scene.put(&["a"]);
    let template = scene.template(Directory::mirror, "true".to_owned());
    works(&scene.sync(&template).output().unwrap());
    let output = scene
        .sync(&template)
        .env("SSM_S3Bucket", "not-there")
        .output();
    assert!(!output.unwrap().status.success());
    assert_eq!(scene.files(), Scene::wanted(&["a"]));
}

#[test]
fn a_new_server_is_complete_before_it_starts() {
    let scene = Scene::new("boot");
    scene.put(&["a", "it's"]);
    let listing = scene.root.path().join("seen");
    let start = format!("ls {} > {}", scene.directory().display(), listing.display());
    let template = scene.template(Directory::mirror, start);
    let data = &one(&template, "AWS::EC2::LaunchTemplate")["LaunchTemplateData"];
    let script = data["UserData"]["Fn::Base64"].as_str().unwrap();
    works(&scene.bash(script).output().unwrap());
    assert_eq!(fs::read_to_string(listing).unwrap(), "a\nit's\n");
}
