//! Schedules, whose targets are told as a role and lose nothing.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::{
    Arn, Builder as _, Construct, Json, ResourceRef as _, Scope, Text, Value, Verb,
};

use super::expression::{When, check_time};
use super::group::{self, check_name};
use super::{ScheduleGroupRef, Target};
use crate::cfn::scheduler::schedule;
use crate::iam::{Principal, Role, RoleRef, Statement};
use crate::sqs::{Queue, QueueRef};
use crate::units::check_seconds;
use crate::{cfn, defaults, kms, rules};

/// The service that runs schedules.
const SCHEDULER: &str = "scheduler.amazonaws.com";
/// How long a window may be, in seconds.
const WINDOW: RangeInclusive<i64> = 60..=86_400;
/// The group of those that say none.
const DEFAULT_GROUP: &str = "default";

/// A schedule ([AWS](https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html)): tells its target when
/// it is time.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::scheduler::{Schedule, Target};
/// # let app = App::new();
/// # let stack = app.stack("Reports", Environment::agnostic());
/// let report = stack.add("Report", lambda::Function::new(lambda::Code::s3("releases", "report.zip")));
/// let jobs = stack.add("Jobs", sqs::Queue::new());
///
/// stack.add("Often", Schedule::every(minutes(5), &jobs).flexible_window(minutes(2)));
/// stack.add("Nightly", Schedule::at("cron(15 3 * * ? *)", &report).time_zone("Europe/Berlin"));
/// let birthday = Target::function(&report).input(r#"{"kind": "birthday"}"#).retry_attempts(3);
/// stack.add("Birthday", Schedule::once("2027-03-14T01:59:00", birthday));
/// # app.synth().unwrap();
/// ```
///
/// See the [module](super) for what happens when the target cannot be told.
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Schedule {
    when: When,
    target: Target,
    name: Option<Text>,
    group: Option<ScheduleGroupRef>,
    description: Option<Text>,
    window: Option<Duration>,
    zone: Option<Text>,
    start: Option<Text>,
    end: Option<Text>,
    key: Option<kms::KeyRef>,
    enabled: bool,
}

impl Schedule {
    /// Tells the target again and again: after one or more whole minutes.
    pub fn every(period: Duration, target: impl Into<Target>) -> Self {
        Self::new(When::Every(period), target.into())
    }

    /// Tells the target by an
    /// [expression](https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html), such as
    /// `cron(15 3 * * ? *)`; in UTC, or in a [time zone](Self::time_zone).
    pub fn at(expression: impl Into<Text>, target: impl Into<Target>) -> Self {
        Self::new(When::At(expression.into()), target.into())
    }

    /// Tells the target one single time, such as `2027-03-14T01:59:00`; in UTC, or in a [time zone](Self::time_zone).
    pub fn once(time: impl Into<Text>, target: impl Into<Target>) -> Self {
        Self::new(When::Once(time.into()), target.into())
    }

    const fn new(when: When, target: Target) -> Self {
        Self {
            when,
            target,
            name: None,
            group: None,
            description: None,
            window: None,
            zone: None,
            start: None,
            end: None,
            key: None,
            enabled: true,
        }
    }

    /// A fixed name: at most 64 letters, digits, `.`, `-` and `_`. Without one CloudFormation makes a unique name. A change
    /// replaces the schedule.
    pub fn schedule_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The group that it belongs to; the account's default one unless said.
    pub fn group(mut self, group: &ScheduleGroupRef) -> Self {
        self.group = Some(group.clone());
        self
    }

    /// Says what the schedule is for; at most 512 characters.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Tells the target at any time within so much after it is due, in whole minutes up to a day. That spreads the load of
    /// many schedules; unless said, the target is told on the minute.
    pub const fn flexible_window(mut self, window: Duration) -> Self {
        self.window = Some(window);
        self
    }

    /// The time zone of the expression, such as `Europe/Berlin`, which also knows summer time; UTC unless said.
    pub fn time_zone(mut self, name: impl Into<Text>) -> Self {
        self.zone = Some(name.into());
        self
    }

    /// Tells nobody before this time, in UTC: `2027-01-01T00:00:00Z`.
    pub fn starting(mut self, time: impl Into<Text>) -> Self {
        self.start = Some(time.into());
        self
    }

    /// Tells nobody after this time, in UTC: `2027-12-31T00:00:00Z`.
    pub fn ending(mut self, time: impl Into<Text>) -> Self {
        self.end = Some(time.into());
        self
    }

    /// Encrypts what the target is told with a key of your own, which the schedule's role may use.
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// The schedule is there, and tells nobody until this is no longer said.
    pub const fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    fn check(&self, scope: &Scope) {
        self.target.check(scope);
        if let Some(name) = &self.name {
            check_name(scope, "a schedule", name);
        }
        for time in [&self.start, &self.end].into_iter().flatten() {
            check_time(scope, time, "Z");
        }
        if let (Some(start), Some(end)) = (&self.start, &self.end)
            && start >= end
        {
            let message = format!("a schedule ends after it starts, got {start} and {end}");
            scope.error(&rules::BAD_SCHEDULE, message, "exchange the two times");
        }
        if matches!(self.when, When::Once(_)) && (self.start.is_some() || self.end.is_some()) {
            let message = "a schedule that runs once has no start and no end of its own";
            let help = "leave `.starting(..)` and `.ending(..)` out";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        if matches!(self.when, When::Every(_)) && self.zone.is_some() {
            let message = "a period is as long in every time zone, and a time zone is said";
            let help = "leave it out, or say `Schedule::at(\"cron(..)\", ..)`";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }

    fn window(&self, scope: &Scope) -> schedule::FlexibleTimeWindow {
        let Some(window) = self.window else {
            return schedule::FlexibleTimeWindow::new("OFF");
        };
        let seconds = check_seconds(scope, "a schedule's window", window, WINDOW);
        if seconds % 60 != 0 {
            let message = format!("a schedule's window is whole minutes, got {window:?}");
            scope.error(&rules::BAD_DURATION, message, "round it: `minutes(15)`");
        }
        schedule::FlexibleTimeWindow::new("FLEXIBLE")
            .raw("MaximumWindowInMinutes", Json::Int((seconds / 60).max(1)))
    }

    /// The role that the target is told as, with what it needs.
    fn role(&self, scope: &Scope, lost: Option<&QueueRef>) -> RoleRef {
        let given = self.target.role.clone();
        let role = given.unwrap_or_else(|| own_role(scope, self.group.as_ref()));
        self.target.allow(&role);
        if let Some(lost) = lost {
            lost.grant_send(&role);
            scope.edge(Verb::DeadLettersTo, lost.scope(), "schedule");
        }
        if let Some(key) = &self.key {
            key.grant_encrypt_decrypt(&role);
        }
        role
    }

    fn l1(&self, scope: &Scope, target: Json) -> cfn::scheduler::Schedule {
        let target = Value::<schedule::Target>::from_json(target);
        let when = self.when.render(scope);
        let mut l1 = cfn::scheduler::Schedule::new(self.window(scope), when, target);
        if let Some(name) = &self.name {
            l1 = l1.name(name.clone());
        }
        if let Some(group) = &self.group {
            l1 = l1.group_name(group.name());
        }
        if let Some(text) = &self.description {
            l1 = l1.description(text.clone());
        }
        if let Some(zone) = &self.zone {
            l1 = l1.schedule_expression_timezone(zone.clone());
        }
        if let Some(start) = &self.start {
            l1 = l1.start_date(start.clone());
        }
        if let Some(end) = &self.end {
            l1 = l1.end_date(end.clone());
        }
        if let Some(key) = &self.key {
            scope.edge(Verb::EncryptsWith, key.scope(), "");
            l1 = l1.kms_key_arn(key);
        }
        if self.enabled {
            l1
        } else {
            l1.state("DISABLED")
        }
    }
}

impl Construct for Schedule {
    type Handle = ScheduleRef;

    fn construct(mut self, scope: &Scope) -> ScheduleRef {
        self.name = self.name.or_else(|| defaults::name(scope, group::NAME));
        self.check(scope);
        let mut own = || scope.add("DeadLetters", Queue::dead_letter());
        let lost = self.target.lost.settle(scope, &self.target.to, &mut own);
        let role = self.role(scope, lost.as_ref());
        let target = self.target.l1(&role, lost.as_ref());
        let cfn = scope.add("Resource", self.l1(scope, target));
        if self.target.role.is_none() {
            // Else the first time could come before the rights.
            cfn.handle().scope().depends_on(role.scope());
        }
        ScheduleRef {
            scope: scope.clone(),
            cfn,
            lost,
        }
    }
}

/// A role that only schedules of a group of this account may assume.
fn own_role(scope: &Scope, group: Option<&ScheduleGroupRef>) -> RoleRef {
    let name = group.map_or_else(
        || Json::Text(DEFAULT_GROUP.into()),
        |group| group.name().as_json().clone(),
    );
    let group = Json::concat(vec![Json::Text("schedule-group/".into()), name]);
    let group = scope.arn("scheduler", Value::<String>::from_json(group));
    let trust = Statement::allow(["sts:AssumeRole"])
        .by(Principal::service(SCHEDULER))
        .when("StringEquals", "aws:SourceAccount", scope.account())
        .when("ArnEquals", "aws:SourceArn", group);
    scope.add("Role", Role::trusting(trust))
}

/// The handle of a [`Schedule`].
#[derive(Clone)]
pub struct ScheduleRef {
    scope: Scope,
    cfn: cfn::scheduler::ScheduleRef,
    lost: Option<QueueRef>,
}

impl ScheduleRef {
    /// The schedule's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::scheduler::ScheduleRef {
        &self.cfn
    }

    /// The schedule's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::scheduler::Schedule>> {
        self.cfn.arn().cast()
    }

    /// The schedule's name.
    #[must_use]
    pub fn name(&self) -> Value<String> {
        Value::from_json(self.cfn.handle().reference())
    }

    /// The queue of what could not be handed over, to watch it with
    /// [`alarm_on_dead_letters`](crate::sqs::QueueRefOf::alarm_on_dead_letters); `None` when that is dropped.
    #[must_use]
    pub const fn dead_letters(&self) -> Option<&QueueRef> {
        self.lost.as_ref()
    }
}
