//! Files in, stages of functions, results delivered.
//!
//! A [`ProcessingPipeline`] is a row of [`Stage`]s. Each gets the objects that come into one [`Place`] and
//! writes what it makes of them into the next. A stage is a [`Function`](crate::lambda::Function) of yours, in any
//! language, or the bundled handler `submit`, which hands results in to an archive over HTTP.
//!
//! # How data flows
//!
//! ```text
//!              put, copied, uploaded              what it makes of it
//!  Incoming ────────────────────────> Process ──────────────────────> Staging ──────> Submit ──> archive
//!   (bucket)                         (function)                       (bucket)      (function)
//!                                        │ failed 3 times                              │ ^ what became of each
//!                                        v                                             v │ version of each object
//!                                 failure queue                            failure queue  table
//! ```
//!
//! Who hands an object over to a stage is the stage's [`HandOver`]: the bucket calls the function, or puts a
//! message into a queue of the stage, which keeps bursts and gives single objects again, or tells a topic, when
//! several stages want the same object, or EventBridge, when others have its notifications. Whatever a stage gives up is in its failure queue.
//!
//! The function learns where to write from `OUTPUT_BUCKET` and `OUTPUT_PREFIX`. It may read the objects of its own
//! place and their tags, write into the next, and nothing else. Rights, permissions and queues are there before
//! the first object can come.
//!
//! # Where a file is
//!
//! A pipeline has the read-only [operation](crate::operation) `status`, for all files or for one:
//!
//! ```text
//! cargo run -- run Soundings/Pipeline status
//! cargo run -- run Soundings/Pipeline status 2026/one.wibl --json
//! ```
//!
//! It counts, stage by stage, what is done, waits, was given up with which reason, is late (`stuck`), and what got lost:
//! objects with no result and in no queue, which nothing tries any more. Of a stage that writes nothing, only what was
//! given up can be told. A result belongs to an object by its name, the key without the ends
//! that [`suffix`](Stage::suffix) and [`producing`](Stage::producing) say (unless said, without what follows the last
//! dot): a stage that calls its results otherwise is told as late.
//!
//! The answer compares lists, so it takes a second for ten thousand files and minutes for a million. It comes from a
//! bundled function that a state machine calls; a pipeline [`without_status`](ProcessingPipeline::without_status) has
//! neither.
//!
//! # What cannot work is refused
//!
//! A stage that nobody feeds, two stages that S3 cannot both tell of one object, and a row in which a stage
//! starts itself again, however long the way around. A stage may write where it reads when the names tell the two
//! apart: `.suffix(".wibl")` and [`producing`](Stage::producing)`(".json")`.

mod alarms;
mod bridge;
mod check;
mod connect;
mod handle;
mod pipeline;
mod place;
mod stage;
mod status;
mod submission;

pub use handle::{ProcessingPipelineRef, StageRef};
pub use pipeline::ProcessingPipeline;
pub use place::Place;
pub use stage::{HandOver, Stage};
pub use submission::Submission;
