//! Why an operation failed: the first resource that did, with its path and the line of the program.

use super::Work;
use super::follow::{End, path};
use super::logged::{self, Lines};
use crate::cloud::{Finding, StackEvent};
use crate::pace::patiently;
use crate::problem::{Cause, Problem};

/// What CloudFormation says of resources that it stopped because another one had failed.
const CANCELLED: [&str; 2] = ["Resource creation cancelled", "Resource update cancelled"];

/// The problem that an operation ended in.
pub(super) async fn problem(work: &Work<'_>, what: &str, end: &End) -> Problem {
    let status = end.status();
    let mut causes = causes(work, end, &logged::late(work, end).await);
    if let (true, Some(state)) = (causes.is_empty(), &end.state) {
        // It ended before a resource was touched. Who may not read findings still learns the reason.
        let findings = patiently(work.clock, || {
            work.cloud.formation.findings(&state.id, None)
        })
        .await;
        causes = of_findings(work, findings.unwrap_or_default());
    }
    let reason = end.state.as_ref().and_then(|state| state.reason.clone());
    let reason = reason.filter(|reason| !reason.is_empty());
    let message = match (causes.first(), reason) {
        (Some(cause), _) => format!(
            "{what} of {} failed: {}: {}",
            work.stack.path, cause.path, cause.reason
        ),
        (None, Some(reason)) => {
            format!("{what} of {} ended in {status}: {reason}", work.stack.path)
        }
        (None, None) => format!("{what} of {} ended in {status}", work.stack.path),
    };
    Problem::failed(message, status.advice()).with(status, causes)
}

/// The resources that failed by themselves, in the order of time. A nested stack is named only where nothing
/// within it is.
fn causes(work: &Work<'_>, end: &End, late: &Lines) -> Vec<Cause> {
    let failed = |event: &&StackEvent| {
        event.status.ends_with("_FAILED") && !event.is_of_stack() && !is_cancelled(event)
    };
    let (nested, own): (Vec<_>, Vec<_>) = end
        .events
        .iter()
        .filter(failed)
        .partition(|event| end.nested.contains_key(&event.physical_id));
    let chosen = if own.is_empty() { nested } else { own };
    chosen
        .into_iter()
        .map(|event| cause(work, (end, late), event))
        .collect()
}

pub(super) fn is_cancelled(event: &StackEvent) -> bool {
    event
        .reason
        .as_deref()
        .is_some_and(|reason| CANCELLED.iter().any(|text| reason.contains(text)))
}

fn cause(work: &Work<'_>, (end, late): (&End, &Lines), event: &StackEvent) -> Cause {
    let way = end.nested.get(&event.stack_id);
    let way = way.map_or(&[][..], Vec::as_slice);
    Cause {
        id: event.resource.clone(),
        kind: event.kind.clone(),
        path: path(work, event, &end.nested),
        line: work
            .stack
            .line_within(way, &event.resource)
            .map(str::to_owned),
        status: event.status.clone(),
        reason: event
            .reason
            .clone()
            .unwrap_or_else(|| "no reason was given".to_owned()),
        log: [&end.logged, late]
            .into_iter()
            .find_map(|lines| lines.get(&event.id).cloned())
            .unwrap_or_default(),
    }
}

/// What was found before anything was provisioned, the errors first.
pub(super) fn of_findings(work: &Work<'_>, findings: Vec<Finding>) -> Vec<Cause> {
    let (warnings, errors): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| finding.is_warning);
    let cause = |finding: Finding| Cause {
        path: format!("{}{}", work.stack.path_of(&finding.resource), finding.path),
        line: work.stack.line_of(&finding.resource).map(str::to_owned),
        kind: String::new(),
        id: finding.resource,
        status: if finding.is_warning {
            format!("{} (warning)", finding.check)
        } else {
            finding.check
        },
        reason: finding.reason,
        log: Vec::new(),
    };
    errors.into_iter().chain(warnings).map(cause).collect()
}
