//! One line of a spec file: a property with its type and facets.

use std::borrow::Cow;

use crate::escape::unescape;
use crate::model::{Attribute, Facets, Number, Pattern, Property, Range, Replace, Scalar, Type};

/// Why a line was not understood.
pub(crate) type Reason = String;

/// Takes the text up to the next space off `rest`.
pub(crate) fn token<'a>(rest: &mut &'a str) -> &'a str {
    match rest.find(' ') {
        Some(at) => {
            let (head, tail) = rest.split_at(at);
            *rest = &tail[1..];
            head
        }
        None => std::mem::take(rest),
    }
}

/// Splits `A|B|C`.
pub(crate) fn list(token: &str) -> Vec<&str> {
    token.split('|').collect()
}

/// Splits `A|B\sC` and resolves the escapes.
pub(crate) fn values(token: &str) -> Result<Vec<Cow<'_, str>>, Reason> {
    let one = |value| unescape(value).ok_or_else(|| format!("unknown escape in {value:?}"));
    token.split('|').map(one).collect()
}

/// Parses `Name! type facets`.
pub(crate) fn property(line: &str) -> Result<Property<'_>, Reason> {
    let mut rest = line;
    let written = token(&mut rest);
    let unmarked = written.strip_prefix('\'').unwrap_or(written);
    let (name, required) = match unmarked.strip_suffix('!') {
        Some(name) => (name, true),
        None => (unmarked, false),
    };
    if name.is_empty() {
        return Err("got no property name".into());
    }
    let ty = parse_type(token(&mut rest))?;
    Ok(Property {
        name,
        required,
        ty,
        facets: facets(rest)?,
    })
}

/// Parses `Name type` of an attribute (the `=` is already taken).
pub(crate) fn attribute(line: &str) -> Result<Attribute<'_>, Reason> {
    let (name, ty) = line
        .split_once(' ')
        .ok_or("got an attribute without a type")?;
    Ok(Attribute {
        name,
        ty: parse_type(ty)?,
    })
}

fn parse_type(token: &str) -> Result<Type<'_>, Reason> {
    Ok(match token {
        "string" => Type::Scalar(Scalar::String),
        "bool" => Type::Scalar(Scalar::Bool),
        "int" => Type::Scalar(Scalar::Int),
        "float" => Type::Scalar(Scalar::Float),
        "json" => Type::Scalar(Scalar::Json),
        "" => return Err("got no type".into()),
        _ => compound_type(token)?,
    })
}

fn compound_type(token: &str) -> Result<Type<'_>, Reason> {
    match token.as_bytes()[0] {
        b'[' => Ok(Type::List(Box::new(parse_type(&token[1..])?))),
        b'{' => Ok(Type::Map(Box::new(parse_type(&token[1..])?))),
        b'(' => match token[1..].strip_suffix(')') {
            Some(inner) => Ok(Type::OneOf(values(inner)?)),
            None => Err(format!("got {token:?}, expected a closing parenthesis")),
        },
        _ => Ok(Type::Named(token)),
    }
}

fn facets(mut rest: &str) -> Result<Facets<'_>, Reason> {
    let mut facets = Facets::default();
    while !rest.is_empty() {
        if let Some(keys) = rest.strip_prefix("keys=") {
            rest = keys;
            facets.keys = Some(keys_pattern(token(&mut rest))?);
        } else if let Some(pattern) = pattern(rest) {
            facets.pattern = Some(pattern);
            break;
        } else {
            facet(&mut facets, &mut rest)?;
        }
    }
    Ok(facets)
}

/// A pattern is the last facet, since it runs to the end of the line.
fn pattern(rest: &str) -> Option<Pattern<'_>> {
    if let Some(regex) = rest.strip_prefix('/') {
        return Some(Pattern::Regex(regex));
    }
    rest.strip_prefix("chars ").map(Pattern::Chars)
}

/// The pattern of keys is one token: neither form needs a space.
fn keys_pattern(token: &str) -> Result<Pattern<'_>, Reason> {
    match token.strip_prefix('/') {
        Some(regex) => Ok(Pattern::Regex(regex)),
        None if token.is_empty() => Err("got `keys=` without a pattern".into()),
        None => Ok(Pattern::Chars(token)),
    }
}

fn facet<'a>(facets: &mut Facets<'a>, rest: &mut &'a str) -> Result<(), Reason> {
    match token(rest) {
        "replace" => facets.replace = Replace::Always,
        "maybe-replace" => facets.replace = Replace::Maybe,
        "writeonly" => facets.write_only = true,
        "any" => facets.any_shape = true,
        "loose" => facets.loose = true,
        "object" => facets.object_only = true,
        "nocase" => facets.ignore_case = true,
        "unique" => facets.unique = true,
        "formed" => facets.formed = true,
        "items" => facets.items = range(token(rest))?,
        "in" => facets.values = numbers(token(rest))?,
        other => long_facet(facets, other)?,
    }
    Ok(())
}

fn numbers(token: &str) -> Result<Vec<Number>, Reason> {
    token.split('|').map(number).collect()
}

fn long_facet<'a>(facets: &mut Facets<'a>, token: &'a str) -> Result<(), Reason> {
    if let Some(refs) = token.strip_prefix("ref=") {
        facets.refs = list(refs);
    } else if let Some(forms) = token.strip_prefix("form=") {
        facets.forms = list(forms);
    } else if let Some(names) = token.strip_prefix("unique-by=") {
        facets.unique_by = list(names);
    } else if let Some(default) = token.strip_prefix("default=") {
        let plain = unescape(default).ok_or_else(|| format!("unknown escape in {token:?}"))?;
        facets.default = Some(plain);
    } else {
        facets.range = range(token)?;
    }
    Ok(())
}

/// Parses `min..max`, of which either may be missing.
pub(crate) fn range(token: &str) -> Result<Range, Reason> {
    let Some((min, max)) = token.split_once("..") else {
        return Err(format!(
            "got {token:?}, expected a facet such as `replace` or `1..64`"
        ));
    };
    Ok(Range {
        min: bound(min)?,
        max: bound(max)?,
    })
}

fn bound(text: &str) -> Result<Option<Number>, Reason> {
    match text {
        "" => Ok(None),
        text => number(text).map(Some),
    }
}

fn number(text: &str) -> Result<Number, Reason> {
    if let Ok(int) = text.parse() {
        return Ok(Number::Int(int));
    }
    match text.parse() {
        Ok(float) => Ok(Number::Float(float)),
        Err(_) => Err(format!("got {text:?}, expected a number")),
    }
}
