//! Where a type exists, said in the shorter way.

use std::collections::BTreeSet;

use cloudwright_spec::Regions;

/// Compares the regions of a type with all regions.
pub(crate) fn of(present: &BTreeSet<String>, all: &BTreeSet<String>) -> Regions<'static> {
    let absent: Vec<&'static str> = names(all.difference(present));
    if absent.is_empty() {
        Regions::All
    } else if absent.len() < present.len() {
        Regions::NotIn(absent)
    } else {
        Regions::OnlyIn(names(present.iter()))
    }
}

fn names<'a>(regions: impl Iterator<Item = &'a String>) -> Vec<&'static str> {
    regions.map(|region| &*region.clone().leak()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_list_is_written() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let all: BTreeSet<String> = set(&["a", "b", "c"]);
        assert_eq!(of(&all, &all), Regions::All);
        assert_eq!(of(&set(&["a", "b"]), &all), Regions::NotIn(vec!["c"]));
        assert_eq!(of(&set(&["b"]), &all), Regions::OnlyIn(vec!["b"]));
    }
}
