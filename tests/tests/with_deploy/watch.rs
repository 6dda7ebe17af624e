//! `watch`: what is written is deployed, and what fails keeps nobody from the next try.

use std::fs;

use serde_json::json;
use tests::deploys::{Deployer, Started, TestStack};
use tests::engine::Engine;

use crate::{REGION, status, with_queue};

const NAME: &str = "Rebuilt";

fn with_delay(delay: u32) -> TestStack {
    TestStack::new(NAME, REGION, with_queue(&json!({ "DelaySeconds": delay })))
}

fn watch(deployer: &Deployer) -> Started {
    let build = ["--path", "src", "--build", "sh build.sh"];
    deployer.start(&[&["watch", "--yes"][..], &build].concat())
}

#[test]
fn every_change_is_deployed_and_failures_keep_watching() {
    let deployer = Deployer::new(Engine::shared(), &[with_delay(1)]);
    let file = |name: &str| deployer.folder().join(name);
    fs::create_dir(file("src")).unwrap();
    // A program whose build fails for as long as its source is broken.
    fs::write(file("build.sh"), "test ! -e src/broken").unwrap();
    let mut watcher = watch(&deployer);
    watcher.until("watching ");
    assert_eq!(status(NAME).as_deref(), Some("CREATE_COMPLETE"));

    fs::write(file("src/broken"), "").unwrap();
    watcher.until("broken changed");
    watcher.until("the build failed (exit status: 1)");
    watcher.until("watching ");

    deployer.write(&[with_delay(2)]);
    fs::remove_file(file("src/broken")).unwrap();
    watcher.until("Rebuilt: updating");
    watcher.until("watching ");
    assert_eq!(status(NAME).as_deref(), Some("UPDATE_COMPLETE"));

    deployer.write(&[with_delay(100_000)]);
    fs::write(file("src/main.rs"), "").unwrap();
    watcher.until("the deployment ended early (exit status: 1)");
    watcher.until("watching ");
    assert_eq!(status(NAME).as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));

    watcher.interrupt();
    let _ = watcher.end().ended(130);
}

#[test]
fn what_cannot_be_watched_or_built_is_told() {
    let deployer = Deployer::new(Engine::shared(), &[with_delay(1)]);
    let absent = deployer.run(&["watch", "--path", "src"]).ended(3);
    assert!(
        absent.err.contains("cannot watch \"src\""),
        "{}",
        absent.err
    );
    let table = [
        ("", 2, "`--build` is empty"),
        ("no-such-program", 3, "cannot start \"no-such-program\""),
    ];
    for (build, code, said) in table {
        let run = deployer
            .run(&["watch", "--build", build, "--path", "."])
            .ended(code);
        assert!(run.err.contains(said), "{}", run.err);
    }
}
