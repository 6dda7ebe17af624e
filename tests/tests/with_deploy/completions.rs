//! `completions`: what a shell offers is what the program understands.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use tests::deploys::{Deployer, TestStack, run};
use tests::engine::Engine;
use tests::tools::{isolated, quickstart};

use crate::REGION;

/// What bash offers for the last word of a command line, by a script.
fn offered(folder: &Path, script: &str, words: &[&str]) -> Vec<String> {
    let file = folder.join("script");
    fs::write(&file, script).unwrap();
    let (program, last) = (words[0], words.last().unwrap());
    let function = program.replace('-', "_");
    let ask = format!(
        "source {}; COMP_WORDS=({}); COMP_CWORD={}; \"_{function}\" {program} \"{last}\" {program}; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        file.display(),
        words
            .iter()
            .map(|word| format!("'{word}'"))
            .collect::<Vec<_>>()
            .join(" "),
        words.len() - 1
    );
    let said = Command::new("bash")
        .args(["--norc", "-c", &ask])
        .output()
        .unwrap();
    assert!(said.stderr.is_empty(), "{said:?}");
    let said = String::from_utf8(said.stdout).unwrap();
    said.lines().map(str::to_owned).collect()
}

#[test]
fn shells_complete_the_verbs_and_options_of_both_programs() {
    let stack = TestStack::new("Typed", REGION, json!({ "Resources": {} }));
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let script = |shell: &str| deployer.run(&["completions", shell]).ended(0).out;
    let bash = script("bash");
    assert!(
        bash.ends_with(" -o bashdefault -o default cargo-cloudwright\nfi\n"),
        "{bash}"
    );
    let offers = |words: &[&str]| offered(deployer.folder(), &bash, words);
    assert_eq!(offers(&["cargo-cloudwright", "dep"]), ["deploy"]);
    assert_eq!(
        offers(&["cargo-cloudwright", "deploy", "--hot"]),
        ["--hotswap"]
    );
    let shells = offers(&["cargo-cloudwright", "completions", ""]);
    assert!(
        ["bash", "fish", "zsh"]
            .iter()
            .all(|shell| shells.contains(&(*shell).to_owned()))
    );
    assert!(script("zsh").starts_with("#compdef cargo-cloudwright"));
    assert!(script("fish").contains("complete -c cargo-cloudwright"));
    let _ = deployer.run(&["completions", "cmd"]).ended(2);

    let own = run(isolated(&quickstart()).args(["completions", "bash"]))
        .ended(0)
        .out;
    let offers = |words: &[&str]| offered(deployer.folder(), &own, words);
    assert_eq!(offers(&["quickstart", "expl"]), ["explain"]);
    assert_eq!(offers(&["quickstart", "watch", "--bui"]), ["--build"]);
}
