//! What is shown, as text.

use std::fmt::Write as _;

use cloudwright_diff::{Access, DataLoss, Diff, Style};

use super::tables::taken_out_of;
use crate::assembly::Stack;
use crate::cloud::StackEvent;
use crate::event::{Event, Question};
use crate::problem::{Cause, Problem};
use crate::review::{Operation, Review};

/// The parameters of the terminal's "select graphic rendition" sequence.
pub(super) const RED: &str = "1;31";
pub(super) const GREEN: &str = "32";
pub(super) const BOLD: &str = "1";
pub(super) const DIM: &str = "2";

/// What a text is shown on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// Whether it has colours.
    pub(super) color: bool,
    /// How wide it is; without an end where it is no terminal.
    pub(super) columns: Option<usize>,
}

impl Page {
    pub(super) fn paint(self, code: &str, text: &str) -> String {
        paint(self.color, code, text)
    }
}

/// Where what a review says of a stack begins.
const INDENT: usize = 2;

fn paint(color: bool, code: &str, text: &str) -> String {
    if color {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// A problem: what is wrong, where in the program, and what to do.
pub(super) fn problem(problem: &Problem, color: bool) -> String {
    let mut text =
        paint(color, RED, "error") + &paint(color, BOLD, &format!(": {}", problem.message));
    for cause in &problem.causes {
        text += &self::cause(cause, &problem.message);
    }
    text + &format!(
        "\n   = help: {}",
        problem.help.replace('\n', "\n          ")
    )
}

/// That a stack stopped for what another one was told to have stopped for.
pub(super) fn problem_of_before(stack: &str, color: bool) -> String {
    paint(color, RED, "error") + &paint(color, BOLD, &format!(": {stack}: the same"))
}

/// A cause, without a reason that the message ends with.
fn cause(cause: &Cause, message: &str) -> String {
    let place = cause
        .line
        .as_ref()
        .map(|line| format!("\n  --> {line}"))
        .unwrap_or_default();
    let kind = if cause.kind.is_empty() {
        String::new()
    } else {
        format!(" ({})", cause.kind)
    };
    let mut text = format!("{place}\n   = {}{kind}: {}", cause.path, cause.status);
    if !message.ends_with(&cause.reason) {
        text += &format!(": {}", cause.reason);
    }
    if !cause.log.is_empty() {
        text += "\n   = the end of its function's log:";
        for line in &cause.log {
            let _ = write!(text, "\n       {line}");
        }
    }
    text
}

/// A line of progress, if the event is worth one.
pub(super) fn event(stack: &Stack, event: &Event) -> Option<String> {
    let path = &stack.path;
    Some(match event {
        Event::Attached { status, ours: true } => {
            format!("{path}: following the operation under way ({status})")
        }
        Event::Attached {
            status,
            ours: false,
        } => format!("{path}: waiting for somebody else's operation ({status})"),
        Event::Cleaning { status, kept } if kept.is_empty() => {
            format!(
                "{path}: is in {status}, from which it can only be deleted: deleting what is left of it"
            )
        }
        Event::Cleaning { status, kept } => {
            format!(
                "{path}: is in {status}, from which it can only be deleted; {} would stay",
                kept.join(", ")
            )
        }
        Event::RollingBack => format!("{path}: rolling back"),
        Event::Publishing { name } => format!("{path}: making {name}"),
        Event::Published { name, key } => format!("{path}: uploaded {name} as {key}"),
        Event::Planning => format!("{path}: working out the changes"),
        Event::Executing(operation) => format!("{path}: {}", doing(*operation)),
        Event::Resource {
            event,
            path: resource,
        } => resource_line(stack, event, resource),
        Event::NotSwappable(what) => format!(
            "{path}: cannot be swapped, since more changes than functions: {}; CloudFormation does it",
            what.join(", ")
        ),
        Event::Swapping {
            path: function,
            settings,
            back,
        } => {
            let how = if *back {
                "bringing back what was swapped"
            } else {
                "swapping"
            };
            format!("{path}: {how} of {function}: {}", settings.join(", "))
        }
        Event::Swapped(functions) => format!(
            "{path}: {} {} from the stack's template now, and CloudFormation does not know; only this machine does: `deploy \
             {path}` from here brings it to what the program says",
            functions.join(", "),
            if functions.len() == 1 {
                "differs"
            } else {
                "differ"
            }
        ),
        Event::Planned(_) | Event::Finished(_) | Event::Stopped(_) => return None,
    })
}

/// What is being done.
const fn doing(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "creating",
        Operation::Update => "updating",
        Operation::Delete => "deleting",
        Operation::Import => "importing",
    }
}

/// An event in one line.
pub(super) fn resource_line(stack: &Stack, event: &StackEvent, path: &str) -> String {
    let reason = failure(event).map(|reason| format!(": {reason}"));
    let reason = reason.unwrap_or_default();
    format!(
        "{}: {:<20} {path}  {}{reason}",
        stack.path, event.status, event.kind
    )
}

/// Why a resource failed.
pub(super) fn failure(event: &StackEvent) -> Option<&String> {
    let reason = event.reason.as_ref();
    reason.filter(|_| event.status.ends_with("_FAILED"))
}

/// The differences that a review shows. What a stack that is deleted lets nobody do any more, and what a new one denies,
/// is no news.
fn news(review: &Review) -> Diff {
    let mut diff = review.diff.clone();
    match review.operation {
        Operation::Create => {
            diff.permissions.retain(|one| one.access == Access::Opened);
            diff.network.retain(|one| one.access == Access::Opened);
        }
        Operation::Delete => {
            diff.permissions.clear();
            diff.network.clear();
            diff.elements.clear();
        }
        Operation::Update | Operation::Import => {}
    }
    diff
}

/// A review: the differences, what is lost, what is taken over.
pub(super) fn review(stack: &Stack, review: &Review, page: Page) -> String {
    let style = if page.color {
        Style::Colored
    } else {
        Style::Plain
    };
    let what = match review.operation {
        Operation::Create => "will be created",
        Operation::Update => "will be updated",
        Operation::Delete => "will be deleted",
        Operation::Import => "takes over what exists",
    };
    let mut diff = news(review);
    let inner = Page {
        columns: page.columns.map(|columns| columns.saturating_sub(INDENT)),
        ..page
    };
    let tables = taken_out_of(&mut diff, inner);
    let mut found = surprises(review);
    if !found.is_empty() {
        found.insert(0, page.paint(BOLD, "Found by CloudFormation"));
    }
    let mut parts = vec![diff.to_text(style), found.join("\n  ")];
    parts.extend(tables);
    parts.push(consequences(review, page).join("\n"));
    parts.retain(|part| !part.is_empty());
    let parts: Vec<_> = parts.iter().map(|part| part.trim_end()).collect();
    let mut text = page.paint(BOLD, &format!("Stack {} {what}", stack.path));
    for line in parts.join("\n\n").lines() {
        let indent = if line.is_empty() { 0 } else { INDENT };
        let _ = write!(text, "\n{:indent$}{line}", "");
    }
    text
}

/// What becomes of data and of resources that exist, and what CloudFormation is allowed to do.
fn consequences(review: &Review, page: Page) -> Vec<String> {
    let adopted = review.adopted.iter().map(|adopted| {
        let (physical, id) = (&adopted.physical_id, &adopted.id);
        format!("exists already and becomes part of the stack: {physical} as {id}")
    });
    let losses = review.losses.iter().map(|loss| {
        let how = match loss.how {
            DataLoss::Deleted => "its data is deleted",
            DataLoss::Replaced => "it is replaced, and its data is deleted",
            DataLoss::MaybeReplaced => "it may be replaced, and its data deleted",
        };
        let line = loss.line.as_ref().map(|line| format!(" ({line})"));
        let line = line.unwrap_or_default();
        // What the program has no longer has no path but its id.
        let path = Some(&loss.path).filter(|path| **path != loss.id);
        let path = path.map(|path| format!(" {path}")).unwrap_or_default();
        page.paint(RED, &format!("{}{path}{line}: {how}", loss.id))
    });
    let needed = &review.capabilities;
    let capabilities = (!needed.is_empty()).then(|| format!("Capabilities: {}", needed.join(", ")));
    adopted.chain(losses).chain(capabilities).collect()
}

/// Changes that CloudFormation finds and the templates do not show.
fn surprises(review: &Review) -> Vec<String> {
    let is_shown = |id: &str| {
        review
            .diff
            .resources
            .iter()
            .any(|change| change.id == id || change.old_id.as_deref() == Some(id))
    };
    let hidden = review.changes.iter().filter(|change| !is_shown(&change.id));
    let line = |change: &crate::cloud::PlannedChange| {
        let causes = change.details.iter().map(|detail| match &*detail.cause {
            "" => detail.path.clone(),
            cause => format!("{} by {cause}", detail.path),
        });
        let replaced = if matches!(&*change.replacement, "" | "False") {
            ""
        } else {
            ", replaced or maybe replaced"
        };
        let causes: Vec<_> = causes.filter(|cause: &String| !cause.is_empty()).collect();
        format!(
            "~ {}  {} ({}{replaced}) {}",
            change.id,
            change.kind,
            change.action,
            causes.join(", ")
        )
    };
    hidden
        .map(|change| line(change).trim_end().to_owned())
        .collect()
}

/// A question.
pub(super) fn question(stack: &Stack, question: &Question<'_>) -> String {
    let path = &stack.path;
    match question {
        Question::Changes(_) => format!("Deploy these changes of {path}?"),
        Question::Adopt(review) => {
            let names: Vec<_> = review.adopted.iter().map(|one| &*one.physical_id).collect();
            format!("Make {} part of {path}?", names.join(", "))
        }
        Question::Recreate { status, kept } => {
            let names: Vec<_> = kept.iter().map(|one| stack.path_of(&one.id)).collect();
            format!(
                "{path} is in {status}. Delete it, though {} stays behind?",
                names.join(", ")
            )
        }
        Question::Delete(_) => format!("Delete {path}?"),
        Question::Unprotect => format!("Turn termination protection of {path} off?"),
        Question::Swap(functions) => format!(
            "Update {} of {path} past CloudFormation?",
            functions.join(", ")
        ),
        Question::RollBack => format!("The last update of {path} failed half-way. Roll it back?"),
    }
}

/// A table with aligned columns; the last one is as wide as it is.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns)
        .map(|column| width(column).unwrap_or_default())
        .collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<_> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text += cells.join("  ").trim_end();
        text.push('\n');
    }
    text
}
