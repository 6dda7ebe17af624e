//! Updates of functions by the SDK's client.

use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput as Answer;
use aws_sdk_lambda::types::{Environment, LastUpdateStatus, Runtime, State};
use futures_util::FutureExt;

use super::{Lambda, faults};
use crate::cloud::{self, Call, Code, FunctionSettings, FunctionState};

impl cloud::Lambda for Lambda {
    fn function<'a>(&'a self, name: &'a str) -> Call<'a, FunctionState> {
        async move {
            let request = self.0.get_function_configuration().function_name(name);
            let answer = request.send().await;
            let answer = answer.map_err(|error| faults::of("GetFunctionConfiguration", &error))?;
            Ok(state(&answer))
        }
        .boxed_local()
    }

    fn update_code<'a>(&'a self, name: &'a str, code: &'a Code) -> Call<'a, ()> {
        async move {
            let request = self.0.update_function_code().function_name(name);
            let request = match code {
                Code::Archive { bucket, key } => request.s3_bucket(bucket).s3_key(key),
                Code::Image(uri) => request.image_uri(uri),
            };
            let answer = request.send().await.map(drop);
            answer.map_err(|error| faults::of("UpdateFunctionCode", &error))
        }
        .boxed_local()
    }

    fn update_settings<'a>(
        &'a self,
        name: &'a str,
        revision: &'a str,
        settings: &'a FunctionSettings,
    ) -> Call<'a, ()> {
        async move {
            let variables = settings.variables.clone();
            let environment = variables.map(|all| {
                let all = all.into_iter().collect();
                Environment::builder().set_variables(Some(all)).build()
            });
            let request = self.0.update_function_configuration();
            let request = request.function_name(name).revision_id(revision);
            let request = request
                .set_description(settings.description.clone())
                .set_handler(settings.handler.clone())
                .set_runtime(settings.runtime.as_deref().map(Runtime::from))
                .set_timeout(settings.timeout)
                .set_memory_size(settings.memory)
                .set_environment(environment);
            let answer = request.send().await.map(drop);
            answer.map_err(|error| faults::of("UpdateFunctionConfiguration", &error))
        }
        .boxed_local()
    }
}

fn state(answer: &Answer) -> FunctionState {
    let environment = answer.environment();
    let variables = environment.and_then(|all| all.variables()).into_iter();
    let variables = variables
        .flatten()
        .map(|(name, value)| (name.clone(), value.clone()));
    let error = environment.and_then(|all| all.error());
    let reason = answer
        .last_update_status_reason()
        .unwrap_or("no reason is told");
    let has_failed = answer.last_update_status() == Some(&LastUpdateStatus::Failed);
    FunctionState {
        revision: answer.revision_id().unwrap_or_default().to_owned(),
        variables: variables.collect(),
        unreadable: error.map(|error| error.message().unwrap_or_default().to_owned()),
        log_group: answer
            .logging_config()
            .and_then(|logging| logging.log_group().map(str::to_owned)),
        is_moving: answer.last_update_status() == Some(&LastUpdateStatus::InProgress)
            || answer.state() == Some(&State::Pending),
        failure: has_failed.then(|| reason.to_owned()),
    }
}
