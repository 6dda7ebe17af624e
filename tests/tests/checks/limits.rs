//! The rules about limits of stacks.

use cloudwright::prelude::*;

use crate::{examples, home};

examples! {
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
}
