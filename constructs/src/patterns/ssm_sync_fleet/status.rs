//! How commands went: what Systems Manager tells of them by EventBridge, and what should wake somebody up.

use cloudwright_synth::{Json, Scope, Text};

use super::handle::SsmSyncFleetRef;
use crate::acknowledge::{Finding, residuals};
use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison};
use crate::events::{EventPattern, Rule, RuleRef, Target};
use crate::sns::TopicRef;
use crate::sqs::{Queue, QueueRef};
use crate::ssm::DocumentRef;
use crate::units::minutes;

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

/// The rules for ends that are no success, each by what it is called here.
pub(super) type Rules = Vec<(&'static str, RuleRef)>;

/// Has EventBridge notice what fails, and tell the topic of it. What the topic does not take within a day lies in the
/// queue, so that a key or a policy that turns notices away is seen.
pub(super) fn rules(
    scope: &Scope,
    document: &DocumentRef,
    topic: Option<&TopicRef>,
) -> (Rules, Option<QueueRef>) {
    let lost = topic.map(|_| scope.add("LostNotices", Queue::dead_letter()));
    let made = ENDS.iter().map(|(name, ends)| {
        let mut rule = Rule::matching(pattern(document, ends));
        if let (Some(topic), Some(lost)) = (topic, &lost) {
            rule = rule.target(Target::topic(topic).id("Status").dead_letters(lost));
        }
        let rule = scope.add(*name, rule);
        if topic.is_none() {
            residuals(rule.scope(), &[Finding::NoRuleTarget]);
        }
        (*name, rule)
    });
    (made.collect(), lost)
}

fn pattern(document: &DocumentRef, ends: &[&'static str]) -> EventPattern {
    let ends_json = ends.iter().map(|end| Json::Text(Text::Borrowed(end)));
    let document = Json::List(vec![document.name().as_json().clone()]);
    let detail = Json::map([
        ("document-name", document),
        ("status", Json::List(ends_json.collect())),
    ]);
    // One notice for each server; of a whole command only what reached none.
    let of_server = EventPattern::source("aws.ssm")
        .detail_type("EC2 Command Invocation Status-change Notification")
        .detail(detail);
    if ends.contains(&"NoInstancesInTag") {
        of_server.detail_type("EC2 Command Status-change Notification")
    } else if ends.contains(&"Failed") {
        // Of a look that servers take by themselves.
        of_server.detail_type("EC2 State Manager Instance Association State Change")
    } else {
        of_server
    }
}

impl SsmSyncFleetRef {
    /// Raises alarms when a run fails on a server, takes too long or does not reach it; when a command is not
    /// taken, waits for longer than two further attempts, or is given up; when a notice of a run could not be
    /// handed over; and when the function fails, is turned away or takes 80 % of its timeout.
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
        if let Some(lost) = &self.lost_notices {
            let alarm = Alarm::new(lost.metric_visible(), Comparison::Above(0.0))
                .description(
                    "the topic did not take a notice: its policy or its key turned it away",
                )
                .on_alarm(target);
            alarms.push(self.scope.add("LostNoticesAlarm", alarm));
        }
        for (name, rule) in &self.rules {
            let matched = rule.metric_matched().period(minutes(1));
            let alarm = Alarm::new(matched, Comparison::Above(0.0))
                .description(format!("a run of the document ended on a server: {name}"))
                .on_alarm(target);
            alarms.push(self.scope.add(format!("{name}Alarm"), alarm));
        }
        alarms
    }
}
