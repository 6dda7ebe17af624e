//! One command for each version of a marker.
//!
//! Whoever handles a marker claims it first, for as long as the function may run, and then notes the
//! command. A second event of the same version finds the command and is done; one that comes while
//! somebody is at it fails, and is tried again. A claim whose command was not sent is given back. A function
//! that ends between the command and its note cannot tell, and the command is sent again.

use super::memory::{Memory, Note};
use crate::failure::{Class, Failure};
use crate::intake::ObjectEvent;

/// How often a note that others keep changing is looked at.
const LOOKS: usize = 4;
/// How long a marker is remembered: longer than queues keep an event, in seconds.
const REMEMBERED: u64 = 30 * 86_400;
/// How long a name may be that is remembered, in bytes.
const LONGEST: usize = 2048;

/// A marker, for one document.
pub(super) struct Claim<'a, M> {
    pub(super) memory: &'a M,
    pub(super) id: String,
}

impl<'a, M: Memory> Claim<'a, M> {
    pub(super) fn new(memory: &'a M, document: &str, event: &ObjectEvent) -> Result<Self, Failure> {
        let version = version(event).ok_or_else(|| {
            let message = "the event names neither a version nor a sequencer, by which a second one of it would be known";
            Failure::new(Class::Refused, message)
        })?;
        let id = format!("run/{document}/{}/{version}/{}", event.bucket, event.key);
        if id.len() > LONGEST {
            let message = format!(
                "what is remembered of it would have {} bytes, expected at most {LONGEST}",
                id.len()
            );
            return Err(Failure::new(Class::Refused, message));
        }
        Ok(Self { memory, id })
    }

    /// Takes the marker for so many milliseconds; nothing if its command is there already.
    pub(super) async fn take(&self, lease: u64) -> Result<Option<Note>, Failure> {
        for _ in 0..LOOKS {
            let was = self.memory.read(&self.id).await?;
            let now = self.memory.now();
            if let Some(note) = &was {
                if note.command.is_some() {
                    return Ok(None);
                }
                if note.until > now {
                    break;
                }
            }
            let taken = Note {
                until: now + lease,
                expires: now / 1000 + REMEMBERED,
                ..Note::default()
            };
            if self.memory.write(&self.id, &taken, was.as_ref()).await? {
                return Ok(Some(taken));
            }
        }
        let message = "another invocation is at this marker";
        Err(Failure::new(Class::KeepsChanging, message))
    }

    /// Notes the command.
    pub(super) async fn done(&self, taken: &Note, command: &str) -> Result<(), Failure> {
        let done = Note {
            command: Some(command.to_owned()),
            ..taken.clone()
        };
        self.memory
            .write(&self.id, &done, Some(taken))
            .await
            .map(drop)
    }

    /// Gives the marker back: its command was not sent.
    pub(super) async fn release(&self, taken: &Note) {
        let released = Note {
            until: 0,
            ..taken.clone()
        };
        // If that fails, the claim ends by itself.
        let _ = self.memory.write(&self.id, &released, Some(taken)).await;
    }
}

/// What tells one coming of an object from another: its version, or in a bucket without versions the
/// number of its event.
fn version(event: &ObjectEvent) -> Option<&str> {
    let sequencer = event
        .sequencer
        .as_ref()
        .map(crate::intake::Sequencer::as_str);
    event.version_id.as_deref().or(sequencer)
}
