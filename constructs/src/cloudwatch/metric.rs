//! What is measured.

use std::time::Duration;

use cloudwright_synth::{IntoValue, Json, Scope, Text, Value};

use super::Unit;
use crate::cfn::cloudwatch::alarm;
use crate::rules;
use crate::units::minutes;

/// How long one measurement collects unless said.
const PERIOD: Duration = minutes(5);
/// The most dimensions of a metric.
const DIMENSIONS: usize = 30;
/// Periods below a minute that high-resolution metrics may have, in seconds.
const FAST: [i64; 3] = [10, 20, 30];

/// How the values of one period become one number.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Statistic {
    /// The mean.
    Average,
    /// The largest.
    Maximum,
    /// The smallest.
    Minimum,
    /// How many values there were.
    SampleCount,
    /// All together.
    Sum,
    /// The value that so many percent of the values stay below, such as 99.9.
    Percentile(f64),
}

impl Statistic {
    /// As it is written: `Sum`, `p99.9`.
    pub(super) fn name(self) -> String {
        match self {
            Self::Average => "Average".to_owned(),
            Self::Maximum => "Maximum".to_owned(),
            Self::Minimum => "Minimum".to_owned(),
            Self::SampleCount => "SampleCount".to_owned(),
            Self::Sum => "Sum".to_owned(),
            Self::Percentile(percent) => format!("p{percent}"),
        }
    }
}

/// A metric ([AWS](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Metric)):
/// the average over 5 minutes unless said.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::cloudwatch::{Alarm, Comparison, Metric, Statistic};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let orders = Metric::new("Shop", "Orders")
///     .dimension("Country", "DE")
///     .statistic(Statistic::Sum)
///     .period(hours(1));
/// stack.add("NoOrders", Alarm::new(orders, Comparison::Below(1.0)));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a metric does nothing until something watches it"]
pub struct Metric {
    namespace: Json,
    name: Json,
    dimensions: Vec<(Text, Json)>,
    statistic: Statistic,
    period: Duration,
    unit: Option<Unit>,
    label: Option<Text>,
    of: Option<Scope>,
}

impl Metric {
    /// A metric by its namespace and name.
    pub fn new(namespace: impl IntoValue<String>, name: impl IntoValue<String>) -> Self {
        Self {
            namespace: namespace.into_json(),
            name: name.into_json(),
            dimensions: Vec::new(),
            statistic: Statistic::Average,
            period: PERIOD,
            unit: None,
            label: None,
            of: None,
        }
    }

    /// Only what was measured of this; at most 30 dimensions.
    pub fn dimension(mut self, name: impl Into<Text>, value: impl IntoValue<String>) -> Self {
        self.dimensions.push((name.into(), value.into_json()));
        self
    }

    /// How the values of one period become one number.
    pub const fn statistic(mut self, statistic: Statistic) -> Self {
        self.statistic = statistic;
        self
    }

    /// How long one measurement collects: 10, 20 or 30 seconds, or whole minutes.
    pub const fn period(mut self, duration: Duration) -> Self {
        self.period = duration;
        self
    }

    /// Only values that were sent with this unit.
    pub fn unit(mut self, unit: Unit) -> Self {
        self.unit = Some(unit);
        self
    }

    /// What it is called in graphs.
    pub fn label(mut self, text: impl Into<Text>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// The construct that it is measured of, for pictures.
    pub(crate) fn of(mut self, scope: &Scope) -> Self {
        self.of = Some(scope.clone());
        self
    }

    /// The values of its dimensions.
    pub(super) fn values(&self) -> impl Iterator<Item = &Json> {
        self.dimensions.iter().map(|(_, value)| value)
    }

    pub(super) const fn subject(&self) -> Option<&Scope> {
        self.of.as_ref()
    }

    pub(super) const fn step(&self) -> Duration {
        self.period
    }

    pub(super) fn check(&self, scope: &Scope) {
        if self.dimensions.len() > DIMENSIONS {
            let message = format!(
                "a metric has at most {DIMENSIONS} dimensions, got {}",
                self.dimensions.len()
            );
            scope.error(
                &rules::OUT_OF_RANGE,
                message,
                "drop the ones that say least",
            );
        }
        if let Statistic::Percentile(percent) = self.statistic
            && !(0.0..=100.0).contains(&percent)
        {
            let message = format!("a percentile is 0 to 100, got {percent}");
            scope.error(
                &rules::OUT_OF_RANGE,
                message,
                "`Statistic::Percentile(99.0)`",
            );
        }
    }

    /// Writes the metric into an alarm that watches nothing else.
    pub(super) fn alone(
        &self,
        scope: &Scope,
        alarm: crate::cfn::cloudwatch::Alarm,
    ) -> crate::cfn::cloudwatch::Alarm {
        self.check(scope);
        let alarm = alarm
            .namespace(Value::<String>::from_json(self.namespace.clone()))
            .metric_name(Value::<String>::from_json(self.name.clone()))
            .period(check_period(scope, self.period));
        let alarm = match self.dimension_list() {
            Some(list) => alarm.dimensions(list),
            None => alarm,
        };
        let alarm = match self.statistic {
            Statistic::Percentile(_) => alarm.extended_statistic(self.statistic.name()),
            _ => alarm.statistic(self.statistic.name()),
        };
        match &self.unit {
            Some(unit) => alarm.unit(*unit),
            None => alarm,
        }
    }

    /// The metric as one of several that an alarm computes with.
    pub(super) fn query(&self, scope: &Scope, id: &Text) -> alarm::MetricDataQuery {
        self.check(scope);
        let metric = alarm::Metric::new()
            .namespace(Value::<String>::from_json(self.namespace.clone()))
            .metric_name(Value::<String>::from_json(self.name.clone()));
        let metric = match self.dimension_list() {
            Some(list) => metric.dimensions(list),
            None => metric,
        };
        let mut stat = alarm::MetricStat::new(
            metric,
            check_period(scope, self.period),
            self.statistic.name(),
        );
        if let Some(unit) = &self.unit {
            // The same names in another type.
            let unit = IntoValue::<Unit>::into_json(*unit);
            stat = stat.unit(Value::<String>::from_json(unit));
        }
        let query = alarm::MetricDataQuery::new(id.clone())
            .metric_stat(stat)
            .return_data(false);
        match &self.label {
            Some(label) => query.label(label.clone()),
            None => query,
        }
    }

    /// The metric as a line of a graph.
    #[cfg(feature = "cloudwatch-more")]
    pub(super) fn line(&self, scope: &Scope) -> Json {
        self.check(scope);
        let mut line = vec![self.namespace.clone(), self.name.clone()];
        for (name, value) in &self.dimensions {
            line.extend([Json::Text(name.clone()), value.clone()]);
        }
        let mut how = Json::map([
            ("period", Json::Int(check_period(scope, self.period))),
            ("stat", Json::Text(self.statistic.name().into())),
        ]);
        if let Some(label) = &self.label {
            how.set("label", Json::Text(label.clone()));
        }
        line.push(how);
        Json::List(line)
    }

    fn dimension_list(&self) -> Option<Vec<alarm::Dimension>> {
        let list = self
            .dimensions
            .iter()
            .map(|(name, value)| {
                alarm::Dimension::new(name.clone(), Value::<String>::from_json(value.clone()))
            })
            .collect();
        (!self.dimensions.is_empty()).then_some(list)
    }
}

/// A period in seconds; one that CloudWatch has not is reported.
pub(super) fn check_period(scope: &Scope, duration: Duration) -> i64 {
    let period = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let fits = period > 0 && (period % 60 == 0 || FAST.contains(&period));
    if !fits || duration.subsec_nanos() != 0 {
        let message =
            format!("a metric's period is 10, 20 or 30 seconds or whole minutes, got {duration:?}");
        scope.error(&rules::BAD_DURATION, message, "round it: `minutes(1)`");
    }
    period
}
