//! Properties that hold for every program.

mod support;

use std::collections::BTreeSet;

use cloudwright_synth::{
    App, Condition, Fact, Handle, Json, MapOf, Mapping, Output, Parameter, Recorded, ResourceRef,
    Scope, Stack, TagRule, Test, Text, Value, intrinsic, json,
};
use proptest::prelude::*;
use support::{files, findings_of, home, queue};

/// Ids as people choose them, hostile ones included.
fn id() -> impl Strategy<Value = String> {
    let hostile = [
        "Default", "Resource", "a/b", "a-b", "a.b", "ab", " ", "", "Ü", "漢", "${x}", "Ref",
        "\u{0}",
    ];
    prop_oneof![4 => "[A-Z][A-Za-z0-9]{0,8}", 1 => proptest::sample::select(hostile.to_vec()).prop_map(String::from)]
}

/// Any JSON document, less objects that CloudFormation reads as functions.
fn document() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![Just("${AWS::Region}".to_owned()), "[ -~äß漢🦀\t\n]{0,12}"];
    let leaf = prop_oneof![
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(serde_json::Value::from),
        text.prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            proptest::collection::btree_map("[a-zA-Z:.-]{0,6}", inner, 0..6)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Any value at all: functions that do not exist, nulls, NaN, references to anywhere.
#[derive(Clone, Debug)]
enum Odd {
    Null,
    Int(i64),
    Float(f64),
    Text(&'static str),
    List(Vec<Odd>),
    Row(Vec<Odd>),
    Function(&'static str, Box<Odd>),
    Map(Vec<(String, Odd)>),
}

impl Odd {
    fn json(&self) -> Json {
        let all = |items: &[Self]| items.iter().map(Self::json).collect();
        match self {
            Self::Null => Json::Null,
            Self::Int(number) => Json::Int(*number),
            Self::Float(number) => Json::Float(*number),
            Self::Text(text) => Json::Text((*text).into()),
            Self::List(items) => Json::List(all(items)),
            Self::Row(items) => Json::concat(all(items)),
            Self::Function(name, value) => Json::function(*name, value.json()),
            Self::Map(members) => Json::map(
                members
                    .iter()
                    .map(|(key, value)| (key.clone(), value.json())),
            ),
        }
    }
}

const ODD_FUNCTIONS: [&str; 13] = [
    "Ref",
    "Fn::Sub",
    "Fn::GetAtt",
    "Fn::Join",
    "Fn::If",
    "Fn::FindInMap",
    "Fn::Split",
    "Fn::Select",
    "Fn::Nope",
    "Condition",
    "Fn::ForEach::X",
    "Fn::Transform",
    "Fn::ImportValue",
];
const ODD_TEXTS: [&str; 17] = [
    "",
    "A",
    "A.Arn",
    "${A}",
    "${",
    "${}",
    "${!A}",
    "${A.}",
    "}",
    "AWS::Region",
    "AWS::",
    "{{resolve:secretsmanager:x}}",
    "\u{0}",
    "$",
    "${!",
    "${A${B}}",
    "-1",
];

fn odd() -> impl Strategy<Value = Odd> {
    let leaf = prop_oneof![
        Just(Odd::Null),
        any::<i64>().prop_map(Odd::Int),
        any::<f64>().prop_map(Odd::Float),
        proptest::sample::select(&ODD_TEXTS[..]).prop_map(Odd::Text),
    ];
    let name = proptest::sample::select(&ODD_FUNCTIONS[..]);
    leaf.prop_recursive(6, 50, 4, move |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..4);
        let named = (name.clone(), inner.clone());
        prop_oneof![
            list.clone().prop_map(Odd::List),
            list.prop_map(Odd::Row),
            named
                .clone()
                .prop_map(|(name, value)| Odd::Function(name, Box::new(value))),
            named.prop_map(|(name, value)| Odd::Map(vec![(name.to_owned(), value)])),
            proptest::collection::vec(("[a-c]", inner), 0..4).prop_map(Odd::Map),
        ]
    })
}

/// Where a test puts a value.
fn put_everywhere(stack: &Stack, value: &Json) {
    let text: Value<String> = Value::from_json(value.clone());
    let list: Value<Vec<String>> = Value::from_json(value.clone());
    let handle = stack.add("A", queue().property("P", value.clone()));
    handle
        .metadata("m", value.clone())
        .creation_policy(value.clone())
        .update_policy(value.clone());
    stack.add("O", Output::new(text.clone()).export(text.clone()));
    let _: Value<String> = stack.add(
        "P",
        Parameter::string()
            .default(text.clone())
            .allowed([text.clone()]),
    );
    stack.add("C", Condition::new(Test::equals(text.clone(), "x")));
    stack.add("M", Mapping::new().row("r", [("c", value.clone())]));
    stack.add(
        "L",
        intrinsic::ForEach::new("X", list.clone(), "Q${X}", value.clone()),
    );
    stack.output("S", intrinsic::sub("${a}-${b.c}", [("a", text.clone())]));
    stack.output("T", text.clone() + "-" + text.clone().weak());
    let _ = stack.clone().template_metadata("m", value.clone());
    let macro_arguments: Value<MapOf<Json>> = Value::from_json(value.clone());
    stack.output("U", intrinsic::transform::<String>("X", macro_arguments));
    let _ = list;
}

/// A grant as the library records them: merged once, sorted by content.
struct Grant {
    to: Handle,
    action: Text,
}

impl Fact for Grant {
    const ORDER: u16 = 10;

    fn merge(grants: Vec<Recorded<Self>>) {
        let mut actions: Vec<_> = grants
            .into_iter()
            .map(|grant| (grant.fact.to, grant.fact.action))
            .collect();
        actions.sort_by(|(a, x), (b, y)| (a.scope().path(), x).cmp(&(b.scope().path(), y)));
        for (to, action) in actions {
            let mut granted = match to.property("Actions") {
                Some(Json::List(items)) => items,
                _ => Vec::new(),
            };
            granted.push(Json::Text(action));
            to.raw("Actions", Json::List(granted));
        }
    }
}

/// One thing that a program says about its queues.
#[derive(Clone, Debug)]
enum Saying {
    Tag(usize, usize),
    Wait(usize, usize),
    Grant(usize, usize),
    Show(usize),
    Metadata(usize, usize),
    Read(usize, usize),
}

fn saying() -> impl Strategy<Value = Saying> {
    let (queue, other) = (0..5_usize, 0..5_usize);
    prop_oneof![
        (queue.clone(), other.clone()).prop_map(|(q, t)| Saying::Tag(q, t)),
        (queue.clone(), other.clone()).prop_map(|(q, o)| Saying::Wait(q.max(o), q.min(o))),
        (queue.clone(), other.clone()).prop_map(|(q, a)| Saying::Grant(q, a)),
        queue.clone().prop_map(Saying::Show),
        (queue.clone(), other.clone()).prop_map(|(q, m)| Saying::Metadata(q, m)),
        (queue, other).prop_map(|(q, o)| Saying::Read(q.max(o), q.min(o))),
    ]
}

fn say(stack: &Stack, queues: &[Handle], saying: &Saying) {
    match saying {
        Saying::Tag(q, t) => queues[*q]
            .scope()
            .tag_where(TagRule::new(format!("k{t}"), "v")),
        Saying::Wait(q, o) => {
            let _ = queues[*q].depends_on(&queues[*o]);
        }
        Saying::Grant(q, a) => stack.record(Grant {
            to: queues[*q].clone(),
            action: format!("sqs:A{a}").into(),
        }),
        Saying::Show(q) => {
            if stack.find(&format!("O{q}")).is_none() {
                let name: Value<String> = Value::from_json(queues[*q].reference());
                stack.output(format!("O{q}"), name);
            }
        }
        Saying::Metadata(q, m) => {
            let _ = queues[*q].metadata(format!("m{m}"), json!({ "x": 1 }));
        }
        Saying::Read(q, o) if q != o => {
            let _ = queues[*q].raw(format!("Reads{o}"), queues[*o].reference());
        }
        Saying::Read(..) => {}
    }
}

fn program(order: &[usize], sayings: &[Saying]) -> App {
    let app = App::new();
    let stack = app.stack("S", home());
    let mut queues: Vec<(usize, Handle)> = order
        .iter()
        .map(|q| (*q, stack.add(format!("Q{q}"), queue())))
        .collect();
    queues.sort_by_key(|(q, _)| *q);
    let queues: Vec<Handle> = queues.into_iter().map(|(_, handle)| handle).collect();
    sayings
        .iter()
        .for_each(|saying| say(&stack, &queues, saying));
    app
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn inserting_a_resource_keeps_the_bodies_of_all_others(
        names in proptest::collection::btree_set("[A-Z][a-z]{0,4}", 1..8),
        inserted in "[A-Z][a-z]{5,8}",
        place in 0..8_usize,
    ) {
        let build = |extra: Option<&str>| {
            support::template(|stack| {
                for (index, name) in names.iter().enumerate() {
                    if index == place.min(names.len() - 1) && let Some(extra) = extra {
                        stack.add(extra.to_owned(), queue());
                    }
                    let outer = stack.add(name.clone(), queue().property("Name", json!(name.clone())));
                    let scope = outer.scope();
                    if index == place && extra.is_some() {
                        scope.add("Before", queue());
                    }
                    scope.add("Inner", queue().property("Outer", outer.reference()));
                }
            })
        };
        let (before, mut after) = (build(None), build(Some(&inserted)));
        let resources = after["Resources"].as_object_mut().unwrap();
        let kept: Vec<String> = before["Resources"].as_object().unwrap().keys().cloned().collect();
        prop_assert!(resources.len() > kept.len() && resources.contains_key(&inserted));
        resources.retain(|id, _| kept.contains(id));
        prop_assert_eq!(before, after);
    }

    #[test]
    fn the_order_of_a_program_does_not_show(
        sayings in proptest::collection::vec(saying(), 0..20),
        order in Just((0..5).collect::<Vec<usize>>()).prop_shuffle(),
        seed in any::<u64>(),
    ) {
        let mut other = sayings.clone();
        shuffle(&mut other, seed);
        let first = files(&support::assembly_of(program(&[0, 1, 2, 3, 4], &sayings)));
        let second = files(&support::assembly_of(program(&order, &other)));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn what_is_read_back_is_what_was_said(document in document()) {
        let template = support::template(|stack| {
            stack.add("Inbox", queue().property("Document", Json::from(document.clone())));
        });
        // The reader of the tests is what rounds floats: it reads both sides.
        let said: serde_json::Value = serde_json::from_str(&document.to_string()).unwrap();
        prop_assert_eq!(&template["Resources"]["Inbox"]["Properties"]["Document"], &said);
    }

    #[test]
    fn no_value_makes_the_engine_panic(value in odd()) {
        let app = App::new();
        put_everywhere(&app.stack("S", home()), &value.json());
        let _ = findings_of(app);
    }

    #[test]
    fn no_id_makes_the_engine_panic(ids in proptest::collection::vec(id(), 1..8)) {
        let app = App::new();
        let stack = app.stage(ids[0].clone()).stack(ids[ids.len() - 1].clone(), home());
        let mut scope: Scope = (*stack).clone();
        for id in &ids {
            let handle = scope.add(id.clone(), queue());
            handle.override_logical_id(id.clone());
            scope = handle.scope().clone();
            scope.output(id.clone(), Value::<String>::from_json(handle.reference()));
        }
        let _ = scope.nested_stack(ids[0].clone()).add("X", queue());
        let _ = findings_of(app);
    }

    #[test]
    fn ids_are_usable_or_refused(ids in proptest::collection::vec(id(), 1..4)) {
        let app = App::new();
        let mut scope: Scope = (*app.stack("S", home())).clone();
        for id in &ids {
            scope = scope.add(id.clone(), queue()).scope().clone();
        }
        if let Ok(assembly) = app.synth() {
            let resources: Vec<_> = assembly.stacks()[0].template().resources().collect();
            let distinct: BTreeSet<_> = resources.iter().map(|resource| resource.id()).collect();
            prop_assert_eq!(distinct.len(), ids.len());
            for id in distinct {
                prop_assert!((1..=255).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric()));
            }
        }
    }
}

/// A shuffle that the seed alone decides.
fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for last in (1..items.len()).rev() {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        items.swap(last, (seed >> 33) as usize % (last + 1));
    }
}

#[test]
fn runs_and_threads_write_the_same_bytes() {
    let sayings = [
        Saying::Tag(1, 2),
        Saying::Wait(3, 1),
        Saying::Grant(0, 1),
        Saying::Show(4),
        Saying::Read(2, 0),
    ];
    let run = move || files(&support::assembly_of(program(&[0, 1, 2, 3, 4], &sayings)));
    let here = run.clone()();
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(run.clone())).collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), here);
    }
}
