//! CloudWatch and CloudWatch Logs by the SDK's clients.

use aws_sdk_cloudwatch::primitives::{DateTime, DateTimeFormat};
use aws_sdk_cloudwatch::types::{
    AlarmType, Dimension, Metric, MetricDataQuery, MetricStat, ScanBy, StateValue,
};
use futures_util::FutureExt;

use super::super::faults;
use crate::cloud::Call;
use crate::fault::Fault;
use crate::running::services::{Alarm, LogEvent, LogPage, Logs, Metrics, Query};

/// CloudWatch in one account and region.
pub(super) struct CloudWatch(pub(super) aws_sdk_cloudwatch::Client);

/// How many alarms may be asked about at once.
const ALARMS: usize = 100;

/// An alarm of either kind: the SDK's types have the same members, and no trait in common.
macro_rules! told {
    ($one:ident) => {{
        let since = $one.state_transitioned_timestamp();
        alarm(
            ($one.alarm_name(), $one.state_value(), $one.state_reason()),
            since.or($one.state_updated_timestamp()),
        )
    }};
}

impl Metrics for CloudWatch {
    fn alarms<'a>(&'a self, names: &'a [String]) -> Call<'a, Vec<Alarm>> {
        async move {
            let mut all = Vec::new();
            for names in names.chunks(ALARMS) {
                let call = self
                    .0
                    .describe_alarms()
                    .set_alarm_names(Some(names.to_vec()));
                let kinds = vec![AlarmType::MetricAlarm, AlarmType::CompositeAlarm];
                let call = call.set_alarm_types(Some(kinds)).max_records(100);
                let mut pages = call.into_paginator().send();
                while let Some(page) = pages.next().await {
                    let page = page.map_err(|error| faults::of("DescribeAlarms", &error))?;
                    all.extend(page.metric_alarms().iter().map(|one| told!(one)));
                    all.extend(page.composite_alarms().iter().map(|one| told!(one)));
                }
            }
            Ok(all)
        }
        .boxed_local()
    }

    fn values<'a>(&'a self, queries: &'a [Query], span: (i64, i64)) -> Call<'a, Vec<Vec<f64>>> {
        async move { self.ask(queries, span).await }.boxed_local()
    }
}

impl CloudWatch {
    async fn ask(&self, queries: &[Query], (from, to): (i64, i64)) -> Result<Vec<Vec<f64>>, Fault> {
        let numbered = queries.iter().enumerate();
        let asked = numbered.map(|(at, query)| data_query(at, query)).collect();
        let call = self
            .0
            .get_metric_data()
            .set_metric_data_queries(Some(asked));
        let call = call
            .start_time(DateTime::from_secs(from))
            .end_time(DateTime::from_secs(to));
        let mut pages = call
            .scan_by(ScanBy::TimestampAscending)
            .into_paginator()
            .send();
        let mut all = vec![Vec::new(); queries.len()];
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| faults::of("GetMetricData", &error))?;
            for result in page.metric_data_results() {
                let at = result
                    .id()
                    .and_then(|id| id.strip_prefix('q')?.parse::<usize>().ok());
                if let Some(values) = at.and_then(|at| all.get_mut(at)) {
                    values.extend_from_slice(result.values());
                }
            }
        }
        Ok(all)
    }
}

fn data_query(at: usize, query: &Query) -> MetricDataQuery {
    let (name, value) = &query.dimension;
    let dimension = Dimension::builder().name(*name).value(value).build();
    let metric = Metric::builder()
        .namespace(query.namespace)
        .metric_name(query.metric);
    let metric = metric.dimensions(dimension).build();
    let stat = MetricStat::builder()
        .metric(metric)
        .period(query.period)
        .stat(query.statistic);
    MetricDataQuery::builder()
        .id(format!("q{at}"))
        .metric_stat(stat.build())
        .build()
}

fn alarm(
    (name, state, reason): (Option<&str>, Option<&StateValue>, Option<&str>),
    since: Option<&DateTime>,
) -> Alarm {
    let since = since.and_then(|time| time.fmt(DateTimeFormat::DateTime).ok());
    Alarm {
        name: name.unwrap_or_default().to_owned(),
        state: state.map_or("", StateValue::as_str).to_owned(),
        reason: reason.unwrap_or_default().to_owned(),
        since: since.unwrap_or_default(),
    }
}

/// CloudWatch Logs in one account and region.
pub(super) struct CloudWatchLogs(pub(super) aws_sdk_cloudwatchlogs::Client);

impl Logs for CloudWatchLogs {
    fn events<'a>(
        &'a self,
        group: &'a str,
        since: i64,
        filter: Option<&'a str>,
        page: Option<&'a str>,
    ) -> Call<'a, LogPage> {
        async move {
            let call = self
                .0
                .filter_log_events()
                .log_group_name(group)
                .start_time(since);
            let call = call.set_filter_pattern(filter.map(str::to_owned));
            let answer = call.set_next_token(page.map(str::to_owned)).send().await;
            let answer = answer.map_err(|error| faults::of("FilterLogEvents", &error))?;
            Ok(LogPage {
                events: answer.events().iter().map(event).collect(),
                next: answer
                    .next_token()
                    .filter(|next| !next.is_empty())
                    .map(str::to_owned),
            })
        }
        .boxed_local()
    }
}

fn event(one: &aws_sdk_cloudwatchlogs::types::FilteredLogEvent) -> LogEvent {
    LogEvent {
        id: one.event_id().unwrap_or_default().to_owned(),
        time: one.timestamp().unwrap_or_default(),
        stream: one.log_stream_name().unwrap_or_default().to_owned(),
        message: one.message().unwrap_or_default().to_owned(),
    }
}
