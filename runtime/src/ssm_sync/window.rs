//! Few commands of many changes, and none missed.
//!
//! The first change of a bucket opens a window, and its command is sent at once. The first change that
//! finds the window open is put back into the queue until its end, and whatever else comes until then is
//! done: the command of the change that waits will see it, too. A change that comes back is the first of
//! the next window.
//!
//! Why none is missed: a change is dropped only while another one waits that will be handled later
//! than it. That one cannot get lost: it is a message of the queue, hidden while it is worked on and back
//! after a failure. It is noted before it is put back; should the function end between the two, the
//! message that it was working on comes back after the window, and opens the next. So a message stays
//! hidden for longer than a window is open.

use std::time::Duration;

use cloudwright_contract::Window;
use serde_json::json;

use super::memory::{Memory, Note};
use crate::failure::{Class, Failure};
use crate::intake::ObjectEvent;

/// How often a note that others keep changing is looked at.
const LOOKS: usize = 8;
/// The event of a change that waited, as S3 would name one.
const END: &str = "ObjectCreated:EndOfWindow";
/// The most that SQS delays a message, in seconds.
const LONGEST_DELAY: u64 = 900;

/// What becomes of a change.
pub(super) enum Entry {
    /// Its command is sent now, and the window is open.
    Opened(Note),
    /// A command that is sent later covers it.
    Covered,
}

/// The window of a bucket.
pub(super) struct Gate<'a, M> {
    pub(super) memory: &'a M,
    pub(super) window: &'a Window,
    pub(super) bucket: &'a str,
}

impl<M: Memory> Gate<'_, M> {
    fn id(&self) -> String {
        format!("window/{}", self.bucket)
    }

    /// Takes changes in, of which one may have waited for the end of a window and one may be new.
    pub(super) async fn enter(&self, ended: Option<u64>, is_new: bool) -> Result<Entry, Failure> {
        for _ in 0..LOOKS {
            let was = self.memory.read(&self.id()).await?;
            let note = was.clone().unwrap_or_default();
            // The clock of the function that opened the window may have been ahead of this one.
            let now = self.memory.now().max(ended.unwrap_or_default());
            if note.until <= now {
                let millis = u64::from(self.window.seconds) * 1000;
                let opened = Note {
                    until: now + millis,
                    ..Note::default()
                };
                if self.memory.write(&self.id(), &opened, was.as_ref()).await? {
                    return Ok(Entry::Opened(opened));
                }
                continue;
            }
            // What only waited is covered by the command that opened another window after its own.
            if !is_new || note.waiting == note.until || self.wait(&note).await? {
                return Ok(Entry::Covered);
            }
        }
        let message = "the window of the bucket changes each time that it is looked at";
        Err(Failure::new(Class::KeepsChanging, message))
    }

    /// Puts a change back until the end of the window; false if the window changed meanwhile.
    async fn wait(&self, note: &Note) -> Result<bool, Failure> {
        let waiting = Note {
            waiting: note.until,
            ..note.clone()
        };
        if !self.memory.write(&self.id(), &waiting, Some(note)).await? {
            return Ok(false);
        }
        let left = note.until.saturating_sub(self.memory.now());
        let seconds = left.div_ceil(1000).min(LONGEST_DELAY);
        let seconds = u32::try_from(seconds).unwrap_or_default();
        let event = waiting_event(self.bucket, note.until);
        if let Err(failure) = self.memory.put_back(event, seconds).await {
            // Else others would rely on it. When that fails, too, this change comes back by itself.
            let _ = self.memory.write(&self.id(), note, Some(&waiting)).await;
            return Err(failure);
        }
        Ok(true)
    }

    /// Closes a window whose command was not sent, so that the next change does not wait for its end.
    pub(super) async fn close(&self, opened: &Note) {
        for _ in 0..LOOKS {
            let Ok(Some(note)) = self.memory.read(&self.id()).await else {
                return;
            };
            let closed = Note {
                until: 0,
                waiting: 0,
                ..note.clone()
            };
            let is_other = note.until != opened.until;
            if is_other
                || !matches!(
                    self.memory.write(&self.id(), &closed, Some(&note)).await,
                    Ok(false)
                )
            {
                return;
            }
        }
    }
}

/// The end of the window that an event waited for.
pub(super) fn ended(event: &ObjectEvent) -> Option<u64> {
    let end = event.version_id.as_deref().filter(|_| event.name == END)?;
    end.parse().ok()
}

/// The event of a change that waits: a record of S3, so that it is read as one.
fn waiting_event(bucket: &str, until: u64) -> String {
    let object = json!({ "key": "-", "versionId": until.to_string() });
    let record = json!({
        "eventSource": "aws:s3", "eventName": END,
        "s3": { "bucket": { "name": bucket }, "object": object },
    });
    json!({ "Records": [record] }).to_string()
}

/// For how long the function may still be at a marker: as long as it may run, and a little.
pub(super) fn lease(remaining: Duration) -> u64 {
    const MARGIN: Duration = Duration::from_secs(2);
    let lease = remaining + MARGIN;
    u64::try_from(lease.as_millis()).unwrap_or(u64::MAX)
}
