//! HTTP APIs: who may call, and what API Gateway would refuse.

mod support;

use cloudwright::apigatewayv2::{Authorizer, HttpApi, Route};
use cloudwright::lambda::{Code, Function, FunctionRef};
use cloudwright::prelude::*;
use serde_json::json as expected;
use support::{assert_error, findings, template};

const ROUTE: &str = "AWS::ApiGatewayV2::Route";

fn orders(stack: &Stack) -> FunctionRef {
    stack.add("Orders", Function::new(Code::s3("releases", "orders.zip")))
}

#[test]
fn who_may_call_is_said_and_nobody_may_by_default() {
    for (route, kind) in [
        (None, "AWS_IAM"),
        (Some("public"), "NONE"),
        (Some("people"), "JWT"),
    ] {
        let template = template(|stack| {
            let (api, to) = (stack.add("Api", HttpApi::new()), Route::to(&orders(stack)));
            let people = Authorizer::jwt("people", "https://login.shop.example", ["shop"]);
            let to = match route {
                Some("public") => to.public(),
                Some(_) => to.authorized_by(&people),
                None => to,
            };
            api.route("GET /orders/{id}", to);
        });
        assert_eq!(template.properties(ROUTE)["AuthorizationType"], kind);
        // API Gateway may call for this route alone.
        let source = &template.properties("AWS::Lambda::Permission")["SourceArn"];
        assert!(source.to_string().contains("/*/GET/orders/*"), "{source}");
    }
}

#[test]
fn every_request_is_logged_and_no_more_than_so_many_are_let_through() {
    let template = template(|stack| {
        stack.add("Api", HttpApi::new());
    });
    let stage = template.properties("AWS::ApiGatewayV2::Stage");
    let limits = expected!({ "DetailedMetricsEnabled": true, "ThrottlingBurstLimit": 200, "ThrottlingRateLimit": 100 });
    assert_eq!(stage["DefaultRouteSettings"], limits);
    let format = stage["AccessLogSettings"]["Format"].as_str().unwrap();
    let fields: serde_json::Value = serde_json::from_str(format).unwrap();
    assert_eq!(fields["status"], "$context.status");
    assert!(
        template
            .properties("AWS::ApiGatewayV2::Api")
            .get("CorsConfiguration")
            .is_none()
    );
}

#[test]
fn what_api_gateway_would_refuse_is_reported() {
    for key in [
        "get /",
        "GET orders",
        "GET /a{id}",
        "FETCH /",
        "GET /a b",
        "$other",
    ] {
        let found = findings(|stack| {
            stack.add("Api", HttpApi::new()).route(key, &orders(stack));
        });
        assert_error(&found, "CW1651", &["GET /orders/{id}"]);
    }
    let found = findings(|stack| {
        let api = stack.add(
            "Api",
            HttpApi::new().cors(["*"], ["GET"]).cors_credentials(),
        );
        let orders = orders(stack);
        api.route("GET /", &orders).route("GET /", &orders);
        let slow = Route::to(&orders).timeout(minutes(1));
        let bearer = Authorizer::jwt("people", "login.shop.example", ["shop"]);
        api.route("POST /", slow.authorized_by(&bearer));
    });
    assert_error(&found, "CW1651", &["is there already"]);
    assert_error(&found, "CW1103", &["named origins only"]);
    assert_error(&found, "CW1002", &["50 milliseconds to 30 seconds"]);
    assert_error(&found, "CW1106", &["got \"login.shop.example\""]);
}
