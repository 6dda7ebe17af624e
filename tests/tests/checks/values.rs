//! The rules about values: what a property holds.
#![allow(clippy::too_many_lines, reason = "a table")]

use cloudwright::prelude::*;
use cloudwright::{cfn, intrinsic};

use crate::examples;

examples! {
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
}
