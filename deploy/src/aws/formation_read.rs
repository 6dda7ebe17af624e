//! What CloudFormation answers, as the plain data of [`cloud`](crate::cloud).

use std::collections::BTreeMap;

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{
    self, Change, EventType, HookFailureMode, OperationEvent, PropertyDifference, ResourceChange,
    ResourceChangeDetail, Stack, StackEvent, StackResourceDrift, StackResourceSummary,
    ValidationStatus,
};
use aws_smithy_types::date_time::Format;

use crate::cloud::{
    self, ChangeSetPage, Difference, Drift, Finding, PlannedChange, PlannedDetail, StackResource,
    StackState,
};
use crate::status::Status;

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

fn owned(value: Option<&str>) -> Option<String> {
    value.map(str::to_owned)
}

/// What CloudFormation is told of a resource that it takes over.
pub(super) fn import(import: &cloud::Import) -> types::ResourceToImport {
    let identifier = import.identifier.clone().into_iter().collect();
    types::ResourceToImport::builder()
        .resource_type(&import.kind)
        .logical_resource_id(&import.id)
        .set_resource_identifier(Some(identifier))
        .build()
}

pub(super) fn state(stack: &Stack) -> StackState {
    let pair = |key: Option<&str>, value: Option<&str>| Some((key?.to_owned(), text(value)));
    let changed = stack.last_updated_time().or(stack.creation_time());
    StackState {
        id: text(stack.stack_id()),
        name: text(stack.stack_name()),
        status: Status::named(stack.stack_status().map_or("", |status| status.as_str())),
        reason: owned(stack.stack_status_reason()),
        outputs: stack
            .outputs()
            .iter()
            .filter_map(|one| pair(one.output_key(), one.output_value()))
            .collect(),
        exports: stack
            .outputs()
            .iter()
            .filter_map(|one| owned(one.export_name()))
            .collect(),
        parameters: stack
            .parameters()
            .iter()
            .filter_map(|one| pair(one.parameter_key(), one.parameter_value()))
            .collect::<BTreeMap<_, _>>(),
        tags: stack
            .tags()
            .iter()
            .filter_map(|tag| pair(tag.key(), tag.value()))
            .collect(),
        protected: stack.enable_termination_protection() == Some(true),
        changed: changed
            .and_then(|time| time.fmt(Format::DateTime).ok())
            .unwrap_or_default(),
    }
}

pub(super) fn resource(resource: &StackResourceSummary) -> StackResource {
    StackResource {
        id: text(resource.logical_resource_id()),
        physical_id: text(resource.physical_resource_id()),
        kind: text(resource.resource_type()),
        status: text(
            resource
                .resource_status()
                .map(types::ResourceStatus::as_str),
        ),
        reason: owned(resource.resource_status_reason()),
    }
}

pub(super) fn event(event: &StackEvent) -> cloud::StackEvent {
    cloud::StackEvent {
        id: text(event.event_id()),
        stack_id: text(event.stack_id()),
        resource: text(event.logical_resource_id()),
        physical_id: text(event.physical_resource_id()),
        kind: text(event.resource_type()),
        status: text(event.resource_status().map(types::ResourceStatus::as_str)),
        reason: owned(event.resource_status_reason()),
        token: owned(event.client_request_token()),
        time: event
            .timestamp()
            .map_or(0.0, aws_smithy_types::DateTime::as_secs_f64),
    }
}

pub(super) fn drift(drift: &StackResourceDrift) -> Drift {
    let difference = |one: &PropertyDifference| Difference {
        path: text(one.property_path()),
        kind: text(one.difference_type().map(types::DifferenceType::as_str)),
        expected: text(one.expected_value()),
        actual: text(one.actual_value()),
    };
    Drift {
        id: text(drift.logical_resource_id()),
        physical_id: text(drift.physical_resource_id()),
        kind: text(drift.resource_type()),
        status: text(
            drift
                .stack_resource_drift_status()
                .map(types::StackResourceDriftStatus::as_str),
        ),
        differences: drift
            .property_differences()
            .iter()
            .map(difference)
            .collect(),
    }
}

/// A finding, unless the event is another one or the check found nothing.
pub(super) fn finding(event: &OperationEvent) -> Option<Finding> {
    let is_finding = event.event_type() == Some(&EventType::ValidationError)
        && event.validation_status() != Some(&ValidationStatus::Skipped);
    is_finding.then(|| Finding {
        resource: text(event.logical_resource_id()),
        check: text(event.validation_name()),
        reason: text(event.validation_status_reason()),
        path: text(event.validation_path()),
        is_warning: event.validation_failure_mode() == Some(&HookFailureMode::Warn),
    })
}

pub(super) fn change_set(answer: &DescribeChangeSetOutput) -> ChangeSetPage {
    ChangeSetPage {
        status: text(answer.status().map(types::ChangeSetStatus::as_str)),
        reason: owned(answer.status_reason()),
        execution: text(
            answer
                .execution_status()
                .map(types::ExecutionStatus::as_str),
        ),
        changes: answer
            .changes()
            .iter()
            .filter_map(Change::resource_change)
            .map(change)
            .collect(),
        next: owned(answer.next_token()),
    }
}

fn change(change: &ResourceChange) -> PlannedChange {
    PlannedChange {
        id: text(change.logical_resource_id()),
        physical_id: text(change.physical_resource_id()),
        kind: text(change.resource_type()),
        action: text(change.action().map(types::ChangeAction::as_str)),
        policy: text(change.policy_action().map(types::PolicyAction::as_str)),
        replacement: text(change.replacement().map(types::Replacement::as_str)),
        details: change.details().iter().map(detail).collect(),
    }
}

fn detail(detail: &ResourceChangeDetail) -> PlannedDetail {
    let target = detail.target();
    let place = target.map(|target| {
        let attribute = target
            .attribute()
            .map_or("", |attribute| attribute.as_str());
        let named = target.name().map(|name| format!("{attribute}.{name}"));
        let path = target
            .path()
            .map(|path| path.trim_start_matches('/').replace('/', "."));
        path.or(named).unwrap_or_else(|| attribute.to_owned())
    });
    PlannedDetail {
        path: place.unwrap_or_default(),
        before: target.and_then(|target| owned(target.before_value())),
        after: target.and_then(|target| owned(target.after_value())),
        recreation: text(
            target
                .and_then(|target| target.requires_recreation())
                .map(types::RequiresRecreation::as_str),
        ),
        source: text(detail.change_source().map(types::ChangeSource::as_str)),
        cause: text(detail.causing_entity()),
    }
}
