//! Rights and network rules in words.

use cloudwright_review::Review;
use serde_json::{Value, json};

use crate::program::Program;
use crate::{facts, mail, review};

/// A function with its role, a bucket with a name that only the deployment knows in part, a queue and a topic.
fn system(statements: &Value) -> Program {
    let role = json!({ "AssumeRolePolicyDocument": { "Statement": [] } });
    let policy =
        json!({ "PolicyDocument": { "Statement": statements }, "Roles": [{ "Ref": "Role1" }] });
    let function = json!({ "Role": { "Fn::GetAtt": ["Role1", "Arn"] } });
    mail()
        .resource(
            "Mail/Resize/Resource",
            "Resize1",
            "AWS::Lambda::Function",
            function,
        )
        .resource("Mail/Resize/Role/Resource", "Role1", "AWS::IAM::Role", role)
        .resource(
            "Mail/Resize/Policy/Resource",
            "Policy1",
            "AWS::IAM::Policy",
            policy,
        )
        .resource(
            "Mail/Uploads/Resource",
            "Uploads1",
            "AWS::S3::Bucket",
            json!({ "BucketName": { "Fn::Sub": "uploads-${AWS::AccountId}-an" } }),
        )
        .resource("Mail/Jobs/Resource", "Jobs1", "AWS::SQS::Queue", json!({}))
        .resource(
            "Mail/Table/Resource",
            "Table1",
            "AWS::DynamoDB::Table",
            json!({}),
        )
}

fn said(review: &Review) -> Vec<String> {
    let access = review.stacks.iter().flat_map(|stack| &stack.access);
    access.map(cloudwright_review::Sentence::text).collect()
}

/// What a statement that is added is called.
fn added(statement: &Value) -> Vec<String> {
    said(&review(&system(&json!([statement])), &system(&json!([]))))
}

#[test]
fn a_right_is_said_of_who_acts_and_of_what_it_is_about() {
    let objects = json!({ "Fn::Sub": "arn:${AWS::Partition}:s3:::uploads-${AWS::AccountId}-an/*" });
    let read = json!({ "Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectTagging"], "Resource": objects });
    assert_eq!(
        added(&read),
        ["Mail/Resize may now read every object of Mail/Uploads"]
    );
    let incoming = json!({ "Fn::Join": ["", [{ "Fn::GetAtt": ["Uploads1", "Arn"] }, "/in/*"]] });
    let write = json!({ "Effect": "Allow", "Action": ["s3:PutObject", "s3:DeleteObject"], "Resource": incoming });
    assert_eq!(
        added(&write),
        ["Mail/Resize may now delete and write the objects under in/ of Mail/Uploads"]
    );
    let index = json!({ "Fn::Join": ["", [{ "Fn::GetAtt": ["Table1", "Arn"] }, "/index/*"]] });
    let query = json!({ "Effect": "Allow", "Action": "dynamodb:Query", "Resource": [{ "Fn::GetAtt": ["Table1", "Arn"] }, index] });
    assert_eq!(
        added(&query),
        ["Mail/Resize may now read Mail/Table and every index of Mail/Table"]
    );
    let foreign = json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::elsewhere/*" });
    assert_eq!(
        added(&foreign),
        ["Mail/Resize may now read every object of elsewhere"]
    );
    let other = json!({ "Effect": "Allow", "Action": "glue:GetTable", "Resource": "*" });
    assert_eq!(
        added(&other),
        ["Mail/Resize may now use glue:GetTable on everything"]
    );
}

#[test]
fn what_is_gone_and_what_is_forbidden_is_said_too() {
    let send = json!({ "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": { "Fn::GetAtt": ["Jobs1", "Arn"] } });
    let gone = review(&system(&json!([])), &system(&json!([send])));
    assert_eq!(
        said(&gone),
        ["Mail/Resize may no longer send messages to Mail/Jobs"]
    );
    assert!(!gone.is_broadening());
    let deny = json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*" });
    let forbidden = review(&system(&json!([deny])), &system(&json!([])));
    assert_eq!(
        said(&forbidden),
        ["Mail/Resize is now forbidden to do anything of s3 with everything"]
    );
    let allowed = review(&system(&json!([])), &system(&json!([deny])));
    assert_eq!(
        said(&allowed),
        ["Mail/Resize is no longer forbidden to do anything of s3 with everything"]
    );
    assert!(allowed.is_broadening());
}

#[test]
fn whom_a_resource_lets_in_is_said_and_everybody_stands_out() {
    let with = |principal: Value, condition: Value| {
        let statement = json!({ "Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage",
            "Resource": { "Fn::GetAtt": ["Jobs1", "Arn"] }, "Condition": condition });
        let document = json!({ "PolicyDocument": { "Statement": [statement] }, "Queues": [{ "Ref": "Jobs1" }] });
        let now = system(&json!([])).resource(
            "Mail/Jobs/Policy/Resource",
            "P1",
            "AWS::SQS::QueuePolicy",
            document,
        );
        review(&now, &system(&json!([])))
    };
    let source = json!({ "ArnEquals": { "aws:SourceArn": { "Fn::Sub": "arn:${AWS::Partition}:s3:::uploads-${AWS::AccountId}-an" } } });
    assert_eq!(
        said(&with(json!({ "Service": "s3.amazonaws.com" }), source)),
        [
            "the service s3.amazonaws.com may now send messages to Mail/Jobs, on behalf of Mail/Uploads"
        ]
    );
    let anybody = with(json!("*"), json!({}));
    assert_eq!(
        said(&anybody),
        ["anybody may now send messages to Mail/Jobs"]
    );
    assert!(anybody.stacks[0].access[0].is_wide);
    assert!(
        anybody
            .to_markdown()
            .contains("- **anybody may now send messages to `Mail/Jobs`**")
    );
    let account = with(
        json!({ "AWS": "arn:aws:iam::210987654321:root" }),
        json!({}),
    );
    assert_eq!(
        said(&account),
        ["the account 210987654321 may now send messages to Mail/Jobs"]
    );
    assert!(!account.stacks[0].access[0].is_wide);
}

#[test]
fn a_network_that_opens_is_said() {
    let group = |rules: Value| {
        let properties = json!({ "SecurityGroupIngress": rules, "SecurityGroupEgress": [] });
        mail().resource(
            "Mail/Web/Resource",
            "Web1",
            "AWS::EC2::SecurityGroup",
            properties,
        )
    };
    let ssh = json!([{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0" }]);
    let review = review(&group(ssh), &group(json!([])));
    assert_eq!(
        said(&review),
        ["Mail/Web now lets in tcp at port 22 from anywhere: 0.0.0.0/0"]
    );
    assert!(review.stacks[0].access[0].is_wide && review.is_broadening());
}

#[test]
fn without_a_baseline_it_is_said_who_may_do_what() {
    let send = json!({ "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": { "Fn::GetAtt": ["Jobs1", "Arn"] } });
    let review = Review::new(&system(&json!([send])).source(), None, &facts);
    assert_eq!(
        said(&review),
        ["Mail/Resize may send messages to Mail/Jobs"]
    );
    assert!(!review.is_any_change());
}
