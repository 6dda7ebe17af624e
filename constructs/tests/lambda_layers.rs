//! Layers and images: what a function takes, and what it cannot use.

#[path = "support/mod.rs"]
mod support;

use cloudwright::lambda::{Architecture, Code, Function, Layer, Runtime};
use cloudwright::{App, Environment, Stack};
use serde_json::json;
use support::{assert_error, findings, template};

const FUNCTION: &str = "AWS::Lambda::Function";

fn arn(region: &str) -> String {
    format!("arn:aws:lambda:{region}:123456789012:layer:tools:3")
}

fn function() -> Function {
    Function::new(Code::s3("releases", "resize.zip"))
}

fn with(layer: impl Into<Layer>) -> impl Fn(&Stack) {
    let function = function().layer(layer);
    move |stack| drop(stack.add("F", function.clone()))
}

#[test]
fn a_function_takes_the_layer_of_its_region() {
    let regions = ["us-east-1", "eu-central-1"];
    let layer = Layer::by_region(regions.map(|region| (region, arn(region))));
    let layer = layer
        .architectures([Architecture::Arm64])
        .runtimes([Runtime::ProvidedAl2023]);
    let template = template(with(layer));
    let layers = &template.properties(FUNCTION)["Layers"];
    assert_eq!(*layers, json!([arn("eu-central-1")]));
}

#[test]
fn a_layer_of_another_region_is_found() {
    let elsewhere = ["us-east-1", "us-west-2"].map(|region| (region, arn(region)));
    let found = findings(with(Layer::by_region(elsewhere)));
    assert_error(
        &found,
        "CW1307",
        &["us-east-1, us-west-2", "in eu-central-1"],
    );
    let found = findings(with(arn("us-east-1")));
    assert_error(&found, "CW1307", &["is not in eu-central-1"]);
    // The wrong ARN under the right name.
    let found = findings(with(Layer::by_region([("eu-central-1", arn("us-east-1"))])));
    assert_error(&found, "CW1307", &["is not in eu-central-1"]);
}

#[test]
fn a_layer_by_region_needs_a_region() {
    let app = App::new();
    let stack = app.stack("S", Environment::agnostic());
    with(Layer::by_region([("eu-central-1", arn("eu-central-1"))]))(&stack);
    let found = support::refusal_of(app);
    assert_error(&found, "CW1307", &["the stack has none"]);
}

#[test]
fn a_layer_for_another_processor_or_runtime_is_found() {
    let layer = || Layer::new(arn("eu-central-1"));
    let found = findings(with(layer().architectures([Architecture::X86_64])));
    assert_error(&found, "CW1307", &["works on x86_64", "for arm64"]);
    let found = findings(with(layer().runtimes([Runtime::Python3_13])));
    assert_error(
        &found,
        "CW1307",
        &["works with python3.13", "runs on provided.al2023"],
    );
}

const IMAGE: &str = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/resize:1";

#[test]
fn an_image_has_neither_runtime_nor_handler() {
    let template = template(|stack| drop(stack.add("F", Function::new(Code::image(IMAGE)))));
    let function = template.properties(FUNCTION);
    assert_eq!(function["Code"], json!({ "ImageUri": IMAGE }));
    assert_eq!(function["PackageType"], "Image");
    assert_eq!(function["Architectures"], json!(["arm64"]));
    assert!(function.get("Handler").is_none() && function.get("Runtime").is_none());
}

#[test]
fn what_an_image_says_by_itself_is_not_said_twice() {
    for function in [
        Function::new(Code::image(IMAGE)).handler("resize"),
        Function::new(Code::image(IMAGE)).runtime(Runtime::Python3_13, "app.handler"),
        Function::new(Code::image(IMAGE)).layer(arn("eu-central-1")),
    ] {
        let found = findings(|stack| drop(stack.add("F", function.clone())));
        assert_error(&found, "CW1103", &["the code is an image"]);
    }
}

#[test]
fn an_image_from_elsewhere_is_found() {
    for (address, expected) in [
        (
            "public.ecr.aws/lambda/provided:al2023",
            "a private repository",
        ),
        (
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/resize:1",
            "is in us-east-1",
        ),
    ] {
        let code = Function::new(Code::image(address));
        let found = findings(|stack| drop(stack.add("F", code.clone())));
        assert_error(&found, "CW1301", &[expected]);
    }
}
