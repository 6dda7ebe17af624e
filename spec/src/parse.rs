//! From text to model.
//!
//! The format is line oriented, one fact per line, everything sorted, so that a new release of
//! the sources is a readable diff. The indentation says what a line belongs to: two spaces the
//! resource type, four the nested property type above it.
//!
//! ```text
//! file      = { "# " comment } { resource }
//! resource  = "resource " type-name { "  " member }
//! member    = directive | rule | property | attribute | enum | struct
//! directive = "id " names               primary identifier
//!           | "refid " names            what Ref returns, where that is not the identifier
//!           | "tags " name (" list" | " map" | " asg")
//!           | "stateful"                deleting it loses data
//!           | "arn " template           to the end of the line
//!           | "only-in " names | "not-in " names      regions
//!           | "deprecated " names       property paths, dotted
//! rule      = "open"                    other properties are accepted as well
//!           | "members " [min] ".." [max]       how many properties are present
//!           | "xor " groups             exactly one alternative is present
//!           | "any " groups             at least one alternative is present
//!           | "excludes " name " " names      the first forbids the others
//!           | "requires " name " " names      the first needs all the others
//! attribute = "=" dotted-name " " type
//! enum      = "enum " name " " values
//! struct    = "struct " name { "    " ( rule | property ) }
//! property  = [ "'" ] name [ "!" ] " " type { " " facet } [ " " pattern ]
//! type      = "string" | "bool" | "int" | "float" | "json" | name
//!           | "[" type | "{" type       list of, map of
//!           | "(" values ")"            closed set that only this property uses
//! facet     = "replace" | "maybe-replace" | "writeonly" | "unique"
//!           | "any"                     any other form is accepted as well
//!           | "loose"                   any other form than a list or map is accepted
//!           | "object"                  free JSON must not be text
//!           | "nocase"                  the closed set ignores case
//!           | [min] ".." [max]          length of text, or value of a number
//!           | "items " [min] ".." [max] number of elements
//!           | "unique-by=" names         members in which the list's objects differ
//!           | "in " numbers             closed set of numbers
//!           | "ref=" names              what it refers to: AWS::IAM::Role.Arn
//!           | "formed"                  the text has the form of one of the refs
//!           | "form=" names             date-time, ipv4-network, ipv6-network: one of them
//!           | "default=" value          JSON text
//!           | "keys=" ( chars | "/" regex )     form of a map's keys, without spaces
//! pattern   = "chars " chars | "/" regex      to the end of the line
//! groups    = group { "|" group }       group = name { "+" name }
//! names     = name { "|" name }         likewise values and numbers
//! ```
//!
//! `!` marks a required property. A property whose name starts lower-case has a `'` in front,
//! which tells it from a directive. In values `\s` stands for a space, `\p` for `|`, `\n`, `\r`
//! and `\t` for white space, `\\` for a backslash. `chars` is described in the module `chars`.

use std::fmt;

use crate::line::{self, Reason, list, token};
use crate::model::{Enum, Fields, Regions, Resource, Rule, Service, Struct, TagShape, Tags};

/// A spec file that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from one.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

/// Parses a whole spec file.
///
/// # Errors
/// The first line that does not follow the grammar above.
pub fn parse(text: &str) -> Result<Service<'_>, ParseError> {
    let mut service = Service::default();
    for (index, line) in text.lines().enumerate() {
        let parsed = file_line(&mut service, line);
        parsed.map_err(|message| ParseError {
            line: index + 1,
            message,
        })?;
    }
    Ok(service)
}

/// Parses the lines of one resource type, as [`find_resource`] returns them.
///
/// # Errors
/// The first line that does not follow the grammar, or text without exactly one resource type.
pub fn parse_resource(excerpt: &str) -> Result<Resource<'_>, ParseError> {
    let mut resources = parse(excerpt)?.resources;
    match (resources.pop(), resources.is_empty()) {
        (Some(resource), true) => Ok(resource),
        _ => Err(ParseError {
            line: 1,
            message: "expected exactly one resource type".into(),
        }),
    }
}

/// Returns the lines of `type_name` within a service's text, without parsing the others.
#[must_use]
pub fn find_resource<'a>(text: &'a str, type_name: &str) -> Option<&'a str> {
    let start = resource_starts(text).find(|at| {
        let tail = &text[at + KEYWORD.len()..];
        tail.lines().next() == Some(type_name)
    })?;
    let rest = &text[start..];
    let end = rest.find(NEXT_RESOURCE).map_or(rest.len(), |at| at + 1);
    Some(&rest[..end])
}

const KEYWORD: &str = "resource ";
const NEXT_RESOURCE: &str = "\nresource ";

fn resource_starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    let first = text.starts_with(KEYWORD).then_some(0);
    first
        .into_iter()
        .chain(text.match_indices(NEXT_RESOURCE).map(|(at, _)| at + 1))
}

fn file_line<'a>(service: &mut Service<'a>, line: &'a str) -> Result<(), Reason> {
    if let Some(member) = line.strip_prefix("  ") {
        let resource = service
            .resources
            .last_mut()
            .ok_or("got a member before any resource")?;
        return match member.strip_prefix("  ") {
            Some(inner) => struct_line(resource, inner),
            None => resource_line(resource, member),
        };
    }
    if let Some(type_name) = line.strip_prefix(KEYWORD) {
        service.resources.push(Resource {
            type_name,
            ..Resource::default()
        });
    } else if let Some(comment) = line.strip_prefix('#') {
        service
            .header
            .push(comment.strip_prefix(' ').unwrap_or(comment));
    } else if !line.is_empty() {
        return Err(format!("got {line:?}, expected `resource <type>`"));
    }
    Ok(())
}

fn struct_line<'a>(resource: &mut Resource<'a>, line: &'a str) -> Result<(), Reason> {
    let owner = resource
        .structs
        .last_mut()
        .ok_or("got four spaces before any struct")?;
    field_line(&mut owner.fields, line)
}

fn field_line<'a>(fields: &mut Fields<'a>, line: &'a str) -> Result<(), Reason> {
    if line == "open" {
        fields.open = true;
    } else if let Some(members) = line.strip_prefix("members ") {
        fields.members = line::range(members)?;
    } else if line.as_bytes().first().is_some_and(u8::is_ascii_lowercase) {
        fields.rules.push(rule(line)?);
    } else {
        push_sorted(&mut fields.properties, line::property(line)?, |property| {
            property.name
        })?;
    }
    Ok(())
}

/// Keeps look-ups by binary search honest, and refuses duplicates.
fn push_sorted<'a, T>(items: &mut Vec<T>, item: T, name: fn(&T) -> &'a str) -> Result<(), Reason> {
    if let Some(last) = items.last()
        && name(last) >= name(&item)
    {
        return Err(format!(
            "got {:?} after {:?}, expected sorted names",
            name(&item),
            name(last)
        ));
    }
    items.push(item);
    Ok(())
}

fn resource_line<'a>(resource: &mut Resource<'a>, line: &'a str) -> Result<(), Reason> {
    match line.as_bytes().first() {
        Some(b'=') => {
            let attribute = line::attribute(&line[1..])?;
            push_sorted(&mut resource.attributes, attribute, |attribute| {
                attribute.name
            })
        }
        Some(first) if first.is_ascii_lowercase() => directive(resource, line),
        _ => field_line(&mut resource.fields, line),
    }
}

fn directive<'a>(resource: &mut Resource<'a>, line: &'a str) -> Result<(), Reason> {
    let mut rest = line;
    match token(&mut rest) {
        "id" => resource.id = list(rest),
        "refid" => resource.ref_id = list(rest),
        "tags" => resource.tags = Some(tags(rest)?),
        "stateful" => resource.stateful = true,
        "arn" => resource.arn = Some(rest),
        "only-in" => resource.regions = Regions::OnlyIn(list(rest)),
        "not-in" => resource.regions = Regions::NotIn(list(rest)),
        "deprecated" => resource.deprecated = list(rest),
        "enum" => resource.enums.push(enumeration(rest)?),
        "struct" => resource.structs.push(Struct {
            name: rest,
            ..Struct::default()
        }),
        _ => field_line(&mut resource.fields, line)?,
    }
    Ok(())
}

fn tags(rest: &str) -> Result<Tags<'_>, Reason> {
    let shape = |word| match word {
        "list" => Some(TagShape::List),
        "map" => Some(TagShape::Map),
        "asg" => Some(TagShape::Asg),
        _ => None,
    };
    let parsed = rest
        .split_once(' ')
        .and_then(|(property, word)| shape(word).map(|shape| Tags { property, shape }));
    parsed.ok_or_else(|| format!("got {rest:?}, expected `<property> list|map|asg`"))
}

fn enumeration(rest: &str) -> Result<Enum<'_>, Reason> {
    let (name, values) = rest.split_once(' ').ok_or("got an enum without values")?;
    Ok(Enum {
        name,
        values: line::values(values)?,
    })
}

fn rule(line: &str) -> Result<Rule<'_>, Reason> {
    let mut rest = line;
    let groups = |text| {
        list(text)
            .into_iter()
            .map(|group| group.split('+').collect())
            .collect()
    };
    Ok(match token(&mut rest) {
        "xor" => Rule::Xor(groups(rest)),
        "any" => Rule::Any(groups(rest)),
        "excludes" => Rule::Excludes(token(&mut rest), list(rest)),
        "requires" => Rule::Requires(token(&mut rest), list(rest)),
        other => return Err(format!("got unknown directive {other:?}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_the_line_and_what_is_wrong() {
        assert_eq!(
            message("  A string\n"),
            "line 1: got a member before any resource"
        );
        let head = "resource AWS::T::A\n";
        assert_eq!(message(&format!("{head}  A\n")), "line 2: got no type");
        assert!(message(&format!("{head}  A int fast\n")).contains("expected a facet"));
        assert!(message(&format!("{head}  colour A\n")).contains("unknown directive \"colour\""));
        assert!(
            message(&format!("{head}  B int\n  A int\n")).starts_with("line 3: got \"A\" after")
        );
        assert!(message("stack\n").contains("expected `resource <type>`"));
    }

    #[test]
    fn an_excerpt_must_hold_one_resource() {
        assert!(parse_resource("").is_err());
        assert!(parse_resource("resource A\nresource B\n").is_err());
    }

    #[test]
    fn lower_case_properties_are_marked() {
        let resource = parse_resource("resource AWS::Omics::X\n  'id! string\n").unwrap();
        let property = resource.fields.property("id").unwrap();
        assert!(property.required);
    }
}
