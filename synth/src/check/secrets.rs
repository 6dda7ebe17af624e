//! Secrets where anybody can read them.

use cloudwright_spec::sorted::Set;

use crate::check::parts::{Part, Place};
use crate::check::references;
use crate::check::report::Report;
use crate::check::walk::{Trail, walk};
use crate::json::Json;
use crate::rules;
use crate::template::Template;

/// How the values of secrets are referred to.
const SECRET_REFERENCES: [&str; 2] = ["{{resolve:secretsmanager:", "{{resolve:ssm-secure:"];
/// How the ids of AWS access keys start.
const KEY_ID_STARTS: [&str; 2] = ["AKIA", "ASIA"];
/// How many letters and digits follow.
const KEY_ID_REST: usize = 16;

/// Reports secrets in outputs, metadata and defaults.
pub(crate) fn check_shown(report: &mut Report<'_>, parts: &[Part<'_>], template: &Template) {
    let hidden: Set<&str> = template
        .parameters
        .iter()
        .filter(|(_, parameter)| is_hidden(parameter))
        .map(|(id, _)| &**id)
        .collect();
    for part in parts {
        let shown = part.place == Place::Output || part.name == "Metadata";
        if shown {
            shown_parameter(report, part, &hidden);
            shown_reference(report, part);
        }
        if part.place == Place::Parameter {
            shown_default(report, part);
        }
    }
}

fn is_hidden(parameter: &Json) -> bool {
    match parameter.get("NoEcho") {
        Some(Json::Bool(flag)) => *flag,
        Some(Json::Text(text)) => text == "true",
        _ => false,
    }
}

fn place(part: &Part<'_>) -> String {
    match part.place {
        Place::Output => format!("output {}", part.id),
        Place::Metadata => "the template's metadata".to_owned(),
        _ => format!("the metadata of {}", part.id),
    }
}

fn shown_parameter(report: &mut Report<'_>, part: &Part<'_>, hidden: &Set<&str>) {
    let mut shown = Set::new();
    walk(part.json, &mut Trail::default(), &mut |json, _| {
        references::each(json, &mut |reference| {
            shown.extend(reference.value().filter(|name| hidden.contains(name)));
        });
    });
    for name in shown {
        let message = format!(
            "{} shows the value of {name}, a NoEcho parameter",
            place(part)
        );
        let help =
            "leave it out: outputs and metadata are shown to everybody who can see the stack";
        report.error(part.node, &rules::SHOWN_SECRET, message, help);
    }
}

fn shown_reference(report: &mut Report<'_>, part: &Part<'_>) {
    let mut text = String::new();
    walk(part.json, &mut Trail::default(), &mut |json, _| {
        text.push_str(json.as_text().unwrap_or_default());
    });
    if SECRET_REFERENCES.iter().any(|start| text.contains(start)) {
        let message = format!("{} holds a reference to the value of a secret", place(part));
        let help = "pass on the secret's ARN, and let the reader fetch the value";
        report.error(part.node, &rules::SHOWN_SECRET, message, help);
    }
}

fn shown_default(report: &mut Report<'_>, part: &Part<'_>) {
    let default = part.json.get("Default").and_then(Json::as_text);
    if is_hidden(part.json) && default.is_some_and(|text| !text.is_empty()) {
        let message = format!(
            "parameter {} is NoEcho, and its default is in the template",
            part.id
        );
        let help = "give it no default, or read a secret with a dynamic reference";
        report.warn(part.node, &rules::PLAIN_SECRET, message, help);
    }
}

/// Reports a key that stands in the template as text.
pub(crate) fn check_text(report: &mut Report<'_>, part: &Part<'_>, text: &str, trail: &Trail<'_>) {
    if let Some(what) = key_in(text) {
        let message = format!("`{trail}` of {} holds {what}", part.id);
        let help = "templates are not secret: read it with a dynamic reference, or use a role";
        report.warn(part.node, &rules::PLAIN_SECRET, message, help);
    }
}

fn key_in(text: &str) -> Option<&'static str> {
    // Nearly all texts of a template are shorter than any key.
    if text.len() < KEY_ID_STARTS[0].len() + KEY_ID_REST {
        return None;
    }
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    let key_id = KEY_ID_STARTS.iter().any(|start| {
        text.match_indices(start)
            .any(|(at, _)| is_key_id(text, at + start.len()))
    });
    key_id.then_some("the id of an AWS access key")
}

/// Whether a whole word of the right form stands before `rest`.
fn is_key_id(text: &str, rest: usize) -> bool {
    let bytes = text.as_bytes();
    let word = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let after = bytes[rest..].iter().take_while(|byte| word(byte)).count();
    let before = rest.checked_sub(5).map(|before| bytes[before]);
    after == KEY_ID_REST && !before.is_some_and(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::key_in;

    #[test]
    fn keys_are_told_from_words() {
        let id = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
        assert!(key_in(&id).is_some());
        assert!(key_in(&format!("key={id};")).is_some());
        assert!(key_in(&format!("X{id}")).is_none());
        assert!(key_in(&format!("{id}X")).is_none());
        assert!(key_in("AKIA").is_none());
        assert!(key_in(&format!("-----BEGIN RSA {}-----", "PRIVATE KEY")).is_some());
        assert!(key_in("ÄAKIAÖ").is_none());
    }
}
