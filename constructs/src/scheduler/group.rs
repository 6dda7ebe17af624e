//! Groups of schedules, and what can be watched of them.

use cloudwright_synth::{Construct, IntoValue, Json, ResourceRef as _, Scope, Text, Value};

use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison, Metric, Statistic};
use crate::iam::{GrantRule, Grantee, OwnName, Subject, grant, table};
use crate::{cfn, defaults, rules};

/// The namespace of the metrics.
const NAMESPACE: &str = "AWS/Scheduler";
/// The longest name of a group or a schedule.
pub(super) const NAME: usize = 64;

/// A group of schedules ([AWS](https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-group.html)):
/// metrics and rights are of a whole group. When it is deleted, its schedules are.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::scheduler::{Schedule, ScheduleGroup};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// # let operators = stack.add("Operators", sns::Topic::new());
/// let reminders = stack.add("Reminders", ScheduleGroup::new());
/// let shop = stack.add("Shop", lambda::Function::new(lambda::Code::s3("releases", "shop.zip")));
/// reminders.grant_write(&shop).grant_delete(&shop);
/// reminders.alarm_on_dropped(&operators);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct ScheduleGroup {
    name: Option<Text>,
}

impl ScheduleGroup {
    /// A group without schedules yet.
    pub const fn new() -> Self {
        Self { name: None }
    }

    /// A fixed name: at most 64 letters, digits, `.`, `-` and `_`. Without one CloudFormation makes a unique name. A change
    /// replaces the group, and deletes its schedules.
    pub fn schedule_group_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// A group that exists already, by name; `default` is there in every account.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        name: impl IntoValue<String>,
    ) -> ScheduleGroupRef {
        ScheduleGroupRef {
            scope: scope.place(id),
            cfn: None,
            name: name.into_value(),
        }
    }
}

impl Default for ScheduleGroup {
    fn default() -> Self {
        Self::new()
    }
}

impl Construct for ScheduleGroup {
    type Handle = ScheduleGroupRef;

    fn construct(mut self, scope: &Scope) -> ScheduleGroupRef {
        self.name = self.name.or_else(|| defaults::name(scope, NAME));
        let mut l1 = cfn::scheduler::ScheduleGroup::new();
        if let Some(name) = &self.name {
            check_name(scope, "a schedule group", name);
            l1 = l1.name(name.clone());
        }
        let cfn = scope.add("Resource", l1);
        let mut name = Value::from_json(cfn.handle().reference());
        if let Some(fixed) = self.name {
            let fixed = Value::<String>::from_json(Json::Text(fixed));
            name = cfn.handle().known(&name, &fixed);
        }
        ScheduleGroupRef {
            scope: scope.clone(),
            cfn: Some(cfn),
            name,
        }
    }
}

/// The handle of a [`ScheduleGroup`], or of one that exists already.
#[derive(Clone)]
pub struct ScheduleGroupRef {
    scope: Scope,
    cfn: Option<cfn::scheduler::ScheduleGroupRef>,
    name: Value<String>,
}

impl ScheduleGroupRef {
    /// The group's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported group.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::scheduler::ScheduleGroupRef> {
        self.cfn.as_ref()
    }

    /// The group's name.
    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.name.clone()
    }

    /// Lets a grantee look at the schedules of the group.
    #[track_caller]
    pub fn grant_read(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::SCHEDULER_READ, grantee)
    }

    /// Lets a grantee make and change schedules of the group. Each is handed a role, which the grantee has to be allowed
    /// to pass on, too: `iam:PassRole` on it.
    #[track_caller]
    pub fn grant_write(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::SCHEDULER_WRITE, grantee)
    }

    /// Lets a grantee delete schedules of the group.
    #[track_caller]
    pub fn grant_delete(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::SCHEDULER_DELETE, grantee)
    }

    #[track_caller]
    fn grant(&self, rule: &'static GrantRule, grantee: &dyn Grantee) -> &Self {
        let schedules = vec![Json::Text("schedule/".into()), self.name.as_json().clone()];
        let schedules = Value::<String>::from_json(Json::concat(schedules));
        let subject = Subject {
            scope: &self.scope,
            arn: self.scope.arn("scheduler", schedules).as_json().clone(),
            content: "/*",
            key: None,
            policy: None,
            own_name: OwnName::Arn,
            known_arn: None,
        };
        grant(rule, &subject, grantee);
        self
    }

    /// A metric of the group by its name, such as `TargetErrorThrottledCount`
    /// ([all of them](https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html)), as a sum.
    pub fn metric(&self, name: &'static str) -> Metric {
        Metric::new(NAMESPACE, name)
            .dimension("ScheduleGroup", self.name())
            .statistic(Statistic::Sum)
            .of(&self.scope)
    }

    /// How often a target was told, or was to be.
    pub fn metric_attempts(&self) -> Metric {
        self.metric("InvocationAttemptCount")
    }

    /// How often a target failed.
    pub fn metric_target_errors(&self) -> Metric {
        self.metric("TargetErrorCount")
    }

    /// How often it was given up.
    pub fn metric_dropped(&self) -> Metric {
        self.metric("InvocationDroppedCount")
    }

    /// Raises an alarm as soon as a target could not be told in the end.
    #[track_caller]
    pub fn alarm_on_dropped(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let alarm = Alarm::new(self.metric_dropped(), Comparison::Above(0.0))
            .description("a schedule was given up; its dead letters say which and why")
            .on_alarm(target);
        self.scope.add("DroppedAlarm", alarm)
    }
}

/// Reports a name that the service would refuse.
pub(super) fn check_name(scope: &Scope, what: &str, name: &str) {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > NAME || !name.bytes().all(allowed) {
        let message = format!(
            "{what}'s name has 1 to {NAME} letters, digits, `.`, `-` and `_`, got \"{name}\""
        );
        let help = "choose another name, or leave it out";
        scope.error(&rules::BAD_NAME, message, help);
    }
}
