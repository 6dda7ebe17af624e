//! What the handler decides, on models of the bucket and of the index.

mod convergence;
mod model;
mod own;
mod regions;

use std::io::sink;
use std::time::Duration;

use cloudwright_contract::{Rebuild, Rebuilt};
use serde_json::json;

use super::package::{Package, Packages};
use super::projection::{Moment, Summary};
use super::{CacheSync, Progress};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};
use crate::intake::ObjectEvent;
use crate::journal::Journal;
use crate::replicate::store::Object;
use crate::work::Work as _;
use model::{BUCKET, Fate, LAG, World};

const PREFIX: &str = "py/";

fn handler(world: &World) -> CacheSync<&World, Packages, &World> {
    let journal = Journal::new("cache-sync", "function", sink());
    let rows = (Packages::below(PREFIX), world);
    CacheSync::new(world, rows, BUCKET, PREFIX, journal)
}

/// What a run counted that came to its end.
#[track_caller]
fn through(progress: Result<Progress, Report>) -> Rebuilt {
    match progress {
        Ok(Progress::Through(rebuilt)) => rebuilt,
        other => panic!("{other:?}"),
    }
}

/// What a rebuild counted.
fn counted(files: usize, changed: usize) -> Rebuilt {
    let failed = 0;
    Rebuilt {
        files,
        changed,
        failed,
    }
}

fn deadline() -> Deadline {
    Deadline::within(Duration::from_secs(60))
}

async fn handle(world: &World, events: &[ObjectEvent]) -> Vec<Result<(), Vec<Failure>>> {
    handler(world).handle(events, &deadline()).await
}

async fn rebuild(world: &World, from: Option<&str>) -> Rebuilt {
    let command = Rebuild {
        from: from.map(str::to_owned),
        thorough: false,
    };
    let so_far = Rebuilt::default();
    through(handler(world).rebuild(&command, so_far, &deadline()).await)
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
async fn names_that_are_the_same_package_are_one_and_versions_come_in_any_order() {
    let world = calm();
    let keys = ["py/Six_X-2.0.zip", "py/six.x-10.0.zip", "py/six-x-9.0.zip"];
    let events = keys.map(|key| {
        // An event of its own second each, and versions out of order.
        let _ = world.put("elsewhere", &[]);
        world.put(key, &[("summary", key)])
    });
    assert_eq!(handle(&world, &events).await, vec![Ok(()); 3]);
    let (items, said) = world.index();
    let of_one = items.values().filter(|item| item.name == "six-x");
    assert_eq!((items.len(), of_one.count()), (3, 3));
    // The newest file speaks for the package, whatever its version is.
    assert_eq!(said.len(), 1);
    assert_eq!(said["six-x"].text.as_deref(), Some(keys[2]));
    assert_eq!(world.index(), world.expected(PREFIX));
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
        modified: Moment::from_seconds(1),
        summary: None,
        data: [("path".to_owned(), "py/ghost-1.zip".to_owned())].into(),
    });
    world.plant_said(
        "orphan",
        &Summary {
            modified: Moment(5),
            text: None,
        },
    );
    assert_eq!(
        rebuild(&world, None).await,
        // `a-1.zip` counts twice: it is on two pages of the list.
        counted(5, 4)
    );
    assert_eq!(world.index(), world.expected(PREFIX));
    assert_eq!(rebuild(&world, None).await, counted(4, 0));
    // `b-1.zip` is not in the rest of the list, and its row is known to be of an object all the same.
    assert_eq!(
        rebuild(&world, Some("object:py/b-1.zip")).await,
        counted(2, 0)
    );
    assert_eq!(rebuild(&world, Some("name:")).await, counted(0, 0));
}

#[tokio::test(start_paused = true)]
async fn only_a_thorough_rebuild_asks_what_the_list_says_is_as_it_was() {
    let world = calm();
    for number in 0..20 {
        let key = format!("py/p{number}-1.zip");
        let event = world.put(&key, &[("summary", "said")]);
        handle(&world, &[event]).await;
    }
    let looks = world.looks();
    let nothing = counted(20, 0);
    assert_eq!(rebuild(&world, None).await, nothing);
    assert_eq!(world.looks(), looks);
    // Somebody writes into a row, but not when its object was written.
    let mut row = world.item("p7-1.zip").unwrap();
    row.summary = Some("changed".to_owned());
    world.plant(&row);
    assert_eq!(rebuild(&world, None).await, nothing);
    let thorough = Rebuild {
        from: None,
        thorough: true,
    };
    let so_far = Rebuilt::default();
    let handler = handler(&world);
    let mended = handler.rebuild(&thorough, so_far, &deadline()).await;
    assert_eq!(through(mended), counted(20, 1));
    assert_eq!(world.index(), world.expected(PREFIX));
}

/// Hands each answer on, as the state machine does, and gives the last one and how many there were.
async fn rebuild_in_pieces(world: &World, thorough: bool) -> (serde_json::Value, usize) {
    let mut event = json!({"rebuild": {"thorough": thorough}});
    for pieces in 1.. {
        // Time for a few requests of this world only.
        let deadline = Deadline::within(Duration::from_secs(12));
        let answer = handler(world).command(&event, &deadline).await;
        event = answer.unwrap().unwrap_or_else(|report| panic!("{report}"));
        if event.get("rebuild").is_none() {
            return (event, pieces);
        }
    }
    unreachable!()
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_that_runs_out_of_time_goes_on_where_it_was() {
    for thorough in [false, true] {
        // Each request takes 280 ms.
        let world = World::new(LAG, vec![Fate::Work { pauses: 7 }; 100_000]);
        for number in 0..30 {
            let _ = world.put(&format!("py/p{number:02}-1.zip"), &[("summary", "said")]);
        }
        for number in 0..20 {
            let mut ghost = Package::of("py/ghost-1.zip", &Object::default()).unwrap();
            ghost.file = format!("ghost{number}-1.zip");
            world.plant(&ghost);
        }
        let (answer, pieces) = rebuild_in_pieces(&world, thorough).await;
        assert!(pieces > 2, "{pieces}");
        assert_eq!(world.index(), world.expected(PREFIX));
        // Nothing is counted twice; a row that went while the time ended may not be counted.
        let counts = ["files", "changed"].map(|name| answer[name].as_u64().unwrap());
        assert!(
            counts.iter().all(|count| (30..=50).contains(count)),
            "{answer}"
        );
        assert!(answer.get("failed").is_none(), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_goes_on_asks_no_object_of_what_was_compared_before() {
    let world = calm();
    for number in 0..30 {
        let event = world.put(&format!("py/p{number:02}-1.zip"), &[]);
        handle(&world, &[event]).await;
    }
    let (looks, lists) = (world.looks(), world.lists());
    for from in ["object:py/p20-1.zip", "file:", "file:p07-1.zip"] {
        let rebuilt = rebuild(&world, Some(from)).await;
        assert_eq!(rebuilt.changed, 0, "{from}");
    }
    // Of the page that was begun, in which a row may be written and its name not, all three are asked for.
    assert_eq!(world.looks() - looks, 3);
    // Ten pages of three objects each time; at the first place the page in the middle belongs to both parts.
    assert_eq!(world.lists() - lists, 31);
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_counted_to_the_end_and_is_no_failure_of_the_call() {
    let world = calm();
    let _ = world.put("py/a-1.zip", &[]);
    world.fail_writes();
    let event = json!({"rebuild": {}, "soFar": {"files": 7, "changed": 2, "failed": 1}});
    let answer = handler(&world).command(&event, &deadline()).await;
    let expected = json!({"files": 8, "changed": 2, "failed": 2});
    assert_eq!(answer, Some(Ok(expected)));
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_gives_up_when_everything_fails_and_a_wrong_place_is_told() {
    let world = World::new(LAG, Vec::new());
    for number in 0..300 {
        let _ = world.put(&format!("py/p{number:03}-1.zip"), &[]);
    }
    world.fail_writes();
    let command = Rebuild::default();
    let so_far = Rebuilt::default();
    let report = handler(&world).rebuild(&command, so_far, &deadline()).await;
    let report = report.unwrap_err();
    assert_eq!(report.failures.len(), 101);
    assert!(
        report.failures[100]
            .message
            .contains("100 files failed; go on with"),
        "{report}"
    );
    let wrong = json!({"rebuild": {"from": "six-1.0.zip"}});
    let refused = handler(&world).command(&wrong, &deadline()).await;
    let refused = refused.unwrap().unwrap_err();
    assert_eq!(refused.error_type(), "UnreadableEvent");
    assert!(
        refused.to_string().contains("got \"six-1.0.zip\""),
        "{refused}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_that_comes_to_no_page_fails_and_says_where_to_go_on() {
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
        .rebuild(&Rebuild::default(), Rebuilt::default(), &deadline())
        .await
        .unwrap_err();
    assert_eq!(report.error_type(), "DeadlineReached");
    let expected =
        "the time was over before the end; go on with {\"rebuild\":{\"from\":\"object:\"}}";
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
        json!({"rebuild": {}, "soFar": 3}),
        json!({"rebuild": {}, "soFar": {"files": -1}}),
    ] {
        let refused = handler
            .command(&wrong, &deadline())
            .await
            .unwrap()
            .unwrap_err();
        assert_eq!(refused.error_type(), "UnreadableEvent", "{wrong}");
    }
}
