//! Where a program said a word that ends up in a resource together with words of other lines.
//!
//! A construct has one line. What is merged into its resources, such as the statements of a policy, was said at
//! others, and a mistake in it is shown there.

use std::panic::Location;

use crate::diagnostic::SourceLocation;
use crate::json::Text;
use crate::scope::Scope;
use crate::tree::Tree;

/// A word, and where it was said.
pub(crate) struct Entry {
    node: u32,
    word: Text,
    location: SourceLocation,
}

impl Scope {
    /// Remembers where a word was said that becomes a part of a resource here or below, such as the action of a
    /// statement. A check that finds fault with it shows that line: [`View::lines_of`](crate::View::lines_of).
    #[track_caller]
    pub fn said(&self, word: impl Into<Text>) {
        let (node, word, caller) = (self.node, word.into(), SourceLocation(Location::caller()));
        self.tree.write(|tree| {
            let location = tree.user_location(node, caller);
            let entry = Entry {
                node,
                word,
                location,
            };
            tree.said.push(entry);
        });
    }
}

impl Tree {
    /// The lines where a word of a resource was said, each once and in their order: at the place that is the
    /// nearest around it.
    pub(crate) fn lines_of(&self, resource: u32, word: &str) -> Vec<SourceLocation> {
        let mut at = resource;
        loop {
            let here = |entry: &&Entry| entry.node == at && entry.word == word;
            let mut lines: Vec<SourceLocation> = Vec::new();
            for entry in self.said.iter().filter(here) {
                if !lines.contains(&entry.location) {
                    lines.push(entry.location);
                }
            }
            if !lines.is_empty() || at == 0 {
                return lines;
            }
            at = self.node(at).parent;
        }
    }
}
