//! Functions that are updated past CloudFormation, and what becomes of them later.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cloudwright_deploy::cloud::{Call, Code, FunctionSettings, FunctionState, Lambda};
use cloudwright_deploy::event::{Event, Outcome};
use cloudwright_deploy::fault::{Class, Fault};
use cloudwright_deploy::problem::{Kind, Problem};
use cloudwright_deploy::review::Approval;
use cloudwright_deploy::stack::hotswap::{Memory, Swapped};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::fake::{Run, Verb, World, live};

/// A Lambda of one function, and a machine that remembers.
#[derive(Default)]
pub(crate) struct Functions {
    state: RefCell<FunctionState>,
    /// What was done, in words.
    log: RefCell<Vec<String>>,
    /// How many updates are turned away, since somebody else's is under way.
    busy: Cell<u32>,
    /// How often the function is looked at before an update of it is done.
    moves: Cell<u32>,
    left: Cell<u32>,
    /// Why the next update fails once it was taken.
    failure: RefCell<Option<String>>,
    memory: RefCell<Swapped>,
}

impl Functions {
    fn update(&self, operation: &'static str, what: String) -> Call<'_, ()> {
        let answer = if self.busy.get() > 0 {
            self.busy.set(self.busy.get() - 1);
            const CODE: &str = "ResourceConflictException";
            let message = "An update is in progress for resource".to_owned();
            Err(Fault {
                class: Class::of(CODE, &message, 409),
                operation,
                code: CODE.to_owned(),
                message,
            })
        } else {
            self.log.borrow_mut().push(what);
            self.left.set(self.moves.get());
            let mut state = self.state.borrow_mut();
            state.revision += "+";
            state.is_moving = self.moves.get() > 0;
            state.failure = self.failure.borrow_mut().take();
            Ok(())
        };
        async { answer }.boxed_local()
    }
}

impl Lambda for Functions {
    fn function<'a>(&'a self, name: &'a str) -> Call<'a, FunctionState> {
        assert_eq!(name, "real-Resize");
        let state = self.state.borrow().clone();
        self.left.set(self.left.get().saturating_sub(1));
        self.state.borrow_mut().is_moving = self.left.get() > 0;
        async { Ok(state) }.boxed_local()
    }

    fn update_code<'a>(&'a self, _: &'a str, code: &'a Code) -> Call<'a, ()> {
        let what = match code {
            Code::Archive { bucket, key } => format!("{bucket}/{key}"),
            Code::Image(uri) => uri.clone(),
        };
        self.update("UpdateFunctionCode", what)
    }

    fn update_settings<'a>(
        &'a self,
        _: &'a str,
        revision: &'a str,
        settings: &'a FunctionSettings,
    ) -> Call<'a, ()> {
        assert_eq!(revision, self.state.borrow().revision);
        let what = format!("{:?} {:?}", settings.timeout, settings.variables);
        if let Some(variables) = settings.variables.clone().filter(|_| self.busy.get() == 0) {
            self.state.borrow_mut().variables = variables;
        }
        self.update("UpdateFunctionConfiguration", what)
    }
}

impl Memory for Functions {
    fn swapped(&self) -> Result<Swapped, Problem> {
        Ok(self.memory.borrow().clone())
    }

    fn remember(&self, swapped: &Swapped) -> Result<(), Problem> {
        self.memory.borrow_mut().clone_from(swapped);
        Ok(())
    }
}

/// A stack of one function, with code of this key and whatever else.
fn function(key: &str, more: &Value) -> Value {
    let bucket = json!({ "Fn::Sub": "code-${AWS::AccountId}" });
    let mut properties = json!({ "Code": { "S3Bucket": bucket, "S3Key": key },
        "Role": { "Fn::GetAtt": ["Worker", "Arn"] } });
    for (name, value) in more.as_object().unwrap() {
        properties[name] = value.clone();
    }
    json!({ "Resources": { "Resize": { "Type": "AWS::Lambda::Function", "Properties": properties } } })
}

fn variables(all: &Value) -> Value {
    json!({ "Environment": { "Variables": all } })
}

/// A deployed stack of this template, whose function has this environment.
fn deployed(template: &Value, environment: &[(&str, &str)]) -> (Rc<World>, Run) {
    let world = World::with("CREATE_COMPLETE", template);
    let kind = "AWS::Lambda::Function";
    *world.retained.borrow_mut() = vec![
        live("Resize", kind, "CREATE_COMPLETE"),
        live("Jobs", "AWS::SNS::Topic", "CREATE_COMPLETE"),
    ];
    let mut run = Run::of(&world, template);
    run.swaps = Some(true);
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    run.functions.state.borrow_mut().variables = environment.iter().map(pair).collect();
    (world, run)
}

fn done(run: &Run) -> Vec<String> {
    run.functions.log.borrow_mut().drain(..).collect()
}

fn remembered(settings: &[&str]) -> Swapped {
    let settings: BTreeSet<_> = settings.iter().map(|name| (*name).to_owned()).collect();
    if settings.is_empty() {
        return Swapped::new();
    }
    BTreeMap::from([("Resize".to_owned(), settings)])
}

#[test]
fn code_and_settings_go_to_the_function_and_come_back() {
    let queue = json!({ "Ref": "Jobs" });
    let secret = json!({ "Fn::GetAtt": ["Jobs", "Arn"] });
    let env = |level: &str| variables(&json!({ "ARN": secret, "LEVEL": level, "JOBS": queue }));
    let first = function("a.zip", &env("info"));
    let live = [("ARN", "arn:1"), ("LEVEL", "info"), ("JOBS", "real-Jobs")];
    let (world, mut run) = deployed(&first, &live);

    let mut more = variables(&json!({ "ARN": secret, "LEVEL": "debug", "NEW": queue }));
    more["Timeout"] = json!(9);
    run.template = function("b.zip", &more);
    assert_eq!(run.deploy().unwrap().outcome, Outcome::Swapped);
    // What is not known without CloudFormation stays as it is there.
    let settings = r#"Some(9) Some({"ARN": "arn:1", "LEVEL": "debug", "NEW": "real-Jobs"})"#;
    assert_eq!(done(&run), ["code-000000000000/b.zip", settings]);
    let all = [
        "Code",
        "Environment/JOBS",
        "Environment/LEVEL",
        "Environment/NEW",
        "Timeout",
    ];
    assert_eq!(*run.functions.memory.borrow(), remembered(&all));
    let told = run.person.events.borrow().iter().any(
        |event| matches!(event, Event::Swapped(functions) if functions == &["Resize".to_owned()]),
    );
    assert!(told);

    // Back to what CloudFormation believes it is: no template differs, and still it is done.
    let back = r#"Some(3) Some({"ARN": "arn:1", "JOBS": "real-Jobs", "LEVEL": "info"})"#;
    for swaps in [true, false] {
        run.template = function("b.zip", &more);
        run.swaps = Some(true);
        let _ = run.deploy().unwrap();
        let _ = done(&run);
        run.template = first.clone();
        run.swaps = Some(swaps);
        assert_eq!(run.deploy().unwrap().outcome, Outcome::Updated, "{swaps}");
        assert_eq!(done(&run), ["code-000000000000/a.zip", back], "{swaps}");
        assert_eq!(*run.functions.memory.borrow(), remembered(&[]), "{swaps}");
        assert_eq!(run.deploy().unwrap().outcome, Outcome::Unchanged);
        assert_eq!(done(&run), [""; 0]);
    }
    assert!(world.acts().is_empty(), "{:?}", world.acts());
}

#[test]
fn what_else_changes_is_named_and_goes_through_cloudformation() {
    let plain = function("a.zip", &json!({}));
    let mut with_topic = function("b.zip", &json!({}));
    with_topic["Resources"]["News"] = json!({ "Type": "AWS::SNS::Topic" });
    let mut with_output = function("b.zip", &json!({}));
    with_output["Outputs"] = json!({ "Name": { "Value": { "Ref": "Resize" } } });
    let mut waits = function("b.zip", &json!({}));
    waits["Resources"]["Resize"]["DependsOn"] = json!("Worker");
    let table = [
        (with_topic, "News (is new)"),
        (with_output, "Outputs"),
        (waits, "Resize (DependsOn)"),
        (
            function("b.zip", &json!({ "Role": "other" })),
            "Resize (Role)",
        ),
        (
            function("b.zip", &json!({ "KmsKeyArn": "arn" })),
            "Resize (KmsKeyArn)",
        ),
        (
            function("b.zip", &json!({ "Code": { "ZipFile": ".." } })),
            "Resize (Code)",
        ),
        (
            function(
                "a.zip",
                &variables(&json!({ "A": { "Fn::GetAtt": ["Jobs", "Arn"] } })),
            ),
            "Resize (Environment/A)",
        ),
        (
            function("a.zip", &json!({ "Handler": "main" })),
            "Resize (Handler)",
        ),
        (
            json!({ "Resources": { "News": { "Type": "AWS::SNS::Topic" } } }),
            "Resize (is removed)",
        ),
    ];
    for (template, named) in table {
        let (world, mut run) = deployed(&plain, &[]);
        run.template = template;
        run.options.yes = true;
        assert_eq!(run.deploy().unwrap().outcome, Outcome::Updated, "{named}");
        let acts = ["create_change_set UPDATE", "execute_change_set"];
        assert_eq!(world.acts(), acts, "{named}");
        assert_eq!(done(&run), [""; 0], "{named}");
        let events = run.person.events.borrow();
        let rest = events.iter().find_map(|event| match event {
            Event::NotSwappable(rest) => Some(rest.clone()),
            _ => None,
        });
        assert!(
            rest.is_some_and(|rest| rest.contains(&named.to_owned())),
            "{named}"
        );
    }
}

#[test]
fn a_deployment_of_more_makes_swapped_functions_what_the_program_says_too() {
    let (world, mut run) = deployed(&function("a.zip", &json!({})), &[]);
    run.template = function("b.zip", &json!({}));
    let _ = run.deploy().unwrap();
    // The template before says a.zip, too, so CloudFormation leaves the function alone.
    let mut with_topic = function("a.zip", &json!({}));
    with_topic["Resources"]["News"] = json!({ "Type": "AWS::SNS::Topic" });
    run.template = with_topic;
    let _ = run.deploy().unwrap();
    assert_eq!(world.calls("execute_change_set"), 1);
    let codes = ["code-000000000000/b.zip", "code-000000000000/a.zip"];
    assert_eq!(done(&run), codes);
    assert_eq!(*run.functions.memory.borrow(), remembered(&[]));
}

#[test]
fn updates_of_others_are_waited_for_and_a_failed_one_is_told() {
    let (_, mut run) = deployed(&function("a.zip", &json!({})), &[]);
    run.template = function("b.zip", &json!({ "Timeout": 5 }));
    run.functions.busy.set(3);
    run.functions.moves.set(4);
    assert_eq!(run.deploy().unwrap().outcome, Outcome::Swapped);
    assert_eq!(done(&run), ["code-000000000000/b.zip", "Some(5) None"]);
    assert!(run.clock.sleeps.get() >= 9, "{}", run.clock.sleeps.get());

    run.template = function("c.zip", &json!({}));
    *run.functions.failure.borrow_mut() = Some("the image is too large".to_owned());
    let problem = run.deploy().unwrap_err();
    assert_eq!(problem.kind, Kind::Failed);
    assert_eq!(
        problem.message,
        "the update of Resize failed: the image is too large"
    );
    assert_eq!(
        *run.functions.memory.borrow(),
        remembered(&["Code", "Timeout"])
    );
}

#[test]
fn a_swap_that_was_interrupted_is_remembered() {
    let (_, mut run) = deployed(&function("a.zip", &json!({})), &[]);
    run.template = function("b.zip", &json!({}));
    run.functions.moves.set(4);
    run.clock.stops_after = 1;
    assert!(run.until_interrupted(Verb::Deploy).is_none());
    assert_eq!(*run.functions.memory.borrow(), remembered(&["Code"]));
    run.clock.stops_after = u32::MAX;
    (run.template, run.swaps) = (function("a.zip", &json!({})), Some(false));
    assert_eq!(run.deploy().unwrap().outcome, Outcome::Updated);
    let codes = ["code-000000000000/b.zip", "code-000000000000/a.zip"];
    assert_eq!(done(&run), codes);
}

#[test]
fn what_no_template_shows_is_left_to_cloudformation() {
    let plain = function("a.zip", &json!({}));
    type Change = fn(&World, &mut Value);
    let table: [(Change, &str); 4] = [
        (
            |world, _| world.stack.borrow_mut().as_mut().unwrap().protected = true,
            "it has termination protection, or is to have it",
        ),
        (
            |world, _| {
                let tag = ("team".to_owned(), "mail".to_owned());
                world.stack.borrow_mut().as_mut().unwrap().tags = [tag].into();
            },
            "tags",
        ),
        (
            |_, template| {
                let output = json!({ "Fn::GetStackOutput": { "StackName": "Other" } });
                template["Resources"]["Resize"]["Properties"]["Role"] = output;
            },
            "values from elsewhere",
        ),
        (
            |_, template| {
                template["Parameters"] = json!({ "Size": { "Type": "String", "Default": "1" } });
            },
            "Parameters",
        ),
    ];
    for (change, named) in table {
        let (world, mut run) = deployed(&plain, &[]);
        run.template = function("b.zip", &json!({}));
        run.options.yes = true;
        change(&world, &mut run.template);
        let _ = run.deploy().unwrap();
        assert_eq!(world.calls("execute_change_set"), 1, "{named}");
        assert_eq!(done(&run), [""; 0], "{named}");
        let events = run.person.events.borrow();
        let names = |event: &Event| matches!(event, Event::NotSwappable(rest) if rest.contains(&named.to_owned()));
        assert!(events.iter().any(names), "{named}");
    }
}

#[test]
fn a_swap_is_asked_about_where_every_change_is() {
    let (_, mut run) = deployed(&function("a.zip", &json!({})), &[]);
    run.template = function("b.zip", &json!({}));
    run.options.approval = Approval::AnyChange;
    assert_eq!(run.deploy().unwrap_err().kind, Kind::Refused);
    assert_eq!(done(&run), [""; 0]);
    assert_eq!(*run.functions.memory.borrow(), remembered(&[]));
    run.options.yes = true;
    assert_eq!(run.deploy().unwrap().outcome, Outcome::Swapped);
}
