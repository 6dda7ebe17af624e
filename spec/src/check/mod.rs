//! Checks the literal properties of a resource against the facts, as cfn-lint 1.58.0 does.
//!
//! [`check`] walks the properties once and reports every mistake that CloudFormation would make
//! a failed deployment of. It accepts what CloudFormation coerces (`"true"` for a boolean, `"5"`
//! for a number, a number for text) and every token, since its value is not known yet.
//!
//! Where this is knowingly stricter than cfn-lint: the text `"false"` is not a member of every
//! closed set, a path is not a Lambda function's `Code`, `null` and what only AWS writes are
//! refused (by CloudFormation as well). Where it is knowingly milder:
//! `/regex` patterns are only checked with the `full` feature, and alternatives are checked by
//! which properties are present.

mod finding;
mod form;
#[cfg(feature = "full")]
mod full;
mod literal;
mod object;
mod path;
mod scalar;

pub use finding::{Finding, Kind};
#[cfg(feature = "full")]
pub use full::Engine;
pub use literal::{Literal, Shape};

use crate::model::{Facets, Pattern, Property, Range, Resource, Scalar, Type};
use literal::{is_dynamic, same, same_by};
use path::Path;

/// Decides a `/regex` pattern: the expression and the text.
pub(crate) type Regex<'r> = &'r mut dyn FnMut(&str, &str) -> bool;

/// Checks `properties` against the facts of their resource type, and reports every mistake.
pub fn check<L: Literal>(resource: &Resource<'_>, properties: &L, report: &mut dyn FnMut(Finding)) {
    check_with(resource, properties, &mut |_, _| true, report);
}

/// As [`check`]; `regex` decides the patterns that need a regular expression engine.
pub(crate) fn check_with<L: Literal>(
    resource: &Resource<'_>,
    properties: &L,
    regex: Regex<'_>,
    report: &mut dyn FnMut(Finding),
) {
    let mut checker = Checker {
        resource,
        regex,
        report,
    };
    match properties.shape() {
        Shape::Map(members) => checker.object(&resource.fields, members, Path::Root),
        Shape::Opaque => {}
        other => checker.wrong_type(&other, "an object", Path::Root),
    }
}

/// One walk over the properties of one resource.
pub(crate) struct Checker<'c, 'a> {
    resource: &'c Resource<'a>,
    regex: Regex<'c>,
    report: &'c mut dyn FnMut(Finding),
}

impl<'a> Checker<'_, 'a> {
    fn found(&mut self, kind: Kind, path: Path<'_>, got: String, expected: String) {
        (self.report)(Finding {
            kind,
            path: path.text(),
            got,
            expected,
            help: None,
        });
    }

    fn wrong_type<L: Literal>(&mut self, shape: &Shape<'_, L>, expected: &str, path: Path<'_>) {
        self.found(Kind::WrongType, path, shape.describe(), expected.into());
    }

    fn property<L: Literal>(&mut self, property: &Property<'a>, value: &L, path: Path<'_>) {
        self.value(&property.ty, &property.facets, value, path);
    }

    fn value<L: Literal>(&mut self, ty: &Type<'a>, facets: &Facets<'a>, value: &L, path: Path<'_>) {
        let shape = value.shape();
        if matches!(shape, Shape::Opaque) || matches!(shape, Shape::Str(text) if is_dynamic(text)) {
            return;
        }
        match ty {
            Type::List(element) => self.list(element, facets, &shape, path),
            Type::Map(element) => self.map(element, facets, &shape, path),
            Type::Named(name) => self.named(name, facets, &shape, path),
            Type::OneOf(values) => self.closed_set(values, facets, &shape, path),
            Type::Scalar(Scalar::Json) => self.json(facets, &shape, path),
            Type::Scalar(scalar) => self.scalar(*scalar, facets, &shape, path),
        }
    }

    fn named<L: Literal>(
        &mut self,
        name: &str,
        facets: &Facets<'a>,
        shape: &Shape<'_, L>,
        path: Path<'_>,
    ) {
        let resource = self.resource;
        if let Some(item) = resource.enumeration(name) {
            return self.closed_set(&item.values, facets, shape, path);
        }
        let Some(item) = resource.structure(name) else {
            return;
        };
        match shape {
            Shape::Map(members) => self.object(&item.fields, members, path),
            _ if facets.any_shape => {}
            other => self.wrong_type(other, &format!("an object ({name})"), path),
        }
    }

    fn list<L: Literal>(
        &mut self,
        element: &Type<'a>,
        facets: &Facets<'a>,
        shape: &Shape<'_, L>,
        path: Path<'_>,
    ) {
        let Shape::List(items) = shape else {
            if !facets.loose {
                self.wrong_type(shape, &format!("a list of {}", element.noun()), path);
            }
            return;
        };
        self.count(facets.items, items.len(), "element", path);
        if facets.unique {
            self.unique(items, path, same);
        }
        if !facets.unique_by.is_empty() {
            self.unique(items, path, |one, other| {
                same_by(&facets.unique_by, one, other)
            });
        }
        for (index, item) in items.iter().enumerate() {
            self.value(element, facets, item, Path::Element(&path, index));
        }
    }

    fn unique<L: Literal>(&mut self, items: &[L], path: Path<'_>, same: impl Fn(&L, &L) -> bool) {
        for (index, item) in items.iter().enumerate() {
            if let Some(first) = items[..index]
                .iter()
                .position(|earlier| same(earlier, item))
            {
                let got = format!("{} at [{first}] and at [{index}]", item.shape().describe());
                return self.found(Kind::Duplicate, path, got, "no element twice".into());
            }
        }
    }

    fn map<L: Literal>(
        &mut self,
        element: &Type<'a>,
        facets: &Facets<'a>,
        shape: &Shape<'_, L>,
        path: Path<'_>,
    ) {
        let Shape::Map(members) = shape else {
            if !facets.loose {
                self.wrong_type(shape, &format!("an object of {}", element.noun()), path);
            }
            return;
        };
        self.count(facets.items, members.len(), "member", path);
        for (key, value) in *members {
            let member = Path::Member(&path, key.as_ref());
            if let Some(keys) = facets.keys
                && !self.has_form(keys, key.as_ref())
            {
                let expected = format!("a key of the form {}", pattern_text(keys));
                self.found(
                    Kind::UnknownProperty,
                    member,
                    format!("{:?}", key.as_ref()),
                    expected,
                );
                continue;
            }
            self.value(element, facets, value, member);
        }
    }

    fn count(&mut self, allowed: Range, count: usize, noun: &str, path: Path<'_>) {
        if !scalar::within(allowed, scalar::count(count)) {
            let got = format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
            self.found(
                Kind::WrongCount,
                path,
                got,
                scalar::bounds(allowed, &format!("{noun}s")),
            );
        }
    }
}

fn pattern_text(pattern: Pattern<'_>) -> &str {
    match pattern {
        Pattern::Chars(text) | Pattern::Regex(text) => text,
    }
}
