//! What the metadata of a template accepts, as `acknowledge` writes it.
//!
//! The engine reads no metadata by itself. What stands there for cfn-lint holds for its rules, which are cfn-lint's by
//! number, and what stands there for Guard holds for the rules of files.

use serde_json::Value;

use crate::cli::aws::engine::Told;

/// An ARN where a reference could stand.
const LITERAL_ARN: &str = "W9002";

/// The metadata of a template and of its resources.
pub(super) struct Accepted(Value);

impl Accepted {
    pub(super) fn of(template: &str) -> Self {
        Self(serde_json::from_str(template).unwrap_or_default())
    }

    pub(super) fn accepts(&self, told: &Told) -> bool {
        let id = told.id.as_deref().unwrap_or_default();
        let resource = &self.0["Resources"][id]["Metadata"];
        if told.is_guard {
            return names(&resource["guard"]["SuppressedRules"]).any(|name| name == told.code);
        }
        let is_named = [&self.0["Metadata"], resource].into_iter().any(|metadata| {
            names(&metadata["cfn-lint"]["config"]["ignore_checks"])
                .any(|name| is_named(&told.code, name))
        });
        is_named || (told.code == LITERAL_ARN && self.would_be_a_circle(id))
    }

    /// Whether a permission cannot refer to the bucket that it lets in, since the bucket waits for it: its notifications
    /// are refused as long as they may not be sent. Its ARN is said by its known name.
    fn would_be_a_circle(&self, id: &str) -> bool {
        let resources = self.0["Resources"].as_object();
        let waits = |resource: &Value| {
            resource["Type"] == "AWS::S3::Bucket"
                && names(&resource["DependsOn"]).any(|name| name == id)
        };
        self.0["Resources"][id]["Type"] == "AWS::Lambda::Permission"
            && resources.is_some_and(|all| all.values().any(waits))
    }
}

/// The texts of a list, or a text that stands for a list of one.
fn names(list: &Value) -> impl Iterator<Item = &str> {
    let items = list
        .as_array()
        .map_or(std::slice::from_ref(list), Vec::as_slice);
    items.iter().filter_map(Value::as_str)
}

/// Whether a name of cfn-lint means a rule: it may be the beginning of one, and cfn-lint knows no fatal ones: its `E3002`
/// is `F3002` here.
fn is_named(code: &str, name: &str) -> bool {
    let fatal = code.strip_prefix('F');
    !name.is_empty()
        && (code.starts_with(name)
            || name
                .strip_prefix('E')
                .zip(fatal)
                .is_some_and(|(name, code)| code.starts_with(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_rule_or_the_beginning_of_some() {
        assert!(is_named("W2001", "W2001"));
        assert!(is_named("W2001", "W2"));
        assert!(is_named("F3002", "E3002"));
        assert!(is_named("F3002", "F3002"));
        assert!(!is_named("W2001", "W2002"));
        assert!(!is_named("W3002", "E3002"));
        assert!(!is_named("E3002", ""));
    }

    #[test]
    fn a_literal_arn_is_accepted_where_a_reference_would_be_a_circle() {
        let told = |id: &str| Told {
            code: LITERAL_ARN.to_owned(),
            is_guard: false,
            is_error: false,
            message: String::new(),
            help: String::new(),
            id: Some(id.to_owned()),
        };
        let permission = serde_json::json!({ "Type": "AWS::Lambda::Permission" });
        for waits in [
            serde_json::json!("Waited"),
            serde_json::json!(["Other", "Waited"]),
        ] {
            let template = serde_json::json!({ "Resources": {
                "Waited": permission, "Alone": permission,
                "Bucket": { "Type": "AWS::S3::Bucket", "DependsOn": waits },
            } });
            let accepted = Accepted::of(&template.to_string());
            assert!(accepted.accepts(&told("Waited")));
            assert!(!accepted.accepts(&told("Alone")));
        }
    }

    #[test]
    fn metadata_accepts_by_the_dialect_of_the_tool() {
        let accepted = Accepted::of(
            r#"{ "Metadata": { "cfn-lint": { "config": { "ignore_checks": ["W2001"] } } },
                 "Resources": { "Queue": { "Metadata": {
                     "cfn-lint": { "config": { "ignore_checks": ["E3502"] } },
                     "guard": { "SuppressedRules": ["NAMED"] } } } } }"#,
        );
        let accepts = |code: &str, is_guard, id: &str| {
            accepted.accepts(&Told {
                code: code.to_owned(),
                is_guard,
                is_error: true,
                message: String::new(),
                help: String::new(),
                id: Some(id.to_owned()),
            })
        };
        assert!(accepts("W2001", false, "Owner"));
        assert!(accepts("E3502", false, "Queue") && !accepts("E3502", false, "Other"));
        assert!(accepts("NAMED", true, "Queue") && !accepts("NAMED", true, "Other"));
        assert!(!accepts("NAMED", false, "Queue") && !accepts("E3502", true, "Queue"));
    }
}
