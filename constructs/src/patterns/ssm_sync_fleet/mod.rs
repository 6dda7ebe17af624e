//! Servers that follow a bucket: a directory on each of them equals it, or a process starts when a file says
//! that a batch is complete. In place of a shared file system, and of a server that waits for uploads.
//!
//! # How data flows
//!
//! ```text
//!          created, removed          batches               first change: at once
//!  bucket ─────────────────> queue ───────────> function ─────────────────────────> Systems Manager
//!    ^                        ^  │    put back until  │ └── table: windows, markers       │ the document,
//!    │                        └──│── the window's end ┘                                   │ to servers by tag
//!    │                           v gave up 5 times                                        v
//!    │                      dead letters                                               servers
//!    └──────────────────── aws s3 sync, as the role of the servers ─────────────────────┘ │
//!                                                              log group, output bucket <─┘
//! ```
//!
//! The function is the bundled handler `ssm-sync`. The first change of a bucket has the document run at
//! once; what changes within the window after that, 5 seconds unless said, shares one further run at its
//! end. So a burst is few commands, and the last change is never missed. A command that Systems Manager does
//! not take is tried again, and ends among dead letters.
//!
//! The document's script takes a lock on the directory, so that two runs come after each other, and
//! asks S3 for what differs. A key reaches no shell: the script is told the bucket alone, as an environment
//! variable. Keys that no file can be called by (with `..`, `.` or empty parts) are left out.
//!
//! A new server of the group that [`SsmSyncFleet::fleet`] makes runs the same script before anything else,
//! so that it is complete before it serves. One that does not succeed in a minute turns itself off, and the group
//! replaces it.
//!
//! A server that a command did not reach, or on which it failed, follows again with the next change, and at the latest
//! after half an hour: then State Manager has all servers look again ([`SsmSyncFleet::reconcile_every`]). A change of
//! the settings, such as another directory, reaches servers in the same way. The operation `sync` has them look at once
//! (`run Prod/Content sync`).
//!
//! # Markers
//!
//! [`SsmSyncFleet::run_document`] runs a document of one's own when a certain object comes, and tells it
//! bucket, key and version as parameters ([`object_parameters`]). A run is claimed in the table by bucket, key and
//! version: an event that comes twice starts one command, and a command that was not taken is tried
//! again.
//!
//! # What is left out
//!
//! Windows: the script is for Linux, since no PowerShell is there to test another one with.

mod check;
mod directory;
mod events;
mod fleet;
mod handle;
mod quote;
mod reconcile;
mod script;
mod servers;
mod status;

pub use directory::Directory;
pub use fleet::SsmSyncFleet;
pub use handle::SsmSyncFleetRef;
pub use script::object_parameters;
pub use servers::Fleet;
