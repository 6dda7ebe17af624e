//! The command of a rebuild, and its answer: the end, or the command to go on with.

use cloudwright_contract::{Rebuild, Rebuilt};
use serde_json::{Value, json};

use super::CacheSync;
use super::index::{Index, Shelf};
use super::projection::Projection;
use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};

/// What to rebuild, and what calls before counted.
#[derive(Debug)]
pub(super) struct Command {
    rebuild: Rebuild,
    so_far: Rebuilt,
}

/// How far a rebuild came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// To the end.
    Through(Rebuilt),
    /// To the place that the next one begins at, when the time was over.
    OnTheWay(Rebuild, Rebuilt),
}

/// The command that an event is; nothing if it is none.
pub(super) fn read(event: &Value) -> Option<Result<Command, Failure>> {
    let rebuild = event.get(Rebuild::MEMBER)?;
    let so_far = event.get(Rebuilt::SO_FAR);
    let wrong = |member: &str, problem: &dyn std::fmt::Display| {
        Failure::new(Class::UnreadableEvent, format!("{member}: {problem}"))
    };
    // An object only: a list would do too if its reader were asked.
    if !rebuild.is_object() {
        let problem = format!("got {rebuild}, expected an object such as {{}}");
        return Some(Err(wrong(Rebuild::MEMBER, &problem)));
    }
    let rebuild = serde_json::from_value(rebuild.clone());
    let so_far = so_far.map_or(Ok(Rebuilt::default()), |so_far| {
        serde_json::from_value(so_far.clone())
    });
    Some(match (rebuild, so_far) {
        (Ok(rebuild), Ok(so_far)) => Ok(Command { rebuild, so_far }),
        (Err(problem), _) => Err(wrong(Rebuild::MEMBER, &problem)),
        (_, Err(problem)) => Err(wrong(Rebuilt::SO_FAR, &problem)),
    })
}

impl<S: Shelf, P: Projection, I: Index<Row = P::Row>> CacheSync<S, P, I> {
    pub(super) async fn obey(
        &self,
        command: &Command,
        deadline: &Deadline,
    ) -> Result<Value, Report> {
        let progress = self
            .rebuild(&command.rebuild, command.so_far, deadline)
            .await?;
        Ok(match progress {
            Progress::Through(rebuilt) => serde_json::to_value(rebuilt).unwrap_or_default(),
            Progress::OnTheWay(next, so_far) => {
                json!({ Rebuild::MEMBER: next, Rebuilt::SO_FAR: so_far })
            }
        })
    }
}
