//! What the spec facts say about the change of a property.

use cloudwright_spec::sorted::Map;
use cloudwright_spec::{Fields, Replace, Resource, Type};

use crate::model::Replacement;

/// Finds the spec facts of a resource type: the lines of the type in the notation of
/// `cloudwright-spec`. Without facts nothing is known about replacement.
pub type SpecLookup<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// The facts about types, each parsed once.
pub(crate) struct Facts<'a> {
    lookup: SpecLookup<'a>,
    parsed: Map<String, Option<Resource<'a>>>,
}

impl<'a> Facts<'a> {
    pub(crate) const fn new(lookup: SpecLookup<'a>) -> Self {
        Self {
            lookup,
            parsed: Map::new(),
        }
    }

    /// The facts about a type, when there are any that can be read.
    pub(crate) fn of(&mut self, kind: &str) -> Option<&Resource<'a>> {
        if !self.parsed.contains_key(kind) {
            let facts = (self.lookup)(kind);
            let facts = facts.and_then(|text| cloudwright_spec::parse_resource(text).ok());
            self.parsed.insert(kind.to_owned(), facts);
        }
        self.parsed.get(kind)?.as_ref()
    }
}

/// Whether a change at a path such as `A.B[0].C` replaces the resource.
pub(crate) fn replacement(facts: &Resource<'_>, path: &str) -> Replacement {
    let mut worst = Replacement::No;
    let mut fields = Some(&facts.fields);
    let mut is_known = true;
    for name in names(path) {
        let Some(property) = fields.and_then(|fields| fields.property(name)) else {
            // A key of a map, or something that the facts do not know.
            is_known = false;
            continue;
        };
        is_known = true;
        worst = worst.max(as_replacement(property.facets.replace));
        fields = structure(facts, &property.ty);
    }
    // The whole object changes: so does what is inside.
    if is_known
        && worst == Replacement::No
        && fields.is_some_and(|fields| holds_replacing(facts, fields, 4))
    {
        worst = Replacement::Maybe;
    }
    worst
}

const fn as_replacement(replace: Replace) -> Replacement {
    match replace {
        Replace::Never => Replacement::No,
        Replace::Maybe => Replacement::Maybe,
        Replace::Always => Replacement::Yes,
    }
}

fn structure<'f, 'a>(facts: &'f Resource<'a>, ty: &Type<'a>) -> Option<&'f Fields<'a>> {
    match ty.leaf() {
        Type::Named(name) => facts.structure(name).map(|structure| &structure.fields),
        _ => None,
    }
}

/// Whether a property inside, at most `depth` levels down, replaces the resource.
fn holds_replacing(facts: &Resource<'_>, fields: &Fields<'_>, depth: u8) -> bool {
    depth > 0
        && fields.properties.iter().any(|property| {
            property.facets.replace != Replace::Never
                || structure(facts, &property.ty)
                    .is_some_and(|inner| holds_replacing(facts, inner, depth - 1))
        })
}

/// The names in a path, without list positions.
fn names(path: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let outside = path.split(move |letter: char| {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == '.' && depth == 0
    });
    outside.map(|name| name.split('[').next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::replacement;
    use crate::model::Replacement;

    #[test]
    fn the_way_to_a_property_decides() {
        let text = "resource A::B::C\n  Inner Part\n  Name string replace\n  Plain string\n  Sometimes string maybe-replace\n  struct Part\n    Fixed string replace\n    Free string\n";
        let facts = cloudwright_spec::parse_resource(text).unwrap();
        for (path, expected) in [
            ("Name", Replacement::Yes),
            ("Plain", Replacement::No),
            ("Sometimes", Replacement::Maybe),
            ("Inner.Fixed", Replacement::Yes),
            ("Inner.Free", Replacement::No),
            ("Inner", Replacement::Maybe),
            ("Unknown[Key=a.b].X", Replacement::No),
        ] {
            assert_eq!(replacement(&facts, path), expected, "{path}");
        }
    }
}
