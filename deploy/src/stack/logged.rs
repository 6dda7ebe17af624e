//! What the function of a custom resource logged before it failed: all that CloudFormation says of it may be the name of
//! a log.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Work;
use super::causes::is_cancelled;
use super::follow::End;
use crate::cloud::StackEvent;
use crate::pace::patiently;

/// Lines by the event that tells of the failure.
pub(super) type Lines = BTreeMap<String, Vec<String>>;

/// The most lines that are told.
const MOST: usize = 10;
/// The most pages that are read for them.
const PAGES: usize = 20;
/// How long a resource may have been worked on whose beginning is not known, in milliseconds.
const LONG: i64 = 3_600_000;
/// How far the clocks of two services may be apart, in milliseconds.
const APART: i64 = 5_000;

/// What Lambda itself writes around a call.
const FRAME: [&str; 5] = [
    "INIT_START ",
    "START RequestId:",
    "END RequestId:",
    "REPORT RequestId:",
    "XRAY TraceId:",
];

/// The lines that were not there yet when the failures were told: a log comes some seconds later.
pub(super) async fn late(work: &Work<'_>, end: &End) -> Lines {
    let mut late = Lines::new();
    for event in &end.events {
        if !end.logged.contains_key(&event.id) {
            late.insert(event.id.clone(), of(work, end, event).await);
        }
    }
    late
}

/// The last lines; none where the event is no failure of a custom resource, and where they cannot be read, which is no
/// reason to know less of the rest.
pub(super) async fn of(work: &Work<'_>, end: &End, event: &StackEvent) -> Vec<String> {
    let is_custom =
        event.kind == "AWS::CloudFormation::CustomResource" || event.kind.starts_with("Custom::");
    if !is_custom || !event.status.ends_with("_FAILED") || is_cancelled(event) {
        return Vec::new();
    }
    match group(work, end, event).await {
        Some(group) => read(work, &group, since(end, event)).await,
        None => Vec::new(),
    }
}

/// When the resource was begun with, in milliseconds since 1970.
fn since(end: &End, event: &StackEvent) -> i64 {
    let is_same = |one: &&StackEvent| {
        one.stack_id == event.stack_id
            && one.resource == event.resource
            && one.status.ends_with("_IN_PROGRESS")
    };
    let milliseconds = |one: &StackEvent| (one.time * 1000.0) as i64;
    let begun = end.events.iter().filter(is_same).map(milliseconds);
    let begun = begun.min().unwrap_or_else(|| milliseconds(event) - LONG);
    begun - APART
}

/// The log group of the function that a custom resource is handed to.
async fn group(work: &Work<'_>, end: &End, event: &StackEvent) -> Option<String> {
    let way = end.nested.get(&event.stack_id);
    let template = match way.map_or(&[][..], Vec::as_slice) {
        [] => &work.stack.template,
        way => &work.stack.within(way)?.template,
    };
    let token = &template["Resources"][&event.resource]["Properties"]["ServiceToken"];
    let Some(id) = made_by(token) else {
        return token.as_str().and_then(function).map(usual);
    };
    let place = &template["Resources"][id]["Properties"]["LoggingConfig"]["LogGroup"];
    match (place.as_str(), place["Ref"].as_str()) {
        (Some(name), _) => Some(name.to_owned()),
        (None, Some(group)) => physical(work, end, (event, group)).await,
        (None, None) => physical(work, end, (event, id)).await.as_deref().map(usual),
    }
}

/// Where a function logs unless it is told otherwise.
fn usual(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

/// The logical id of the function that a token is the ARN of, in this template.
fn made_by(token: &Value) -> Option<&str> {
    let attribute = &token["Fn::GetAtt"];
    match attribute.as_str() {
        Some(path) => path.strip_suffix(".Arn"),
        None => attribute[0].as_str().filter(|_| attribute[1] == "Arn"),
    }
}

/// The name in the ARN of a function.
fn function(arn: &str) -> Option<&str> {
    let (_, name) = arn.split_once(":function:")?;
    name.split(':').next().filter(|name| !name.is_empty())
}

/// The physical id of a resource of the stack that an event is about.
async fn physical(work: &Work<'_>, end: &End, (event, id): (&StackEvent, &str)) -> Option<String> {
    let is_it = |one: &&StackEvent| {
        one.stack_id == event.stack_id && one.resource == id && !one.physical_id.is_empty()
    };
    if let Some(told) = end.events.iter().rev().find(is_it) {
        return Some(told.physical_id.clone());
    }
    let formation = &work.cloud.formation;
    let there = patiently(work.clock, || formation.resources(&event.stack_id)).await;
    let mut there = there.ok()?.into_iter();
    there.find(|one| one.id == id).map(|one| one.physical_id)
}

/// The last lines of a log group since a time.
async fn read(work: &Work<'_>, group: &str, since: i64) -> Vec<String> {
    let Some(logs) = &work.cloud.logs else {
        return Vec::new();
    };
    let (mut lines, mut page) = (Vec::new(), None::<String>);
    for _ in 0..PAGES {
        let call = || logs.events(group, since, None, page.as_deref());
        let Ok(found) = patiently(work.clock, call).await else {
            break;
        };
        let events = found.events.iter().flat_map(|event| event.message.lines());
        let told = events.filter(|line| !FRAME.iter().any(|frame| line.starts_with(frame)));
        lines.extend(told.map(|line| line.trim_end().to_owned()));
        lines.drain(..lines.len().saturating_sub(MOST));
        page = found.next;
        if page.is_none() {
            break;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_function_is_found_by_its_attribute_or_by_its_arn() {
        assert_eq!(
            made_by(&json!({ "Fn::GetAtt": ["Maker", "Arn"] })),
            Some("Maker")
        );
        assert_eq!(
            made_by(&json!({ "Fn::GetAtt": "Maker.Arn" })),
            Some("Maker")
        );
        for other in [
            json!({ "Fn::GetAtt": ["Inner", "Outputs.Arn"] }),
            json!({ "Ref": "Token" }),
            json!("arn:aws:lambda:eu-central-1:1:function:maker"),
        ] {
            assert_eq!(made_by(&other), None, "{other}");
        }
        let arn = "arn:aws:lambda:eu-central-1:1:function:maker";
        assert_eq!(function(arn), Some("maker"));
        assert_eq!(function(&format!("{arn}:live")), Some("maker"));
        assert_eq!(function("arn:aws:sns:eu-central-1:1:topic"), None);
    }
}
