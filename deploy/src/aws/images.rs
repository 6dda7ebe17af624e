//! Amazon ECR by the SDK's client, and its registry by the protocol of all registries.

use aws_config::SdkConfig;

use crate::cloud::{Call, ImageState, Images};

/// The registry of an account and region. The local AWS runs no containers, and to make an image takes minutes: there
/// every image counts as pushed.
pub(super) fn connect(sdk: &SdkConfig, local: bool) -> Option<Box<dyn Images>> {
    if local {
        return Some(Box::new(Unneeded));
    }
    #[cfg(feature = "images")]
    return Some(Box::new(ecr::Client::new(sdk)));
    #[cfg(not(feature = "images"))]
    {
        let _ = sdk;
        None
    }
}

/// Where images are not needed.
struct Unneeded;

impl Images for Unneeded {
    fn find<'a>(&'a self, _: &'a str, _: &'a str) -> Call<'a, ImageState> {
        Box::pin(async { Ok(ImageState::There) })
    }

    fn push<'a>(&'a self, _: &'a str, _: &'a str, _: &'a std::path::Path) -> Call<'a, String> {
        Box::pin(async { Ok(String::new()) })
    }
}

#[cfg(feature = "images")]
mod ecr {
    use std::path::Path;

    use aws_config::SdkConfig;
    use aws_config::retry::RetryConfig;
    use aws_sdk_ecr as sdk;
    use aws_sdk_ecr::types::ImageIdentifier;
    use futures_util::FutureExt;

    use crate::aws::registry::Registry;
    use crate::aws::{ANSWER, faults, waits};
    use crate::cloud::{Call, ImageState, Images};
    use crate::fault::{Class, Fault};

    /// ECR in one account and region.
    pub(super) struct Client(sdk::Client);

    impl Client {
        pub(super) fn new(config: &SdkConfig) -> Self {
            let settings = sdk::config::Builder::from(config)
                .retry_config(RetryConfig::standard())
                .timeout_config(waits(ANSWER));
            Self(sdk::Client::from_conf(settings.build()))
        }

        async fn state(&self, repository: &str, tag: &str) -> Result<ImageState, Fault> {
            let tag = ImageIdentifier::builder().image_tag(tag).build();
            let request = self.0.describe_images().repository_name(repository);
            match request.image_ids(tag).send().await {
                Ok(answer) if answer.image_details().is_empty() => Ok(ImageState::Missing),
                Ok(_) => Ok(ImageState::There),
                Err(error) => {
                    let fault = faults::of("DescribeImages", &error);
                    match &*fault.code {
                        "RepositoryNotFoundException" => Ok(ImageState::NoRepository),
                        "ImageNotFoundException" => Ok(ImageState::Missing),
                        _ => Err(fault),
                    }
                }
            }
        }

        /// The registry, with a token that it takes for twelve hours.
        async fn registry(&self) -> Result<Registry, Fault> {
            const OPERATION: &str = "GetAuthorizationToken";
            let answer = self.0.get_authorization_token().send().await;
            let answer = answer.map_err(|error| faults::of(OPERATION, &error))?;
            let found = answer.authorization_data().first();
            let both = found.and_then(|one| one.proxy_endpoint().zip(one.authorization_token()));
            let (url, token) = both.ok_or_else(|| Fault {
                class: Class::Refused,
                operation: OPERATION,
                code: String::new(),
                message: "ECR names no registry".to_owned(),
            })?;
            Registry::new(url, token)
        }
    }

    impl Images for Client {
        fn find<'a>(&'a self, repository: &'a str, tag: &'a str) -> Call<'a, ImageState> {
            self.state(repository, tag).boxed_local()
        }

        fn push<'a>(
            &'a self,
            repository: &'a str,
            tag: &'a str,
            layout: &'a Path,
        ) -> Call<'a, String> {
            async move { self.registry().await?.push(repository, tag, layout).await }.boxed_local()
        }
    }
}
