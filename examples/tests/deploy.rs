//! With the feature `deploy` an example has the verbs of deployment. That this is tested here also leaves the
//! program where the tests of whole deployments look for it.

use std::process::Command;

#[test]
fn an_example_can_deploy_itself() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_quickstart"));
    let help = program.arg("--help").output().expect("the program starts");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    for verb in ["deploy", "destroy", "bootstrap", "status", "drift"] {
        let is_listed = help
            .lines()
            .any(|line| line.trim_start().starts_with(&format!("{verb} ")));
        assert!(is_listed, "{verb} is not in {help}");
    }
}
