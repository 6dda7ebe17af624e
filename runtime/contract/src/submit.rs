//! The environment of the `submit` handler.

use std::ops::RangeInclusive;

use crate::environment::{
    EXPECTED_SECRET, EnvironmentError, Process, Reader, Variable, Variables, is_secret, missing,
};

const URL: &str = "SUBMIT_URL";
const PROVIDER: &str = "PROVIDER_ID";
const SECRET: &str = "PROVIDER_AUTH_SECRET";
const FIELD: &str = "PROVIDER_AUTH_FIELD";
const TABLE: &str = "DELIVERY_TABLE";
const UNKNOWN: &str = "WHEN_UNKNOWN";
const ATTEMPTS: &str = "SUBMIT_ATTEMPTS";
const SECONDS: &str = "SUBMIT_TIMEOUT_SECONDS";
const LARGEST: &str = "SUBMIT_MAX_BYTES";
const LOCAL: &str = "SUBMIT_LOCAL";

const EXPECTED_URL: &str = "https://host/path (http:// only for 127.0.0.1 and localhost, since the request holds a secret)";

/// How the `submit` handler is set up: it hands objects in to an archive over HTTP, each state of an
/// object once.
///
/// `V` is what a value is: text in the handler, text or a token in a construct.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Submit<V = String> {
    /// Where objects are posted to.
    pub url: V,
    /// The provider's id at the archive, with which unique ids begin.
    pub provider: V,
    /// What proves to be the provider.
    pub auth: Auth<V>,
    /// The name of the DynamoDB table of deliveries, in the function's region: partition key `object`,
    /// sort key `version`, both texts.
    pub table: V,
    /// What is done when nobody knows whether the archive has an object. [`WhenUnknown::Hold`] by
    /// default.
    pub when_unknown: WhenUnknown,
    /// How often an object is posted in one invocation, at most: 1 to 10, by default 4.
    pub attempts: u32,
    /// How long an answer may take, in seconds: 1 to 900, by default 60.
    pub seconds: u64,
    /// The size of the largest object that is handed in, in bytes, by default 64 MiB: the function holds
    /// all of it in memory, twice.
    pub largest: u64,
    /// Everything is done but the posting: to try a pipeline out. False by default.
    pub local: bool,
}

/// A secret of Secrets Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Auth<V = String> {
    /// The ARN of the secret.
    pub secret: V,
    /// Which member of the JSON object that the secret holds; without it all of its text.
    pub field: Option<String>,
}

/// What is done with an object whose answer was lost: the archive may have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum WhenUnknown {
    /// It is not posted again until a person has looked: at most once.
    #[default]
    Hold,
    /// It is posted again: at least once.
    Retry,
}

impl<V> Submit<V> {
    /// Hands objects in to this URL.
    #[must_use]
    pub const fn new(url: V, provider: V, auth: Auth<V>, table: V) -> Self {
        Self {
            url,
            provider,
            auth,
            table,
            when_unknown: WhenUnknown::Hold,
            attempts: 4,
            seconds: 60,
            largest: 64 << 20,
            local: false,
        }
    }

    /// The variables to set on the function; `literal` makes a value of plain text.
    #[must_use]
    pub fn variables(self, literal: impl Fn(String) -> V) -> Vec<(String, V)> {
        let when_unknown = match self.when_unknown {
            WhenUnknown::Hold => "hold",
            WhenUnknown::Retry => "retry",
        };
        let variables = [
            (URL, Some(self.url)),
            (PROVIDER, Some(self.provider)),
            (SECRET, Some(self.auth.secret)),
            (FIELD, self.auth.field.map(&literal)),
            (TABLE, Some(self.table)),
            (UNKNOWN, Some(literal(when_unknown.to_owned()))),
            (ATTEMPTS, Some(literal(self.attempts.to_string()))),
            (SECONDS, Some(literal(self.seconds.to_string()))),
            (LARGEST, Some(literal(self.largest.to_string()))),
            (LOCAL, self.local.then(|| literal("true".to_owned()))),
        ];
        let set = |(name, value): (&str, Option<V>)| Some((name.to_owned(), value?));
        variables.into_iter().filter_map(set).collect()
    }
}

impl Submit {
    /// How often an object can be posted in one invocation.
    pub const TIMES: RangeInclusive<u32> = 1..=10;
    /// How long an answer can be waited for, in seconds.
    pub const SECONDS: RangeInclusive<u64> = 1..=900;
    /// How large an object can be at most, in bytes.
    pub const LARGEST: RangeInclusive<u64> = 1..=4 << 30;

    /// The variables and what they hold.
    pub const VARIABLES: &[Variable] = &[
        variable(URL, "where objects are posted to"),
        variable(PROVIDER, "the provider's id at the archive"),
        variable(
            SECRET,
            "the ARN of the secret that proves to be the provider",
        ),
        variable(
            FIELD,
            "which member of the secret's JSON; without it all of its text",
        ),
        variable(TABLE, "the name of the table of deliveries"),
        variable(
            UNKNOWN,
            "`hold` or `retry`: what is done with an object whose answer was lost; by default hold",
        ),
        variable(
            ATTEMPTS,
            "how often an object is posted in one invocation; by default 4",
        ),
        variable(
            SECONDS,
            "how long an answer may take, in seconds; by default 60",
        ),
        variable(
            LARGEST,
            "the size of the largest object, in bytes; by default 64 MiB",
        ),
        variable(
            LOCAL,
            "`true` or `false`: everything is done but the posting; by default false",
        ),
    ];

    /// Whether objects can be posted to this address: `https://host/path`, and `http://` only on this machine,
    /// since the request holds a secret.
    #[must_use]
    pub fn takes(url: &str) -> bool {
        is_url(url)
    }

    /// Reads the environment of this process.
    ///
    /// # Errors
    /// If a variable is missing or wrong.
    #[inline]
    pub fn from_env() -> Result<Self, EnvironmentError> {
        Self::read(&Process)
    }

    /// Reads the given variables.
    ///
    /// # Errors
    /// If a variable is missing or wrong.
    pub fn read(variables: &impl Variables) -> Result<Self, EnvironmentError> {
        let reader = Reader(variables);
        let text = |is: fn(&str) -> bool| move |text: &str| is(text).then(|| text.to_owned());
        let required = |name, expected, is| {
            let found = reader.parsed(name, expected, text(is))?;
            found.ok_or_else(|| missing(name, expected))
        };
        let when = |text: &str| match text {
            "hold" => Some(WhenUnknown::Hold),
            "retry" => Some(WhenUnknown::Retry),
            _ => None,
        };
        Ok(Self {
            url: required(URL, EXPECTED_URL, is_url)?,
            provider: required(PROVIDER, "the provider's id", |text| {
                !text.trim().is_empty()
            })?,
            auth: Auth {
                secret: required(SECRET, EXPECTED_SECRET, is_secret)?,
                field: reader.optional(FIELD),
            },
            table: reader.required(TABLE, "the name of a DynamoDB table")?,
            when_unknown: reader
                .parsed(UNKNOWN, "hold or retry", when)?
                .unwrap_or_default(),
            attempts: reader.number(ATTEMPTS, Self::TIMES, 4)?,
            seconds: reader.number(SECONDS, Self::SECONDS, 60)?,
            largest: reader.number(LARGEST, Self::LARGEST, 64 << 20)?,
            local: reader
                .parsed(LOCAL, "true or false", |text| text.parse().ok())?
                .unwrap_or_default(),
        })
    }
}

const fn variable(name: &'static str, holds: &'static str) -> Variable {
    Variable { name, holds }
}

fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.split(':').next().unwrap_or(authority);
    let is_plain = !text.contains([' ', '@', '#']) && text.is_ascii() && !host.is_empty();
    match scheme {
        "https" => is_plain,
        "http" => is_plain && matches!(host, "127.0.0.1" | "localhost"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:auth-AbCdEf";

    fn plan() -> Submit {
        let auth = Auth {
            secret: ARN.to_owned(),
            field: Some("token".to_owned()),
        };
        let url = "https://archive.example/upload".to_owned();
        Submit {
            when_unknown: WhenUnknown::Retry,
            attempts: 2,
            local: true,
            ..Submit::new(url, "PRO".to_owned(), auth, "Deliveries".to_owned())
        }
    }

    #[test]
    fn what_a_construct_writes_the_handler_reads() {
        let written: BTreeMap<_, _> = plan().variables(|text| text).into_iter().collect();
        assert_eq!(Submit::read(&written), Ok(plan()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let table = [
            (URL, "http://archive.example/upload"),
            (URL, "https://"),
            (URL, "https://me:secret@host/"),
            (URL, "archive.example"),
            (PROVIDER, " "),
            (SECRET, "auth"),
            (UNKNOWN, "maybe"),
            (ATTEMPTS, "0"),
            (SECONDS, "1.5"),
            (LARGEST, "-1"),
            (LOCAL, "yes"),
        ];
        for (name, wrong) in table {
            let mut written: BTreeMap<_, _> = plan().variables(|text| text).into_iter().collect();
            written.insert(name.to_owned(), wrong.to_owned());
            let error = Submit::read(&written).unwrap_err();
            assert_eq!(
                (&*error.variable, error.held.as_deref()),
                (name, Some(wrong))
            );
        }
        for name in [URL, PROVIDER, SECRET, TABLE] {
            let mut written: BTreeMap<_, _> = plan().variables(|text| text).into_iter().collect();
            written.remove(name);
            let error = Submit::read(&written).unwrap_err();
            assert_eq!((&*error.variable, error.held), (name, None));
        }
    }
}
