//! Settings that a place hands to all that is below it, as values of Rust.
//!
//! Context is text from outside; this is what the program itself says once for a stage or an app: a struct of its own,
//! looked up by its type from a construct upwards.

use std::any::Any;
use std::rc::Rc;

use crate::scope::Scope;

/// A value with the node that it was provided at.
pub(crate) type Entry = (u32, Rc<dyn Any>);

impl Scope {
    /// Hands a value to this place and all below it, which find it by its type: [`provided`](Self::provided). Say it
    /// before what reads it is added.
    ///
    /// ```
    /// # use cloudwright_synth::{App, Environment, Scope};
    /// struct Sizes { workers: u32 }
    ///
    /// fn workers(scope: &Scope) -> u32 {
    ///     scope.provided::<Sizes>().next().map_or(1, |sizes| sizes.workers)
    /// }
    ///
    /// let app = App::new();
    /// let prod = app.stage("Prod");
    /// prod.scope().provide(Sizes { workers: 8 });
    /// assert_eq!(workers(&prod.stack("Jobs", Environment::agnostic())), 8);
    /// assert_eq!(workers(&app.stack("Trial", Environment::agnostic())), 1);
    /// ```
    pub fn provide<T: 'static>(&self, value: T) {
        let entry: Entry = (self.node, Rc::new(value));
        self.tree.write(|tree| tree.provided.push(entry));
    }

    /// The values of a type that are provided here and above: the nearest place's first, and of one place the latest first.
    pub fn provided<T: 'static>(&self) -> impl Iterator<Item = Rc<T>> + use<T> {
        self.all_provided()
            .into_iter()
            .filter_map(|value| value.downcast().ok())
    }

    fn all_provided(&self) -> Vec<Rc<dyn Any>> {
        self.tree.read(|tree| {
            let mut found = Vec::new();
            let mut at = self.node;
            while !tree.provided.is_empty() {
                let here = tree.provided.iter().rev().filter(|(node, _)| *node == at);
                found.extend(here.map(|(_, value)| value.clone()));
                if at == 0 {
                    break;
                }
                at = tree.node(at).parent;
            }
            found
        })
    }
}
