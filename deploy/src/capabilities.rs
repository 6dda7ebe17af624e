//! Which capabilities a template needs. Only those are sent, and the review shows them.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html>

use serde_json::Value;

/// IAM types with the property that fixes their name.
const IAM: [(&str, &str); 7] = [
    ("AWS::IAM::AccessKey", ""),
    ("AWS::IAM::Group", "GroupName"),
    ("AWS::IAM::InstanceProfile", "InstanceProfileName"),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    ("AWS::IAM::Policy", ""),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::IAM::User", "UserName"),
];

/// The capabilities that a template needs, in the order of their names.
#[must_use]
pub fn needed(template: &Value) -> Vec<&'static str> {
    let resources = || {
        template["Resources"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, body)| body)
    };
    let kind = |body: &Value| body["Type"].as_str().unwrap_or_default().to_owned();
    let is_iam = |body: &Value| kind(body).starts_with("AWS::IAM::");
    let has_name = |body: &Value| {
        let row = IAM.iter().find(|(name, _)| body["Type"] == **name);
        row.is_some_and(|(_, name)| body["Properties"].get(*name).is_some())
    };
    let has_stack = resources().any(|body| kind(body) == "AWS::CloudFormation::Stack");
    let has_macro = template.get("Transform").is_some()
        || resources().any(|body| body.get("Fn::Transform").is_some());
    let mut needed = Vec::new();
    if has_macro || has_stack {
        needed.push("CAPABILITY_AUTO_EXPAND");
    }
    // What a nested stack holds is in a template of its own.
    if resources().any(has_name) || has_stack {
        needed.push("CAPABILITY_NAMED_IAM");
    } else if resources().any(is_iam) || has_macro {
        needed.push("CAPABILITY_IAM");
    }
    needed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_template_needs() {
        let template = |kind: &str, properties: &Value| json!({ "Resources": { "A": { "Type": kind, "Properties": properties } } });
        let none = json!({});
        assert!(needed(&template("AWS::SQS::Queue", &none)).is_empty());
        assert_eq!(
            needed(&template("AWS::IAM::Role", &none)),
            ["CAPABILITY_IAM"]
        );
        assert_eq!(
            needed(&template("AWS::IAM::Role", &json!({ "RoleName": "a" }))),
            ["CAPABILITY_NAMED_IAM"]
        );
        assert_eq!(
            needed(&template("AWS::IAM::Policy", &json!({ "PolicyName": "a" }))),
            ["CAPABILITY_IAM"]
        );
        let nested = needed(&template("AWS::CloudFormation::Stack", &none));
        assert_eq!(nested, ["CAPABILITY_AUTO_EXPAND", "CAPABILITY_NAMED_IAM"]);
        let expanded = json!({ "Transform": "AWS::LanguageExtensions", "Resources": {} });
        assert_eq!(
            needed(&expanded),
            ["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM"]
        );
    }
}
