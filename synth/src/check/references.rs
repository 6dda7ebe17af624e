//! What a value refers to: every way in which a template names one of its elements.

use std::fmt;

use crate::json::Json;
use crate::resolve::placeholders;

/// A name in a template, and how it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference<'a> {
    /// `Ref`, or `${Name}` in `Fn::Sub`.
    Ref(&'a str),
    /// `Fn::GetAtt`, or `${Name.Attribute}` in `Fn::Sub`.
    Attribute(&'a str, &'a str),
    /// The condition of `Fn::If`, of a resource, of an output, or of another condition.
    Condition(&'a str),
    /// The table of `Fn::FindInMap`.
    Mapping(&'a str),
}

impl<'a> Reference<'a> {
    /// The resource or parameter whose value is read.
    pub(crate) const fn value(self) -> Option<&'a str> {
        match self {
            Self::Ref(name) | Self::Attribute(name, _) => Some(name),
            Self::Condition(_) | Self::Mapping(_) => None,
        }
    }
}

impl fmt::Display for Reference<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ref(_) => out.write_str("Ref"),
            Self::Attribute(_, attribute) => write!(out, "Fn::GetAtt {attribute}"),
            Self::Condition(_) => out.write_str("Condition"),
            Self::Mapping(_) => out.write_str("Fn::FindInMap"),
        }
    }
}

/// Hands the references that one value makes by itself, not those of the values inside it, to
/// `found`.
pub(crate) fn each<'a>(json: &'a Json, found: &mut impl FnMut(Reference<'a>)) {
    let Json::Token(token) = json else { return };
    match token.function() {
        Some(("Ref", Json::Text(name))) => found(Reference::Ref(name)),
        Some(("Condition", Json::Text(name))) => found(Reference::Condition(name)),
        Some(("Fn::GetAtt", arguments)) => attribute(arguments, found),
        Some(("Fn::Sub", arguments)) => substitution(arguments, found),
        Some(("Fn::If", arguments)) => {
            first_text(arguments).map(Reference::Condition).map(found);
        }
        Some(("Fn::FindInMap", arguments)) => {
            first_text(arguments).map(Reference::Mapping).map(found);
        }
        Some(("Fn::ValueOf", arguments)) => {
            first_text(arguments).map(Reference::Ref).map(found);
        }
        _ => {}
    }
}

fn first_text(arguments: &Json) -> Option<&str> {
    arguments.as_list()?.first()?.as_text()
}

fn attribute<'a>(arguments: &'a Json, found: &mut impl FnMut(Reference<'a>)) {
    match arguments {
        Json::Text(dotted) => {
            let (name, attribute) = dotted.split_once('.').unwrap_or((dotted, ""));
            found(Reference::Attribute(name, attribute));
        }
        Json::List(items) => {
            if let Some(name) = items.first().and_then(Json::as_text) {
                let attribute = items.get(1).and_then(Json::as_text);
                found(Reference::Attribute(name, attribute.unwrap_or_default()));
            }
        }
        _ => {}
    }
}

fn substitution<'a>(arguments: &'a Json, found: &mut impl FnMut(Reference<'a>)) {
    let (text, values): (_, &[_]) = match arguments {
        Json::Text(text) => (text, &[]),
        Json::List(items) => match &items[..] {
            [Json::Text(text), Json::Map(values)] => (text, values),
            _ => return,
        },
        _ => return,
    };
    for name in placeholders(text) {
        if values.iter().any(|(key, _)| key == name) {
            continue;
        }
        found(match name.split_once('.') {
            Some((name, attribute)) => Reference::Attribute(name, attribute),
            None => Reference::Ref(name),
        });
    }
}
