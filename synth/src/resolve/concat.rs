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
        match part {
            Json::Text(literal) => text.push_str(&escaped(literal)),
            Json::Token(token) => match token.function() {
                // A string that is a substitution already is continued, not nested.
                Some(("Fn::Sub", Json::Text(inner))) => text.push_str(inner),
                _ => text.push_str(&format!("${{{}}}", token.placeholder()?)),
            },
            _ => return None,
        }
    }
    Some(text)
}

/// `${` in a literal would be read as a placeholder.
fn escaped(literal: &str) -> Text {
    literal.replace("${", "${!").into()
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
    match value {
        Json::Text(_) | Json::Int(_) | Json::Bool(_) => true,
        Json::Token(token) => {
            token.placeholder().is_some()
                || matches!(token.function(), Some(("Fn::Sub", Json::Text(_))))
        }
        _ => false,
    }
}

fn inlined(name: &str, value: Option<&Json>) -> String {
    match value {
        Some(Json::Text(literal)) => escaped(literal).into_owned(),
        Some(Json::Int(number)) => number.to_string(),
        Some(Json::Bool(flag)) => flag.to_string(),
        Some(Json::Token(token)) => match token.function() {
            Some(("Fn::Sub", Json::Text(inner))) => inner.to_string(),
            _ => format!(
                "${{{}}}",
                token.placeholder().unwrap_or_else(|| name.to_owned())
            ),
        },
        _ => format!("${{{name}}}"),
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
