//! `bucket-notifications`: what a stack adds to the notifications of a bucket that it does not own.
//!
//! CloudFormation sets a bucket's notifications with the bucket, so for a bucket that exists already
//! it needs a custom resource. S3 keeps all notifications of a bucket in one document, has no
//! condition on its replacement and no lock, and the document is not this stack's alone. So:
//!
//! - Own entries are known by their ids ([`Owner`]); all others are written back as they were read.
//! - The document is written at once after it was read, or read again ([`WINDOW`]).
//! - After the pause [`SETTLE`] it is read again, and own entries that are gone are written again. The
//!   pause is longer than any handler may take from its reading to the end of its writing. So when a
//!   handler has seen its entries there, every other handler that had read the bucket without them is
//!   done, and those that read it later keep them: stacks never lose each other's entries.
//!
//! A change that somebody makes in another way is lost if S3 applies it between a reading and the
//! writing that follows; nothing in S3 tells of it. That is the time of about one request.
//!
//! CloudFormation waits for an answer for an hour. So every request is answered, with what failed if
//! it failed, before the function's time is over; an answer that cannot be delivered fails the
//! invocation, which Lambda then repeats.

pub mod answer;
pub mod entries;
pub mod request;

use std::time::Duration;

use cloudwright_contract::BucketNotifications;
use serde::Deserialize as _;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};
use crate::journal::Journal;
use answer::{Addressee, deliver};
use entries::{Configuration, Owner};
use request::{Answer, Request};

/// How old what was read may be when the writing that is based on it begins.
pub const WINDOW: Duration = Duration::from_secs(1);

/// How long a request to S3 may take; it is not sent again by the client.
pub const REQUEST_TIME: Duration = Duration::from_secs(3);

/// How long it is waited before it is looked whether own entries are still there: longer than
/// [`WINDOW`] and [`REQUEST_TIME`] together.
pub const SETTLE: Duration = Duration::from_secs(5);

/// How much of the time is kept for telling CloudFormation, at most.
const TELLING: Duration = Duration::from_secs(20);

/// How often something is tried again that a right which is only just granted would allow: IAM and
/// the policies of queues take some seconds to be known everywhere.
const TRIES_FOR_RIGHTS: u32 = 3;

/// The notifications of buckets.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Buckets {
    /// All that a bucket notifies of.
    ///
    /// # Errors
    /// If it cannot be read, after one try.
    async fn read(&self, bucket: &str) -> Result<Configuration, Failure>;

    /// Replaces all that a bucket notifies of, within [`REQUEST_TIME`] or not at all.
    ///
    /// # Errors
    /// If it was not written, or nobody knows, after one try.
    async fn write(
        &self,
        bucket: &str,
        configuration: &Configuration,
        skip_validation: bool,
    ) -> Result<(), Failure>;
}

/// The handler.
#[derive(Debug)]
pub struct Notifier<B> {
    buckets: B,
    journal: Journal,
}

/// Entries to have in a bucket; none to remove them.
struct Goal<'a> {
    owner: &'a Owner,
    bucket: &'a str,
    wanted: Configuration,
    skip_validation: bool,
}

/// What a step of [`Notifier::reach`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Own entries are as wanted, and nobody is left who could undo it.
    Done,
    /// Reading took so long that another one's change may have come since.
    Late,
    /// There is nothing to remove, as it seems.
    Looked,
    /// Own entries are written.
    Wrote,
}

impl<B: Buckets> Notifier<B> {
    /// Sets the notifications of `buckets`, and writes what fails to `journal`.
    pub const fn new(buckets: B, journal: Journal) -> Self {
        Self { buckets, journal }
    }

    /// Does what a payload asks for and tells CloudFormation, within the time that is left. Once it is
    /// told, the invocation has succeeded, whatever the answer says: Lambda would repeat it, when
    /// CloudFormation has long gone on to something else.
    ///
    /// # Errors
    /// If the payload cannot be answered or the answer is not taken.
    pub async fn serve(
        &self,
        payload: &Value,
        to: &impl Addressee,
        remaining: Duration,
    ) -> Result<Value, Report> {
        let overall = Deadline::within(remaining);
        let work = Deadline::within(remaining - (remaining / 3).min(TELLING));
        let told = match Request::read(payload) {
            Ok(request) => {
                let answer = self.handle(&request, &work).await;
                let body = serde_json::to_string(&answer).unwrap_or_default();
                let told = deliver(to, &request.response_url, &body, &overall).await;
                told.map_err(|failure| (request.request_id, failure))
            }
            Err(failure) => Err((String::new(), failure)),
        };
        told.map(|()| Value::Null).map_err(|(request, failure)| {
            self.journal.failure(&request, &failure);
            Report {
                done: 0,
                failures: vec![failure],
            }
        })
    }

    /// Does what CloudFormation asks for, and gives the answer to it.
    pub async fn handle<'a>(&self, request: &'a Request, deadline: &Deadline) -> Answer<'a> {
        let owner = Owner::new(&request.stack_id, &request.logical_resource_id);
        let (physical_id, outcome) = match request.request_type.as_str() {
            "Create" | "Update" => self.set(request, &owner, deadline).await,
            "Delete" => {
                let outcome = self.delete(request, &owner, deadline).await;
                (request.physical_resource_id.clone(), outcome)
            }
            other => {
                let message =
                    format!("RequestType: got {other:?}, expected Create, Update or Delete");
                let failure = Failure::new(Class::UnreadableEvent, message);
                (request.physical_resource_id.clone(), Err(failure))
            }
        };
        if let Err(failure) = &outcome {
            self.journal.failure(&request.request_id, failure);
        }
        // CloudFormation takes no answer without a name.
        let physical_id = match physical_id.is_empty() {
            true => owner.physical_id(""),
            false => physical_id,
        };
        request.answer(physical_id, outcome.as_ref().err())
    }

    /// An update that fails keeps the name of what it was to update: with another one, CloudFormation
    /// would delete the resource that it is about to roll back to.
    async fn set(
        &self,
        request: &Request,
        owner: &Owner,
        deadline: &Deadline,
    ) -> (String, Result<(), Failure>) {
        let properties = match properties(&request.resource_properties) {
            Ok(properties) => properties,
            Err(failure) => return (request.physical_resource_id.clone(), Err(failure)),
        };
        let goal = Goal {
            owner,
            bucket: &properties.bucket_name,
            wanted: owner.wanted(&properties),
            skip_validation: properties.skip_destination_validation,
        };
        let named = owner.physical_id(goal.bucket);
        let mut outcome = self.reach(&goal, deadline).await;
        if outcome.is_ok() && request.physical_resource_id == named {
            outcome = self
                .undo_failed_move(request, owner, goal.bucket, deadline)
                .await;
        }
        let is_first = request.request_type == "Create";
        match outcome {
            Err(failure) if !is_first => (request.physical_resource_id.clone(), Err(failure)),
            outcome => (named, outcome),
        }
    }

    /// Removes what an update to another bucket left there that failed and is now rolled back.
    /// CloudFormation does not: it never got to know a name of that.
    async fn undo_failed_move(
        &self,
        request: &Request,
        owner: &Owner,
        bucket: &str,
        deadline: &Deadline,
    ) -> Result<(), Failure> {
        let left = request.old_resource_properties["BucketName"].as_str();
        match left.filter(|left| *left != bucket && !left.is_empty()) {
            Some(left) => {
                let removed = self.remove(left, owner, deadline).await;
                // The move may have failed because this bucket cannot be touched. A rollback that
                // fails for the same reason would leave the stack stuck.
                if let Err(failure) = removed {
                    self.journal.failure(&request.request_id, &failure);
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Removes the entries of a resource, which may never have been made: CloudFormation also deletes
    /// what it could not create, with the properties that were wrong and a name of its own.
    async fn delete(
        &self,
        request: &Request,
        owner: &Owner,
        deadline: &Deadline,
    ) -> Result<(), Failure> {
        let said = request.resource_properties["BucketName"].as_str();
        let bucket = owner.bucket(&request.physical_resource_id).or(said);
        match bucket.filter(|bucket| !bucket.is_empty()) {
            Some(bucket) => self.remove(bucket, owner, deadline).await,
            None => Ok(()),
        }
    }

    /// A bucket that is gone has taken its notifications along.
    async fn remove(
        &self,
        bucket: &str,
        owner: &Owner,
        deadline: &Deadline,
    ) -> Result<(), Failure> {
        let goal = Goal {
            owner,
            bucket,
            wanted: Configuration::default(),
            // Whoever is left must not keep these from being removed.
            skip_validation: true,
        };
        match self.reach(&goal, deadline).await {
            Err(failure) if failure.class == Class::NotFound => Ok(()),
            outcome => outcome,
        }
    }

    /// Writes until own entries are as wanted, and stay so.
    async fn reach(&self, goal: &Goal<'_>, deadline: &Deadline) -> Result<(), Failure> {
        // Whether, after the next pause, everybody is done who read the bucket before it was last
        // written, or before the first look: an earlier try's last request may still be on its way.
        let mut is_settled = false;
        let mut last = None;
        for attempt in 1.. {
            match deadline.limit(self.step(goal, &mut is_settled)).await {
                Ok(Step::Done) => return Ok(()),
                Ok(Step::Late) if deadline.remaining() > REQUEST_TIME => continue,
                Ok(_) => {}
                Err(failure) if may_pass(&failure, attempt) => last = Some(failure),
                Err(failure) => return Err(failure.inside(goal.bucket)),
            }
            let pause = SETTLE + Duration::from_millis(8) * goal.owner.number(attempt).into();
            if deadline.remaining() <= pause {
                break;
            }
            sleep(pause).await;
        }
        Err(last.unwrap_or_else(ever_changing).inside(goal.bucket))
    }

    /// Looks, and writes what is missing. A writing that failed may still be done later, so after it
    /// nothing is settled.
    async fn step(&self, goal: &Goal<'_>, is_settled: &mut bool) -> Result<Step, Failure> {
        let Goal { owner, wanted, .. } = goal;
        let looked = Instant::now();
        let found = self.buckets.read(goal.bucket).await?;
        let is_content = owner.is_content(&found, wanted);
        if is_content && *is_settled {
            return Ok(Step::Done);
        }
        if is_content && wanted.is_empty() {
            *is_settled = true;
            return Ok(Step::Looked);
        }
        let merged = owner.merge(&found, wanted)?;
        if looked.elapsed() > WINDOW {
            return Ok(Step::Late);
        }
        *is_settled = false;
        let writing = self
            .buckets
            .write(goal.bucket, &merged, goal.skip_validation);
        writing.await?;
        *is_settled = true;
        Ok(Step::Wrote)
    }
}

/// The properties of a resource.
fn properties(properties: &Value) -> Result<BucketNotifications, Failure> {
    let read = BucketNotifications::<String>::deserialize(properties);
    let checked = read.map_err(|problem| problem.to_string());
    let named = checked.and_then(|read| match read.bucket_name.as_str() {
        "" => Err("BucketName: got nothing, expected the name of a bucket".to_owned()),
        _ => Ok(read),
    });
    named.map_err(|problem| Failure::new(Class::Refused, format!("properties: {problem}")))
}

/// Whether trying again can help.
fn may_pass(failure: &Failure, attempt: u32) -> bool {
    let is_about_rights = failure.class == Class::AccessDenied
        || failure
            .message
            .contains("Unable to validate the following destination");
    match failure.class {
        Class::Throttled | Class::ServiceFailed | Class::Unreachable | Class::KeepsChanging => true,
        _ => is_about_rights && attempt < TRIES_FOR_RIGHTS,
    }
}

fn ever_changing() -> Failure {
    let message = "the notifications were changed by others each time that they were looked at, or \
                   the function has too little time: it needs half a minute for a change";
    Failure::new(Class::KeepsChanging, message)
}

#[cfg(test)]
mod tests;
