//! How servers are exchanged for those of a new version.

use std::time::Duration;

use cloudwright_synth::{Json, Scope};

use crate::rules;
use crate::units::{check_seconds, minutes};

/// What must not interfere while servers are exchanged
/// ([AWS](https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html)).
const SUSPENDED: [&str; 5] = [
    "AZRebalance",
    "AlarmNotification",
    "HealthCheck",
    "ReplaceUnhealthy",
    "ScheduledActions",
];
/// The longest time that a server may take to say that it is ready, in seconds: an hour.
const LONGEST: i64 = 3_600;

/// How the servers of a group are exchanged when their template changes
/// ([AWS](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html)): one
/// at a time, while all others are in service.
///
/// With [`signals`](Self::signals), the next server waits until the one before has said that it is ready,
/// by `cfn-signal`; a deployment whose servers do not is rolled back.
#[derive(Clone)]
#[must_use = "it does nothing until a group has it: `Group::rolling_update`"]
pub struct RollingUpdate {
    at_once: u32,
    in_service: Option<u32>,
    signals: Option<Duration>,
    pause: Option<Duration>,
}

impl RollingUpdate {
    /// One server at a time.
    pub const fn new() -> Self {
        Self {
            at_once: 1,
            in_service: None,
            signals: None,
            pause: None,
        }
    }

    /// So many servers at a time: 1 to 100.
    pub const fn at_once(mut self, servers: u32) -> Self {
        self.at_once = servers;
        self
    }

    /// So many servers stay in service meanwhile, fewer than the group may have. Unless said, it is what the
    /// group has at least, or all but one where it cannot grow.
    pub const fn in_service(mut self, servers: u32) -> Self {
        self.in_service = Some(servers);
        self
    }

    /// Waits for each server to say that it is ready, up to so long: at most an hour.
    pub const fn signals(mut self, timeout: Duration) -> Self {
        self.signals = Some(timeout);
        self
    }

    /// Waits so long between servers: at most an hour. It cannot be said together with `signals`.
    pub const fn pause(mut self, duration: Duration) -> Self {
        self.pause = Some(duration);
        self
    }

    /// How long the group waits for its first servers, in seconds, if it does.
    pub(super) fn first_signals(&self) -> Option<u64> {
        self.signals.map(|timeout| timeout.as_secs())
    }

    pub(super) fn json(&self, scope: &Scope, least: u32, most: u32) -> Json {
        self.check(scope, most);
        let in_service = self.in_service.unwrap_or(if most > least {
            least
        } else {
            most.saturating_sub(1)
        });
        let suspended = SUSPENDED.map(|name| Json::Text(name.into()));
        let mut members = vec![
            ("MaxBatchSize", Json::Int(self.at_once.into())),
            ("MinInstancesInService", Json::Int(in_service.into())),
            ("SuspendProcesses", Json::List(suspended.into())),
        ];
        if let Some(timeout) = self.signals {
            members.push(("WaitOnResourceSignals", Json::Bool(true)));
            members.push(("PauseTime", period(timeout)));
        } else if let Some(pause) = self.pause {
            members.push(("PauseTime", period(pause)));
        }
        Json::map([("AutoScalingRollingUpdate", Json::map(members))])
    }

    fn check(&self, scope: &Scope, most: u32) {
        if !(1..=100).contains(&self.at_once) {
            let message = format!(
                "1 to 100 servers are exchanged at a time, got {}",
                self.at_once
            );
            scope.error(&rules::OUT_OF_RANGE, message, "such as `.at_once(2)`");
        }
        if let Some(count) = self.in_service.filter(|count| *count >= most) {
            let message = format!(
                "a group of at most {most} servers exchanges none while {count} have to stay in service"
            );
            scope.error(
                &rules::CONTRADICTION,
                message,
                "let fewer stay, or the group grow",
            );
        }
        if let Some(timeout) = self.signals {
            check_seconds(scope, "the time to say ready", timeout, 1..=LONGEST);
        }
        if let Some(pause) = self.pause {
            check_seconds(scope, "the time between servers", pause, 0..=3600);
            if self.signals.is_some() {
                let message = "the next server waits for a signal or for a time, not for both";
                scope.error(&rules::CONTRADICTION, message, "drop `.pause(..)`");
            }
        }
    }
}

impl Default for RollingUpdate {
    fn default() -> Self {
        Self::new()
    }
}

/// A time as CloudFormation writes it: `PT90S`.
pub(super) fn period(duration: Duration) -> Json {
    let seconds = duration.as_secs();
    let minute = minutes(1).as_secs();
    let text = if seconds > 0 && seconds.is_multiple_of(minute) {
        format!("PT{}M", seconds / minute)
    } else {
        format!("PT{seconds}S")
    };
    Json::Text(text.into())
}
