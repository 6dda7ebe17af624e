//! Defaults of a place: everything that they reach, named by a scheme where the region is known.

use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let defaults = Defaults::new()
        .tag("owner", "shop")
        .tag_where(TagRule::new("backup", "daily").only(["AWS::DynamoDB::Table"]))
        .permissions_boundary("Developers")
        .removal_policy(RemovalPolicy::Retain)
        .log_retention(days(90))
        .function_memory(MiB(512))
        .function_timeout(minutes(2))
        .encrypted_with(|stack| stack.add("Key", kms::Key::new()))
        .property("AWS::SQS::Queue", "KmsDataKeyReusePeriodSeconds", 600);
    let scheme = NamingScheme::new().text("acme").stage().path().region();
    let known = stack.environment().region_name().is_some();
    stack.defaults(if known {
        defaults.naming(scheme.short("us-east-1", "va"))
    } else {
        defaults
    });
    let code = lambda::Code::s3("releases", "work.zip");
    let work = stack.add("Work", lambda::Function::new(code));
    let jobs = stack.add("Jobs", sqs::Queue::new());
    jobs.grant_consume(&work);
    jobs.grant_send(&work);
    let news = stack.add("News", sns::Topic::new());
    news.grant_publish(&work);
    let fifo = stack.add("Payments", sqs::FifoQueue::new());
    fifo.grant_send(&work);
    stack
        .add("Uploads", s3::Bucket::new())
        .grant_read_write(&work);
    stack.add("Audit", logs::LogGroup::new()).grant_write(&work);
    let key = dynamodb::Attribute::string("id");
    stack
        .add("Carts", dynamodb::Table::new(key))
        .grant_read_write(&work);
    stack
        .add("Card", secretsmanager::Secret::new())
        .grant_read(&work);
    stack
        .add("Images", ecr::Repository::new())
        .grant_pull(&work);
    work.alarm_on_errors(&news);
    stack.add("User", cfn::iam::User::new());
}
