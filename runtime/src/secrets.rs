//! Secrets, by the SDK's client. What a secret holds is in no error and in no log.

use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::failure::{Class, Failure};
use crate::sdk;

const OPERATION: &str = "Secrets Manager GetSecretValue";

/// One secret.
#[derive(Clone, Debug)]
pub struct Secret {
    client: Client,
    arn: String,
    region: String,
}

impl Secret {
    /// The secret with this ARN, in the region that the ARN names.
    #[must_use]
    pub fn new(sdk: &SdkConfig, arn: &str) -> Self {
        let own = sdk.region().map(ToString::to_string).unwrap_or_default();
        let region = arn.split(':').nth(3).filter(|region| !region.is_empty());
        let region = region.map_or(own, str::to_owned);
        let configuration = aws_sdk_secretsmanager::config::Builder::from(sdk)
            .region(Region::new(region.clone()))
            .build();
        Self {
            client: Client::from_conf(configuration),
            arn: arn.to_owned(),
            region,
        }
    }

    /// Its text as it is now.
    ///
    /// # Errors
    /// If Secrets Manager does not tell, or holds bytes in the place of a text.
    pub async fn text(&self) -> Result<String, Failure> {
        let request = self.client.get_secret_value().secret_id(&self.arn);
        let output = request.send().await;
        let output = output.map_err(|error| {
            let failure = sdk::failure(OPERATION, &error);
            failure.within(&self.region)
        })?;
        output
            .secret_string
            .ok_or_else(|| self.strange("it holds bytes, expected a text"))
    }

    /// A failure for a secret that does not hold what it should.
    #[must_use]
    pub fn strange(&self, problem: &str) -> Failure {
        let failure = Failure::new(Class::Refused, format!("secret {}: {problem}", self.arn));
        failure.during(OPERATION).within(&self.region)
    }
}
