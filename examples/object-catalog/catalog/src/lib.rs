//! What the catalog holds of an object. This is all that an index of one's own has to say: in which order events come,
//! how often, and what fails meanwhile is the business of the handler around it.

use cloudwright_runtime::cache_sync::item::Item;
use cloudwright_runtime::cache_sync::projection::{Object, Projection, Tags};

/// A row for each object: its key and its last change, which every row has, its size, entity tag and tags.
#[derive(Clone, Copy, Debug)]
pub struct Catalog;

impl Projection for Catalog {
    type Row = Item;

    const TAGS: bool = true;

    fn row(&self, key: &str, object: &Object, tags: &Tags) -> Option<Item> {
        // What some tools write for a folder has no content, and nobody looks for it.
        let is_folder = key.ends_with('/') && object.size == 0;
        let item = Item::of(key, object)
            .number("size", object.size)
            .text("etag", object.etag.trim_matches('"'));
        (!is_folder).then(|| item.texts("tags", tags.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudwright_runtime::cache_sync::item::Attribute;

    fn object(size: u64) -> Object {
        Object {
            etag: "\"5d41402abc4b2a76b9719d911017c592\"".to_owned(),
            size,
            modified: 1_769_860_800,
            ..Object::default()
        }
    }

    #[test]
    fn a_row_is_what_there_is_to_know_of_an_object() {
        let tags = Tags::from([("team".to_owned(), "maps".to_owned())]);
        let row = Catalog.row("in/a.txt", &object(5), &tags).unwrap();
        assert_eq!(
            (&*row.key, row.modified.0),
            ("in/a.txt", 1_769_860_800_000_000)
        );
        let etag = "5d41402abc4b2a76b9719d911017c592".to_owned();
        assert_eq!(row.attributes["etag"], Attribute::Text(etag));
        assert_eq!(row.attributes["size"], Attribute::Number(5));
        assert_eq!(row.attributes["tags"], Attribute::Texts(tags));
    }

    #[test]
    fn folders_are_left_out_and_empty_files_are_not() {
        assert!(Catalog.row("in/", &object(0), &Tags::new()).is_none());
        assert!(Catalog.row("in/empty", &object(0), &Tags::new()).is_some());
    }
}
