//! How checks read values of a template.

use cloudwright_synth::{Json, TemplateResource, View};

/// A letter that stands for a part of a text that only the deployment knows; it has no slash and no
/// colon in it.
pub(super) const UNKNOWN: char = '\u{1}';

/// The value at a way of names joined by dots.
pub(super) fn at<'a>(json: &'a Json, way: &str) -> Option<&'a Json> {
    let mut value = json;
    for name in way.split('.') {
        value = value.get(name)?;
    }
    Some(value)
}

/// The items of a list, or the one value that stands for a list of one.
pub(super) fn each(json: Option<&Json>) -> &[Json] {
    match json {
        None => &[],
        Some(Json::List(items)) => items,
        Some(single) => std::slice::from_ref(single),
    }
}

/// A property of a resource that is a literal text.
pub(super) fn text_at<'a>(resource: &'a TemplateResource, way: &str) -> Option<&'a str> {
    at(resource.properties(), way)?.as_text()
}

/// Whether a value is `true`, in either notation.
pub(super) fn is_true(json: Option<&Json>) -> bool {
    is_flag(json, true)
}

/// Whether a value is `false`, in either notation.
pub(super) fn is_false(json: Option<&Json>) -> bool {
    is_flag(json, false)
}

fn is_flag(json: Option<&Json>, wanted: bool) -> bool {
    match json {
        Some(Json::Bool(flag)) => *flag == wanted,
        Some(Json::Text(text)) => text == if wanted { "true" } else { "false" },
        _ => false,
    }
}

/// A literal whole number, in either notation.
pub(super) fn number(json: Option<&Json>) -> Option<i64> {
    match json? {
        Json::Int(number) => Some(*number),
        Json::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// The beginning or the end of keys that a notification of a bucket is about; empty for any.
pub(super) fn key_filter<'a>(entry: &'a Json, wanted: &str) -> &'a str {
    let rules = each(at(entry, "Filter.S3Key.Rules"));
    let is_wanted = |rule: &&Json| {
        let name = rule.get("Name").and_then(Json::as_text);
        name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
    };
    let value = rules
        .iter()
        .find(is_wanted)
        .and_then(|rule| rule.get("Value"));
    value.and_then(Json::as_text).unwrap_or_default()
}

/// Whether a queue or a topic is FIFO, as far as the template says.
pub(super) fn is_fifo(resource: &TemplateResource) -> bool {
    let properties = resource.properties();
    let named = |name| text_at(resource, name).is_some_and(|name| name.ends_with(".fifo"));
    match resource.kind() {
        "AWS::SQS::Queue" => is_true(properties.get("FifoQueue")) || named("QueueName"),
        "AWS::SNS::Topic" => is_true(properties.get("FifoTopic")) || named("TopicName"),
        _ => false,
    }
}

/// Whether a value is a FIFO queue or topic: one of the template, or the ARN of one.
pub(super) fn is_fifo_target(view: &View<'_>, target: &Json) -> bool {
    match target.as_text() {
        Some(arn) => arn.ends_with(".fifo"),
        None => view.referred(target).is_some_and(is_fifo),
    }
}

/// The resource of a kind that a value refers to.
pub(super) fn referred<'a>(
    view: &View<'a>,
    value: Option<&Json>,
    kind: &str,
) -> Option<&'a TemplateResource> {
    view.referred(value?).filter(|found| found.kind() == kind)
}

/// A value as text, with [`UNKNOWN`] for each part that only the deployment knows.
pub(super) fn shape(view: &View<'_>, value: &Json) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.to_string()),
        Json::Token(token) => match token.function()? {
            ("Fn::Sub", Json::Text(text)) => Some(substituted(view, text)),
            ("Fn::Join", Json::List(arguments)) => joined(view, arguments),
            ("Fn::GetAtt" | "Ref", _) => arn(view, value),
            _ => None,
        },
        _ => None,
    }
}

fn substituted(view: &View<'_>, text: &str) -> String {
    let mut shape = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        shape.push_str(before);
        let whole = Json::function("Fn::Sub", Json::Text(format!("${{{name}}}").into()));
        let arn = if name.ends_with("Arn") {
            view.referred(&whole).and_then(TemplateResource::arn_format)
        } else {
            None
        };
        match arn {
            Some(format) => shape.push_str(&masked(format)),
            None => shape.push(UNKNOWN),
        }
        rest = behind;
    }
    shape + rest
}

fn joined(view: &View<'_>, arguments: &[Json]) -> Option<String> {
    let [separator, Json::List(parts)] = arguments else {
        return None;
    };
    let parts: Vec<String> = parts
        .iter()
        .map(|part| shape(view, part).unwrap_or_else(|| UNKNOWN.to_string()))
        .collect();
    Some(parts.join(separator.as_text()?))
}

/// The ARN of the resource that a value reads, when it reads the ARN.
fn arn(view: &View<'_>, value: &Json) -> Option<String> {
    let Json::Token(token) = value else {
        return None;
    };
    let resource = view.referred(value)?;
    let reads_arn = match token.function()? {
        ("Fn::GetAtt", Json::List(names)) => {
            let attribute = names.get(1).and_then(Json::as_text);
            matches!(attribute, Some("Arn" | "TopicArn"))
        }
        ("Ref", _) => resource.kind() == "AWS::SNS::Topic",
        _ => false,
    };
    let format = resource.arn_format().filter(|_| reads_arn)?;
    Some(masked(format))
}

/// The format of an ARN with [`UNKNOWN`] in place of its placeholders.
fn masked(format: &str) -> String {
    let mut masked = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("${") {
        masked.push_str(before);
        masked.push(UNKNOWN);
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    masked + rest
}

/// Whether some text fits both: in `text` and in `pattern`, `*` is anything, `?` a letter, and
/// [`UNKNOWN`] or `+` a part without slash and colon. Letters are the same in either case.
pub(super) fn meets(text: &[u8], pattern: &[u8]) -> bool {
    let is_part = |letter: u8| letter == b'+' || letter == UNKNOWN as u8;
    let inner = |letter: &u8| !matches!(letter, b'/' | b':');
    match (text.split_first(), pattern.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            meets(rest, pattern) || (!pattern.is_empty() && meets(text, &pattern[1..]))
        }
        (_, Some((b'*', rest))) => {
            meets(text, rest) || (!text.is_empty() && meets(&text[1..], pattern))
        }
        (Some((part, rest)), _) if is_part(*part) => {
            meets(rest, pattern)
                || (pattern.first().is_some_and(inner) && meets(text, &pattern[1..]))
        }
        (_, Some((part, rest))) if is_part(*part) => {
            meets(text, rest) || (text.first().is_some_and(inner) && meets(&text[1..], pattern))
        }
        (Some((a, text)), Some((b, pattern))) => {
            (a.eq_ignore_ascii_case(b) || *a == b'?' || *b == b'?') && meets(text, pattern)
        }
        _ => false,
    }
}

/// Whether an action fits the pattern of a statement.
pub(super) fn is_action(pattern: &str, action: &str) -> bool {
    meets(pattern.as_bytes(), action.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::meets;

    #[test]
    fn patterns_meet_where_some_text_fits_both() {
        for (text, pattern, expected) in [
            ("s3:GetObject", "s3:getobject", true),
            ("s3:Get*", "s3:getobject", true),
            ("s3:Put*", "s3:getobject", false),
            ("*", "s3:getobject", true),
            ("s3:\u{1}", "s3:+/*", false),
            ("s3:\u{1}/*", "s3:+/*", true),
            ("s3:uploads/in/*", "s3:+/*", true),
            ("s3:uploads/*", "s3:+", false),
            ("sqs:\u{1}", "sqs:*", true),
            ("", "", true),
            ("a", "", false),
        ] {
            assert_eq!(
                meets(text.as_bytes(), pattern.as_bytes()),
                expected,
                "{text} {pattern}"
            );
        }
    }
}
