//! Alarms and whom they tell.

use cloudwright_synth::Builder as _;
use cloudwright_synth::sorted::Map;
use std::rc::Rc;

use cloudwright_synth::{Arn, Construct, IntoValue, Json, ResourceRef, Scope, Text, Value, Verb};

use super::{Comparison, MissingData, Watched};
use crate::units::number;
use crate::{cfn, defaults, reach, rules};

/// The longest name of an alarm.
const NAME_LIMIT: usize = 255;
/// The most targets of a state.
const ACTIONS: usize = 5;
/// The longest time that an alarm looks back on, in seconds: a day, or a week with periods of an
/// hour and more.
const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;
const HOUR: i64 = 3600;

/// Whom an alarm can tell.
#[diagnostic::on_unimplemented(
    message = "an alarm cannot tell `{Self}`",
    label = "not an alarm target",
    note = "alarms tell a standard topic (`sns::TopicRef`); subscribe whoever should know to that topic"
)]
pub trait AlarmTarget: 'static {
    /// The target's place in the tree.
    fn place(&self) -> &Scope;

    /// Lets alarms of the given place in, and gives the ARN of the action.
    fn bind(&self, alarm: &Scope) -> Json;

    /// Those who are told in its place, when it is a group; nobody unless said.
    fn members(&self) -> Vec<&dyn AlarmTarget> {
        Vec::new()
    }
}

/// Both are told, wherever one is: `bucket.alarms(&(admins, developers))`, and three as `&((a, b), c)`. An alarm
/// tells at most five.
impl<A: AlarmTarget, B: AlarmTarget> AlarmTarget for (A, B) {
    fn place(&self) -> &Scope {
        self.0.place()
    }

    fn bind(&self, alarm: &Scope) -> Json {
        self.0.bind(alarm)
    }

    fn members(&self) -> Vec<&dyn AlarmTarget> {
        vec![&self.0, &self.1]
    }
}

/// A target, or all that are told in its place.
pub(super) fn told_for<'a>(target: &'a dyn AlarmTarget, told: &mut Vec<&'a dyn AlarmTarget>) {
    let members = target.members();
    if members.is_empty() {
        told.push(target);
    }
    for member in members {
        told_for(member, told);
    }
}

/// An alarm ([AWS](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html)).
///
/// It goes off after one alarming period unless said, and takes a missing measurement for a good
/// one.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::cloudwatch::{Alarm, Comparison};
/// # let app = App::new();
/// # let stack = app.stack("Orders", Environment::agnostic());
/// let operators = stack.add("Operators", sns::Topic::new());
/// let orders = stack.add("Orders", sqs::Queue::new());
/// stack.add("Backlog", Alarm::new(orders.metric_visible(), Comparison::AtLeast(1000.0))
///     .evaluation_periods(3)
///     .on_alarm(&operators));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Alarm {
    cfn: cfn::cloudwatch::Alarm,
    name: Option<Json>,
    watched: Watched,
    comparison: Comparison,
    periods: u32,
    datapoints: Option<u32>,
    missing: MissingData,
    actions: Vec<(State, Rc<dyn AlarmTarget>)>,
}

/// The state of an alarm that a target is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Alarm,
    Ok,
    InsufficientData,
}

impl Alarm {
    /// An alarm that goes off when a metric, or a number computed from metrics, compares so.
    pub fn new(watched: impl Into<Watched>, comparison: Comparison) -> Self {
        Self {
            cfn: cfn::cloudwatch::Alarm::new(),
            name: None,
            watched: watched.into(),
            comparison,
            periods: 1,
            datapoints: None,
            missing: MissingData::default(),
            actions: Vec::new(),
        }
    }

    /// How many periods are looked at; all together a day at most, or a week when each has an hour
    /// or more.
    pub const fn evaluation_periods(mut self, count: u32) -> Self {
        self.periods = count;
        self
    }

    /// How many of the periods have to be alarming; all of them unless said.
    pub const fn datapoints_to_alarm(mut self, count: u32) -> Self {
        self.datapoints = Some(count);
        self
    }

    /// What a period without a measurement counts as; as a good one unless said.
    pub const fn missing_data(mut self, treatment: MissingData) -> Self {
        self.missing = treatment;
        self
    }

    /// Tells whoever is woken up what this means and what to do; at most 1,024 characters.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.cfn = self.cfn.alarm_description(text.into());
        self
    }

    /// A fixed name. Without one CloudFormation makes a unique name. A change replaces the alarm.
    pub fn alarm_name(mut self, name: impl IntoValue<String>) -> Self {
        self.name = Some(name.into_json());
        self
    }

    /// Tells the target when the alarm goes off; several as `&(admins, developers)`.
    pub fn on_alarm<T: AlarmTarget + Clone>(self, target: &T) -> Self {
        self.on(State::Alarm, target)
    }

    /// Tells the target when all is well again.
    pub fn on_ok<T: AlarmTarget + Clone>(self, target: &T) -> Self {
        self.on(State::Ok, target)
    }

    /// Tells the target when too little is measured to say.
    pub fn on_insufficient_data<T: AlarmTarget + Clone>(self, target: &T) -> Self {
        self.on(State::InsufficientData, target)
    }

    fn on<T: AlarmTarget + Clone>(mut self, state: State, target: &T) -> Self {
        self.actions.push((state, Rc::new(target.clone())));
        self
    }

    fn check(&self, scope: &Scope) {
        let threshold = self.comparison.threshold();
        if !threshold.is_finite() {
            let message = format!("a threshold is a number, got {threshold}");
            scope.error(
                &rules::OUT_OF_RANGE,
                message,
                "compare with a finite number",
            );
        }
        let datapoints = self.datapoints.unwrap_or(self.periods);
        if self.periods == 0 || !(1..=self.periods).contains(&datapoints) {
            let message = format!(
                "an alarm needs at least one period, and no more alarming ones than there are; got {datapoints} of {}",
                self.periods
            );
            scope.error(&rules::OUT_OF_RANGE, message, "such as 2 of 3");
        }
        let period = self.watched.period();
        let (span, limit) = (
            period.saturating_mul(self.periods.into()),
            if period >= HOUR { WEEK } else { DAY },
        );
        if span > limit {
            let message = format!(
                "an alarm with periods of {period} s looks back on at most {limit} s, got {span} s"
            );
            let help = "look at fewer periods, or at longer ones";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
    }

    /// The ARNs of those who are told of a state, each once.
    fn told_of(&self, scope: &Scope, state: State) -> Vec<Json> {
        let mut told = Vec::new();
        for (_, target) in self.actions.iter().filter(|(of, _)| *of == state) {
            told_for(&**target, &mut told);
        }
        let told = told.into_iter();
        let targets: Map<_, _> = told.map(|target| (target.place().path(), target)).collect();
        let arns = targets.into_iter().map(|(_, target)| {
            reach::same_region(scope, target.place(), "an alarm and whom it tells");
            scope.edge(Verb::AlarmsTo, target.place(), self.comparison.describe());
            target.bind(scope)
        });
        let arns: Vec<_> = arns.collect();
        if arns.len() > ACTIONS {
            let got = arns.len();
            let message = format!("an alarm tells at most {ACTIONS} targets of a state, got {got}");
            let help = "tell one topic, and subscribe everybody else to it";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        arns
    }
}

impl Construct for Alarm {
    type Handle = AlarmRef;

    fn construct(self, scope: &Scope) -> AlarmRef {
        self.check(scope);
        for subject in self.watched.subjects() {
            reach::same_environment(scope, subject, "an alarm and what it watches");
            scope.edge(Verb::Watches, subject, self.comparison.describe());
        }
        let dimensions = self.watched.dimensions().into_iter();
        for subject in dimensions.filter_map(|value| scope.construct_behind(value)) {
            scope.edge(Verb::Watches, &subject, self.comparison.describe());
        }
        let mut l1 = self
            .watched
            .write(scope, self.cfn.clone())
            .comparison_operator(self.comparison.operator())
            .evaluation_periods(self.periods)
            .treat_missing_data(self.missing.name());
        let by_scheme = || defaults::name(scope, NAME_LIMIT).map(Json::Text);
        if let Some(name) = self.name.clone().or_else(by_scheme) {
            l1 = l1.alarm_name(Value::<String>::from_json(name));
        }
        if self.comparison.threshold().is_finite() {
            l1 = l1.raw("Threshold", number(self.comparison.threshold()));
        }
        if let Some(datapoints) = self.datapoints {
            l1 = l1.datapoints_to_alarm(datapoints);
        }
        for (state, property) in [
            (State::Alarm, "AlarmActions"),
            (State::Ok, "OKActions"),
            (State::InsufficientData, "InsufficientDataActions"),
        ] {
            let told = self.told_of(scope, state);
            if !told.is_empty() {
                l1 = l1.raw(property, Json::set_of(told));
            }
        }
        AlarmRef {
            scope: scope.clone(),
            cfn: scope.add("Resource", l1),
        }
    }
}

/// The handle of an [`Alarm`].
#[derive(Clone)]
pub struct AlarmRef {
    scope: Scope,
    cfn: cfn::cloudwatch::AlarmRef,
}

impl AlarmRef {
    /// The alarm's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::cloudwatch::AlarmRef {
        &self.cfn
    }

    /// The alarm's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::cloudwatch::Alarm>> {
        self.cfn.arn()
    }

    /// The alarm's name.
    #[must_use]
    pub fn name(&self) -> Value<String> {
        Value::from_json(self.cfn.handle().reference())
    }
}
