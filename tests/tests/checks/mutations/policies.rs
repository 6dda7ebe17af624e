//! Faults of policies and permissions: who may do what, and under which condition.

use serde_json::{Value, json};

use super::copies::{
    QUEUE, RESOURCE_POLICIES, actions, each, each_statement, permissions, remove, remove_property,
    targets,
};
use crate::clean::names;

pub(super) fn plain(template: &Value) -> Vec<Value> {
    each_statement(template, &RESOURCE_POLICIES, |statement| {
        let secure = statement["Condition"]["Bool"]
            .get("aws:SecureTransport")
            .is_some();
        statement["Effect"] = json!("Allow");
        statement["Principal"] = json!({ "AWS": "123456789012" });
        secure
    })
}

pub(super) fn long(template: &Value) -> Vec<Value> {
    each(template, &["AWS::IAM::Policy"], |policy| {
        let statements = policy.pointer_mut("/Properties/PolicyDocument/Statement");
        let statements = statements
            .and_then(Value::as_array_mut)
            .expect("statements");
        *statements = statements
            .iter()
            .cycle()
            .take(300 * statements.len())
            .cloned()
            .collect();
        true
    })
}

pub(super) fn too_early(template: &Value) -> Vec<Value> {
    let mut changed = Vec::new();
    for permission in permissions(template) {
        let mut copy = template.clone();
        for (_, resource) in copy["Resources"].as_object_mut().into_iter().flatten() {
            let left: Vec<String> = names(&resource["DependsOn"])
                .into_iter()
                .filter(|id| *id != permission)
                .map(str::to_owned)
                .collect();
            resource["DependsOn"] = json!(left);
        }
        changed.push(copy);
    }
    changed
}

pub(super) fn not_permitted(template: &Value) -> Vec<Value> {
    let without = |id: String| {
        let mut copy = template.clone();
        remove(&mut copy["Resources"], &id);
        copy
    };
    permissions(template).into_iter().map(without).collect()
}

/// The queues that a service of AWS looks at with the rights of a function: its work and its failures.
pub(super) fn no_right(template: &Value) -> Vec<Value> {
    let place = "DestinationConfig/OnFailure/Destination";
    let mut changed = Vec::new();
    for (kind, place, action) in [
        ("AWS::Lambda::EventInvokeConfig", place, "sqs:SendMessage"),
        (
            "AWS::Lambda::EventSourceMapping",
            "EventSourceArn",
            "sqs:ReceiveMessage",
        ),
    ] {
        for queue in targets(template, kind, &[place]) {
            let mut copy = template.clone();
            let mut found = false;
            for (_, resource) in copy["Resources"].as_object_mut().into_iter().flatten() {
                let statements = resource.pointer_mut("/Properties/PolicyDocument/Statement");
                for statement in statements
                    .and_then(Value::as_array_mut)
                    .into_iter()
                    .flatten()
                {
                    let about = statement["Resource"].to_string().contains(&queue);
                    if about && actions(statement).contains(&action) {
                        statement["Action"] = json!("sqs:GetQueueUrl");
                        found = true;
                    }
                }
            }
            if found {
                changed.push(copy);
            }
        }
    }
    changed
}

/// A role that may use the key of its queue may not any more.
pub(super) fn no_key(template: &Value) -> Vec<Value> {
    let encrypted = template["Resources"]
        .as_object()
        .into_iter()
        .flatten()
        .any(|(_, resource)| {
            resource["Type"] == QUEUE && resource["Properties"].get("KmsMasterKeyId").is_some()
        });
    each(
        template,
        &["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"],
        |policy| {
            let statements = policy.pointer_mut("/Properties/PolicyDocument/Statement");
            let mut sends = false;
            let mut found = false;
            for statement in statements
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                sends |= actions(statement)
                    .iter()
                    .any(|action| action.starts_with("sqs:"));
                if actions(statement)
                    .iter()
                    .any(|action| action.starts_with("kms:"))
                {
                    statement["Action"] = json!("kms:DescribeKey");
                    found = true;
                }
            }
            encrypted && sends && found
        },
    )
}

pub(super) fn own_queue(template: &Value) -> Vec<Value> {
    // What is accepted for good stays silent.
    let accepted = template.to_string().contains("\"CW2024\"");
    each_statement(template, &["AWS::IAM::Policy"], |statement| {
        let works = actions(statement).contains(&"sqs:DeleteMessage");
        let mut all: Vec<String> = actions(statement).into_iter().map(str::to_owned).collect();
        all.push("sqs:SendMessage".to_owned());
        statement["Action"] = json!(all);
        works && !accepted && template.to_string().contains("EventSourceMapping")
    })
}

pub(super) fn action(template: &Value) -> Vec<Value> {
    let kinds = [&RESOURCE_POLICIES[..], &["AWS::IAM::Policy"]].concat();
    each_statement(template, &kinds, |statement| {
        let mut all: Vec<String> = actions(statement).into_iter().map(str::to_owned).collect();
        let last = all.last_mut().expect("an action");
        let known = !last.ends_with('*');
        last.pop();
        statement["Action"] = json!(all);
        known
    })
}

pub(super) fn bucket_only(template: &Value) -> Vec<Value> {
    each_statement(template, &["AWS::IAM::Policy"], |statement| {
        let reads = actions(statement)
            .iter()
            .all(|action| action.contains("Object"));
        let text = statement["Resource"].to_string();
        let objects = text.contains("an/*\"");
        let text = text.replace("an/*\"", "an\"");
        statement["Resource"] = serde_json::from_str(&text).expect("it stays JSON");
        reads && objects && !text.contains("/*\"")
    })
}

pub(super) fn everybody(template: &Value) -> Vec<Value> {
    each_statement(template, &RESOURCE_POLICIES, |statement| {
        let service = statement["Principal"].get("Service").is_some();
        statement["Principal"] = json!("*");
        remove(statement, "Condition");
        service
    })
}

pub(super) fn unconditional(template: &Value) -> Vec<Value> {
    each_statement(template, &RESOURCE_POLICIES, |statement| {
        let service = statement["Principal"].get("Service").is_some();
        service && remove(statement, "Condition")
    })
}

pub(super) fn without_account(template: &Value) -> Vec<Value> {
    each(template, &["AWS::Lambda::Permission"], |permission| {
        let s3 = permission["Properties"]["Principal"] == "s3.amazonaws.com";
        s3 && remove_property(permission, "SourceAccount")
    })
}

pub(super) fn trusted(template: &Value) -> Vec<Value> {
    each(template, &["AWS::IAM::Role"], |role| {
        let statement = role.pointer_mut("/Properties/AssumeRolePolicyDocument/Statement/0");
        let statement = statement.expect("a role is assumed by somebody");
        statement["Principal"] = json!({ "AWS": "*" });
        remove(statement, "Condition");
        true
    })
}
