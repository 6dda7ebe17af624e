//! What a program holds of a pipeline.

use cloudwright_synth::{Scope, Text};

use super::place::Settled;
use crate::dynamodb::TableRef;
use crate::lambda::FunctionRef;
use crate::s3::BucketRef;
use crate::sqs::QueueRef;

/// The handle of a [`ProcessingPipeline`](super::ProcessingPipeline).
#[derive(Clone)]
pub struct ProcessingPipelineRef {
    pub(super) scope: Scope,
    pub(super) places: Vec<Settled>,
    pub(super) stages: Vec<StageRef>,
}

/// A stage of a pipeline.
#[derive(Clone)]
pub struct StageRef {
    pub(super) name: Text,
    pub(super) function: FunctionRef,
    pub(super) queue: Option<QueueRef>,
    pub(super) deliveries: Option<TableRef>,
}

impl ProcessingPipelineRef {
    /// The construct's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The bucket of a place, by its name; that of the first stage is where files come in.
    #[must_use]
    pub fn bucket(&self, place: &str) -> Option<&BucketRef> {
        let found = self.places.iter().find(|known| known.name == place)?;
        Some(&found.bucket)
    }

    /// The bucket that the first stage reads; `None` for a pipeline without a stage.
    #[must_use]
    pub fn incoming(&self) -> Option<&BucketRef> {
        Some(&self.places.first()?.bucket)
    }

    /// A stage by its name.
    #[must_use]
    pub fn stage(&self, name: &str) -> Option<&StageRef> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// All stages, in the order in which they were said.
    #[must_use]
    pub fn stages(&self) -> &[StageRef] {
        &self.stages
    }
}

impl StageRef {
    /// The name of the stage.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The function that does the work.
    #[must_use]
    pub const fn function(&self) -> &FunctionRef {
        &self.function
    }

    /// The queue that the function takes its objects from, where it has one; what it gives up is in the
    /// dead-letter queue of that.
    #[must_use]
    pub const fn queue(&self) -> Option<&QueueRef> {
        self.queue.as_ref()
    }

    /// The queue with what the stage gave up: the failure queue of its function, or the dead letters of its own
    /// queue. `None` for a function that has none.
    #[must_use]
    pub fn failures(&self) -> Option<QueueRef> {
        match &self.queue {
            Some(queue) => queue.dead_letter_queue().cloned(),
            None => self.function.failure_queue(),
        }
    }

    /// The table of what became of every version of every object, of a stage that hands in.
    #[must_use]
    pub const fn deliveries(&self) -> Option<&TableRef> {
        self.deliveries.as_ref()
    }
}
