//! Everything compared with everything, where every bucket is written to.
//!
//! The buckets are [walked through](super::super::walk) together. A key that all lists show with the
//! same entity tag and size is passed by; so an object that was written again with the same content and
//! other headers, without an event, is not found out. Of any other key the table is read, every bucket
//! looked at, and all brought to the newest change of [all that is known](super::evidence), as after
//! an event:
//!
//! | found | done |
//! |---|---|
//! | the newest change left an object | it is copied to where something surely older is, or nothing |
//! | the newest change is a removal | what is surely older is removed |
//! | something that may be newer than the newest change, as far as is known | nothing: its event is waited for |
//!
//! So a removal is respected as long as the table remembers it. One that nobody heard of, because its
//! event was lost, is undone: what is missing may just not have come yet. When its event does come,
//! everything is removed again.
//!
//! It may run beside all functions, and beside itself: whatever it writes, S3 writes only over what was
//! looked at, and the table is read again afterwards.

use cloudwright_contract::Reconcile;
use serde_json::Value;

use super::super::listing::Listing;
use super::super::store::Stores;
use super::super::walk::{Found, Item, Judge, Walk};
use super::super::{ROUNDS, Subject};
use super::record::Ledger;
use super::sites::{Known, Sites};
use super::{Pass, Synchronizer, evidence, keeps_changing};
use crate::deadline::Deadline;
use crate::failure::{Failure, Report};

/// What decides about buckets that are all written to.
struct Buckets<'a, S, L> {
    synchronizer: &'a Synchronizer<S, L>,
    walk: &'a Walk<'a, S>,
}

impl<S: Stores, L: Ledger> Synchronizer<S, L>
where
    S::Store: Listing,
{
    /// Looks at all objects, as long as there is time; gives what to answer.
    ///
    /// # Errors
    /// If a list cannot be read. An object that cannot be repaired is counted and told of, and the
    /// walk goes on.
    pub async fn reconcile(
        &self,
        command: &Reconcile,
        deadline: &Deadline,
    ) -> Result<Value, Report> {
        let walk = Walk {
            stores: &self.stores,
            plan: &self.plan,
            journal: self.journal.as_ref(),
            command,
        };
        let buckets = Buckets {
            synchronizer: self,
            walk: &walk,
        };
        walk.run(&buckets, deadline).await
    }

    /// Brings the buckets to the newest change that is known or found.
    async fn compare(
        &self,
        subject: Subject<'_>,
        deadline: &Deadline,
    ) -> Result<Found, Vec<Failure>> {
        let about = |failure: Failure| vec![failure.about(subject.bucket, subject.key)];
        let read = async || {
            let record = deadline.limit(self.ledger.read(subject.key)).await;
            record.map_err(about)
        };
        let sites = Sites::new(&self.stores, &self.plan, subject, deadline).map_err(about)?;
        let horizon = self.ledger.horizon();
        let pass = Pass {
            is_everywhere: true,
            is_restoring: true,
            horizon,
            ..Pass::default()
        };
        let mut record = read().await?;
        let mut is_repaired = false;
        for _ in 0..ROUNDS {
            // After the record: what is here then is not older than what the record says.
            let found = sites.look_at_all().await;
            let whole = evidence::whole(&record, subject.key, &sites.seen(&found), horizon);
            if whole.removes() && !record.writers.contains(&self.name) {
                let sign = self.ledger.sign(subject.key, &self.name);
                // That may have brought a change that is newer than what was looked at.
                record = deadline.limit(sign).await.map_err(about)?;
                continue;
            }
            let known = Known {
                record: &record,
                whole: &whole,
            };
            let progress = sites.bring_all(known, &pass, found).await;
            is_repaired |= progress.is_changed;
            let now = read().await?;
            if now == record && !progress.is_open {
                return match (progress.failures, is_repaired, progress.is_ahead) {
                    (failures, ..) if !failures.is_empty() => Err(failures),
                    (_, true, _) => Ok(Found::Repaired),
                    (_, false, true) => Ok(Found::Left),
                    (_, false, false) => Ok(Found::Equal),
                };
            }
            record = now;
        }
        Err(about(keeps_changing()))
    }
}

impl<S: Stores, L: Ledger> Judge for Buckets<'_, S, L>
where
    S::Store: Listing,
{
    fn is_equal(&self, item: &Item) -> bool {
        let own = item.source.as_ref();
        own.is_some_and(|own| item.there.iter().all(|there| own.is_alike(there.as_ref())))
    }

    async fn settle(&self, item: &Item, deadline: &Deadline) -> Result<Found, Vec<Failure>> {
        let subject = self.walk.subject(&item.key);
        self.synchronizer.compare(subject, deadline).await
    }
}
