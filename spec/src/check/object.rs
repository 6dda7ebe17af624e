//! Objects: which properties there are, and which of them go together.

use super::literal::Literal;
use super::path::Path;
use super::{Checker, Finding, Kind};
use crate::model::{Fields, Rule};
use crate::nearest;

impl<'a> Checker<'_, 'a> {
    pub(super) fn object<L: Literal>(
        &mut self,
        fields: &Fields<'a>,
        members: &[(L::Key, L)],
        path: Path<'_>,
    ) {
        for (key, value) in members {
            let name = key.as_ref();
            match fields.property(name) {
                Some(property) => self.property(property, value, Path::Member(&path, name)),
                None => self.no_such_property(fields, name, path),
            }
        }
        let has = |name: &str| members.iter().any(|(key, _)| key.as_ref() == name);
        for property in fields
            .properties
            .iter()
            .filter(|property| property.required)
        {
            if !has(property.name) {
                let expected = format!("the required property {}", property.name);
                self.found(
                    Kind::MissingProperty,
                    path,
                    "no such property".into(),
                    expected,
                );
            }
        }
        self.count(fields.members, members.len(), "member", path);
        for rule in &fields.rules {
            self.rule(rule, &has, path);
        }
    }

    fn no_such_property(&mut self, fields: &Fields<'a>, name: &str, path: Path<'_>) {
        let full = Path::Member(&path, name).text();
        let read_only = self.resource.attribute(&full).is_some();
        if fields.open && !read_only {
            return;
        }
        let finding = if read_only {
            Finding {
                kind: Kind::ReadOnly,
                got: format!("{name}, which only AWS writes"),
                expected: "a property that can be set".into(),
                help: Some("leave it out; read it with Fn::GetAtt".into()),
                path: full,
            }
        } else {
            let near = nearest(name, fields.properties.iter().map(|property| property.name));
            Finding {
                kind: Kind::UnknownProperty,
                got: format!("unknown property {name}"),
                expected: known(fields),
                help: near.map(|near| format!("did you mean {near}?")),
                path: full,
            }
        };
        (self.report)(finding);
    }

    fn rule(&mut self, rule: &Rule<'a>, has: &dyn Fn(&str) -> bool, path: Path<'_>) {
        match rule {
            Rule::Xor(alternatives) => {
                let present = present(alternatives, has);
                if present.len() != 1 {
                    let expected = format!("exactly one of {}", words(alternatives));
                    self.found(Kind::NotOneOf, path, or_none(&present), expected);
                }
            }
            Rule::Any(alternatives) => {
                if present(alternatives, has).is_empty() {
                    let expected = format!("at least one of {}", words(alternatives));
                    self.found(Kind::NoneOf, path, "none".into(), expected);
                }
            }
            Rule::Excludes(name, others) if has(name) => {
                for other in others.iter().filter(|other| has(other)) {
                    let path = Path::Member(&path, other);
                    let got = format!("{other} beside {name}");
                    self.found(
                        Kind::Excluded,
                        path,
                        got,
                        format!("only one of {name}, {other}"),
                    );
                }
            }
            Rule::Requires(name, others) if has(name) => {
                for other in others.iter().filter(|other| !has(other)) {
                    let expected = format!("{other} as well");
                    self.found(Kind::Needed, path, format!("{name} alone"), expected);
                }
            }
            Rule::Excludes(..) | Rule::Requires(..) => {}
        }
    }
}

/// The alternatives of which every property is there.
fn present<'r, 'a>(
    alternatives: &'r [Vec<&'a str>],
    has: &dyn Fn(&str) -> bool,
) -> Vec<&'r [&'a str]> {
    let complete = |group: &&Vec<&str>| group.iter().all(|name| has(name));
    alternatives
        .iter()
        .filter(complete)
        .map(Vec::as_slice)
        .collect()
}

fn or_none(groups: &[&[&str]]) -> String {
    match groups {
        [] => "none".into(),
        groups => listed(groups.iter().copied()),
    }
}

fn words(groups: &[Vec<&str>]) -> String {
    listed(groups.iter().map(Vec::as_slice))
}

fn listed<'g>(groups: impl Iterator<Item = &'g [&'g str]>) -> String {
    groups
        .map(|group| group.join(" with "))
        .collect::<Vec<_>>()
        .join(", ")
}

/// How many names a message lists.
const MOST_NAMES: usize = 12;

fn known(fields: &Fields<'_>) -> String {
    let names: Vec<&str> = fields
        .properties
        .iter()
        .take(MOST_NAMES)
        .map(|property| property.name)
        .collect();
    match (
        names.len(),
        fields.properties.len().saturating_sub(MOST_NAMES),
    ) {
        (0, _) => "no properties at all".into(),
        (_, 0) => format!("one of {}", names.join(", ")),
        (_, more) => format!("one of {} and {more} more", names.join(", ")),
    }
}
