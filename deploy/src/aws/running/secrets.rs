//! Secrets Manager by the SDK's client.

use aws_config::SdkConfig;
use futures_util::FutureExt;

use super::faults;
use crate::cloud::Call;
use crate::running::services::{SecretState, Secrets};

/// The label of the version that readers get.
const CURRENT: &str = "AWSCURRENT";

pub(super) struct SecretsManager(aws_sdk_secretsmanager::Client);

impl SecretsManager {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self(aws_sdk_secretsmanager::Client::new(sdk))
    }
}

impl Secrets for SecretsManager {
    fn secret<'a>(&'a self, secret: &'a str) -> Call<'a, SecretState> {
        async move {
            let answer = self.0.describe_secret().secret_id(secret).send().await;
            let answer = answer.map_err(|error| faults::of("DescribeSecret", &error))?;
            let mut versions = answer.version_ids_to_stages().into_iter().flatten();
            let current = versions.find(|(_, stages)| stages.iter().any(|one| one == CURRENT));
            Ok(SecretState {
                current: current.map(|(version, _)| version.clone()),
                rotates: answer.rotation_enabled().unwrap_or_default(),
            })
        }
        .boxed_local()
    }

    fn value<'a>(&'a self, secret: &'a str) -> Call<'a, Option<String>> {
        async move {
            let answer = self.0.get_secret_value().secret_id(secret).send().await;
            let answer = answer.map_err(|error| faults::of("GetSecretValue", &error))?;
            Ok(answer.secret_string().map(str::to_owned))
        }
        .boxed_local()
    }

    fn put<'a>(&'a self, secret: &'a str, value: &'a str, token: &'a str) -> Call<'a, ()> {
        async move {
            let request = self.0.put_secret_value().secret_id(secret);
            let request = request.client_request_token(token);
            let answer = request.secret_string(value).send().await.map(drop);
            answer.map_err(|error| faults::of("PutSecretValue", &error))
        }
        .boxed_local()
    }

    fn rotate<'a>(&'a self, secret: &'a str) -> Call<'a, String> {
        async move {
            let answer = self.0.rotate_secret().secret_id(secret).send().await;
            let answer = answer.map_err(|error| faults::of("RotateSecret", &error))?;
            Ok(answer.version_id().unwrap_or_default().to_owned())
        }
        .boxed_local()
    }
}
