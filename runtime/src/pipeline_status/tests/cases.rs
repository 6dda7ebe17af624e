//! Single objects, and what is special about them.

use super::*;

#[test]
fn a_file_is_followed_from_any_place_with_what_is_known() {
    let mut world = World {
        page: 10,
        ..World::default()
    };
    world.put("in", "a.wibl", 50);
    world.put("in", "a.b.wibl", 5_000);
    world.put("out", "a.json", 40);
    world.state("out", "a.json", State::Refused, NOW - 1);
    world.give_up("in", "b.wibl", "the first line is `WIBL`");
    world.put("in", "b.wibl", 900);
    let told = |key: &str| {
        let stages = ask(&world, Some(key)).unwrap();
        let items = stages.into_iter().flat_map(|stage| stage.items);
        let told = items.map(|item| (item.key, item.state, item.detail.unwrap_or_default()));
        told.collect::<Vec<_>>()
    };
    let item = |key: &str, state, detail: &str| (key.to_owned(), state, detail.to_owned());
    let refused = item("a.json", ItemState::Failed, "Refused");
    let converted = item("a.wibl", ItemState::Done, "a.json");
    assert_eq!(told("a.wibl"), [converted, refused.clone()]);
    assert_eq!(told("a.json"), [refused]);
    let failed = item("b.wibl", ItemState::Failed, "the first line is `WIBL`");
    assert_eq!(told("b.wibl"), [failed]);
    assert_eq!(told("a.b.wibl"), [item("a.b.wibl", ItemState::Lost, "")]);
    // A place that another stage reads, too, and a key as people misread it.
    for key in ["nothing", "A.wibl", "in/a.wibl"] {
        let problem = ask(&world, Some(key)).unwrap_err();
        assert_eq!(problem.class, Class::NotFound);
        assert!(problem.to_string().contains(key), "{problem}");
    }
}

#[test]
fn of_objects_there_may_be_any_number_and_results_have_an_end() {
    let mut world = World {
        page: 200_000,
        ..World::default()
    };
    for number in 0..=150_000 {
        world.put("in", &format!("{number}.wibl"), 10);
    }
    assert_eq!(ask(&world, None).unwrap()[0].waiting, 150_001);
    let problem = evidence::limited("results", PipelineStatus::LARGEST + 1, "Convert");
    let problem = problem.unwrap_err().to_string();
    assert!(
        problem.contains("the stage Convert has more than 1000000 results"),
        "{problem}"
    );
    assert_eq!(
        evidence::limited("results", PipelineStatus::LARGEST, "Convert"),
        Ok(())
    );
}

#[test]
fn nothing_is_called_lost_that_may_still_come() {
    let mut world = World {
        page: 10,
        ..World::default()
    };
    world.put("in", "a.wibl", 800);
    world.put("out", "b.json", 5_000);
    world.queued = 3;
    let answer = ask(&world, None).unwrap();
    let told = |stage: usize| {
        let item = &answer[stage].items[0];
        (item.state, item.detail.clone().unwrap_or_default())
    };
    assert_eq!(
        told(0),
        (
            ItemState::Stuck,
            "perhaps among the calls that are tried again".to_owned()
        )
    );
    let before = "perhaps among the 3 messages before the stage".to_owned();
    assert_eq!(told(1), (ItemState::Stuck, before));
    assert_eq!(answer[1].queued, Some(3));
    world.queued = 0;
    assert_eq!(ask(&world, None).unwrap()[1].lost, 1);
}

#[test]
fn a_count_that_is_late_ends_no_look() {
    let mut world = World {
        page: 100,
        ..World::default()
    };
    for number in 0..25 {
        let key = format!("{number}.wibl");
        world.put("in", &key, 5_000);
        world.give_up("in", &key, "no logger's file");
    }
    // As many as were given up a moment ago.
    for uncounted in [0, 3, 25] {
        world.uncounted = uncounted;
        let answer = ask(&world, None).unwrap().remove(0);
        assert_eq!(counts(&answer), [0, 0, 25, 0, 0], "{uncounted}");
        assert_eq!(answer.dead, 25);
    }
}

#[test]
fn what_is_uploaded_in_parts_may_have_come_just_now() {
    let mut world = World {
        page: 10,
        ..World::default()
    };
    // The entity tags of this world are the keys.
    let mut of_parts = stages().remove(0);
    of_parts.suffix.clear();
    for (key, age) in [("a-12", 5_000), ("b-12", 900 + 86_401), ("c-x", 5_000)] {
        world.put("in", key, age);
    }
    let answer = ask_of(&world, vec![of_parts], None).unwrap().remove(0);
    assert_eq!(counts(&answer), [2, 1, 0, 0, 0]);
    let stuck = answer.items.last().unwrap();
    assert_eq!((&*stuck.key, stuck.state), ("a-12", ItemState::Stuck));
    assert!(
        stuck
            .detail
            .as_ref()
            .unwrap()
            .contains("dated by its begin")
    );
}

#[test]
fn a_stage_that_leaves_no_trace_loses_nothing_as_far_as_can_be_seen() {
    let mut world = World {
        page: 10,
        ..World::default()
    };
    world.put("in", "new.wibl", 10);
    world.put("in", "old.wibl", 5_000);
    world.put("in", "bad.wibl", 5_000);
    world.give_up("in", "bad.wibl", "no logger's file");
    let mut mail = stages().remove(0);
    mail.output = None;
    let mut some = stages().remove(0);
    some.partial = true;
    for stage in [mail, some] {
        let answer = ask_of(&world, vec![stage], None).unwrap().remove(0);
        assert_eq!(counts(&answer), [0, 0, 1, 1, 0]);
        assert_eq!((answer.untracked, answer.seen), (1, 3));
    }
}

#[test]
fn a_letter_about_an_earlier_content_and_a_row_of_an_earlier_version_say_nothing() {
    let mut world = World {
        page: 10,
        ..World::default()
    };
    world.put("in", "a.wibl", 10);
    let record = json!({ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {
        "bucket": { "name": "in" }, "object": { "key": "a.wibl", "eTag": "earlier" } } });
    let letter = json!({ "version": "1.0", "requestContext": { "condition": "RetriesExhausted" },
        "requestPayload": { "Records": [record] } });
    world.dead.push(letter.to_string());
    world.put("out", "b.json", 10);
    // The same content twice: first taken, then not.
    world.state("out", "b.json", State::Refused, NOW - 1);
    world.state("out", "b.json", State::Accepted, NOW - 500);
    let answer = ask(&world, None).unwrap();
    assert_eq!(counts(&answer[0]), [0, 0, 0, 1, 0]);
    assert_eq!(counts(&answer[1]), [0, 0, 1, 0, 0]);
    world.dead[0] = letter.to_string().replace("earlier", "a.wibl");
    assert_eq!(ask(&world, None).unwrap()[0].failed, 1);
}

#[test]
fn a_long_reason_is_cut_and_letters_are_counted_where_a_file_has_not_come() {
    let mut world = World {
        page: 10,
        ..World::default()
    };
    world.put("in", "a.wibl", 800);
    world.put("elsewhere", "b.wibl", 10);
    world.give_up("in", "a.wibl", &"é".repeat(250_000));
    let answer = ask(&world, Some("a.wibl")).unwrap();
    let reason = answer[0].items[0].detail.as_deref().unwrap();
    assert_eq!(reason.chars().count(), PipelineStatus::REASON + 2);
    let mut stages = stages();
    stages[1].failures = Some(FAILURES.to_owned());
    let answer = ask_of(&world, stages, Some("a.wibl")).unwrap();
    assert_eq!((answer[1].seen, answer[1].dead), (0, 1));
}

#[test]
fn what_is_no_question_is_told() {
    let world = World::default();
    let looker = Looker::new(&world, &world, &world, || NOW);
    let deadline = Deadline::within(std::time::Duration::from_secs(60));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let command = |event: Value| runtime.block_on(looker.command(&event, &deadline));
    assert!(command(json!({ "Records": [] })).is_none());
    let empty = command(json!({ "status": { "stages": [] } }))
        .unwrap()
        .unwrap();
    assert_eq!(empty, json!({ "stages": [] }));
    for wrong in [
        json!({}),
        json!(3),
        json!({ "stages": [], "ask": { "kee": "a" } }),
    ] {
        let problem = command(json!({ "status": wrong })).unwrap().unwrap_err();
        assert!(
            problem.to_string().contains("no question about a pipeline"),
            "{problem}"
        );
    }
}
