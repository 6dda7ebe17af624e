//! What became of an object, from what there is to see.

use cloudwright_contract::{ItemState, StagePlan};

use super::evidence::{Evidence, Known};
use crate::replicate::listing::Entry;
use crate::submit::ports::State;

/// How many seconds an upload in parts may take. S3 dates its object by the begin of the upload
/// ([multipart upload](https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html)), so it may have come long after.
const UPLOAD: u64 = 24 * 3600;

/// What became of an object of a stage, and the key of its result or why there is none.
pub(super) fn judge(
    stage: &StagePlan,
    entry: &Entry,
    evidence: &Evidence,
    now: i64,
) -> (ItemState, Option<String>) {
    if let Some(found) = evidence.result(stage, entry) {
        return (ItemState::Done, found.key.as_deref().map(str::to_owned));
    }
    let age = u64::try_from(now.saturating_sub(entry.modified)).unwrap_or_default();
    let is_late = age > stage.late;
    let row = evidence.row(stage, entry);
    let said = |row: &Known| row.detail.as_deref().map(str::to_owned);
    if let Some(row) = row
        && let Some(state) = settled(row, now)
    {
        return (state, said(row));
    }
    if let Some(reason) = evidence.reason(stage, entry) {
        let detail = row.and_then(said);
        return (
            ItemState::Failed,
            Some(detail.unwrap_or_else(|| reason.to_owned())),
        );
    }
    match row {
        Some(row) => of_row(row, is_late),
        None if !is_late => (ItemState::Waiting, None),
        None => late(stage, (entry, age), evidence),
    }
}

/// What a row says that no message among those that were given up changes.
fn settled(row: &Known, now: i64) -> Option<ItemState> {
    match row.state {
        State::Accepted => Some(ItemState::Done),
        State::Sending if row.until >= now => Some(ItemState::Waiting),
        _ => None,
    }
}

/// What a row says otherwise.
fn of_row(row: &Known, is_late: bool) -> (ItemState, Option<String>) {
    let detail = row.detail.as_deref();
    let state = match row.state {
        State::Accepted => ItemState::Done,
        State::Local => {
            let kept = "not posted: the stage is set to do everything but that";
            return (ItemState::Waiting, Some(kept.to_owned()));
        }
        // The archive was away, and it is tried again.
        State::Failed if !is_late => ItemState::Waiting,
        State::Sending | State::Failed | State::Refused | State::Unknown => ItemState::Failed,
    };
    let ended = "the function ended before an answer came";
    let detail = detail.or((row.state == State::Sending).then_some(ended));
    (state, detail.map(str::to_owned))
}

/// An object of which nothing is known, though it is late. It is lost only if nothing can bring its result any more.
fn late(
    stage: &StagePlan,
    (entry, age): (&Entry, u64),
    evidence: &Evidence,
) -> (ItemState, Option<String>) {
    let queued = evidence.queued.unwrap_or_default();
    let why = if stage.partial || (stage.output.is_none() && stage.table.is_none()) {
        return (ItemState::Untracked, None);
    } else if queued > 0 {
        format!("perhaps among the {queued} messages before the stage")
    } else if age <= stage.over {
        "perhaps among the calls that are tried again".to_owned()
    } else if is_in_parts(entry) && age <= stage.over.saturating_add(UPLOAD) {
        "perhaps complete since a moment ago: what is uploaded in parts is dated by its begin"
            .to_owned()
    } else if !evidence.is_whole {
        "perhaps among the messages of what was given up, which could not all be read".to_owned()
    } else {
        return (ItemState::Lost, None);
    };
    (ItemState::Stuck, Some(why))
}

/// Whether an object was uploaded in parts: its entity tag ends with how many they were.
fn is_in_parts(entry: &Entry) -> bool {
    let count = entry.etag.trim_matches('"').rsplit_once('-');
    count.is_some_and(|(_, count)| {
        !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit())
    })
}
