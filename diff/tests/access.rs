//! What policies and security groups let through that they did not before.

#![allow(clippy::needless_pass_by_value)] // templates are written in place, with `json!`

mod support;

use cloudwright_diff::{Access, Diff, Reason};
use serde_json::{Value, json};
use support::diff;

fn role(statements: Value) -> Value {
    json!({ "Role": { "Type": "AWS::IAM::Role", "Properties": { "Policies": [
        { "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": statements } } ] } } })
}

fn allow(action: Value, resource: Value) -> Value {
    json!([{ "Effect": "Allow", "Action": action, "Resource": resource }])
}

/// Openings and closings in short: `+ Actions s3:PutObject on *`.
fn told(diff: &Diff) -> Vec<String> {
    let mark = |access| if access == Access::Opened { '+' } else { '-' };
    let permission = diff.permissions.iter().map(|one| {
        let who = if one.principals.is_empty() {
            String::new()
        } else {
            format!("{} ", one.principals.join(","))
        };
        let denies = if one.denies { "deny " } else { "" };
        let what = format!("{denies}{}{}", who, one.actions.join(","));
        let on = if one.resources.is_empty() {
            String::new()
        } else {
            format!(" on {}", one.resources.join(","))
        };
        format!("{} {:?} {what}{on}", mark(one.access), one.reason)
    });
    permission.collect()
}

fn roles(old: Value, new: Value) -> Vec<String> {
    told(&diff(role(old), role(new)))
}

#[test]
fn an_added_action_is_an_opening() {
    let found = roles(
        allow(json!("s3:Get"), json!("a")),
        allow(json!(["s3:Get", "s3:Put"]), json!("a")),
    );
    assert_eq!(found, ["+ Actions s3:Put on a"]);
    let found = roles(
        allow(json!(["s3:Get", "s3:Put"]), json!("a")),
        allow(json!("s3:Get"), json!("a")),
    );
    assert_eq!(found, ["- Actions s3:Put on a"]);
}

#[test]
fn a_wildcard_opens_and_covers() {
    let (narrow, wide) = (
        allow(json!("s3:GetObject"), json!("a")),
        allow(json!("s3:*"), json!("a")),
    );
    assert_eq!(roles(narrow.clone(), wide.clone()), ["+ Actions s3:* on a"]);
    assert_eq!(roles(wide, narrow), ["- Actions s3:* on a"]);
}

#[test]
fn a_widened_resource_is_an_opening() {
    let of = |resource: Value| allow(json!("s3:Get"), resource);
    let bucket = json!({ "Fn::GetAtt": ["B", "Arn"] });
    let below = json!({ "Fn::Sub": "${B.Arn}/*" });
    assert_eq!(
        roles(of(below.clone()), of(json!("*"))),
        ["+ Resources s3:Get on *"]
    );
    assert_eq!(
        roles(of(bucket.clone()), of(json!([bucket, below]))),
        ["+ Resources s3:Get on ${B.Arn}/*"]
    );
}

#[test]
fn the_same_permissions_said_otherwise_are_no_change() {
    let one = json!([{ "Effect": "Allow", "Action": ["a:X", "a:Y"], "Resource": ["r", "s"] }]);
    let split = json!([
        { "Sid": "Two", "Effect": "Allow", "Action": "A:y", "Resource": ["s", "r"] },
        { "Sid": "One", "Effect": "Allow", "Action": ["a:X"], "Resource": ["s", "r"] },
    ]);
    assert!(roles(one, split).is_empty());
}

#[test]
fn a_dropped_condition_is_an_opening_and_a_new_one_closes() {
    let with = |condition: Value| json!([{ "Effect": "Allow", "Action": "a:X", "Resource": "r", "Condition": condition }]);
    let both = with(json!({ "StringEquals": { "k": "v" }, "Bool": { "b": true } }));
    let one = with(json!({ "Bool": { "b": "true" } }));
    assert_eq!(roles(both.clone(), one.clone()), ["+ Conditions a:X on r"]);
    assert_eq!(roles(one, both), ["- Conditions a:X on r"]);
    let values = |values: Value| with(json!({ "StringEquals": { "k": values } }));
    assert!(
        roles(values(json!("v")), values(json!("w"))).contains(&"+ Conditions a:X on r".to_owned())
    );
}

#[test]
fn a_denial_that_goes_is_an_opening() {
    let deny = json!([{ "Effect": "Deny", "Action": "s3:*", "Resource": "*" }]);
    assert_eq!(
        roles(deny.clone(), json!([])),
        ["+ Statement deny s3:* on *"]
    );
    assert_eq!(
        roles(json!([]), deny.clone()),
        ["- Statement deny s3:* on *"]
    );
    let narrower = json!([{ "Effect": "Deny", "Action": "s3:Get*", "Resource": "*" }]);
    assert_eq!(roles(deny, narrower), ["+ Actions deny s3:* on *"]);
}

#[test]
fn everything_but_is_compared_as_it_stands() {
    let but = |action: &str| json!([{ "Effect": "Allow", "NotAction": action, "Resource": "*" }]);
    assert!(roles(but("iam:*"), but("iam:*")).is_empty());
    assert_eq!(roles(but("iam:*"), but("s3:*")).len(), 2);
}

#[test]
fn a_statement_that_moves_to_a_policy_of_its_own_is_no_change() {
    let statement = allow(json!("s3:Get"), json!("a"));
    let old = role(statement.clone());
    let new = json!({
        "Role": { "Type": "AWS::IAM::Role", "Properties": { "Policies": [] } },
        "Policy": { "Type": "AWS::IAM::Policy", "Properties": {
            "Roles": [{ "Ref": "Role" }], "PolicyName": "p",
            "PolicyDocument": { "Statement": statement } } },
    });
    let found = diff(old, new);
    assert!(found.permissions.is_empty(), "{found:#?}");
    assert!(!found.is_broadening() && !found.is_empty());
}

#[test]
fn a_trusted_principal_is_an_opening() {
    let trust = |principal: Value| {
        json!({ "Role": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": {
            "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal }] } } } })
    };
    let lambda = json!({ "Service": "lambda.amazonaws.com" });
    let both = json!({ "Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"] });
    assert_eq!(
        told(&diff(trust(lambda.clone()), trust(both))),
        ["+ Principals Service:ec2.amazonaws.com sts:AssumeRole"]
    );
    let found = diff(trust(lambda), trust(json!("*")));
    assert!(found.is_broadening());
    let account = json!({ "AWS": "arn:aws:iam::1:root" });
    assert!(
        told(&diff(trust(json!("*")), trust(account)))
            .iter()
            .all(|line| line.starts_with('-'))
    );
}

#[test]
fn resource_policies_are_read_by_their_target() {
    let policy = |id: &str, principal: Value| {
        json!({ id: { "Type": "AWS::SQS::QueuePolicy", "Properties": {
            "Queues": [{ "Ref": "Inbox" }],
            "PolicyDocument": { "Statement": [{ "Effect": "Allow", "Action": "sqs:SendMessage",
                "Principal": principal, "Resource": { "Fn::GetAtt": ["Inbox", "Arn"] } }] } } } })
    };
    let service = json!({ "Service": "s3.amazonaws.com" });
    let found = diff(policy("P", service.clone()), policy("P", json!("*")));
    assert_eq!(
        told(&found)[0],
        "+ Principals * sqs:SendMessage on ${Inbox.Arn}"
    );
    assert_eq!(found.permissions[0].holder, "Inbox");
    let moved = diff(policy("P", service.clone()), policy("Q", service));
    assert!(moved.permissions.is_empty());
}

#[test]
fn managed_policies_are_openings() {
    let with = |arns: Value| json!({ "Role": { "Type": "AWS::IAM::Role", "Properties": { "ManagedPolicyArns": arns } } });
    let found = diff(
        with(json!([])),
        with(json!(["arn:aws:iam::aws:policy/AdministratorAccess"])),
    );
    assert_eq!(
        told(&found),
        ["+ Statement arn:aws:iam::aws:policy/AdministratorAccess"]
    );
}

#[test]
fn permissions_of_functions_are_openings() {
    let permission = |extra: Value| {
        let mut properties = json!({ "Action": "lambda:InvokeFunction", "FunctionName": { "Ref": "F" }, "Principal": "s3.amazonaws.com" });
        for (name, value) in extra.as_object().unwrap() {
            properties[name] = value.clone();
        }
        json!({ "P": { "Type": "AWS::Lambda::Permission", "Properties": properties } })
    };
    let guarded = json!({ "SourceArn": "arn:aws:s3:::b", "SourceAccount": "1" });
    let found = diff(
        permission(guarded.clone()),
        permission(json!({ "SourceArn": "arn:aws:s3:::b" })),
    );
    assert_eq!(found.permissions[0].reason, Reason::Conditions);
    assert!(found.is_broadening());
    assert!(diff(json!({}), permission(guarded)).is_broadening());
}

#[test]
fn a_statement_behind_a_condition_counts() {
    let maybe = json!([{ "Fn::If": ["IsProd",
        { "Effect": "Allow", "Action": "a:X", "Resource": "r" }, { "Ref": "AWS::NoValue" }] }]);
    assert_eq!(roles(json!([]), maybe), ["+ Statement a:X on r"]);
}

#[test]
fn firewalls_are_no_policies() {
    let rule = json!({ "Acl": { "Type": "AWS::WAFv2::WebACL", "Properties": { "Rules": [
        { "Name": "n", "Statement": { "GeoMatchStatement": { "CountryCodes": ["X"] } } } ] } } });
    assert!(diff(json!({}), rule).permissions.is_empty());
}

fn group(ingress: Value) -> Value {
    json!({ "Web": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "SecurityGroupIngress": ingress } } })
}

fn port(from: i64, to: i64, cidr: &str) -> Value {
    json!({ "IpProtocol": "tcp", "FromPort": from, "ToPort": to, "CidrIp": cidr })
}

fn network(old: Value, new: Value) -> Vec<String> {
    let found = diff(group(old), group(new));
    let told = found.network.iter().map(|one| {
        let mark = if one.access == Access::Opened {
            '+'
        } else {
            '-'
        };
        format!(
            "{mark} {} {:?} {} {} {}",
            one.group, one.direction, one.protocol, one.ports, one.peer
        )
    });
    told.collect()
}

#[test]
fn wider_addresses_and_ports_are_openings() {
    let of = |rule: Value| json!([rule]);
    let base = || of(port(443, 443, "10.0.0.0/16"));
    assert_eq!(
        network(base(), of(port(443, 443, "0.0.0.0/0"))),
        ["+ Web In tcp 443 0.0.0.0/0"]
    );
    assert_eq!(
        network(base(), of(port(443, 444, "10.0.0.0/16"))),
        ["+ Web In tcp 443-444 10.0.0.0/16"]
    );
    assert_eq!(
        network(
            of(port(443, 443, "0.0.0.0/0")),
            of(port(443, 443, "10.1.0.0/16"))
        ),
        ["- Web In tcp 443 0.0.0.0/0"]
    );
    assert_eq!(
        network(
            base(),
            json!([port(443, 443, "10.0.0.0/16"), port(443, 443, "10.0.5.0/24")])
        ),
        [""; 0]
    );
    let all = of(json!({ "IpProtocol": "-1", "CidrIp": "10.0.0.0/8" }));
    assert_eq!(network(base(), all), ["+ Web In all all 10.0.0.0/8"]);
}

#[test]
fn six_and_four_are_told_apart_and_groups_compared_as_they_stand() {
    let of = |member: &str, peer: Value| {
        let mut rule = json!({ "IpProtocol": 6, "FromPort": "22", "ToPort": 22 });
        rule[member] = peer;
        json!([rule])
    };
    let found = network(
        of("CidrIp", json!("0.0.0.0/0")),
        of("CidrIpv6", json!("::/0")),
    );
    assert_eq!(found, ["+ Web In tcp 22 ::/0", "- Web In tcp 22 0.0.0.0/0"]);
    let group = |id: &str| {
        of(
            "SourceSecurityGroupId",
            json!({ "Fn::GetAtt": [id, "GroupId"] }),
        )
    };
    assert_eq!(network(group("A"), group("A")), [""; 0]);
    assert_eq!(network(group("A"), group("B")).len(), 2);
}

#[test]
fn rules_of_their_own_belong_to_their_group() {
    let inline = group(json!([port(80, 80, "1.2.3.4/32")]));
    let mut apart = group(json!([]));
    apart["Rule"] = json!({ "Type": "AWS::EC2::SecurityGroupIngress", "Properties": {
        "GroupId": { "Fn::GetAtt": ["Web", "GroupId"] }, "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "1.2.3.4/32" } });
    assert!(diff(inline, apart).network.is_empty());
}

#[test]
fn a_group_lets_everything_out_unless_it_says_otherwise() {
    let with = |egress: Value| json!({ "Web": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "SecurityGroupEgress": egress } } });
    let silent = json!({ "Web": { "Type": "AWS::EC2::SecurityGroup", "Properties": {} } });
    let some = with(json!([port(443, 443, "0.0.0.0/0")]));
    assert!(!diff(silent.clone(), some.clone()).is_broadening());
    assert!(diff(some, silent).is_broadening());
}

#[test]
fn in_its_own_policy_a_resource_is_named_and_in_that_of_an_identity_everything_is() {
    let key = json!({ "Key": { "Type": "AWS::KMS::Key", "Properties": { "KeyPolicy": { "Statement": [
        { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": { "AWS": "*" } }] } } } });
    let role = json!({ "Reader": { "Type": "AWS::IAM::Policy", "Properties": { "Roles": ["r"], "PolicyDocument": {
        "Statement": [{ "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" }] } } } });
    // A permission set has no principals: whom it is assigned to, no template says.
    let set = json!({ "Set": { "Type": "AWS::SSO::PermissionSet", "Properties": { "InlinePolicy": {
        "Statement": [{ "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" }] } } } });
    for (resources, line) in [
        (key, "AWS:* may kms:Decrypt on Key"),
        (role, "r may kms:Decrypt on *"),
        (set, "Set may kms:Decrypt on *"),
    ] {
        let diff = diff(json!({}), resources);
        assert_eq!(diff.permissions[0].to_line(), line);
    }
}
