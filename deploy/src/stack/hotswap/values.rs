//! What an expression of a template comes to in a deployed stack, where that is known without CloudFormation.
//!
//! A name, a parameter, the account: these are known. An attribute of a resource, a dynamic reference or a
//! condition is not, and what is not known is left to CloudFormation.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::assembly::partition;
use crate::cloud::{Cloud, StackResource, StackState};

/// What a secret parameter reads as.
const HIDDEN: &str = "****";

/// The names that expressions of a deployed stack may use.
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Those of a stack: pseudo parameters, parameters, and resources by their physical ids.
    pub(super) fn of(
        cloud: &Cloud,
        state: &StackState,
        template: &Value,
        resources: &[StackResource],
    ) -> Self {
        let region = &cloud.region;
        let mut names = BTreeMap::from(
            [
                ("AWS::AccountId", cloud.account.as_str()),
                ("AWS::Region", region),
                ("AWS::Partition", partition(region)),
                ("AWS::StackName", &state.name),
                ("AWS::StackId", &state.id),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let is_there =
            |one: &&StackResource| !one.physical_id.is_empty() && one.status != "DELETE_COMPLETE";
        let resources = resources.iter().filter(is_there);
        names.extend(resources.map(|one| (one.id.clone(), one.physical_id.clone())));
        let is_plain = |name: &str, value: &str| {
            let kind = template["Parameters"][name]["Type"].as_str();
            value != HIDDEN && matches!(kind, Some("String" | "Number"))
        };
        let parameters = state.parameters.iter();
        let parameters = parameters.filter(|(name, value)| is_plain(name, value));
        names.extend(parameters.map(|(name, value)| (name.clone(), value.clone())));
        Self(names)
    }

    /// The physical id of a resource, or the value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The text that an expression comes to.
    pub(super) fn text(&self, value: &Value) -> Option<String> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Object(members) => self.call(members)?,
            Value::Array(_) | Value::Null => return None,
        };
        // A dynamic reference is read by CloudFormation alone.
        (!text.contains("{{resolve:")).then_some(text)
    }

    fn call(&self, members: &Map<String, Value>) -> Option<String> {
        let (function, argument) = members.iter().next().filter(|_| members.len() == 1)?;
        match (function.as_str(), argument) {
            ("Ref", Value::String(name)) => self.get(name).map(str::to_owned),
            ("Fn::Sub", Value::String(text)) => self.filled(text),
            ("Fn::Join", Value::Array(parts)) => {
                let [Value::String(separator), Value::Array(items)] = &parts[..] else {
                    return None;
                };
                let texts: Option<Vec<_>> = items.iter().map(|item| self.text(item)).collect();
                texts.map(|texts| texts.join(separator))
            }
            _ => None,
        }
    }

    /// A text with its `${..}` filled in.
    fn filled(&self, text: &str) -> Option<String> {
        let mut parts = text.split("${");
        let mut filled = parts.next()?.to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}')?;
            match name.strip_prefix('!') {
                Some(literal) => filled += &format!("${{{literal}}}"),
                None => filled += self.get(name.trim())?,
            }
            filled += rest;
        }
        Some(filled)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_filled_in_and_everything_else_is_not_known() {
        let names = [("AWS::Region", "eu-central-1"), ("Jobs", "http://jobs")];
        let names = names.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let names = Names(BTreeMap::from(names));
        let table = [
            (json!("plain"), Some("plain")),
            (json!(7), Some("7")),
            (json!(true), Some("true")),
            (json!({ "Ref": "Jobs" }), Some("http://jobs")),
            (
                json!({ "Fn::Sub": "a-${AWS::Region}-${!Jobs}" }),
                Some("a-eu-central-1-${Jobs}"),
            ),
            (
                json!({ "Fn::Join": ["/", ["a", { "Ref": "Jobs" }]] }),
                Some("a/http://jobs"),
            ),
            (json!({ "Ref": "Other" }), None),
            (json!({ "Fn::Sub": "${Jobs.Arn}" }), None),
            (json!({ "Fn::Sub": "${Jobs" }), None),
            (json!({ "Fn::GetAtt": ["Jobs", "Arn"] }), None),
            (json!({ "Fn::If": ["A", "b", "c"] }), None),
            (json!({ "Ref": "Jobs", "Fn::Sub": "" }), None),
            (json!("{{resolve:ssm:/a}}"), None),
            (json!(["a"]), None),
        ];
        for (value, text) in table {
            assert_eq!(names.text(&value).as_deref(), text, "{value}");
        }
    }
}
