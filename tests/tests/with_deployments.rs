//! Functions whose code is made when they are deployed, deployed by the official command line: it
//! runs the command that the assembly names, uploads what that prints, and the function starts.

use std::fs;
use std::path::{Path, PathBuf};

use cloudwright::patterns::notified_queue::Worker;
use cloudwright::prelude::{App, Environment, NotifiedQueue};
use cloudwright_runtime::harness::Function;
use serde_json::{Value, json};
use tests::bundles::{Machine, MadeFile, made_files, own_processor};
use tests::cdk::Cdk;
use tests::engine::Engine;
use tests::examples::{self, Assembly, synth_in};

const BUCKET: &str = "cdk-hnb659fds-assets-123456789012";

/// Synthesizes and deploys the stack of a program, and gives the assembly, and its only asset as it
/// was uploaded.
fn deploy(
    machine: &Machine,
    program: &Path,
    context: &[&str],
    (stack, region): (&str, &str),
) -> (Assembly, MadeFile, PathBuf) {
    let assembly = synth_in(machine.command(program), context);
    let mut files = made_files(&assembly, stack);
    let (Some(file), true) = (files.pop(), files.is_empty()) else {
        panic!("{stack} has one function");
    };
    Cdk::on(&assembly.folder()).deploy(stack, region, &machine.variables());
    let archive = assembly.folder().with_extension("zip");
    let object = json!({ "Bucket": format!("{BUCKET}-{region}"),
        "Key": format!("{}.zip", file.key), "SaveBody": archive });
    let aws = Engine::moto().client(region);
    aws.call("s3", "GetObject", &object);
    let functions = aws.call("lambda", "ListFunctions", &json!({}));
    let size = fs::metadata(&archive).unwrap().len();
    assert_eq!(functions["Functions"][0]["CodeSize"], size, "{functions}");
    (assembly, file, archive)
}

/// The program in an archive, unpacked as Lambda does it: with the modes that are in there.
fn unpacked(archive: &Path) -> PathBuf {
    let folder = archive.with_extension("unpacked");
    let mut archive = zip::ZipArchive::new(fs::File::open(archive).unwrap()).unwrap();
    assert_eq!(archive.len(), 1);
    archive.extract(&folder).unwrap();
    folder.join("bootstrap")
}

/// What the command of an asset prints now.
fn printed(machine: &Machine, file: &MadeFile) -> PathBuf {
    let output = machine.run(&file.executable);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("is there already"), "{said}");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end())
}

#[test]
fn a_handler_of_ones_own_is_made_deployed_and_runs() {
    let machine = Machine::new();
    let program = examples::program("handler");
    let place = ("Orders", "eu-central-1");
    let (_assembly, file, archive) = deploy(&machine, &program, &[own_processor()], place);
    assert_eq!(
        file.executable[..4],
        ["cargo-cloudwright", "bundle", "--key", &file.key]
    );
    let made = printed(&machine, &file);
    assert_eq!(fs::read(made).unwrap(), fs::read(&archive).unwrap());

    let mut book = Function::new(unpacked(&archive), "bootstrap")
        .start()
        .unwrap();
    let batch = json!({ "Records": [
        { "messageId": "1", "body": "{\"order\": \"A-1\", \"cents\": 1999}" },
        { "messageId": "2", "body": "hello" },
    ] });
    let answer = book.invoke(&batch).unwrap();
    let expected = json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] });
    assert_eq!(answer, expected);
    let booked = book.record(|record| record["booked"] == "A-1");
    assert_eq!(
        booked.map(|record| record["cents"].clone()),
        Some(json!(1999))
    );
}

#[test]
fn a_bundled_handler_is_made_deployed_and_runs() {
    let machine = Machine::new();
    let program = Path::new(env!("CARGO_BIN_EXE_forwarding"));
    let context = [own_processor(), "cloudwright:handlers=development"];
    let (region, stack) = ("us-west-2", "Forwarding");
    let (_assembly, file, archive) = deploy(&machine, program, &context, (stack, region));
    assert!(
        file.executable
            .ends_with(&["--features".to_owned(), "forward".to_owned()])
    );

    let aws = Engine::moto().client(region);
    // The queue is in a stack of its own, which comes first.
    let stacks = aws.call("cloudformation", "DescribeStacks", &json!({}));
    let stacks = stacks["Stacks"].as_array().unwrap();
    for name in ["Changes", stack] {
        let found = stacks.iter().find(|found| found["StackName"] == name);
        assert_eq!(found.unwrap()["StackStatus"], "CREATE_COMPLETE");
    }
    let functions = aws.call("lambda", "ListFunctions", &json!({}));
    let variables = &functions["Functions"][0]["Environment"]["Variables"];
    let queue = variables["QUEUE_URL"].as_str().unwrap();
    let program = unpacked(&archive);
    let forward = Function::new(&program, "forward")
        .variable("QUEUE_URL", queue)
        .variable("AWS_REGION", region)
        .variable("AWS_ENDPOINT_URL", &Engine::moto().endpoint());
    let mut forward = forward.start().unwrap();
    let object = json!({ "key": "in/a+b.txt", "size": 3, "eTag": "e", "sequencer": "01" });
    let event = json!({ "Records": [{ "eventVersion": "2.1", "eventSource": "aws:s3",
        "awsRegion": region, "eventTime": "2026-01-01T00:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": "uploads" }, "object": object } }] });
    forward.invoke(&event).unwrap();
    let messages = aws.await_messages(queue);
    let body: Value = serde_json::from_str(messages[0]["Body"].as_str().unwrap()).unwrap();
    assert_eq!(body["key"], "in/a b.txt");
    // The quick build has this handler and no other.
    let other = Function::new(&program, "replicate").start().unwrap_err();
    assert!(other.message.contains("replicate"), "{}", other.message);
}

/// An assembly with the image of a worker in a folder, as far as the official CLI publishes it: the template is another one, since
/// moto makes no tasks, and what the functions are made of is another test's matter. Gives the key of the image.
fn with_an_image(folder: &Path, (stack, region): (&'static str, &'static str)) -> String {
    let app = App::new();
    let environment = Environment::new("123456789012", region);
    let worker = Worker::http("https://cdn.example/media");
    app.stack(stack, environment)
        .add("Changes", NotifiedQueue::new().worker(worker));
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    assembly.write(folder).unwrap();
    let queue = json!({ "Resources": { "Queue": { "Type": "AWS::SQS::Queue" } } });
    fs::write(
        folder.join(format!("{stack}.template.json")),
        queue.to_string(),
    )
    .unwrap();
    let file = folder.join(format!("{stack}.assets.json"));
    let mut assets: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let files = assets["files"].as_object_mut().unwrap();
    files.retain(|_, one| one["source"]["executable"].is_null());
    fs::write(&file, assets.to_string()).unwrap();
    let images = assets["dockerImages"].as_object().unwrap();
    images.keys().next().unwrap().clone()
}

#[test]
fn an_image_that_is_published_already_is_deployed_by_the_official_cli_without_docker() {
    let (stack, region) = ("Imaged", "eu-west-1");
    let folder = tempfile::tempdir().unwrap();
    let assembly = folder.path().join("assembly");
    let key = with_an_image(&assembly, (stack, region));
    let cdk = Cdk::on(&assembly);
    let no_docker = [("CDK_DOCKER", "no-docker-is-here".into())];
    // The CLI would have Docker push what the command of the asset makes.
    let refused = cdk.try_deploy(stack, region, &no_docker).unwrap_err();
    assert!(refused.contains("no-docker-is-here"), "{refused}");

    // As `publish` leaves it.
    let repository = format!("cdk-hnb659fds-container-assets-123456789012-{region}");
    let manifest = json!({ "schemaVersion": 2, "config": {}, "layers": [],
        "mediaType": "application/vnd.oci.image.manifest.v1+json" });
    let image = json!({ "repositoryName": repository, "imageTag": key, "imageManifest": manifest.to_string() });
    Engine::moto()
        .client(region)
        .call("ecr", "PutImage", &image);
    cdk.try_deploy(stack, region, &no_docker).unwrap();
}
