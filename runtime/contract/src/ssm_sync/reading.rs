//! The commands as they are read, with the limits of
//! [SendCommand](https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html):
//! what it would refuse at every event is told before the first one.

use super::{
    BUCKET_PARAMETER, Command, DELIVERY_SECONDS, LIST, Limit, Marker, NO_PARAMETER, Output,
    Parameter, SsmSync, Target, Window,
};
use crate::environment::{EnvironmentError, Reader, Variables, missing};
use crate::writer::indexed;

const EXPECTED_DOCUMENT: &str =
    "the name or the ARN of a document: 3 to 128 letters, digits or _ - . : /, or an ARN";
const EXPECTED_VALUE: &str = "a value";

pub(super) fn plan<E: Variables>(reader: &Reader<'_, E>) -> Result<SsmSync, EnvironmentError> {
    let commands = commands(reader)?;
    let window = match reader.optional("WINDOW_SECONDS") {
        None => None,
        Some(_) => Some(Window {
            seconds: reader.number("WINDOW_SECONDS", 1..=900, 1)?,
            queue_url: reader.required("WINDOW_QUEUE_URL", "the URL of the function's queue")?,
        }),
    };
    let remembers = window.is_some() || commands.iter().any(|command| command.marker.is_some());
    let ledger = match remembers {
        true => Some(reader.required("LEDGER_TABLE", "the name of a table with the key id")?),
        false => None,
    };
    Ok(SsmSync {
        commands,
        window,
        ledger,
    })
}

fn commands<E: Variables>(reader: &Reader<'_, E>) -> Result<Vec<Command>, EnvironmentError> {
    let mut found = Vec::new();
    while reader
        .optional(&indexed(LIST, found.len(), "DOCUMENT"))
        .is_some()
    {
        let place = Place {
            reader,
            prefix: indexed(LIST, found.len(), ""),
        };
        found.push(place.command()?);
    }
    match found.is_empty() {
        true => Err(missing("COMMAND_1_DOCUMENT", EXPECTED_DOCUMENT)),
        false => Ok(found),
    }
}

/// The variables whose names begin alike.
struct Place<'a, E> {
    reader: &'a Reader<'a, E>,
    prefix: String,
}

impl<E: Variables> Place<'_, E> {
    fn name(&self, field: &str) -> String {
        format!("{}{field}", self.prefix)
    }

    fn optional(&self, field: &str) -> Option<String> {
        self.reader.optional(&self.name(field))
    }

    /// The place of an item of a list within this one.
    fn item(&self, list: &str, index: usize) -> Place<'_, E> {
        Place {
            reader: self.reader,
            prefix: self.name(&indexed(list, index, "")),
        }
    }

    fn command(&self) -> Result<Command, EnvironmentError> {
        let document = self.text("DOCUMENT", EXPECTED_DOCUMENT, is_document)?;
        let version = "$DEFAULT, $LATEST or a number from 1";
        Ok(Command {
            document: document.unwrap_or_default(),
            document_version: self.text("DOCUMENT_VERSION", version, is_version)?,
            bucket: self.optional("BUCKET"),
            marker: self.marker()?,
            targets: self.targets()?,
            bucket_parameter: match self.optional("BUCKET_PARAMETER") {
                None => Some(BUCKET_PARAMETER.to_owned()),
                Some(name) => Some(name).filter(|name| name != NO_PARAMETER),
            },
            parameters: self.parameters()?,
            max_concurrency: self.limit("MAX_CONCURRENCY", 1)?,
            max_errors: self.limit("MAX_ERRORS", 0)?,
            delivery_seconds: self.reader.number(
                &self.name("DELIVERY_SECONDS"),
                30..=2_592_000,
                DELIVERY_SECONDS,
            )?,
            comment: self.short("COMMENT", 100)?,
            output: Output {
                bucket: self.optional("OUTPUT_BUCKET"),
                prefix: self.short("OUTPUT_PREFIX", 500)?,
                log_group: self.optional("OUTPUT_LOG_GROUP"),
            },
        })
    }

    fn marker(&self) -> Result<Option<Marker>, EnvironmentError> {
        let expected = "the name of an object, without folders";
        let name = self.text("MARKER", expected, |name| !name.contains('/'))?;
        Ok(name.map(|name| Marker {
            prefix: self.optional("MARKER_PREFIX").unwrap_or_default(),
            name,
        }))
    }

    fn text(
        &self,
        field: &str,
        expected: &str,
        is_right: impl Fn(&str) -> bool,
    ) -> Result<Option<String>, EnvironmentError> {
        let parse = |text: &str| is_right(text).then(|| text.to_owned());
        self.reader.parsed(&self.name(field), expected, parse)
    }

    fn short(&self, field: &str, limit: usize) -> Result<String, EnvironmentError> {
        let expected = format!("at most {limit} characters");
        let text = self.text(field, &expected, |text| text.chars().count() <= limit)?;
        Ok(text.unwrap_or_default())
    }

    fn limit(&self, field: &str, least: u8) -> Result<Option<Limit>, EnvironmentError> {
        let expected = format!(
            "a number of servers from {least} to 9999999, or a part of them from {least}% to 100%"
        );
        let parse = |text: &str| {
            let limit: Option<Limit> = text.parse().ok();
            limit.filter(|limit| least == 0 || !limit.is_zero())
        };
        self.reader.parsed(&self.name(field), &expected, parse)
    }

    fn targets(&self) -> Result<Vec<Target>, EnvironmentError> {
        let mut targets = Vec::new();
        loop {
            let place = self.item("TARGET", targets.len());
            let expected = "the key of a tag, at most 128 characters";
            let is_key = |text: &str| text.chars().count() <= 128;
            let Some(tag) = place.text("TAG", expected, is_key)? else {
                break;
            };
            if targets.len() == 5 {
                return Err(too_many(place.name("TAG"), tag, "at most 5 targets"));
            }
            let values = place.values()?;
            if values.len() > 50 {
                let last = values[50].clone();
                return Err(too_many(place.name("VALUE_51"), last, "at most 50 values"));
            }
            targets.push(Target { tag, values });
        }
        match targets.is_empty() {
            true => Err(missing(
                &self.name("TARGET_1_TAG"),
                "the key of a tag that the servers have",
            )),
            false => Ok(targets),
        }
    }

    fn parameters(&self) -> Result<Vec<Parameter>, EnvironmentError> {
        let mut parameters = Vec::new();
        loop {
            let place = self.item("PARAMETER", parameters.len());
            let Some(name) = place.optional("NAME") else {
                return Ok(parameters);
            };
            let values = place.values()?;
            parameters.push(Parameter { name, values });
        }
    }

    /// At least one value.
    fn values(&self) -> Result<Vec<String>, EnvironmentError> {
        let first = self
            .reader
            .required(&self.name("VALUE_1"), EXPECTED_VALUE)?;
        let more = (2..).map_while(|number| self.optional(&format!("VALUE_{number}")));
        Ok(std::iter::once(first).chain(more).collect())
    }
}

fn too_many(variable: String, held: String, expected: &str) -> EnvironmentError {
    EnvironmentError {
        variable,
        held: Some(held),
        expected: expected.to_owned(),
    }
}

/// A name, or the ARN of a document that is shared by another account.
fn is_document(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
    let most = if text.starts_with("arn:") { 2_048 } else { 128 };
    (3..=most).contains(&text.len()) && text.bytes().all(is_allowed)
}

fn is_version(text: &str) -> bool {
    let is_number = |text: &str| {
        !text.starts_with('0')
            && text
                .parse::<u64>()
                .is_ok_and(|number| number.to_string() == text)
    };
    ["$DEFAULT", "$LATEST"].contains(&text) || is_number(text)
}
