//! `ProcessingPipeline` on the local AWS: raw files go through the stages of the example `wibl-pipeline`, in Rust and
//! in Python, and are posted to an archive by the bundled `submit`, with the rights that the construct gives and no
//! other.

mod archive;
mod languages;
mod many;
mod ten_thousand;
mod three_stages;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cloudwright::lambda::{Architecture, Code, Function, Runtime};
use cloudwright::patterns::{HandOver, Stage, Submission};
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tempfile::TempDir;
use tests::aws::Aws;
use tests::aws::{Deployed, wait_for};
use tests::bundles::Machine;
use tests::examples::repository;
use tests::tools::{isolated, require};

use crate::{ACCOUNT, HERE, aws, upload_handlers};
use archive::{Archive, Fate};

/// What the local engine's Python has in place of boto3, which every Lambda function finds.
const BOTO3: &str = "import botocore.session\n\ndef client(service):\n    \
    return botocore.session.get_session().create_client(service)\n";
const GOOD: &str = "WIBL PRO-7 logger-1\n2026-01-01T00:00:00Z,8.1,54.2,17.5\n";

/// A folder of the examples.
fn example(folder: &str) -> String {
    format!("{}/../examples/{folder}", env!("CARGO_MANIFEST_DIR"))
}

/// Packs files, each under a name, and puts the archive into a bucket of the engine.
fn pack(aws: &Aws, bucket: &str, key: &str, files: &[(&Path, &str)]) {
    let folder = tempfile::tempdir().expect("a folder for the archive");
    let places: Vec<_> = files
        .iter()
        .map(|(_, name)| folder.path().join(name))
        .collect();
    for ((from, _), place) in files.iter().zip(&places) {
        fs::copy(from, place).expect("the program is there");
    }
    let archive = folder.path().join("stage.zip");
    let packed = isolated(&require("ministack", "bin/python"))
        .args(["-m", "zipfile", "-c"])
        .arg(&archive)
        .args(&places)
        .status();
    assert!(packed.is_ok_and(|status| status.success()));
    put_archive(aws, bucket, key, &archive);
}

fn put_archive(aws: &Aws, bucket: &str, key: &str, archive: &Path) {
    let object = expected!({ "Bucket": bucket, "Key": key, "BodyFile": archive });
    aws.call("s3", "PutObject", &object);
}

/// The stage of the example in Rust, in a quick build.
fn in_rust() -> Function {
    let code = Code::cargo(example("wibl-pipeline/convert")).features(["function"]);
    Function::new(code.profile("handlers-dev"))
        .architecture(Architecture::X86_64)
        .timeout(seconds(10))
}

/// The package of the stage in Rust, made once by the command of its asset, as a deployment makes it.
fn bundle() -> &'static Path {
    static BUNDLE: OnceLock<PathBuf> = OnceLock::new();
    BUNDLE.get_or_init(|| {
        let app = App::new();
        let stack = app.stack("Bundle", Environment::new(ACCOUNT, HERE));
        stack.add("Convert", in_rust());
        let folder = tempfile::tempdir().expect("a folder for the assembly");
        let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
        assembly.write_into(folder.path()).expect("it is empty");
        let assets = fs::read_to_string(folder.path().join("Bundle.assets.json")).unwrap();
        let assets: Document = serde_json::from_str(&assets).unwrap();
        let mut files = assets["files"].as_object().unwrap().values();
        let command = files.find_map(|file| file["source"]["executable"].as_array());
        let command = command.expect("a file that is made").iter();
        let words: Vec<_> = command.map(|word| word.as_str().unwrap()).collect();
        assert_eq!(words[..2], ["cargo-cloudwright", "bundle"]);
        let mut made = Machine::new().command(Path::new(words[0]));
        let made = made.args(&words[1..]).current_dir(repository()).output();
        let made = made.expect("cargo-cloudwright is on PATH");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        String::from_utf8(made.stdout).unwrap().trim_end().into()
    })
}

/// The same stage in Python.
fn in_python() -> Function {
    Function::new(Code::python(example("wibl-pipeline/convert-python")))
        .runtime(Runtime::Python3_13, "convert.handler")
        .architecture(Architecture::X86_64)
        .timeout(seconds(10))
}

/// Uploads what the commands of the assets make when a stack is deployed.
fn upload_stages(template: &Document, folder: &str) {
    let resources = template["Resources"].as_object().unwrap().values();
    let functions = resources.filter(|one| one["Type"] == "AWS::Lambda::Function");
    let program = Path::new(&example(folder)).join("convert.py");
    let stand_in = tempfile::NamedTempFile::new().unwrap();
    fs::write(stand_in.path(), BOTO3).unwrap();
    for function in functions {
        let properties = &function["Properties"];
        let code = &properties["Code"];
        let (bucket, key) = (code["S3Bucket"].as_str(), code["S3Key"].as_str());
        let (bucket, key) = (bucket.unwrap(), key.unwrap());
        match properties["Handler"].as_str() {
            Some("bootstrap") => put_archive(&aws(HERE), bucket, key, bundle()),
            Some("convert.handler") => {
                let files = [(&*program, "convert.py"), (stand_in.path(), "boto3.py")];
                pack(&aws(HERE), bucket, key, &files);
            }
            _ => (),
        }
    }
}

/// What a pipeline of a test is like.
struct Setup {
    name: &'static str,
    hand_over: HandOver,
    submission: fn(Submission) -> Submission,
}

/// A deployed pipeline: a stage in Rust, one in Python, and one that hands in.
struct Pipeline {
    stack: Deployed,
    /// The folder with its assembly.
    assembly: TempDir,
}

impl Pipeline {
    fn deploy(setup: &Setup, archive: &Archive) -> Self {
        Self::deploy_as(setup, archive, |template| template)
    }

    /// The same with a template that a test has changed.
    fn deploy_as(
        setup: &Setup,
        archive: &Archive,
        change: impl FnOnce(Document) -> Document,
    ) -> Self {
        let app = App::new();
        app.set_context("cloudwright:architecture", "x86_64");
        let stack = app.stack(setup.name, Environment::new(ACCOUNT, HERE));
        let secret = stack.add("Token", secretsmanager::Secret::new());
        let url = format!("{}/upload", archive.server.url());
        let submit = Submission::to(url, "PRO", &secret).answer_within(seconds(5));
        let pipeline = rows(setup.hand_over, (setup.submission)(submit));
        let pipeline = stack.add("Files", pipeline);
        for place in ["Incoming", "Staging"] {
            let bucket = pipeline.bucket(place).expect("the place is used");
            stack.output(format!("{place}Name"), bucket.name());
        }
        for stage in pipeline.stages() {
            if let Some(failures) = stage.queue().map_or_else(
                || stage.function().failure_queue(),
                |queue| queue.dead_letter_queue().cloned(),
            ) {
                stack.output(format!("{}Failures", stage.name()), failures.url());
            }
            if let Some(queue) = stage.queue() {
                stack.output(format!("{}Queue", stage.name()), queue.url());
            }
            stack.output(
                format!("{}Function", stage.name()),
                stage.function().name().cast::<String>(),
            );
            if let Some(table) = stage.deliveries() {
                stack.output("Table", table.name().cast::<String>());
            }
        }
        stack.output("TokenArn", secret.arn().cast::<String>());
        let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
        let folder = tempfile::tempdir().expect("a folder for the assembly");
        assembly.write_into(folder.path()).expect("it is empty");
        let template = assembly.stack(setup.name).unwrap().template().to_json();
        let template = change(serde_json::from_str(&template).unwrap());
        upload_handlers(&template, HERE);
        upload_stages(&template, "wibl-pipeline/convert-python");
        let pipeline = Self {
            stack: aws(HERE).deploy(setup.name, &template),
            assembly: folder,
        };
        let value =
            expected!({ "SecretId": pipeline.output("TokenArn"), "SecretString": "s3cret\n" });
        aws(HERE).call("secretsmanager", "PutSecretValue", &value);
        pipeline
    }

    fn output(&self, id: &str) -> &str {
        &self.stack.outputs[id]
    }

    fn put(&self, key: &str, content: &str) {
        aws(HERE).put_object(self.output("IncomingName"), key, content);
    }

    /// Has a queue give messages again after these seconds, in place of six times the function's timeout.
    fn hurry(&self, stage: &str, seconds: u32) {
        let attributes = expected!({ "VisibilityTimeout": seconds.to_string() });
        let queue = expected!({ "QueueUrl": self.output(&format!("{stage}Queue")), "Attributes": attributes });
        aws(HERE).call("sqs", "SetQueueAttributes", &queue);
    }

    /// What the archive's table says of each object.
    fn states(&self) -> BTreeMap<String, String> {
        let mut table = expected!({ "TableName": self.output("Table"), "ConsistentRead": true });
        let mut states = BTreeMap::new();
        let aws = aws(HERE);
        loop {
            let found = aws.call("dynamodb", "Scan", &table);
            let text = |item: &Document, name: &str| {
                item[name]["S"].as_str().unwrap_or_default().to_owned()
            };
            let rows = found["Items"].as_array().unwrap().iter();
            states.extend(rows.map(|item| (text(item, "object"), text(item, "state"))));
            let Some(last) = found.get("LastEvaluatedKey") else {
                return states;
            };
            table["ExclusiveStartKey"] = last.clone();
        }
    }

    /// Waits until the table has so many objects, all in this state.
    fn await_states(&self, count: usize, state: &str) {
        wait_for(&format!("{count} objects {state}"), || {
            let states = self.states();
            let all = states.len() == count && states.values().all(|held| held == state);
            all.then_some(())
        });
    }

    /// What the operation `status` answers: of all files, or of one.
    fn status(&self, key: Option<&str>) -> BTreeMap<String, Document> {
        let aws = aws(HERE);
        let machines = aws.call("stepfunctions", "ListStateMachines", &expected!({}));
        let mut machines = machines["stateMachines"].as_array().unwrap().iter();
        let own = self.output("IncomingName").split('-').next().unwrap();
        let machine = machines.find(|machine| {
            let name = machine["name"].as_str().unwrap_or_default();
            name.to_lowercase().starts_with(&format!("{own}-"))
        });
        let arn = &machine.expect("the pipeline's machine")["stateMachineArn"];
        let input = key.map_or_else(|| expected!({}), |key| expected!({ "key": key }));
        let start = expected!({ "stateMachineArn": arn, "input": input.to_string() });
        let run = aws.call("stepfunctions", "StartExecution", &start);
        let run = expected!({ "executionArn": run["executionArn"] });
        let end = wait_for("an answer", || {
            let run = aws.call("stepfunctions", "DescribeExecution", &run);
            (run["status"] != "RUNNING").then_some(run)
        });
        assert_eq!(end["status"], "SUCCEEDED", "{end}");
        let answer: Document = serde_json::from_str(end["output"].as_str().unwrap()).unwrap();
        let stages = answer["stages"].as_array().unwrap().iter();
        let stages =
            stages.map(|stage| (stage["stage"].as_str().unwrap().to_owned(), stage.clone()));
        stages.collect()
    }

    fn tags(&self, key: &str) -> BTreeMap<String, String> {
        let object = expected!({ "Bucket": self.output("StagingName"), "Key": key });
        let answer = aws(HERE).call("s3", "GetObjectTagging", &object);
        let text = |tag: &Document, name: &str| tag[name].as_str().unwrap_or_default().to_owned();
        let tags = answer["TagSet"].as_array().unwrap().iter();
        tags.map(|tag| (text(tag, "Key"), text(tag, "Value")))
            .collect()
    }
}

/// The stages; the last one gets its objects in some way.
fn rows(hand_over: HandOver, submission: Submission) -> ProcessingPipeline {
    // The engine's topics do not look into the lists of an event, as those of AWS do.
    let suffix = if hand_over == HandOver::Topic {
        ""
    } else {
        ".json"
    };
    let rust = Stage::function(in_rust()).suffix(".wibl");
    let python = Stage::function(in_python().retry_attempts(0)).suffix(".WIBL");
    ProcessingPipeline::new()
        .stage("Convert", rust.writes("Staging"))
        .stage("Capitals", python.reads("Incoming").writes("Staging"))
        .deliver(
            Stage::submit(submission)
                .suffix(suffix)
                .hand_over(hand_over),
        )
}
