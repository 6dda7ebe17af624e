//! Policies that are longer than IAM takes: in several, that say the same.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use cloudwright::cfn;
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
    assert_eq!(kinds(&long), [1, 2]);
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

/// A role that may send to so many queues, and what else it may.
fn sender(stack: &Stack, queues: impl IntoIterator<Item = usize>) -> RoleRef {
    let role = worker(stack);
    for number in queues {
        let queue = stack.add(format!("Queue{number:03}"), cfn::sqs::Queue::new());
        role.add_statement(Statement::allow(["sqs:SendMessage"]).on(queue.arn()));
    }
    role
}

/// The policies in the order in which CloudFormation changes them, the last one first; that they wait for each other.
fn in_order(template: &Template) -> Vec<&Document> {
    let mut all = policies(template);
    let number = |id: &str| {
        let digits = id.split_once("OverflowPolicy").map(|(_, rest)| {
            let digits = rest.len() - 8;
            rest[..digits].parse::<usize>().unwrap()
        });
        digits.unwrap_or(0)
    };
    all.sort_by_key(|(id, _)| number(id));
    for (index, (id, policy)) in all.iter().enumerate() {
        let waits = each(&policy["DependsOn"]);
        for (later, _) in &all[index + 1..] {
            assert!(
                waits.iter().any(|one| **one == ***later),
                "{id} waits for {waits:?}, not {later}"
            );
        }
    }
    all.into_iter().map(|(_, policy)| policy).collect()
}

/// In which policy each right is.
fn places(template: &Template) -> BTreeMap<(String, String), usize> {
    let mut places = BTreeMap::new();
    for (place, policy) in in_order(template).into_iter().enumerate() {
        for statement in each(&policy["Properties"]["PolicyDocument"]["Statement"]) {
            for action in each(&statement["Action"]) {
                for resource in each(&statement["Resource"]) {
                    places.insert((action.to_string(), resource.to_string()), place);
                }
            }
        }
    }
    places
}

/// Asserts that each right that stays is in the policy where it was, or in one that was made before that changed, or
/// comes from one that is removed when all others are changed.
#[track_caller]
fn assert_no_right_is_away(old: &Template, new: &Template) {
    let (was, is) = (places(old), places(new));
    let kept = policies(new).len();
    for (right, was) in was {
        if let Some(is) = is.get(&right) {
            assert!(was >= kept || *is >= was, "{right:?}: {was} to {is}");
        }
    }
}

#[test]
fn a_right_to_one_more_resource_moves_none_to_an_earlier_policy() {
    for strict in [false, true] {
        let of = |count: usize| {
            let build = |stack: &Stack| drop(sender(stack, 0..count));
            if strict {
                strict_template(build)
            } else {
                template(build)
            }
        };
        let mut old = of(90);
        for count in 91..=131 {
            let new = of(count);
            assert_iam_takes_them(&new);
            assert_eq!(allowed(&new).len(), count);
            let (was, is) = (places(&old), places(&new));
            for (right, was) in was {
                assert!(is[&right] >= was, "{count}: {right:?}");
            }
            old = new;
        }
        assert!(policies(&old).len() > 2);
    }
}

#[test]
fn no_right_is_away_while_others_come_and_go() {
    let of = |queues: Vec<usize>, stars: usize| {
        template(|stack| {
            let actions = (0..stars).map(|number| format!("ec2:DescribeThing{number:03}"));
            let role = sender(stack, queues.clone());
            role.add_statement(Statement::allow(actions).on("*"));
            let receives = Statement::allow(["sqs:ReceiveMessage"]);
            role.add_statement(receives.on_all(archives(queues.len() / 3)));
        })
    };
    let all: Vec<_> = (0..140).collect();
    let without = |gone: fn(&usize) -> bool| all.iter().copied().filter(|one| !gone(one)).collect();
    let long = of(all.clone(), 20);
    let some: Vec<usize> = without(|one| one % 3 == 0);
    let one_instead: Vec<usize> = (1..141).collect();
    for other in [
        of(some, 20),
        of(without(|one| *one == 70), 20),
        of(one_instead, 25),
        of(all.clone(), 40),
        of(vec![1, 2, 3], 5),
    ] {
        assert_no_right_is_away(&long, &other);
        assert_no_right_is_away(&other, &long);
    }
    assert!(policies(&long).len() > 2);
}

#[test]
fn a_right_that_becomes_another_statement_stays_where_it_is() {
    let of = |more: usize| {
        template(|stack| {
            let role = worker(stack);
            for number in 0..120 {
                let queue = stack.add(format!("Queue{number:03}"), sqs::Queue::new());
                role.add_statement(Statement::allow(["sqs:SendMessage"]).on(queue.arn()));
                if number < more {
                    role.add_statement(Statement::allow(["sqs:ReceiveMessage"]).on(queue.arn()));
                }
            }
        })
    };
    assert_no_right_is_away(&of(0), &of(10));
    assert_no_right_is_away(&of(10), &of(11));
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

/// What is told of a role that has so many managed policies beside what it may do with so many archives.
fn told(attached: usize, resources: usize, strict: bool) -> String {
    let build = |stack: &Stack| {
        let principal = Principal::service("ecs-tasks.amazonaws.com");
        let policies = (0..attached)
            .map(|number| format!("arn:aws:iam::123456789012:policy/of-the-company-{number}"));
        let role = policies.fold(iam::Role::assumed_by(principal), |role, arn| {
            role.managed_policy(arn)
        });
        let read = Statement::allow(["s3:GetObject"]).on_all(archives(resources));
        stack.add("Worker", role).add_statement(read);
    };
    let found = findings(|stack| {
        if strict {
            build(&stack.clone().strict());
        } else {
            build(stack);
        }
    });
    let quota = found.iter().filter(|one| one.rule.code == "CW2006");
    quota.map(ToString::to_string).collect()
}

#[test]
fn every_managed_policy_of_the_role_counts() {
    assert_eq!(told(5, 500, false), "");
    let found = told(9, 500, false);
    assert!(
        found.contains("11 managed policies would be attached"),
        "{found}"
    );
    assert_eq!(told(10, 3, false), "");
    assert_eq!(told(9, 3, true), "");
    let found = told(10, 3, true);
    assert!(
        found.contains("11 managed policies would be attached"),
        "{found}"
    );
    let found = told(8, 400, true);
    assert!(
        found.contains("11 managed policies would be attached"),
        "{found}"
    );
}

#[test]
fn few_but_long_names_are_divided_too() {
    let long = strict_template(|stack| {
        let name = "x".repeat(280);
        let resources =
            (10..30).map(|number| json!(format!("arn:aws:s3:::archive/{name}{number}/*")));
        worker(stack).add_statement(Statement::allow(["s3:GetObject"]).on_all(resources));
    });
    assert_eq!(kinds(&long), [0, 2]);
    assert_iam_takes_them(&long);
}
