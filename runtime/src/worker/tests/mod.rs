//! What the worker does with messages, in virtual time.

mod convergence;
mod model;
mod refused;
mod sinks;

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::sink::netstorage::NetStorage;
use super::sink::signature::Signer;
use super::*;
use model::{Fault, KEY, NOW, World};

type Under = Worker<World, World, NetStorage<World>>;

fn rules() -> Rules {
    Rules {
        visibility: Duration::from_secs(30),
        receives: 3,
        concurrency: 4,
        attempts: 3,
        retry: Duration::from_secs(30),
        grace: Duration::from_secs(20),
        wait: Duration::from_secs(20),
        until_empty: true,
        is_fifo: true,
    }
}

fn storage(world: &World) -> NetStorage<World> {
    let signer = Signer::new("key1".to_owned(), KEY.to_owned());
    let clock = (|| NOW) as fn() -> i64;
    // Another number for each worker, as they have it.
    world.0.workers.set(world.0.workers.get() + 1);
    let seed = world.0.workers.get() * 100_000;
    NetStorage::new(
        world.clone(),
        "cdn.example",
        ("123", None),
        signer,
        (clock, seed),
    )
}

fn worker(world: &World, rules: Rules) -> Under {
    let journal = Journal::new("worker", "test", std::io::sink());
    Worker::new(
        (world.clone(), world.clone(), storage(world)),
        rules,
        journal,
    )
}

/// Works to the end of the queue; messages that wait for another try are waited for.
async fn drain(world: &World) {
    for _ in 0..100 {
        let ended = worker(world, rules()).run(std::future::pending()).await;
        assert_eq!(ended, Ended::Empty);
        if world.0.messages.borrow().is_empty() {
            return;
        }
    }
    panic!("messages stay: {:?}", world.0.messages.borrow());
}

fn requests(world: &World) -> Vec<String> {
    world.0.requests.borrow().clone()
}

#[tokio::test(start_paused = true)]
async fn what_the_bucket_holds_is_carried_and_what_it_does_not_is_taken_away() {
    let world = World::default();
    world.0.upload("a b/ü+%.mp4", b"film");
    world.0.upload("/old", b"x");
    drain(&world).await;
    assert_eq!(*world.0.files.borrow(), world.0.expected());
    world.0.delete("/old");
    world.0.delete("never there");
    drain(&world).await;
    let files = world.0.files.borrow();
    let paths: Vec<_> = files.keys().collect();
    assert_eq!(paths, ["/123/a%20b/%C3%BC%2B%25.mp4"]);
    assert!(world.0.buried.borrow().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_message_is_late_and_the_object_as_it_is_now_is_carried() {
    let world = World::default();
    world.0.upload("a", b"first");
    world.0.put("a", b"second");
    // Its removal was told of, and it came back.
    world.0.tell("a");
    drain(&world).await;
    assert_eq!(*world.0.files.borrow(), world.0.expected());
    // The three messages were one look.
    assert_eq!(requests(&world), ["PUT /123/a upload"]);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_changes_while_it_is_carried_is_carried_again() {
    let world = World::default();
    world.0.upload("a", b"first");
    let changed = ("a".to_owned(), Some(b"second".to_vec()));
    *world.0.meanwhile.borrow_mut() = Some(changed);
    drain(&world).await;
    assert_eq!(*world.0.files.borrow(), world.0.expected());
    world.0.upload("a", b"third");
    *world.0.meanwhile.borrow_mut() = Some(("a".to_owned(), None));
    drain(&world).await;
    assert!(world.0.files.borrow().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_with_growing_pauses() {
    for fault in [
        Fault::Status(503),
        Fault::Status(403),
        Fault::Reset,
        Fault::LostAnswer,
    ] {
        let world = World::default();
        world.0.upload("a", b"x");
        world.0.faults.borrow_mut().push_back(fault);
        let started = Instant::now();
        drain(&world).await;
        assert_eq!(*world.0.files.borrow(), world.0.expected(), "{fault:?}");
        assert!(started.elapsed() >= Duration::from_secs(1), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_stays_wrong_is_given_up_with_the_reason_and_the_original() {
    let world = World::default();
    world.0.upload("a", b"x");
    world.0.upload("b", b"y");
    // Each of the three tries of each of the three times.
    let faults = std::iter::repeat_n(Fault::Status(503), 9);
    let started = Instant::now();
    world.0.faults.borrow_mut().extend(faults);
    let worker = worker(
        &world,
        Rules {
            concurrency: 1,
            ..rules()
        },
    );
    // `b` waits behind `a` for no longer than its tries, and both go on.
    let run = worker.run(std::future::pending());
    assert_eq!(run.await, Ended::Empty);
    drain(&world).await;
    let buried = world.0.buried.borrow();
    assert!(
        buried.len() <= 1 && !world.0.files.borrow().is_empty(),
        "{buried:?}"
    );
    for (body, reason) in buried.iter() {
        assert!(body.contains("schemaVersion"), "{body}");
        assert!(
            reason.contains("bucket media") && reason.contains("HTTP status 503"),
            "{reason}"
        );
    }
    assert!(started.elapsed() >= Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_message_is_left_alone_for_longer_each_time_and_then_given_up() {
    let world = World::default();
    world.0.upload("a", b"x");
    world.0.faults.borrow_mut().extend([Fault::Status(500); 9]);
    let started = Instant::now();
    while !world.0.messages.borrow().is_empty() {
        worker(&world, rules()).run(std::future::pending()).await;
    }
    // Tries take 3 s each time, the pauses 30 s and 60 s.
    let took = started.elapsed().as_secs();
    assert!((99..160).contains(&took), "{took}");
    assert_eq!(world.0.buried.borrow().len(), 1);
    assert!(world.0.files.borrow().is_empty());
    assert_eq!(requests(&world).len(), 9);
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_is_given_up_at_once() {
    let world = World::default();
    let long = "x".repeat(256);
    for key in ["../secret", "a/./b", "..", &long, "nul\0"] {
        world.0.upload(key, b"x");
    }
    world.0.upload("folder/", b"not empty");
    world.0.send("{", Some("torn"));
    world.0.send("{\"Event\": \"s3:TestEvent\"}", Some("test"));
    drain(&world).await;
    let buried = world.0.buried.borrow();
    assert_eq!(buried.len(), 7, "{buried:?}");
    let reasons: String = buried
        .iter()
        .map(|(_, reason)| format!("{reason}\n"))
        .collect();
    for part in [
        "leads to another path",
        "up to 255 bytes",
        "NUL",
        "directory's own place",
        "no JSON",
    ] {
        assert!(reasons.contains(part), "{part} in {reasons}");
    }
    assert!(world.0.files.borrow().is_empty());
    // Nothing left the machine.
    assert_eq!(requests(&world), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_message_stays_while_the_dead_letter_queue_takes_nothing() {
    let world = World::default();
    world.0.send("{", Some("torn"));
    world.0.is_full.set(true);
    worker(&world, rules()).run(std::future::pending()).await;
    assert_eq!(world.0.messages.borrow().len(), 1);
    world.0.is_full.set(false);
    drain(&world).await;
    assert_eq!(world.0.buried.borrow().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_nobody_elses_while_work_goes_on() {
    let world = World::default();
    world.0.upload("a", &[0; 64 << 20]);
    // Five times as long as a message is hidden.
    world.0.faults.borrow_mut().push_back(Fault::Slow(150));
    let worker = worker(&world, rules());
    let run = worker.run(std::future::pending());
    let watch = async {
        loop {
            sleep(Duration::from_secs(1)).await;
            if world.0.files.borrow().is_empty() {
                assert!(!world.0.is_visible("m1"));
            }
        }
    };
    let watched = futures_util::future::select(Box::pin(run), Box::pin(watch)).await;
    assert!(matches!(
        watched,
        futures_util::future::Either::Left((Ended::Empty, _))
    ));
    assert_eq!(*world.0.files.borrow(), world.0.expected());
    assert_eq!(requests(&world).len(), 1);
    assert!(world.0.messages.borrow().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_ends_is_given_up_in_time() {
    let world = World::default();
    world.0.upload("a", b"x");
    world
        .0
        .faults
        .borrow_mut()
        .push_back(Fault::Slow(1_000_000));
    let started = Instant::now();
    drain(&world).await;
    assert!(started.elapsed() < Duration::from_secs(100));
    assert_eq!(*world.0.files.borrow(), world.0.expected());
}

#[tokio::test(start_paused = true)]
async fn objects_are_carried_side_by_side_but_not_more_than_wanted() {
    let world = World::default();
    for number in 0..50 {
        world.0.upload(&format!("{number}"), b"x");
    }
    let started = Instant::now();
    drain(&world).await;
    assert_eq!(world.0.busiest.get(), 4);
    assert_eq!(world.0.files.borrow().len(), 50);
    // One after another they take 0.5 s, and the queue's end 20 s.
    assert!(
        started.elapsed() < Duration::from_millis(20_500),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_said_and_worked_around() {
    for ahead in [-3_600, 3_600, 31] {
        let world = World::default();
        world.0.ahead.set(ahead);
        let sink = storage(&world);
        let failure = sink.stat("/123").await.unwrap_err();
        let direction = if ahead > 0 { "behind" } else { "ahead of" };
        let said = format!(
            "this machine's clock is {} s {direction} the server's",
            ahead.abs()
        );
        assert!(failure.to_string().contains(&said), "{failure}");
        assert_eq!(sink.stat("/123").await.unwrap().unwrap().kind, "dir");
        world.0.upload("a", b"x");
        drain(&world).await;
        assert_eq!(*world.0.files.borrow(), world.0.expected());
    }
}

#[tokio::test(start_paused = true)]
async fn work_in_hand_ends_when_the_worker_is_told_to_stop() {
    let world = World::default();
    world.0.upload("a", b"x");
    world.0.upload("b", b"y");
    world
        .0
        .faults
        .borrow_mut()
        .extend([Fault::Slow(10), Fault::Slow(1_000)]);
    let worker = worker(
        &world,
        Rules {
            until_empty: false,
            ..rules()
        },
    );
    let started = Instant::now();
    let ended = worker.run(sleep(Duration::from_secs(1))).await;
    assert_eq!((ended, started.elapsed().as_secs()), (Ended::Stopped, 21));
    // What was done in time is removed, the other message returned for whoever comes next.
    assert_eq!(world.0.files.borrow().len(), 1);
    let left = world.0.messages.borrow()[0].id.clone();
    assert!(world.0.is_visible(&left));
    drain(&world).await;
    assert_eq!(*world.0.files.borrow(), world.0.expected());
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_told_to_stop_takes_no_more_and_ends_soon() {
    let world = World::default();
    let worker = worker(
        &world,
        Rules {
            until_empty: false,
            ..rules()
        },
    );
    let (told, tell) = (sleep(Duration::from_secs(5)), sleep(Duration::from_secs(6)));
    let more = async {
        tell.await;
        world.0.upload("a", b"x");
        std::future::pending::<()>().await;
    };
    let run = futures_util::future::select(Box::pin(worker.run(told)), Box::pin(more));
    let run = timeout(Duration::from_secs(30), run).await;
    assert!(run.is_ok(), "it goes on");
    // It came with the answer that was still awaited, and was returned.
    assert!(world.0.files.borrow().is_empty());
    assert!(world.0.is_visible("m1"));
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_does_not_answer_is_asked_again_and_an_end_is_found() {
    let world = World::default();
    world.0.upload("a", b"x");
    world.0.deaf.set(4);
    drain(&world).await;
    assert_eq!(*world.0.files.borrow(), world.0.expected());
    world.0.deaf.set(u32::MAX);
    let ended = worker(&world, rules()).run(std::future::pending()).await;
    assert_eq!(ended, Ended::NoQueue);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_waits_or_works_shows_that_it_lives() {
    let world = World::default();
    world.0.upload("a", &[0; 200 << 20]);
    world.0.faults.borrow_mut().push_back(Fault::Slow(800));
    let slow = Rules {
        visibility: Duration::from_secs(43_200),
        concurrency: 1,
        until_empty: false,
        ..rules()
    };
    let worker = worker(&world, slow);
    let pulse = worker.pulse();
    let watch = async {
        for _ in 0..1_000 {
            sleep(Duration::from_secs(1)).await;
            assert!(pulse.age() < WELL, "{:?}", pulse.age());
        }
    };
    assert_eq!(worker.run(watch).await, Ended::Stopped);
    assert_eq!(world.0.files.borrow().len(), 1);
    sleep(WELL * 2).await;
    assert!(pulse.age() > WELL);
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_sink_gives_nothing_up() {
    let world = World::default();
    for number in 0..6 {
        world.0.upload(&format!("{number}"), b"x");
    }
    // Hours of it: far more than each message may be received.
    world.0.is_out.set(true);
    let patient = Rules {
        until_empty: false,
        ..rules()
    };
    let worker = worker(&world, patient);
    let hours = async {
        sleep(Duration::from_secs(4 * 3_600)).await;
        assert!(world.0.buried.borrow().is_empty());
        world.0.is_out.set(false);
        while !world.0.messages.borrow().is_empty() {
            sleep(Duration::from_secs(1)).await;
        }
    };
    assert_eq!(worker.run(hours).await, Ended::Stopped);
    assert_eq!(*world.0.files.borrow(), world.0.expected());
    assert!(world.0.buried.borrow().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_a_message_that_was_not_given_up_waits_untouched() {
    let world = World::default();
    world.0.send("{", Some("a"));
    world.0.upload("a", b"x");
    world.0.is_full.set(true);
    worker(&world, rules()).run(std::future::pending()).await;
    assert!(world.0.files.borrow().is_empty());
    world.0.is_full.set(false);
    drain(&world).await;
    assert_eq!(world.0.buried.borrow().len(), 1);
    assert_eq!(*world.0.files.borrow(), world.0.expected());
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_while_many_are_carried_gives_nothing_up() {
    let world = World::default();
    for number in 0..8 {
        world.0.upload(&format!("{number}"), b"x");
    }
    world.0.ahead.set(500);
    world.0.skew_status.set(400);
    drain(&world).await;
    assert!(world.0.buried.borrow().is_empty());
    assert_eq!(*world.0.files.borrow(), world.0.expected());
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_never_answers_ends_no_work() {
    let world = World::default();
    world.0.upload("a", b"x");
    world.0.upload("b", b"y");
    // The first removal hangs; the message shows again, and is done again.
    world.0.hangs.set(1);
    drain(&world).await;
    assert_eq!(*world.0.files.borrow(), world.0.expected());
}
