//! From model to text, in the one canonical form: parts in a fixed order, names sorted.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::escape::push_escaped;
use crate::model::{
    Facets, Fields, Number, Pattern, Property, Range, Regions, Replace, Resource, Rule, Scalar,
    Service, TagShape, Type,
};
use crate::sorted::sort_by;

/// Writes a spec file. Names are sorted; the order inside enums and identifiers is kept.
#[must_use]
pub fn write(service: &Service<'_>) -> String {
    let mut out = String::new();
    for line in &service.header {
        line_of(&mut out, format_args!("# {line}"));
    }
    for resource in sorted(&service.resources, |resource| resource.type_name) {
        write_resource(&mut out, resource);
    }
    out
}

fn write_resource(out: &mut String, resource: &Resource<'_>) {
    line_of(out, format_args!("resource {}", resource.type_name));
    write_directives(out, resource);
    write_fields(out, "  ", &resource.fields);
    for attribute in sorted(&resource.attributes, |attribute| attribute.name) {
        line_of(out, format_args!("  ={} {}", attribute.name, attribute.ty));
    }
    for item in sorted(&resource.enums, |item| item.name) {
        line_of(
            out,
            format_args!("  enum {} {}", item.name, joined(&item.values)),
        );
    }
    for item in sorted(&resource.structs, |item| item.name) {
        line_of(out, format_args!("  struct {}", item.name));
        write_fields(out, "    ", &item.fields);
    }
}

fn write_directives(out: &mut String, resource: &Resource<'_>) {
    names(out, "id", &resource.id);
    names(out, "refid", &resource.ref_id);
    if let Some(tags) = resource.tags {
        let shape = match tags.shape {
            TagShape::List => "list",
            TagShape::Map => "map",
            TagShape::Asg => "asg",
        };
        line_of(out, format_args!("  tags {} {shape}", tags.property));
    }
    if resource.stateful {
        out.push_str("  stateful\n");
    }
    if let Some(arn) = resource.arn {
        line_of(out, format_args!("  arn {arn}"));
    }
    match &resource.regions {
        Regions::All => {}
        Regions::OnlyIn(regions) => names(out, "only-in", regions),
        Regions::NotIn(regions) => names(out, "not-in", regions),
    }
    names(out, "deprecated", &resource.deprecated);
}

fn names(out: &mut String, keyword: &str, names: &[&str]) {
    if !names.is_empty() {
        line_of(out, format_args!("  {keyword} {}", names.join("|")));
    }
}

fn write_fields(out: &mut String, indent: &str, fields: &Fields<'_>) {
    if fields.open {
        line_of(out, format_args!("{indent}open"));
    }
    if !fields.members.is_empty() {
        line_of(out, format_args!("{indent}members {}", fields.members));
    }
    for rule in &fields.rules {
        line_of(out, format_args!("{indent}{rule}"));
    }
    for property in sorted(&fields.properties, |property| property.name) {
        line_of(out, format_args!("{indent}{property}"));
    }
}

fn sorted<T, N: Ord>(items: &[T], name: impl Fn(&T) -> N) -> Vec<&T> {
    let mut sorted: Vec<&T> = items.iter().collect();
    sort_by(&mut sorted, |a, b| name(a).cmp(&name(b)));
    sorted
}

/// Appends one line; formatting into a string cannot fail.
fn line_of(out: &mut String, line: fmt::Arguments<'_>) {
    let _ = writeln!(out, "{line}");
}

fn joined(values: &[Cow<'_, str>]) -> String {
    let mut out = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push('|');
        }
        push_escaped(&mut out, value);
    }
    out
}

impl fmt::Display for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = |groups: &[Vec<&str>]| {
            let groups: Vec<String> = groups.iter().map(|group| group.join("+")).collect();
            groups.join("|")
        };
        match self {
            Rule::Xor(alternatives) => write!(f, "xor {}", groups(alternatives)),
            Rule::Any(alternatives) => write!(f, "any {}", groups(alternatives)),
            Rule::Excludes(name, others) => write!(f, "excludes {name} {}", others.join("|")),
            Rule::Requires(name, others) => write!(f, "requires {name} {}", others.join("|")),
        }
    }
}

impl fmt::Display for Type<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Scalar(scalar) => f.write_str(scalar.name()),
            Type::Named(name) => f.write_str(name),
            Type::OneOf(values) => write!(f, "({})", joined(values)),
            Type::List(inner) => write!(f, "[{inner}"),
            Type::Map(inner) => write!(f, "{{{inner}"),
        }
    }
}

impl Scalar {
    /// The word for it in a spec file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Scalar::String => "string",
            Scalar::Bool => "bool",
            Scalar::Int => "int",
            Scalar::Float => "float",
            Scalar::Json => "json",
        }
    }
}

impl fmt::Display for Property<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self
            .name
            .starts_with(|first: char| first.is_ascii_lowercase())
        {
            f.write_str("'")?;
        }
        let mark = if self.required { "!" } else { "" };
        write!(f, "{}{mark} {}{}", self.name, self.ty, self.facets)
    }
}

/// Every facet with a space in front, so that none leaves the line as it is.
impl fmt::Display for Facets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (word, _) in self.flags().iter().filter(|(_, set)| *set) {
            write!(f, " {word}")?;
        }
        write_ranges(f, self)?;
        let lists = [
            ("unique-by", &self.unique_by),
            ("ref", &self.refs),
            ("form", &self.forms),
        ];
        for (word, names) in lists.iter().filter(|(_, names)| !names.is_empty()) {
            write!(f, " {word}={}", names.join("|"))?;
        }
        if let Some(default) = &self.default {
            write!(f, " default={}", joined(std::slice::from_ref(default)))?;
        }
        match self.keys {
            None => {}
            Some(Pattern::Chars(chars)) => write!(f, " keys={chars}")?,
            Some(Pattern::Regex(regex)) => write!(f, " keys=/{regex}")?,
        }
        match self.pattern {
            None => Ok(()),
            Some(Pattern::Chars(chars)) => write!(f, " chars {chars}"),
            Some(Pattern::Regex(regex)) => write!(f, " /{regex}"),
        }
    }
}

fn write_ranges(f: &mut fmt::Formatter<'_>, facets: &Facets<'_>) -> fmt::Result {
    if !facets.range.is_empty() {
        write!(f, " {}", facets.range)?;
    }
    if !facets.items.is_empty() {
        write!(f, " items {}", facets.items)?;
    }
    if !facets.values.is_empty() {
        let values: Vec<String> = facets.values.iter().map(Number::to_string).collect();
        write!(f, " in {}", values.join("|"))?;
    }
    Ok(())
}

impl Facets<'_> {
    fn flags(&self) -> [(&'static str, bool); 9] {
        [
            ("replace", self.replace == Replace::Always),
            ("maybe-replace", self.replace == Replace::Maybe),
            ("writeonly", self.write_only),
            ("any", self.any_shape),
            ("loose", self.loose),
            ("object", self.object_only),
            ("nocase", self.ignore_case),
            ("unique", self.unique),
            ("formed", self.formed),
        ]
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bound: Option<Number>| bound.map(|bound| bound.to_string()).unwrap_or_default();
        write!(f, "{}..{}", text(self.min), text(self.max))
    }
}
