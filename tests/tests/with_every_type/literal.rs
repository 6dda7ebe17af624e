//! Values as Rust expressions, made from the facts.

use cloudwright_spec::{Chars, Facets, Number, Pattern, Range, Scalar, Type};

use super::chars;
use super::random::Random;
use super::samples;

/// A scalar as a Rust expression; `None` when no value is known to fit.
pub fn scalar(
    scalar: Scalar,
    name: &str,
    facets: &Facets<'_>,
    serial: usize,
    random: &mut Random,
) -> Option<String> {
    match scalar {
        Scalar::String => numbered(name, facets, serial, random).map(|text| format!("{text:?}")),
        Scalar::Bool => Some(random.once_in(2).to_string()),
        Scalar::Int => Some((whole(facets) + i64::try_from(serial).unwrap_or(0)).to_string()),
        Scalar::Float => Some(format!("{:?}", fraction(facets))),
        Scalar::Json => Some(json(name).to_owned()),
    }
}

fn whole(facets: &Facets<'_>) -> i64 {
    #[allow(clippy::cast_possible_truncation)]
    let whole = |number: Number| match number {
        Number::Int(int) => int,
        Number::Float(float) => float.ceil() as i64,
    };
    if let Some(first) = facets.values.first() {
        return whole(*first);
    }
    match (facets.range.min.map(whole), facets.range.max.map(whole)) {
        (Some(min), Some(max)) => (min.max(1)).min(max),
        (Some(min), None) => min.max(1),
        (None, Some(max)) => max.min(1),
        (None, None) => 1,
    }
}

fn fraction(facets: &Facets<'_>) -> f64 {
    let float = |number: Option<Number>| number.map(Number::as_f64);
    if let Some(first) = facets.values.first() {
        return first.as_f64();
    }
    match (float(facets.range.min), float(facets.range.max)) {
        (Some(min), Some(max)) => {
            let middle = f64::midpoint(min, max);
            let whole = middle.round();
            if (min..=max).contains(&whole) {
                whole
            } else {
                middle
            }
        }
        (Some(min), None) => min.max(1.0),
        (None, Some(max)) => max.min(1.0),
        (None, None) => 1.5,
    }
}

/// Free JSON; policies have a form of their own.
fn json(name: &str) -> &'static str {
    match name {
        name if name.contains("AssumeRolePolicy") || name.contains("TrustPolicy") => {
            r#"json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]})"#
        }
        name if name.contains("Policy") => {
            r#"json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}]})"#
        }
        _ => r#"json!({"Key": "Value"})"#,
    }
}

/// How many of the innermost values a list or map gets, by its `items` facet.
pub fn items(facets: &Facets<'_>) -> usize {
    size(facets.items, 1, 1000).0.max(1)
}

/// The text for an element of a list: the first is as likely as any, later ones differ.
fn numbered(name: &str, facets: &Facets<'_>, serial: usize, random: &mut Random) -> Option<String> {
    let first = text(name, facets, random)?;
    if serial == 0 {
        return Some(first);
    }
    let (min, max) = size(facets.range, 0, 4096);
    let next = [
        first.replace("12345678", &format!("1234567{serial}")),
        first.replace("example", &format!("example{serial}")),
        format!("{first}{serial}"),
    ];
    let fits = |text: &String| {
        (min..=max).contains(&text.len()) && accepts(facets.pattern, text) && *text != first
    };
    next.into_iter()
        .find(fits)
        .or_else(|| match facets.pattern {
            Some(Pattern::Chars(pattern)) => chars::sample(pattern, min.max(1), max, random),
            _ => None,
        })
}

/// Texts that fit: a likely one, else one made from the pattern.
pub fn text(name: &str, facets: &Facets<'_>, random: &mut Random) -> Option<String> {
    let (min, max) = size(facets.range, 0, 4096);
    let fits =
        |text: &&str| (min..=max).contains(&text.chars().count()) && accepts(facets.pattern, text);
    if let Some(known) = samples::reference(&facets.refs).filter(|text| fits(text)) {
        return Some(known.to_owned());
    }
    if let Some(known) = samples::formed(&facets.forms).filter(|text| fits(text)) {
        return Some(known.to_owned());
    }
    let arn = name.ends_with("Arn") || name.ends_with("ARN");
    let likely = samples::LIKELY
        .iter()
        .copied()
        .filter(|text| !arn || text.starts_with("arn"));
    match facets.pattern {
        None => likely
            .chain(samples::LIKELY.iter().copied())
            .find(fits)
            .map(str::to_owned)
            .or_else(|| Some("x".repeat(min.max(1).min(max)))),
        Some(Pattern::Chars(pattern)) => match likely.clone().find(fits) {
            Some(text) => Some(text.to_owned()),
            None => chars::sample(pattern, min.max(1), max, random)
                .or_else(|| chars::sample(pattern, min, max, random)),
        },
        Some(Pattern::Regex(_)) => None,
    }
}

/// A text for a required property whose expression nothing here understands.
pub fn guess(facets: &Facets<'_>) -> Option<String> {
    let Some(Pattern::Regex(pattern)) = facets.pattern else {
        return None;
    };
    samples::expression(pattern).map(|text| format!("{text:?}"))
}

/// A key of a map.
pub fn key(facets: &Facets<'_>, random: &mut Random) -> Option<String> {
    match facets.keys {
        None => Some("Key".to_owned()),
        Some(Pattern::Chars(pattern)) => ["Key", "key", "1"]
            .into_iter()
            .find(|key| accepts(facets.keys, key))
            .map(str::to_owned)
            .or_else(|| chars::sample(pattern, 1, 128, random)),
        Some(Pattern::Regex(_)) => None,
    }
}

fn accepts(pattern: Option<Pattern<'_>>, text: &str) -> bool {
    match pattern {
        None => true,
        Some(Pattern::Chars(pattern)) => {
            Chars::parse(pattern).is_ok_and(|pattern| pattern.matches(text))
        }
        Some(Pattern::Regex(_)) => false,
    }
}

fn size(range: Range, min: usize, max: usize) -> (usize, usize) {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let number = |number: Number| number.as_f64() as usize;
    (range.min.map_or(min, number), range.max.map_or(max, number))
}

/// Whether the leaf of a type is a scalar.
pub fn leaf_scalar(ty: &Type<'_>) -> Option<Scalar> {
    match ty.leaf() {
        Type::Scalar(scalar) => Some(*scalar),
        _ => None,
    }
}
