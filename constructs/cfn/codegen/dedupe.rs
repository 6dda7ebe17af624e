//! Which nested types of a service are the same, so that each is emitted once.
//!
//! Two types are the same when their source is, and the types that it names are the same in
//! turn. Recursive types make that circular, so classes start from the source alone and split
//! until nothing splits any more (partition refinement).

use std::collections::BTreeMap;

/// A nested type of some resource.
pub struct Node<'a> {
    /// Its source, in terms of the names of its own resource.
    pub source: &'a str,
    /// The nodes that it names.
    pub uses: Vec<usize>,
}

/// Gives each node the number of its class.
pub fn classes(nodes: &[Node<'_>]) -> Vec<usize> {
    let mut class = numbered(nodes.iter().map(|node| node.source));
    loop {
        let keys = nodes.iter().enumerate().map(|(index, node)| {
            let uses: Vec<usize> = node.uses.iter().map(|used| class[*used]).collect();
            (class[index], uses)
        });
        let finer = numbered(keys.collect::<Vec<_>>());
        if count(&finer) == count(&class) {
            return finer;
        }
        class = finer;
    }
}

/// Numbers equal keys alike, in order of appearance.
fn numbered<K: Ord>(keys: impl IntoIterator<Item = K>) -> Vec<usize> {
    let mut known = BTreeMap::new();
    keys.into_iter()
        .map(|key| {
            let next = known.len();
            *known.entry(key).or_insert(next)
        })
        .collect()
}

fn count(classes: &[usize]) -> usize {
    classes.iter().max().map_or(0, |max| max + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node<'a>(source: &'a str, uses: &[usize]) -> Node<'a> {
        Node {
            source,
            uses: uses.to_vec(),
        }
    }

    #[test]
    fn the_same_source_over_the_same_types_is_one_class() {
        let found = classes(&[
            node("Tag", &[]),
            node("A", &[0]),
            node("Tag", &[]),
            node("A", &[2]),
        ]);
        assert_eq!(found[0], found[2]);
        assert_eq!(found[1], found[3]);
        assert_ne!(found[0], found[1]);
    }

    #[test]
    fn a_difference_below_separates() {
        let found = classes(&[
            node("Tag 1", &[]),
            node("A", &[0]),
            node("Tag 2", &[]),
            node("A", &[2]),
        ]);
        assert_ne!(found[1], found[3]);
    }

    #[test]
    fn recursion_ends() {
        let found = classes(&[
            node("S", &[1]),
            node("T", &[0]),
            node("S", &[3]),
            node("T", &[2]),
        ]);
        assert_eq!(found[0], found[2]);
        assert_eq!(found[1], found[3]);
    }
}
