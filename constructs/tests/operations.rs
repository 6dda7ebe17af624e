//! Operations: what constructs and programs declare, and what of it the assembly tells.

use cloudwright::prelude::*;
use cloudwright::{Assembly, Diagnostics};

fn home() -> Environment {
    Environment::new("111111111111", "eu-central-1")
}

fn function() -> lambda::Function {
    lambda::Function::new(lambda::Code::s3("releases", "stock.zip"))
}

/// Construct, name, type of the target, whether something is handed over, and whether it changes nothing.
fn told(assembly: &Assembly) -> Vec<(&str, &str, &str, bool, bool)> {
    let operations = assembly.operations().iter();
    let told = operations.map(|one| {
        let (construct, name) = (&*one.construct, &*one.name);
        (
            construct,
            name,
            &*one.kind,
            one.payload.is_some(),
            one.read_only,
        )
    });
    told.collect()
}

#[test]
fn the_systems_that_are_brought_along_say_what_can_be_asked_of_them() {
    let app = App::new();
    let stack = app.stack("Prod", home());
    stack.add("Index", CacheSync::dynamodb());
    stack.add(
        "Files",
        ReplicatedBucket::to(["us-west-2"]).reconcile_on_demand(),
    );
    // Without reconciliation there is nothing to start.
    stack.add("Plain", ReplicatedBucket::to(["us-west-2"]));
    let assembly = app.synth().unwrap();
    let machine = "AWS::StepFunctions::StateMachine";
    assert_eq!(
        told(&assembly),
        [
            ("Prod/Files", "reconcile", machine, false, false),
            ("Prod/Index", "reload", machine, true, false),
        ]
    );
    let reload = &assembly.operations()[1];
    assert_eq!(reload.member, None);
    let payload = reload.payload.as_ref().unwrap();
    assert!(payload["properties"]["from"].is_object(), "{payload}");
}

#[test]
fn a_program_declares_its_own_on_functions_and_queues() {
    let app = App::new();
    let stack = app.stack("Shop", home());
    let stock = stack.add("Stock", function());
    let orders = stack.add("Orders", sqs::Queue::new());
    let ask = Operation::invoke(&stock)
        .read_only()
        .payload(json!({ "type": "object" }));
    stack.add("stock", ask);
    stack.add("order", Operation::send(&orders).summary("takes an order"));
    let assembly = app.synth().unwrap();
    assert_eq!(
        told(&assembly),
        [
            ("Shop", "order", "AWS::SQS::Queue", false, false),
            ("Shop", "stock", "AWS::Lambda::Function", true, true),
        ]
    );
    assert_eq!(assembly.operations()[0].summary, "takes an order");
}

#[test]
fn an_imported_resource_cannot_be_found_in_a_stack() {
    let app = App::new();
    let stack = app.stack("Shop", home());
    let arn = "arn:aws:lambda:eu-central-1:111111111111:function:stock";
    let stock = lambda::Function::import(&stack, "Stock", arn);
    stack.add("stock", Operation::invoke(&stock));
    let findings: Diagnostics = app.synth().err().unwrap();
    let text = findings.to_string();
    assert!(
        text.contains("CW1501") && text.contains("Shop/stock"),
        "{text}"
    );
}
