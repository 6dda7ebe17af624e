//! The change set of a deployment: made once for its content, described page by page, reviewed, and executed
//! or deleted again.
//!
//! Its name is made of the content, so a run that was interrupted finds its own change set again, and a second
//! run of the same content never makes a second operation.

use serde_json::Value;

use super::desired::Desired;
use super::losses::require_named;
use super::{Work, before, causes};
use crate::capabilities;
use crate::cloud::{
    ChangeSetOrder, ChangeSetPage, Content, PlannedChange, StackState, TemplateSource,
};
use crate::event::{Event, Question};
use crate::fault::{Class, Fault};
use crate::pace::{Pace, patiently};
use crate::problem::Problem;
use crate::review::Review;
use crate::status::Next;
use crate::token::sha256;

/// The most bytes of a template within a request.
const LARGEST_BODY: usize = 51_200;
/// What CloudFormation says of a change set without changes.
const EMPTY: [&str; 2] = ["didn't contain changes", "No updates are to be performed"];

/// A change set that can be executed, or the news that there is nothing to change.
pub(super) enum Plan {
    /// It is ready under this name, which is its token too.
    Ready(String, Vec<PlannedChange>),
    /// Another run was quicker: the stack is to be looked at again.
    Overtaken,
    /// The stack is as it should be.
    Empty,
}

/// Has CloudFormation work out the changes.
pub(super) async fn plan(
    work: &Work<'_>,
    desired: &Desired,
    state: Option<&StackState>,
) -> Result<Plan, Problem> {
    let order = order(work, desired, state).await?;
    planned(work, order, state).await
}

/// Has CloudFormation work out the changes of an order.
pub(super) async fn planned(
    work: &Work<'_>,
    order: ChangeSetOrder,
    state: Option<&StackState>,
) -> Result<Plan, Problem> {
    work.event(Event::Planning);
    match make(work, &order).await {
        Err(fault) if is_overtaken(&fault) => return Ok(Plan::Overtaken),
        answer => answer?,
    }
    read(work, order, state).await
}

/// Reads the change set of an order, which is made.
pub(super) async fn read(
    work: &Work<'_>,
    order: ChangeSetOrder,
    state: Option<&StackState>,
) -> Result<Plan, Problem> {
    let (page, changes) = match described(work, &order.name).await {
        Err(fault) if is_overtaken(&fault) => return Ok(Plan::Overtaken),
        answer => answer?,
    };
    match (&*page.status, &*page.execution) {
        ("CREATE_COMPLETE", "AVAILABLE") => Ok(Plan::Ready(order.name, changes)),
        (_, "EXECUTE_IN_PROGRESS" | "EXECUTE_COMPLETE") => Ok(Plan::Overtaken),
        _ => {
            let problem = unusable(work, &order, &page).await;
            discard(work, &order.name, state).await?;
            problem.map_or(Ok(Plan::Empty), Err)
        }
    }
}

/// The order of the change set that makes a stack what it is to be.
pub(super) async fn order(
    work: &Work<'_>,
    desired: &Desired,
    state: Option<&StackState>,
) -> Result<ChangeSetOrder, Problem> {
    let creates = state.is_none_or(|state| state.status.next() == Next::Create);
    Ok(ChangeSetOrder {
        stack: work.stack.name.clone(),
        name: desired.token(work, state).text(),
        creates,
        adopts: creates && keeps_something(&work.stack.template),
        imports: Vec::new(),
        template: source(work, &desired.body).await?,
        parameters: desired.values.clone(),
        tags: work.stack.tags.clone(),
        capabilities: capabilities::needed(&work.stack.template),
        role: work.role(),
    })
}

/// Whether a resource may be there still from an earlier stack of this name.
fn keeps_something(template: &Value) -> bool {
    let resources = template["Resources"].as_object().into_iter().flatten();
    resources.into_iter().any(|(_, body)| {
        body["DeletionPolicy"]
            .as_str()
            .is_some_and(|policy| policy.starts_with("Retain"))
    })
}

/// Whether a template may be sent within a request. Bytes count, not letters.
pub(super) const fn fits(body: &str) -> bool {
    body.len() <= LARGEST_BODY
}

/// Whether the caller may make change sets. This one is made then.
pub(super) async fn may_be_made(work: &Work<'_>, order: &ChangeSetOrder) -> Result<bool, Problem> {
    match make(work, order).await {
        Err(fault) if fault.class == Class::Denied => Ok(false),
        Err(fault) if is_overtaken(&fault) => Ok(false),
        answer => Ok(answer.map(|()| true)?),
    }
}

/// Within the request when it fits, or else through the bucket for assets.
pub(super) async fn source(work: &Work<'_>, body: &str) -> Result<TemplateSource, Problem> {
    if fits(body) {
        return Ok(TemplateSource::Body(body.to_owned()));
    }
    let (bucket, key) = (work.bucket(), format!("{}.json", sha256(body.as_bytes())));
    let storage = &work.cloud.storage;
    work.publisher.require_bucket(work.cloud, &bucket).await?;
    if patiently(work.clock, || storage.size(&bucket, &key))
        .await?
        .is_none()
    {
        patiently(work.clock, || {
            storage.upload(&bucket, &key, Content::Json(body.as_bytes()), false)
        })
        .await?;
    }
    Ok(TemplateSource::Url(storage.url(&bucket, &key)))
}

/// Whether a fault tells of another run. Whoever executes a change set removes all others of its stack, and
/// while an operation is under way none can be made.
fn is_overtaken(fault: &Fault) -> bool {
    match fault.class {
        Class::Busy | Class::Exists => true,
        Class::Missing => fault.operation != "CreateChangeSet",
        _ => false,
    }
}

/// Asks for the change set. One of this name has this content: it is taken as it is, unless it failed.
async fn make(work: &Work<'_>, order: &ChangeSetOrder) -> Result<(), Fault> {
    let formation = &work.cloud.formation;
    match patiently(work.clock, || formation.create_change_set(order)).await {
        Err(fault) if fault.class == Class::Exists => {}
        answer => return answer,
    }
    let page = patiently(work.clock, || {
        formation.change_set(&order.stack, &order.name, None)
    })
    .await?;
    if page.status == "FAILED" || page.execution == "OBSOLETE" || page.execution == "EXECUTE_FAILED"
    {
        patiently(work.clock, || {
            formation.delete_change_set(&order.stack, &order.name)
        })
        .await?;
        patiently(work.clock, || formation.create_change_set(order)).await?;
    }
    Ok(())
}

/// The change set once it is made, with the changes of all its pages.
async fn described(
    work: &Work<'_>,
    name: &str,
) -> Result<(ChangeSetPage, Vec<PlannedChange>), Fault> {
    let (formation, stack) = (&work.cloud.formation, &work.stack.name);
    let mut pace = Pace::new();
    let mut first = loop {
        let page = patiently(work.clock, || formation.change_set(stack, name, None)).await?;
        if !page.status.ends_with("_PENDING") && !page.status.ends_with("_IN_PROGRESS") {
            break page;
        }
        pace.wait(work.clock).await;
    };
    let mut changes = std::mem::take(&mut first.changes);
    let mut next = first.next.take();
    while let Some(token) = next {
        let page = patiently(work.clock, || {
            formation.change_set(stack, name, Some(&token))
        })
        .await?;
        changes.extend(page.changes);
        next = page.next;
    }
    Ok((first, changes))
}

/// Why a change set cannot be executed; `None` when there is just nothing to do.
async fn unusable(
    work: &Work<'_>,
    order: &ChangeSetOrder,
    page: &ChangeSetPage,
) -> Option<Problem> {
    let reason = page.reason.clone().unwrap_or_default();
    if EMPTY.iter().any(|text| reason.contains(text)) {
        return None;
    }
    let path = &work.stack.path;
    if page.execution == "OBSOLETE" {
        let message = format!("somebody else changed {path} in the meantime");
        return Some(Problem::busy(
            message,
            "run the command again: it starts from what the stack is now",
        ));
    }
    // Who may not read findings still learns the reason.
    let findings = patiently(work.clock, || {
        work.cloud
            .formation
            .findings(&order.stack, Some(&order.name))
    })
    .await;
    let causes = causes::of_findings(work, findings.unwrap_or_default());
    let told = causes
        .first()
        .map_or(reason, |cause| format!("{}: {}", cause.path, cause.reason));
    let message = format!("the changes of {path} are refused: {told}");
    let mut problem = Problem::failed(message, "mend what the message names; nothing was changed");
    problem.causes = causes;
    Some(problem)
}

/// Deletes a change set, and with it the shell of a stack that was made for it.
pub(super) async fn discard(
    work: &Work<'_>,
    name: &str,
    state: Option<&StackState>,
) -> Result<(), Problem> {
    let (formation, stack) = (&work.cloud.formation, &work.stack.name);
    patiently(work.clock, || formation.delete_change_set(stack, name)).await?;
    // A shell that was there before is somebody else's.
    if state.is_none()
        && let Some(shell) = work.look().await?
        && shell.status.next() == Next::Create
    {
        patiently(work.clock, || formation.delete_stack(&shell.id, &[], name)).await?;
    }
    Ok(())
}

/// Shows the changes and has them approved. Data that nobody named is not lost by any answer.
pub(super) async fn review(
    work: &Work<'_>,
    desired: &Desired,
    changes: Vec<PlannedChange>,
    state: Option<&StackState>,
) -> Result<Review, Problem> {
    let review = match state.filter(|state| state.status.next() == Next::Update) {
        Some(state) => {
            let before = before::of(work, state).await?;
            let templates = (&before.template, &desired.template);
            let mut review = Review::of_changes(work.stack, templates, changes, work.facts);
            review
                .losses
                .extend(before::nested_losses(work, &before, templates).await?);
            review
        }
        None => Review::of_changes(
            work.stack,
            (&Value::Null, &desired.template),
            changes,
            work.facts,
        ),
    };
    work.event(Event::Planned(Box::new(review.clone())));
    Ok(review)
}

/// Has a review approved.
pub(super) async fn approve(
    work: &Work<'_>,
    review: &Review,
    state: Option<&StackState>,
) -> Result<(), Problem> {
    require_named(work, review, state)?;
    if !review.adopted.is_empty() {
        let help = "say `--yes` to make them part of the stack, or delete or rename them first";
        work.ask(
            &Question::Adopt(review),
            "the adoption of existing resources",
            help,
        )
        .await?;
    }
    if review.needs_approval(work.options.approval) {
        let help =
            "look at the changes above, then say `--yes`, or choose `--require-approval never`";
        work.ask(&Question::Changes(review), "the change", help)
            .await?;
    }
    Ok(())
}
