//! How functions are doing, in a line of numbers.

use super::services::{Metrics, Query};
use crate::cloud::Clock;
use crate::fault::Fault;
use crate::pace::patiently;

/// What is asked of each function: its metric, the statistic, and what it is called in JSON
/// ([metrics](https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html)).
const ASKED: [(&str, &str, &str); 7] = [
    ("Invocations", "Sum", "invocations"),
    ("Errors", "Sum", "errors"),
    ("Throttles", "Sum", "throttles"),
    ("Duration", "p50", "durationP50"),
    ("Duration", "p99", "durationP99"),
    ("AsyncEventAge", "Maximum", "asyncAge"),
    ("ConcurrentExecutions", "Maximum", "concurrency"),
];

/// The longest time that is one value, in seconds.
const DAY: i64 = 86_400;

/// How a function did. Times are in milliseconds; `None` where nothing was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The values by what they are called in JSON, in the order of [`columns`].
    pub values: Vec<(&'static str, Option<f64>)>,
}

/// What the values are called.
#[must_use]
pub fn columns() -> Vec<&'static str> {
    ASKED.iter().map(|(_, _, name)| *name).collect()
}

/// How a function did between two times, in seconds since 1970. Counts are sums; of times, where the span is
/// longer than a day, the longest of any day.
///
/// # Errors
/// When CloudWatch does not answer.
pub async fn of_function(
    metrics: &dyn Metrics,
    clock: &dyn Clock,
    name: &str,
    (from, to): (i64, i64),
) -> Result<Summary, Fault> {
    let period = ((to - from).clamp(60, DAY) + 59) / 60 * 60;
    let query = |(metric, statistic, _): &(&'static str, &'static str, &str)| Query {
        namespace: "AWS/Lambda",
        metric,
        dimension: ("FunctionName", name.to_owned()),
        statistic,
        period: i32::try_from(period).unwrap_or(i32::MAX),
    };
    let queries: Vec<_> = ASKED.iter().map(query).collect();
    let found = patiently(clock, || metrics.values(&queries, (from, to))).await?;
    let value = |((_, statistic, name), values): (&(&str, &str, &'static str), &Vec<f64>)| {
        let all = values.iter().copied();
        let value = match *statistic {
            "Sum" => (!values.is_empty()).then(|| all.sum()),
            _ => all.reduce(f64::max),
        };
        (*name, value)
    };
    Ok(Summary {
        values: ASKED.iter().zip(&found).map(value).collect(),
    })
}
