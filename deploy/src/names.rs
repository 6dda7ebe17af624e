//! Fixed names of resources that outlive their stack, written out for the account and region that they go to.
//!
//! A bucket's name holds the account and the region, and its template says so by an expression. CloudFormation
//! finds a resource that exists already only by a name that is written out, so the names of what is retained
//! are, before the template is sent. The value is the same, so no resource notices.

use serde_json::{Map, Value};

use crate::assembly::{in_place, partition};

/// The template with the names of retained resources written out.
#[must_use]
pub fn written_out(template: &Value, account: &str, region: &str) -> Value {
    let mut template = template.clone();
    for (_, resource) in template["Resources"].as_object_mut().into_iter().flatten() {
        let is_kept = resource["DeletionPolicy"]
            .as_str()
            .is_some_and(|policy| policy.starts_with("Retain"));
        let properties = resource
            .get_mut("Properties")
            .filter(|_| is_kept)
            .and_then(Value::as_object_mut);
        for (name, value) in properties.into_iter().flatten() {
            if name.ends_with("Name")
                && value.is_object()
                && let Some(text) = text(value, account, region)
            {
                *value = Value::String(text);
            }
        }
    }
    template
}

/// A deployed template whose written-out names are what the program says again: [`written_out`], back. For a comparison
/// with what the program says; a name that really is another stays what it is.
#[must_use]
pub fn as_said(deployed: &Value, said: &Value, account: &str, region: &str) -> Value {
    let mut deployed = deployed.clone();
    let sent = written_out(said, account, region);
    for (id, resource) in deployed["Resources"].as_object_mut().into_iter().flatten() {
        let of = |template: &Value| template["Resources"][id]["Properties"].clone();
        let (said, sent) = (of(said), of(&sent));
        let properties = resource
            .get_mut("Properties")
            .and_then(Value::as_object_mut);
        for (name, value) in properties.into_iter().flatten() {
            if sent[name] != said[name] && *value == sent[name] {
                *value = said[name].clone();
            }
        }
    }
    deployed
}

/// The text that an expression comes to, when it needs no more than the account and the region.
fn text(value: &Value, account: &str, region: &str) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(members) => call(members, account, region),
        _ => None,
    }
}

fn call(members: &Map<String, Value>, account: &str, region: &str) -> Option<String> {
    let (function, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    match (function.as_str(), argument) {
        ("Ref", Value::String(name)) => match name.as_str() {
            "AWS::AccountId" => Some(account.to_owned()),
            "AWS::Region" => Some(region.to_owned()),
            "AWS::Partition" => Some(partition(region).to_owned()),
            _ => None,
        },
        ("Fn::Sub", Value::String(text)) => {
            let text = in_place(text, account, region);
            (!text.contains("${")).then_some(text)
        }
        ("Fn::Join", Value::Array(parts)) => {
            let [Value::String(separator), Value::Array(items)] = &parts[..] else {
                return None;
            };
            let texts: Option<Vec<_>> = items
                .iter()
                .map(|item| self::text(item, account, region))
                .collect();
            texts.map(|texts| texts.join(separator))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn name_of(policy: &str, name: &Value) -> Value {
        let bucket = json!({ "DeletionPolicy": policy, "Properties": { "BucketName": name, "Other": name } });
        let template = written_out(
            &json!({ "Resources": { "A": bucket } }),
            "123456789012",
            "eu-central-1",
        );
        assert_eq!(template["Resources"]["A"]["Properties"]["Other"], *name);
        template["Resources"]["A"]["Properties"]["BucketName"].clone()
    }

    #[test]
    fn names_of_what_stays_are_written_out() {
        let sub = json!({ "Fn::Sub": "up-${AWS::AccountId}-${AWS::Region}" });
        let join = json!({ "Fn::Join": ["-", ["up", { "Ref": "AWS::AccountId" }, { "Ref": "AWS::Region" }]] });
        for name in [&sub, &join] {
            assert_eq!(name_of("Retain", name), "up-123456789012-eu-central-1");
            assert_eq!(
                name_of("RetainExceptOnCreate", name),
                "up-123456789012-eu-central-1"
            );
            assert_eq!(name_of("Delete", name), *name);
        }
    }

    #[test]
    fn names_that_were_written_out_are_what_the_program_says_again() {
        let bucket = |name: Value| {
            json!({ "Resources": { "A": { "DeletionPolicy": "Retain",
            "Properties": { "BucketName": name } } } })
        };
        let said = bucket(json!({ "Fn::Sub": "up-${AWS::AccountId}" }));
        let back =
            |name: &str| as_said(&bucket(json!(name)), &said, "123456789012", "eu-central-1");
        assert_eq!(back("up-123456789012"), said);
        assert_eq!(back("up-210987654321"), bucket(json!("up-210987654321")));
        let other = json!({ "Resources": { "B": { "Type": "T" } } });
        assert_eq!(as_said(&other, &said, "1", "r"), other);
    }

    #[test]
    fn names_that_need_more_stay_expressions() {
        for name in [
            json!({ "Ref": "Name" }),
            json!({ "Fn::Sub": "${Name}-a" }),
            json!({ "Fn::Sub": ["a", {}] }),
        ] {
            assert_eq!(name_of("Retain", &name), name);
        }
    }
}
