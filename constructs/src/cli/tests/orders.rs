//! Programs that only AWS's engine or a rule file finds fault with.

use crate::App;
use cloudwright_synth::{Environment, Parameter, RawResource, ResourceRef, Stack, json};

use super::demo::Demo;

/// The program that a transcript calls by this name.
pub(super) fn program(name: &str) -> Option<Demo> {
    Some(match name {
        "orders" => |app| {
            queues(app);
            Ok(())
        },
        "rejected" => |app| {
            let stack = queues(app);
            let dead = stack.add("Standard", queue());
            let dead_letters = json!({
                "deadLetterTargetArn": dead.attribute::<String>("Arn"),
                "maxReceiveCount": 5,
            });
            let orders = queue()
                .property("FifoQueue", true)
                .property("RedrivePolicy", dead_letters);
            stack.add("Ordered", orders);
            Ok(())
        },
        "forgotten" => |app| {
            let stack = queues(app);
            stack.add("Owner", Parameter::string());
            Ok(())
        },
        "accepting" => |app| {
            let stack = queues(app);
            let spare = stack.add("Spare", queue());
            spare.metadata("guard", json!({ "SuppressedRules": ["queues_have_names"] }));
            Ok(())
        },
        _ => return None,
    })
}

fn queues(app: &App) -> Stack {
    let stack = app.stack("Orders", Environment::region("eu-central-1"));
    stack.add("Incoming", queue().property("QueueName", "incoming"));
    stack
}

fn queue() -> RawResource {
    RawResource::new("AWS::SQS::Queue").property("SqsManagedSseEnabled", true)
}
