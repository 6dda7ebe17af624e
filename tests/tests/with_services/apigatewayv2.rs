//! HTTP APIs.

use cloudwright::apigatewayv2::{Authorizer, HttpApi, Route};
use cloudwright::lambda::{Code, Function};
use cloudwright::logs::LogGroup;
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let orders = stack.add("Orders", Function::new(Code::s3("releases", "orders.zip")));
    let door = stack.add("Door", Function::new(Code::s3("releases", "door.zip")));
    let operators = stack.add("Operators", sns::Topic::new());
    let site = iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com"));
    let site = stack.add("Site", site);
    let logs = stack.add("Logs", LogGroup::new());
    let people = Authorizer::jwt("people", "https://login.shop.example", ["shop"]);
    let partners = Authorizer::function("partners", &door)
        .identity_source("$request.header.X-Token")
        .remembered_for(minutes(5));
    let api = HttpApi::new()
        .api_name("orders")
        .description("what is ordered")
        .authorized_by(&people)
        .cors(["https://shop.example"], ["GET", "POST"])
        .cors_headers(["Authorization"])
        .cors_credentials()
        .cors_max_age(hours(1))
        .throttle(50, 100)
        .log_group(&logs)
        .without_default_endpoint();
    let api = stack.add("Api", api);
    api.route("GET /orders/{id}", &orders)
        .route("POST /orders", Route::to(&orders).scopes(["orders:write"]))
        .route(
            "ANY /partners/{proxy+}",
            Route::to(&orders).authorized_by(&partners),
        )
        .route("OPTIONS /partners/{proxy+}", Route::to(&orders).public())
        .route(
            "DELETE /orders/{id}",
            Route::to(&orders).signed().timeout(seconds(5)),
        )
        .route("$default", Route::to(&orders).public());
    api.grant_invoke(&site);
    api.alarm_on_errors(&operators);
    for (id, metric) in [
        ("Requests", api.metric_requests()),
        ("Refused", api.metric_client_errors()),
        ("Latency", api.metric_latency()),
    ] {
        let above = cloudwatch::Comparison::Above(1000.0);
        stack.add(id, cloudwatch::Alarm::new(metric, above));
    }
    let plain = stack.add("Plain", HttpApi::default());
    plain.route("GET /", &orders);
    let old = HttpApi::import(stack, "Old", "a1b2c3d4e5");
    old.route("GET /more", &orders).grant_invoke(&site);
}
