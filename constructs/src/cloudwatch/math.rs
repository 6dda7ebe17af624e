//! Computing with metrics.

use std::time::Duration;

use cloudwright_synth::{Json, Scope, Text};

use super::Metric;
use super::metric::check_period;
use crate::cfn::cloudwatch::{self, alarm};
use crate::rules;
use crate::units::minutes;

/// The id of the expression among the metrics that it computes with.
const RESULT: &str = "result";
/// The most metrics of one alarm.
const METRICS: usize = 10;

/// A number computed from metrics
/// ([AWS](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html)).
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::cloudwatch::{Alarm, Comparison, MathExpression, Metric, Statistic};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let count = |name: &'static str| Metric::new("Shop", name).statistic(Statistic::Sum);
/// let share = MathExpression::new("100 * failed / all")
///     .using("failed", count("FailedPayments"))
///     .using("all", count("Payments"))
///     .label("failed payments, %");
/// stack.add("FailedPayments", Alarm::new(share, Comparison::Above(1.0)));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "an expression does nothing until something watches it"]
pub struct MathExpression {
    expression: Text,
    metrics: Vec<(Text, Metric)>,
    label: Option<Text>,
    period: Duration,
}

impl MathExpression {
    /// An expression over the ids of the metrics that it [uses](Self::using).
    pub fn new(expression: impl Into<Text>) -> Self {
        Self {
            expression: expression.into(),
            metrics: Vec::new(),
            label: None,
            period: minutes(5),
        }
    }

    /// Computes with a metric, called by an id: a lower-case letter, then letters, digits and `_`.
    pub fn using(mut self, id: impl Into<Text>, metric: Metric) -> Self {
        self.metrics.push((id.into(), metric));
        self
    }

    /// What the result is called in graphs.
    pub fn label(mut self, text: impl Into<Text>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// The step of the result, for expressions that use no metric, such as `TIME_SERIES(1)`; else
    /// the metrics give it.
    pub const fn period(mut self, duration: Duration) -> Self {
        self.period = duration;
        self
    }

    fn check(&self, scope: &Scope) {
        if self.metrics.len() >= METRICS {
            let message = format!(
                "an alarm computes with at most {} metrics, got {}",
                METRICS - 1,
                self.metrics.len()
            );
            let help = "split the alarm, or send one metric that holds the result";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        for (index, (id, _)) in self.metrics.iter().enumerate() {
            let twice = self.metrics[..index].iter().any(|(other, _)| other == id);
            if !is_id(id) || twice || id == RESULT {
                let message = format!(
                    "a metric's id is a lower-case letter, then letters, digits and `_`, and used once; got \"{id}\""
                );
                let help = format!("give each metric an id of its own, other than `{RESULT}`");
                scope.error(&rules::BAD_NAME, message, help);
            }
        }
    }

    fn step(&self) -> Duration {
        let steps = self.metrics.iter().map(|(_, metric)| metric.step());
        steps.max().unwrap_or(self.period)
    }

    fn queries(&self, scope: &Scope) -> Vec<alarm::MetricDataQuery> {
        self.check(scope);
        let mut result = alarm::MetricDataQuery::new(RESULT)
            .expression(self.expression.clone())
            .return_data(true);
        if let Some(label) = &self.label {
            result = result.label(label.clone());
        }
        if self.metrics.is_empty() {
            result = result.period(check_period(scope, self.period));
        }
        let metrics = self
            .metrics
            .iter()
            .map(|(id, metric)| metric.query(scope, id));
        std::iter::once(result).chain(metrics).collect()
    }
}

fn is_id(id: &str) -> bool {
    let mut letters = id.bytes();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// What an alarm watches.
#[derive(Clone)]
pub enum Watched {
    /// A metric.
    Metric(Box<Metric>),
    /// A number computed from metrics.
    Math(MathExpression),
}

impl From<Metric> for Watched {
    fn from(metric: Metric) -> Self {
        Self::Metric(Box::new(metric))
    }
}

impl From<MathExpression> for Watched {
    fn from(expression: MathExpression) -> Self {
        Self::Math(expression)
    }
}

impl Watched {
    /// Writes what is watched into an alarm.
    pub(super) fn write(&self, scope: &Scope, alarm: cloudwatch::Alarm) -> cloudwatch::Alarm {
        match self {
            Self::Metric(metric) => metric.alone(scope, alarm),
            Self::Math(expression) => alarm.metrics(expression.queries(scope)),
        }
    }

    /// The step of what is watched, in seconds: of several metrics, the longest.
    pub(super) fn period(&self) -> i64 {
        let step = match self {
            Self::Metric(metric) => metric.step(),
            Self::Math(expression) => expression.step(),
        };
        i64::try_from(step.as_secs()).unwrap_or(i64::MAX)
    }

    /// What metrics without a construct are measured of, as their dimensions say it.
    pub(super) fn dimensions(&self) -> Vec<&Json> {
        let of = |metric: &Metric| metric.subject().is_none();
        match self {
            Self::Metric(metric) if of(metric) => metric.values().collect(),
            Self::Metric(_) => Vec::new(),
            Self::Math(expression) => {
                let metrics = expression.metrics.iter().map(|(_, metric)| metric);
                metrics
                    .filter(|metric| of(metric))
                    .flat_map(Metric::values)
                    .collect()
            }
        }
    }

    /// The constructs that are measured.
    pub(super) fn subjects(&self) -> Vec<&Scope> {
        match self {
            Self::Metric(metric) => metric.subject().into_iter().collect(),
            Self::Math(expression) => {
                let metrics = expression.metrics.iter();
                metrics.filter_map(|(_, metric)| metric.subject()).collect()
            }
        }
    }
}
