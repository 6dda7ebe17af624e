//! The rules about the tree of constructs: ids, places, context, what an app is given.
#![allow(clippy::too_many_lines, reason = "a table")]

use cloudwright::prelude::*;
use cloudwright::{Check, Found, Severity, TemplateResource, View, priority};

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
}
