//! Nested stacks: what fails within one is told with its line. The engine tells it of the nested stack as a whole; what AWS
//! tells of its resources is scripted in `wire.rs`.

use std::path::Path;

use tests::deploys::{Deployer, run};
use tests::engine::Engine;
use tests::tools::isolated;

const REGION: &str = "eu-south-1";

/// Writes the assembly of the program with a nested stack.
pub(crate) fn synth(deployer: &Deployer, delay: &str) {
    let mut program = isolated(Path::new(env!("CARGO_BIN_EXE_nested")));
    let delay = format!("delay={delay}");
    program.args(["synth", "--quiet", "--context", &delay, "--out"]);
    let _ = run(program.arg(deployer.app())).ended(0);
}

#[test]
fn a_nested_stack_is_deployed_and_its_failure_has_its_line() {
    let deployer = Deployer::new(Engine::shared(), &[]);
    let deploy = ["deploy", "--region", REGION, "--yes", "--json"];
    synth(&deployer, "100000");
    let failed = deployer.run(&deploy).ended(1);
    let cause = &failed.stack("Outer")["problem"]["causes"][0];
    let path = "Outer/Inner.NestedStack/Inner.NestedStackResource";
    assert_eq!(cause["path"], path, "{cause}");
    let line = cause["line"].as_str().unwrap();
    assert!(line.ends_with("programs/nested.rs:9"), "{line}");
    assert!(failed.err.contains("DelaySeconds"), "{}", failed.err);

    synth(&deployer, "10");
    let made = deployer.run(&deploy).ended(0);
    assert_eq!(made.stack("Outer")["outcome"], "created");
    let again = deployer.run(&deploy).ended(0);
    assert_eq!(again.stack("Outer")["outcome"], "unchanged");
}
