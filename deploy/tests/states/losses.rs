//! Data is never lost because it could not be seen: in a template that is no JSON, in what a failed attempt left,
//! within a nested stack, or in another stack of the same run.

use cloudwright_deploy::assembly::Stack;
use cloudwright_deploy::cloud::{PlannedChange, StackResource};
use cloudwright_deploy::problem::{Kind, Problem};
use cloudwright_deploy::stack::skip::require_stacks;
use serde_json::{Value, json};

use crate::fake::{Fate, Run, Verb, World, live, names, topic};

const QUEUE: &str = "AWS::SQS::Queue";

/// A run that approves everything, on a stack with these resources.
fn run(status: &str, template: &Value, there: Vec<StackResource>) -> Run {
    let world = World::with(status, template);
    *world.retained.borrow_mut() = there;
    let mut run = Run::of(&world, &topic("new"));
    run.options.yes = true;
    run
}

/// It is refused for the data of this resource, and nothing is done; named, it goes on.
fn refused(mut run: Run, verb: Verb, id: &str) -> Run {
    let problem: Problem = run.end(verb).unwrap_err();
    assert_eq!(problem.kind, Kind::Refused, "{problem:?}");
    assert!(
        problem.help.contains(&format!("--allow-data-loss {id}")),
        "{problem:?}"
    );
    let done = ["delete_stack", "execute_change_set", "rollback"];
    assert!(
        run.world
            .acts()
            .iter()
            .all(|act| !done.iter().any(|name| act.starts_with(name))),
        "{:?}",
        run.world.acts()
    );
    run.options.allow_data_loss = names(&[id]);
    assert!(run.end(verb).is_ok());
    run
}

#[test]
fn a_template_that_is_no_json_hides_nothing() {
    let there = || {
        vec![
            live("Jobs", QUEUE, "CREATE_COMPLETE"),
            live("News", "AWS::SNS::Topic", "CREATE_COMPLETE"),
        ]
    };
    let yaml = |run: Run| {
        *run.world.template.borrow_mut() =
            "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n".to_owned();
        run
    };
    let _ = refused(
        yaml(run("CREATE_COMPLETE", &topic("old"), there())),
        Verb::Destroy,
        "Jobs",
    );
    let _ = refused(
        yaml(run("CREATE_COMPLETE", &topic("old"), there())),
        Verb::Deploy,
        "Jobs",
    );
    // What is gone already is no loss.
    let gone = vec![live("Jobs", QUEUE, "DELETE_COMPLETE")];
    assert!(
        yaml(run("CREATE_COMPLETE", &topic("old"), gone))
            .end(Verb::Destroy)
            .is_ok()
    );
}

#[test]
fn resources_that_macros_made_are_seen() {
    let there = vec![live("Jobs7", QUEUE, "CREATE_COMPLETE")];
    let _ = refused(
        run("CREATE_COMPLETE", &topic("old"), there),
        Verb::Destroy,
        "Jobs7",
    );
}

#[test]
fn what_a_failed_attempt_left_is_not_deleted_unasked() {
    for status in [
        "CREATE_FAILED",
        "ROLLBACK_FAILED",
        "ROLLBACK_COMPLETE",
        "DELETE_FAILED",
    ] {
        let there = vec![live("Jobs", QUEUE, "CREATE_COMPLETE")];
        let _ = refused(run(status, &topic("old"), there), Verb::Deploy, "Jobs");
    }
}

/// A way to keep data is told only where it works: not a policy for what is in no template any more, nor one for a stack
/// that takes no update.
#[test]
fn the_way_to_keep_data_is_one_that_works() {
    let jobs = |id: &str, more: &Value| {
        let queue = json!({ "Type": QUEUE, "Properties": more });
        json!({ "Resources": { id: queue, "News": { "Type": "AWS::SNS::Topic" } } })
    };
    let old = jobs("Jobs", &json!({ "DelaySeconds": 5 }));
    let told = |status: &str, after: Value, verb: Verb, way: &str| {
        let there = vec![live("Jobs", QUEUE, "CREATE_COMPLETE")];
        let mut run = run(status, &old, there);
        run.template = after;
        let help = run.end(verb).unwrap_err().help;
        let expected = format!("to keep it, {way}; to lose it, name it: `--allow-data-loss Jobs`");
        assert_eq!(help, expected, "{status}");
    };
    let (deploy, destroy) = (Verb::Deploy, Verb::Destroy);
    let renamed = jobs("Tasks", &json!({ "DelaySeconds": 5 }));
    let replaced = jobs("Jobs", &json!({ "DelaySeconds": 5, "QueueName": "jobs" }));
    told(
        "CREATE_COMPLETE",
        topic("new"),
        deploy,
        "put it back with a retention policy, deploy that, and take it out afterwards",
    );
    told(
        "CREATE_COMPLETE",
        renamed,
        deploy,
        "give it back the logical id that it had",
    );
    told(
        "CREATE_COMPLETE",
        replaced,
        deploy,
        "give it a retention policy, or take the change back",
    );
    told(
        "CREATE_COMPLETE",
        old.clone(),
        destroy,
        "deploy a retention policy first",
    );
    told(
        "DELETE_FAILED",
        old.clone(),
        destroy,
        "leave it behind by `destroy --skip LOGICAL_ID`",
    );
    told(
        "UPDATE_ROLLBACK_FAILED",
        old.clone(),
        destroy,
        "end the rollback by `rollback`, then deploy a retention policy",
    );
    // Such stacks take no update any more.
    for (status, verb) in [
        ("ROLLBACK_COMPLETE", deploy),
        ("ROLLBACK_COMPLETE", destroy),
        ("ROLLBACK_FAILED", destroy),
        ("IMPORT_ROLLBACK_FAILED", destroy),
    ] {
        told(status, old.clone(), verb, "copy it elsewhere first");
    }
}

#[test]
fn where_ways_to_keep_data_differ_each_says_whose_it_is() {
    let queue = |more: &Value| json!({ "Type": QUEUE, "Properties": more });
    let tasks = queue(&json!({ "DelaySeconds": 7 }));
    let old = json!({ "Resources": { "Jobs": queue(&json!({})), "Tasks": tasks } });
    let mut run = run("CREATE_COMPLETE", &old, Vec::new());
    run.template = json!({ "Resources": { "Jobs": queue(&json!({ "QueueName": "jobs" })) } });
    let help = run.deploy().unwrap_err().help;
    assert!(
        help.starts_with("to keep Jobs, give it a retention policy, or take the change back; to keep Tasks, put it back"),
        "{help}"
    );
}

#[test]
fn what_could_not_be_deleted_before_is_left_behind_as_told() {
    let there = vec![
        live("Jobs", QUEUE, "DELETE_FAILED"),
        live("Old", QUEUE, "DELETE_SKIPPED"),
    ];
    let run = run("DELETE_FAILED", &topic("old"), there);
    assert!(run.deploy().is_ok());
    assert_eq!(run.world.acts()[0], "delete_stack Jobs,Old");
}

/// A creation that failed has nothing to go back to, so to roll it back is to delete it, and a policy that retains except at a
/// creation retains nothing.
#[test]
fn a_rollback_of_a_creation_deletes_no_data_unasked() {
    let run = |status: &str, policy: &str| {
        let queue = json!({ "Type": QUEUE, "DeletionPolicy": policy });
        let there = vec![live("Jobs", QUEUE, "CREATE_COMPLETE")];
        run(status, &json!({ "Resources": { "Jobs": queue } }), there)
    };
    for policy in ["Delete", "RetainExceptOnCreate"] {
        let _ = refused(run("CREATE_FAILED", policy), Verb::Rollback, "Jobs");
        let help = run("CREATE_FAILED", policy)
            .end(Verb::Rollback)
            .unwrap_err()
            .help;
        assert!(
            help.starts_with("to keep it, copy it elsewhere first"),
            "{help}"
        );
    }
    assert!(run("CREATE_FAILED", "Retain").end(Verb::Rollback).is_ok());
    // An update goes back to what was.
    let updated = run("UPDATE_FAILED", "Retain");
    assert!(updated.end(Verb::Rollback).is_ok());
    assert_eq!(updated.world.acts(), ["rollback"]);
    let mut skipping = run("UPDATE_FAILED", "Retain");
    skipping.options.skip = vec!["Jobs".to_owned()];
    let problem = skipping.end(Verb::Rollback).unwrap_err();
    assert_eq!(problem.kind, Kind::Usage);
    assert!(skipping.world.acts().is_empty(), "{problem:?}");
}

/// What a person names to be left behind is, and its data is no loss; where CloudFormation would delete it all the same, nothing
/// is done.
#[test]
fn what_is_to_be_left_behind_is_never_deleted() {
    let queues = json!({ "Resources": { "Jobs": { "Type": QUEUE }, "News": { "Type": "AWS::SNS::Topic" } } });
    let there = || {
        vec![
            live("Jobs", QUEUE, "CREATE_COMPLETE"),
            live("News", "AWS::SNS::Topic", "DELETE_FAILED"),
        ]
    };
    let of = |status: &str, skip: &[&str]| {
        let mut run = run(status, &queues, there());
        run.options.skip = skip.iter().map(|&id| id.to_owned()).collect();
        run
    };
    let left = of("DELETE_FAILED", &["Jobs", "Mail:News"]);
    assert!(left.end(Verb::Destroy).is_ok());
    assert_eq!(left.world.acts(), ["delete_stack Jobs,News"]);
    // The other one still counts.
    let _ = refused(of("DELETE_FAILED", &["News"]), Verb::Destroy, "Jobs");
    let table = [
        (
            "UPDATE_COMPLETE",
            "News",
            "is in UPDATE_COMPLETE: News can be left behind only where a deletion failed before",
        ),
        (
            "DELETE_FAILED",
            "Nwes",
            "has no resource Nwes that could be left behind",
        ),
    ];
    for (status, skip, said) in table {
        let mut run = of(status, &[skip]);
        run.options.allow_data_loss = names(&["Jobs"]);
        let problem = run.end(Verb::Destroy).unwrap_err();
        assert_eq!(problem.kind, Kind::Usage);
        assert!(problem.message.ends_with(said), "{problem:?}");
        assert_eq!(run.world.acts(), [""; 0]);
    }
    let mut several = of("DELETE_FAILED", &["Other:News", "News"]);
    several.options.sole = false;
    several.options.allow_data_loss = names(&["Mail:Jobs"]);
    let problem = several.end(Verb::Destroy).unwrap_err();
    assert_eq!(problem.help, "say it: `--skip Mail:News`");
    several.options.skip.pop();
    assert!(several.end(Verb::Destroy).is_ok());
    assert_eq!(several.world.acts(), ["delete_stack"]);
    let late = of("DELETE_IN_PROGRESS", &["News"]);
    let problem = late.end(Verb::Destroy).unwrap_err();
    let said = "is being deleted already: News cannot be left behind any more";
    assert!(problem.message.ends_with(said), "{problem:?}");
}

#[test]
fn what_is_to_be_left_behind_names_a_stack_of_the_run() {
    let stack = |name: &str| {
        let mut stack =
            Stack::of_template(name, ("000000000000", "eu-central-1"), "files", json!({}));
        stack.path = format!("Prod/{name}");
        stack.id = format!("id-{name}");
        stack
    };
    let (mail, web) = (stack("Mail"), stack("Web"));
    let said = |entry: &str| require_stacks(&[entry.to_owned()], &[&mail, &web]);
    for entry in ["Mail:Jobs", "Prod/Mail:Jobs", "id-Web:Jobs", "Jobs"] {
        assert!(said(entry).is_ok(), "{entry}");
    }
    let problem = said("Mial:Jobs").unwrap_err();
    assert_eq!(
        (&*problem.message, &*problem.help),
        (
            "`--skip Mial:Jobs`: this run is about no stack \"Mial\"",
            "it is about Prod/Mail, Prod/Web"
        )
    );
}

#[test]
fn a_type_without_facts_may_hold_data() {
    let other = json!({ "Resources": { "Db": { "Type": "AWS::RDS::DBInstance" } } });
    let _ = refused(
        run("CREATE_COMPLETE", &other, Vec::new()),
        Verb::Destroy,
        "Db",
    );
    let kept = json!({ "Resources": { "Db": { "Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Retain" },
        "Custom": { "Type": "Custom::Thing" } } });
    assert!(
        run("CREATE_COMPLETE", &kept, Vec::new())
            .end(Verb::Destroy)
            .is_ok()
    );
}

#[test]
fn a_removal_without_a_word_about_the_real_resource_is_a_loss() {
    let run = run("CREATE_COMPLETE", &topic("old"), Vec::new());
    let change = PlannedChange {
        id: "Hidden".into(),
        kind: QUEUE.into(),
        action: "Remove".into(),
        ..PlannedChange::default()
    };
    *run.world.changes.borrow_mut() = vec![change];
    let _ = refused(run, Verb::Deploy, "Hidden");
}

#[test]
fn what_is_within_a_nested_stack_counts() {
    let nested = |url: &str| {
        json!({ "Resources": { "News": { "Type": "AWS::SNS::Topic" }, "Inner": {
        "Type": "AWS::CloudFormation::Stack", "Properties": { "TemplateURL": url } } } })
    };
    let there = || {
        vec![live(
            "Inner",
            "AWS::CloudFormation::Stack",
            "CREATE_COMPLETE",
        )]
    };
    let mut changed = run("CREATE_COMPLETE", &nested("https://b/old.json"), there());
    changed.template = nested("https://b/new.json");
    let _ = refused(changed, Verb::Deploy, "Inner");
    let mut same = run("CREATE_COMPLETE", &nested("https://b/old.json"), there());
    same.template = nested("https://b/old.json");
    same.template["Resources"]["News"]["Properties"] = json!({ "DisplayName": "new" });
    assert!(same.deploy().is_ok());
    // The fake gives every stack the same template: one with a nested stack, which nobody has looked into.
    let _ = refused(
        run("CREATE_COMPLETE", &nested("https://b/old.json"), there()),
        Verb::Destroy,
        "Inner",
    );
}

#[test]
fn in_a_run_about_several_stacks_an_id_names_its_stack() {
    let queue = json!({ "Resources": { "Jobs": { "Type": QUEUE } } });
    let mut run = run("CREATE_COMPLETE", &queue, Vec::new());
    run.options.sole = false;
    for other in ["Jobs", "Other:Jobs"] {
        run.options.allow_data_loss = names(&[other]);
        assert_eq!(
            run.end(Verb::Destroy).unwrap_err().kind,
            Kind::Refused,
            "{other}"
        );
    }
    let _ = refused(run, Verb::Destroy, "Mail:Jobs");
}

#[test]
fn an_operation_with_many_events_is_known_by_any_of_them() {
    let world = World::with("CREATE_COMPLETE", &topic("old"));
    *world.fate.borrow_mut() = Fate {
        looks: 50,
        ..Fate::default()
    };
    let mut first = Run::of(&world, &topic("new"));
    first.clock.stops_after = 3;
    assert!(first.until_interrupted(Verb::Deploy).is_none());
    let token = world
        .events
        .borrow()
        .last()
        .and_then(|event| event.token.clone())
        .unwrap();
    for _ in 0..5 {
        world.tell("News", "UPDATE_IN_PROGRESS", "", &token);
    }
    assert!(Run::of(&world, &topic("new")).deploy().is_ok());
    assert_eq!(world.calls("execute_change_set"), 1);
}
