//! Bringing one object into one bucket: in one request, or in parts.

use std::time::Duration;

use cloudwright_contract::Multipart;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::store::{Copy, Origin, Part, Stop, Store, Upload};
use crate::deadline::Deadline;

/// How many parts of an object are copied at the same time.
const PARTS_AT_ONCE: usize = 8;

/// The most parts that an object can have
/// ([limits](https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)).
const MOST_PARTS: u64 = 10_000;

/// How long giving up a copy in parts may take: it comes out of the time kept back for reporting.
const ABORT_TIME: Duration = Duration::from_millis(300);

/// Copies an object.
pub(super) async fn run(
    from: &impl Store,
    to: &impl Store,
    origin: &Origin<'_>,
    copy: &Copy<'_>,
    settings: (Multipart, &Deadline),
) -> Result<(), Stop> {
    let (multipart, deadline) = settings;
    if origin.object.size <= multipart.threshold_bytes {
        return within(deadline, to.copy(origin, copy)).await;
    }
    // What one request copies by itself, a copy in parts has to be given.
    let tags = within(deadline, from.tags(origin)).await?;
    let id = deadline.limit(to.begin(copy, &tags)).await?;
    let upload = Upload {
        bucket: copy.bucket,
        key: copy.key,
        id: &id,
        over: copy.over,
    };
    let result = in_parts(to, origin, &upload, settings).await;
    if result.is_err() {
        // Best effort: what failed matters more, and a lifecycle rule removes what is left.
        let _ = tokio::time::timeout(ABORT_TIME, to.abort(&upload)).await;
    }
    result
}

async fn in_parts(
    to: &impl Store,
    origin: &Origin<'_>,
    upload: &Upload<'_>,
    (multipart, deadline): (Multipart, &Deadline),
) -> Result<(), Stop> {
    let copies = parts(origin.object.size, multipart.part_bytes)
        .map(|part| within(deadline, to.copy_part(origin, upload, part)));
    let etags: Vec<_> = stream::iter(copies)
        .buffered(PARTS_AT_ONCE)
        .try_collect()
        .await?;
    within(deadline, to.complete(upload, &etags)).await
}

/// As [`Deadline::limit`], for a step that may also find the object changed.
pub(super) async fn within<T>(
    deadline: &Deadline,
    step: impl Future<Output = Result<T, Stop>>,
) -> Result<T, Stop> {
    let step = async {
        match step.await {
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Changed) => Ok(None),
            Ok(value) => Ok(Some(value)),
        }
    };
    deadline.limit(step).await?.ok_or(Stop::Changed)
}

/// The parts of an object, of equal size but for the last.
fn parts(size: u64, part_bytes: u64) -> impl Iterator<Item = Part> {
    let step = part_bytes.max(size.div_ceil(MOST_PARTS));
    let part = move |(number, first): (i32, u64)| Part {
        number,
        first,
        last: size.min(first + step) - 1,
    };
    let firsts = (0..size.div_ceil(step)).map(move |index| index * step);
    (1..).zip(firsts).map(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn the_last_part_is_what_is_left() {
        let found: Vec<_> = parts(12 * MIB + 1, 5 * MIB).collect();
        let expected = [(1, 0, 5), (2, 5, 10), (3, 10, 12)].map(|(number, first, end)| Part {
            number,
            first: first * MIB,
            last: end * MIB - 1,
        });
        assert_eq!(found[..2], expected[..2]);
        assert_eq!((found[2].first, found[2].last), (10 * MIB, 12 * MIB));
        assert_eq!(found.len(), 3);
    }

    proptest! {
        #[test]
        fn parts_cover_the_object_and_are_not_too_many(size in 1..6_000_000 * MIB, part in 5 * MIB..5_000 * MIB) {
            let mut next = 0;
            let mut count = 0;
            for part in parts(size, part) {
                prop_assert_eq!((part.first, part.number), (next, count + 1));
                prop_assert!(part.last >= part.first);
                next = part.last + 1;
                count += 1;
            }
            prop_assert_eq!(next, size);
            prop_assert!(count <= 10_000);
        }
    }
}
