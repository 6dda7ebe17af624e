//! HTTP APIs: who may call, and what API Gateway would refuse.

mod support;

use cloudwright::apigatewayv2::{Authorizer, HttpApi, Route};
use cloudwright::lambda::{Code, Function, FunctionRef};
use cloudwright::prelude::*;
use serde_json::json as expected;
use support::{assert_error, assert_warning, findings, template};

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

/// The headers that the pages of an API may send, which has one route.
fn page_headers(api: HttpApi, route: impl Fn(Route) -> Route) -> serde_json::Value {
    let template = template(|stack| {
        let to = route(Route::to(&orders(stack)));
        stack.add("Api", api).route("GET /orders", to);
    });
    template.properties("AWS::ApiGatewayV2::Api")["CorsConfiguration"]["AllowHeaders"].clone()
}

#[test]
fn pages_may_send_the_headers_that_let_them_in() {
    let shop = || HttpApi::new().cors(["https://shop.example"], ["GET"]);
    let people = Authorizer::jwt("people", "https://login.shop.example", ["shop"]);
    let bearer = |route: Route| route.authorized_by(&people);
    assert_eq!(page_headers(shop(), bearer), expected!(["Authorization"]));
    let usual = shop().authorized_by(&people);
    assert_eq!(
        page_headers(usual, |route| route),
        expected!(["Authorization"])
    );
    // What is said stays, and is not said twice in other letters.
    let said = shop().cors_headers(["content-type", "authorization"]);
    let both = expected!(["authorization", "content-type"]);
    assert_eq!(page_headers(said, bearer), both);
    let signed = expected!([
        "Authorization",
        "X-Amz-Content-Sha256",
        "X-Amz-Date",
        "X-Amz-Security-Token"
    ]);
    assert_eq!(page_headers(shop(), Route::signed), signed);
    assert_eq!(page_headers(shop(), Route::public), expected!(null));
    let other = people.clone().identity_source("$request.querystring.token");
    let asked = |route: Route| route.authorized_by(&other);
    assert_eq!(page_headers(shop(), asked), expected!(null));
    assert_eq!(page_headers(HttpApi::new(), bearer), expected!(null));
}

#[test]
fn a_page_that_cannot_ask_whether_it_may_call_is_told_of() {
    let guarded = |key: &'static str, open: Option<&'static str>| {
        findings(|stack| {
            let api = HttpApi::new().cors(["https://shop.example"], ["GET"]);
            let (api, orders) = (stack.add("Api", api), orders(stack));
            api.route(key, &orders);
            if let Some(open) = open {
                api.route(open, Route::to(&orders).public());
            }
        })
    };
    for key in ["$default", "ANY /{proxy+}", "ANY /orders"] {
        assert_warning(&guarded(key, None), "CW1103", &[key, "OPTIONS"]);
    }
    for (key, open) in [
        ("GET /orders", None),
        ("$default", Some("OPTIONS /{any+}")),
        ("ANY /{proxy+}", Some("OPTIONS /{proxy+}")),
        ("ANY /orders", Some("OPTIONS /orders")),
    ] {
        assert!(guarded(key, open).is_empty(), "{key}");
    }
    assert_warning(
        &guarded("ANY /orders", Some("OPTIONS /{proxy+}")),
        "CW1103",
        &["`OPTIONS /orders`"],
    );
}

#[test]
fn two_authorizers_of_one_name_are_reported() {
    let both = |one: Authorizer, other: Authorizer| {
        findings(|stack| {
            let (api, orders) = (stack.add("Api", HttpApi::new()), orders(stack));
            api.route("GET /", Route::to(&orders).authorized_by(&one));
            api.route("POST /", Route::to(&orders).authorized_by(&other));
        })
    };
    let shop = Authorizer::jwt("people", "https://login.shop.example", ["shop"]);
    assert!(both(shop.clone(), shop.clone()).is_empty());
    let admins = Authorizer::jwt("people", "https://login.shop.example", ["admins"]);
    let parts = ["\"people\"", "another"];
    assert_error(&both(shop.clone(), admins), "CW1103", &parts);
    let elsewhere = shop.clone().identity_source("$request.header.X-Token");
    assert_error(&both(shop.clone(), elsewhere), "CW1103", &parts);
    let jwt = |audiences: &'static [&'static str]| {
        Authorizer::jwt("people", "https://login.shop.example", audiences.to_vec())
    };
    for (one, other) in [
        (jwt(&["a", "b"]), jwt(&["b", "a"])),
        (jwt(&["a", "b"]), jwt(&["a", "b", "a"])),
        // How long an answer is remembered means nothing for tokens.
        (shop.clone(), shop.remembered_for(minutes(5))),
    ] {
        assert!(both(one, other).is_empty());
    }
    assert_error(&both(jwt(&["a"]), jwt(&["a", "b"])), "CW1103", &parts);
    let asked = |one: Option<u64>, other: Option<u64>| {
        findings(|stack| {
            let (api, orders) = (stack.add("Api", HttpApi::new()), orders(stack));
            for (key, remembered) in [("GET /", one), ("POST /", other)] {
                let judge = Authorizer::function("judge", &orders);
                let judge = match remembered {
                    Some(count) => judge.remembered_for(minutes(count)),
                    None => judge,
                };
                api.route(key, Route::to(&orders).authorized_by(&judge));
            }
        })
    };
    assert!(asked(None, Some(0)).is_empty());
    assert_error(&asked(None, Some(5)), "CW1103", &["\"judge\""]);
}

#[test]
fn what_is_said_for_pages_of_no_origin_is_reported() {
    for api in [
        HttpApi::new().cors_headers(["X-Token"]),
        HttpApi::new().cors_max_age(hours(1)),
        HttpApi::new().cors(Vec::<&str>::new(), ["GET"]),
    ] {
        let found = findings(|stack| {
            stack.add("Api", api);
        });
        assert_warning(&found, "CW1103", &["no origin"]);
    }
    let found = findings(|stack| {
        let idle = HttpApi::new().cors(["https://shop.example"], Vec::<&str>::new());
        stack.add("Api", idle);
    });
    assert_warning(&found, "CW1103", &["no method"]);
}

#[test]
fn a_stage_without_pages_has_no_cors_and_origins_alone_are_written() {
    let properties = |origins: Vec<&'static str>, methods: Vec<&'static str>| {
        let template = template(|stack| {
            let api = HttpApi::new().cors(origins, methods);
            stack.add("Api", api.cors_headers(["content-type"]));
        });
        template.properties("AWS::ApiGatewayV2::Api")["CorsConfiguration"].clone()
    };
    assert_eq!(properties(vec![], vec!["GET", "POST"]), expected!(null));
    let open = expected!({
        "AllowHeaders": ["content-type"],
        "AllowOrigins": ["https://shop.example"]
    });
    assert_eq!(properties(vec!["https://shop.example"], vec![]), open);
}
