//! The rules of the engine: ids, references, limits, values.
#![allow(clippy::too_many_lines, reason = "a table")]

use cloudwright::prelude::*;
use cloudwright::rules::PLAIN_TRANSPORT;
use cloudwright::{
    Acknowledge, Check, Finding, Found, Pseudo, Severity, TemplateResource, View, cfn, intrinsic,
    priority,
};

use crate::{examples, home};

examples! {
CW0001 {
    fails(stack: Stack) {
        stack.add("Größe", sqs::Queue::new());
    }
    passes(stack: Stack) {
        stack.add("Size", sqs::Queue::new());
    }
}
CW0002 {
    fails(stack: Stack) {
        stack.add("Jobs", sqs::Queue::new());
        stack.add("Jobs", sqs::Queue::new());
    }
    passes(stack: Stack) {
        stack.add("Jobs", sqs::Queue::new());
        stack.add("LateJobs", sqs::Queue::new());
    }
}
CW0003 {
    fails(app: App) {
        app.scope().add("Inbox", RawResource::new("AWS::SQS::Queue"));
    }
    passes(app: App) {
        app.stack("Mail", home()).add("Inbox", sqs::Queue::new());
    }
}
CW0004 {
    fails(app: App) {
        app.account("prod", "123456789012");
        app.stack("Mail", Environment::new("prd", "eu-central-1")).add("Inbox", sqs::Queue::new());
    }
    passes(app: App) {
        app.account("prod", "123456789012");
        app.stack("Mail", Environment::new("prod", "eu-central-1")).add("Inbox", sqs::Queue::new());
    }
}
CW0005 {
    fails(stack: Stack) {
        stack.add("Artifacts", ReplicatedBucket::to::<&str>([]));
    }
    passes(stack: Stack) {
        stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]));
    }
}
CW0006 {
    fails(stack: Stack) {
        stack.add("Resize", lambda::Function::new(lambda::Code::zip("no/such.zip")));
    }
    passes(stack: Stack) {
        stack.add("Resize", lambda::Function::new(lambda::Code::s3("releases", "resize.zip")));
    }
}
CW0007 {
    fails(stack: Stack) {
        stack.add("LateJobs", RawResource::new("AWS::SNS::Topic"));
        stack.add("Late-Jobs", RawResource::new("AWS::SNS::Topic"));
    }
    passes(stack: Stack) {
        stack.add("LateJobs", sns::Topic::new());
        stack.add("EarlyJobs", sns::Topic::new());
    }
}
CW0008 {
    fails(stack: Stack) {
        let jobs = stack.add("Jobs", RawResource::new("AWS::SNS::Topic"));
        jobs.override_logical_id("my-jobs");
    }
    passes(stack: Stack) {
        let jobs = stack.add("Errors", RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
        jobs.override_logical_id("MyErrors");
    }
}
CW0009 {
    fails(app: App) {
        app.stack("Mail", home()).add("Inbox", sqs::Queue::new());
        app.aspect(priority::DEFAULT, |construct: &Scope| {
            construct.aspect(priority::DEFAULT, |_: &Scope| {});
        });
    }
    passes(app: App) {
        app.stack("Mail", home()).add("Inbox", sqs::Queue::new());
        app.aspect(priority::DEFAULT, |_: &Scope| {});
    }
}
CW0010 {
    fails(app: App) {
        app.stack("Mail", home()).stack_name("2nd mail").add("Inbox", sqs::Queue::new());
    }
    passes(app: App) {
        app.stack("Mail", home()).stack_name("second-mail").add("Inbox", sqs::Queue::new());
    }
}
CW0011 {
    fails(app: App) {
        let stack = app.stack("Mail", home()).rename_logical_id("Outbox", "Inbox");
        stack.add("Box", RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
    }
    passes(app: App) {
        let stack = app.stack("Mail", home()).rename_logical_id("Box", "Inbox");
        stack.add("Box", RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
    }
}
CW0012 {
    fails(app: App) {
        // `app check -c ownr=team-a` does this.
        app.override_context("ownr", "team-a");
        let owner = app.context("owner").unwrap_or("nobody".into());
        app.stack("Mail", home()).tag("owner", owner);
        app.stack("Post", home()).add("Inbox", sqs::Queue::new());
    }
    passes(app: App) {
        app.override_context("owner", "team-a");
        let stack = app.stack("Mail", home());
        stack.tag("owner", app.context("owner").unwrap_or("nobody".into()));
        stack.add("Inbox", sqs::Queue::new());
    }
}
CW0013 {
    fails(app: App) {
        app.stateful_ids("Mail Inbox1234 AWS::SecretsManager::Secret");
        let stack = app.stack("Mail", home());
        stack.add("Secret", cloudwright::secretsmanager::Secret::new());
    }
    passes(app: App) {
        app.stateful_ids("Mail SecretA720EF05 AWS::SecretsManager::Secret");
        let stack = app.stack("Mail", home());
        stack.add("Secret", cloudwright::secretsmanager::Secret::new());
    }
}
CW0014 {
    fails(app: App) {
        app.stateful_ids("# nothing yet");
        let stack = app.stack("Mail", home());
        stack.add("Secret", cloudwright::secretsmanager::Secret::new());
    }
    passes(app: App) {
        app.stateful_ids("# what `ls --stateful` prints\nMail SecretA720EF05 AWS::SecretsManager::Secret");
        let stack = app.stack("Mail", home());
        stack.add("Secret", cloudwright::secretsmanager::Secret::new());
    }
}
CW0015 {
    fails(stack: Stack) {
        let stock = stack.add("Stock", lambda::Function::new(lambda::Code::s3("releases", "stock.zip")));
        stack.add("askStock", Operation::invoke(&stock));
    }
    passes(stack: Stack) {
        let stock = stack.add("Stock", lambda::Function::new(lambda::Code::s3("releases", "stock.zip")));
        stack.add("ask-stock", Operation::invoke(&stock));
    }
}
CW0016 {
    fails(app: App) {
        struct Hasty;
        impl Check for Hasty {
            fn name(&self) -> &'static str {
                "Hasty"
            }

            fn resource(&self, queue: &TemplateResource, _: &View<'_>, _: &mut Found) {
                assert!(queue.properties().get("QueueName").is_some(), "no name");
            }
        }
        app.check(Hasty);
        app.stack("Mail", home()).add("Inbox", sqs::Queue::new());
    }
    passes(app: App) {
        static UNNAMED: cloudwright::Rule = cloudwright::Rule {
            code: "ACME01",
            severity: Severity::Warning,
            title: "queue without a name",
            explanation: "Dashboards find queues by name.",
            fix: "Name it.",
            page: "",
        };
        struct Careful;
        impl Check for Careful {
            fn kinds(&self) -> &[&'static str] {
                &["AWS::SQS::Queue"]
            }

            fn resource(&self, queue: &TemplateResource, _: &View<'_>, found: &mut Found) {
                if queue.properties().get("QueueName").is_none() {
                    found.tell(&UNNAMED, "the queue has no name", "name it");
                }
            }
        }
        app.check(Careful);
        app.stack("Mail", home()).add("Told", sns::Topic::new());
    }
}
CW0101 {
    fails(stack: Stack) {
        let other = App::new();
        let jobs = other.stack("Other", home()).add("Jobs", sqs::Queue::new());
        stack.output("JobsUrl", jobs.url());
        stack.add("Inbox", sqs::Queue::new());
    }
    passes(stack: Stack) {
        let jobs = stack.add("Jobs", sqs::Queue::new());
        stack.output("JobsUrl", jobs.url());
    }
}
CW0102 {
    fails(stack: Stack) {
        stack.add("Inbox", sqs::Queue::new());
        let rule = RawResource::new("AWS::Events::Rule");
        stack.add("Told", rule.property("Name", json!({ "Ref": "Inbocks" })));
    }
    passes(stack: Stack) {
        let name = stack.add("Name", Parameter::string().default("told"));
        let rule = RawResource::new("AWS::Events::Rule");
        stack.add("Told", rule.property("Name", name));
    }
}
CW0103 {
    fails(stack: Stack) {
        let first = stack.add("First", RawResource::new("AWS::SNS::Topic"));
        let second = stack.add("Second", RawResource::new("AWS::SNS::Topic"));
        first.depends_on(&second);
        second.depends_on(&first);
    }
    passes(stack: Stack) {
        let first = stack.add("First", RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
        let second = stack.add("Second", RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
        second.depends_on(&first);
    }
}
CW0104 {
    fails(app: App) {
        let (mail, work) = (app.stack("Mail", home()), app.stack("Work", home()));
        let inbox = mail.add("Inbox", sqs::Queue::new());
        let jobs = work.add("Jobs", sqs::Queue::new());
        mail.output("Jobs", jobs.url());
        work.output("Inbox", inbox.url());
    }
    passes(app: App) {
        let (mail, work) = (app.stack("Mail", home()), app.stack("Work", home()));
        let inbox = mail.add("Inbox", sqs::Queue::new());
        work.add("Jobs", sqs::Queue::new());
        work.output("Inbox", inbox.url());
    }
}
CW0105 {
    fails(app: App) {
        let (here, there) = (app.stack("Mail", home()), app.stack("Work", home()));
        let large = here.add("Large", Condition::new(Test::equals("a", "b")));
        here.add("Inbox", sqs::Queue::new());
        there.add("Jobs", sqs::Queue::new());
        there.output("Size", large.choose::<String>("large", "small"));
    }
    passes(stack: Stack) {
        let large = stack.add("Large", Condition::new(Test::equals("a", "b")));
        stack.add("Jobs", sqs::Queue::new());
        stack.output("Size", large.choose::<String>("large", "small"));
    }
}
CW0106 {
    fails(stack: Stack) {
        let password = stack.add("Password", Parameter::string().no_echo());
        stack.add("Jobs", sqs::Queue::new());
        stack.output("Shown", password);
    }
    passes(stack: Stack) {
        let secret = stack.add("Secret", cloudwright::secretsmanager::Secret::new());
        stack.output("SecretArn", secret.arn());
    }
}
CW0107 {
    fails(stack: Stack) {
        // Only untyped values can say this.
        let own = Value::<String>::from_json(Json::function("Condition", json!("Mine")));
        stack.add("Mine", Condition::new(Test::equals(own, "true")));
        stack.add("Jobs", sqs::Queue::new());
    }
    passes(stack: Stack) {
        stack.add("Jobs", sqs::Queue::new());
        let one = stack.add("One", Condition::new(Test::equals("a", "b")));
        stack.add("Other", Condition::new(!one.test()));
    }
}
CW0108 {
    fails(stack: Stack) {
        let key_id = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
        let rule = RawResource::new("AWS::Events::Rule");
        stack.add("Told", rule.property("Description", format!("as {key_id}")));
    }
    passes(stack: Stack) {
        let rule = RawResource::new("AWS::Events::Rule");
        stack.add("Told", rule.property("Description", "as the role Worker"));
    }
}
CW0109 {
    fails(stack: Stack) {
        let sizes = stack.add("Sizes", Mapping::new().row("dev", [("Size", "1")]));
        stack.add("Jobs", sqs::Queue::new());
        stack.output("Size", sizes.find::<String>("prod", "Size"));
    }
    passes(stack: Stack) {
        let sizes = stack.add("Sizes", Mapping::new().row("dev", [("Size", "1")]));
        stack.add("Jobs", sqs::Queue::new());
        stack.output("Size", sizes.find::<String>("dev", "Size"));
    }
}
CW0110 {
    fails(app: App) {
        for id in ["Mail", "Work"] {
            let stack = app.stack(id, home());
            let jobs = stack.add("Jobs", sqs::Queue::new());
            stack.add("Url", Output::new(jobs.url()).export("JobsUrl"));
        }
    }
    passes(app: App) {
        for id in ["Mail", "Work"] {
            let stack = app.stack(id, home());
            let jobs = stack.add("Jobs", sqs::Queue::new());
            stack.add("Url", Output::new(jobs.url()).export(format!("{id}-JobsUrl")));
        }
    }
}
CW0111 {
    fails(app: App) {
        app.stack("Mail", Environment::region("eu-centrl-1")).add("Inbox", sqs::Queue::new());
    }
    passes(app: App) {
        app.stack("Mail", Environment::region("eu-central-1")).add("Inbox", sqs::Queue::new());
    }
}
CW0112 {
    fails(stack: Stack) {
        let large = stack.add("Large", Condition::new(Test::equals(Pseudo::Region.value(), "us-east-1")));
        let handle = stack.add("Wait", RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
        handle.condition(&large);
        stack.output("WaitFor", handle.attribute::<String>("Data"));
    }
    passes(stack: Stack) {
        let large = stack.add("Large", Condition::new(Test::equals(Pseudo::Region.value(), "us-east-1")));
        let handle = stack.add("Wait", RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
        handle.condition(&large);
    }
}
CW0201 {
    fails(stack: Stack) {
        for number in 0..501 {
            stack.add(format!("Wait{number}"), RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
        }
    }
    passes(stack: Stack) {
        for number in 0..50 {
            stack.add(format!("Wait{number}"), RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
        }
    }
}
CW0202 {
    fails(stack: Stack) {
        for number in 0..450 {
            stack.add(format!("Wait{number}"), RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
        }
    }
    passes(stack: Stack) {
        for number in 0..50 {
            stack.add(format!("Wait{number}"), RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
        }
    }
}
CW0203 {
    fails(app: App) {
        let stack = app.stack("Mail", home()).description("mail ".repeat(250));
        stack.add("Inbox", sqs::Queue::new());
    }
    passes(app: App) {
        let stack = app.stack("Mail", home()).description("mail");
        stack.add("Inbox", sqs::Queue::new());
    }
}
CW0204 {
    fails(stack: Stack) {
        stack.output("Nothing", "to deploy");
    }
    passes(stack: Stack) {
        stack.add("Inbox", sqs::Queue::new());
    }
}
CW0205 {
    fails(stack: Stack) {
        for number in 0..90 {
            let wait = RawResource::new("AWS::CloudFormation::WaitConditionHandle");
            stack.add(format!("Wait{number}"), wait).metadata("why", "x".repeat(500));
        }
    }
    passes(stack: Stack) {
        stack.add("Wait", RawResource::new("AWS::CloudFormation::WaitConditionHandle"));
    }
}
CW0206 {
    fails(stack: Stack) {
        stack.tag("aws:team", "mail");
        stack.add("Inbox", sqs::Queue::new());
    }
    passes(stack: Stack) {
        stack.tag("team", "mail");
        stack.add("Inbox", sqs::Queue::new());
    }
}
CW0301 {
    fails(stack: Stack) {
        let (errors, calls) = (0.0, 0.0);
        let alarm = RawResource::new("AWS::Custom::Limit").property("Threshold", errors / calls);
        stack.add("Limit", alarm);
    }
    passes(stack: Stack) {
        stack.add("Limit", RawResource::new("AWS::Custom::Limit").property("Threshold", 0.5));
    }
}
CW0302 {
    fails(stack: Stack) {
        let rule = RawResource::new("AWS::Events::Rule");
        stack.add("Told", rule.property("Description", "mail\0box"));
    }
    passes(stack: Stack) {
        let rule = RawResource::new("AWS::Events::Rule");
        stack.add("Told", rule.property("Description", "mailbox"));
    }
}
CW0303 {
    fails(stack: Stack) {
        let group = cfn::logs::LogGroup::new().retention_in_days(31);
        stack.add("Logs", group).removal_policy(RemovalPolicy::Destroy);
    }
    passes(stack: Stack) {
        let group = cfn::logs::LogGroup::new().retention_in_days(30);
        stack.add("Logs", group).removal_policy(RemovalPolicy::Destroy);
    }
}
CW0304 {
    fails(stack: Stack) {
        let group = cfn::logs::LogGroup::new().retention_in_days(30).raw("RetentionDays", 30);
        stack.add("Logs", group).removal_policy(RemovalPolicy::Destroy);
    }
    passes(stack: Stack) {
        let group = cfn::logs::LogGroup::new().retention_in_days(30);
        stack.add("Logs", group).removal_policy(RemovalPolicy::Destroy);
    }
}
CW0305 {
    fails(stack: Stack) {
        let worker = stack.add("Worker", cfn::iam::Role::new(json!({})));
        worker.remove_property("AssumeRolePolicyDocument");
    }
    passes(stack: Stack) {
        stack.add("Told", cfn::events::Rule::new().schedule_expression("rate(1 day)"));
    }
}
CW0306 {
    fails(stack: Stack) {
        stack.add("Inbox", sqs::Queue::new());
        stack.output("Greeting", intrinsic::sub("Hello ${Name}", [("Nmae", "Ada")]));
    }
    passes(stack: Stack) {
        stack.add("Inbox", sqs::Queue::new());
        stack.output("Greeting", intrinsic::sub("Hello ${Name}", [("Name", "Ada")]));
    }
}
CW0307 {
    fails(stack: Stack) {
        let rule = RawResource::new("AWS::Events::Rule");
        stack.add("Told", rule.property("Description", json!(null)));
    }
    passes(stack: Stack) {
        stack.add("Told", RawResource::new("AWS::Events::Rule"));
    }
}
CW0308 {
    fails(stack: Stack) {
        let rule = RawResource::new("AWS::Events::Rule");
        stack.add("Told", rule.property("Name", json!({ "Fn::Join": ["-"] })));
    }
    passes(stack: Stack) {
        let rule = RawResource::new("AWS::Events::Rule");
        stack.add("Told", rule.property("Name", json!({ "Fn::Join": ["-", ["a", "b"]] })));
    }
}
CW0309 {
    fails(stack: Stack) {
        stack.add("Size", Parameter::number().range(1, 10).default(11));
        stack.add("Inbox", sqs::Queue::new());
    }
    passes(stack: Stack) {
        stack.add("Size", Parameter::number().range(1, 10).default(5));
        stack.add("Inbox", sqs::Queue::new());
    }
}
CW0310 {
    fails(stack: Stack) {
        stack.add("Inbox", RawResource::new("sqs.Queue"));
    }
    passes(stack: Stack) {
        stack.add("Told", RawResource::new("AWS::Events::Rule"));
    }
}
CW0311 {
    fails(stack: Stack) {
        let rule = RawResource::new("AWS::Events::Rule");
        stack.add("Told", rule.property("EventPattern", json!({ "source": ["a"], "source": ["b"] })));
    }
    passes(stack: Stack) {
        let rule = RawResource::new("AWS::Events::Rule");
        stack.add("Told", rule.property("EventPattern", json!({ "source": ["a", "b"] })));
    }
}
CW0312 {
    fails(stack: Stack) {
        let mut pattern = json!({});
        for _ in 0..500 {
            pattern = json!({ "again": pattern });
        }
        stack.add("Told", RawResource::new("AWS::Events::Rule").property("EventPattern", pattern));
    }
    passes(stack: Stack) {
        let pattern = json!({ "source": ["a"] });
        stack.add("Told", RawResource::new("AWS::Events::Rule").property("EventPattern", pattern));
    }
}
CW0313 {
    fails(stack: Stack) {
        struct Mine;
        impl cloudwright::Construct for Mine {
            type Handle = cloudwright::Handle;

            fn construct(self, scope: &Scope) -> Self::Handle {
                scope.declare("AWS::Mine::Thing".into(), "no facts", cloudwright::Props::new())
            }
        }
        stack.add("Thing", Mine);
    }
    passes(stack: Stack) {
        struct Mine;
        impl cloudwright::Construct for Mine {
            type Handle = cloudwright::Handle;

            fn construct(self, scope: &Scope) -> Self::Handle {
                scope.declare("AWS::Mine::Thing".into(), "", cloudwright::Props::new())
            }
        }
        stack.add("Thing", Mine);
    }
}
CW0314 {
    fails(stack: Stack) {
        stack.add("Sizes", Mapping::new().row("dev", [("Size", json!({ "Disk": 1 }))]));
        stack.add("Inbox", sqs::Queue::new());
    }
    passes(stack: Stack) {
        stack.add("Sizes", Mapping::new().row("dev", [("Disk", json!(1))]));
        stack.add("Inbox", sqs::Queue::new());
    }
}
CW0315 {
    fails(stack: Stack) {
        for id in ["Jobs", "LateJobs"] {
            let group = cfn::logs::LogGroup::new().log_group_name("jobs").retention_in_days(30);
            stack.add(id, group).removal_policy(RemovalPolicy::Destroy);
        }
    }
    passes(stack: Stack) {
        for (id, name) in [("Jobs", "jobs"), ("LateJobs", "late-jobs")] {
            let group = cfn::logs::LogGroup::new().log_group_name(name).retention_in_days(30);
            stack.add(id, group).removal_policy(RemovalPolicy::Destroy);
        }
    }
}
CW1201 {
    fails(stack: Stack) {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.acknowledge(Finding::NoReplication, "");
    }
    passes(stack: Stack) {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.acknowledge(Finding::NoReplication, "can be uploaded again from the scanner");
    }
}
CW1203 {
    fails(stack: Stack) {
        let jobs = stack.add("Jobs", sqs::Queue::new());
        jobs.scope().accept(&PLAIN_TRANSPORT, "only reached from within the network");
    }
    passes(stack: Stack) {
        let topic = stack.add("Told", cfn::sns::Topic::new());
        topic.handle().scope().accept(&PLAIN_TRANSPORT, "only reached from within the network");
    }
}
}
