//! What `ssm-sync` remembers, in a table.

use std::collections::HashMap;

use aws_types::SdkConfig;

use super::{Condition, Item, Tables, number, number_of, text, text_of};
use crate::failure::Failure;
use crate::ssm_sync::Note;

const ID: &str = "id";
const UNTIL: &str = "until";
const WAITING: &str = "waiting";
const COMMAND: &str = "command";
const EXPIRES: &str = "expires";

/// A table of notes: partition key `id`, of which those are forgotten whose `expires` is over.
#[derive(Clone, Debug)]
pub struct Notes {
    tables: Tables,
    table: String,
}

impl Notes {
    /// The table with this name, in the function's region.
    #[must_use]
    pub fn new(sdk: &SdkConfig, table: String) -> Self {
        let tables = Tables::new(sdk, None);
        Self { tables, table }
    }

    /// What is noted under a name.
    ///
    /// # Errors
    /// If the table does not tell, or holds something else there.
    pub async fn read(&self, id: &str) -> Result<Option<Note>, Failure> {
        let item = self.tables.get(&self.table, key(id)).await?;
        let strange = |problem: String| self.tables.strange(&self.table, id, &problem);
        item.map(|item| note(&item).map_err(strange)).transpose()
    }

    /// Notes something in the place of what was; false if that has changed.
    ///
    /// # Errors
    /// If the table does not take it.
    pub async fn write(&self, id: &str, new: &Note, was: Option<&Note>) -> Result<bool, Failure> {
        let mut item = key(id);
        item.insert(UNTIL.to_owned(), number(&new.until));
        item.insert(WAITING.to_owned(), number(&new.waiting));
        let command = new.command.clone();
        item.extend(command.map(|command| (COMMAND.to_owned(), text(command))));
        if new.expires > 0 {
            item.insert(EXPIRES.to_owned(), number(&new.expires));
        }
        let unchanged = match was {
            None => Condition::default().is(ID, None),
            Some(was) => Condition::default()
                .is(UNTIL, Some(number(&was.until)))
                .is(WAITING, Some(number(&was.waiting)))
                .is(COMMAND, was.command.clone().map(text)),
        };
        self.tables.put(&self.table, item, unchanged).await
    }
}

fn key(id: &str) -> Item {
    HashMap::from([(ID.to_owned(), text(id))])
}

fn note(item: &Item) -> Result<Note, String> {
    Ok(Note {
        until: number_of(item, UNTIL)?,
        waiting: number_of(item, WAITING)?,
        command: text_of(item, COMMAND)?,
        expires: match item.get(EXPIRES) {
            None => 0,
            Some(_) => number_of(item, EXPIRES)?,
        },
    })
}
