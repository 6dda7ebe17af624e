//! What the handler decides, on models of the bucket, the table and the archive.

mod model;
mod once;

use std::time::Duration;

use cloudwright_contract::WhenUnknown;

use super::ports::{Head, State};
use super::{RESULT_TAG, Rules, SOURCE_TAG, Submitter};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure};
use crate::journal::Journal;
use crate::work::Work as _;
use model::{BUCKET, Fate, Reply, World, clock};

fn handler(world: &World, when_unknown: WhenUnknown) -> Submitter<&World, &World, &World> {
    made(world, when_unknown, false)
}

fn made(
    world: &World,
    when_unknown: WhenUnknown,
    local: bool,
) -> Submitter<&World, &World, &World> {
    let rules = Rules {
        provider: "PRO".to_owned(),
        when_unknown,
        attempts: 3,
        patience: Duration::from_secs(10),
        largest: 100,
        local,
    };
    let journal = Journal::new("submit", "function", std::io::sink());
    Submitter::new((world, world, world), rules, clock, journal)
}

/// Handles the event of a key.
async fn tell(world: &World, key: &str, when_unknown: WhenUnknown) -> Result<(), Failure> {
    let handler = handler(world, when_unknown);
    let deadline = Deadline::within(Duration::from_secs(60));
    let mut outcomes = handler.handle(&[world.event(key)], &deadline).await;
    outcomes
        .remove(0)
        .map_err(|mut failures| failures.remove(0))
}

async fn hold(world: &World, key: &str) -> Result<(), Failure> {
    tell(world, key, WhenUnknown::Hold).await
}

fn class(result: Result<(), Failure>) -> Class {
    result.unwrap_err().class
}

#[tokio::test(start_paused = true)]
async fn an_object_is_handed_in_once_and_says_so() {
    let world = World::with(&["a"]);
    assert_eq!(hold(&world, "a").await, Ok(()));
    assert_eq!(hold(&world, "a").await, Ok(()));
    assert_eq!(world.posts(), ["PRO-vessel"]);
    assert_eq!(world.state("a"), Some(State::Accepted));
    let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let tags = [tag(SOURCE_TAG, "vessel"), tag(RESULT_TAG, "accepted")];
    assert_eq!(world.tags("a"), tags);
    // Another state of the object is another delivery, of the same id.
    world.change("a");
    assert_eq!(hold(&world, "a").await, Ok(()));
    assert_eq!(world.posts(), ["PRO-vessel", "PRO-vessel"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_busy_is_asked_again_and_what_refuses_is_not() {
    let world = World::with(&["a"]);
    world.reply([Reply::Busy(Some(7)), Reply::Busy(None), Reply::Accept]);
    let started = tokio::time::Instant::now();
    assert_eq!(hold(&world, "a").await, Ok(()));
    assert_eq!(started.elapsed().as_secs(), 8);

    let world = World::with(&["a"]);
    world.reply([Reply::Refuse, Reply::Accept]);
    let failure = hold(&world, "a").await.unwrap_err();
    assert_eq!(
        (failure.class, failure.key.as_deref()),
        (Class::Refused, Some("a"))
    );
    assert_eq!(world.state("a"), Some(State::Refused));
    assert_eq!(hold(&world, "a").await, Ok(()));
    assert_eq!(world.tags("a")[1].1, "accepted");
}

#[tokio::test(start_paused = true)]
async fn an_archive_that_stays_busy_fails_and_gets_it_the_next_time() {
    let world = World::with(&["a"]);
    world.reply([Reply::Busy(None); 3]);
    assert_eq!(class(hold(&world, "a").await), Class::ServiceFailed);
    assert_eq!(world.state("a"), Some(State::Failed));
    world.reply([Reply::Busy(Some(3_600))]);
    let started = tokio::time::Instant::now();
    assert_eq!(class(hold(&world, "a").await), Class::ServiceFailed);
    assert_eq!(started.elapsed().as_secs(), 0);
    assert_eq!(hold(&world, "a").await, Ok(()));
    assert_eq!(world.posts().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_held_until_somebody_has_looked() {
    for lost in [Reply::AcceptSilently, Reply::Vanish, Reply::Hang] {
        let world = World::with(&["a"]);
        world.reply([lost]);
        assert_eq!(class(hold(&world, "a").await), Class::OutcomeUnknown);
        assert_eq!(world.state("a"), Some(State::Unknown));
        assert_eq!(world.tags("a")[1].1, "unknown");
        let before = world.posts();
        let failure = hold(&world, "a").await.unwrap_err();
        assert_eq!(failure.class, Class::OutcomeUnknown);
        assert!(
            failure
                .message
                .starts_with("held, since the archive may have it: ")
        );
        assert_eq!(world.posts(), before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_for_again_where_that_is_wanted() {
    let world = World::with(&["a"]);
    world.reply([Reply::AcceptSilently, Reply::Accept]);
    assert_eq!(tell(&world, "a", WhenUnknown::Retry).await, Ok(()));
    assert_eq!(world.posts().len(), 2);
    // A refusal does not tell what became of the request before it.
    let world = World::with(&["a"]);
    world.reply([Reply::Vanish, Reply::Refuse]);
    let failed = tell(&world, "a", WhenUnknown::Retry).await;
    assert_eq!(class(failed), Class::OutcomeUnknown);
    assert_eq!(world.state("a"), Some(State::Unknown));
    assert_eq!(tell(&world, "a", WhenUnknown::Retry).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ended_while_it_posted_leaves_the_outcome_open() {
    let world = World::with(&["a"]);
    world.reply([Reply::Hang]);
    let handler = handler(&world, WhenUnknown::Hold);
    let deadline = Deadline::within(Duration::from_secs(60));
    let events = [world.event("a")];
    let call = tokio::time::timeout(Duration::from_secs(5), handler.handle(&events, &deadline));
    assert!(call.await.is_err());
    assert_eq!(class(hold(&world, "a").await), Class::KeepsChanging);
    tokio::time::sleep(Duration::from_secs(80)).await;
    assert_eq!(class(hold(&world, "a").await), Class::OutcomeUnknown);
    assert_eq!(world.state("a"), Some(State::Unknown));
    assert_eq!(world.tags("a")[1].1, "unknown");
}

#[tokio::test(start_paused = true)]
async fn the_time_to_write_down_what_came_of_it_is_kept() {
    let world = World::with(&["a"]);
    world.reply([Reply::Hang]);
    let handler = handler(&world, WhenUnknown::Hold);
    let deadline = Deadline::within(Duration::from_secs(6));
    let outcomes = handler.handle(&[world.event("a")], &deadline).await;
    assert!(outcomes[0].is_err());
    assert_eq!(world.state("a"), Some(State::Unknown));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_claimed_for_what_cannot_be_posted() {
    let world = World::with(&["untagged", "large", "gone", "secret", "full"]);
    world.set_tags_of("untagged", &[(SOURCE_TAG, " ")]);
    world.enlarge("large");
    let event = world.event("gone");
    world.remove("gone");
    assert_eq!(class(hold(&world, "untagged").await), Class::Refused);
    assert_eq!(class(hold(&world, "large").await), Class::Refused);
    let deadline = Deadline::within(Duration::from_secs(60));
    let outcomes = handler(&world, WhenUnknown::Hold)
        .handle(&[event], &deadline)
        .await;
    assert_eq!(outcomes, [Ok(())]);
    world.hide_secret();
    assert_eq!(class(hold(&world, "secret").await), Class::AccessDenied);
    for key in ["untagged", "large", "gone", "secret"] {
        assert_eq!(world.state(key), None, "{key}");
    }
    assert!(world.posts().is_empty());
}

#[tokio::test(start_paused = true)]
async fn ten_tags_are_left_alone_and_nine_get_a_tenth() {
    for (count, expected) in [(9, 10), (10, 10)] {
        let world = World::with(&["a"]);
        let names: Vec<_> = (1..count).map(|number| format!("t{number}")).collect();
        let mut tags: Vec<_> = names.iter().map(|name| (name.as_str(), "x")).collect();
        tags.push((SOURCE_TAG, "PRO-1"));
        world.set_tags_of("a", &tags);
        assert_eq!(hold(&world, "a").await, Ok(()));
        assert_eq!(world.tags("a").len(), expected);
        assert_eq!(world.posts(), ["PRO-1"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_could_not_be_set_is_set_at_the_next_event_without_a_request() {
    let world = World::with(&["a"]);
    // Content, tags, token, claim, end, set tags.
    world.script([vec![Fate::Work; 5], vec![Fate::FailBefore]].concat());
    assert_eq!(class(hold(&world, "a").await), Class::ServiceFailed);
    assert_eq!(
        (world.state("a"), world.tags("a").len()),
        (Some(State::Accepted), 1)
    );
    assert_eq!(hold(&world, "a").await, Ok(()));
    assert_eq!((world.posts().len(), world.tags("a").len()), (1, 2));
}

#[test]
fn contents_of_a_bucket_whose_versions_are_suspended_are_told_apart() {
    let head = |version: Option<&str>| Head {
        bucket: BUCKET.to_owned(),
        key: "a".to_owned(),
        version_id: version.map(str::to_owned),
        etag: "\"e\"".to_owned(),
        size: 1,
        content_type: None,
    };
    let told = [Some("v1"), Some("null"), None].map(|version| head(version).version().to_owned());
    assert_eq!(told, ["v1", "\"e\"", "\"e\""]);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_rotated_is_read_again_once() {
    let world = World::with(&["a", "b"]);
    world.rotate();
    assert_eq!(hold(&world, "a").await, Ok(()));
    assert_eq!(world.taken("a"), 1);
    // The right one, refused: reading it again would not help.
    world.reply([Reply::RefuseWithToken]);
    assert_eq!(class(hold(&world, "b").await), Class::AccessDenied);
    assert_eq!(world.state("b"), Some(State::Refused));
    // What became of an earlier request stays open, whatever is refused after it.
    let world = World::with(&["a"]);
    world.reply([Reply::Vanish, Reply::RefuseWithToken]);
    let failed = tell(&world, "a", WhenUnknown::Retry).await;
    assert_eq!(class(failed), Class::OutcomeUnknown);
}

#[tokio::test(start_paused = true)]
async fn tags_are_read_again_when_the_archive_took_its_time() {
    let world = World::with(&["a"]);
    world.reply([Reply::Busy(Some(5)), Reply::Accept]);
    let tag = [(SOURCE_TAG, "vessel"), ("Seen", "yes")];
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        world.set_tags_of("a", &tag);
    };
    let (done, ()) = tokio::join!(hold(&world, "a"), meanwhile);
    assert_eq!((done, world.tags("a").len()), (Ok(()), 3));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_handed_in_stays_so_whatever_happened_to_it() {
    let world = World::with(&["a"]);
    assert_eq!(hold(&world, "a").await, Ok(()));
    world.set_tags_of("a", &[]);
    assert_eq!(hold(&world, "a").await, Ok(()));
    assert_eq!((world.taken("a"), world.tags("a").len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_archive_repeats_is_not_repeated() {
    let world = World::with(&["a"]);
    world.reply([Reply::RefuseWithToken]);
    let failure = hold(&world, "a").await.unwrap_err();
    assert_eq!(failure.message, "*** is not known");
}

#[tokio::test(start_paused = true)]
async fn with_local_everything_is_done_but_the_posting_until_it_is_over() {
    let world = World::with(&["a"]);
    let deadline = Deadline::within(Duration::from_secs(60));
    for _ in 0..2 {
        let local = made(&world, WhenUnknown::Hold, true);
        let outcomes = local.handle(&[world.event("a")], &deadline).await;
        assert!(outcomes[0].is_ok());
        assert_eq!(
            (world.taken("a"), world.state("a")),
            (0, Some(State::Local))
        );
        let tag = (RESULT_TAG.to_owned(), "local".to_owned());
        assert!(world.tags("a").contains(&tag));
    }
    // What could not be posted fails as it would.
    world.set_tags_of("a", &[]);
    let local = made(&world, WhenUnknown::Hold, true);
    assert!(local.handle(&[world.event("a")], &deadline).await[0].is_err());
    world.set_tags_of("a", &[(SOURCE_TAG, "vessel")]);
    assert_eq!(tell(&world, "a", WhenUnknown::Hold).await, Ok(()));
    assert_eq!(
        (world.taken("a"), world.state("a")),
        (1, Some(State::Accepted))
    );
}

#[tokio::test(start_paused = true)]
async fn local_forgets_nothing_of_what_the_archive_may_have_or_did_not_want() {
    let deadline = Deadline::within(Duration::from_secs(60));
    for (reply, kept) in [
        (Reply::AcceptSilently, State::Unknown),
        (Reply::Refuse, State::Refused),
    ] {
        let world = World::with(&["a"]);
        world.reply([reply]);
        assert!(hold(&world, "a").await.is_err());
        // Set up to post again and then not to post at all, so nothing holds the object back.
        let local = made(&world, WhenUnknown::Retry, true);
        let outcomes = local.handle(&[world.event("a")], &deadline).await;
        assert!(outcomes[0].is_ok());
        assert_eq!(world.state("a"), Some(kept));
    }
    let world = World::with(&["a"]);
    world.reply([Reply::AcceptSilently]);
    assert!(hold(&world, "a").await.is_err());
    let local = made(&world, WhenUnknown::Retry, true);
    assert!(local.handle(&[world.event("a")], &deadline).await[0].is_ok());
    let failure = hold(&world, "a").await.unwrap_err();
    assert_eq!(failure.class, Class::OutcomeUnknown);
    assert_eq!(world.taken("a"), 1);
}
