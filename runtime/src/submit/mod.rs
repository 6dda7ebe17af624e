//! `submit`: objects handed in to an archive over HTTP, each state of an object once.
//!
//! An object is posted as a file of a form with the provider's metadata, and counts as handed in only
//! when the archive's answer says so. Events come twice, functions end at any moment and answers get
//! lost, so a table remembers what became of every bucket, key and version: the claim is written
//! before the request, its end after it, both only if nobody else wrote meanwhile. It is not kept by
//! the unique id that the archive wants, which names a vessel and is the same for all its files.
//!
//! | state | what it means | at the next event |
//! |---|---|---|
//! | `sending` | a call is at it, until the time that stands beside it; later its answer is lost | waits; later as `unknown` |
//! | `accepted` | the archive has it | nothing is left to do |
//! | `refused` | the archive does not want it as it is | it is posted again, after somebody has mended it |
//! | `failed` | the archive was away or too busy | it is posted again |
//! | `local` | it was all but posted, as the function is set up | it is posted, when the function posts again |
//! | `unknown` | the answer was lost: the archive may have it | [`WhenUnknown`] decides |
//!
//! The state is also a tag of the object ([`RESULT_TAG`]), unless it has
//! [ten others](https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html) already. The
//! unique id comes from another one, [`SOURCE_TAG`].
//!
//! A new object takes six requests: its content, its tags, the claim, the POST, what came of it, and the tags with that.
//! What is known about an object is read only when its claim meets another one, and the token only now and then
//! ([`Archive::token`]).
//!
//! The function needs these rights: `s3:GetObject`, `GetObjectTagging` and `PutObjectTagging` on the
//! objects, of a bucket with versions also `GetObjectVersion`, `GetObjectVersionTagging` and
//! `PutObjectVersionTagging`, and `s3:ListBucket` on the bucket; `dynamodb:GetItem` and `PutItem` on
//! the table; `secretsmanager:GetSecretValue` on the secret.

pub mod answer;
pub mod form;
pub mod ports;

use std::time::Duration;

use cloudwright_contract::WhenUnknown;
use serde_json::json;
use tokio::time::Instant;

use crate::deadline::Deadline;
use crate::failure::{Class, Failure};
use crate::intake::{Change, ObjectEvent};
use crate::journal::Journal;
use crate::work::{Outcome, Work};
use answer::Answer;
use form::Form;
use ports::{Archive, Delivery, Head, Ledger, Object, Source, State};

/// The tag of an object that says what became of it.
pub const RESULT_TAG: &str = "SubmissionState";

/// The tag of an object that names where its content comes from.
pub const SOURCE_TAG: &str = "SourceID";

/// How many tags an object may have.
const MOST_TAGS: usize = 10;

/// The first pause between two requests; each one after it is twice as long.
const PAUSE: Duration = Duration::from_millis(500);

/// The time that is kept to write down what came of a request, at most.
const RESERVE: Duration = Duration::from_secs(3);

/// For how long tags that were read count as those of now.
const FRESH: Duration = Duration::from_secs(1);

/// By how much two functions may be apart in time, in seconds.
const SKEW: u64 = 10;

/// What does not change while a function lives.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The provider's id at the archive.
    pub provider: String,
    /// What is done when an answer was lost.
    pub when_unknown: WhenUnknown,
    /// How often an object is posted in one invocation, at most.
    pub attempts: u32,
    /// How long an answer may take.
    pub patience: Duration,
    /// The size of the largest object, in bytes.
    pub largest: u64,
    /// Whether everything is done but the posting.
    pub local: bool,
}

/// The handler.
pub struct Submitter<S, L, A> {
    source: S,
    ledger: L,
    archive: A,
    rules: Rules,
    /// Seconds since 1970.
    clock: fn() -> u64,
    journal: Journal,
}

/// What an object is posted with.
struct Parcel {
    form: Form,
    token: String,
    /// The object's tags.
    tags: Vec<(String, String)>,
    /// When they were read.
    read: Instant,
}

impl Parcel {
    /// The tags, if they are surely still those of this object: of one version, whose content nobody replaces, and so
    /// fresh that who writes them back with one more undoes no more than by reading them again.
    fn tags_of(&self, head: &Head) -> Option<&[(String, String)]> {
        let is_fresh = self.read.elapsed() < FRESH;
        (is_fresh && head.has_version()).then_some(&self.tags)
    }
}

/// What became of a claim, with the reason unless it was accepted.
type Ended = (State, Option<Failure>);

impl<S: Source, L: Ledger, A: Archive> Submitter<S, L, A> {
    /// Hands objects of `source` in to `archive`, and remembers it in `ledger`.
    pub fn new(
        (source, ledger, archive): (S, L, A),
        rules: Rules,
        clock: fn() -> u64,
        journal: Journal,
    ) -> Self {
        Self {
            source,
            ledger,
            archive,
            rules,
            clock,
            journal,
        }
    }

    async fn submit(&self, event: &ObjectEvent, deadline: &Deadline) -> Result<(), Failure> {
        let version = event.version_id.as_deref();
        let (bucket, key) = (&event.bucket, &event.key);
        let fetched = self.source.fetch(bucket, key, version, self.rules.largest);
        let Some(Object { head, content }) = deadline.limit(fetched).await? else {
            let about = json!({"bucket": bucket, "key": key, "versionId": version});
            let message = "the object is gone, nothing is handed in";
            self.journal.info("", message, about);
            return Ok(());
        };
        // Whatever can fail before a request does so before the claim.
        let parcel = self.prepare(&head, content, deadline).await;
        // Most objects are new: their claim is written at once, and what is known is read only if there is something.
        if let (false, Ok(parcel)) = (self.rules.local, &parcel)
            && let Some(claim) = self.claim(&head, None, deadline).await?
        {
            return self.hand_in(&head, parcel, &claim, deadline).await;
        }
        let was = deadline.limit(self.ledger.read(&head)).await?;
        if was.as_ref().is_some_and(|was| was.state == State::Accepted) {
            return self.mark(&head, State::Accepted, None, deadline).await;
        }
        if let Some(was) = &was {
            self.may_go_on(&head, was, deadline).await?;
        }
        let parcel = parcel?;
        if self.rules.local {
            return self.keep(&head, was.as_ref(), deadline).await;
        }
        match self.claim(&head, was.as_ref(), deadline).await? {
            Some(claim) => self.hand_in(&head, &parcel, &claim, deadline).await,
            None => Err(Failure::new(
                Class::KeepsChanging,
                "another call began to post it",
            )),
        }
    }

    /// Posts what was claimed, and writes down what came of it.
    async fn hand_in(
        &self,
        head: &Head,
        parcel: &Parcel,
        claim: &Delivery,
        deadline: &Deadline,
    ) -> Result<(), Failure> {
        let posting = deadline.earlier(RESERVE.min(deadline.remaining() / 4));
        let (state, problem) = self.post(parcel, &posting).await;
        let end = Delivery {
            state,
            detail: problem.as_ref().map(ToString::to_string),
            ..claim.clone()
        };
        let written = self.ledger.write(head, &end, Some(claim));
        if !deadline.limit(written).await? {
            let message = "somebody else wrote into its item while it was posted";
            return Err(Failure::new(Class::KeepsChanging, message));
        }
        let marked = self.mark(head, state, Some(parcel), deadline).await;
        problem.map_or(marked, Err)
    }

    /// Writes down that the object would be posted now; but that the archive may have it, or did not want it, is not
    /// forgotten, or it would be posted again when posting begins.
    async fn keep(
        &self,
        head: &Head,
        was: Option<&Delivery>,
        deadline: &Deadline,
    ) -> Result<(), Failure> {
        if was.is_some_and(|was| !matches!(was.state, State::Local | State::Failed)) {
            return Ok(());
        }
        let kept = Delivery {
            state: State::Local,
            attempts: was.map_or(0, |was| was.attempts),
            until: (self.clock)(),
            detail: None,
        };
        match deadline.limit(self.ledger.write(head, &kept, was)).await? {
            true => self.mark(head, State::Local, None, deadline).await,
            false => Err(Failure::new(Class::KeepsChanging, "another call is at it")),
        }
    }

    /// Nothing if the object may be posted, though something is known about it.
    async fn may_go_on(
        &self,
        head: &Head,
        was: &Delivery,
        deadline: &Deadline,
    ) -> Result<(), Failure> {
        let is_lost = match was.state {
            State::Sending if was.until >= (self.clock)() => {
                let message = "another call is posting it";
                return Err(Failure::new(Class::KeepsChanging, message));
            }
            State::Sending | State::Unknown => true,
            State::Accepted | State::Refused | State::Failed | State::Local => false,
        };
        if !is_lost || self.rules.when_unknown == WhenUnknown::Retry {
            return Ok(());
        }
        let ended = "the function ended before an answer came".to_owned();
        let detail = was.detail.clone().unwrap_or(ended);
        if was.state == State::Sending {
            let lost = Delivery {
                state: State::Unknown,
                detail: Some(detail.clone()),
                ..was.clone()
            };
            let write = self.ledger.write(head, &lost, Some(was));
            let _ = deadline.limit(write).await?;
            self.mark(head, State::Unknown, None, deadline).await?;
        }
        let message = format!(
            "held, since the archive may have it: {detail}; look there, then set the state of its item to \
             accepted, or delete the item and send the event again"
        );
        Err(Failure::new(Class::OutcomeUnknown, message))
    }

    /// The request, as far as it is the same each time; without content the object is too large.
    async fn prepare(
        &self,
        head: &Head,
        content: Option<Vec<u8>>,
        deadline: &Deadline,
    ) -> Result<Parcel, Failure> {
        let Some(content) = content else {
            let (size, largest) = (head.size, self.rules.largest);
            let message = format!("the object has {size} bytes, expected at most {largest}");
            return Err(Failure::new(Class::Refused, message));
        };
        let read = Instant::now();
        let tags = deadline.limit(self.source.tags(head)).await?;
        let source = tags.iter().find(|(name, _)| name == SOURCE_TAG);
        let source = source.map(|(_, value)| value.trim());
        let Some(source) = source.filter(|source| !source.is_empty()) else {
            let message = format!("the object has no tag {SOURCE_TAG}, or an empty one");
            return Err(Failure::new(Class::Refused, message));
        };
        let token = deadline.limit(self.archive.token(None)).await?;
        let id = form::unique_id(&self.rules.provider, source);
        let kind = head.content_type.as_deref();
        Ok(Parcel {
            form: Form::new(&head.key, kind, &content, &id),
            token,
            tags,
            read,
        })
    }

    /// The claim; nothing if the item is not, or no longer, what it was.
    async fn claim(
        &self,
        head: &Head,
        was: Option<&Delivery>,
        deadline: &Deadline,
    ) -> Result<Option<Delivery>, Failure> {
        let claim = Delivery {
            state: State::Sending,
            attempts: was.map_or(0, |was| was.attempts) + 1,
            until: (self.clock)() + deadline.remaining().as_secs() + SKEW,
            detail: None,
        };
        let written = self.ledger.write(head, &claim, was);
        Ok(deadline.limit(written).await?.then_some(claim))
    }

    /// Posts the form until it is accepted or refused, or there is no use or no time left. What is told of it never
    /// has a token.
    async fn post(&self, parcel: &Parcel, deadline: &Deadline) -> Ended {
        let mut token = parcel.token.clone();
        let mut is_token_new = false;
        let mut doubt = None;
        let mut last = None;
        let mut attempt = 0;
        while attempt < self.rules.attempts {
            let patience = self.rules.patience.min(deadline.remaining());
            if patience.is_zero() {
                break;
            }
            let posted = self.archive.post(&parcel.form, &token);
            let answer = tokio::time::timeout(patience, posted).await;
            let answer = answer.unwrap_or_else(|_| Answer::none_within(patience));
            let wait = match answer.without(&token) {
                Answer::Accepted => return (State::Accepted, None),
                // The provider's key may be another one since it was read.
                Answer::Refused(problem)
                    if problem.class == Class::AccessDenied && !is_token_new =>
                {
                    is_token_new = true;
                    match deadline.limit(self.archive.token(Some(&token))).await {
                        Ok(now) if now != token => token = now,
                        _ if doubt.is_some() => break,
                        _ => return (State::Refused, Some(problem)),
                    }
                    continue;
                }
                // The archive may have what an earlier request brought.
                Answer::Refused(_) if doubt.is_some() => break,
                Answer::Refused(problem) => return (State::Refused, Some(problem)),
                Answer::Later(problem, wait) => {
                    last = Some(problem);
                    wait
                }
                Answer::Lost(problem) => {
                    doubt = Some(problem);
                    if self.rules.when_unknown == WhenUnknown::Hold {
                        break;
                    }
                    None
                }
            };
            let wait = wait.unwrap_or(PAUSE * 2_u32.pow(attempt));
            attempt += 1;
            if attempt == self.rules.attempts || wait >= deadline.remaining() {
                break;
            }
            tokio::time::sleep(wait).await;
        }
        let late = || Failure::new(Class::DeadlineReached, "no time was left to post it");
        match doubt {
            Some(problem) => (State::Unknown, Some(problem)),
            None => (State::Failed, Some(last.unwrap_or_else(late))),
        }
    }

    /// Says on the object what became of it, beside the tags that it has: those that were read for the parcel, if that
    /// was just now.
    async fn mark(
        &self,
        head: &Head,
        state: State,
        parcel: Option<&Parcel>,
        deadline: &Deadline,
    ) -> Result<(), Failure> {
        let mut tags = match parcel.and_then(|parcel| parcel.tags_of(head)) {
            Some(tags) => tags.to_vec(),
            None => match deadline.limit(self.source.tags(head)).await {
                Err(failure) if failure.class == Class::NotFound => return Ok(()),
                tags => tags?,
            },
        };
        let result = (RESULT_TAG.to_owned(), state.name().to_owned());
        if tags.contains(&result) {
            return Ok(());
        }
        tags.retain(|(name, _)| name != RESULT_TAG);
        if tags.len() >= MOST_TAGS {
            let message = "the object has ten tags already, so none says what became of it";
            let about = json!({"bucket": head.bucket, "key": head.key, "state": state.name()});
            self.journal.info("", message, about);
            return Ok(());
        }
        tags.push(result);
        match deadline.limit(self.source.set_tags(head, &tags)).await {
            Err(failure) if failure.class == Class::NotFound => Ok(()),
            done => done,
        }
    }
}

impl<S: Source, L: Ledger, A: Archive> Work for Submitter<S, L, A> {
    /// One after another: each object is in memory twice while it is posted.
    async fn handle(&self, events: &[ObjectEvent], deadline: &Deadline) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(events.len());
        for event in events {
            let outcome = match event.change {
                Change::Created => Box::pin(self.submit(event, deadline)).await,
                Change::Removed(_) | Change::Other => Ok(()),
            };
            outcomes.push(outcome.map_err(|failure| vec![failure.of(event)]));
        }
        outcomes
    }
}

#[cfg(test)]
mod tests;
