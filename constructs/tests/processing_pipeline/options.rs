//! Every option that a stage has: what it leaves in the template.

use cloudwright::lambda::{Architecture, Code, Function, Layer, Runtime};
use cloudwright::patterns::{HandOver, Place, Stage};
use cloudwright::prelude::*;
use cloudwright::s3::Event;
use serde_json::{Value, json as expected};

use crate::support::{Template, template};
use crate::{BUCKET, FUNCTION, PERMISSION, function, pipeline, secret, stage, submission};

/// What makes a pipeline, and the places of its template that hold the option, each with what stands there.
type Case = (
    &'static str,
    fn(&Stack) -> ProcessingPipeline,
    &'static [(&'static str, &'static str, &'static str, fn() -> Value)],
);

fn row(stage: Stage) -> ProcessingPipeline {
    ProcessingPipeline::new().stage("Convert", stage.writes("Staging"))
}

fn of(function: Function) -> ProcessingPipeline {
    row(Stage::function(function))
}

/// A folder of this repository with a program in Python.
fn package(name: &str) -> String {
    format!(
        "{}/../examples/wibl-pipeline/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}

const CONVERT: &str = "FilesConvert";

/// Each option, by its name in the issue of a user who asks for it.
const CASES: &[Case] = &[
    (
        "a suffix",
        |_| row(stage().suffix(".wibl")),
        &[(
            BUCKET,
            "FilesIncoming",
            "/NotificationConfiguration/LambdaConfigurations/0/Filter/S3Key/Rules/0/Value",
            || expected!(".wibl"),
        )],
    ),
    (
        "the events of uploads alone",
        |_| {
            row(stage().events([
                Event::ObjectCreatedPut,
                Event::ObjectCreatedCompleteMultipartUpload,
            ]))
        },
        &[
            (
                BUCKET,
                "FilesIncoming",
                "/NotificationConfiguration/LambdaConfigurations/0/Event",
                || expected!("s3:ObjectCreated:CompleteMultipartUpload"),
            ),
            (
                BUCKET,
                "FilesIncoming",
                "/NotificationConfiguration/LambdaConfigurations/1/Event",
                || expected!("s3:ObjectCreated:Put"),
            ),
        ],
    ),
    (
        "retries of a stage",
        |_| of(function().retry_attempts(1).maximum_event_age(hours(1))),
        &[
            (
                "AWS::Lambda::EventInvokeConfig",
                CONVERT,
                "/MaximumRetryAttempts",
                || expected!(1),
            ),
            (
                "AWS::Lambda::EventInvokeConfig",
                CONVERT,
                "/MaximumEventAgeInSeconds",
                || expected!(3600),
            ),
        ],
    ),
    (
        "retries of a stage with a queue",
        |_| row(stage().hand_over(HandOver::Queue)),
        &[(
            "AWS::SQS::Queue",
            "FilesConvertQueue",
            "/RedrivePolicy/maxReceiveCount",
            || expected!(5),
        )],
    ),
    (
        "concurrency",
        |_| of(function().reserved_concurrency(7)),
        &[(FUNCTION, CONVERT, "/ReservedConcurrentExecutions", || {
            expected!(7)
        })],
    ),
    (
        "concurrency of a queue",
        |_| row(stage().hand_over(HandOver::Queue).maximum_concurrency(9)),
        &[(
            "AWS::Lambda::EventSourceMapping",
            CONVERT,
            "/ScalingConfig/MaximumConcurrency",
            || expected!(9),
        )],
    ),
    (
        "timeout and memory",
        |_| of(function().timeout(seconds(90)).memory(MiB(2048))),
        &[
            (FUNCTION, CONVERT, "/Timeout", || expected!(90)),
            (FUNCTION, CONVERT, "/MemorySize", || expected!(2048)),
        ],
    ),
    (
        "ephemeral storage",
        |_| of(function().ephemeral_storage(MiB(4096))),
        &[(FUNCTION, CONVERT, "/EphemeralStorage/Size", || {
            expected!(4096)
        })],
    ),
    (
        "a layer of each region",
        |_| {
            let arn = |region| {
                (
                    region,
                    format!("arn:aws:lambda:{region}:336392948345:layer:pandas:1"),
                )
            };
            of(function().layer(Layer::by_region([arn("eu-central-1"), arn("us-east-1")])))
        },
        &[(FUNCTION, CONVERT, "/Layers", || {
            expected!(["arn:aws:lambda:eu-central-1:336392948345:layer:pandas:1"])
        })],
    ),
    (
        "a network",
        |_| of(function().vpc(["subnet-0123456789abcdef0"], ["sg-0123456789abcdef0"])),
        &[
            (FUNCTION, CONVERT, "/VpcConfig/SubnetIds", || {
                expected!(["subnet-0123456789abcdef0"])
            }),
            (FUNCTION, CONVERT, "/VpcConfig/SecurityGroupIds", || {
                expected!(["sg-0123456789abcdef0"])
            }),
        ],
    ),
    (
        "an architecture",
        |_| of(function().architecture(Architecture::X86_64)),
        &[(FUNCTION, CONVERT, "/Architectures", || {
            expected!(["x86_64"])
        })],
    ),
    (
        "an image",
        |_| {
            let image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/convert:1";
            of(Function::new(Code::image(image)))
        },
        &[
            (FUNCTION, CONVERT, "/PackageType", || expected!("Image")),
            (FUNCTION, CONVERT, "/Code/ImageUri", || {
                expected!("123456789012.dkr.ecr.eu-central-1.amazonaws.com/convert:1")
            }),
        ],
    ),
    (
        "a configuration file of the package",
        |_| of(function().env("WIBL_CONFIG_FILE", "configure.json")),
        &[(
            FUNCTION,
            CONVERT,
            "/Environment/Variables/WIBL_CONFIG_FILE",
            || expected!("configure.json"),
        )],
    ),
    (
        "the names of the variables that say where to write",
        |_| row(stage().output_variables("DEST_BUCKET", "DEST_PREFIX")),
        &[
            (
                FUNCTION,
                CONVERT,
                "/Environment/Variables/DEST_PREFIX",
                || Value::Null,
            ),
            (
                FUNCTION,
                CONVERT,
                "/Environment/Variables/OUTPUT_BUCKET",
                || Value::Null,
            ),
        ],
    ),
    (
        "a failure queue of one's own",
        |stack| {
            let failures = stack.add("Failures", sqs::Queue::new());
            of(function().on_failure(&failures))
        },
        &[(
            "AWS::Lambda::EventInvokeConfig",
            CONVERT,
            "/DestinationConfig/OnFailure/Destination/Fn::GetAtt/1",
            || expected!("Arn"),
        )],
    ),
    (
        "how long an answer may take, and how often an object is posted",
        |stack| {
            let to = submission(stack)
                .answer_within(seconds(5))
                .attempts(2)
                .retry_unknown();
            ProcessingPipeline::new().deliver(Stage::submit(to))
        },
        &[
            (
                FUNCTION,
                "FilesDeliver",
                "/Environment/Variables/SUBMIT_TIMEOUT_SECONDS",
                || expected!("5"),
            ),
            (
                FUNCTION,
                "FilesDeliver",
                "/Environment/Variables/SUBMIT_ATTEMPTS",
                || expected!("2"),
            ),
            (
                FUNCTION,
                "FilesDeliver",
                "/Environment/Variables/WHEN_UNKNOWN",
                || expected!("retry"),
            ),
        ],
    ),
];

#[test]
fn every_option_stands_in_the_template() {
    for (name, build, places) in CASES {
        let template = pipeline(build);
        for (kind, id, path, expected) in *places {
            let of_stage =
                |(found, body): &(&str, &Value)| body["Type"] == *kind && found.starts_with(id);
            let held = template.resources().filter(of_stage);
            let held = held.map(|(_, body)| body["Properties"].pointer(path).cloned());
            let held: Vec<_> = held.map(Option::unwrap_or_default).collect();
            assert!(
                held.contains(&expected()),
                "{name}: {kind} {path}: {held:?}"
            );
        }
    }
}

#[test]
fn several_stages_share_one_package() {
    let template = pipeline(|_| {
        let code = |handler: &'static str| {
            let code = Code::python(package("convert-python"));
            let function = Function::new(code).runtime(Runtime::Python3_14, handler);
            Stage::function(function.env("WIBL_CONFIG_FILE", "configure.json"))
        };
        ProcessingPipeline::new()
            .stage("Convert", code("convert.handler").writes("Staging"))
            .stage("Again", code("convert.handler").writes("Done"))
    });
    let codes: Vec<_> = ["FilesConvert", "FilesAgain"]
        .map(|id| template.named(FUNCTION, id)["Properties"]["Code"].clone())
        .into();
    assert_eq!(codes[0], codes[1]);
    assert!(
        codes[0]["S3Key"]
            .as_str()
            .is_some_and(|key| key.len() == 68)
    );
}

#[test]
fn one_object_goes_to_several_stages_by_suffix_and_by_topic() {
    let template = pipeline(|_| {
        let told = || stage().reads("Incoming").hand_over(HandOver::Topic);
        ProcessingPipeline::new()
            .stage("Upper", told().suffix(".WIBL").writes("Staging"))
            .stage("Odd", told().suffix(" (raw)+é").writes("Staging"))
            .stage("Watch", told().writes("Staging"))
    });
    let filters = template.all("AWS::SNS::Subscription");
    let filters = filters.iter().filter_map(|one| {
        let filter = one["Properties"].get("FilterPolicy")?;
        Some(filter.pointer("/Records/s3/object/key").unwrap().clone())
    });
    let filters: Vec<_> = filters.collect();
    // As S3 writes keys in its events: a filter of SNS sees no other text.
    let odd = expected!([{ "suffix": "+(raw)%2B%C3%A9" }, { "suffix": "+%28raw%29%2B%C3%A9" }]);
    assert_eq!(filters.len(), 2);
    assert!(filters.contains(&odd), "{filters:?}");
    assert!(
        filters.contains(&expected!([{ "suffix": ".WIBL" }])),
        "{filters:?}"
    );
}

/// Twenty stages, in every way of handing over.
fn twenty(stack: &Stack) -> ProcessingPipeline {
    let ways = [
        HandOver::Call,
        HandOver::Queue,
        HandOver::Topic,
        HandOver::EventBridge,
    ];
    let stages = 0..19;
    let row = stages.fold(ProcessingPipeline::new(), |row, number| {
        let stage = stage().hand_over(ways[number % ways.len()]);
        row.stage(
            format!("Stage{number}"),
            stage.writes(format!("Place{number}")),
        )
    });
    row.deliver(Stage::submit(submission(stack)))
}

#[test]
fn a_pipeline_of_twenty_stages_grows_with_its_stages_alone() {
    let template = pipeline(twenty);
    // One more tells where the files are.
    assert_eq!(template.all(FUNCTION).len(), 21);
    assert_eq!(template.all(BUCKET).len(), 20);
    let count = template.resources().count();
    // A stage has at most a function, role, policy, log group, queue, dead letters, two policies of queues, source,
    // permission, invocation settings, bucket, policy of the bucket, rule or topic with policy and subscription.
    assert!(count <= 20 * 13, "{count} resources");
    let size = template.0.to_string().len();
    assert!(size <= 20 * 8_000, "{size} bytes");
}

#[test]
fn in_a_strict_stack_every_permission_and_every_open_finding_is_said() {
    let app = App::new();
    let stack = app.stack("S", crate::support::home()).strict();
    let row = ProcessingPipeline::new().stage("Convert", stage().suffix(".wibl").writes("Staging"));
    let topic = stage().hand_over(HandOver::Topic).writes("Valid");
    let row = row.stage("Validate", topic.suffix(".json"));
    let bridge = stage().hand_over(HandOver::EventBridge).writes("Counts");
    let queue = Stage::submit(submission(&stack)).hand_over(HandOver::Queue);
    stack.add("Files", row.stage("Count", bridge).deliver(queue));
    let template = crate::support::template_of(app, "S");
    for function in template.all(FUNCTION) {
        let reasons = function["Metadata"]["guard"]["SuppressedRules"].to_string();
        for rule in ["LAMBDA_CONCURRENCY_CHECK", "LAMBDA_INSIDE_VPC"] {
            assert!(reasons.contains(rule), "{rule}: {function:#}");
        }
        // What has dead letters has nothing to say about them; what a queue tells, or what has a queue that others read, has.
        let is_found = function["Properties"]["DeadLetterConfig"].is_null();
        assert_eq!(
            reasons.contains("LAMBDA_DLQ_CHECK"),
            is_found,
            "{function:#}"
        );
        assert!(!function["Properties"]["KmsKeyArn"].is_null());
    }
    let functions = template.all(FUNCTION);
    let has_dead_letters =
        |function: &&&serde_json::Value| !function["Properties"]["DeadLetterConfig"].is_null();
    assert!(functions.iter().filter(has_dead_letters).count() > 0);
    for bucket in template.all(BUCKET) {
        let reasons = bucket["Metadata"]["guard"]["SuppressedRules"].to_string();
        assert!(
            reasons.contains("S3_BUCKET_REPLICATION_ENABLED"),
            "{bucket:#}"
        );
    }
    for kind in ["AWS::SQS::Queue", "AWS::SNS::Topic"] {
        for resource in template.all(kind) {
            assert!(
                !resource["Properties"]["KmsMasterKeyId"].is_null(),
                "{resource:#}"
            );
        }
    }
}

#[test]
fn nobody_may_do_everything() {
    let template = pipeline(twenty);
    let text = template.0.to_string();
    for wide in [
        "\"s3:*\"",
        "\"sqs:*\"",
        "\"sns:*\"",
        "\"dynamodb:*\"",
        "\"*:*\"",
        "\"lambda:*\"",
    ] {
        let allowed = template.all("AWS::IAM::Policy");
        let allowed = allowed
            .iter()
            .filter(|policy| policy.to_string().contains(wide));
        assert_eq!(allowed.count(), 0, "{wide}");
    }
    assert!(!text.contains("AdministratorAccess"));
    let permissions = template.all(PERMISSION);
    assert!(permissions.len() >= 14);
    for permission in permissions {
        let permission = &permission["Properties"];
        assert!(!permission["SourceArn"].is_null() && !permission["SourceAccount"].is_null());
    }
    let other = crate::support::template(|stack| drop(secret(stack)));
    assert!(other.all(PERMISSION).is_empty());
}

#[test]
fn a_bucket_with_prefixes_refuses_what_leads_back_and_takes_what_does_not() {
    let build = |output: &'static str| {
        move |stack: &Stack| {
            let all = stack.add("All", s3::Bucket::new());
            let place = |name: &'static str, below| Place::named(name).bucket(&all).below(below);
            let stage = stage()
                .reads(place("In", "in/"))
                .writes(place("Out", output));
            stack.add("Files", ProcessingPipeline::new().stage("Convert", stage));
        }
    };
    template(build("out/"));
    let found = crate::support::findings(build("in/done/"));
    crate::support::assert_error(&found, "CW1422", &["`Convert` writes to `Out`"]);
}

/// The template of an assembly does not depend on the order in which its stages were said.
#[test]
fn a_pipeline_is_the_same_each_time() {
    let text = |template: Template| template.0.to_string();
    assert_eq!(text(pipeline(twenty)), text(pipeline(twenty)));
}
