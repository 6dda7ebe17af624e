//! Strings made of several parts: rendered so that a reader sees the whole string.

use crate::expr::push_part;
use crate::json::{Json, Text};
use crate::resolve::value::Context;
use crate::rules;

/// One string of resolved parts: a literal, `Fn::Sub` with everything in place, or `Fn::Join` where
/// a part is neither a reference nor a literal.
pub(crate) fn render(parts: Vec<Json>) -> Json {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        push_part(&mut flat, as_text(part));
    }
    if flat.len() < 2 {
        return flat.pop().unwrap_or(Json::Text("".into()));
    }
    match substitution(&flat) {
        Some(text) => Json::function("Fn::Sub", Json::Text(text.into())),
        None => Json::function(
            "Fn::Join",
            Json::List(vec![Json::Text("".into()), Json::List(flat)]),
        ),
    }
}

/// Numbers and flags as the text that CloudFormation makes of them.
fn as_text(part: Json) -> Json {
    match part {
        Json::Int(number) => Json::Text(number.to_string().into()),
        Json::Bool(flag) => Json::Text(flag.to_string().into()),
        other => other,
    }
}

fn substitution(parts: &[Json]) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        let piece: Text = match part {
            Json::Text(literal) => closes(literal).then(|| escaped(literal))?,
            Json::Token(token) => match token.function() {
                // A string that is a substitution already is continued, not nested.
                Some(("Fn::Sub", Json::Text(inner))) => inner.clone(),
                _ => format!("${{{}}}", token.placeholder()?).into(),
            },
            _ => return None,
        };
        if text.ends_with('$') && piece.starts_with('{') {
            return None;
        }
        text.push_str(&piece);
    }
    Some(text)
}

/// `${` in a literal would be read as a placeholder.
fn escaped(literal: &str) -> Text {
    literal.replace("${", "${!").into()
}

/// Whether every `${` of a literal has its `}`: an escape reaches up to there, and one without
/// would take in the placeholder that comes next.
fn closes(literal: &str) -> bool {
    let mut openings = literal.split("${").skip(1);
    openings.all(|rest| rest.contains('}'))
}

/// Whether a text can stand among others without a `$` and a `{` meeting at its ends.
fn keeps_apart(text: &str) -> bool {
    !text.starts_with('{') && !text.ends_with('$')
}

/// A piece of the text of `Fn::Sub`.
enum Piece<'a> {
    Literal(&'a str),
    Placeholder(&'a str),
}

/// Resolves a stated `Fn::Sub`: values go into the text where that is possible, and placeholders
/// and values are checked against each other.
pub(crate) fn substitute(context: &mut Context<'_>, arguments: Json) -> Json {
    let (text, mut values) = match arguments {
        Json::List(mut items) if items.len() == 2 => match (items.remove(0), items.remove(0)) {
            (Json::Text(text), Json::Map(values)) => (text, values),
            (first, second) => return Json::function("Fn::Sub", Json::List(vec![first, second])),
        },
        other => return Json::function("Fn::Sub", other),
    };
    let mut rendered = String::new();
    let mut used: Vec<&str> = Vec::new();
    for piece in pieces(&text) {
        match piece {
            Piece::Literal(literal) => rendered.push_str(literal),
            Piece::Placeholder(name) => {
                used.push(name);
                let value = values
                    .iter()
                    .find(|(key, _)| key == name)
                    .map(|(_, value)| value);
                rendered.push_str(&inlined(name, value));
            }
        }
    }
    for (name, _) in values.iter().filter(|(name, _)| !used.contains(&&**name)) {
        let message = format!(
            "the text \"{text}\" has no placeholder ${{{name}}} for the value of that name"
        );
        context.problem(
            &rules::BAD_SUBSTITUTION,
            message,
            "use the placeholder or drop the value",
        );
    }
    values.retain(|(name, value)| used.contains(&&**name) && !is_inlined(value));
    let has_placeholder = pieces(&rendered).any(|piece| matches!(piece, Piece::Placeholder(_)));
    if !has_placeholder {
        return Json::Text(rendered.replace("${!", "${").into());
    }
    let text = Json::Text(rendered.into());
    let arguments = if values.is_empty() {
        text
    } else {
        Json::List(vec![text, Json::Map(values)])
    };
    Json::function("Fn::Sub", arguments)
}

fn is_inlined(value: &Json) -> bool {
    in_place(value).is_some()
}

fn inlined(name: &str, value: Option<&Json>) -> String {
    value
        .and_then(in_place)
        .unwrap_or_else(|| format!("${{{name}}}"))
}

/// What stands in the text of `Fn::Sub` in place of a value, when the value can stand there.
fn in_place(value: &Json) -> Option<String> {
    match value {
        Json::Text(literal) if closes(literal) && keeps_apart(literal) => {
            Some(escaped(literal).into_owned())
        }
        Json::Int(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Token(token) => match token.function() {
            Some(("Fn::Sub", Json::Text(inner))) => keeps_apart(inner).then(|| inner.to_string()),
            _ => token.placeholder().map(|name| format!("${{{name}}}")),
        },
        _ => None,
    }
}

/// Splits a text at its placeholders; `${!..}` is literal.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(inside) = rest
            .strip_prefix("${")
            .filter(|inside| !inside.starts_with('!'))
            && let Some(end) = inside.find('}')
        {
            rest = &inside[end + 1..];
            return Some(Piece::Placeholder(inside[..end].trim()));
        }
        let skip = usize::from(rest.starts_with("${")) * 2;
        let end = rest[skip..]
            .find("${")
            .map_or(rest.len(), |found| found + skip);
        let (literal, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Literal(literal))
    })
}

/// The names between `${` and `}` of a text, less the escaped ones.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Placeholder(name) => Some(name),
        Piece::Literal(_) => None,
    })
}

/// Calls `found` with the logical id of every `Ref`, `Fn::GetAtt` and `Fn::Sub` that a resolved
/// document holds whatever its conditions decide.
pub(crate) fn mentions(json: &Json, found: &mut dyn FnMut(&str)) {
    match json {
        Json::List(items) => items.iter().for_each(|item| mentions(item, found)),
        Json::Map(members) => members.iter().for_each(|(_, value)| mentions(value, found)),
        Json::Token(token) => match token.function() {
            Some(("Ref", Json::Text(id))) => found(id),
            Some(("Fn::GetAtt", Json::List(items))) => {
                items
                    .first()
                    .and_then(Json::as_text)
                    .into_iter()
                    .for_each(&mut *found);
            }
            Some(("Fn::GetAtt", Json::Text(path))) => {
                path.split('.').take(1).for_each(&mut *found);
            }
            Some(("Fn::Sub", arguments)) => mentions_in_text(arguments, found),
            // A branch that is not taken makes nothing wait.
            Some((name, arguments)) if name != "Fn::If" => mentions(arguments, found),
            _ => {}
        },
        _ => {}
    }
}

fn mentions_in_text(arguments: &Json, found: &mut dyn FnMut(&str)) {
    let (text, values) = match arguments {
        Json::Text(text) => (Some(&**text), None),
        Json::List(items) => (items.first().and_then(Json::as_text), items.get(1)),
        _ => (None, None),
    };
    let is_value = |name: &str| values.is_some_and(|values| values.get(name).is_some());
    for name in text
        .into_iter()
        .flat_map(placeholders)
        .filter(|name| !is_value(name))
    {
        found(name.split('.').next().unwrap_or(name));
    }
    if let Some(values) = values {
        mentions(values, found);
    }
}
