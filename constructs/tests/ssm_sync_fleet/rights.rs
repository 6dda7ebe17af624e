//! What the function and the servers may do: every statement, so that one more and one less is noticed.

use cloudwright::prelude::*;
use serde_json::{Value, json as expected};

use crate::support::{Template, template, worker};
use crate::{DOCUMENT, IDENTITY, QUEUE, content, variables, with};

const GROUP: &str = "AWS::Logs::LogGroup";

/// The statements of the only policy whose id begins so.
fn statements<'a>(template: &'a Template, start: &str) -> &'a Value {
    let policy = template.named(IDENTITY, start);
    &policy["Properties"]["PolicyDocument"]["Statement"]
}

fn attribute(id: &str) -> Value {
    expected!({ "Fn::GetAtt": [id, "Arn"] })
}

#[test]
fn the_function_may_run_this_document_on_these_servers_alone() {
    let template = with(content());
    let document = template.id(DOCUMENT, "Content");
    let document =
        format!("arn:${{AWS::Partition}}:ssm:eu-central-1:123456789012:document/${{{document}}}");
    let servers = "arn:${AWS::Partition}:ec2:eu-central-1:123456789012:instance/*";
    let events = template.resources().find_map(|(id, body)| {
        let is_work = body["Properties"]["RedrivePolicy"].is_object();
        (body["Type"] == QUEUE && is_work).then_some(id)
    });
    let ledger = template.id("AWS::DynamoDB::Table", "ContentLedger");
    let group = template.id(GROUP, "ContentFunction");
    let all = expected!([
        { "Effect": "Allow", "Action": "ssm:SendCommand", "Resource": { "Fn::Sub": servers },
          "Condition": { "StringEquals": { "aws:ResourceTag/role": "web" } } },
        { "Effect": "Allow", "Action": "ssm:SendCommand", "Resource": { "Fn::Sub": document } },
        { "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": attribute(ledger) },
        { "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": attribute(group) },
        { "Effect": "Allow", "Resource": attribute(events.unwrap()),
          "Action": ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl",
                     "sqs:ReceiveMessage", "sqs:SendMessage"] },
        { "Effect": "Allow", "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "Resource": "*" },
    ]);
    assert_eq!(*statements(&template, "ContentFunction"), all);
}

#[test]
fn servers_read_this_bucket_and_write_their_output_and_no_more() {
    let template = template(|stack| {
        let output = stack.add("Output", s3::Bucket::new());
        let content = stack.add("Content", content().output_bucket(&output));
        content.grant_servers(&worker(stack));
    });
    let arn = |start: &str, rest: &str| {
        let bucket = &template.named("AWS::S3::Bucket", start)["Properties"]["BucketName"];
        let name = bucket.as_str().unwrap();
        expected!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:s3:::{name}{rest}") })
    };
    let group = template.id(GROUP, "ContentLogs");
    let groups = "arn:${AWS::Partition}:logs:eu-central-1:123456789012:log-group:*";
    let streams = groups.replace('*', &format!("${{{group}}}"));
    let mut all = statements(&template, "Worker").as_array().unwrap().clone();
    all.sort_by_key(|one| one["Action"].to_string());
    let expected = [
        expected!({ "Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": { "Fn::Sub": groups } }),
        expected!({ "Effect": "Allow", "Action": "logs:DescribeLogStreams", "Resource": { "Fn::Sub": streams } }),
        expected!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": arn("ContentBucket", "/*") }),
        expected!({ "Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn("ContentBucket", "") }),
        expected!({ "Effect": "Allow", "Action": "s3:PutObject", "Resource": arn("Output", "/*") }),
        expected!({ "Effect": "Allow", "Resource": attribute(group),
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"] }),
    ];
    assert_eq!(all, expected);
    assert_eq!(
        variables(&template)["COMMAND_1_OUTPUT_LOG_GROUP"]["Ref"],
        group
    );
}
