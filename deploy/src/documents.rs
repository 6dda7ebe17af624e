//! What the verbs of deployment, `graph`, `review` and `check` print with `--json`, as types that their JSON Schemas are made of.
//!
//! Nothing is written through these types: the verbs write their documents out, so that nobody who deploys compiles a
//! derive. `cargo xtask schema` writes the schemas to `docs/schema/cli.*.json`, and every document that a verb prints in
//! the tests on the local AWS is held against the schema of its verb ([`of`]).
//!
//! A document has every member that its schema names, and no other; what is not known is `null`. `version` is 1 until
//! a member goes away or means something else. A member that is added is no other version: who reads along leaves alone
//! what it does not know.

mod differences;
mod findings;
mod machine;
mod reviewed;
mod running;
mod stacks;

use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

pub use differences::Differences;
pub use findings::Checked;
pub use machine::{Checks, EngineDown, EngineUp, Environment};
pub use reviewed::{Picture, Reviewed};
pub use running::{
    Alarms, Called, Functions, Letters, LogLine, Operations, Queues, Ran, Redriven, SecretDone,
    SecretKeys,
};
pub use stacks::{Drifts, Ended, Events, Outputs, OutputsFile, Published, Resources, Statuses};

/// The name of the list of members that a document may lack, in the attributes of a type.
const OPTIONAL: &str = "x-optional";

/// Declares the list of documents: name, type, and the verbs that print it.
macro_rules! documents {
    ($($name:literal $document:ident [$($verb:literal),*];)*) => {
        /// Every schema by the name of its file, such as `cli.deploy`.
        #[must_use]
        pub fn all() -> Vec<(String, Schema)> {
            vec![$((concat!("cli.", $name).to_owned(), schema::<$document>(&[$($verb),*]))),*]
        }

        /// The name of the schema of what a verb prints with `--json`; a verb of several words has them all, such as
        /// `secret put`.
        #[must_use]
        pub fn of(verb: &str) -> Option<&'static str> {
            match verb {
                $($($verb)|* => Some(concat!("cli.", $name)),)*
                _ => None,
            }
        }
    };
}

documents! {
    "alarms" Alarms ["alarms"];
    "check" Checked ["check"];
    "dead-letters-list" Queues ["dead-letters list"];
    "dead-letters-redrive" Redriven ["dead-letters redrive"];
    "dead-letters-show" Letters ["dead-letters show"];
    "deploy" Ended ["bootstrap", "cancel", "deploy", "destroy", "import", "rollback", "watch"];
    "diff" Differences ["diff --deployed"];
    "doctor" Checks ["doctor"];
    "drift" Drifts ["drift"];
    "events" Events ["events"];
    "graph" Picture ["graph"];
    "invoke" Called ["invoke"];
    "local-down" EngineDown ["local down"];
    "local-env" Environment ["local env"];
    "local-up" EngineUp ["local up"];
    "logs" LogLine ["logs"];
    "metrics" Functions ["metrics"];
    "operations" Operations ["run"];
    "outputs" Outputs ["outputs"];
    "outputs-file" OutputsFile ["deploy --outputs-file"];
    "publish" Published ["publish"];
    "resources" Resources ["resources"];
    "review" Reviewed ["review"];
    "run" Ran ["run CONSTRUCT OPERATION"];
    "secret" SecretDone ["secret put", "secret rotate"];
    "secret-show-keys" SecretKeys ["secret show-keys"];
    "status" Statuses ["status"];
}

/// The schema of a document, which says in its description who prints it.
fn schema<T: JsonSchema>(verbs: &[&str]) -> Schema {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<T>();
    Complete.transform(&mut schema);
    let of = verbs.join("`, `");
    let told = schema.get("description").and_then(Value::as_str);
    let told = format!("{} Printed by `{of}`.", told.unwrap_or_default());
    schema.insert("description".to_owned(), told.into());
    schema
}

/// Makes every member of an object required: one without a value is `null`.
struct Complete;

impl Transform for Complete {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        let optional = object.remove(OPTIONAL).unwrap_or_default();
        let optional: Vec<Value> = optional.as_array().cloned().unwrap_or_default();
        if let Some(members) = object.get("properties").and_then(Value::as_object) {
            let names = members.keys().map(|name| Value::from(name.clone()));
            let required = names.filter(|name| !optional.contains(name)).collect();
            object.insert("required".to_owned(), Value::Array(required));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_required_but_those_that_may_be_absent() {
        let all = all();
        let of = |name: &str| all.iter().find(|(found, _)| found == name).unwrap();
        let schema = of("cli.deploy").1.as_value();
        let required = &schema["$defs"]["EndedStack"]["required"];
        let names = ["after", "name", "outcome", "outputs", "path", "problem"];
        assert_eq!(required.as_array().unwrap().len(), names.len());
        assert!(
            names
                .iter()
                .all(|name| required.as_array().unwrap().contains(&(*name).into()))
        );
        assert_eq!(schema["additionalProperties"], false);
        assert!(
            schema["description"]
                .as_str()
                .unwrap()
                .contains("`rollback`")
        );
        let change = &of("cli.diff").1.as_value()["$defs"]["Change"]["required"];
        assert_eq!(change, &serde_json::json!(["path", "replacement"]));
        assert_eq!(
            super::of("dead-letters list"),
            Some("cli.dead-letters-list")
        );
        assert_eq!(super::of("completions"), None);
    }
}
