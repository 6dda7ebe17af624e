//! What the handler decides, on models of the bucket and of the index.

mod convergence;
mod model;

use std::io::sink;
use std::time::Duration;

use cloudwright_contract::{Rebuild, Rebuilt};
use serde_json::json;

use super::CacheSync;
use super::package::{Package, Summary};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure};
use crate::intake::ObjectEvent;
use crate::journal::Journal;
use crate::work::Work as _;
use model::{BUCKET, Fate, LAG, World};

const PREFIX: &str = "py/";

fn handler(world: &World) -> CacheSync<&World, &World> {
    let journal = Journal::new("cache-sync", "function", sink());
    CacheSync::new(world, world, BUCKET, PREFIX, journal)
}

fn deadline() -> Deadline {
    Deadline::within(Duration::from_secs(60))
}

async fn handle(world: &World, events: &[ObjectEvent]) -> Vec<Result<(), Vec<Failure>>> {
    handler(world).handle(events, &deadline()).await
}

async fn rebuild(world: &World, from: Option<&str>) -> Rebuilt {
    let from = from.map(str::to_owned);
    let rebuilt = handler(world).rebuild(&Rebuild { from }, &deadline()).await;
    rebuilt.unwrap_or_else(|report| panic!("{report}"))
}

/// A world in which every request is answered at once.
fn calm() -> World {
    World::new(LAG, Vec::new())
}

#[tokio::test(start_paused = true)]
async fn a_package_comes_changes_and_goes() {
    let world = calm();
    let put = world.put("py/b99c/six/six-1.0.zip", &[("summary", "old")]);
    assert_eq!(handle(&world, &[put]).await, [Ok(())]);
    let item = world.item("six-1.0.zip").unwrap();
    assert_eq!(
        (&*item.name, &*item.version, item.path()),
        ("six", "1.0", "py/b99c/six/six-1.0.zip")
    );
    assert_eq!(world.said("six").unwrap().text.as_deref(), Some("old"));

    let again = world.put(
        "py/b99c/six/six-1.0.zip",
        &[("summary", "new"), ("uploader", "me")],
    );
    assert_eq!(handle(&world, &[again]).await, [Ok(())]);
    assert_eq!(world.item("six-1.0.zip").unwrap().data["uploader"], "me");
    assert_eq!(world.said("six").unwrap().text.as_deref(), Some("new"));

    let gone = world.delete("py/b99c/six/six-1.0.zip");
    assert_eq!(handle(&world, &[gone]).await, [Ok(())]);
    assert_eq!((world.item("six-1.0.zip"), world.said("six")), (None, None));
}

#[tokio::test(start_paused = true)]
async fn the_name_says_what_the_newest_file_that_is_left_says() {
    let world = calm();
    let mut events = vec![
        world.put("py/six/six-1.0.zip", &[("summary", "one")]),
        world.put("py/six/six-2.0.zip", &[("summary", "two")]),
    ];
    events.reverse();
    assert_eq!(handle(&world, &events).await, [Ok(()), Ok(())]);
    assert_eq!(world.said("six").unwrap().text.as_deref(), Some("two"));
    let gone = world.delete("py/six/six-2.0.zip");
    assert_eq!(handle(&world, &[gone]).await, [Ok(())]);
    assert_eq!(world.said("six").unwrap().text.as_deref(), Some("one"));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_package_or_lies_elsewhere_writes_nothing() {
    let world = calm();
    let events = [
        world.put("py/readme.txt", &[]),
        world.put("py/six/", &[]),
        world.put("other/six-1.0.zip", &[]),
        world.delete("py/dummy"),
    ];
    assert_eq!(handle(&world, &events).await, vec![Ok(()); 4]);
    assert_eq!(world.writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_event_of_another_bucket_is_refused_and_the_others_are_handled() {
    let world = calm();
    let mut foreign = world.put("py/six-1.0.zip", &[]);
    foreign.bucket = "foreign".to_owned();
    let own = world.put("py/six-2.0.zip", &[]);
    let outcomes = handle(&world, &[foreign, own]).await;
    let failures = outcomes[0].as_ref().unwrap_err();
    assert_eq!(
        (failures[0].class, failures[0].bucket.as_deref()),
        (Class::Refused, Some("foreign"))
    );
    assert_eq!(outcomes[1], Ok(()));
    assert!(world.item("six-2.0.zip").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_file_under_two_keys_stays_until_both_are_gone() {
    let world = calm();
    let first = world.put("py/six/six-1.0.zip", &[("summary", "first")]);
    let hashed = format!("py/{}/six/six-1.0.zip", world.hash("six-1.0.zip"));
    let second = world.put(&hashed, &[("summary", "second")]);
    handle(&world, &[first, second]).await;
    assert_eq!(world.item("six-1.0.zip").unwrap().path(), hashed);
    // The removal of the one that does not count changes nothing.
    let gone = world.delete(&hashed);
    handle(&world, &[gone]).await;
    assert_eq!(
        world.item("six-1.0.zip").unwrap().path(),
        "py/six/six-1.0.zip"
    );
    assert_eq!(world.said("six").unwrap().text.as_deref(), Some("first"));
    let gone = world.delete("py/six/six-1.0.zip");
    handle(&world, &[gone]).await;
    assert_eq!(world.item("six-1.0.zip"), None);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_renamed_by_its_metadata_leaves_its_old_name() {
    let world = calm();
    let old = world.put("py/six/six-1.0.zip", &[("name", "Old"), ("version", "1")]);
    handle(&world, &[old]).await;
    assert!(world.said("old").is_some());
    let new = world.put("py/six/six-1.0.zip", &[("name", "New"), ("version", "1")]);
    handle(&world, &[new]).await;
    assert_eq!(
        (world.said("old"), world.said("new").is_some()),
        (None, true)
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_that_fails_names_the_object_and_the_others_are_handled() {
    let world = World::new(LAG, vec![Fate::FailBefore]);
    let events = [world.put("py/a-1.zip", &[]), world.put("py/b-1.zip", &[])];
    let outcomes = handle(&world, &events).await;
    let failed = outcomes[0].as_ref().unwrap_err();
    assert_eq!(failed[0].key.as_deref(), Some("py/a-1.zip"));
    assert_eq!(
        (world.item("a-1.zip"), world.item("b-1.zip").is_some()),
        (None, true)
    );
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_finds_what_no_event_told() {
    let world = calm();
    for key in [
        "py/x/a-1.zip",
        "py/y/a-1.zip",
        "py/b-1.zip",
        "readme",
        "py/readme",
    ] {
        let _ = world.put(key, &[]);
    }
    world.plant(&Package {
        file: "ghost-1.zip".to_owned(),
        name: "ghost".to_owned(),
        version: "1".to_owned(),
        modified: super::package::Moment::from_seconds(1),
        summary: None,
        data: [("path".to_owned(), "py/ghost-1.zip".to_owned())].into(),
    });
    world.plant_said(
        "orphan",
        &Summary {
            modified: super::package::Moment(5),
            text: None,
        },
    );
    assert_eq!(
        rebuild(&world, None).await,
        Rebuilt {
            files: 4,
            changed: 3
        }
    );
    assert_eq!(world.index(), world.expected(PREFIX));
    assert_eq!(
        rebuild(&world, None).await,
        Rebuilt {
            files: 3,
            changed: 0
        }
    );
    assert_eq!(
        rebuild(&world, Some("b-1.zip")).await,
        Rebuilt {
            files: 2,
            changed: 0
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_that_runs_out_of_time_says_where_to_go_on() {
    let world = World::new(
        LAG,
        vec![
            Fate::Work { pauses: 0 },
            Fate::Work { pauses: 0 },
            Fate::Hang,
        ],
    );
    let _ = world.put("py/a-1.zip", &[]);
    let report = handler(&world)
        .rebuild(&Rebuild::default(), &deadline())
        .await
        .unwrap_err();
    assert_eq!(report.error_type(), "DeadlineReached");
    let expected = "go on with {\"rebuild\": {\"from\": \"a-1.zip\"}}";
    assert!(report.to_string().ends_with(expected), "{report}");
}

#[tokio::test(start_paused = true)]
async fn commands_are_told_from_events() {
    let world = calm();
    let handler = handler(&world);
    assert_eq!(
        handler.command(&json!({"Records": []}), &deadline()).await,
        None
    );
    let done = handler.command(&json!({"rebuild": {}}), &deadline()).await;
    assert_eq!(done, Some(Ok(json!({"files": 0, "changed": 0}))));
    for wrong in [
        json!({"rebuild": {"form": "a"}}),
        json!({"rebuild": 3}),
        json!({"rebuild": {"from": 3}}),
    ] {
        let refused = handler
            .command(&wrong, &deadline())
            .await
            .unwrap()
            .unwrap_err();
        assert_eq!(refused.error_type(), "UnreadableEvent", "{wrong}");
    }
}
