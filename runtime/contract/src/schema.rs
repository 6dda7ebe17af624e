//! JSON Schemas of everything that is agreed on here: what stands in a function's environment, what
//! that means, and the messages between handlers and workers.
//!
//! `cargo xtask schema` writes them to `docs/schema`. A handler that is new does not compile without its
//! lines here, and a type without a place in any of the schemas fails `cargo xtask tidy`.

use schemars::{Schema, json_schema, schema_for};
use serde_json::{Map, Value, json};

use crate::{
    BucketNotifications, CacheSync, Forward, Handler, ObjectIndex, ObjectMessage, PipelineStatus,
    PipelineStatusAnswer, Rebuild, Rebuilt, Reconcile, Reconciled, Replicate, SsmSync, StatusAsk,
    Submit, Variable, Worker,
};

/// Every schema by the name of its file, such as `forward.environment`; sorted.
#[must_use]
pub fn all() -> Vec<(String, Schema)> {
    let mut schemas: Vec<_> = payloads()
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect();
    let own = ObjectIndex::VARIABLES;
    schemas.push((
        "object-index.environment".to_owned(),
        environment("a program with an index", own),
    ));
    schemas.push(("object-index.settings".to_owned(), schema_for!(ObjectIndex)));
    let worker = environment("the worker of a queue", Worker::VARIABLES);
    schemas.push(("worker.environment".to_owned(), worker));
    schemas.push(("worker.settings".to_owned(), schema_for!(Worker)));
    for handler in Handler::ALL {
        let (variables, settings) = settings(*handler);
        let environment = environment(handler.name(), variables);
        schemas.push((format!("{handler}.environment"), environment));
        schemas.push((format!("{handler}.settings"), settings));
    }
    schemas.sort_by(|(left, _), (right, _)| left.cmp(right));
    schemas
}

/// The variables of a handler, and the type that they are read into.
fn settings(handler: Handler) -> (&'static [Variable], Schema) {
    match handler {
        // Nothing stands in its environment; a template gives it properties.
        Handler::BucketNotifications => (&[], schema_for!(BucketNotifications)),
        Handler::CacheSync => (CacheSync::VARIABLES, schema_for!(CacheSync)),
        Handler::Forward => (Forward::VARIABLES, schema_for!(Forward)),
        // What it has to know comes with the question.
        Handler::PipelineStatus => (&[], schema_for!(PipelineStatus)),
        Handler::Replicate => (Replicate::VARIABLES, schema_for!(Replicate)),
        Handler::SsmSync => (SsmSync::VARIABLES, schema_for!(SsmSync)),
        Handler::Submit => (Submit::VARIABLES, schema_for!(Submit)),
    }
}

/// What handlers are sent and send, other than events of AWS.
fn payloads() -> Vec<(&'static str, Schema)> {
    vec![
        ("object-message", schema_for!(ObjectMessage)),
        ("rebuild", schema_for!(Rebuild)),
        ("rebuilt", schema_for!(Rebuilt)),
        ("reconcile", schema_for!(Reconcile)),
        ("reconciled", schema_for!(Reconciled)),
        ("status", schema_for!(PipelineStatusAnswer)),
        ("status-ask", schema_for!(StatusAsk)),
    ]
}

/// An environment is an object of texts. Lambda puts more variables into it.
fn environment(of: &str, variables: &[Variable]) -> Schema {
    let mut named = Map::new();
    let mut numbered = Map::new();
    for Variable { name, holds } in variables {
        let text: Value = json!({"type": "string", "description": holds});
        match name.contains("<n>") {
            true => numbered.insert(format!("^{}$", name.replace("<n>", "[1-9][0-9]*")), text),
            false => named.insert((*name).to_owned(), text),
        };
    }
    json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Environment of {of}"),
        "description": "The environment variables of the function; <n> of a list is 1, 2, 3 and so on.",
        "type": "object",
        "properties": named,
        "patternProperties": numbered,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(name: &str) -> Value {
        let mut all = all().into_iter();
        let (_, schema) = all.find(|(found, _)| found == name).expect(name);
        schema.to_value()
    }

    #[test]
    fn every_handler_has_its_environment_and_settings() {
        let names: Vec<_> = all().into_iter().map(|(name, _)| name).collect();
        for handler in Handler::ALL {
            for part in ["environment", "settings"] {
                assert!(names.contains(&format!("{handler}.{part}")), "{names:?}");
            }
        }
        assert!(names.is_sorted());
    }

    #[test]
    fn an_environment_names_its_variables_and_the_patterns_of_its_lists() {
        let environment = schema("replicate.environment");
        assert!(environment["properties"]["CONCURRENCY"]["description"].is_string());
        let bucket = &environment["patternProperties"]["^DESTINATION_[1-9][0-9]*_BUCKET$"];
        assert_eq!(bucket["type"], "string");
    }

    #[test]
    fn what_people_may_ask_for_is_written_out_for_programs_that_derive_nothing() {
        let written: Value = serde_json::from_str(Rebuild::SCHEMA).unwrap();
        assert_eq!(written, schema("rebuild"), "copy docs/schema/rebuild.json");
        let written: Value = serde_json::from_str(StatusAsk::SCHEMA).unwrap();
        let copied = "copy docs/schema/status-ask.json";
        assert_eq!(written, schema("status-ask"), "{copied}");
    }

    #[test]
    fn a_message_has_the_names_that_stand_in_it() {
        let message = schema("object-message");
        assert!(message["properties"]["schemaVersion"].is_object());
        assert!(message["properties"]["keyEncoding"].is_object());
    }
}
