//! Checks a payload against its JSON Schema, before anything is sent.
//!
//! What constructs and `schemars` write is understood: types, members, lists, numbers, texts, choices and
//! references within the schema. Other words, such as `pattern`, are left to whoever gets the payload.

use cloudwright_diff::nearest;
use serde_json::{Map, Value};

/// What is wrong with a payload, each with its place; nothing if it is as the schema says.
#[must_use]
pub fn problems(schema: &Value, payload: &Value) -> Vec<String> {
    let mut check = Check {
        root: schema,
        found: Vec::new(),
    };
    check.value(schema, payload, &mut Vec::new(), 0);
    check.found
}

/// What a schema takes, in a line for people: `{"from": text (optional)}`.
#[must_use]
pub fn sketch(schema: &Value) -> String {
    let Some(members) = schema["properties"].as_object() else {
        return wanted(schema).unwrap_or_else(|| "any JSON".to_owned());
    };
    let member = |(name, of): (&String, &Value)| {
        let what = wanted(of).unwrap_or_else(|| "any JSON".to_owned());
        let optional = if required(schema, name) {
            ""
        } else {
            ", optional"
        };
        format!("\"{name}\": {what}{optional}")
    };
    let members: Vec<_> = members.iter().map(member).collect();
    format!("{{{}}}", members.join("; "))
}

/// What a plain word stands for where this schema is to be met: the text itself wherever a text fits, otherwise the
/// JSON that it is.
#[must_use]
pub fn of_word(schema: &Value, word: &str) -> Value {
    let text = Value::from(word);
    match serde_json::from_str(word) {
        Ok(value) if !problems(schema, &text).is_empty() => value,
        _ => text,
    }
}

/// How deep references may lead: a schema that refers to itself without end is let be.
const DEPTH: usize = 64;

struct Check<'a> {
    root: &'a Value,
    found: Vec<String>,
}

impl<'a> Check<'a> {
    fn value(&mut self, schema: &'a Value, value: &Value, path: &mut Vec<String>, depth: usize) {
        if schema == &Value::Bool(false) {
            return self.complain(path, "has no place here");
        }
        if let Some(place) = schema["$ref"].as_str().filter(|_| depth < DEPTH) {
            let there = place.strip_prefix('#').and_then(|at| self.root.pointer(at));
            if let Some(there) = there {
                self.value(there, value, path, depth + 1);
            }
        }
        let said = self.found.len();
        self.kind(schema, value, path);
        if self.found.len() == said {
            self.choices(schema, value, path, depth);
            self.size(schema, value, path);
            self.members(schema, value, path, depth);
            self.items(schema, value, path, depth);
        }
    }

    fn complain(&mut self, path: &[String], what: impl AsRef<str>) {
        let place = match path {
            [] => "the payload".to_owned(),
            path => format!("`{}`", path.join(".")),
        };
        self.found.push(format!("{place} {}", what.as_ref()));
    }

    fn kind(&mut self, schema: &Value, value: &Value, path: &[String]) {
        let is = |kind: &Value| kind.as_str().is_none_or(|kind| is_of(kind, value));
        let fits = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().any(is),
            kind => is(kind),
        };
        if let Some(wanted) = wanted(schema).filter(|_| !fits) {
            self.complain(path, format!("is to be {wanted}, got {value}"));
        }
        if let Some(only) = schema.get("const").filter(|only| *only != value) {
            self.complain(path, format!("is to be {only}, got {value}"));
        }
        if schema["enum"]
            .as_array()
            .is_some_and(|all| !all.contains(value))
        {
            let all: Vec<_> = schema["enum"].as_array().into_iter().flatten().collect();
            let all: Vec<_> = all.iter().map(ToString::to_string).collect();
            self.complain(
                path,
                format!("is to be one of {}, got {value}", all.join(", ")),
            );
        }
    }

    fn choices(&mut self, schema: &'a Value, value: &Value, path: &mut Vec<String>, depth: usize) {
        let list = |name: &str| {
            schema[name]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default()
        };
        for part in list("allOf").iter().filter(|_| depth < DEPTH) {
            self.value(part, value, path, depth + 1);
        }
        for name in ["anyOf", "oneOf"] {
            let choices = list(name);
            let fits = |choice: &'a Value| {
                let mut check = Check {
                    root: self.root,
                    found: Vec::new(),
                };
                check.value(choice, value, &mut path.clone(), depth + 1);
                check.found.is_empty()
            };
            if !choices.is_empty() && depth < DEPTH && !choices.iter().any(fits) {
                let wanted: Vec<_> = choices.iter().filter_map(wanted).collect();
                self.complain(
                    path,
                    format!("is to be {}, got {value}", wanted.join(" or ")),
                );
            }
        }
    }

    fn size(&mut self, schema: &Value, value: &Value, path: &[String]) {
        let (size, names, unit) = match value {
            Value::Number(number) => (number.as_f64(), ["minimum", "maximum"], ""),
            Value::String(text) => (
                Some(text.chars().count() as f64),
                ["minLength", "maxLength"],
                " letters",
            ),
            Value::Array(items) => (Some(items.len() as f64), ["minItems", "maxItems"], " items"),
            _ => return,
        };
        let Some(size) = size else { return };
        let [least, most] = names.map(|name| schema[name].as_f64());
        if let Some(least) = least.filter(|least| size < *least) {
            self.complain(
                path,
                format!("is to have at least {least}{unit}, got {size}"),
            );
        }
        if let Some(most) = most.filter(|most| size > *most) {
            self.complain(path, format!("is to have at most {most}{unit}, got {size}"));
        }
    }

    fn members(&mut self, schema: &'a Value, value: &Value, path: &mut Vec<String>, depth: usize) {
        let Some(members) = value.as_object() else {
            return;
        };
        let none = Map::new();
        let known = schema["properties"].as_object();
        let names = schema["required"].as_array().into_iter().flatten();
        for name in names.filter_map(Value::as_str) {
            if !members.contains_key(name) {
                self.complain(path, format!("lacks the member \"{name}\""));
            }
        }
        for (name, member) in members {
            path.push(name.clone());
            match known.and_then(|known| known.get(name)) {
                Some(of) => self.value(of, member, path, depth + 1),
                None if schema["additionalProperties"] == false => {
                    let near = nearest(name, known.unwrap_or(&none).keys().map(String::as_str));
                    let near = near.map(|near| format!(", did you mean \"{near}\"?"));
                    self.complain(
                        path,
                        format!("is not a known member{}", near.unwrap_or_default()),
                    );
                }
                None => {
                    if let Some(of) = schema.get("additionalProperties") {
                        self.value(of, member, path, depth + 1);
                    }
                }
            }
            path.pop();
        }
    }

    fn items(&mut self, schema: &'a Value, value: &Value, path: &mut Vec<String>, depth: usize) {
        let Some((of, items)) = schema.get("items").zip(value.as_array()) else {
            return;
        };
        for (at, item) in items.iter().enumerate() {
            path.push(at.to_string());
            self.value(of, item, path, depth + 1);
            path.pop();
        }
    }
}

/// Whether an object has to have this member.
#[must_use]
pub fn required(schema: &Value, name: &str) -> bool {
    let mut names = schema["required"].as_array().into_iter().flatten();
    names.any(|required| required == name)
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    }
}

/// What a schema wants, in words; `None` if it does not say.
fn wanted(schema: &Value) -> Option<String> {
    let word = |kind: &Value| {
        let word = match kind.as_str()? {
            "null" => "null",
            "boolean" => "true or false",
            "object" => "an object",
            "array" => "a list",
            "string" => "a text",
            "number" => "a number",
            "integer" => "a whole number",
            other => other,
        };
        Some(word.to_owned())
    };
    match &schema["type"] {
        Value::Array(kinds) => Some(
            kinds
                .iter()
                .filter_map(word)
                .collect::<Vec<_>>()
                .join(" or "),
        ),
        kind => word(kind),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "from": { "type": ["string", "null"], "maxLength": 5 },
                "depth": { "type": "integer", "minimum": 1 },
                "mode": { "enum": ["all", "new"] },
                "parts": { "type": "array", "items": { "$ref": "#/$defs/Part" }, "minItems": 1 },
                "either": { "anyOf": [{ "type": "string" }, { "type": "number" }] },
                "count": { "allOf": [{ "type": "integer" }, { "maximum": 3 }] },
            },
            "required": ["depth"],
            "additionalProperties": false,
            "$defs": { "Part": { "type": "object", "additionalProperties": { "type": "boolean" } } },
        })
    }

    #[test]
    fn what_is_as_it_should_be_is_let_through() {
        for payload in [
            json!({ "depth": 1 }),
            json!({ "depth": 1.0, "from": null, "mode": "new", "either": 2.5, "count": 3 }),
            json!({ "depth": 9, "from": "abcäö", "parts": [{ "a": true }, {}] }),
        ] {
            assert_eq!(
                problems(&schema(), &payload),
                Vec::<String>::new(),
                "{payload}"
            );
        }
    }

    #[test]
    fn each_mistake_is_named_with_its_place() {
        let table = [
            (json!([]), "the payload is to be an object, got []"),
            (json!({}), "the payload lacks the member \"depth\""),
            (
                json!({ "depth": 0 }),
                "`depth` is to have at least 1, got 0",
            ),
            (
                json!({ "depth": 1.5 }),
                "`depth` is to be a whole number, got 1.5",
            ),
            (
                json!({ "depth": 1, "from": 2 }),
                "`from` is to be a text or null, got 2",
            ),
            (
                json!({ "depth": 1, "from": "abcdef" }),
                "`from` is to have at most 5 letters, got 6",
            ),
            (
                json!({ "depth": 1, "form": "a" }),
                "`form` is not a known member, did you mean \"from\"?",
            ),
            (
                json!({ "depth": 1, "mode": "old" }),
                "`mode` is to be one of \"all\", \"new\", got \"old\"",
            ),
            (
                json!({ "depth": 1, "parts": [] }),
                "`parts` is to have at least 1 items, got 0",
            ),
            (
                json!({ "depth": 1, "parts": [{ "a": 1 }] }),
                "`parts.0.a` is to be true or false, got 1",
            ),
            (
                json!({ "depth": 1, "either": true }),
                "`either` is to be a text or a number, got true",
            ),
            (
                json!({ "depth": 1, "count": 4 }),
                "`count` is to have at most 3, got 4",
            ),
        ];
        for (payload, expected) in table {
            assert_eq!(problems(&schema(), &payload), [expected], "{payload}");
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let endless = json!({ "$ref": "#" });
        assert!(problems(&endless, &json!(1)).is_empty());
        let both = json!({ "anyOf": [{ "$ref": "#" }, { "type": "string" }] });
        let _ = problems(&both, &json!(1));
    }

    #[test]
    fn a_schema_is_shown_in_a_line() {
        let schema = json!({ "properties": { "from": { "type": ["string", "null"] }, "n": {} }, "required": ["n"] });
        assert_eq!(
            sketch(&schema),
            "{\"from\": a text or null, optional; \"n\": any JSON}"
        );
        assert_eq!(sketch(&json!({ "type": "array" })), "a list");
    }
}
