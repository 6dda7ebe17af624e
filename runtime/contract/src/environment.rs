//! Reading a handler's environment: one variable at a time, with an error that says what to mend.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Where variables come from: the process, or a map in tests.
pub trait Variables {
    /// The text of a variable, if it is set.
    fn variable(&self, name: &str) -> Option<String>;
}

/// The environment of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Process;

impl Variables for Process {
    fn variable(&self, name: &str) -> Option<String> {
        // Lambda stores variables as UTF-8; another byte would show as U+FFFD in the error.
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }
}

impl<K: Ord + std::borrow::Borrow<str>> Variables for BTreeMap<K, String> {
    fn variable(&self, name: &str) -> Option<String> {
        self.get(name).cloned()
    }
}

/// What a variable of a handler's environment means, for the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name; `<n>` stands for 1, 2, 3 and so on, without a gap.
    pub name: &'static str,
    /// What it holds, with its unit, and what applies when it is not set.
    pub holds: &'static str,
}

pub(crate) const fn variable(name: &'static str, holds: &'static str) -> Variable {
    Variable { name, holds }
}

pub(crate) const EXPECTED_SECRET: &str = "the ARN of a secret, such as arn:aws:secretsmanager:eu-central-1:123456789012:secret:name-AbCdEf";

/// Whether the text has the form of a secret's ARN.
pub(crate) fn is_secret(text: &str) -> bool {
    let parts: Vec<_> = text.splitn(7, ':').collect();
    matches!(*parts, ["arn", _, "secretsmanager", _, _, "secret", name] if !name.is_empty())
}

/// A variable that is missing or holds something wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentError {
    /// The name of the variable.
    pub variable: String,
    /// What it held, if it was set.
    pub held: Option<String>,
    /// What is expected.
    pub expected: String,
}

impl fmt::Display for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            variable, expected, ..
        } = self;
        match &self.held {
            Some(held) => write!(
                f,
                "environment variable {variable}: got {held:?}, expected {expected}"
            ),
            None => write!(
                f,
                "environment variable {variable} is not set, expected {expected}"
            ),
        }
    }
}

impl std::error::Error for EnvironmentError {}

/// Reads the variables of one handler.
pub(crate) struct Reader<'a, E: ?Sized>(pub(crate) &'a E);

impl<E: Variables + ?Sized> Reader<'_, E> {
    /// A variable's text. Set to nothing counts as not set: a template cannot leave a variable out
    /// by a condition without `AWS::NoValue`, but it can write an empty one.
    pub(crate) fn optional(&self, name: &str) -> Option<String> {
        self.0.variable(name).filter(|text| !text.is_empty())
    }

    pub(crate) fn required(&self, name: &str, expected: &str) -> Result<String, EnvironmentError> {
        let is_text = |text: &str| Some(text.to_owned());
        self.parsed(name, expected, is_text)?
            .ok_or_else(|| missing(name, expected))
    }

    /// A variable's value, if it is set; an error if `parse` refuses its text.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, EnvironmentError> {
        let Some(held) = self.optional(name) else {
            return Ok(None);
        };
        match parse(&held) {
            Some(value) => Ok(Some(value)),
            None => Err(EnvironmentError {
                variable: name.to_owned(),
                held: Some(held),
                expected: expected.to_owned(),
            }),
        }
    }

    /// A whole number within limits, or `default` if it is not set.
    pub(crate) fn number<N>(
        &self,
        name: &str,
        limits: std::ops::RangeInclusive<N>,
        default: N,
    ) -> Result<N, EnvironmentError>
    where
        N: FromStr + PartialOrd + fmt::Display,
    {
        let expected = format!("a whole number from {} to {}", limits.start(), limits.end());
        let parse = |text: &str| text.parse().ok().filter(|number| limits.contains(number));
        Ok(self.parsed(name, &expected, parse)?.unwrap_or(default))
    }
}

pub(crate) fn missing(name: &str, expected: &str) -> EnvironmentError {
    EnvironmentError {
        variable: name.to_owned(),
        held: None,
        expected: expected.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_variable_what_it_held_and_what_is_expected() {
        let environment = BTreeMap::from([("LIMIT", "many".to_owned()), ("EMPTY", String::new())]);
        let reader = Reader(&environment);
        assert_eq!(
            reader.number("LIMIT", 1..=9, 3).unwrap_err().to_string(),
            "environment variable LIMIT: got \"many\", expected a whole number from 1 to 9"
        );
        assert_eq!(reader.number("EMPTY", 1..=9, 3), Ok(3));
        assert_eq!(
            reader.required("URL", "a URL").unwrap_err().to_string(),
            "environment variable URL is not set, expected a URL"
        );
    }
}
