//! Scalars, closed sets and free JSON.

use std::borrow::Cow;

use super::form;
use super::literal::{Literal, Shape};
use super::path::Path;
use super::{Checker, Finding, Kind, pattern_text};
use crate::chars::Chars;
use crate::model::{Facets, Number, Pattern, Range, Scalar, Type};
use crate::nearest;

impl<'a> Checker<'_, 'a> {
    pub(super) fn scalar<L: Literal>(
        &mut self,
        scalar: Scalar,
        facets: &Facets<'a>,
        shape: &Shape<'_, L>,
        path: Path<'_>,
    ) {
        if !is_a(scalar, shape) {
            if !facets.any_shape {
                self.wrong_type(shape, Type::Scalar(scalar).noun(), path);
            }
            return;
        }
        match scalar {
            Scalar::Int | Scalar::Float => self.number(facets, shape, path),
            Scalar::String => self.text(facets, shape, path),
            Scalar::Bool | Scalar::Json => {}
        }
    }

    fn number<L: Literal>(&mut self, facets: &Facets<'a>, shape: &Shape<'_, L>, path: Path<'_>) {
        let Some(number) = numeric(shape) else { return };
        if !within(facets.range, number) {
            let expected = bounds(facets.range, "");
            self.found(Kind::OutOfRange, path, shape.describe(), expected);
        }
        let allowed = |value: &Number| (value.as_f64() - number).abs() < f64::EPSILON;
        if !facets.values.is_empty() && !facets.values.iter().any(allowed) {
            let values: Vec<String> = facets.values.iter().map(Number::to_string).collect();
            let expected = format!("one of {}", values.join(", "));
            self.found(Kind::NotAllowed, path, shape.describe(), expected);
        }
    }

    fn text<L: Literal>(&mut self, facets: &Facets<'a>, shape: &Shape<'_, L>, path: Path<'_>) {
        let is_text = matches!(shape, Shape::Str(_));
        if !facets.range.is_empty()
            && (is_text || facets.pattern.is_some())
            && let Some(text) = scalar_cow(shape)
        {
            let length = text.chars().count();
            if !within(facets.range, count(length)) {
                let got = format!("{} of {length} characters", shape.describe());
                self.found(
                    Kind::WrongLength,
                    path,
                    got,
                    bounds(facets.range, "characters"),
                );
            }
        }
        if let Shape::Str(text) = shape {
            self.named_form(facets, text, path);
        }
        if let Some(pattern) = facets.pattern
            && let Some(text) = scalar_cow(shape)
            && !self.has_form(pattern, &text)
        {
            let expected = format!("the form {}", pattern_text(pattern));
            self.found(Kind::WrongForm, path, shape.describe(), expected);
        } else if let Shape::Str(text) = shape {
            self.referred_form(facets, text, path);
        }
    }

    fn named_form(&mut self, facets: &Facets<'a>, text: &str, path: Path<'_>) {
        if !facets.forms.is_empty() && !facets.forms.iter().any(|name| form::is_form(name, text)) {
            let words: Vec<&str> = facets.forms.iter().map(|name| form::words(name)).collect();
            self.found(
                Kind::WrongForm,
                path,
                format!("{text:?}"),
                words.join(", or "),
            );
        }
    }

    /// The form of what a text refers to.
    fn referred_form(&mut self, facets: &Facets<'a>, text: &str, path: Path<'_>) {
        let unset_bucket_name = text.is_empty() && self.resource.type_name == "AWS::S3::Bucket";
        if !facets.formed || unset_bucket_name {
            return;
        }
        let known: Vec<(&'a str, bool)> = facets
            .refs
            .iter()
            .filter_map(|target| Some((*target, form::is_reference(target, text)?)))
            .collect();
        if !known.is_empty() && known.iter().all(|(_, holds)| !holds) {
            let form = |(target, _): &(&str, bool)| {
                format!(
                    "{target}, {}",
                    form::of_reference(target).unwrap_or_default()
                )
            };
            let forms: Vec<String> = known.iter().map(form).collect();
            let expected = format!("the form of {}", forms.join(" or "));
            self.found(Kind::WrongForm, path, format!("{text:?}"), expected);
        }
    }

    /// A pattern that cannot be parsed refuses nothing; a test holds that there is none.
    pub(super) fn has_form(&mut self, pattern: Pattern<'_>, text: &str) -> bool {
        match pattern {
            Pattern::Chars(chars) => Chars::parse(chars).is_ok_and(|chars| chars.matches(text)),
            Pattern::Regex(regex) => (self.regex)(regex, text),
        }
    }

    pub(super) fn closed_set<L: Literal>(
        &mut self,
        values: &[Cow<'a, str>],
        facets: &Facets<'a>,
        shape: &Shape<'_, L>,
        path: Path<'_>,
    ) {
        let Some(text) = scalar_cow(shape) else {
            if !facets.any_shape {
                self.wrong_type(shape, "text", path);
            }
            return;
        };
        let ignore_case = facets.ignore_case || matches!(shape, Shape::Bool(_)) || is_bool(&text);
        let equal = |value: &str| match ignore_case {
            true => value.to_lowercase() == text.to_lowercase(),
            false => value == text,
        };
        if facets.any_shape || values.iter().any(|value| equal(value)) {
            return;
        }
        let near = nearest(&text, values.iter().map(AsRef::as_ref));
        (self.report)(Finding {
            kind: Kind::NotAllowed,
            path: path.text(),
            got: shape.describe(),
            expected: listing(values),
            help: near.map(|value| format!("did you mean {value:?}?")),
        });
    }

    pub(super) fn json<L: Literal>(
        &mut self,
        facets: &Facets<'a>,
        shape: &Shape<'_, L>,
        path: Path<'_>,
    ) {
        match shape {
            Shape::Map(members) => {
                for (key, value) in *members {
                    self.no_null(value, Path::Member(&path, key.as_ref()));
                }
            }
            _ if facets.any_shape => {}
            Shape::List(_) | Shape::Null => self.wrong_type(shape, "an object or text", path),
            _ if facets.object_only => self.wrong_type(shape, "an object", path),
            _ => {}
        }
    }

    /// `null` is accepted nowhere, also not within free JSON.
    fn no_null<L: Literal>(&mut self, value: &L, path: Path<'_>) {
        match value.shape() {
            Shape::Null => self.wrong_type(&value.shape(), "a value, or no member at all", path),
            Shape::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.no_null(item, Path::Element(&path, index));
                }
            }
            Shape::Map(members) => {
                for (key, value) in members {
                    self.no_null(value, Path::Member(&path, key.as_ref()));
                }
            }
            _ => {}
        }
    }
}

/// Whether CloudFormation takes the value for the scalar, after its own conversions.
fn is_a<L: Literal>(scalar: Scalar, shape: &Shape<'_, L>) -> bool {
    match shape {
        Shape::Opaque => true,
        Shape::Null | Shape::List(_) | Shape::Map(_) => false,
        Shape::Bool(_) => !matches!(scalar, Scalar::Int | Scalar::Float),
        Shape::Int(_) | Shape::Float(_) => scalar != Scalar::Bool,
        Shape::Str(text) => match scalar {
            Scalar::String | Scalar::Json => true,
            Scalar::Bool => is_bool(text),
            Scalar::Int => text.trim().parse::<i128>().is_ok(),
            Scalar::Float => text.trim().parse::<f64>().is_ok(),
        },
    }
}

fn is_bool(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

#[allow(clippy::cast_precision_loss)]
fn numeric<L: Literal>(shape: &Shape<'_, L>) -> Option<f64> {
    match shape {
        Shape::Int(int) => Some(*int as f64),
        Shape::Float(float) => Some(*float),
        Shape::Str(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn scalar_cow<'v, L: Literal>(shape: &Shape<'v, L>) -> Option<Cow<'v, str>> {
    match shape {
        Shape::Str(text) => Some(Cow::Borrowed(text)),
        other => other.scalar_text().map(Cow::Owned),
    }
}

/// A count as a number to compare.
#[allow(clippy::cast_precision_loss)]
pub(super) fn count(count: usize) -> f64 {
    count as f64
}

/// Whether the number is within the bounds.
pub(super) fn within(range: Range, number: f64) -> bool {
    range.min.is_none_or(|min| number >= min.as_f64())
        && range.max.is_none_or(|max| number <= max.as_f64())
}

/// The bounds in words: `1 to 64 characters`.
pub(super) fn bounds(range: Range, unit: &str) -> String {
    let text = match (range.min, range.max) {
        (Some(min), Some(max)) if min == max => format!("exactly {min} {unit}"),
        (Some(min), Some(max)) => format!("{min} to {max} {unit}"),
        (Some(min), None) => format!("at least {min} {unit}"),
        (None, Some(max)) => format!("at most {max} {unit}"),
        (None, None) => format!("any {unit}"),
    };
    text.trim_end().to_owned()
}

/// How many values of a closed set a message lists.
const MOST_VALUES: usize = 24;

fn listing(values: &[Cow<'_, str>]) -> String {
    let shown: Vec<String> = values
        .iter()
        .take(MOST_VALUES)
        .map(|v| format!("{v:?}"))
        .collect();
    match values.len().saturating_sub(MOST_VALUES) {
        0 => format!("one of {}", shown.join(", ")),
        more => format!("one of {} and {more} more", shown.join(", ")),
    }
}

impl Type<'_> {
    /// The type in words, for a message.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Type::Scalar(Scalar::String) | Type::OneOf(_) => "text",
            Type::Scalar(Scalar::Bool) => "true or false",
            Type::Scalar(Scalar::Int) => "a whole number",
            Type::Scalar(Scalar::Float) => "a number",
            Type::Scalar(Scalar::Json) => "JSON",
            Type::Named(_) => "objects",
            Type::List(_) => "lists",
            Type::Map(_) => "maps",
        }
    }
}
