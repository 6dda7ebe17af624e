//! Reviews of assemblies that are written out here: what comes first, what is said, and what never gets through.

mod limits;
mod program;
mod sentences;

use cloudwright_graph::Mark;
use cloudwright_review::{Baseline, Review, Status};
use program::{FACTS, Program};
use serde_json::json;

fn facts(kind: &str) -> Option<&'static str> {
    cloudwright_spec::find_resource(FACTS, kind)
}

fn mail() -> Program {
    Program::stack("Mail", "aws://123456789012/eu-central-1")
}

fn review(now: &Program, before: &Program) -> Review {
    let baseline = Baseline::assembly("before", before.source());
    Review::new(&now.source(), Some(&baseline), &facts)
}

#[test]
fn what_loses_data_comes_first_with_its_line_and_the_property_that_does_it() {
    let queue = |name: &str| json!({ "QueueName": name, "DelaySeconds": 1 });
    let before = mail()
        .resource("Mail/Inbox", "Inbox1", "AWS::SQS::Queue", queue("old"))
        .resource("Mail/Log", "Log1", "AWS::SNS::Topic", json!({}))
        .resource("Mail/Old", "Old1", "AWS::SQS::Queue", json!({}));
    let now = mail()
        .resource("Mail/Inbox", "Inbox1", "AWS::SQS::Queue", queue("new"))
        .resource(
            "Mail/Log",
            "Log1",
            "AWS::SNS::Topic",
            json!({ "DisplayName": "Log" }),
        );
    let review = review(&now, &before);
    assert!(review.is_destructive() && review.is_any_change() && !review.is_broadening());
    let text = review.to_markdown();
    let place = |part: &str| {
        text.find(part)
            .unwrap_or_else(|| panic!("no {part} in\n{text}"))
    };
    let first = "- `Mail/Inbox` AWS::SQS::Queue **is replaced, and the old one is deleted with its data** at `src/main.rs:1`";
    assert!(place("### Data loss and replacement") < place(first));
    assert!(place(first) < place("`QueueName`: `\"old\"` → `\"new\"` **(replaces)**"));
    assert!(place("`Mail/Old` AWS::SQS::Queue **is deleted with its data**") < place("`Mail/Log`"));
    assert!(text.contains("2 resources lose their data"), "{text}");
    let marks: Vec<_> = review
        .picture
        .nodes
        .iter()
        .map(|node| (&*node.path, node.mark))
        .collect();
    assert_eq!(
        marks,
        [
            ("Mail/Inbox", Some(Mark::Changed)),
            ("Mail/Log", Some(Mark::Changed)),
            ("Mail/Old", Some(Mark::Removed)),
        ]
    );
}

#[test]
fn stacks_that_come_and_go_are_told() {
    let before = mail().and_stack("Old", "aws://123456789012/eu-central-1");
    let now = mail()
        .and_stack("New", "aws://123456789012/eu-central-1")
        .resource("New/Inbox", "Inbox1", "AWS::SQS::Queue", json!({}));
    let review = review(&now, &before);
    let stacks: Vec<_> = review
        .stacks
        .iter()
        .map(|stack| (&*stack.path, stack.status))
        .collect();
    assert_eq!(
        stacks,
        [
            ("Mail", Status::Unchanged),
            ("New", Status::Added),
            ("Old", Status::Removed)
        ]
    );
    assert_eq!(review.picture.nodes[0].mark, Some(Mark::Added));
}

#[test]
fn a_type_without_facts_is_told() {
    let thing =
        |name: &str| mail().resource("Mail/T", "T1", "AWS::New::Thing", json!({ "Name": name }));
    let review = review(&thing("new"), &thing("old"));
    assert_eq!(review.unknown, ["AWS::New::Thing"]);
    assert!(
        review
            .to_markdown()
            .contains("Whether `AWS::New::Thing` would be replaced is not known")
    );
}

#[test]
fn findings_are_shown_with_line_help_and_meaning() {
    let now = mail().finding(
        "CW0202",
        "412 resources",
        "move a part of them",
        "Mail",
        "src/main.rs:7",
    );
    let review = Review::new(&now.source(), None, &facts);
    let text = review.to_markdown();
    assert!(text.contains(
        "- `CW0202` 412 resources in `Mail` at `src/main.rs:7`\n  - move a part of them"
    ));
    assert_eq!(
        review.to_json()["findings"][0]["explanation"],
        "why CW0202 matters"
    );
}
