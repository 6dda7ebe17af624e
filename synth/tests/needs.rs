//! Needs: what the assembly tells of what has to be in a resource once it is filled.

mod support;

use cloudwright_synth::{App, ResourceRef};
use serde_json::{Value as Plain, json as plain};
use support::{assembly_of, assert_error, files, findings_of, home, queue};

#[test]
fn the_assembly_tells_each_need_once_and_in_order() {
    let app = App::new();
    let stack = app.stage("Prod").stack("S", home());
    let inbox = stack.add("Inbox", queue());
    let shop = stack.place("Shop");
    for key in ["user", "token", "user"] {
        shop.declare_need(inbox.handle(), key);
    }
    let assembly = assembly_of(app);
    assert_eq!(assembly.needs().len(), 2);
    let facts: Plain = serde_json::from_slice(&files(&assembly)["facts.json"]).unwrap();
    let target = plain!({ "stack": "Prod-S", "logicalIds": [assembly.needs()[0].ids[0]],
        "type": "AWS::SQS::Queue" });
    let need = |key: &str| plain!({ "consumer": "Prod/S/Shop", "key": key, "target": target });
    assert_eq!(facts["needs"], plain!([need("token"), need("user")]));
}

#[test]
fn what_another_app_has_cannot_be_needed() {
    let (app, other) = (App::new(), App::new());
    let theirs = other.stack("S", home()).add("Inbox", queue());
    let stack = app.stack("S", home());
    let _ = stack.add("Own", queue());
    stack.declare_need(theirs.handle(), "token");
    assert_error(&findings_of(app), "CW0101", &["another app"]);
}
