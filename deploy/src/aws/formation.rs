//! CloudFormation by the SDK's client.

use std::error::Error;
use std::future::Future;

use aws_config::SdkConfig;
use aws_sdk_cloudformation as sdk;
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetType, Parameter, StackDriftDetectionStatus, StackResourceDriftStatus, Tag,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::FutureExt;

use super::faults;
use super::formation_read as read;
use crate::cloud::{
    Call, ChangeSetOrder, ChangeSetPage, Drift, EventPage, Finding, Formation, StackResource,
    StackState, TemplateSource,
};
use crate::fault::{Class, Fault};

/// CloudFormation in one account and region.
pub(super) struct Client(sdk::Client);

impl Client {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self(sdk::Client::new(config))
    }

    async fn find(&self, stack: &str) -> Result<Option<StackState>, Fault> {
        let answer = self.0.describe_stacks().stack_name(stack).send().await;
        match answer.map_err(|error| faults::of("DescribeStacks", &error)) {
            Ok(answer) => Ok(answer.stacks().first().map(read::state)),
            Err(fault) if fault.class == Class::Missing => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    async fn all_resources(&self, stack: &str) -> Result<Vec<StackResource>, Fault> {
        let (mut all, mut page) = (Vec::new(), None::<String>);
        loop {
            let request = self
                .0
                .list_stack_resources()
                .stack_name(stack)
                .set_next_token(page);
            let answer = request
                .send()
                .await
                .map_err(|error| faults::of("ListStackResources", &error))?;
            all.extend(answer.stack_resource_summaries().iter().map(read::resource));
            page = answer.next_token().map(str::to_owned);
            if page.is_none() {
                return Ok(all);
            }
        }
    }

    async fn all_findings(
        &self,
        stack: &str,
        change_set: Option<&str>,
    ) -> Result<Vec<Finding>, Fault> {
        let (mut events, mut page) = (Vec::new(), None::<String>);
        loop {
            let request = self
                .0
                .describe_events()
                .stack_name(stack)
                .set_change_set_name(change_set.map(str::to_owned));
            let answer = request.set_next_token(page).send().await;
            let answer = answer.map_err(|error| faults::of("DescribeEvents", &error))?;
            events.extend(answer.operation_events().iter().cloned());
            page = answer.next_token().map(str::to_owned);
            // The newest come first: those of the last operation are all on the first pages.
            let last = events.first().and_then(|event| event.operation_id());
            if page.is_none() || events.last().and_then(|event| event.operation_id()) != last {
                let of_last = events.iter().filter(|event| event.operation_id() == last);
                return Ok(of_last.filter_map(read::finding).collect());
            }
        }
    }

    /// An export that nobody imports is an error to CloudFormation.
    async fn all_importers(&self, export: &str) -> Result<Vec<String>, Fault> {
        let (mut all, mut page) = (Vec::new(), None::<String>);
        loop {
            let request = self.0.list_imports().export_name(export);
            let answer = request.set_next_token(page).send().await;
            match answer.map_err(|error| faults::of("ListImports", &error)) {
                Err(fault) if fault.message.contains("is not imported by") => return Ok(all),
                Err(fault) => return Err(fault),
                Ok(answer) => {
                    all.extend(answer.imports().iter().cloned());
                    page = answer.next_token().map(str::to_owned);
                }
            }
            if page.is_none() {
                return Ok(all);
            }
        }
    }

    async fn detected(&self, detection: &str) -> Result<bool, Fault> {
        const OPERATION: &str = "DescribeStackDriftDetectionStatus";
        let request = self
            .0
            .describe_stack_drift_detection_status()
            .stack_drift_detection_id(detection);
        let answer = request
            .send()
            .await
            .map_err(|error| faults::of(OPERATION, &error))?;
        match answer.detection_status() {
            Some(StackDriftDetectionStatus::DetectionFailed) => Err(Fault {
                class: Class::Refused,
                operation: OPERATION,
                code: String::new(),
                message: answer
                    .detection_status_reason()
                    .unwrap_or("the comparison failed")
                    .to_owned(),
            }),
            status => Ok(status == Some(&StackDriftDetectionStatus::DetectionComplete)),
        }
    }

    async fn all_drifts(&self, stack: &str) -> Result<Vec<Drift>, Fault> {
        let (mut all, mut page) = (Vec::new(), None::<String>);
        loop {
            let request = self.0.describe_stack_resource_drifts().stack_name(stack);
            let request = request
                .stack_resource_drift_status_filters(StackResourceDriftStatus::Modified)
                .stack_resource_drift_status_filters(StackResourceDriftStatus::Deleted);
            let answer = request.set_next_token(page).send().await;
            let answer =
                answer.map_err(|error| faults::of("DescribeStackResourceDrifts", &error))?;
            all.extend(answer.stack_resource_drifts().iter().map(read::drift));
            page = answer.next_token().map(str::to_owned);
            if page.is_none() {
                return Ok(all);
            }
        }
    }

    async fn make(&self, order: &ChangeSetOrder) -> Result<(), Fault> {
        let kind = match (order.imports.is_empty(), order.creates) {
            (false, _) => ChangeSetType::Import,
            (true, true) => ChangeSetType::Create,
            (true, false) => ChangeSetType::Update,
        };
        let mut request = self
            .0
            .create_change_set()
            .stack_name(&order.stack)
            .change_set_name(&order.name);
        request = request
            .client_token(&order.name)
            .change_set_type(kind)
            .include_nested_stacks(false);
        for import in &order.imports {
            request = request.resources_to_import(read::import(import));
        }
        if order.adopts {
            request = request.import_existing_resources(true);
        }
        request = match &order.template {
            TemplateSource::Body(body) => request.template_body(body),
            TemplateSource::Url(url) => request.template_url(url),
        };
        for (name, value) in &order.parameters {
            request = request.parameters(match value {
                Some(value) => Parameter::builder()
                    .parameter_key(name)
                    .parameter_value(value)
                    .build(),
                None => Parameter::builder()
                    .parameter_key(name)
                    .use_previous_value(true)
                    .build(),
            });
        }
        for (key, value) in &order.tags {
            request = request.tags(Tag::builder().key(key).value(value).build());
        }
        for capability in &order.capabilities {
            request = request.capabilities(Capability::from(*capability));
        }
        let sent = request.set_role_arn(order.role.clone()).send().await;
        sent.map(drop)
            .map_err(|error| faults::of("CreateChangeSet", &error))
    }

    async fn describe(
        &self,
        stack: &str,
        name: &str,
        page: Option<&str>,
    ) -> Result<ChangeSetPage, Fault> {
        let request = self
            .0
            .describe_change_set()
            .stack_name(stack)
            .change_set_name(name);
        let request = request
            .include_property_values(true)
            .set_next_token(page.map(str::to_owned));
        let answer = request
            .send()
            .await
            .map_err(|error| faults::of("DescribeChangeSet", &error))?;
        Ok(read::change_set(&answer))
    }
}

/// A request whose answer says nothing.
fn done<'a, T, E>(
    operation: &'static str,
    sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + 'a,
) -> Call<'a, ()>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    sent.map(move |answer| {
        answer
            .map(drop)
            .map_err(|error| faults::of(operation, &error))
    })
    .boxed_local()
}

impl Formation for Client {
    fn stack<'a>(&'a self, stack: &'a str) -> Call<'a, Option<StackState>> {
        self.find(stack).boxed_local()
    }

    fn template<'a>(&'a self, stack: &'a str) -> Call<'a, String> {
        let request = self
            .0
            .get_template()
            .stack_name(stack)
            .template_stage(sdk::types::TemplateStage::Original);
        async {
            let answer = request
                .send()
                .await
                .map_err(|error| faults::of("GetTemplate", &error))?;
            Ok(answer.template_body().unwrap_or_default().to_owned())
        }
        .boxed_local()
    }

    fn resources<'a>(&'a self, stack: &'a str) -> Call<'a, Vec<StackResource>> {
        self.all_resources(stack).boxed_local()
    }

    fn events<'a>(&'a self, stack: &'a str, page: Option<&'a str>) -> Call<'a, EventPage> {
        let request = self
            .0
            .describe_stack_events()
            .stack_name(stack)
            .set_next_token(page.map(str::to_owned));
        async {
            let answer = request
                .send()
                .await
                .map_err(|error| faults::of("DescribeStackEvents", &error))?;
            let events = answer.stack_events().iter().map(read::event).collect();
            Ok(EventPage {
                events,
                next: answer.next_token().map(str::to_owned),
            })
        }
        .boxed_local()
    }

    fn findings<'a>(
        &'a self,
        stack: &'a str,
        change_set: Option<&'a str>,
    ) -> Call<'a, Vec<Finding>> {
        self.all_findings(stack, change_set).boxed_local()
    }

    fn create_change_set<'a>(&'a self, order: &'a ChangeSetOrder) -> Call<'a, ()> {
        self.make(order).boxed_local()
    }

    fn change_set<'a>(
        &'a self,
        stack: &'a str,
        name: &'a str,
        page: Option<&'a str>,
    ) -> Call<'a, ChangeSetPage> {
        self.describe(stack, name, page).boxed_local()
    }

    fn execute_change_set<'a>(
        &'a self,
        stack: &'a str,
        name: &'a str,
        token: &'a str,
    ) -> Call<'a, ()> {
        let request = self
            .0
            .execute_change_set()
            .stack_name(stack)
            .change_set_name(name)
            .client_request_token(token);
        // Said in full: what it means when it is left out has changed before.
        let request = request
            .disable_rollback(false)
            .retain_except_on_create(true);
        done("ExecuteChangeSet", request.send())
    }

    fn delete_change_set<'a>(&'a self, stack: &'a str, name: &'a str) -> Call<'a, ()> {
        let request = self
            .0
            .delete_change_set()
            .stack_name(stack)
            .change_set_name(name);
        async {
            match request
                .send()
                .await
                .map_err(|error| faults::of("DeleteChangeSet", &error))
            {
                Err(fault) if fault.class == Class::Missing => Ok(()),
                answer => answer.map(drop),
            }
        }
        .boxed_local()
    }

    fn delete_stack<'a>(
        &'a self,
        stack: &'a str,
        retain: &'a [String],
        token: &'a str,
    ) -> Call<'a, ()> {
        let retain = (!retain.is_empty()).then(|| retain.to_vec());
        let request = self
            .0
            .delete_stack()
            .stack_name(stack)
            .set_retain_resources(retain)
            .client_request_token(token);
        done("DeleteStack", request.send())
    }

    fn continue_rollback<'a>(
        &'a self,
        stack: &'a str,
        skip: &'a [String],
        token: &'a str,
    ) -> Call<'a, ()> {
        let skip = (!skip.is_empty()).then(|| skip.to_vec());
        let request = self
            .0
            .continue_update_rollback()
            .stack_name(stack)
            .set_resources_to_skip(skip);
        let request = request.client_request_token(token);
        done("ContinueUpdateRollback", request.send())
    }

    fn rollback<'a>(&'a self, stack: &'a str, token: &'a str) -> Call<'a, ()> {
        let request = self
            .0
            .rollback_stack()
            .stack_name(stack)
            .client_request_token(token);
        // Unlike at an execution, which just made what it takes back: what was to be retained may have been in use since.
        let request = request.retain_except_on_create(false);
        done("RollbackStack", request.send())
    }

    fn cancel_update<'a>(&'a self, stack: &'a str, token: &'a str) -> Call<'a, ()> {
        let request = self
            .0
            .cancel_update_stack()
            .stack_name(stack)
            .client_request_token(token);
        done("CancelUpdateStack", request.send())
    }

    fn importers<'a>(&'a self, export: &'a str) -> Call<'a, Vec<String>> {
        self.all_importers(export).boxed_local()
    }

    fn detect_drift<'a>(&'a self, stack: &'a str) -> Call<'a, String> {
        let request = self.0.detect_stack_drift().stack_name(stack);
        async {
            let answer = request
                .send()
                .await
                .map_err(|error| faults::of("DetectStackDrift", &error))?;
            Ok(answer
                .stack_drift_detection_id()
                .unwrap_or_default()
                .to_owned())
        }
        .boxed_local()
    }

    fn is_drift_detected<'a>(&'a self, detection: &'a str) -> Call<'a, bool> {
        self.detected(detection).boxed_local()
    }

    fn drifts<'a>(&'a self, stack: &'a str) -> Call<'a, Vec<Drift>> {
        self.all_drifts(stack).boxed_local()
    }

    fn protect<'a>(&'a self, stack: &'a str, on: bool) -> Call<'a, ()> {
        let request = self
            .0
            .update_termination_protection()
            .stack_name(stack)
            .enable_termination_protection(on);
        done("UpdateTerminationProtection", request.send())
    }
}
