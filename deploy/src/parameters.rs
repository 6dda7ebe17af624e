//! The parameters of a stack: what was given on the command line, what the stack has already, and what the
//! template has a default for. Types and constraints are checked before CloudFormation is asked.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::assembly::Stack;
use crate::cloud::StackState;
use crate::problem::Problem;

/// A value of the command line: `[STACK:]NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The stack's path or name; all stacks that have such a parameter when not given.
    pub stack: Option<String>,
    /// The parameter's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Parameter {
    /// Reads `[STACK:]NAME=VALUE`, or `[STACK:]NAME=@FILE` for the content of a file.
    ///
    /// # Errors
    /// When there is no name or no equals sign, or the file cannot be read.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let (name, value) = text.split_once('=').unwrap_or_default();
        let (stack, name) = match name.rsplit_once(':') {
            Some((stack, name)) => (Some(stack.to_owned()), name),
            None => (None, name),
        };
        if name.is_empty() {
            let message = format!("a parameter is [STACK:]NAME=VALUE, got \"{text}\"");
            return Err(Problem::usage(message, "write `--parameter Mail:Size=3`"));
        }
        let value = match value.strip_prefix('@') {
            Some(file) => std::fs::read_to_string(file).map_err(|why| {
                Problem::unreadable(format!("cannot read \"{file}\": {why}"), "check the path")
            })?,
            None => value.to_owned(),
        };
        Ok(Self {
            stack,
            name: name.to_owned(),
            value,
        })
    }

    fn is_for(&self, stack: &Stack) -> bool {
        self.stack
            .as_ref()
            .is_none_or(|named| *named == stack.path || *named == stack.name)
    }
}

/// The values that are sent for a stack; `None` keeps the value that the stack has.
pub(crate) type Values = BTreeMap<String, Option<String>>;

/// The values for a stack in the state it is in.
pub(crate) fn values(
    stack: &Stack,
    given: &[Parameter],
    state: Option<&StackState>,
) -> Result<Values, Problem> {
    let mut values = Values::new();
    for (name, declared) in stack.template["Parameters"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let of_name = given
            .iter()
            .filter(|parameter| parameter.name == *name && parameter.is_for(stack));
        // One that names the stack wins over one for all.
        let value = of_name.max_by_key(|parameter| parameter.stack.is_some());
        let previous = state.is_some_and(|state| state.parameters.contains_key(name));
        match value {
            Some(parameter) => {
                check(stack, parameter, declared)?;
                values.insert(name.clone(), Some(parameter.value.clone()));
            }
            None if previous => {
                values.insert(name.clone(), None);
            }
            None if declared.get("Default").is_some() => {}
            None => {
                let message = format!("{} needs a value for its parameter {name}", stack.path);
                return Err(Problem::usage(
                    message,
                    format!("add `--parameter {}:{name}=VALUE`", stack.path),
                ));
            }
        }
    }
    Ok(values)
}

/// Refuses values for parameters that no stack has: most likely a typing error.
///
/// # Errors
/// When there is such a value.
pub fn require_known(given: &[Parameter], stacks: &[&Stack]) -> Result<(), Problem> {
    let has = |parameter: &Parameter, stack: &Stack| {
        parameter.is_for(stack) && stack.template["Parameters"].get(&parameter.name).is_some()
    };
    let unknown = given
        .iter()
        .find(|parameter| !stacks.iter().any(|stack| has(parameter, stack)));
    match unknown {
        None => Ok(()),
        Some(parameter) => {
            let place = parameter
                .stack
                .as_deref()
                .unwrap_or("any stack that is deployed");
            let message = format!("there is no parameter {} in {place}", parameter.name);
            Err(Problem::usage(
                message,
                "the section `Parameters` of a template names its parameters",
            ))
        }
    }
}

fn check(stack: &Stack, parameter: &Parameter, declared: &Value) -> Result<(), Problem> {
    let Some(expected) = mistake(&parameter.value, declared) else {
        return Ok(());
    };
    // A secret value is not repeated.
    let got = if declared["NoEcho"] == true || declared["NoEcho"] == "true" {
        String::new()
    } else {
        format!(", got \"{}\"", parameter.value)
    };
    let message = format!(
        "the parameter {} of {} is {expected}{got}",
        parameter.name, stack.path
    );
    Err(Problem::usage(message, "give another value"))
}

/// What the value should be and is not. Each element of a list has to be what is declared; a length is that of a
/// text alone.
fn mistake(value: &str, declared: &Value) -> Option<String> {
    let kind = declared["Type"].as_str().unwrap_or_default();
    if kind == "CommaDelimitedList" || kind.starts_with("List<") {
        let of_numbers = kind == "List<Number>";
        let mut elements = value.split(',').map(str::trim);
        return elements.find_map(|element| {
            let is_wrong = of_numbers && element.parse::<f64>().is_err();
            let mistake = if is_wrong {
                Some("a number".to_owned())
            } else {
                not_allowed(element, declared)
            };
            mistake.map(|expected| format!("a list of which each element is {expected}"))
        });
    }
    let mistake = size_mistake(value, declared);
    mistake.or_else(|| not_allowed(value, declared))
}

/// What the number, or the length of the text, should be and is not.
fn size_mistake(value: &str, declared: &Value) -> Option<String> {
    let number = |name: &str| match &declared[name] {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse::<f64>().ok(),
        _ => None,
    };
    let is_number = declared["Type"] == "Number";
    let size = if is_number {
        value.parse::<f64>().ok()
    } else {
        Some(value.chars().count() as f64)
    };
    let Some(size) = size else {
        return Some("a number".to_owned());
    };
    let (least, most, unit) = if is_number {
        ("MinValue", "MaxValue", "")
    } else {
        ("MinLength", "MaxLength", " letters long")
    };
    if let Some(least) = number(least).filter(|least| size < *least) {
        return Some(format!("at least {least}{unit}"));
    }
    if let Some(most) = number(most).filter(|most| size > *most) {
        return Some(format!("at most {most}{unit}"));
    }
    None
}

/// The values that are allowed, where this is none of them.
fn not_allowed(value: &str, declared: &Value) -> Option<String> {
    let allowed = declared["AllowedValues"].as_array()?;
    let as_text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let allowed: Vec<String> = allowed.iter().map(as_text).collect();
    (!allowed.iter().any(|one| one == value)).then(|| format!("one of {}", allowed.join(", ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_parameter_may_name_its_stack() {
        let read = |text| Parameter::read(text).map(|p| (p.stack, p.name, p.value));
        let parts = |stack: Option<&str>, name: &str, value: &str| {
            Ok((stack.map(str::to_owned), name.into(), value.into()))
        };
        assert_eq!(read("Size=3"), parts(None, "Size", "3"));
        assert_eq!(
            read("Prod/Mail:Url=http://a:1/?b=c"),
            parts(Some("Prod/Mail"), "Url", "http://a:1/?b=c")
        );
        assert!(read("Size").is_err() && read("=3").is_err());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("value");
        let given = format!("Key=@{}", file.display());
        std::fs::write(&file, "two\nlines").unwrap();
        assert_eq!(read(&given), parts(None, "Key", "two\nlines"));
        assert!(read("Key=@nowhere").is_err());
    }

    #[test]
    fn values_are_checked_by_what_the_template_declares() {
        let number = json!({ "Type": "Number", "MinValue": 1, "MaxValue": "9" });
        let word = json!({ "Type": "String", "MinLength": 2, "AllowedValues": ["ab", "cd"] });
        assert_eq!(mistake("5", &number), None);
        assert_eq!(mistake("0", &number).as_deref(), Some("at least 1"));
        assert_eq!(mistake("10", &number).as_deref(), Some("at most 9"));
        assert_eq!(mistake("x", &number).as_deref(), Some("a number"));
        assert_eq!(mistake("cd", &word), None);
        assert_eq!(
            mistake("a", &word).as_deref(),
            Some("at least 2 letters long")
        );
        assert_eq!(mistake("ef", &word).as_deref(), Some("one of ab, cd"));
    }

    #[test]
    fn every_element_of_a_list_is_checked() {
        let words =
            json!({ "Type": "CommaDelimitedList", "AllowedValues": ["ab", "cd"], "MinLength": 9 });
        let numbers = json!({ "Type": "List<Number>" });
        assert_eq!(mistake("ab, cd,ab", &words), None);
        let said = "a list of which each element is one of ab, cd";
        assert_eq!(mistake("ab,ef", &words).as_deref(), Some(said));
        assert_eq!(mistake("1,2.5", &numbers), None);
        let said = "a list of which each element is a number";
        assert_eq!(mistake("1,x", &numbers).as_deref(), Some(said));
    }
}
