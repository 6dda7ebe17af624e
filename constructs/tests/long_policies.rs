//! Policies that are longer than IAM takes: in several, that say the same.

mod support;

use std::collections::BTreeSet;

use cloudwright::iam::{RoleRef, Statement};
use cloudwright::prelude::*;
use serde_json::Value as Document;
use support::{Template, findings, strict_template, template, worker};

const INLINE: &str = "AWS::IAM::Policy";
const MANAGED: &str = "AWS::IAM::ManagedPolicy";
/// How long each of them may be, white space left out.
const MOST: [(&str, usize); 2] = [(INLINE, 10_240), (MANAGED, 6_144)];
/// As long as an ARN of a queue or topic can be.
const LONGEST: usize = 136;

/// What is granted, each with whoever gets it.
fn system(stack: &Stack, turned: bool, role: impl Fn(usize) -> RoleRef) {
    let topics: Vec<_> = (0..90)
        .map(|number| stack.add(format!("Topic{number}"), sns::Topic::new()))
        .collect();
    let queues: Vec<_> = (0..30)
        .map(|number| stack.add(format!("Queue{number}"), sqs::Queue::new()))
        .collect();
    let mut order: Vec<_> = (0..topics.len() + queues.len()).collect();
    if turned {
        order.reverse();
    }
    for number in order {
        if let Some(topic) = topics.get(number) {
            topic.grant_publish(&role(number));
        } else {
            queues[number - topics.len()].grant_consume(&role(number));
        }
    }
}

/// The objects of so many buckets.
fn archives(count: usize) -> impl Iterator<Item = Json> {
    (0..count).map(|number| json!(format!("arn:aws:s3:::archive-of-the-year-{number}/*")))
}

/// As the system is meant: one role has all rights.
fn one_role(stack: &Stack, turned: bool) {
    let role = worker(stack);
    system(stack, turned, |_| role.clone());
}

/// The policies of a template, by their ids.
fn policies(template: &Template) -> Vec<(&String, &Document)> {
    let resources = template.0["Resources"].as_object().unwrap().iter();
    let is_policy = |one: &Document| MOST.iter().any(|(kind, _)| one["Type"] == **kind);
    resources.filter(|(_, one)| is_policy(one)).collect()
}

/// A value as one or many.
fn each(value: &Document) -> Vec<&Document> {
    match value {
        Document::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// What the policies allow: action by resource.
fn allowed(template: &Template) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for (_, policy) in policies(template) {
        for statement in each(&policy["Properties"]["PolicyDocument"]["Statement"]) {
            assert_eq!(statement["Effect"], "Allow");
            for action in each(&statement["Action"]) {
                for resource in each(&statement["Resource"]) {
                    all.insert((action.to_string(), resource.to_string()));
                }
            }
        }
    }
    all
}

/// A document as it is in IAM, when each reference has become as long as it can.
fn deployed(document: &Document) -> Document {
    match document {
        Document::Object(members)
            if members.contains_key("Ref") || members.contains_key("Fn::GetAtt") =>
        {
            "x".repeat(LONGEST).into()
        }
        Document::Object(members) => {
            let members = members
                .iter()
                .map(|(name, one)| (name.clone(), deployed(one)));
            Document::Object(members.collect())
        }
        Document::Array(items) => items.iter().map(deployed).collect(),
        other => other.clone(),
    }
}

#[track_caller]
fn assert_iam_takes_them(template: &Template) {
    for (id, policy) in policies(template) {
        let length = deployed(&policy["Properties"]["PolicyDocument"])
            .to_string()
            .len();
        let most = MOST
            .iter()
            .find(|(kind, _)| policy["Type"] == **kind)
            .unwrap()
            .1;
        assert!(length <= most, "{id}: {length} of {most}");
    }
}

/// The types of the policies, by how often.
fn kinds(template: &Template) -> [usize; 2] {
    MOST.map(|(kind, _)| {
        let all = policies(template);
        all.iter().filter(|(_, one)| one["Type"] == kind).count()
    })
}

#[test]
fn what_is_too_long_goes_on_in_managed_policies_and_allows_the_same() {
    let long = template(|stack| one_role(stack, false));
    assert_eq!(kinds(&long), [1, 3]);
    assert_iam_takes_them(&long);
    let short = template(|stack| {
        let principal = || Principal::service("ecs-tasks.amazonaws.com");
        let role = |number| stack.add(format!("Role{number}"), iam::Role::assumed_by(principal()));
        let roles: Vec<_> = (0..12).map(role).collect();
        system(stack, false, |number| roles[number % roles.len()].clone());
    });
    assert_eq!(kinds(&short), [12, 0]);
    assert_eq!(allowed(&long), allowed(&short));
    for (id, policy) in policies(&long) {
        assert_eq!(
            policy["Properties"]["Roles"].as_array().unwrap().len(),
            1,
            "{id}"
        );
    }
}

#[test]
fn a_right_is_in_its_new_policy_before_it_leaves_the_old_one() {
    let long = template(|stack| one_role(stack, false));
    let all = policies(&long);
    let (_, first) = all.iter().find(|(_, one)| one["Type"] == INLINE).unwrap();
    let waits: Vec<_> = each(&first["DependsOn"])
        .into_iter()
        .filter_map(Document::as_str)
        .collect();
    let more = all.iter().filter(|(_, one)| one["Type"] == MANAGED);
    for (id, _) in more {
        assert!(waits.contains(&id.as_str()), "{waits:?}");
    }
}

#[test]
fn what_is_forbidden_stays_in_the_first_policy() {
    let long = template(|stack| {
        let role = worker(stack);
        system(stack, false, |_| role.clone());
        role.add_statement(Statement::deny(["sqs:PurgeQueue"]).on("*"));
    });
    let all = policies(&long).into_iter();
    let forbids = |(id, policy): (&String, &Document)| {
        let statements = each(&policy["Properties"]["PolicyDocument"]["Statement"]);
        let forbids = statements.iter().any(|one| one["Effect"] == "Deny");
        forbids.then(|| id.clone())
    };
    let forbidding: Vec<_> = all.filter_map(forbids).collect();
    let first = long.id(INLINE, "WorkerDefaultPolicy");
    assert_eq!(forbidding, [first]);
}

#[test]
fn the_order_of_the_program_means_nothing() {
    let forth = template(|stack| one_role(stack, false));
    let back = template(|stack| one_role(stack, true));
    assert_eq!(forth.0, back.0);
}

#[test]
fn in_a_strict_stack_all_of_them_are_managed() {
    let long = strict_template(|stack| one_role(stack, false));
    let [inline, managed] = kinds(&long);
    assert_eq!(inline, 0);
    assert!(managed > 2, "{managed}");
    assert_iam_takes_them(&long);
}

#[test]
fn what_fits_stays_in_one() {
    let short = template(|stack| {
        let role = worker(stack);
        for number in 0..20 {
            stack
                .add(format!("Topic{number}"), sns::Topic::new())
                .grant_publish(&role);
        }
    });
    assert_eq!(kinds(&short), [1, 0]);
}

#[test]
fn one_statement_alone_is_divided_and_its_name_is_said_once() {
    let long = template(|stack| {
        let resources = archives(300);
        let read = Statement::allow(["s3:GetObject"])
            .sid("Archives")
            .on_all(resources);
        worker(stack).add_statement(read);
    });
    assert_iam_takes_them(&long);
    assert_eq!(allowed(&long).len(), 300);
    assert!(kinds(&long)[1] > 0);
    let all = policies(&long).into_iter();
    let named = all.flat_map(|(_, one)| each(&one["Properties"]["PolicyDocument"]["Statement"]));
    assert_eq!(named.filter(|one| one["Sid"] == "Archives").count(), 1);
}

#[test]
fn more_than_a_role_can_have_is_told() {
    let found = findings(|stack| {
        let resources = archives(2000);
        worker(stack).add_statement(Statement::allow(["s3:GetObject"]).on_all(resources));
    });
    let found = found.to_string();
    assert!(found.contains("CW2006"), "{found}");
    assert!(
        found.contains("managed policies would be attached to `S/Worker`, AWS takes 10"),
        "{found}"
    );
}
