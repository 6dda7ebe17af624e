//! Bringing the newest change of an object to the buckets.

use cloudwright_contract::Replicate;
use futures_util::future::join_all;

use super::super::store::{Copy, Object, Origin, Over, Store as _, Stores};
use super::super::{Done, Found, Subject, done, transfer};
use super::Pass;
use super::mark::Mark;
use super::record::{Entry, Record};
use super::verdict::{Place, Verdict, verdict as judge};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure};

/// The buckets of an object, that of the events first.
pub(super) struct Sites<'a, S> {
    stores: &'a S,
    plan: &'a Replicate,
    key: &'a str,
    sites: Vec<Site<'a>>,
    deadline: &'a Deadline,
}

#[derive(Clone, Copy, Debug)]
struct Site<'a> {
    bucket: &'a str,
    region: &'a str,
    kms_key: Option<&'a str>,
}

/// The newest change, and where an object is that it left.
struct Winner<'a> {
    site: &'a str,
    entry: &'a Entry,
    source: Option<Source<'a>>,
}

struct Source<'a> {
    site: Site<'a>,
    object: Object,
}

/// What came of bringing the buckets to the newest change.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Whether something has changed since it was looked at.
    pub(super) is_open: bool,
    /// Whether something was done.
    pub(super) is_changed: bool,
    /// Whether something was left that may be newer.
    pub(super) is_ahead: bool,
    pub(super) failures: Vec<Failure>,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    /// What the table says.
    pub(super) record: &'a Record,
    /// That, and what was found besides: it has the newest change.
    pub(super) whole: &'a Record,
}

impl<'a, S: Stores> Sites<'a, S> {
    /// The buckets of an object.
    ///
    /// # Errors
    /// If a destination is the bucket itself.
    pub(super) fn new(
        stores: &'a S,
        plan: &'a Replicate,
        subject: Subject<'a>,
        deadline: &'a Deadline,
    ) -> Result<Self, Failure> {
        let own = Site {
            bucket: subject.bucket,
            region: subject.region,
            kms_key: None,
        };
        let others = plan.destinations.iter().map(|to| Site {
            bucket: &to.bucket,
            region: &to.region,
            kms_key: to.kms_key.as_deref(),
        });
        let sites: Vec<_> = std::iter::once(own).chain(others).collect();
        if sites[1..].iter().any(|site| site.bucket == own.bucket) {
            let message = "the destination is the source: an object is not copied onto itself";
            return Err(Failure::new(Class::Refused, message));
        }
        Ok(Self {
            stores,
            plan,
            key: subject.key,
            sites,
            deadline,
        })
    }

    /// Brings the buckets to the winner of the record, if there is one.
    pub(super) async fn bring(&self, record: &Record, pass: &Pass) -> Progress {
        let Some(winner) = record.winner() else {
            return Progress::default();
        };
        let own = self.look(&self.sites[..1]).await;
        let verdict = self.verdict(record, winner, pass, (&self.sites[0], &own[0]));
        let is_own_fine = verdict != Ok(Verdict::Behind);
        if !pass.is_everywhere && own[0].is_ok() && is_own_fine {
            return Progress::default();
        }
        let mut found = own;
        found.extend(self.look(&self.sites[1..]).await);
        let known = Known {
            record,
            whole: record,
        };
        self.bring_all(known, pass, found).await
    }

    /// What is in all buckets.
    pub(super) async fn look_at_all(&self) -> Vec<Found> {
        self.look(&self.sites).await
    }

    /// Each bucket with what is in it.
    pub(super) fn seen<'f>(&self, found: &'f [Found]) -> Vec<(&'a str, &'f Found)> {
        let sites = self.sites.iter().map(|site| site.bucket);
        sites.zip(found).collect()
    }

    /// Brings the buckets, in which this was found, to the newest change that is known.
    pub(super) async fn bring_all(
        &self,
        Known { record, whole }: Known<'_>,
        pass: &Pass,
        found: Vec<Found>,
    ) -> Progress {
        let Some((origin, entry)) = whole.winner() else {
            return Progress::default();
        };
        let (source, lost) = match self.source((origin, entry), &found).await {
            Ok(source) => (source, None),
            Err(failure) => (None, Some(failure)),
        };
        let winner = Winner {
            site: origin,
            entry,
            source,
        };
        let sites = self.sites.iter().zip(&found);
        let verdicts = sites.map(|place| self.verdict(record, (origin, entry), pass, place));
        let verdicts: Vec<_> = verdicts.collect();
        let is_ahead = verdicts.contains(&Ok(Verdict::Ahead));
        let work = self.sites.iter().zip(verdicts.into_iter().zip(&found));
        let work = work.map(|(site, (verdict, found))| self.act(&winner, *site, verdict, found));
        let results = join_all(work).await;
        let failed = results.iter().filter_map(|result| result.clone().err());
        Progress {
            is_open: results.contains(&Ok(Done::NotYet)),
            is_changed: results.contains(&Ok(Done::Something)),
            is_ahead,
            failures: lost.into_iter().chain(failed).collect(),
        }
    }

    fn verdict(
        &self,
        record: &Record,
        winner: (&str, &Entry),
        pass: &Pass,
        (site, found): (&Site<'_>, &Found),
    ) -> Result<Verdict, Failure> {
        let place = Place {
            bucket: site.bucket,
            key: self.key,
            is_restoring: pass.is_restoring,
            horizon: pass.horizon,
        };
        let there = found.as_ref().map_err(Clone::clone)?.as_ref();
        Ok(judge(record, winner, place, there))
    }

    async fn look(&self, sites: &[Site<'_>]) -> Vec<Found> {
        let look = async |site: &Site<'_>| {
            let store = self.stores.of(site.region);
            let look = store.peek(site.bucket, self.key);
            let found = self.deadline.limit(look).await;
            found.map_err(|failure| self.about(failure, *site))
        };
        join_all(sites.iter().map(look)).await
    }

    fn about(&self, failure: Failure, site: Site<'_>) -> Failure {
        failure.about(site.bucket, self.key).within(site.region)
    }

    /// Where an object is that the newest change left: in its own bucket, as one of its versions, or
    /// as a copy.
    async fn source(
        &self,
        (origin, entry): (&str, &Entry),
        found: &[Found],
    ) -> Result<Option<Source<'a>>, Failure> {
        if entry.etag.is_none() {
            return Ok(None);
        }
        let there = self.sites.iter().zip(found);
        let there = there.filter_map(|(site, found)| Some((*site, found.as_ref().ok()?.as_ref()?)));
        let is_left =
            |site: Site<'_>, object: &Object| match Mark::read(object, site.bucket, self.key) {
                None => site.bucket == origin && entry.left(object),
                Some(mark) => mark.site == origin && mark.sequencer == entry.sequencer,
            };
        let mut holders: Vec<_> = there
            .filter(|(site, object)| is_left(*site, object))
            .map(|(site, object)| Source {
                site,
                object: object.clone(),
            })
            .collect();
        // The original before its copies.
        holders.sort_by_key(|holder| holder.site.bucket != origin);
        if let Some(holder) = holders.into_iter().next() {
            return Ok(Some(holder));
        }
        let own = self.sites.iter().find(|site| site.bucket == origin);
        let (Some(site), Some(version)) = (own, &entry.version) else {
            return Ok(None);
        };
        let store = self.stores.of(site.region);
        let look = store.look(site.bucket, self.key, Some(version));
        let object = self.deadline.limit(look).await;
        let object = object.map_err(|failure| self.about(failure, *site))?;
        Ok(object.map(|object| Source {
            site: *site,
            object,
        }))
    }

    async fn act(
        &self,
        winner: &Winner<'_>,
        site: Site<'_>,
        verdict: Result<Verdict, Failure>,
        found: &Found,
    ) -> Result<Done, Failure> {
        let store = self.stores.of(site.region);
        let about = |failure| self.about(failure, site);
        let there = found.as_ref().ok().and_then(Option::as_ref);
        match (verdict?, there, &winner.source) {
            (Verdict::Behind, Some(object), _) if winner.entry.etag.is_none() => {
                let removal = store.remove(site.bucket, self.key, Over::Etag(&object.etag));
                done(transfer::within(self.deadline, removal).await).map_err(about)
            }
            (Verdict::Behind, there, Some(source)) => {
                self.copy(winner, source, site, there).await.map_err(about)
            }
            // Where nothing is written, it would not show that there is no such bucket.
            (Verdict::Fine | Verdict::Ahead, None, _) => {
                let look = store.look(site.bucket, self.key, None);
                let sure = self.deadline.limit(look).await.map_err(about)?;
                Ok(sure.map_or(Done::Nothing, |_| Done::NotYet))
            }
            // Without a source: it is no more, and the event of that is to come.
            _ => Ok(Done::Nothing),
        }
    }

    async fn copy(
        &self,
        winner: &Winner<'_>,
        source: &Source<'_>,
        to: Site<'_>,
        there: Option<&Object>,
    ) -> Result<Done, Failure> {
        let region = self.sites.iter().find(|site| site.bucket == winner.site);
        let region = region.map_or(source.site.region, |site| site.region);
        let mark = Mark::of(winner.site, region, winner.entry);
        let object = &source.object;
        let copy = Copy {
            bucket: to.bucket,
            key: self.key,
            kms_key: to.kms_key,
            storage_class: object.storage_class.as_deref(),
            headers: &object.headers,
            metadata: &mark.put_on(&object.metadata, to.bucket, self.key)?,
            over: there.map_or(Over::Nothing, |object| Over::Etag(&object.etag)),
        };
        let origin = Origin {
            bucket: source.site.bucket,
            key: self.key,
            region: source.site.region,
            object,
        };
        let (from, into) = (self.stores.of(origin.region), self.stores.of(to.region));
        let settings = (self.plan.multipart, self.deadline);
        done(transfer::run(&from, &into, &origin, &copy, settings).await)
    }
}
