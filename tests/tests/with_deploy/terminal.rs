//! What a person sees in a terminal: a deployment as the README shows it, rows that fit, questions that can be left.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use tests::deploys::{Deployer, Run, TestStack, run};
use tests::engine::Engine;
use tests::screen::{Screen, in_terminal};

use crate::screens::{LEGIBLE, colours};
use crate::{REGION, status, with_queue};

/// What a terminal of a width shows in the end of a run, and its exit code.
fn shown(program: &Command, columns: usize, typed: &[(&str, &str)]) -> (Screen, Run) {
    let run = run(&mut in_terminal(program, columns, typed));
    let mut screen = Screen::new(columns);
    screen.show(&run.out);
    (screen, run)
}

/// A queue, a topic and who reads the queue: a system to look at.
fn mail(delay: u32) -> TestStack {
    let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "lambda.amazonaws.com" } }] });
    let read = json!({ "Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": { "Fn::GetAtt": ["Jobs", "Arn"] } });
    let policies = json!([{ "PolicyName": "read", "PolicyDocument": { "Statement": [read] } }]);
    let role = json!({ "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": trust, "Policies": policies } });
    let mut template = with_queue(&json!({ "QueueName": "mail-jobs", "DelaySeconds": delay }));
    template["Resources"]["News"] =
        json!({ "Type": "AWS::SNS::Topic", "Properties": { "TopicName": "mail-news" } });
    template["Resources"]["Worker"] = role;
    template["Outputs"] = json!({ "News": { "Value": { "Ref": "News" } } });
    TestStack::new("Mail", REGION, template)
}

/// The screen without what differs from run to run: how long things took.
pub(crate) fn without_times(text: &str) -> String {
    let words = |line: &str| {
        let is_row = line.starts_with("  CREATE_")
            || line.starts_with("  DELETE_")
            || line.starts_with("  UPDATE_")
            || line.starts_with("  ROLLBACK_");
        match line.split_once(" s  ").filter(|_| is_row) {
            Some((head, rest)) => {
                let head =
                    head.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == ' ');
                format!("{head:<35} s  {rest}\n")
            }
            None => format!("{line}\n"),
        }
    };
    text.lines().map(words).collect()
}

/// The block of the README, which `UPDATE_RECORDING=1` writes anew.
fn recorded(text: &str) -> String {
    const BEGIN: &str = "<!-- A recording: `UPDATE_RECORDING=1` renews it. -->\n\n```text\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(&file).unwrap();
    let (before, rest) = readme
        .split_once(BEGIN)
        .expect("the README has a recording");
    let (old, after) = rest.split_once("```\n").unwrap();
    if std::env::var_os("UPDATE_RECORDING").is_some() {
        fs::write(&file, format!("{before}{BEGIN}{text}```\n{after}")).unwrap();
        return text.to_owned();
    }
    old.to_owned()
}

#[test]
fn the_readme_shows_a_deployment_as_it_is() {
    let deployer = Deployer::new(Engine::shared(), &[mail(5)]);
    let mut text = String::new();
    let deploy = |typed: &[(&str, &str)], code: i32| {
        let command = deployer.command(&["deploy", "--color", "always"]);
        let (screen, run) = shown(&command, 80, typed);
        let _ = run.ended(code);
        assert!(!screen.is_wrapped(), "{}", screen.text());
        format!("$ cargo cloudwright deploy\n{}", screen.text())
    };
    text += &deploy(&[("[y/N] ", "y\n")], 0);
    deployer.write(&[mail(100_000)]);
    text += "\n";
    text += &deploy(&[], 1);
    assert_eq!(without_times(&recorded(&text)), without_times(&text));
}

/// The same in widths that people have: nothing of a row is on the next line, and all that was drawn and
/// taken away again is gone.
#[test]
fn rows_fit_the_terminal_and_leave_nothing_behind() {
    let path = "A/Construct/Within/Many/Others/That/Have/Long/Names/Each/Of/Which/Is/Shown/In/Part";
    let held = crate::held::held(&[("News", json!({ "Type": "AWS::SNS::Topic" }))]);
    for columns in [40, 80, 140] {
        let name = format!("Wide{columns}");
        let stack = TestStack::new(&name, REGION, held.clone());
        let deployer = Deployer::new(Engine::shared(), &[stack]);
        let manifest = deployer.app().join("manifest.json");
        let text = fs::read_to_string(&manifest).unwrap();
        let renamed = text.replace(&format!("/{name}/News"), &format!("/{name}/{path}/News"));
        fs::write(&manifest, renamed).unwrap();
        let command = deployer.command(&["deploy", "--yes"]);
        let letting = std::thread::spawn({
            let name = name.clone();
            move || crate::held::let_go(&Engine::shared().client(REGION), &name)
        });
        let (screen, run) = shown(&command, columns, &[]);
        letting.join().unwrap();
        let run = run.ended(0);
        // It was drawn, and nothing of it stays.
        assert!(run.out.contains("CREATE_IN_PROGRESS"), "{}", run.out);
        let text = screen.text();
        assert!(!text.contains("CREATE_IN_PROGRESS"), "{text}");
        // Types of a review are longer than the narrowest.
        assert!(columns < 80 || !screen.is_wrapped(), "{text}");
        let row = text
            .lines()
            .find(|line| line.starts_with("  CREATE_COMPLETE"));
        assert!(row.is_some(), "{text}");
        assert!(
            text.contains(if columns < 140 { "…" } else { path }),
            "{text}"
        );
        assert!(text.ends_with(&format!("{name}: created\n")), "{text}");
    }
}

#[test]
fn a_question_can_be_declined_or_left_and_asked_again() {
    let name = "Doubted";
    let stack = TestStack::new(name, REGION, with_queue(&json!({})));
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let command = deployer.command(&["deploy", "--require-approval", "any-change"]);
    let question = "Deploy these changes of Doubted? [y/N] ";
    let (screen, run) = shown(&command, 80, &[(question, "n\n")]);
    let _ = run.ended(4);
    assert!(screen.text().contains("was declined"), "{}", screen.text());
    assert_eq!(status(name), None);

    // Ctrl-C, as a terminal sends it.
    let (screen, run) = shown(&command, 80, &[(question, "\u{3}")]);
    let _ = run.ended(130);
    let said = screen.text();
    assert!(
        said.ends_with("stopped: no operation was under way\n"),
        "{said}"
    );
    assert!(status(name).is_none_or(|status| status == "REVIEW_IN_PROGRESS"));
    let (screen, run) = shown(&command, 80, &[(question, "y\n")]);
    let _ = run.ended(0);
    assert!(
        screen.text().contains("Doubted: created\n"),
        "{}",
        screen.text()
    );
    let again = deployer.run(&["deploy", "--json"]).ended(0);
    assert_eq!(again.stack(name)["outcome"], "unchanged");
}

#[test]
fn ctrl_c_takes_the_rows_away_and_the_next_run_follows() {
    let name = "LeftAlone";
    let stack = TestStack::new(name, REGION, crate::held::held(&[]));
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let command = deployer.command(&["deploy", "--yes"]);
    let (screen, run) = shown(&command, 80, &[("CREATE_IN_PROGRESS", "\u{3}")]);
    let _ = run.ended(130);
    let text = screen.text();
    assert!(
        text.contains("\nLeftAlone goes on in AWS without"),
        "{text}"
    );
    assert!(!text.contains("CREATE_IN_PROGRESS  "), "{text}");
    crate::held::let_go(&Engine::shared().client(REGION), name);
    let (screen, run) = shown(&command, 80, &[]);
    let _ = run.ended(0);
    let text = screen.text();
    let ends = ["LeftAlone: created\n", "LeftAlone: unchanged\n"];
    assert!(ends.iter().any(|end| text.ends_with(end)), "{text}");
}

/// Light or dark: what is coloured is coloured by the terminal's own palette, and never by black or white, nor by yellow
/// or blue, which are not read on one of the two.
#[test]
fn colours_are_those_of_the_terminal() {
    let name = "Painted";
    let stack =
        |queue: &str| TestStack::new(name, REGION, with_queue(&json!({ "QueueName": queue })));
    let deployer = Deployer::new(Engine::shared(), &[stack("painted-1")]);
    let _ = deployer.run(&["deploy"]).ended(0);
    deployer.write(&[stack("painted-2")]);
    let (_, run) = shown(&deployer.command(&["deploy"]), 80, &[]);
    let codes = colours(&run);
    assert!(codes.contains("1;31"), "{codes:?}");
    let legible = |code: &String| LEGIBLE.contains(&&**code);
    assert!(codes.iter().all(legible), "{codes:?}");
    let mut plain = deployer.command(&["deploy"]);
    let (_, run) = shown(plain.env("NO_COLOR", "1"), 80, &[]);
    assert!(!run.out.contains("\u{1b}[1"), "{}", run.out);
}
