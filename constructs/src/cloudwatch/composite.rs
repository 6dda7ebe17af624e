//! Composite alarms: one alarm for what several alarms say together.

use std::rc::Rc;
use std::time::Duration;

use cloudwright_synth::{Arn, Builder as _, Construct, Json, Scope, Text, Value, Verb};

use super::{AlarmRef, AlarmTarget};
use crate::units::whole_seconds;
use crate::{cfn, defaults, reach, rules};

/// The most targets.
const ACTIONS: usize = 5;

/// What has to be so for a [`CompositeAlarm`] to go off.
#[derive(Clone)]
#[must_use = "a rule does nothing until an alarm has it"]
pub struct AlarmRule {
    text: Vec<Json>,
    watched: Vec<Scope>,
}

impl AlarmRule {
    /// An alarm has gone off.
    pub fn alarm(alarm: &AlarmRef) -> Self {
        Self {
            text: vec![
                Json::Text("ALARM(\"".into()),
                alarm.arn().as_json().clone(),
                Json::Text("\")".into()),
            ],
            watched: vec![alarm.scope().clone()],
        }
    }

    /// All of these are so.
    pub fn all(rules: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(" AND ", rules)
    }

    /// One of these is so, or more.
    pub fn any(rules: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(" OR ", rules)
    }

    /// It is not so.
    #[expect(
        clippy::should_implement_trait,
        reason = "it is made, not negated: there is no `self`"
    )]
    pub fn not(rule: Self) -> Self {
        let mut text = vec![Json::Text("NOT (".into())];
        text.extend(rule.text);
        text.push(Json::Text(")".into()));
        Self { text, ..rule }
    }

    fn joined(word: &'static str, rules: impl IntoIterator<Item = Self>) -> Self {
        let (mut text, mut watched) = (Vec::new(), Vec::new());
        for rule in rules {
            text.push(Json::Text(if text.is_empty() { "(" } else { word }.into()));
            text.extend(rule.text);
            watched.extend(rule.watched);
        }
        text.push(Json::Text(")".into()));
        Self { text, watched }
    }
}

impl From<&AlarmRef> for AlarmRule {
    fn from(alarm: &AlarmRef) -> Self {
        Self::alarm(alarm)
    }
}

/// An alarm over alarms
/// ([AWS](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html)): people are woken once, for
/// what several alarms say together.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::cloudwatch::{AlarmRule, CompositeAlarm};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// # let operators = stack.add("Operators", sns::Topic::new());
/// # let quiet = stack.add("Quiet", sns::Topic::new());
/// # let orders = stack.add("Orders", lambda::Function::new(lambda::Code::s3("releases", "orders.zip")));
/// let errors = orders.alarm_on_errors(&quiet);
/// let throttles = orders.alarm_on_throttles(&quiet);
/// let broken = AlarmRule::any([AlarmRule::alarm(&errors), AlarmRule::alarm(&throttles)]);
/// stack.add("OrdersBroken", CompositeAlarm::new(broken).on_alarm(&operators));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct CompositeAlarm {
    rule: AlarmRule,
    name: Option<Text>,
    description: Option<Text>,
    on_alarm: Vec<Rc<dyn AlarmTarget>>,
    on_ok: Vec<Rc<dyn AlarmTarget>>,
    suppressed: Option<(AlarmRef, Duration, Duration)>,
}

impl CompositeAlarm {
    /// An alarm that goes off when the rule holds.
    pub fn new(rule: impl Into<AlarmRule>) -> Self {
        Self {
            rule: rule.into(),
            name: None,
            description: None,
            on_alarm: Vec::new(),
            on_ok: Vec::new(),
            suppressed: None,
        }
    }

    /// A fixed name. Without one CloudFormation makes a unique name. A change replaces the alarm.
    pub fn alarm_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Tells whoever is woken up what this means and what to do; at most 1,024 characters.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Tells the target when the alarm goes off.
    pub fn on_alarm<T: AlarmTarget + Clone>(mut self, target: &T) -> Self {
        self.on_alarm.push(Rc::new(target.clone()));
        self
    }

    /// Tells the target when all is well again.
    pub fn on_ok<T: AlarmTarget + Clone>(mut self, target: &T) -> Self {
        self.on_ok.push(Rc::new(target.clone()));
        self
    }

    /// Tells nobody while another alarm has gone off, such as that of the network: it is waited `wait` for it, and silence
    /// goes on for `extension` after it is over.
    pub fn suppressed_by(mut self, alarm: &AlarmRef, wait: Duration, extension: Duration) -> Self {
        self.suppressed = Some((alarm.clone(), wait, extension));
        self
    }
}

fn told(scope: &Scope, targets: &[Rc<dyn AlarmTarget>]) -> Option<Json> {
    let mut all: Vec<&dyn AlarmTarget> = Vec::new();
    for target in targets {
        super::alarm::told_for(&**target, &mut all);
    }
    if all.len() > ACTIONS {
        let message = format!(
            "an alarm tells at most {ACTIONS} targets, got {}",
            all.len()
        );
        let help = "tell one topic, and subscribe everybody to it";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
    let told = all.iter().map(|target| {
        reach::same_region(scope, target.place(), "an alarm and whom it tells");
        scope.edge(Verb::AlarmsTo, target.place(), "");
        target.bind(scope)
    });
    let told: Vec<Json> = told.collect();
    (!told.is_empty()).then(|| Json::set_of(told))
}

impl Construct for CompositeAlarm {
    type Handle = CompositeAlarmRef;

    fn construct(mut self, scope: &Scope) -> CompositeAlarmRef {
        self.name = self.name.or_else(|| defaults::name(scope, 255));
        for watched in &self.rule.watched {
            reach::same_environment(scope, watched, "an alarm and the alarms that it watches");
            scope.edge(Verb::Watches, watched, "");
        }
        if self.rule.watched.is_empty() {
            let message = "a composite alarm watches at least one alarm, got none";
            let help = "such as `AlarmRule::any([AlarmRule::alarm(&errors)])`";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        let rule = Value::<String>::from_json(Json::concat(self.rule.text));
        let mut l1 = cfn::cloudwatch::CompositeAlarm::new(rule);
        if let Some(name) = self.name {
            l1 = l1.alarm_name(name);
        }
        if let Some(text) = self.description {
            l1 = l1.alarm_description(text);
        }
        for (property, targets) in [("AlarmActions", &self.on_alarm), ("OKActions", &self.on_ok)] {
            if let Some(told) = told(scope, targets) {
                l1 = l1.raw(property, told);
            }
        }
        if let Some((alarm, wait, extension)) = self.suppressed {
            let seconds =
                |duration| Json::Int(whole_seconds(scope, "how long it is silent", duration));
            l1 = l1
                .raw("ActionsSuppressor", alarm.arn().as_json().clone())
                .raw("ActionsSuppressorWaitPeriod", seconds(wait))
                .raw("ActionsSuppressorExtensionPeriod", seconds(extension));
        }
        CompositeAlarmRef {
            scope: scope.clone(),
            cfn: scope.add("Resource", l1),
        }
    }
}

/// The handle of a [`CompositeAlarm`].
#[derive(Clone)]
pub struct CompositeAlarmRef {
    scope: Scope,
    cfn: cfn::cloudwatch::CompositeAlarmRef,
}

impl CompositeAlarmRef {
    /// The alarm's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::cloudwatch::CompositeAlarmRef {
        &self.cfn
    }

    /// The alarm's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::cloudwatch::CompositeAlarm>> {
        self.cfn.arn().cast()
    }
}
