//! The worker's image: published by the real program to a real registry, pulled from it, and set to work from what its
//! layers hold. Amazon ECR, which hands out what the registry lets one in with, is a stand-in.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use cloudwright::lambda::Architecture;
use cloudwright::patterns::notified_queue::Worker;
use cloudwright_bundle::Target;
use cloudwright_bundle::build::{Image, authorities};
use tests::deploys::{Deployer, run};
use tests::registry::{Registry, TOKEN};
use tests::tools::worker_alone;

use super::*;

/// As ECR answers: what is in the registry is there.
fn ecr(registry: &Arc<Registry>) -> Server {
    let registry = Arc::clone(registry);
    let server = Server::start(move |request| {
        let asked: Document = serde_json::from_slice(&request.body).unwrap_or_default();
        let operation = request.header("x-amz-target").unwrap_or_default();
        let answer = if operation.ends_with(".GetAuthorizationToken") {
            expected!({ "authorizationData": [{ "authorizationToken": TOKEN, "proxyEndpoint": registry.url() }] })
        } else {
            let repository = asked["repositoryName"].as_str().unwrap_or_default();
            let tag = asked["imageIds"][0]["imageTag"]
                .as_str()
                .unwrap_or_default();
            match registry.get(&format!("/v2/{repository}/manifests/{tag}")) {
                Some(_) => expected!({ "imageDetails": [{ "imageTags": [tag] }] }),
                None => {
                    let problem =
                        expected!({ "__type": "ImageNotFoundException", "message": "no image" });
                    return Reply::new(400, problem.to_string());
                }
            }
        };
        Reply::new(200, answer.to_string())
    });
    server.expect("a free port")
}

fn own_architecture() -> (Architecture, Target) {
    match std::env::consts::ARCH {
        "x86_64" => (Architecture::X86_64, Target::X86_64),
        _ => (Architecture::Arm64, Target::Arm64),
    }
}

/// An app with a worker, and the key of its image; the assembly is below the folder.
fn assembly(deployer: &Deployer) -> String {
    let app = App::new();
    let stack = app.stack("Served", Environment::new(ACCOUNT, HERE));
    let worker = Worker::http("https://cdn.example/media").architecture(own_architecture().0);
    stack.add("Changes", NotifiedQueue::new().worker(worker));
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    assembly.write(&deployer.app()).unwrap();
    // The functions' code is another test's matter, and takes a compiler.
    let file = deployer.app().join("Served.assets.json");
    let mut assets: Document = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assets["files"] = expected!({});
    fs::write(&file, assets.to_string()).unwrap();
    let images = assets["dockerImages"].as_object().unwrap();
    images.keys().next().unwrap().clone()
}

#[test]
fn the_image_is_pushed_to_a_registry_pulled_from_it_and_works() {
    let registry = Arc::new(Registry::start());
    let ecr = ecr(&registry);
    let deployer = Deployer::new(Engine::shared(), &[]);
    let key = assembly(&deployer);
    let image = || {
        let program = fs::read(worker_alone()).unwrap();
        Image::of("worker", program, own_architecture().1).certificates(authorities())
    };
    // As a build would have left it, which takes minutes.
    let layout = deployer.folder().join(format!("assets/{key}.oci"));
    let digest = image().write(&layout).unwrap();
    let again = image().write(&deployer.folder().join("again")).unwrap();
    assert_eq!(again, digest);

    let publish = || {
        let mut command: Command = deployer.command(&["publish", "--json"]);
        command.env("CLOUDWRIGHT_HOME", deployer.folder());
        run(command.env("AWS_ENDPOINT_URL_ECR", ecr.url())).ended(0)
    };
    let first = publish();
    assert!(first.err.contains("uploaded worker"), "{}", first.err);
    let repository = format!("cdk-hnb659fds-container-assets-{ACCOUNT}-{HERE}");
    let root = deployer.folder().join("root");
    fs::create_dir(&root).unwrap();
    assert_eq!(registry.pull(&repository, &key, &root), digest);
    // It is there, and nobody makes or sends it again.
    fs::remove_dir_all(&layout).unwrap();
    let second = publish();
    assert!(!second.err.contains("uploaded"), "{}", second.err);

    let source = Source::deploy("Pulled");
    let storage = NetStorage::start();
    source.put("film", "of the image");
    source.await_count(1);
    let program = root.join("worker");
    let roots = root.join("etc/ssl/certs/ca-certificates.crt");
    let more = [("SSL_CERT_FILE", roots.to_str().unwrap())];
    let mut worker = Running::start_of(&program, &source, &storage, &more);
    worker.await_line("ready");
    source.await_empty();
    assert_eq!(storage.file("film").as_deref(), Some(&b"of the image"[..]));
    worker.terminate();
    assert!(worker.ended(), "{:?}", worker.log);
}
