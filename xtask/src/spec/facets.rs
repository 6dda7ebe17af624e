//! The facets of a property, from every layer that speaks about it.

use std::borrow::Cow;

use cloudwright_spec::{Facets, Number, Pattern, Range, Scalar, Type};
use serde_json::Value;

use super::rules;
use super::view::{View, array};

/// Collects the facets of `view`, a property of type `ty`; `inner` are those of its elements.
pub(crate) fn collect(view: &View, ty: &Type<'static>, inner: Facets<'static>) -> Facets<'static> {
    let mut facets = match ty {
        Type::List(_) => list_facets(view, inner),
        Type::Map(_) => map_facets(view, inner),
        _ => scalar_facets(view, ty),
    };
    let refs = refs(view);
    facets.formed |= refs.iter().any(|target| formats(view).contains(target));
    facets.refs = merge_refs(refs, facets.refs);
    facets.default = default(view);
    facets
}

fn list_facets(view: &View, inner: Facets<'static>) -> Facets<'static> {
    let unique = view
        .all("uniqueItems")
        .any(|unique| unique == &Value::Bool(true));
    Facets {
        items: range(view, "minItems", "maxItems"),
        unique,
        unique_by: view
            .all("uniqueKeys")
            .flat_map(|keys| rules::names(Some(keys)))
            .collect(),
        loose: false,
        ..inner
    }
}

fn map_facets(view: &View, inner: Facets<'static>) -> Facets<'static> {
    Facets {
        items: range(view, "minProperties", "maxProperties"),
        unique: false,
        unique_by: Vec::new(),
        loose: false,
        ..inner
    }
}

fn scalar_facets(view: &View, ty: &Type<'static>) -> Facets<'static> {
    let mut facets = Facets::default();
    match ty {
        Type::Scalar(Scalar::Int | Scalar::Float) => {
            facets.range = range(view, "minimum", "maximum");
            narrow_exclusive(&mut facets.range, view);
            facets.values = numbers(view);
        }
        Type::Scalar(Scalar::String) => {
            facets.range = range(view, "minLength", "maxLength");
            facets.forms = forms(view);
            facets.pattern = view
                .text("pattern")
                .map(|regex| Pattern::Regex(one_line(regex)));
        }
        Type::Scalar(Scalar::Json) => facets.range = range(view, "minLength", "maxLength"),
        Type::OneOf(_) => facets.ignore_case = view.first("enumCaseInsensitive").is_some(),
        _ => {}
    }
    if matches!(ty, Type::Scalar(_)) && view.text("format") == Some("json") {
        facets.range = Range::default();
    }
    facets
}

/// The narrowest bounds of all layers.
pub(crate) fn range(view: &View, min: &str, max: &str) -> Range {
    let tighter = |a: Number, b: Number, first: bool| {
        if (a.as_f64() < b.as_f64()) == first {
            a
        } else {
            b
        }
    };
    let lower = view
        .all(min)
        .filter_map(number)
        .reduce(|a, b| tighter(a, b, false));
    let upper = view
        .all(max)
        .filter_map(number)
        .reduce(|a, b| tighter(a, b, true));
    Range {
        min: lower.filter(|bound| !is_zero_count(*bound, min)),
        max: upper,
    }
}

/// At least zero characters or elements says nothing.
fn is_zero_count(bound: Number, keyword: &str) -> bool {
    keyword != "minimum" && bound == Number::Int(0)
}

/// An exclusive bound of whole numbers is an inclusive one beside it.
fn narrow_exclusive(range: &mut Range, view: &View) {
    let whole = |key: &str| view.first(key).and_then(Value::as_i64);
    if let Some(above) = whole("exclusiveMaximum") {
        range.max = Some(Number::Int(above - 1));
    }
    if let Some(below) = whole("exclusiveMinimum") {
        range.min = Some(Number::Int(below + 1));
    }
}

fn numbers(view: &View) -> Vec<Number> {
    let list = view.first("enum").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(number).collect()
}

fn number(value: &Value) -> Option<Number> {
    match value.as_i64() {
        Some(int) => Some(Number::Int(int)),
        None => value.as_f64().map(whole_if_possible),
    }
}

/// `100.0` is written `100`.
#[allow(clippy::cast_possible_truncation)]
fn whole_if_possible(float: f64) -> Number {
    match float.fract() == 0.0 && float.abs() < 1e15 {
        true => Number::Int(float as i64),
        false => Number::Float(float),
    }
}

/// Short scalars only; a default document says nothing that fits on a line.
fn default(view: &View) -> Option<Cow<'static, str>> {
    let value = view.first("default")?;
    let text = value.to_string();
    let short = !value.is_object() && !value.is_array() && !value.is_null() && text.len() <= 60;
    (short && !text.contains('\\')).then_some(Cow::Owned(text))
}

/// The values of `format`, those of its alternatives included.
fn formats(view: &View) -> Vec<&'static str> {
    let alternatives = view.layers.iter().flat_map(|layer| array(layer, "anyOf"));
    let nodes = view
        .layers
        .iter()
        .copied()
        .chain(alternatives.filter_map(Value::as_object));
    nodes
        .filter_map(|node| node.get("format").and_then(Value::as_str))
        .collect()
}

/// The formats that are no reference and that the check knows.
fn forms(view: &View) -> Vec<&'static str> {
    let known = ["date-time", "ipv4-network", "ipv6-network"];
    formats(view)
        .into_iter()
        .filter(|format| known.contains(format))
        .collect()
}

/// What the property refers to: `format: AWS::IAM::Role.Arn`, or a `relationshipRef`.
fn refs(view: &View) -> Vec<&'static str> {
    let mut found = Vec::new();
    let alternatives = view.layers.iter().flat_map(|layer| array(layer, "anyOf"));
    let nodes = view.layers.iter().copied();
    for node in nodes.chain(alternatives.filter_map(Value::as_object)) {
        let format = node.get("format").and_then(Value::as_str);
        found.extend(format.filter(|format| format.starts_with("AWS::")));
        found.extend(node.get("relationshipRef").and_then(relationship));
    }
    merge_refs(found, Vec::new())
}

fn relationship(value: &Value) -> Option<&'static str> {
    let property = value
        .get("propertyPath")?
        .as_str()?
        .strip_prefix("/properties/")?;
    let target = format!(
        "{}.{}",
        value.get("typeName")?.as_str()?,
        property.replace('/', ".")
    );
    Some(target.leak())
}

/// Both lists without duplicates, in their order.
pub(crate) fn merge_refs(
    mut first: Vec<&'static str>,
    second: Vec<&'static str>,
) -> Vec<&'static str> {
    first.extend(second);
    let mut seen = std::collections::BTreeSet::new();
    first.retain(|target| seen.insert(*target));
    first
}

/// Control characters are written as escapes, and a space at the end, which editors take away.
fn one_line(regex: &'static str) -> &'static str {
    if !regex.contains(char::is_control) && !regex.ends_with(' ') {
        return regex;
    }
    let mut line = String::new();
    for char in regex.chars() {
        match char.is_control() {
            true => line.push_str(&format!("\\x{:02x}", u32::from(char))),
            false => line.push(char),
        }
    }
    if line.ends_with(' ') {
        line.pop();
        line.push_str("\\x20");
    }
    line.leak()
}

/// The form that the keys of a map must have, when any other key is refused.
pub(crate) fn keys(view: &View) -> Option<Pattern<'static>> {
    let patterns = view.first("patternProperties")?.as_object()?;
    let closed = view
        .all("additionalProperties")
        .any(|value| value == &Value::Bool(false));
    let only = patterns
        .keys()
        .next()
        .filter(|_| patterns.len() == 1 && closed)?;
    let everything = [".*", "^.*$", "", "^.+$", ".+", ".{1,}", "^.*"].contains(&only.as_str());
    (!everything && !only.contains(' ')).then(|| Pattern::Regex(one_line(only)))
}
