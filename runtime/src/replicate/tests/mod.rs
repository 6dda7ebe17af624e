//! What is copied, removed, left alone and said, one case at a time; convergence is in its own file.

mod convergence;
pub(super) mod model;
mod reconcile;

use std::time::Duration;

use cloudwright_contract::{Destination, Multipart, Replicate, Skip};

use super::*;
use crate::intake::{Delivery, read};
use model::{Fate, REFUSED, SOURCE, World};
use serde_json::json;

const REPLICAS: [&str; 2] = ["near", "far"];

/// Copies objects above 16 bytes in parts of 8.
fn plan() -> Replicate {
    let destination = |bucket: &str| Destination::new(bucket.to_owned(), "us-west-2".to_owned());
    let mut plan = Replicate::new(REPLICAS.map(destination).to_vec());
    plan.multipart = Multipart {
        threshold_bytes: 16,
        part_bytes: 8,
    };
    plan
}

async fn run(world: &World, plan: Replicate, events: &[ObjectEvent]) -> Vec<Outcome> {
    let deadline = Deadline::within(Duration::from_secs(60));
    Replicator::new(world, plan).handle(events, &deadline).await
}

/// The requests that changed something.
fn changes(world: &World) -> Vec<String> {
    let mut requests = world.requests();
    requests.retain(|request| !request.starts_with("look") && !request.ends_with(REFUSED));
    requests
}

#[tokio::test]
async fn an_object_is_copied_as_it_is_and_removed_when_it_is_gone() {
    let world = World::new(true, Vec::new());
    let put = world.put(SOURCE, "a", 3);
    assert_eq!(run(&world, plan(), &[put]).await, [Ok(())]);
    assert_eq!(world.content("far"), world.content(SOURCE));
    assert_eq!(world.content("far")["a"].tags[0].1, "3");
    let gone = world.delete(SOURCE, "a");
    assert_eq!(run(&world, plan(), &[gone]).await, [Ok(())]);
    assert!(world.content("near").is_empty() && world.content("far").is_empty());
}

#[tokio::test]
async fn a_removal_does_at_each_destination_what_is_said_of_it() {
    for has_versions in [true, false] {
        let world = World::new(has_versions, Vec::new());
        let mut plan = plan();
        let third = Destination::new("third".to_owned(), "us-west-2".to_owned());
        plan.destinations.push(third);
        let said = [Deletion::Remove, Deletion::Erase, Deletion::Keep];
        for (to, deletion) in plan.destinations.iter_mut().zip(said) {
            to.deletion = deletion;
        }
        let events = [1, 2, 3].map(|content| world.put(SOURCE, "a", content));
        for event in events {
            assert_eq!(run(&world, plan.clone(), &[event]).await, [Ok(())]);
        }
        world.put("far", "ab", 1);
        let gone = world.delete(SOURCE, "a");
        for _ in 0..2 {
            let gone = std::slice::from_ref(&gone);
            assert_eq!(run(&world, plan.clone(), gone).await, [Ok(())]);
            assert!(world.content("near").is_empty());
            assert_eq!(world.content("third")["a"].object.etag, "\"3\"");
            // A version of another object, whose key begins so.
            assert_eq!(world.kept("far"), 1);
            if has_versions {
                assert_eq!((world.kept("near"), world.kept("third")), (2, 1));
            }
        }
        let again = world.put(SOURCE, "a", 4);
        run(&world, plan, &[again]).await;
        for replica in ["near", "far", "third"] {
            assert_eq!(world.content(replica)["a"].object.etag, "\"4\"");
        }
    }
}

#[tokio::test]
async fn copies_have_the_storage_class_of_their_object_or_of_their_destination() {
    let world = World::new(true, Vec::new());
    let mut plan = plan();
    plan.destinations[1].storage_class = Some("STANDARD_IA".to_owned());
    for (key, content) in [("small", 3), ("in parts", 9)] {
        let put = world.put(SOURCE, key, content);
        assert_eq!(run(&world, plan.clone(), &[put]).await, [Ok(())]);
        let class = |bucket: &str| world.objects(bucket)[key].object.storage_class.clone();
        assert_eq!(class("near"), None);
        assert_eq!(class("far").as_deref(), Some("STANDARD_IA"));
    }
    let put = world.put(SOURCE, "small", 4);
    plan.destinations[1].storage_class = Some("STANDARD".to_owned());
    run(&world, plan, &[put]).await;
    assert_eq!(world.objects("far")["small"].object.storage_class, None);
}

#[tokio::test]
async fn an_event_that_comes_twice_copies_once() {
    let world = World::new(false, Vec::new());
    let put = world.put(SOURCE, "a", 3);
    run(&world, plan(), &[put.clone(), put.clone()]).await;
    run(&world, plan(), &[put]).await;
    assert_eq!(changes(&world), ["copy near/a", "copy far/a"]);
}

#[tokio::test]
async fn the_first_request_follows_what_the_object_before_met() {
    let world = World::new(false, Vec::new());
    let handler = Replicator::new(&world, plan());
    let deadline = Deadline::within(Duration::from_secs(60));
    let source = |key: &str| format!("look source/{key}");
    let both = |what: &str| {
        ["near", "far"]
            .map(|bucket| what.replace('*', bucket))
            .to_vec()
    };
    let new = |key: &str| {
        let copies = both(&format!("copy */{key}"));
        [vec![source(key)], copies, vec![source(key)]].concat()
    };
    let seen_first = |key: &str| {
        let (looks, copies) = (
            both(&format!("look */{key}")),
            both(&format!("copy */{key}")),
        );
        [vec![source(key)], looks, copies, vec![source(key)]].concat()
    };
    // The model answers at once, so that each destination is done before the next one begins.
    let after_refusal = |to: &str| {
        let refused = format!("copy {to}/a, refused");
        [refused, format!("look {to}/a"), format!("copy {to}/a")]
    };
    let (near, far) = (after_refusal("near"), after_refusal("far"));
    let met = [&[source("a")], &near[..], &far[..], &[source("a")]].concat();
    let table = [
        ("a", new("a")),
        ("a", met),
        ("a", seen_first("a")),
        ("b", seen_first("b")),
        ("c", new("c")),
    ];
    for (content, (key, expected)) in (0..).zip(table) {
        let before = world.requests().len();
        let put = world.put(SOURCE, key, content % 3 + 1);
        assert_eq!(handler.handle(&[put], &deadline).await, [Ok(())]);
        assert_eq!(world.requests()[before..], expected, "{content}: {key}");
    }
    assert_eq!(world.content("far"), world.content(SOURCE));
}

#[tokio::test]
async fn a_removed_version_brings_back_the_one_before_and_an_old_one_changes_nothing() {
    let world = World::new(true, Vec::new());
    let first = world.put(SOURCE, "a", 1);
    run(&world, plan(), &[first]).await;
    let second = world.put(SOURCE, "a", 2);
    run(&world, plan(), std::slice::from_ref(&second)).await;
    let removed = world.delete_version(SOURCE, "a");
    run(&world, plan(), &[removed]).await;
    assert_eq!(world.content("far")["a"].object.etag, "\"1\"");
    let before = changes(&world).len();
    run(&world, plan(), &[second]).await;
    assert_eq!(changes(&world).len(), before);
}

#[tokio::test]
async fn a_large_object_goes_in_parts_with_its_tags() {
    let world = World::new(false, Vec::new());
    let put = world.put(SOURCE, "a", 5);
    assert_eq!(run(&world, plan(), &[put]).await, [Ok(())]);
    assert_eq!(world.content("far"), world.content(SOURCE));
    let parts: Vec<_> = changes(&world);
    let of = |name: &str| parts.iter().filter(|part| *part == name).count();
    assert_eq!(
        (of("part 0-7"), of("part 8-15"), of("part 16-19")),
        (2, 2, 2)
    );
}

#[tokio::test]
async fn a_copy_in_parts_that_fails_is_given_up() {
    let fine = Fate::Work { pauses: 0 };
    let mut script = vec![fine; 6];
    script.push(Fate::FailBefore);
    let world = World::new(false, script);
    let mut plan = plan();
    plan.destinations.truncate(1);
    let put = world.put(SOURCE, "a", 5);
    let outcomes = run(&world, plan, &[put]).await;
    let failure = &outcomes[0].as_ref().unwrap_err()[0];
    assert_eq!(
        failure.to_string(),
        "bucket near, key \"a\", region us-west-2: before"
    );
    assert!(changes(&world).contains(&"abort".to_owned()));
    assert_eq!(world.open_uploads(), 0);
}

#[tokio::test]
async fn a_destination_that_fails_stops_no_other_one() {
    let fine = Fate::Work { pauses: 0 };
    let world = World::new(false, vec![fine, Fate::FailBefore]);
    let events = [world.put(SOURCE, "a", 1), world.put(SOURCE, "b", 1)];
    let mut plan = plan();
    plan.concurrency = 1;
    let outcomes = run(&world, plan, &events).await;
    assert!(outcomes[0].is_err() && outcomes[1].is_ok());
    assert_eq!(world.content("far"), world.content(SOURCE));
    assert_eq!(world.content("near").len(), 1);
}

#[tokio::test]
async fn replication_in_a_circle_ends() {
    let world = World::new(true, Vec::new());
    let to = |bucket: &str| {
        let region = "us-west-2".to_owned();
        Replicate::new(vec![Destination::new(bucket.to_owned(), region)])
    };
    let put = world.put(SOURCE, "a", 1);
    run(&world, to("near"), std::slice::from_ref(&put)).await;
    let arrived = |bucket: &str| ObjectEvent {
        bucket: bucket.to_owned(),
        ..put.clone()
    };
    run(&world, to("far"), &[arrived("near")]).await;
    run(&world, to(SOURCE), &[arrived("far")]).await;
    run(&world, to("near"), &[arrived("far")]).await;
    assert_eq!(changes(&world), ["copy near/a", "copy far/a"]);
    world.delete(SOURCE, "a");
    for (from, into) in [
        (SOURCE, "near"),
        ("near", "far"),
        ("far", SOURCE),
        (SOURCE, "near"),
    ] {
        run(&world, to(into), &[arrived(from)]).await;
    }
    assert_eq!(changes(&world)[2..], ["remove near/a", "remove far/a"]);
}

#[tokio::test]
async fn a_prefix_in_the_same_bucket_ends_too_and_an_object_never_replaces_itself() {
    let world = World::new(false, Vec::new());
    let mut same = plan();
    same.destinations.truncate(1);
    same.destinations[0].bucket = SOURCE.to_owned();
    same.destinations[0].prefix = "copies/".to_owned();
    let put = world.put(SOURCE, "a", 1);
    run(&world, same.clone(), std::slice::from_ref(&put)).await;
    let copied = ObjectEvent {
        key: "copies/a".to_owned(),
        ..put.clone()
    };
    assert_eq!(run(&world, same.clone(), &[copied]).await, [Ok(())]);
    assert_eq!(changes(&world), ["copy source/copies/a"]);

    same.destinations[0].prefix.clear();
    let outcomes = run(&world, same, &[put]).await;
    assert_eq!(outcomes[0].as_ref().unwrap_err()[0].class, Class::Refused);
}

#[tokio::test]
async fn what_is_skipped_or_no_change_of_content_is_not_even_looked_at() {
    let world = World::new(false, Vec::new());
    let mut plan = plan();
    plan.skip = vec![Skip {
        prefix: "tmp/".to_owned(),
        suffix: String::new(),
    }];
    let skipped = world.put(SOURCE, "tmp/a", 1);
    let mut tagged = world.put(SOURCE, "b", 1);
    tagged.change = Change::Other;
    assert_eq!(
        run(&world, plan, &[skipped, tagged]).await,
        [Ok(()), Ok(())]
    );
    assert!(world.requests().is_empty());
}

/// Keys that look like something else, as S3 writes them into its notifications.
#[tokio::test]
async fn odd_keys_are_copied_byte_for_byte() {
    let long = format!("{}é", "x".repeat(1_022));
    let table = [
        ("a+b", "a b"),
        ("a%2Bb", "a+b"),
        ("a%252Bb", "a%2Bb"),
        ("++", "  "),
        ("%C3%BC/%D0%B9", "ü/й"),
        ("%F0%9F%8E%89", "🎉"),
        ("%3F%26%23%3D", "?&#="),
        ("%22%27%60", "\"'`"),
        ("//a//", "//a//"),
        ("a/../b/./c", "a/../b/./c"),
        ("folder/", "folder/"),
        (&*long.replace('é', "%C3%A9"), &*long),
    ];
    for (written, key) in table {
        let world = World::new(false, Vec::new());
        world.put(SOURCE, key, 1);
        let event = json!({"Records": [{"eventName": "ObjectCreated:Put", "s3": {
            "bucket": {"name": SOURCE}, "object": {"key": written}}}]});
        let Delivery::Invocation(items) = read(&event) else {
            panic!("not an invocation")
        };
        let events: Vec<_> = items.into_iter().flatten().collect();
        run(&world, plan(), &events).await;
        let keys: Vec<_> = world.content("far").into_keys().collect();
        assert_eq!(keys, [key], "{written}");
    }
}
