//! Properties that every resource of a type gets that has none.

use cloudwright_synth::{Fact, Json, Recorded, ResourceRef, Scope};

use crate::order;

/// A property of all resources of a type, at a place and below.
#[derive(Clone)]
pub(super) struct Property {
    pub(super) kind: &'static str,
    pub(super) property: &'static str,
    pub(super) value: Json,
}

impl Fact for Property {
    const ORDER: u16 = order::DEFAULTS;

    /// Facts come by the path of their place, so that a nearer place is after those around it.
    fn merge(facts: Vec<Recorded<Self>>) {
        for Recorded { fact, scope, .. } in facts.into_iter().rev() {
            set(&scope, fact.kind, fact.property, |_| fact.value.clone());
        }
    }
}

/// Sets a property of each resource of a type that has none.
pub(super) fn set(
    scope: &Scope,
    kind: &str,
    property: &'static str,
    value: impl Fn(&Scope) -> Json,
) {
    for place in scope.descendants() {
        let Some(resource) = place.resource() else {
            continue;
        };
        if resource.kind() == kind && resource.property(property).is_none() {
            resource.raw(property, value(&place));
        }
    }
}
