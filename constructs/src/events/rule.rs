//! Rules, whose targets are let in and lose nothing.

use std::time::Duration;

use cloudwright_synth::{Construct, IntoValue, Json, Scope, Text, Value};

use super::handle::RuleRef;
use super::target::{Settled, Target};
use super::{EventPattern, schedule};
use crate::{cfn, defaults, rules};

/// The longest name of a rule.
const NAME_LIMIT: usize = 64;
/// The most targets of a rule.
const TARGETS: usize = 5;
/// What to do about an expression that EventBridge refuses, and about a period that no schedule can say.
const AT: &str = "such as `cron(15 3 * * ? *)`, each night at 3:15 UTC";
const ROUND: &str = "round it: `hours(6)`, or say `Rule::at(\"cron(15 3 * * ? *)\")`";

/// A rule ([AWS](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html)): tells its targets of events
/// that match a pattern, or runs them by a schedule.
///
/// ```
/// use cloudwright::events::{EventPattern, Rule, Target};
/// use cloudwright::lambda::Code;
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Reports", Environment::agnostic());
/// let uploads = stack.add("Uploads", s3::Bucket::new().event_bridge());
/// let report = stack.add("Report", lambda::Function::new(Code::s3("releases", "report.zip")));
/// let operators = stack.add("Operators", sns::Topic::new());
///
/// let new = EventPattern::source("aws.s3")
///     .detail_type("Object Created")
///     .detail(json!({ "bucket": { "name": [uploads.name()] } }));
/// stack.add("NewUploads", Rule::matching(new).target(&report).target(&operators));
///
/// let weekly = Target::function(&report).input(r#"{"all": true}"#).retry_attempts(3);
/// let rule = stack.add("Weekly", Rule::at("cron(0 8 ? * MON *)").target(weekly));
/// rule.alarm_on_failures(&operators);
/// # app.synth().unwrap();
/// ```
///
/// See the [module](super) for what happens to events that cannot be handed over.
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Rule {
    cfn: cfn::events::Rule,
    when: When,
    name: Option<Json>,
    bus: Option<Json>,
    targets: Vec<Target>,
}

/// When the targets are told.
#[derive(Clone)]
enum When {
    Matching(EventPattern),
    Every(Duration),
    At(Text),
}

impl Rule {
    /// A rule for events that match.
    pub fn matching(pattern: EventPattern) -> Self {
        Self::new(When::Matching(pattern))
    }

    /// A rule that runs again and again: after one or more whole minutes.
    pub fn every(period: Duration) -> Self {
        Self::new(When::Every(period))
    }

    /// A rule that runs by an
    /// [expression](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html) in UTC,
    /// such as `cron(15 3 * * ? *)`.
    pub fn at(expression: impl Into<Text>) -> Self {
        Self::new(When::At(expression.into()))
    }

    fn new(when: When) -> Self {
        Self {
            cfn: cfn::events::Rule::new(),
            when,
            name: None,
            bus: None,
            targets: Vec::new(),
        }
    }

    /// Tells this function, queue or topic, or a [`Target`] of which more is said. A rule has at most five.
    pub fn target(mut self, target: impl Into<Target>) -> Self {
        self.targets.push(target.into());
        self
    }

    /// A fixed name: at most 64 letters, digits, `.`, `-` and `_`. Without one CloudFormation makes a unique
    /// name. A change replaces the rule.
    pub fn rule_name(mut self, name: impl IntoValue<String>) -> Self {
        self.name = Some(name.into_json());
        self
    }

    /// The bus whose events are matched, by name or ARN; the account's default one unless said. Schedules are on
    /// that one only.
    pub fn event_bus(mut self, bus: impl IntoValue<String>) -> Self {
        self.bus = Some(bus.into_json());
        self
    }

    /// Says what the rule is for; at most 512 characters.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.cfn = self.cfn.description(text.into());
        self
    }

    /// The rule is there, and tells nobody of anything until this is no longer said.
    pub fn disabled(mut self) -> Self {
        self.cfn = self.cfn.state("DISABLED");
        self
    }

    fn check(&self, scope: &Scope) {
        if self.targets.len() > TARGETS {
            let message = format!(
                "a rule has at most {TARGETS} targets, got {}",
                self.targets.len()
            );
            let help = "tell one topic, and subscribe everybody else to it";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        if self.bus.is_some() && !matches!(self.when, When::Matching(_)) {
            let message = "a schedule runs on the default bus, and another one is said";
            let help = "take `.event_bus(..)` away";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }
}

impl Construct for Rule {
    type Handle = RuleRef;

    fn construct(mut self, scope: &Scope) -> RuleRef {
        self.name = self
            .name
            .or_else(|| defaults::name(scope, NAME_LIMIT).map(Json::Text));
        self.check(scope);
        let mut l1 = match self.when {
            When::Matching(pattern) => self.cfn.event_pattern(pattern.render(scope)),
            When::Every(period) => {
                let expression = schedule::rate(scope, period, ROUND);
                self.cfn.schedule_expression(expression)
            }
            When::At(expression) => {
                schedule::check(scope, &expression, &rules::BAD_EVENT_RULE, AT);
                self.cfn.schedule_expression(expression)
            }
        };
        if let Some(name) = &self.name {
            l1 = l1.name(Value::<String>::from_json(name.clone()));
        }
        if let Some(bus) = &self.bus {
            l1 = l1.event_bus_name(Value::<String>::from_json(bus.clone()));
        }
        let targets: Vec<Settled> = Settled::all(scope, self.targets);
        if !targets.is_empty() {
            let told: Vec<_> = targets.iter().map(Settled::l1).collect();
            l1 = l1.targets(told);
        }
        let rule = RuleRef::new(scope, scope.add("Resource", l1), self.name, self.bus);
        targets.iter().for_each(|target| target.let_in(&rule));
        rule
    }
}
