//! The list of resources that hold data, and what is told of every difference.

mod support;

use cloudwright_synth::{App, Diagnostics, Handle, Props, Resource};
use support::{assert_error, findings_of, home, queue};

/// A type of which the facts say that it holds data.
struct Store(Props);

crate::support::builder!(Store);

impl Resource for Store {
    const TYPE: &'static str = "AWS::Test::Store";
    const SPEC: &'static str = "resource AWS::Test::Store\n  id Name\n  stateful\n  Name string\n";
    type Ref = Handle;
}

/// The findings of an app with these stores in a stack `S`, which keeps this list.
fn findings(list: &'static str, stores: &[&'static str]) -> Diagnostics {
    let app = App::new();
    app.stateful_ids(list);
    let stack = app.stack("S", home());
    stack.add("Jobs", queue());
    for store in stores {
        stack.add(*store, Store(Props::new()));
    }
    findings_of(app)
}

#[test]
fn a_list_that_holds_says_nothing() {
    let list = "# what holds data\n\nS One AWS::Test::Store\n  S Two AWS::Test::Store\n";
    assert!(findings(list, &["Two", "One"]).is_empty());
    assert!(findings("", &[]).is_empty());
}

#[test]
fn an_app_writes_the_list_that_it_takes() {
    let app = App::new();
    let stack = app.stage("Prod").stack("S", home());
    stack.add("One", Store(Props::new()));
    stack.add("Jobs", queue());
    let assembly = app.synth().unwrap();
    assert_eq!(assembly.stateful_ids(), ["Prod/S One AWS::Test::Store"]);
}

#[test]
fn a_new_store_is_to_be_written_down() {
    let found = findings("S One AWS::Test::Store", &["One", "Two"]);
    assert_eq!(found.len(), 1);
    assert_error(
        &found,
        "CW0014",
        &["Two holds data", "add the line `S Two AWS::Test::Store`"],
    );
}

#[test]
fn a_renamed_store_is_told_before_its_data_is_lost() {
    let found = findings("S One AWS::Test::Store", &["Other"]);
    assert_eq!(found.len(), 1);
    assert_error(
        &found,
        "CW0013",
        &[
            "One of S holds data and is called Other now",
            "rename_logical_id(\"Other\", \"One\")",
            "put `S Other AWS::Test::Store` in place of `S One AWS::Test::Store`",
            "stateful.rs:",
        ],
    );
}

#[test]
fn a_store_that_is_gone_is_told() {
    let found = findings("S One AWS::Test::Store", &[]);
    assert_error(
        &found,
        "CW0013",
        &[
            "One of S (AWS::Test::Store) holds data, and is in no template",
            "take `S One AWS::Test::Store` out",
        ],
    );
}

#[test]
fn keeping_the_id_mends_a_move() {
    let app = App::new();
    app.stateful_ids("S One AWS::Test::Store");
    let stack = app.stack("S", home()).rename_logical_id("Other", "One");
    stack.add("Other", Store(Props::new()));
    assert!(findings_of(app).is_empty());
}

#[test]
fn a_line_that_is_none_is_refused() {
    let found = findings("S  One AWS::Test::Store", &[]);
    assert_error(
        &found,
        "CW0014",
        &["`STACK LOGICAL_ID TYPE`, got `S  One AWS::Test::Store`"],
    );
}
