//! A model of the table, whose requests take their time and fail as those of the buckets do.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::super::record::{Entry, Ledger, Record};
use crate::failure::Failure;
use crate::replicate::tests::model::World;

/// How long a change is remembered.
pub(super) const REMEMBERED_SECONDS: i64 = 30 * 86_400;

#[derive(Debug)]
pub(super) struct Table<'a> {
    world: &'a World,
    records: RefCell<BTreeMap<String, Record>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        Self {
            world,
            records: RefCell::default(),
        }
    }

    pub(super) fn record(&self, key: &str) -> Record {
        self.records.borrow().get(key).cloned().unwrap_or_default()
    }

    /// What time-to-live does.
    pub(super) fn forget(&self) {
        self.records.borrow_mut().clear();
    }

    async fn write(
        &self,
        name: &str,
        key: &str,
        change: impl FnOnce(&mut Record),
    ) -> Result<Record, Failure> {
        let write = |(): &()| {
            let mut records = self.records.borrow_mut();
            change(records.entry(key.to_owned()).or_default());
        };
        self.world
            .sure(format!("{name} {key}"), || (), write)
            .await?;
        Ok(self.record(key))
    }
}

impl Ledger for &Table<'_> {
    async fn read(&self, key: &str) -> Result<Record, Failure> {
        let read = || self.record(key);
        self.world.sure(format!("look {key}"), read, |_| {}).await
    }

    async fn change(
        &self,
        key: &str,
        site: &str,
        entry: &Entry,
        writer: &str,
    ) -> Result<Record, Failure> {
        let change = |record: &mut Record| {
            let known = record.sites.get(site);
            if known.is_none_or(|known| known.sequencer < entry.sequencer) {
                record.sites.insert(site.to_owned(), entry.clone());
                record.writers.insert(writer.to_owned());
            }
        };
        self.write("change", key, change).await
    }

    async fn sign(&self, key: &str, writer: &str) -> Result<Record, Failure> {
        let change = |record: &mut Record| {
            record.writers.insert(writer.to_owned());
        };
        self.write("sign", key, change).await
    }

    fn horizon(&self) -> i64 {
        self.world.now() - REMEMBERED_SECONDS
    }
}
