//! Which messages a subscriber gets.

use super::*;

/// The subscription of a filter that is right.
fn filtered(policy: FilterPolicy) -> serde_json::Value {
    let template = template(|stack| {
        let orders = stack.add("Orders", Topic::new());
        orders.subscribe(Subscription::email("ops@example.com").filter(policy));
    });
    template.properties(SUBSCRIPTION).clone()
}

#[track_caller]
fn refused(policy: FilterPolicy, parts: &[&str]) {
    let found = findings(|stack| {
        let orders = stack.add("Orders", Topic::new());
        orders.subscribe(Subscription::email("ops@example.com").filter(policy));
    });
    assert_error(&found, "CW1108", parts);
}

#[test]
fn every_condition_is_written_as_sns_reads_it() {
    let cases = [
        (Match::any(["a", "b"]), expected!(["a", "b"])),
        (Match::any([1, 2]), expected!([1, 2])),
        (Match::any([true]), expected!([true])),
        (
            Match::any_but(["a"]),
            expected!([{ "anything-but": ["a"] }]),
        ),
        (Match::prefix("in/"), expected!([{ "prefix": "in/" }])),
        (Match::suffix(".jpg"), expected!([{ "suffix": ".jpg" }])),
        (
            Match::ignoring_case("eu"),
            expected!([{ "equals-ignore-case": "eu" }]),
        ),
        (
            Match::at_least(0.5),
            expected!([{ "numeric": [">=", 0.5] }]),
        ),
        (Match::at_most(-3.0), expected!([{ "numeric": ["<=", -3] }])),
        (
            Match::between(1.0, 1.0),
            expected!([{ "numeric": [">=", 1, "<=", 1] }]),
        ),
        (
            Match::network("10.0.0.0/24"),
            expected!([{ "cidr": "10.0.0.0/24" }]),
        ),
        (Match::present(), expected!([{ "exists": true }])),
        (
            Match::any(["a"]).or(Match::absent()),
            expected!(["a", { "exists": false }]),
        ),
    ];
    for (condition, written) in cases {
        let properties = filtered(FilterPolicy::attributes().key("kind", condition));
        assert_eq!(properties["FilterPolicy"], expected!({ "kind": written }));
        assert_eq!(properties["FilterPolicyScope"], "MessageAttributes");
    }
}

#[test]
fn paths_lead_into_the_body() {
    let policy = FilterPolicy::body()
        .at(["Records", "s3", "object", "size"], Match::at_least(1e6))
        .at(
            ["Records", "s3", "bucket", "name"],
            Match::prefix("uploads"),
        )
        .at(["Records", "eventName"], Match::prefix("ObjectCreated"))
        .key("kind", Match::present());
    let properties = filtered(policy);
    assert_eq!(properties["FilterPolicyScope"], "MessageBody");
    let expected = expected!({
        "Records": {
            "eventName": [{ "prefix": "ObjectCreated" }],
            "s3": {
                "bucket": { "name": [{ "prefix": "uploads" }] },
                "object": { "size": [{ "numeric": [">=", 1_000_000] }] },
            },
        },
        "kind": [{ "exists": true }],
    });
    assert_eq!(properties["FilterPolicy"], expected);
}

#[test]
fn a_policy_has_one_to_five_keys_of_which_paths_count_their_first() {
    let wide = |count: u8| {
        let keys = (0..count).map(|index| format!("key{index}"));
        keys.fold(FilterPolicy::attributes(), |policy, key| {
            policy.key(key, Match::present())
        })
    };
    for count in [0, 6] {
        let got = format!("a filter policy has 1 to 5 keys, got {count}");
        refused(wide(count), &[&got, "filter by fewer keys"]);
    }
    filtered(wide(5));
    let below_one = (0..6).fold(FilterPolicy::body(), |policy, index| {
        policy.at(
            ["detail".to_owned(), format!("key{index}")],
            Match::any(["a"]),
        )
    });
    filtered(below_one);
}

#[test]
fn combinations_are_counted_and_depth_multiplies_them() {
    let values = |count: i64| Match::any(0..count);
    let flat = |a, b| {
        FilterPolicy::attributes()
            .key("a", values(a))
            .key("b", values(b))
    };
    filtered(flat(10, 15));
    let parts = [
        "at most 150 combinations of conditions, got 160",
        "subscribe twice",
    ];
    refused(flat(10, 16), &parts);
    let deep = |count| {
        FilterPolicy::body()
            .at(["a", "b", "c"], values(count))
            .key("d", values(10))
    };
    filtered(deep(5));
    refused(
        deep(6),
        &["at most 150 combinations of conditions, got 180"],
    );
}

#[test]
fn keys_have_names_and_are_said_once() {
    let body = FilterPolicy::body;
    refused(
        body().key("", Match::present()),
        &["a key has a name, got \"\"", "name the attribute"],
    );
    let nothing: [&str; 0] = [];
    refused(body().at(nothing, Match::present()), &["a key has a name"]);
    refused(
        body().at(["a", ""], Match::present()),
        &["a key has a name, got \"a.\""],
    );
    let path = FilterPolicy::attributes().at(["a", "b"], Match::present());
    refused(
        path,
        &[
            "attributes have no members, got the path \"a.b\"",
            "`FilterPolicy::body()`",
        ],
    );
    let join = "join the conditions";
    for (one, other) in [
        (["a", "b"].as_slice(), ["a", "b"].as_slice()),
        (&["a"], &["a", "b"]),
    ] {
        for (first, second) in [(one, other), (other, one)] {
            let policy = body()
                .at(first.to_vec(), Match::present())
                .at(second.to_vec(), Match::absent());
            let twice = format!("the key \"{}\" is filtered by twice", second.join("."));
            refused(policy, &[&twice, join]);
        }
    }
}

#[test]
fn conditions_say_something_that_can_be_met() {
    let nothing: [&str; 0] = [];
    let cases = [
        (Match::any(nothing), "has no condition"),
        (Match::any_but(nothing), "excludes no value"),
        (
            Match::any_but(nothing).or(Match::present()),
            "excludes no value",
        ),
        (
            Match::present().or(Match::between(2.0, 1.0)),
            "is between 2 and 1, which no number is",
        ),
    ];
    for (condition, message) in cases {
        let message = format!("the key \"total\" {message}");
        let policy = FilterPolicy::body().key("total", condition);
        refused(policy, &[&message, "some message can meet"]);
    }
}

#[test]
fn numbers_have_a_range() {
    let policy = |condition| FilterPolicy::body().key("total", condition);
    filtered(policy(Match::between(-1e9, 1e9)));
    for (condition, got) in [
        (Match::at_least(f64::NAN), "got NaN"),
        (Match::at_most(f64::INFINITY), "got inf"),
        (Match::at_most(1e9 + 1.0), "got 1000000001"),
        (Match::any_but([-1_000_000_001]), "got -1000000001"),
    ] {
        let parts = [
            "SNS compares numbers from -1e9 to 1e9",
            got,
            "by a number in other units",
        ];
        refused(policy(condition), &parts);
    }
}
