//! Doc lines: what the facts say about a property, in one line.

use std::borrow::Cow;
use std::fmt::Write as _;

use cloudwright_spec::{Pattern, Property, Replace, Type};

/// Longer patterns and value lists are left to the AWS page.
const LONGEST: usize = 160;

/// The doc comment of a property's setter, without its `///`.
pub fn property(property: &Property<'_>, deprecated: bool) -> String {
    let facets = &property.facets;
    let mut out = format!("`{}`.", property.name);
    if deprecated {
        out.push_str(" **Deprecated.**");
    }
    if let Type::OneOf(values) = property.ty.leaf()
        && let Some(list) = value_list(values)
    {
        let _ = write!(out, " One of {list}.");
    }
    if !facets.range.is_empty() {
        let _ = write!(out, " {}: `{}`.", range_noun(property), facets.range);
    }
    if !facets.items.is_empty() {
        let _ = write!(out, " Items: `{}`.", facets.items);
    }
    if !facets.values.is_empty() {
        let numbers: Vec<String> = facets.values.iter().map(ToString::to_string).collect();
        let _ = write!(out, " One of `{}`.", numbers.join("`, `"));
    }
    if let Some(default) = facets.default.as_deref().filter(|text| fits_code(text)) {
        let _ = write!(out, " Default: `{default}`.");
    }
    if let Some(pattern) = facets.pattern.and_then(pattern) {
        let _ = write!(out, " Pattern: `{pattern}`.");
    }
    out.push_str(match facets.replace {
        Replace::Never => "",
        Replace::Maybe => " A change may replace the resource.",
        Replace::Always => " **A change replaces the resource.**",
    });
    out
}

fn range_noun(property: &Property<'_>) -> &'static str {
    match property.ty.leaf() {
        Type::Scalar(cloudwright_spec::Scalar::Int | cloudwright_spec::Scalar::Float) => "Range",
        _ => "Length",
    }
}

fn value_list(values: &[Cow<'_, str>]) -> Option<String> {
    let list = values.join("`, `");
    (fits_code(&list.replace('`', "")) && values.iter().all(|value| !value.contains('`')))
        .then(|| format!("`{list}`"))
}

fn pattern<'a>(pattern: Pattern<'a>) -> Option<&'a str> {
    let (Pattern::Chars(text) | Pattern::Regex(text)) = pattern;
    fits_code(text).then_some(text)
}

/// Whether text can stand between backticks on one line.
fn fits_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST
        && text.trim() == text
        && !text.contains(|char: char| char == '`' || char.is_control() || !char.is_ascii())
}

/// The AWS page of a resource type.
pub fn resource_page(service: &str, resource: &str) -> String {
    page(&["aws-resource", service, resource])
}

/// The AWS page of a nested property type.
pub fn struct_page(service: &str, resource: &str, name: &str) -> String {
    page(&["aws-properties", service, resource, name])
}

fn page(parts: &[&str]) -> String {
    let file = parts.join("-").to_ascii_lowercase();
    format!("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/{file}.html")
}
