//! References to resources whose names are known.

use cloudwright_synth::{App, Environment, IntoValue, RawResource, Value};

/// A queue in Paris, and its ARN made of its known name.
fn paris(app: &App) -> (cloudwright_synth::Stack, Value<String>) {
    let paris = app.stack("Paris", Environment::new("111111111111", "eu-west-3"));
    let queue = paris.add(
        "Jobs",
        RawResource::new("AWS::SQS::Queue").property("QueueName", "jobs"),
    );
    let arn = queue.known(&queue.attribute("Arn"), &paris.arn("sqs", "jobs"));
    (paris, arn)
}

fn holder(arn: &Value<String>) -> RawResource {
    RawResource::new("X::Y::Z").property("Arn", IntoValue::<String>::into_value(arn))
}

#[test]
fn at_home_it_is_a_reference_and_elsewhere_the_name() {
    let app = App::new();
    let (paris, arn) = paris(&app);
    paris.add("Near", holder(&arn));
    let ohio = app.stack("Ohio", Environment::new("222222222222", "us-east-2"));
    ohio.add("Far", holder(&arn));
    let assembly = app.synth().unwrap();
    let text = |stack: &str| assembly.stack(stack).unwrap().template().to_json();
    assert!(text("Paris").contains("Fn::GetAtt"));
    assert!(text("Ohio").contains("arn:${AWS::Partition}:sqs:eu-west-3:111111111111:jobs"));
    assert!(
        !text("Paris").contains("Outputs"),
        "a known name needs no output"
    );
    assert_eq!(assembly.stack("Ohio").unwrap().dependencies(), ["Paris"]);
}
