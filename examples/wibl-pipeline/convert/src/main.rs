//! The function: it converts every object that it is told of, and fails with the reason of each that it could not.

use std::env;

use aws_config::BehaviorVersion;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::DisplayErrorContext;
use convert::{Object, convert, encode_form, objects, output_key};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let settings = aws_sdk_s3::config::Builder::from(&config);
    // What stands in for AWS on one machine has no name for each bucket.
    let settings = settings.force_path_style(config.endpoint_url().is_some());
    let stage = Stage {
        s3: Client::from_conf(settings.build()),
        bucket: env::var("OUTPUT_BUCKET")?,
        prefix: env::var("OUTPUT_PREFIX").unwrap_or_default(),
    };
    let stage = &stage;
    let answer = |event: LambdaEvent<Value>| async move { stage.run(&event.payload).await };
    lambda_runtime::run(service_fn(answer)).await
}

/// Where results go.
struct Stage {
    s3: Client,
    bucket: String,
    prefix: String,
}

impl Stage {
    /// Converts all objects of an event, and tries each before it fails: whatever is returned counts as success.
    async fn run(&self, event: &Value) -> Result<(), Error> {
        let mut mistakes = Vec::new();
        for object in objects(event)? {
            if let Err(mistake) = self.convert(&object).await {
                mistakes.push(format!("{}/{}: {mistake}", object.bucket, object.key));
            }
        }
        match mistakes.is_empty() {
            true => Ok(()),
            false => Err(mistakes.join("; ").into()),
        }
    }

    /// Writes the soundings of an object, with tags that say what they come from.
    async fn convert(&self, object: &Object) -> Result<(), String> {
        let read = self.s3.get_object().bucket(&object.bucket);
        let read = read.key(&object.key).send().await;
        let read = read.map_err(|mistake| DisplayErrorContext(mistake).to_string())?;
        let raw = read.body.collect().await;
        let raw = raw.map_err(|mistake| mistake.to_string())?.to_vec();
        let converted = convert(&raw)?;
        let put = self.s3.put_object().bucket(&self.bucket);
        let put = put
            .key(format!("{}{}", self.prefix, output_key(&object.key)))
            .tagging(encode_form(&converted.tags))
            .content_type("application/geo+json")
            .body(converted.collection.to_string().into_bytes().into());
        let written = put.send().await.map(drop);
        written.map_err(|mistake| DisplayErrorContext(mistake).to_string())
    }
}
