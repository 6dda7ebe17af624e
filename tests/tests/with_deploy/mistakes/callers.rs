//! Callers whom AWS does not know, or not any more, and networks without AWS.

use std::process::Command;

use cloudwright_runtime::harness::http::{Reply, Server};
use tests::deploys::Deployer;

use super::{VERBS, stack, stopped};

/// A server that refuses every request for one reason, and counts those that are no question for the caller.
fn refusing(code: &'static str, message: &'static str) -> Server {
    Server::start(move |request| {
        let asked = request.text();
        assert!(asked.starts_with("Action=GetCallerIdentity"), "{asked}");
        refusal(code, message)
    })
    .unwrap()
}

/// The answer to a caller who is refused.
pub(super) fn refusal(code: &str, message: &str) -> Reply {
    let text = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    Reply::new(403, text).with("content-type", "text/xml")
}

/// Every verb ends in the same way, whatever it was about.
fn all(deployer: &Deployer, change: impl Fn(&mut Command), code: i32, said: &str, help: &str) {
    for words in VERBS {
        let mut command = deployer.command(words);
        change(&mut command);
        let _ = stopped(&mut command, code, said, help);
    }
}

pub(super) fn unsigned(command: &mut Command) {
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
}

#[test]
fn without_credentials_every_verb_says_how_to_sign_in() {
    let deployer = Deployer::at("http://127.0.0.1:1", &[stack()]);
    let said = "there are no AWS credentials";
    all(&deployer, unsigned, 1, said, "sign in (`aws sso login`");
}

#[test]
fn with_expired_credentials_every_verb_says_so_and_asks_nothing_else() {
    let text = "The security token included in the request is expired";
    let server = refusing("ExpiredToken", text);
    let deployer = Deployer::at(&server.url(), &[stack()]);
    all(&deployer, |_| (), 1, text, "sign in again (`aws sso login`");
}

#[test]
fn keys_that_are_not_known_may_be_those_of_another_region() {
    let server = refusing("InvalidClientTokenId", "The security token is invalid");
    let deployer = Deployer::at(&server.url(), &[stack()]);
    let mut command = deployer.command(&["deploy", "--yes"]);
    let _ = stopped(&mut command, 1, "InvalidClientTokenId", "not enabled");
}

#[test]
fn without_a_network_verbs_end_soon_and_name_the_region() {
    // Nobody listens there. A connection is tried three times, so a few verbs have to do: whose the credentials are is the
    // first question of each.
    let deployer = Deployer::at("http://127.0.0.1:1", &[stack()]);
    for words in VERBS.iter().step_by(4) {
        let mut command = deployer.command(words);
        let run = stopped(&mut command, 1, "no connection: ", "check the network");
        let place = "(region eu-central-1, endpoint http://127.0.0.1:1)";
        assert!(run.err.contains(place), "{}", run.err);
    }
}

#[test]
fn many_stacks_of_a_caller_who_is_not_known_have_one_reason() {
    let stacks: Vec<_> = (0..3)
        .map(|number| {
            let mut stack = stack();
            stack.name = format!("Mistaken{number}");
            stack.operations.clear();
            stack
        })
        .collect();
    let deployer = Deployer::at("http://127.0.0.1:1", &stacks);
    let mut command = deployer.command(&["deploy", "--yes", "--json"]);
    unsigned(&mut command);
    let run = tests::deploys::run(&mut command).ended(1);
    let count = |text: &str| run.err.matches(text).count();
    assert_eq!(count("there are no AWS credentials"), 1, "{}", run.err);
    assert_eq!(count(": the same\n"), 2, "{}", run.err);
    for stack in stacks {
        let problem = &run.stack(&stack.name)["problem"];
        let said = problem["message"].as_str().unwrap();
        assert!(said.starts_with("there are no AWS credentials"), "{said}");
    }
}
