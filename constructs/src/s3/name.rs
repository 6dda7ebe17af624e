//! Bucket names in the account-regional namespace: known at synthesis, taken by nobody else.

use cloudwright_synth::{Json, Scope, Text, Value};

use crate::rules;

/// The longest bucket name that S3 takes.
pub(super) const NAME_LIMIT: usize = 63;
/// What follows the prefix besides the region: two dashes, twelve digits, and the `-an` that marks
/// the namespace.
const SUFFIX: usize = 1 + 12 + 1 + "-an".len();
/// The longest region name of today.
const LONGEST_REGION: usize = "us-isof-south-1".len();

/// `<prefix>-<account>-<region>-an`, in the environment of the bucket's own stack.
pub(crate) fn account_regional(scope: &Scope, prefix: &str) -> Value<String> {
    Value::from_json(Json::concat(vec![
        Json::Text(Text::Owned(format!("{prefix}-"))),
        scope.account().as_json().clone(),
        Json::Text("-".into()),
        scope.region().as_json().clone(),
        Json::Text("-an".into()),
    ]))
}

/// The prefix that a bucket gets from its construct's path. It has the same length budget in every
/// region, so that copies of a stack differ in nothing but the region.
pub(crate) fn default_prefix(scope: &Scope) -> String {
    scope.physical_name(NAME_LIMIT - SUFFIX - LONGEST_REGION)
}

/// Reports a prefix that S3 would refuse, or that leaves no room for the rest of the name.
pub(crate) fn check_prefix(scope: &Scope, prefix: &str) {
    let environment = scope.environment();
    let region = environment.region_name().map_or(LONGEST_REGION, str::len);
    let budget = NAME_LIMIT - SUFFIX - region;
    if prefix.len() > budget {
        let message = format!(
            "a bucket name has at most {NAME_LIMIT} characters, and account, region and namespace take \
             {}: the prefix may have {budget}, got {} (\"{prefix}\")",
            SUFFIX + region,
            prefix.len()
        );
        scope.error(
            &rules::BAD_NAME,
            message,
            "shorten the prefix, or leave it out",
        );
    }
    check_letters(scope, prefix);
}

/// Reports a global name that S3 would refuse.
pub(crate) fn check_global(scope: &Scope, name: &str) {
    if !(3..=NAME_LIMIT).contains(&name.len()) {
        let message = format!(
            "a bucket name has 3 to {NAME_LIMIT} characters, got {} (\"{name}\")",
            name.len()
        );
        scope.error(
            &rules::BAD_NAME,
            message,
            "choose another name, or leave it out",
        );
    }
    check_letters(scope, name);
}

fn check_letters(scope: &Scope, name: &str) {
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
    };
    let ends = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = name.as_bytes();
    if !bytes.iter().copied().all(allowed)
        || !ends(bytes.first())
        || !ends(bytes.last())
        || name.contains("..")
    {
        let message = format!(
            "a bucket name consists of lower-case letters, digits, dots and dashes, and begins and ends \
             with a letter or digit, got \"{name}\""
        );
        scope.error(
            &rules::BAD_NAME,
            message,
            "choose another name, or leave it out",
        );
    }
}
