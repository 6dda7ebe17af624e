//! Copies of a template, each with a change at one place.

use serde_json::{Value, json};

use crate::clean::names;

/// A copy for every resource of the kinds for which `change` finds something to change.
pub(super) fn each(
    template: &Value,
    kinds: &[&str],
    change: impl Fn(&mut Value) -> bool,
) -> Vec<Value> {
    let mut changed = Vec::new();
    for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
        let mut resource = resource.clone();
        let fits =
            kinds.is_empty() || kinds.contains(&resource["Type"].as_str().unwrap_or_default());
        if fits && change(&mut resource) {
            let mut copy = template.clone();
            copy["Resources"][id.as_str()] = resource;
            changed.push(copy);
        }
    }
    changed
}

/// A copy for every statement of the policies of these kinds for which `change` finds something.
pub(super) fn each_statement(
    template: &Value,
    kinds: &[&str],
    change: impl Fn(&mut Value) -> bool,
) -> Vec<Value> {
    let mut changed = Vec::new();
    for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
        if !kinds.contains(&resource["Type"].as_str().unwrap_or_default()) {
            continue;
        }
        let statements = resource["Properties"]["PolicyDocument"]["Statement"].as_array();
        for (number, statement) in statements.into_iter().flatten().enumerate() {
            let mut statement = statement.clone();
            if change(&mut statement) {
                let mut copy = template.clone();
                copy["Resources"][id.as_str()]["Properties"]["PolicyDocument"]["Statement"]
                    [number] = statement;
                changed.push(copy);
            }
        }
    }
    changed
}

pub(super) fn remove(resource: &mut Value, member: &str) -> bool {
    resource
        .as_object_mut()
        .is_some_and(|all| all.remove(member).is_some())
}

pub(super) fn remove_property(resource: &mut Value, name: &str) -> bool {
    resource
        .get_mut("Properties")
        .is_some_and(|all| remove(all, name))
}

pub(super) const QUEUE: &str = "AWS::SQS::Queue";

pub(super) const RESOURCE_POLICIES: [&str; 3] = [
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
];

pub(super) const LISTS: [(&str, &str); 3] = [
    ("LambdaConfigurations", "Function"),
    ("QueueConfigurations", "Queue"),
    ("TopicConfigurations", "Topic"),
];

/// The entries of a bucket's notifications.
pub(super) fn each_notification(
    template: &Value,
    change: impl Fn(&mut Vec<Value>, usize),
) -> Vec<Value> {
    let mut changed = Vec::new();
    for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
        for (list, _) in LISTS {
            let told = &resource["Properties"]["NotificationConfiguration"][list];
            if resource["Type"] != "AWS::S3::Bucket" {
                continue;
            }
            for number in 0..told.as_array().map_or(0, Vec::len) {
                let mut copy = template.clone();
                let told = &mut copy["Resources"][id.as_str()]["Properties"]["NotificationConfiguration"]
                    [list];
                change(told.as_array_mut().expect("a list"), number);
                changed.push(copy);
            }
        }
    }
    changed
}

/// The logical ids that values at these places of resources of a kind refer to.
pub(super) fn targets(template: &Value, kind: &str, places: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for resource in template["Resources"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(_, one)| one)
    {
        for place in places.iter().filter(|_| resource["Type"] == kind) {
            let value = resource.pointer(&format!("/Properties/{place}"));
            found.extend(value.and_then(referred).map(str::to_owned));
        }
    }
    found.sort();
    found.dedup();
    found
}

pub(super) fn referred(value: &Value) -> Option<&str> {
    value["Ref"]
        .as_str()
        .or_else(|| value["Fn::GetAtt"][0].as_str())
}

/// A copy for each of these resources that is there.
pub(super) fn each_of(
    template: &Value,
    ids: Vec<String>,
    change: impl Fn(&mut Value),
) -> Vec<Value> {
    let there = |id: &String| template["Resources"].get(id).is_some();
    let copy = |id: String| {
        let mut copy = template.clone();
        change(&mut copy["Resources"][&id]);
        copy
    };
    ids.into_iter().filter(there).map(copy).collect()
}

pub(super) fn fifo(queue: &mut Value) {
    queue["Properties"]["FifoQueue"] = json!(true);
}

/// The permissions that a bucket waits for.
pub(super) fn permissions(template: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for resource in template["Resources"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(_, one)| one)
    {
        let is_permission =
            |id: &&str| template["Resources"][*id]["Type"] == "AWS::Lambda::Permission";
        let waits = names(&resource["DependsOn"])
            .into_iter()
            .filter(is_permission);
        found.extend(
            waits
                .filter(|_| resource["Type"] == "AWS::S3::Bucket")
                .map(str::to_owned),
        );
    }
    found
}

pub(super) fn actions(statement: &Value) -> Vec<&str> {
    names(&statement["Action"])
}
