//! Aspects: a visit to every construct of a scope, once, before facts are merged.
//!
//! Aspects run in the order of their priority, then of their scope's path, then as they were added.
//! An aspect may add constructs (aspects of a later priority see them) and set properties; it may
//! not add aspects.

use cloudwright_spec::sorted::sort_by_cached_key;

use crate::scope::Scope;

/// Something to do at every construct of a scope.
pub trait Aspect {
    /// Visits one construct; [`Scope::resource`] tells whether it is a resource.
    fn visit(&self, construct: &Scope);
}

impl<F: Fn(&Scope)> Aspect for F {
    fn visit(&self, construct: &Scope) {
        self(construct);
    }
}

/// The priorities that the CDK uses too; lower runs first.
pub mod priority {
    /// For aspects that change constructs.
    pub const MUTATING: u16 = 200;
    /// For aspects that care about nothing.
    pub const DEFAULT: u16 = 500;
    /// For aspects that only look.
    pub const READ_ONLY: u16 = 1000;
}

pub(crate) struct AspectEntry {
    pub(crate) scope: u32,
    pub(crate) priority: u16,
    pub(crate) aspect: Box<dyn Aspect>,
}

impl AspectEntry {
    pub(crate) fn new(scope: u32, priority: u16, aspect: impl Aspect + 'static) -> Self {
        Self {
            scope,
            priority,
            aspect: Box::new(aspect),
        }
    }
}

/// Runs all aspects by priority, then by the path of their scope, then as they were added.
pub(crate) fn run(app: &Scope) {
    let mut entries = app.tree.write(|tree| std::mem::take(&mut tree.aspects));
    sort_by_cached_key(&mut entries, |entry| {
        (entry.priority, app.tree.read(|tree| tree.path(entry.scope)))
    });
    for entry in entries {
        let top = Scope {
            tree: app.tree.clone(),
            node: entry.scope,
        };
        for construct in top.descendants() {
            entry.aspect.visit(&construct);
        }
        refuse_new_aspects(&top);
    }
}

fn refuse_new_aspects(scope: &Scope) {
    let added = scope.tree.write(|tree| std::mem::take(&mut tree.aspects));
    if !added.is_empty() {
        let message =
            "an aspect added another aspect, expected it to add constructs or properties only";
        scope.error(
            &crate::rules::ASPECT_IN_ASPECT,
            message,
            "add both aspects from the program",
        );
    }
}
