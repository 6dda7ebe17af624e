//! What a person sees of runs that failed or were refused, in terminals of 80 and of 140 columns.
//!
//! The screens stand in `screens/80.txt` and `screens/140.txt`, to be read as a newcomer reads them: is the cause one
//! line, is the next step clear? `UPDATE_TRANSCRIPTS=1` writes them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tests::deploys::{Deployer, Run, TestStack, run};
use tests::engine::Engine;
use tests::screen::{Screen, in_terminal};

use crate::logs::MAKER;
use crate::running::{function, role, system};
use crate::script::{
    ID, Script, error, event, expires_half_way, may_be_replaced, no_stack, refused_after,
    refused_early, stack, told,
};
use crate::terminal::without_times;
use crate::{REGION, queue, with_queue};

/// The colours of a terminal's own palette that are read on light and on dark; all else is left as it is.
pub(crate) const LEGIBLE: [&str; 7] = ["0", "1", "1;31", "2", "31", "32", "35"];

/// A terminal, and the screens that it showed.
struct Book {
    columns: usize,
    text: String,
}

impl Book {
    /// Shows the run of a verb, which ends in an exit code.
    fn show(&mut self, title: &str, (deployer, words): (&Deployer, &[&str]), code: i32) {
        self.show_as(title, (deployer, words), code, |command| command);
    }

    /// The same of a command that is changed before.
    fn show_as(
        &mut self,
        title: &str,
        (deployer, words): (&Deployer, &[&str]),
        code: i32,
        change: impl FnOnce(Command) -> Command,
    ) {
        let command = change(deployer.command(words));
        let run = run(&mut in_terminal(&command, self.columns, &[])).ended(code);
        let mut screen = Screen::new(self.columns);
        screen.show(&run.out);
        let text = screen.text();
        assert!(!screen.is_wrapped(), "{title}: {text}");
        let colours = colours(&run);
        let legible = |code: &String| LEGIBLE.contains(&&**code);
        assert!(colours.iter().all(legible), "{title}: {colours:?}");
        // What is wrong, and after it what to do.
        let after = text.split_once("error: ");
        let step = after.map(|(_, rest)| rest.contains("   = help: "));
        assert_eq!(step, Some(true), "{title}: {text}");
        let words = words.join(" ");
        self.text += &format!("## {title}\n$ cargo cloudwright {words}\n{text}\n");
    }
}

/// The colours of a run, as the parameters of their sequences.
pub(crate) fn colours(run: &Run) -> BTreeSet<String> {
    let codes = run.out.split("\u{1b}[").skip(1);
    let codes = codes.filter_map(|rest| rest.split_once('m'));
    let code = |code: &str| {
        code.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b';')
    };
    codes
        .map(|(one, _)| one.to_owned())
        .filter(|one| code(one))
        .collect()
}

/// The same command where nobody answers questions.
fn without_person(command: &Command) -> Command {
    let mut quiet = Command::new("sh");
    quiet.args(["-c", "exec \"$0\" \"$@\" < /dev/null"]);
    quiet.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => quiet.env(name, value),
            None => quiet.env_remove(name),
        };
    }
    quiet.current_dir(command.get_current_dir().unwrap());
    quiet
}

/// A queue and who reads it.
fn system_of(delay: u32) -> Value {
    let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "lambda.amazonaws.com" } }] });
    let read = json!({ "Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        "Resource": { "Fn::GetAtt": ["Jobs", "Arn"] } });
    let policies = json!([{ "PolicyName": "read", "PolicyDocument": { "Statement": [read] } }]);
    let worker = json!({ "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": trust, "Policies": policies } });
    let jobs = queue(&json!({ "DelaySeconds": delay }));
    json!({ "Resources": { "Jobs": jobs, "Worker": worker } })
}

/// What the local AWS refuses or cannot do.
fn on_the_engine(book: &mut Book) {
    let name = format!("Shop{:03}", book.columns);
    let stack = |template: Value| TestStack::new(&name, REGION, template);
    let deployer = Deployer::new(Engine::shared(), &[stack(system_of(100_000))]);
    let deploy = |more: &[&'static str]| [&["deploy"][..], more].concat();
    book.show_as(
        "nobody approves it",
        (&deployer, &deploy(&[])),
        4,
        |command| without_person(&command),
    );
    book.show("a creation fails", (&deployer, &deploy(&["--yes"])), 1);
    deployer.write(&[stack(system_of(5))]);
    let _ = deployer.run(&["deploy", "--yes"]).ended(0);
    deployer.write(&[stack(system_of(100_000))]);
    book.show("an update fails", (&deployer, &deploy(&["--yes"])), 1);
    let mut named = system_of(5);
    named["Resources"]["Jobs"] = queue(&json!({ "QueueName": "jobs", "DelaySeconds": 5 }));
    deployer.write(&[stack(named)]);
    book.show("data would be lost", (&deployer, &deploy(&["--yes"])), 4);
    let gone = json!({ "Resources": { "News": { "Type": "AWS::SNS::Topic" } } });
    deployer.write(&[stack(gone)]);
    book.show(
        "what holds data is gone from the program",
        (&deployer, &deploy(&["--yes"])),
        4,
    );
    deployer.write(&[stack(system_of(5))]);
    book.show(
        "data would be deleted",
        (&deployer, &["destroy", "--yes"]),
        4,
    );

    let mut maker = function("Worker");
    maker["Properties"]["Code"]["ZipFile"] = json!(MAKER);
    let resources = json!({ "Worker": role("lambda.amazonaws.com", &["logs:*"]), "Maker": maker,
        "Index": { "Type": "Custom::Index", "Properties": { "ServiceToken": { "Fn::GetAtt": ["Maker", "Arn"] } } } });
    let made = system(&format!("Made{:03}", book.columns), &resources);
    let deployer = Deployer::new(Engine::shared(), &[made]);
    book.show(
        "a custom resource fails",
        (&deployer, &deploy(&["--yes"])),
        1,
    );
}

/// What an engine never does.
fn by_a_script(book: &mut Book) {
    let yes = &["deploy", "--yes"];
    let jobs = with_queue(&json!({}));
    let mut show = |title: &str, steps: Vec<(&'static str, _)>, words: &[&str], code: i32| {
        let script = Script::of(steps);
        book.show(title, (&script.deployer(jobs.clone()), words), code);
    };
    show(
        "CloudFormation finds it before anything is made",
        refused_early(),
        yes,
        1,
    );
    show("credentials expire half-way", expires_half_way(), yes, 1);
    let failed = vec![stack("UPDATE_ROLLBACK_FAILED")];
    show("a rollback has failed before", failed, yes, 1);
    let other = event(
        ID,
        ("Mail", ID, "AWS::CloudFormation::Stack"),
        ("UPDATE_IN_PROGRESS", "User Initiated"),
    );
    let seen = || told(std::slice::from_ref(&other));
    let busy = vec![stack("UPDATE_IN_PROGRESS"), seen(), seen()];
    show("somebody else works on it", busy, yes, 5);
    let denied = "User: arn:aws:iam::000000000000:user/ci is not authorized to perform: cloudformation:CreateChangeSet on \
        resource: arn:aws:cloudformation:eu-central-1:000000000000:stack/Mail/* because no identity-based policy allows the \
        cloudformation:CreateChangeSet action";
    let denied = vec![
        no_stack(),
        ("CreateChangeSet", error(403, "AccessDenied", denied)),
    ];
    show("the caller may not", denied, yes, 1);
    let old = with_queue(&json!({ "DelaySeconds": 1 }));
    let hidden = refused_after(&old, vec![may_be_replaced()]);
    show("CloudFormation may replace it", hidden, yes, 4);
}

/// What goes wrong before anything is asked.
fn before(book: &mut Book) {
    let mail = || TestStack::new("Mail", REGION, with_queue(&json!({})));
    let deployer = Deployer::at("http://127.0.0.1:1", &[mail()]);
    let yes = &["deploy", "--yes"];
    book.show("nobody listens at the endpoint", (&deployer, yes), 1);
    let status = &["status"][..];
    book.show_as(
        "nobody has signed in",
        (&deployer, status),
        1,
        |mut command| {
            command.env_remove("AWS_ACCESS_KEY_ID");
            command.env_remove("AWS_SECRET_ACCESS_KEY");
            command
        },
    );
    let named = &["status", "--profile", "work"];
    book.show("the profile is misspelt", (&deployer, named), 2);
    book.show("the stack is misspelt", (&deployer, &["deploy", "Mial"]), 2);
    let app = &["deploy", "--app", "cloudwright.otu"];
    book.show("the folder is misspelt", (&deployer, app), 3);
    fs::rename(deployer.app(), deployer.folder().join("moved")).unwrap();
    fs::create_dir(deployer.app()).unwrap();
    book.show("the folder is empty", (&deployer, status), 3);
}

#[test]
fn what_failed_or_was_refused_is_told_so_that_a_newcomer_knows_what_to_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/with_deploy/screens");
    let pages = [80, 140].map(|columns| {
        let text = String::new();
        let mut book = Book { columns, text };
        before(&mut book);
        by_a_script(&mut book);
        on_the_engine(&mut book);
        let file = folder.join(format!("{columns}.txt"));
        (file, without_times(&book.text))
    });
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        for (file, text) in pages {
            fs::write(file, text).unwrap();
        }
        return;
    }
    for (file, text) in pages {
        let help = "run with UPDATE_TRANSCRIPTS=1 to accept";
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            text,
            "{}: {help}",
            file.display()
        );
    }
}
