//! An index of one's own: rows of objects and their tags, in a table that says nothing about groups.

use std::collections::BTreeMap;
use std::io::sink;
use std::sync::Mutex;

use cloudwright_contract::{Rebuild, Rebuilt};

use super::super::CacheSync;
use super::super::index::{Index, Mark, Page};
use super::super::item::Item;
use super::super::projection::{Object, Projection, Row as _, Tags};
use super::model::{BUCKET, World};
use super::{counted, deadline, through};
use crate::failure::Failure;
use crate::intake::ObjectEvent;
use crate::journal::Journal;
use crate::work::Work as _;

/// What there is below `in/`, with its tags; but no drafts.
struct Catalog;

impl Projection for Catalog {
    type Row = Item;

    const TAGS: bool = true;

    fn row(&self, key: &str, object: &Object, tags: &Tags) -> Option<Item> {
        let item = Item::of(key, object).number("bytes", object.size);
        (!key.ends_with(".draft")).then(|| item.texts("tags", tags.clone()))
    }
}

#[derive(Default)]
struct Table(Mutex<BTreeMap<String, Item>>);

impl Table {
    fn item(&self, key: &str) -> Option<Item> {
        self.0.lock().unwrap().get(key).cloned()
    }

    /// Does something to a row that is as it was.
    fn change(&self, key: &str, was: Option<&Item>, new: Option<&Item>) -> bool {
        let mut items = self.0.lock().unwrap();
        let fits = items.get(key) == was;
        if fits {
            items.remove(key);
            items.extend(new.map(|new| (key.to_owned(), new.clone())));
        }
        fits
    }
}

impl Index for &Table {
    type Row = Item;

    async fn row(&self, id: &str) -> Result<Option<Item>, Failure> {
        Ok(self.item(id))
    }

    async fn put(&self, row: &Item, was: Option<&Item>) -> Result<bool, Failure> {
        Ok(self.change(&row.key, was, Some(row)))
    }

    async fn remove(&self, was: &Item) -> Result<bool, Failure> {
        Ok(self.change(&was.key, Some(was), None))
    }

    async fn marks(&self, ids: &[String]) -> Result<BTreeMap<String, Mark>, Failure> {
        let mark = |id: &String| {
            let (key, modified) = (id.clone(), self.item(id)?.modified());
            Some((id.clone(), Mark { key, modified }))
        };
        Ok(ids.iter().filter_map(mark).collect())
    }

    async fn ids(&self, from: Option<&str>) -> Result<Page, Failure> {
        assert_eq!(from, None);
        let entries = self.0.lock().unwrap().keys().cloned().collect();
        Ok(Page {
            entries,
            next: None,
        })
    }
}

fn handler<'a>(world: &'a World, table: &'a Table) -> CacheSync<&'a World, Catalog, &'a Table> {
    let journal = Journal::new("index", "function", sink());
    CacheSync::new(world, (Catalog, table), BUCKET, "in/", journal)
}

async fn handle(world: &World, table: &Table, event: ObjectEvent) {
    let outcomes = handler(world, table).handle(&[event], &deadline()).await;
    assert_eq!(outcomes, [Ok(())]);
}

#[tokio::test(start_paused = true)]
async fn rows_follow_objects_and_their_tags() {
    let (world, table) = (super::calm(), Table::default());
    let key = "in/a b.txt";
    handle(&world, &table, world.put(key, &[])).await;
    let tags = |table: &Table| table.item(key).unwrap().attributes["tags"].clone();
    let none = tags(&table);
    handle(&world, &table, world.tag(key, &[("team", "maps")])).await;
    assert_ne!(tags(&table), none);
    handle(&world, &table, world.put("in/b.draft", &[])).await;
    handle(&world, &table, world.put("elsewhere/c", &[])).await;
    assert_eq!(table.0.lock().unwrap().len(), 1);
    handle(&world, &table, world.delete(key)).await;
    assert_eq!(table.item(key), None);
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_finds_other_tags_when_it_is_thorough() {
    let (world, table) = (super::calm(), Table::default());
    for number in 0..7 {
        let _ = world.put(&format!("in/{number}"), &[]);
    }
    let rebuild = async |thorough: bool| {
        let command = Rebuild {
            from: None,
            thorough,
        };
        let handler = handler(&world, &table);
        through(
            handler
                .rebuild(&command, Rebuilt::default(), &deadline())
                .await,
        )
    };
    assert_eq!(rebuild(false).await, counted(7, 7));
    let _ = world.tag("in/3", &[("team", "maps")]);
    let _ = world.delete("in/4");
    assert_eq!(rebuild(false).await, counted(7, 1));
    assert_eq!(rebuild(true).await, counted(6, 1));
    assert_eq!(rebuild(true).await, counted(6, 0));
}
