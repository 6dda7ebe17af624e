//! Properties that hold for every pair of templates.

mod support;

use cloudwright_diff::{Action, Diff, Style};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use support::whole;

fn value() -> impl Strategy<Value = Value> {
    let texts: &'static [&'static str] = &[
        "a",
        "b",
        "*",
        "s3:Get*",
        "${A.Arn}",
        "${",
        "0.0.0.0/0",
        "x/99",
        "-1",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..100_i64).prop_map(Value::from),
        proptest::sample::select(texts).prop_map(Value::from),
    ];
    let names: &'static [&'static str] = &[
        "Ref",
        "Fn::GetAtt",
        "Fn::Sub",
        "Fn::If",
        "Statement",
        "Effect",
        "Action",
        "Resource",
        "Principal",
        "Condition",
        "Tags",
        "Key",
        "Id",
        "SecurityGroupIngress",
        "CidrIp",
        "FromPort",
        "ManagedPolicyArns",
        "AssumeRolePolicyDocument",
        "PolicyDocument",
        "QueueName",
        "X",
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let name = proptest::sample::select(names).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn resource() -> impl Strategy<Value = Value> {
    let kinds: &'static [&'static str] = &[
        "AWS::SQS::Queue",
        "AWS::S3::Bucket",
        "AWS::IAM::Role",
        "AWS::IAM::Policy",
        "AWS::Lambda::Permission",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::SNS::Subscription",
        "AWS::RDS::DBInstance",
        "Custom::X",
    ];
    let policy = proptest::option::of(proptest::sample::select(&["Retain", "Delete"][..]));
    let properties =
        proptest::collection::btree_map("(QueueName|TopicArn|Policies|Tags|X)", value(), 0..3);
    (proptest::sample::select(kinds), properties, policy).prop_map(|(kind, properties, policy)| {
        let mut body = json!({ "Type": kind, "Properties": properties });
        if let Some(policy) = policy {
            body["DeletionPolicy"] = json!(policy);
        }
        body
    })
}

fn template() -> impl Strategy<Value = Value> {
    let resources = proptest::collection::btree_map("[A-D]", resource(), 0..4);
    let outputs = proptest::collection::btree_map("[A-D]", value(), 0..3);
    (resources, outputs)
        .prop_map(|(resources, outputs)| json!({ "Resources": resources, "Outputs": outputs }))
}

/// The template with the lists that are sets in another order.
fn permuted(value: &Value, name: &str) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(|item| permuted(item, "")).collect();
            if [
                "Statement",
                "Action",
                "Resource",
                "SecurityGroupIngress",
                "ManagedPolicyArns",
            ]
            .contains(&name)
            {
                items.reverse();
            }
            Value::Array(items)
        }
        Value::Object(members) => {
            let members = members.iter().rev();
            let members: Map<String, Value> = members
                .map(|(name, inner)| (name.clone(), permuted(inner, name)))
                .collect();
            Value::Object(members)
        }
        other => other.clone(),
    }
}

/// The ids that are added and removed; a rename is one of each.
fn comings_and_goings(diff: &Diff) -> (Vec<String>, Vec<String>) {
    let of = |action: Action| {
        let matching = diff
            .resources
            .iter()
            .filter(move |change| change.action == action);
        matching.map(|change| change.id.clone())
    };
    let old_ids = diff
        .resources
        .iter()
        .filter_map(|change| change.old_id.clone());
    let mut added: Vec<_> = of(Action::Add).chain(of(Action::Rename)).collect();
    let mut removed: Vec<_> = of(Action::Remove).chain(old_ids).collect();
    added.sort();
    removed.sort();
    (added, removed)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_template_does_not_differ_from_itself(template in template()) {
        let same = whole(&template, &template);
        prop_assert!(same.is_empty() && !same.is_broadening() && !same.is_destructive(), "{same:#?}");
        prop_assert!(same.permissions.is_empty() && same.network.is_empty());
    }

    #[test]
    fn the_order_of_sets_does_not_show(old in template(), new in template()) {
        let plain = whole(&old, &new);
        let other = whole(&permuted(&old, ""), &permuted(&new, ""));
        prop_assert_eq!(plain, other);
        prop_assert!(whole(&old, &permuted(&old, "")).is_empty());
    }

    #[test]
    fn what_one_way_adds_the_other_way_removes(old in template(), new in template()) {
        let (there, back) = (whole(&old, &new), whole(&new, &old));
        prop_assert_eq!(there.is_empty(), back.is_empty());
        let (added, removed) = comings_and_goings(&there);
        prop_assert_eq!((removed, added), comings_and_goings(&back));
    }

    #[test]
    fn every_template_can_be_shown(old in value(), new in template()) {
        let diff = whole(&old, &new);
        prop_assert_eq!(diff.to_text(Style::Plain).is_empty(), diff.is_empty());
        prop_assert!(diff.to_json().is_object());
        let _ = whole(&new, &old).to_text(Style::Colored);
    }
}
