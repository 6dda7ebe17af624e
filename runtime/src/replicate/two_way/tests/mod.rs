//! What counts as a change, and what is brought where, one case at a time; convergence is in its own
//! file.

mod convergence;
mod reconcile;
mod table;

use std::time::Duration;

use cloudwright_contract::{Destination, Mode, Multipart, Replicate, Tombstones};

use super::*;
use crate::replicate::tests::model::World;
use table::Table;

const SITES: [&str; 2] = ["east", "west"];
const EAST: &str = SITES[0];
const WEST: &str = SITES[1];

/// What the function of a bucket does: copies to the other one.
fn plan_of(site: usize) -> Replicate {
    let other = SITES[1 - site].to_owned();
    let mut plan = Replicate::new(vec![Destination::new(other, "us-west-2".to_owned())]);
    plan.mode = Mode::TwoWay(Tombstones {
        table: "changes".to_owned(),
        region: "eu-central-1".to_owned(),
    });
    plan.multipart = Multipart {
        threshold_bytes: 16,
        part_bytes: 8,
    };
    plan
}

fn world(has_versions: bool) -> World {
    World::timed(has_versions, Vec::new(), &[])
}

/// Handles events by the function of their bucket.
async fn run(world: &World, table: &Table<'_>, events: &[ObjectEvent]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for event in events {
        let site = SITES.iter().position(|site| *site == event.bucket).unwrap();
        let name = format!("sync-{site}");
        let handler = Synchronizer::new(world, table, plan_of(site), name);
        let deadline = Deadline::within(Duration::from_secs(60));
        outcomes.extend(handler.handle(std::slice::from_ref(event), &deadline).await);
    }
    outcomes
}

/// The events of handlers' requests until there are no more; how many there were.
async fn echo(world: &World, table: &Table<'_>) -> usize {
    let mut count = 0;
    loop {
        let mut echoes = world.take_echoes();
        if echoes.is_empty() {
            return count;
        }
        count += echoes.len();
        for event in &mut echoes {
            // Whose function wrote into a bucket: that of the other one.
            let other = SITES.iter().position(|site| *site != event.bucket).unwrap();
            event.principal = Some(format!("AWS:AROAHANDLER:sync-{other}"));
        }
        assert!(run(world, table, &echoes).await.iter().all(Result::is_ok));
    }
}

fn changes(world: &World) -> Vec<String> {
    let mut requests = world.requests();
    requests.retain(|request| !request.starts_with("look"));
    requests
}

#[tokio::test]
async fn a_change_goes_the_other_way_and_its_echo_goes_nowhere() {
    let world = world(true);
    let table = Table::new(&world);
    for (from, to) in [(EAST, WEST), (WEST, EAST)] {
        world.wait(5_000);
        let put = world.put(from, "a", 3);
        assert_eq!(run(&world, &table, &[put]).await, [Ok(())]);
        assert_eq!(world.content(to), world.content(from));
        assert_eq!(echo(&world, &table).await, 1);
    }
    let expected = ["change a", "copy west/a", "change a", "copy east/a"];
    assert_eq!(changes(&world), expected);
}

#[tokio::test]
async fn a_removal_goes_the_other_way_and_leaves_a_record() {
    for has_versions in [true, false] {
        let world = world(has_versions);
        let table = Table::new(&world);
        let put = world.put(EAST, "a", 3);
        run(&world, &table, &[put]).await;
        echo(&world, &table).await;
        world.wait(5_000);
        let gone = world.delete(WEST, "a");
        assert_eq!(run(&world, &table, &[gone]).await, [Ok(())]);
        assert!(world.content(EAST).is_empty() && world.content(WEST).is_empty());
        assert!(table.record("a").removes());
        assert_eq!(echo(&world, &table).await, 1);
        assert_eq!(changes(&world).last().unwrap(), "remove east/a");
    }
}

#[tokio::test]
async fn what_is_written_again_is_not_taken_by_the_echo_of_its_removal() {
    let world = world(true);
    let table = Table::new(&world);
    let put = world.put(EAST, "a", 1);
    run(&world, &table, &[put]).await;
    echo(&world, &table).await;
    let gone = world.delete(EAST, "a");
    run(&world, &table, &[gone]).await;
    // The removal in the other bucket is later than this, and its event comes last.
    let again = world.put(EAST, "a", 2);
    world.wait(5_000);
    assert_eq!(run(&world, &table, &[again]).await, [Ok(())]);
    echo(&world, &table).await;
    assert_eq!(world.content(WEST), world.content(EAST));
    assert_eq!(world.content(WEST).len(), 1);
}

#[tokio::test]
async fn an_event_that_is_older_than_the_other_bucket_changes_nothing_there() {
    let world = world(false);
    let table = Table::new(&world);
    let old = world.put(EAST, "a", 1);
    world.wait(5_000);
    let new = world.put(WEST, "a", 2);
    // The event of the newer one is still to come.
    assert_eq!(
        run(&world, &table, std::slice::from_ref(&old)).await,
        [Ok(())]
    );
    assert_eq!(changes(&world), ["change a"]);
    run(&world, &table, &[new]).await;
    assert_eq!(run(&world, &table, &[old]).await, [Ok(())]);
    assert_eq!(changes(&world), ["change a", "change a", "copy east/a"]);
    assert_eq!(world.content(EAST), world.content(WEST));
}

#[tokio::test]
async fn what_was_there_before_the_table_is_replaced_and_is_not_in_the_way() {
    let world = world(true);
    let table = Table::new(&world);
    world.put(WEST, "a", 1);
    world.put(EAST, "b", 1);
    world.wait(5_000);
    let events = [world.put(EAST, "a", 2), world.delete(WEST, "b")];
    run(&world, &table, &events).await;
    assert_eq!(world.content(WEST), world.content(EAST));
    assert_eq!(world.content(EAST).len(), 1);
}

#[tokio::test]
async fn what_the_table_forgot_is_told_by_the_marks() {
    let world = world(true);
    let table = Table::new(&world);
    let first = world.put(EAST, "a", 1);
    run(&world, &table, std::slice::from_ref(&first)).await;
    table.forget();
    // An event that comes back from a failure queue, long after.
    assert_eq!(run(&world, &table, &[first]).await, [Ok(())]);
    world.wait(5_000);
    table.forget();
    let second = world.put(WEST, "a", 2);
    run(&world, &table, &[second]).await;
    assert_eq!(world.content(EAST), world.content(WEST));
    table.forget();
    world.wait(5_000);
    let gone = world.delete(EAST, "a");
    run(&world, &table, &[gone]).await;
    assert!(world.content(WEST).is_empty());
}

#[tokio::test]
async fn the_newest_version_that_is_removed_for_good_brings_back_the_one_before() {
    let world = world(true);
    let table = Table::new(&world);
    let first = world.put(EAST, "a", 1);
    world.wait(5_000);
    let second = world.put(EAST, "a", 2);
    run(&world, &table, &[first.clone(), second]).await;
    world.wait(5_000);
    let removed = world.delete_version(EAST, "a");
    run(&world, &table, &[removed]).await;
    assert_eq!(
        world.content(WEST)["a"].object.etag.trim_matches('"'),
        first.etag.unwrap()
    );
    world.wait(5_000);
    let removed = world.delete_version(EAST, "a");
    run(&world, &table, &[removed]).await;
    assert!(world.content(WEST).is_empty());
}

#[tokio::test]
async fn a_copy_whose_version_is_removed_for_good_comes_back() {
    let world = world(true);
    let table = Table::new(&world);
    let put = world.put(EAST, "a", 1);
    run(&world, &table, &[put]).await;
    echo(&world, &table).await;
    let removed = world.delete_version(WEST, "a");
    assert_eq!(run(&world, &table, &[removed]).await, [Ok(())]);
    assert_eq!(world.content(WEST), world.content(EAST));
    assert_eq!(world.content(WEST).len(), 1);
}

#[tokio::test]
async fn an_event_without_who_when_or_order_is_refused() {
    let world = world(true);
    let table = Table::new(&world);
    let mut anonymous = world.delete(EAST, "a");
    anonymous.principal = None;
    let mut timeless = world.put(EAST, "b", 1);
    timeless.time = None;
    let mut disordered = world.put(EAST, "c", 1);
    disordered.sequencer = None;
    for (event, text) in [
        (anonymous, "does not say who removed the object"),
        (timeless, "got the time \"\""),
        (disordered, "and the sequencer \"\""),
    ] {
        let outcomes = run(&world, &table, &[event]).await;
        let failure = &outcomes[0].as_ref().unwrap_err()[0];
        assert_eq!(failure.class, Class::UnreadableEvent);
        assert!(failure.message.contains(text), "{failure}");
    }
    assert!(changes(&world).is_empty());
}

#[tokio::test]
async fn a_bucket_is_not_its_own_other_bucket() {
    let world = world(true);
    let table = Table::new(&world);
    let handler = Synchronizer::new(&world, &table, plan_of(1), "sync".to_owned());
    let put = world.put(EAST, "a", 1);
    let deadline = Deadline::within(Duration::from_secs(60));
    let outcomes = handler.handle(&[put], &deadline).await;
    assert_eq!(outcomes[0].as_ref().unwrap_err()[0].class, Class::Refused);
}
