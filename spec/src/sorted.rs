//! Sorting, and sorted maps, that compile to little.
//!
//! Who uses the library builds it, and waits. The standard library's sort and its `BTreeMap` are made anew
//! for every type that they are used with, some 3,000 statements each: with fifty such types that was
//! nearly half of what the compiler turned into machine code. Here one search and one sort are
//! compiled once, for positions; what is made anew for a type compares two items and moves them.
//!
//! ```
//! use cloudwright_spec::sorted::{Map, sort_by};
//!
//! let mut sizes = Map::new();
//! sizes.insert("b", 2);
//! sizes.insert("a", 1);
//! assert_eq!(sizes.get("b"), Some(&2));
//! assert_eq!(sizes.into_iter().collect::<Vec<_>>(), [("a", 1), ("b", 2)]);
//!
//! let mut names = ["b", "a"];
//! sort_by(&mut names, |a, b| a.cmp(b));
//! assert_eq!(names, ["a", "b"]);
//! ```

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::ops::Index;

/// Sorts items; equal ones stay in their order.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    for (to, from) in swaps(items.len(), &|a, b| compare(&items[a], &items[b])) {
        items.swap(to, from);
    }
}

/// Sorts items by a key that is made once for each; equal ones stay in their order.
pub fn sort_by_cached_key<T, K: Ord>(items: &mut [T], key: impl FnMut(&T) -> K) {
    let keys: Vec<K> = items.iter().map(key).collect();
    for (to, from) in swaps(items.len(), &|a, b| keys[a].cmp(&keys[b])) {
        items.swap(to, from);
    }
}

/// Sorts items by their own order.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, Ord::cmp);
}

/// The swaps of places, one after the other, that sort `len` items.
fn swaps(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    if (1..len).all(|place| compare(place - 1, place).is_le()) {
        return Vec::new();
    }
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by(|a, b| compare(*a, *b));
    let mut swaps = Vec::new();
    for to in 0..len {
        let mut from = order[to];
        // An earlier swap has moved the item away, to the place that it was swapped with.
        while from < to {
            from = order[from];
        }
        order[to] = from;
        if from != to {
            swaps.push((to, from));
        }
    }
    swaps
}

/// The place of what compares as equal among `len` sorted items, or where it would be.
fn find(len: usize, compare: &dyn Fn(usize) -> Ordering) -> Result<usize, usize> {
    // Most maps are filled in their order: then a new key comes last.
    if len == 0 || compare(len - 1).is_lt() {
        return Err(len);
    }
    let (mut start, mut end) = (0, len);
    while start < end {
        let middle = usize::midpoint(start, end);
        match compare(middle) {
            Ordering::Less => start = middle + 1,
            Ordering::Greater => end = middle,
            Ordering::Equal => return Ok(middle),
        }
    }
    Err(start)
}

/// A map in the order of its keys: a sorted list.
///
/// A key that does not come last moves all that follow, so it is for up to some ten thousand entries, or for keys
/// that come nearly in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<K, V>(Vec<(K, V)>);

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> Map<K, V> {
    /// An empty map.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The entries, sorted by key.
    pub fn iter(&self) -> std::slice::Iter<'_, (K, V)> {
        self.0.iter()
    }

    /// The keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> Map<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        find(self.0.len(), &|place| self.0[place].0.borrow().cmp(key))
    }

    /// The value of a key.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        Some(&self.0[place].1)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        Some(&mut self.0[place].1)
    }

    /// Whether it has a key.
    #[must_use]
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Sets the value of a key, and gives the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.0[place].1, value)),
            Err(place) => {
                self.0.insert(place, (key, value));
                None
            }
        }
    }

    /// The value of a key, which is made first when there is none.
    pub fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let place = match self.find(&key) {
            Ok(place) => place,
            Err(place) => {
                self.0.insert(place, (key, make()));
                place
            }
        };
        &mut self.0[place].1
    }

    /// The value of a key, at first the default one.
    pub fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.or_insert_with(key, V::default)
    }

    /// Takes a key out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        Some(self.0.remove(place).1)
    }
}

impl<Q: Ord + ?Sized, K: Ord + Borrow<Q>, V> Index<&Q> for Map<K, V> {
    type Output = V;

    /// The value of a key that is known to be there.
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the key is in the map")
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a Map<K, V> {
    type Item = &'a (K, V);
    type IntoIter = std::slice::Iter<'a, (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    /// The last value of a key counts.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

/// A sorted set; what [`Map`] says of its size holds for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T>(Vec<T>);

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Set<T> {
    /// An empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The items, sorted.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// Keeps the items that `keep` says.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    /// The items, sorted.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T: Ord> Set<T> {
    fn find<Q: Ord + ?Sized>(&self, item: &Q) -> Result<usize, usize>
    where
        T: Borrow<Q>,
    {
        find(self.0.len(), &|place| self.0[place].borrow().cmp(item))
    }

    /// Whether it has the item.
    #[must_use]
    pub fn contains<Q: Ord + ?Sized>(&self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.find(item).is_ok()
    }

    /// Puts an item in; `false` when it was there.
    pub fn insert(&mut self, item: T) -> bool {
        let place = self.find(&item);
        if let Err(place) = place {
            self.0.insert(place, item);
        }
        place.is_err()
    }
}

impl<T: Ord> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.insert(item);
        }
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut set = Self::new();
        set.extend(items);
        set
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorting_keeps_the_order_of_equals(items: Vec<(u8, u8)>) {
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by(&mut ours, |a, b| a.0.cmp(&b.0));
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn a_map_is_that_of_the_standard_library(changes: Vec<(u8, Option<u8>)>) {
            let (mut ours, mut theirs) = (Map::new(), BTreeMap::new());
            for (key, value) in changes {
                match value {
                    Some(value) => prop_assert_eq!(ours.insert(key, value), theirs.insert(key, value)),
                    None => prop_assert_eq!(ours.remove(&key), theirs.remove(&key)),
                }
                prop_assert_eq!(ours.get(&key), theirs.get(&key));
            }
            let theirs: Vec<_> = theirs.into_iter().collect();
            prop_assert_eq!(ours.into_iter().collect::<Vec<_>>(), theirs);
        }

        #[test]
        fn a_set_is_that_of_the_standard_library(items: Vec<u8>, asked: u8) {
            let ours: Set<u8> = items.iter().copied().collect();
            let theirs: BTreeSet<u8> = items.into_iter().collect();
            prop_assert_eq!(ours.contains(&asked), theirs.contains(&asked));
            prop_assert_eq!(ours.into_vec(), theirs.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_long_circle_of_places_is_sorted_in_time() {
        let mut items: Vec<usize> = (1..200_000).chain([0]).collect();
        sort(&mut items);
        assert!(items.is_sorted());
    }
}
