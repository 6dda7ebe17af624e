//! Functions whose failures would be lost, or that may not reach the queues that they are wired to.

use cloudwright_synth::{Check, Found, Json, TemplateResource, View};

use super::read::{at, is_fifo_target, number, referred};
use super::rights::{called, key_of, lacks, lacks_key, role_of};
use crate::rules::{FIFO_FAILURES, MAY_NOT_ENCRYPT, MAY_NOT_SEND, SHORT_VISIBILITY};

const QUEUE: &str = "AWS::SQS::Queue";
/// The seconds that a function has, and a queue hides a message, when nothing is said.
const TIMEOUT: i64 = 3;
const VISIBILITY: i64 = 30;

/// Looks at functions, at what becomes of their failures, and at the queues that they take from.
pub(super) struct Functions;

impl Check for Functions {
    fn kinds(&self) -> &[&'static str] {
        &[
            "AWS::Lambda::EventInvokeConfig",
            "AWS::Lambda::EventSourceMapping",
            "AWS::Lambda::Function",
        ]
    }

    fn resource(&self, resource: &TemplateResource, view: &View<'_>, found: &mut Found) {
        let properties = resource.properties();
        match resource.kind() {
            "AWS::Lambda::Function" => {
                failures(
                    view,
                    resource,
                    at(properties, "DeadLetterConfig.TargetArn"),
                    found,
                );
                variables(view, resource, found);
            }
            "AWS::Lambda::EventInvokeConfig" => {
                let lost = at(properties, "DestinationConfig.OnFailure.Destination");
                if let Some(function) = function_of(view, resource) {
                    failures(view, function, lost, found);
                } else if lost.is_some_and(|lost| is_fifo_target(view, lost)) {
                    fifo(found);
                }
            }
            _ => source(view, resource, found),
        }
    }
}

fn function_of<'a>(view: &View<'a>, of: &TemplateResource) -> Option<&'a TemplateResource> {
    referred(
        view,
        of.properties().get("FunctionName"),
        "AWS::Lambda::Function",
    )
}

fn fifo(found: &mut Found) {
    let message =
        "failures of asynchronous calls go to a FIFO queue or topic, expected a standard one";
    let help = "give the function a standard queue for its failures: Lambda sends no message group";
    found.tell(&FIFO_FAILURES, message, help);
}

/// Where the failures of a function's asynchronous calls go.
fn failures(
    view: &View<'_>,
    function: &TemplateResource,
    target: Option<&Json>,
    found: &mut Found,
) {
    let Some(target) = target else { return };
    if is_fifo_target(view, target) {
        fifo(found);
    }
    let (Some(queue), Some(role)) = (referred(view, Some(target), QUEUE), role_of(view, function))
    else {
        return;
    };
    if lacks(view, role, "sqs:SendMessage", queue) {
        let message = format!(
            "the role of {} may not send to {}, which takes its failures",
            called(function),
            called(queue)
        );
        let help = "allow sqs:SendMessage on the queue: `queue.grant_send(&function)`";
        found.tell(&MAY_NOT_SEND, message, help);
    }
    encrypted(
        view,
        role,
        queue,
        &["kms:GenerateDataKey", "kms:Decrypt"],
        found,
    );
}

/// Queues that a function is told of by its environment, and for which its role has no right at all.
fn variables(view: &View<'_>, function: &TemplateResource, found: &mut Found) {
    let variables = at(function.properties(), "Environment.Variables");
    let Some(variables) = variables.and_then(Json::as_map) else {
        return;
    };
    let Some(role) = role_of(view, function) else {
        return;
    };
    for (name, value) in variables {
        let Some(queue) = referred(view, Some(value), QUEUE) else {
            continue;
        };
        let useless = [
            "sqs:SendMessage",
            "sqs:ReceiveMessage",
            "sqs:GetQueueAttributes",
            "sqs:StartMessageMoveTask",
        ]
        .iter()
        .all(|action| lacks(view, role, action, queue));
        if useless {
            let message = format!(
                "{} is told of {} by {name}, and its role may do nothing with it",
                called(function),
                called(queue)
            );
            let help = "grant what it does: `queue.grant_send(&function)`; or drop the variable";
            found.warn(&MAY_NOT_SEND, message, help);
        } else if !lacks(view, role, "sqs:SendMessage", queue) {
            encrypted(
                view,
                role,
                queue,
                &["kms:GenerateDataKey", "kms:Decrypt"],
                found,
            );
        }
    }
}

/// A queue that a function takes its work from.
fn source(view: &View<'_>, mapping: &TemplateResource, found: &mut Found) {
    let (Some(function), Some(queue)) = (
        function_of(view, mapping),
        referred(view, mapping.properties().get("EventSourceArn"), QUEUE),
    ) else {
        return;
    };
    visibility(function, queue, found);
    let Some(role) = role_of(view, function) else {
        return;
    };
    if lacks(view, role, "sqs:ReceiveMessage", queue) {
        let message = format!(
            "the role of {} may not receive from {}, its source",
            called(function),
            called(queue)
        );
        let help =
            "allow sqs:ReceiveMessage, sqs:DeleteMessage and sqs:GetQueueAttributes on the queue";
        found.tell(&MAY_NOT_SEND, message, help);
    }
    encrypted(view, role, queue, &["kms:Decrypt"], found);
}

fn visibility(function: &TemplateResource, queue: &TemplateResource, found: &mut Found) {
    let seconds = |of: &TemplateResource, name, default| match of.properties().get(name) {
        None => Some(default),
        given => number(given),
    };
    let timeout = seconds(function, "Timeout", TIMEOUT);
    let visibility = seconds(queue, "VisibilityTimeout", VISIBILITY);
    if let (Some(timeout), Some(visibility)) = (timeout, visibility)
        && visibility < timeout
    {
        let message = format!(
            "{} hides a message for {visibility} s, and {} works on it for up to {timeout} s",
            called(queue),
            called(function)
        );
        let help = format!(
            "set VisibilityTimeout to {} (six times as long)",
            6 * timeout
        );
        found.tell(&SHORT_VISIBILITY, message, help);
    }
}

fn encrypted(
    view: &View<'_>,
    role: &TemplateResource,
    queue: &TemplateResource,
    actions: &[&str],
    found: &mut Found,
) {
    let Some(key) = key_of(view, queue) else {
        return;
    };
    let missing: Vec<&str> = each_lacking(view, role, key, actions);
    if !missing.is_empty() {
        let message = format!(
            "{} is encrypted with {}, and the role {} lacks {} on that key",
            called(queue),
            called(key),
            called(role),
            missing.join(" and ")
        );
        let help = "allow it in the role's policy; the grants of the library do so";
        found.tell(&MAY_NOT_ENCRYPT, message, help);
    }
}

fn each_lacking<'s>(
    view: &View<'_>,
    role: &TemplateResource,
    key: &TemplateResource,
    actions: &[&'s str],
) -> Vec<&'s str> {
    let mut missing = actions.to_vec();
    missing.retain(|action| lacks_key(view, role, action, key));
    missing
}
