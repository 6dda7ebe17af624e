//! The rules about finished templates, whoever made the resources.
#![allow(clippy::too_many_lines, reason = "a table")]

use cloudwright::cloudwatch::{Alarm, Comparison};
use cloudwright::iam::Role;
use cloudwright::lambda::{Code, Function};
use cloudwright::prelude::*;
use cloudwright::sqs::Queue;

use crate::examples;

examples! {
CW2001 {
    fails(stack: Stack) {
        stack.add("Orders", cfn::secretsmanager::Secret::new());
    }
    passes(stack: Stack) {
        let orders = stack.add("Orders", cfn::secretsmanager::Secret::new());
        orders.removal_policy(RemovalPolicy::RetainExceptOnCreate);
    }
}
CW2002 {
    fails(stack: Stack) {
        let disk = cfn::ec2::Volume::new().availability_zone("eu-central-1a").size(10);
        stack.add("Disk", disk).removal_policy(RemovalPolicy::Snapshot);
    }
    passes(stack: Stack) {
        let disk = cfn::ec2::Volume::new().availability_zone("eu-central-1a").size(10);
        stack.add("Disk", disk.encrypted(true)).removal_policy(RemovalPolicy::Snapshot);
    }
}
CW2003 {
    fails(stack: Stack) {
        stack.add("Orders", cfn::sns::Topic::new());
    }
    passes(stack: Stack) {
        stack.add("Orders", sns::Topic::new());
    }
}
CW2004 {
    fails(stack: Stack) {
        let group = stack.add("Logs", cfn::logs::LogGroup::new());
        group.removal_policy(RemovalPolicy::Destroy);
    }
    passes(stack: Stack) {
        let group = stack.add("Logs", cfn::logs::LogGroup::new().retention_in_days(30));
        group.removal_policy(RemovalPolicy::Destroy);
    }
}
CW2005 {
    fails(stack: Stack) {
        let jobs = stack.add("Jobs", Queue::new());
        stack.add("Late", Alarm::new(jobs.metric_oldest_age(), Comparison::Above(900.0)));
    }
    passes(stack: Stack) {
        let operators = stack.add("Operators", sns::Topic::new());
        let jobs = stack.add("Jobs", Queue::new());
        let alarm = Alarm::new(jobs.metric_oldest_age(), Comparison::Above(900.0));
        stack.add("Late", alarm.on_alarm(&operators));
    }
}
CW2006 {
    fails(stack: Stack) {
        let statements: Vec<Json> = (0..200)
            .map(|number| {
                json!({
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": format!("arn:aws:s3:::archive-of-the-year-{number}/*"),
                })
            })
            .collect();
        let policy = RawResource::new("AWS::IAM::ManagedPolicy");
        let document = json!({ "Version": "2012-10-17", "Statement": Json::List(statements) });
        stack.add("Readers", policy.property("PolicyDocument", document));
    }
    passes(stack: Stack) {
        let policy = RawResource::new("AWS::IAM::ManagedPolicy");
        let statement = json!({
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::archive-of-the-year-*/*",
        });
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
        stack.add("Readers", policy.property("PolicyDocument", document));
    }
}
CW2011 {
    fails(stack: Stack) {
        let jobs = "arn:aws:sqs:eu-central-1:123456789012:jobs";
        let told = json!({ "QueueConfigurations": [{ "Event": "s3:ObjectCreate:*", "Queue": jobs }] });
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.cfn().expect("it is ours").raw("NotificationConfiguration", told);
    }
    passes(stack: Stack) {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        let jobs = stack.add("Jobs", Queue::new());
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &jobs);
    }
}
CW2012 {
    fails(stack: Stack) {
        let jobs = "arn:aws:sqs:eu-central-1:123456789012:jobs.fifo";
        let told = json!({ "QueueConfigurations": [{ "Event": "s3:ObjectCreated:*", "Queue": jobs }] });
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.cfn().expect("it is ours").raw("NotificationConfiguration", told);
    }
    passes(stack: Stack) {
        // A function in between sends to the FIFO queue.
        stack.add("Uploads", NotifiedQueue::new());
    }
}
CW2013 {
    fails(stack: Stack) {
        let resize = stack.add("Resize", Function::new(Code::s3("releases", "resize.zip")));
        let told = json!([{ "Event": "s3:ObjectCreated:*", "Function": resize.arn() }]);
        let told = json!({ "LambdaConfigurations": told });
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.cfn().expect("it is ours").raw("NotificationConfiguration", told);
    }
    passes(stack: Stack) {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        let resize = stack.add("Resize", Function::new(Code::s3("releases", "resize.zip")));
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &resize);
    }
}
CW2021 {
    fails(stack: Stack) {
        let resize = stack.add("Resize", Function::new(Code::s3("releases", "resize.zip")));
        let failed = "arn:aws:sqs:eu-central-1:123456789012:failed.fifo";
        let lost = json!({ "TargetArn": failed });
        resize.cfn().expect("it is ours").raw("DeadLetterConfig", lost);
    }
    passes(stack: Stack) {
        let failed = stack.add("Failed", Queue::dead_letter());
        let resize = Function::new(Code::s3("releases", "resize.zip")).on_failure(&failed);
        stack.add("Resize", resize);
    }
}
CW2022 {
    fails(stack: Stack) {
        let failed = stack.add("Failed", Queue::dead_letter());
        let resize = stack.add("Resize", Function::new(Code::s3("releases", "resize.zip")));
        let lost = json!({ "TargetArn": failed.arn() });
        resize.cfn().expect("it is ours").raw("DeadLetterConfig", lost);
    }
    passes(stack: Stack) {
        let failed = stack.add("Failed", Queue::dead_letter());
        let resize = stack.add("Resize", Function::new(Code::s3("releases", "resize.zip")));
        let lost = json!({ "TargetArn": failed.arn() });
        resize.cfn().expect("it is ours").raw("DeadLetterConfig", lost);
        failed.grant_send(&resize);
    }
}
CW2023 {
    fails(stack: Stack) {
        let key = stack.add("Key", kms::Key::new());
        let jobs = stack.add("Jobs", Queue::new().encrypted_with(&key));
        let work = stack.add("Work", Function::new(Code::s3("releases", "work.zip")));
        let lost = json!({ "TargetArn": jobs.arn() });
        work.cfn().expect("it is ours").raw("DeadLetterConfig", lost);
        work.add_statement(Statement::allow(["sqs:SendMessage"]).on(jobs.arn().cast::<String>()));
    }
    passes(stack: Stack) {
        let key = stack.add("Key", kms::Key::new());
        let jobs = stack.add("Jobs", Queue::new().encrypted_with(&key));
        let work = stack.add("Work", Function::new(Code::s3("releases", "work.zip")));
        let lost = json!({ "TargetArn": jobs.arn() });
        work.cfn().expect("it is ours").raw("DeadLetterConfig", lost);
        jobs.grant_send(&work);
    }
}
CW2024 {
    fails(stack: Stack) {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        let resize = stack.add("Resize", Function::new(Code::s3("releases", "resize.zip")));
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &resize);
        uploads.grant_read_write(&resize);
    }
    passes(stack: Stack) {
        let (uploads, small) = (stack.add("Uploads", s3::Bucket::new()), stack.add("Small", s3::Bucket::new()));
        let resize = stack.add("Resize", Function::new(Code::s3("releases", "resize.zip")));
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &resize);
        uploads.grant_read(&resize);
        small.grant_write(&resize);
    }
}
CW2031 {
    fails(stack: Stack) {
        let worker = stack.add("Worker", Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
        worker.add_statement(Statement::allow(["s3:GetObjct"]).on("arn:aws:s3:::uploads/*"));
    }
    passes(stack: Stack) {
        let worker = stack.add("Worker", Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
        worker.add_statement(Statement::allow(["s3:GetObject"]).on("arn:aws:s3:::uploads/*"));
    }
}
CW2032 {
    fails(stack: Stack) {
        let worker = stack.add("Worker", Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
        worker.add_statement(Statement::allow(["s3:GetObject"]).on("arn:aws:s3:::uploads"));
    }
    passes(stack: Stack) {
        let worker = stack.add("Worker", Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
        worker.add_statement(Statement::allow(["s3:GetObject"]).on("arn:aws:s3:::uploads/*"));
        worker.add_statement(Statement::allow(["s3:ListBucket"]).on("arn:aws:s3:::uploads"));
    }
}
CW2033 {
    fails(stack: Stack) {
        let orders = stack.add("Orders", sns::Topic::new());
        orders.add_statement(Statement::allow(["sns:Publish"]).by(Principal::everyone()));
    }
    passes(stack: Stack) {
        let orders = stack.add("Orders", sns::Topic::new());
        let ours = Statement::allow(["sns:Publish"]).by(Principal::everyone());
        orders.add_statement(ours.when("StringEquals", "aws:PrincipalOrgID", "o-1234567890"));
    }
}
CW2034 {
    fails(stack: Stack) {
        let jobs = stack.add("Jobs", Queue::new());
        let events = Principal::service("events.amazonaws.com");
        jobs.add_statement(Statement::allow(["sqs:SendMessage"]).by(events));
    }
    passes(stack: Stack) {
        let jobs = stack.add("Jobs", Queue::new());
        let events = Principal::service("events.amazonaws.com");
        let ours = Statement::allow(["sqs:SendMessage"]).by(events);
        jobs.add_statement(ours.when("StringEquals", "aws:SourceAccount", "123456789012"));
    }
}
CW2035 {
    fails(stack: Stack) {
        stack.add("Auditor", Role::assumed_by(Principal::everyone()));
    }
    passes(stack: Stack) {
        stack.add("Auditor", Role::assumed_by(Principal::account("210987654321")));
    }
}
CW2041 {
    fails(stack: Stack) {
        let jobs = cfn::sqs::Queue::new().queue_name("jobs.fifo");
        stack.add("Jobs", jobs);
    }
    passes(stack: Stack) {
        stack.add("Jobs", sqs::FifoQueue::new().queue_name("jobs.fifo"));
    }
}
CW2051 {
    fails(stack: Stack) {
        stack.add("DbPassword", Parameter::string());
        stack.add("Jobs", Queue::new());
    }
    passes(stack: Stack) {
        stack.add("DbPassword", Parameter::string().no_echo());
        stack.add("Jobs", Queue::new());
    }
}
}
