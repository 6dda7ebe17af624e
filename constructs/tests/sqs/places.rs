//! Queues and their users in several stacks and environments.

use super::*;

fn sender(stack: &Stack, queue: &QueueRef) {
    let code = lambda::Code::s3("releases", "send.zip");
    let lambda = Principal::service("lambda.amazonaws.com");
    let role = stack.add("Sender", iam::Role::assumed_by(lambda).role_name("sender"));
    let function = lambda::Function::new(code)
        .role(&role)
        .env("QUEUE_URL", queue.url());
    queue.grant_send(&stack.add("Send", function));
}

#[test]
fn stacks_of_one_environment_share_a_queue_by_export_and_import() {
    let app = App::new();
    let jobs = app.stack("Jobs", home()).add("Jobs", Queue::new());
    sender(&app.stack("Api", home()), &jobs);
    let [jobs, api] = templates_of(app, ["Jobs", "Api"]);
    assert!(jobs.0["Outputs"].as_object().unwrap().len() >= 2);
    let function = api.properties("AWS::Lambda::Function");
    let url = &function["Environment"]["Variables"]["QUEUE_URL"];
    assert!(url["Fn::ImportValue"].is_string(), "{url}");
}

#[test]
fn a_known_name_crosses_accounts_and_regions() {
    let app = App::new();
    let jobs = Queue::new().queue_name("jobs");
    let jobs = app.stack("Jobs", home()).add("Jobs", jobs);
    sender(
        &app.stack("Api", Environment::new(ABROAD, "us-east-1")),
        &jobs,
    );
    let api = template_of(app, "Api");
    let function = api.properties("AWS::Lambda::Function");
    let url = function["Environment"]["Variables"]["QUEUE_URL"].to_string();
    assert!(url.contains("https://sqs.eu-central-1."), "{url}");
    assert!(url.contains("/123456789012/jobs"), "{url}");
    let arn = api.allowing(IDENTITY, "sqs:SendMessage")[0]["Resource"].to_string();
    assert!(arn.contains(":sqs:eu-central-1:123456789012:jobs"), "{arn}");
}

#[test]
fn an_unknown_name_is_read_from_the_other_stacks_outputs() {
    let app = App::new();
    let jobs = app.stack("Jobs", home()).add("Jobs", Queue::new());
    sender(
        &app.stack("Api", Environment::new(ABROAD, "us-east-1")),
        &jobs,
    );
    let api = template_of(app, "Api");
    let function = api.properties("AWS::Lambda::Function");
    let url = &function["Environment"]["Variables"]["QUEUE_URL"];
    let output = &url["Fn::GetStackOutput"];
    assert!(output.to_string().contains("eu-central-1"), "{url}");
}

#[test]
fn the_same_program_runs_in_two_environments() {
    let app = App::new();
    for (id, region) in [("Europe", "eu-central-1"), ("America", "us-east-1")] {
        let stack = app.stack(id, Environment::new("123456789012", region));
        let jobs = stack.add("Jobs", Queue::new().queue_name("jobs"));
        sender(&stack, &jobs);
    }
    let [europe, america] = templates_of(app, ["Europe", "America"]);
    for (template, region) in [(europe, "eu-central-1"), (america, "us-east-1")] {
        let dead_letters = template.named(QUEUE, "JobsDeadLetterQueue");
        let allow = dead_letters["Properties"]["RedriveAllowPolicy"].to_string();
        assert!(
            allow.contains(&format!(":{region}:123456789012:jobs")),
            "{allow}"
        );
        let function = template.properties("AWS::Lambda::Function");
        let url = &function["Environment"]["Variables"]["QUEUE_URL"];
        assert_eq!(*url, expected!({ "Ref": template.id(QUEUE, JOBS) }));
    }
}
