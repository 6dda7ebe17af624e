//! A check that fails itself is told with its construct, and takes nothing else down.

use std::panic;

use cloudwright::prelude::*;
use cloudwright::{Found, TemplateResource, View};

use crate::home;

struct Broken;

impl Check for Broken {
    fn name(&self) -> &'static str {
        "Broken"
    }

    fn kinds(&self) -> &[&'static str] {
        &["AWS::SNS::Topic"]
    }

    fn resource(&self, topic: &TemplateResource, _: &View<'_>, _: &mut Found) {
        assert!(topic.id().is_empty(), "got {}", topic.path());
    }
}

#[test]
fn the_others_still_run() {
    // What the check says as it fails is of no interest here.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let app = App::new();
    app.check(Broken);
    let stack = app.stack("Shop", home());
    stack.add("First", cfn::sns::Topic::new());
    stack.add("Second", cfn::sns::Topic::new());
    let assembly = app.synth().expect("a broken check stops nothing");
    panic::set_hook(hook);
    let found: Vec<_> = assembly
        .warnings()
        .iter()
        .map(|one| (one.rule.code, &*one.path))
        .collect();
    assert_eq!(
        found,
        [
            ("CW0016", "Shop/First"),
            ("CW2003", "Shop/First"),
            ("CW0016", "Shop/Second"),
            ("CW2003", "Shop/Second"),
        ]
    );
    let told = assembly.warnings().to_string();
    assert!(
        told.contains("the check Broken failed here: got Shop/First"),
        "{told}"
    );
}
