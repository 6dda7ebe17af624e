//! The rules about references: what a value names, and from where.
#![allow(clippy::too_many_lines, reason = "a table")]

use cloudwright::Pseudo;
use cloudwright::prelude::*;

use crate::{examples, home};

examples! {
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
        stack.add("Told", rule.property("Name", json!({ "Ref": "Inbosx" })));
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
}
