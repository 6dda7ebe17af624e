//! How commands went: what Systems Manager tells of them by EventBridge, and what should wake somebody up.

use cloudwright_synth::{Json, Scope, Text, Verb};

use super::handle::SsmSyncFleetRef;
use crate::cfn;
use crate::cfn::events::rule;
use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison, Metric, Statistic};
use crate::iam::{Principal, Statement};
use crate::sns::TopicRef;
use crate::ssm::DocumentRef;
use crate::units::minutes;

/// The service that tells topics.
const EVENTS: &str = "events.amazonaws.com";
/// The ends of a command on a server that are no success
/// ([AWS](https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html)), by what they are called
/// here.
const ENDS: [(&str, &[&str]); 3] = [
    (
        "Failed",
        &[
            "AccessDenied",
            "Cancelled",
            "Failed",
            "InvalidPlatform",
            "Terminated",
        ],
    ),
    (
        "TimedOut",
        &[
            "DeliveryTimedOut",
            "Delivery Timed Out",
            "ExecutionTimedOut",
            "Execution Timed Out",
            "TimedOut",
            "Timed Out",
        ],
    ),
    ("Undeliverable", &["NoInstancesInTag", "Undeliverable"]),
];
/// After how many further attempts an event is too old.
const ATTEMPTS: u32 = 2;

/// Has EventBridge notice what fails, and tell the topic of it.
pub(super) fn rules(
    scope: &Scope,
    document: &DocumentRef,
    topic: Option<&TopicRef>,
) -> Vec<(&'static str, cfn::events::RuleRef)> {
    let made = ENDS.iter().map(|(name, ends)| {
        let mut rule = cfn::events::Rule::new().event_pattern(pattern(document, ends));
        if let Some(topic) = topic {
            rule = rule.targets([rule::Target::new(topic.arn().cast::<String>(), "Status")]);
        }
        let rule = scope.add(*name, rule);
        if let Some(topic) = topic {
            let_publish(topic, &rule);
            scope.edge(Verb::Notifies, topic.scope(), name.to_lowercase());
        }
        (*name, rule)
    });
    made.collect()
}

fn let_publish(topic: &TopicRef, rule: &cfn::events::RuleRef) {
    let publish = Statement::allow(["sns:Publish"])
        .by(Principal::service(EVENTS))
        .on(topic.arn().cast::<String>())
        .when("ArnEquals", "aws:SourceArn", rule.arn());
    topic.add_statement(publish);
    if let Some(key) = topic.key() {
        key.allow_service(EVENTS);
    }
}

fn pattern(document: &DocumentRef, ends: &[&'static str]) -> Json {
    let texts = |texts: &[&'static str]| {
        Json::List(
            texts
                .iter()
                .map(|text| Json::Text(Text::Borrowed(text)))
                .collect(),
        )
    };
    let document = Json::List(vec![document.name().as_json().clone()]);
    let detail = Json::map([("document-name", document), ("status", texts(ends))]);
    // One notice for each server; of a whole command only what reached none.
    let of_server = "EC2 Command Invocation Status-change Notification";
    let kinds = match ends.contains(&"NoInstancesInTag") {
        true => vec![of_server, "EC2 Command Status-change Notification"],
        false => vec![of_server],
    };
    Json::map([
        ("source", texts(&["aws.ssm"])),
        ("detail-type", texts(&kinds)),
        ("detail", detail),
    ])
}

impl SsmSyncFleetRef {
    /// Raises alarms when a run fails on a server, takes too long or does not reach it; when a command is not
    /// taken, waits for longer than two further attempts, or is given up; and when the function fails, is
    /// turned away or takes 80 % of its timeout.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// use cloudwright::ssm::Servers;
    /// # let app = App::new();
    /// # let stack = app.stack("Content", Environment::new("111111111111", "eu-central-1"));
    /// let operators = stack.add("Operators", sns::Topic::new());
    /// let content = SsmSyncFleet::new("/srv/content").servers(Servers::tagged("role", "web"));
    /// stack.add("Content", content).alarms(&operators);
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    pub fn alarms(&self, target: &(impl AlarmTarget + Clone)) -> Vec<AlarmRef> {
        let wait = self.events.visibility_timeout().unwrap_or_default();
        let mut alarms = vec![
            self.events
                .alarm_when_older_than(wait.saturating_mul(ATTEMPTS), target),
            self.events.alarm_on_dead_letters(target),
            self.function.alarm_on_errors(target),
            self.function.alarm_near_timeout(target),
            self.function.alarm_on_throttles(target),
        ];
        for (name, rule) in &self.rules {
            let matched = Metric::new("AWS/Events", "MatchedEvents")
                .dimension("RuleName", rule.reference())
                .statistic(Statistic::Sum)
                .period(minutes(1))
                .of(&self.scope);
            let alarm = Alarm::new(matched, Comparison::Above(0.0))
                .description(format!("a run of the document ended on a server: {name}"))
                .on_alarm(target);
            alarms.push(self.scope.add(format!("{name}Alarm"), alarm));
        }
        alarms
    }
}
