//! What the verbs of deployment, `graph` and `review` print with `--json`, held against the schemas that `docs/schema` has of it.

use std::fs;

use cloudwright_deploy::documents;
use serde_json::{Deserializer, Value};

use crate::tools::workspace;

/// Verbs of two words.
const FAMILIES: [&str; 3] = ["dead-letters", "local", "secret"];

/// Holds every document that a program printed against the schema of its verb.
///
/// # Panics
/// If one is not as the schema says, or the verb has none.
#[track_caller]
pub fn check(arguments: &[String], printed: &str) {
    if !arguments.iter().any(|argument| argument == "--json") {
        return;
    }
    let verb = verb(arguments);
    for document in Deserializer::from_str(printed).into_iter::<Value>() {
        let document = document.unwrap_or_else(|why| panic!("{verb}: {why}: {printed}"));
        require(&verb, &document);
    }
}

/// Holds a document against the schema of a verb.
///
/// # Panics
/// As [`check`].
#[track_caller]
pub fn require(verb: &str, document: &Value) {
    let name = documents::of(verb).unwrap_or_else(|| panic!("`{verb}` has no schema"));
    let file = workspace().join(format!("docs/schema/{name}.json"));
    let schema = fs::read_to_string(&file).expect("`cargo xtask schema` has written it");
    let schema: Value = serde_json::from_str(&schema).expect("a schema is JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("it is a schema");
    let wrong: Vec<_> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{name}: {wrong:#?} in {document:#}");
}

/// The verb of a command line, as the list of documents names it.
fn verb(arguments: &[String]) -> String {
    let words: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .take_while(|word| !word.starts_with('-'))
        .collect();
    let own = [["local", "up"], ["local", "down"], ["local", "env"]];
    match words[..] {
        ["local", verb, ..] if !own.contains(&["local", verb]) => self::verb(&arguments[1..]),
        [family, verb, ..] if FAMILIES.contains(&family) => format!("{family} {verb}"),
        ["run", _, ..] => "run CONSTRUCT OPERATION".to_owned(),
        ["diff", ..] => "diff --deployed".to_owned(),
        [verb, ..] => verb.to_owned(),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(line: &str, printed: &str) {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        check(&words, printed);
    }

    #[test]
    fn documents_are_held_against_the_schema_of_their_verb() {
        let outputs = json!({ "version": 1, "stacks": { "Mail": { "Url": "https://x" } } });
        checked("outputs --json", &outputs.to_string());
        checked(
            "local outputs Mail --json",
            &format!("{outputs}\n{outputs}"),
        );
        checked("outputs", "Mail  Url  https://x");
        let down = json!({ "version": 1, "state": "stopped" });
        checked("local down --json", &down.to_string());
    }

    #[test]
    #[should_panic(expected = "more")]
    fn a_member_that_no_schema_names_is_told() {
        checked(
            "outputs --json",
            r#"{ "version": 1, "stacks": {}, "more": 1 }"#,
        );
    }

    #[test]
    #[should_panic(expected = "version")]
    fn a_member_that_is_missing_is_told() {
        checked("local env --json", r#"{ "unset": [], "variables": {} }"#);
    }
}
