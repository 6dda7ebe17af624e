//! The parts of ARNs of things that exist already.

use cloudwright_synth::intrinsic::{select, split};
use cloudwright_synth::{Json, Scope, Text, Value};

use crate::rules;

/// Where the account, the region and the name stand in `arn:partition:service:region:account:name`.
const REGION: usize = 3;
const ACCOUNT: usize = 4;
const NAME: usize = 5;
const PARTS: usize = 6;

/// An ARN of the form `arn:partition:service:region:account:name`, taken apart.
pub(crate) struct Parts {
    pub(crate) region: Value<String>,
    pub(crate) account: Value<String>,
    pub(crate) name: Value<String>,
}

/// What ARNs are of.
pub(crate) struct Kind {
    /// The service, such as `sqs`.
    pub(crate) service: &'static str,
    /// What stands before the name, such as `table/` or `secret:`.
    pub(crate) prefix: &'static str,
    /// What it is called in messages, such as `a queue`.
    pub(crate) what: &'static str,
}

/// Takes an ARN apart: a literal one here, a token one by CloudFormation. A literal that is no ARN
/// of the kind is reported.
#[track_caller]
pub(crate) fn parts<T>(scope: &Scope, arn: &Value<T>, kind: &Kind) -> Parts {
    match arn.literal() {
        Some(text) => literal(scope, text, kind),
        None => {
            let part = |index: usize| {
                let pieces = split(":", Value::<String>::from_json(arn.as_json().clone()));
                select(i64::try_from(index).unwrap_or_default(), pieces)
            };
            let name = match kind.prefix {
                "" => part(NAME),
                prefix if prefix.ends_with(':') => part(NAME + 1),
                _ => select(1, split("/", part(NAME))),
            };
            Parts {
                region: part(REGION),
                account: part(ACCOUNT),
                name,
            }
        }
    }
}

#[track_caller]
fn literal(scope: &Scope, text: &str, kind: &Kind) -> Parts {
    let Kind {
        service,
        prefix,
        what,
    } = *kind;
    let pieces: Vec<&str> = text.splitn(PARTS, ':').collect();
    let fits = pieces.len() == PARTS
        && pieces[0] == "arn"
        && pieces[2] == service
        && is_account(pieces[ACCOUNT])
        && (pieces[NAME].strip_prefix(prefix))
            .is_some_and(|name| !name.is_empty() && !name.contains(':'))
        && pieces.iter().all(|piece| !piece.is_empty());
    if !fits {
        let message = format!(
            "{what}'s ARN looks like \"arn:aws:{service}:eu-central-1:123456789012:{prefix}name\", got \"{text}\""
        );
        scope.error(&rules::BAD_ARN, message, "copy the ARN from the console");
    }
    let piece = |index: usize| {
        // Nothing that was read from something else is of use.
        let piece = pieces
            .get(index)
            .copied()
            .filter(|_| fits)
            .unwrap_or_default();
        let piece = match index {
            NAME => piece.strip_prefix(prefix).unwrap_or(piece),
            _ => piece,
        };
        Value::from_json(Json::Text(Text::Owned(piece.to_owned())))
    };
    Parts {
        region: piece(REGION),
        account: piece(ACCOUNT),
        name: piece(NAME),
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
