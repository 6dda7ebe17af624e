//! Environment variables: said in many places, written and checked once.

use cloudwright_synth::sorted::Map;

use cloudwright_synth::{Fact, Json, Recorded, ResourceRef, Scope, SourceLocation, Text};

use super::FunctionRef;
use crate::plaintext::secret;
use crate::{order, rules};

/// How many bytes all names and values may have together.
const SIZE_LIMIT: usize = 4096;
/// [Names](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime)
/// that Lambda sets itself.
const RESERVED: [&str; 18] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];
/// One variable of one function.
pub(super) struct Variable {
    pub(super) function: FunctionRef,
    pub(super) name: Text,
    pub(super) value: Json,
}

impl Fact for Variable {
    const ORDER: u16 = order::ENVIRONMENT;

    fn merge(facts: Vec<Recorded<Self>>) {
        let mut by_function: Map<String, Vec<Recorded<Self>>> = Map::new();
        for fact in facts {
            let path = fact.fact.function.scope().path();
            by_function.or_default(path).push(fact);
        }
        for (_, variables) in by_function {
            write(variables);
        }
    }
}

/// Writes the variables of one function.
fn write(variables: Vec<Recorded<Variable>>) {
    let function = variables[0].fact.function.clone();
    let Some(cfn) = function.cfn() else { return };
    let mut environment = cfn.handle().property("Environment").unwrap_or_default();
    let mut map = environment.get("Variables").cloned().unwrap_or_default();
    for Recorded { fact, location, .. } in variables {
        check(function.scope(), location, &fact);
        match map.get(&fact.name) {
            Some(earlier) if *earlier != fact.value => {
                report_twice(function.scope(), location, &fact.name);
            }
            _ => map.set(fact.name, fact.value),
        }
    }
    check_size(function.scope(), &map);
    environment.set("Variables", map);
    cfn.raw("Environment", environment);
}

fn report_twice(scope: &Scope, at: SourceLocation, name: &str) {
    let message = format!("the environment variable {name} is set twice, to different values");
    scope.error_at(at, &rules::CONTRADICTION, message, "drop one of the two");
}

fn check(scope: &Scope, at: SourceLocation, variable: &Variable) {
    let name = &*variable.name;
    if RESERVED.contains(&name) {
        let message = format!("Lambda sets the environment variable {name} itself");
        let help = "choose another name; the code can read the one that Lambda sets";
        scope.error_at(at, &rules::BAD_VARIABLE, message, help);
    } else if !is_name(name) {
        let message = format!(
            "the name of an environment variable is a letter followed by letters, digits and `_`, \
             at least two characters in all, got \"{name}\""
        );
        scope.error_at(at, &rules::BAD_VARIABLE, message, "choose another name");
    }
    if let Some(what) = variable.value.as_text().and_then(|text| secret(name, text)) {
        let message = format!("the environment variable {name} holds {what} as plain text");
        let help = "keep it in Secrets Manager, pass its ARN and let the function read it";
        scope.error_at(at, &rules::PLAINTEXT_SECRET, message, help);
    }
}

fn is_name(name: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.len() > 1
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(rest)
}

fn check_size(scope: &Scope, variables: &Json) {
    let members = variables.as_map().unwrap_or_default();
    let size: usize = members
        .iter()
        .map(|(name, value)| name.len() + value.as_text().map_or(0, str::len))
        .sum();
    if size > SIZE_LIMIT {
        let message = format!(
            "the environment variables have {size} bytes, expected at most {SIZE_LIMIT} in all"
        );
        let help = "keep large settings in a parameter of Systems Manager, or in the code";
        scope.error(&rules::BAD_VARIABLE, message, help);
    }
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, is_name};

    #[test]
    fn reserved_names_are_sorted() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn names_are_those_that_lambda_takes() {
        assert!(is_name("QUEUE_URL") && is_name("a1"));
        for name in ["", "A", "1A", "_A", "A-B", "A B", "Ä1"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
