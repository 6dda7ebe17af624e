//! Where in the program something of an assembly comes from, for who finds fault with a finished template.

use std::convert::Infallible;

use crate::assembly::files::{TreeNode, each_place};
use crate::assembly::{Assembly, StackArtifact};
use crate::diagnostic::SourceLocation;

impl Assembly {
    /// The construct and the line behind an element of a stack's template, by its logical id: a resource, or a parameter,
    /// an output, a condition, .. that the program made. What synthesis adds by itself, such as the output behind a
    /// reference of another stack, has none.
    #[must_use]
    pub fn origin(
        &self,
        stack: &StackArtifact,
        logical_id: &str,
    ) -> Option<(String, SourceLocation)> {
        if let Some(resource) = stack.template.resource(logical_id) {
            return Some((resource.path().to_owned(), resource.location()));
        }
        self.place(|path, place| {
            *place.logical_id == *logical_id && self.innermost(path) == Some(&*stack.path)
        })
    }

    /// The line of the program that made a stack.
    #[must_use]
    pub fn stack_location(&self, stack: &StackArtifact) -> Option<SourceLocation> {
        let place = self.place(|path, _| path.join("/") == stack.path);
        place.map(|(_, location)| location)
    }

    /// The first place of the tree that is the wanted one.
    fn place(
        &self,
        wanted: impl Fn(&[&str], &TreeNode) -> bool,
    ) -> Option<(String, SourceLocation)> {
        let mut found = None;
        let look = |path: &[&str], place: &TreeNode| {
            if found.is_none() && wanted(path, place) {
                found = Some((path.join("/"), place.location));
            }
            Ok::<_, Infallible>(())
        };
        let Ok(()) = each_place(&self.tree, look);
        found
    }

    /// The path of the innermost stack around a construct.
    fn innermost(&self, path: &[&str]) -> Option<&str> {
        let path = path.join("/");
        let around = self.stacks.iter().filter(|stack| {
            let below = path.strip_prefix(&*stack.path);
            below.is_some_and(|below| below.starts_with('/'))
        });
        around
            .map(|stack| &*stack.path)
            .max_by_key(|path| path.len())
    }
}
