//! Faults of resources: what they are set to, and what they refer to.

use serde_json::{Value, json};

use super::copies::{
    QUEUE, each, each_notification, each_of, fifo, referred, remove, remove_property, targets,
};
use crate::clean::names;

pub(super) const DATA: [&str; 6] = [
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
];

pub(super) fn dangling(template: &Value) -> Vec<Value> {
    each(template, &[], |resource| {
        let text = resource["Properties"].to_string();
        let Some((before, after)) = text.split_once("{\"Ref\":\"") else {
            return false;
        };
        let (name, rest) = after.split_once('"').expect("a text ends");
        if name.starts_with("AWS::") {
            return false;
        }
        let short = &name[..name.len() - 1];
        let text = format!("{before}{{\"Ref\":\"{short}\"{rest}");
        resource["Properties"] = serde_json::from_str(&text).expect("it stays JSON");
        true
    })
}

pub(super) fn circle(template: &Value) -> Vec<Value> {
    let mut changed = Vec::new();
    for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
        for other in names(&resource["DependsOn"]) {
            let mut copy = template.clone();
            copy["Resources"][other]["DependsOn"] = json!(id);
            changed.push(copy);
        }
    }
    changed
}

pub(super) fn key(template: &Value) -> Vec<Value> {
    each(template, &["AWS::CloudWatch::Alarm"], |alarm| {
        let key = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
        alarm["Properties"]["AlarmDescription"] = json!(format!("call with {key}"));
        true
    })
}

pub(super) fn twice(template: &Value) -> Vec<Value> {
    each_notification(template, |told, number| told.push(told[number].clone()))
}

pub(super) fn event(template: &Value) -> Vec<Value> {
    each_notification(template, |told, number| {
        let mut event = told[number]["Event"].as_str().expect("a text").to_owned();
        event.remove("s3:Obj".len());
        told[number]["Event"] = json!(event);
    })
}

pub(super) fn hidden_shortly(template: &Value) -> Vec<Value> {
    let sources = targets(
        template,
        "AWS::Lambda::EventSourceMapping",
        &["EventSourceArn"],
    );
    let mut queues = sources;
    queues.retain(|id| template["Resources"][id]["Type"] == QUEUE);
    each_of(template, queues, |queue| {
        queue["Properties"]["VisibilityTimeout"] = json!(1);
    })
}

pub(super) fn password(template: &Value) -> Vec<Value> {
    each(template, &["AWS::Lambda::Function"], |function| {
        function["Properties"]["Environment"]["Variables"]["DB_PASSWORD"] = json!("hunter2");
        true
    })
}

pub(super) fn unkept(template: &Value) -> Vec<Value> {
    each(template, &DATA, |resource| {
        remove(resource, "DeletionPolicy")
    })
}

pub(super) fn replaced(template: &Value) -> Vec<Value> {
    each(template, &DATA, |resource| {
        remove(resource, "UpdateReplacePolicy")
    })
}

pub(super) fn unencrypted(template: &Value) -> Vec<Value> {
    each(template, &[QUEUE], |queue| {
        queue["Properties"]["SqsManagedSseEnabled"] = json!(false);
        queue["Properties"].get("KmsMasterKeyId").is_none()
    })
}

pub(super) fn endless(template: &Value) -> Vec<Value> {
    each(template, &["AWS::Logs::LogGroup"], |group| {
        remove_property(group, "RetentionInDays")
    })
}

pub(super) fn silent(template: &Value) -> Vec<Value> {
    each(template, &["AWS::CloudWatch::Alarm"], |alarm| {
        let others = ["OKActions", "InsufficientDataActions"];
        let had = remove_property(alarm, "AlarmActions");
        for name in others {
            remove_property(alarm, name);
        }
        had
    })
}

pub(super) fn told_fifo(template: &Value) -> Vec<Value> {
    let mut queues = Vec::new();
    for resource in template["Resources"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(_, one)| one)
    {
        let told = &resource["Properties"]["NotificationConfiguration"]["QueueConfigurations"];
        let told = told.as_array().into_iter().flatten();
        queues.extend(
            told.filter_map(|one| referred(&one["Queue"]))
                .map(str::to_owned),
        );
    }
    queues.sort();
    queues.dedup();
    each_of(template, queues, fifo)
}

pub(super) fn failures_fifo(template: &Value) -> Vec<Value> {
    let place = "DestinationConfig/OnFailure/Destination";
    let mut queues = targets(template, "AWS::Lambda::EventInvokeConfig", &[place]);
    queues.retain(|id| template["Resources"][id]["Type"] == QUEUE);
    each_of(template, queues, fifo)
}

pub(super) fn unblocked(template: &Value) -> Vec<Value> {
    let mut changed = Vec::new();
    for flag in [
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    ] {
        changed.extend(each(template, &["AWS::S3::Bucket"], |bucket| {
            bucket["Properties"]["PublicAccessBlockConfiguration"][flag] = json!(false);
            true
        }));
    }
    changed
}

pub(super) fn fifo_name(template: &Value) -> Vec<Value> {
    each(template, &[QUEUE], |queue| {
        queue["Properties"]["QueueName"] = json!("jobs.fifo");
        queue["Properties"].get("FifoQueue").is_none()
    })
}

pub(super) fn fifo_source(template: &Value) -> Vec<Value> {
    each(template, &[QUEUE], |queue| {
        let standard = queue["Properties"].get("FifoQueue").is_none();
        fifo(queue);
        standard && queue["Properties"].get("RedrivePolicy").is_some()
    })
}

pub(super) fn parameter(template: &Value) -> Vec<Value> {
    let mut copy = template.clone();
    copy["Parameters"]["DbPassword"] = json!({ "Type": "String", "Shown": true });
    vec![copy]
}
