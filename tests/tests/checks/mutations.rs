//! Faults put into right templates, one at a time, at every place where a rule should see them.
//!
//! The templates are those of the examples, which are told of nothing. Each row of [`FAULTS`] names a rule and changes a
//! template at every place that fits; the table that the test prints (`--nocapture`) counts how many of the changes the
//! rule told, and each row says how many it has to tell at least.

use serde_json::{Value, json};

use crate::clean::{codes, names, templates};

/// A template with one fault for each place that fits.
type Fault = fn(&Value) -> Vec<Value>;

/// The rule, the fault in words, the smallest part of the changes that is told in percent, and the change.
const FAULTS: &[(&str, &str, usize, Fault)] = &[
    ("CW0102", "a name in a `Ref` loses a letter", 100, dangling),
    ("CW0103", "two resources wait for each other", 100, circle),
    ("CW0108", "a key in a description", 100, key),
    ("CW1101", "a notification twice", 100, twice),
    (
        "CW1104",
        "a source hides messages for a second",
        100,
        hidden_shortly,
    ),
    ("CW1202", "a password in a variable", 100, password),
    ("CW2001", "no DeletionPolicy", 100, unkept),
    ("CW2001", "no UpdateReplacePolicy", 100, replaced),
    ("CW2002", "no encryption of a queue", 100, unencrypted),
    ("CW2003", "no statement about TLS", 100, plain),
    ("CW2004", "no end of logs", 100, endless),
    ("CW2005", "an alarm without actions", 100, silent),
    ("CW2006", "a policy of 300 times its statements", 100, long),
    ("CW2011", "an event of S3 loses a letter", 100, event),
    (
        "CW2012",
        "a queue that S3 tells becomes FIFO",
        100,
        told_fifo,
    ),
    (
        "CW2013",
        "the bucket does not wait for the permission",
        100,
        too_early,
    ),
    ("CW2013", "the permission is gone", 100, not_permitted),
    ("CW2021", "failures go to a FIFO queue", 100, failures_fifo),
    (
        "CW2022",
        "no right to the queue of failures or of work",
        95,
        no_right,
    ),
    ("CW2023", "no right to the key of a queue", 100, no_key),
    (
        "CW2024",
        "a worker may send to its own queue",
        95,
        own_queue,
    ),
    ("CW2031", "an action loses its last letter", 100, action),
    ("CW2032", "objects become their bucket", 95, bucket_only),
    ("CW2033", "everybody in place of a service", 100, everybody),
    ("CW2033", "a block of public access is off", 100, unblocked),
    (
        "CW2034",
        "a service without a condition",
        100,
        unconditional,
    ),
    (
        "CW2034",
        "a permission without SourceAccount",
        100,
        without_account,
    ),
    ("CW2035", "every account may become a role", 100, trusted),
    (
        "CW2041",
        "a standard queue with a FIFO name",
        100,
        fifo_name,
    ),
    (
        "CW2041",
        "a FIFO queue with standard dead letters",
        100,
        fifo_source,
    ),
    ("CW2051", "a parameter for a password", 100, parameter),
];

#[test]
fn right_templates_are_told_of_nothing() {
    for (name, template) in templates() {
        assert_eq!(codes(&template), [], "{name}");
    }
}

#[test]
fn every_fault_is_told_by_its_rule() {
    let templates = templates();
    let mut table = String::new();
    let mut wrong = String::new();
    for (code, fault, least, change) in FAULTS {
        let (mut told, mut all) = (0, 0);
        let mut missed = String::new();
        for (name, template) in &templates {
            for changed in change(template) {
                all += 1;
                if codes(&changed).iter().any(|(found, _)| found == code) {
                    told += 1;
                } else if missed.is_empty() {
                    missed = format!("{name}: {}", difference(template, &changed));
                }
            }
        }
        let part = told * 100 / all.max(1);
        table += &format!("{code}  {told:>4} of {all:>4}  {part:>3} %  {fault}  {missed}\n");
        if all == 0 || part < *least {
            wrong += &format!("{code} ({fault}): {told} of {all}, expected {least} %: {missed}\n");
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{wrong}\n{table}");
}

/// The first resource that differs.
fn difference(old: &Value, new: &Value) -> String {
    let resources = old["Resources"].as_object().into_iter().flatten();
    let changed = resources.filter(|(id, resource)| new["Resources"][id.as_str()] != **resource);
    changed.map(|(id, _)| id.clone()).take(1).collect()
}

/// A copy for every resource of the kinds for which `change` finds something to change.
fn each(template: &Value, kinds: &[&str], change: impl Fn(&mut Value) -> bool) -> Vec<Value> {
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
fn each_statement(
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

fn remove(resource: &mut Value, member: &str) -> bool {
    resource
        .as_object_mut()
        .is_some_and(|all| all.remove(member).is_some())
}

fn remove_property(resource: &mut Value, name: &str) -> bool {
    resource
        .get_mut("Properties")
        .is_some_and(|all| remove(all, name))
}

const DATA: [&str; 6] = [
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
];
const QUEUE: &str = "AWS::SQS::Queue";
const RESOURCE_POLICIES: [&str; 3] = [
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
];
const LISTS: [(&str, &str); 3] = [
    ("LambdaConfigurations", "Function"),
    ("QueueConfigurations", "Queue"),
    ("TopicConfigurations", "Topic"),
];

fn dangling(template: &Value) -> Vec<Value> {
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

fn circle(template: &Value) -> Vec<Value> {
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

fn key(template: &Value) -> Vec<Value> {
    each(template, &["AWS::CloudWatch::Alarm"], |alarm| {
        let key = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
        alarm["Properties"]["AlarmDescription"] = json!(format!("call with {key}"));
        true
    })
}

/// The entries of a bucket's notifications.
fn each_notification(template: &Value, change: impl Fn(&mut Vec<Value>, usize)) -> Vec<Value> {
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

fn twice(template: &Value) -> Vec<Value> {
    each_notification(template, |told, number| told.push(told[number].clone()))
}

fn event(template: &Value) -> Vec<Value> {
    each_notification(template, |told, number| {
        let mut event = told[number]["Event"].as_str().expect("a text").to_owned();
        event.remove("s3:Obj".len());
        told[number]["Event"] = json!(event);
    })
}

/// The logical ids that values at these places of resources of a kind refer to.
fn targets(template: &Value, kind: &str, places: &[&str]) -> Vec<String> {
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

fn referred(value: &Value) -> Option<&str> {
    value["Ref"]
        .as_str()
        .or_else(|| value["Fn::GetAtt"][0].as_str())
}

/// A copy for each of these resources that is there.
fn each_of(template: &Value, ids: Vec<String>, change: impl Fn(&mut Value)) -> Vec<Value> {
    let there = |id: &String| template["Resources"].get(id).is_some();
    let copy = |id: String| {
        let mut copy = template.clone();
        change(&mut copy["Resources"][&id]);
        copy
    };
    ids.into_iter().filter(there).map(copy).collect()
}

fn hidden_shortly(template: &Value) -> Vec<Value> {
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

fn password(template: &Value) -> Vec<Value> {
    each(template, &["AWS::Lambda::Function"], |function| {
        function["Properties"]["Environment"]["Variables"]["DB_PASSWORD"] = json!("hunter2");
        true
    })
}

fn unkept(template: &Value) -> Vec<Value> {
    each(template, &DATA, |resource| {
        remove(resource, "DeletionPolicy")
    })
}

fn replaced(template: &Value) -> Vec<Value> {
    each(template, &DATA, |resource| {
        remove(resource, "UpdateReplacePolicy")
    })
}

fn unencrypted(template: &Value) -> Vec<Value> {
    each(template, &[QUEUE], |queue| {
        queue["Properties"]["SqsManagedSseEnabled"] = json!(false);
        queue["Properties"].get("KmsMasterKeyId").is_none()
    })
}

fn plain(template: &Value) -> Vec<Value> {
    each_statement(template, &RESOURCE_POLICIES, |statement| {
        let secure = statement["Condition"]["Bool"]
            .get("aws:SecureTransport")
            .is_some();
        statement["Effect"] = json!("Allow");
        statement["Principal"] = json!({ "AWS": "123456789012" });
        secure
    })
}

fn endless(template: &Value) -> Vec<Value> {
    each(template, &["AWS::Logs::LogGroup"], |group| {
        remove_property(group, "RetentionInDays")
    })
}

fn silent(template: &Value) -> Vec<Value> {
    each(template, &["AWS::CloudWatch::Alarm"], |alarm| {
        let others = ["OKActions", "InsufficientDataActions"];
        let had = remove_property(alarm, "AlarmActions");
        for name in others {
            remove_property(alarm, name);
        }
        had
    })
}

fn long(template: &Value) -> Vec<Value> {
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

fn fifo(queue: &mut Value) {
    queue["Properties"]["FifoQueue"] = json!(true);
}

fn told_fifo(template: &Value) -> Vec<Value> {
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

/// The permissions that a bucket waits for.
fn permissions(template: &Value) -> Vec<String> {
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

fn too_early(template: &Value) -> Vec<Value> {
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

fn not_permitted(template: &Value) -> Vec<Value> {
    let without = |id: String| {
        let mut copy = template.clone();
        remove(&mut copy["Resources"], &id);
        copy
    };
    permissions(template).into_iter().map(without).collect()
}

fn failures_fifo(template: &Value) -> Vec<Value> {
    let place = "DestinationConfig/OnFailure/Destination";
    let mut queues = targets(template, "AWS::Lambda::EventInvokeConfig", &[place]);
    queues.retain(|id| template["Resources"][id]["Type"] == QUEUE);
    each_of(template, queues, fifo)
}

fn actions(statement: &Value) -> Vec<&str> {
    names(&statement["Action"])
}

/// The queues that a service of AWS looks at with the rights of a function: its work and its failures.
fn no_right(template: &Value) -> Vec<Value> {
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
fn no_key(template: &Value) -> Vec<Value> {
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

fn own_queue(template: &Value) -> Vec<Value> {
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

fn action(template: &Value) -> Vec<Value> {
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

fn bucket_only(template: &Value) -> Vec<Value> {
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

fn everybody(template: &Value) -> Vec<Value> {
    each_statement(template, &RESOURCE_POLICIES, |statement| {
        let service = statement["Principal"].get("Service").is_some();
        statement["Principal"] = json!("*");
        remove(statement, "Condition");
        service
    })
}

fn unblocked(template: &Value) -> Vec<Value> {
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

fn unconditional(template: &Value) -> Vec<Value> {
    each_statement(template, &RESOURCE_POLICIES, |statement| {
        let service = statement["Principal"].get("Service").is_some();
        service && remove(statement, "Condition")
    })
}

fn without_account(template: &Value) -> Vec<Value> {
    each(template, &["AWS::Lambda::Permission"], |permission| {
        let s3 = permission["Properties"]["Principal"] == "s3.amazonaws.com";
        s3 && remove_property(permission, "SourceAccount")
    })
}

fn trusted(template: &Value) -> Vec<Value> {
    each(template, &["AWS::IAM::Role"], |role| {
        let statement = role.pointer_mut("/Properties/AssumeRolePolicyDocument/Statement/0");
        let statement = statement.expect("a role is assumed by somebody");
        statement["Principal"] = json!({ "AWS": "*" });
        remove(statement, "Condition");
        true
    })
}

fn fifo_name(template: &Value) -> Vec<Value> {
    each(template, &[QUEUE], |queue| {
        queue["Properties"]["QueueName"] = json!("jobs.fifo");
        queue["Properties"].get("FifoQueue").is_none()
    })
}

fn fifo_source(template: &Value) -> Vec<Value> {
    each(template, &[QUEUE], |queue| {
        let standard = queue["Properties"].get("FifoQueue").is_none();
        fifo(queue);
        standard && queue["Properties"].get("RedrivePolicy").is_some()
    })
}

fn parameter(template: &Value) -> Vec<Value> {
    let mut copy = template.clone();
    copy["Parameters"]["DbPassword"] = json!({ "Type": "String", "Shown": true });
    vec![copy]
}
