//! The buckets of `replicate`, by the SDK's clients: one for each region, since S3 turns a request
//! away that comes to another region than the bucket's, and the SDK does not follow.

#[cfg(feature = "worker")]
mod contents;
mod listing;
#[cfg(feature = "bucket-notifications")]
mod notifications;
mod requests;
#[cfg(feature = "index")]
mod shelf;
#[cfg(feature = "submit")]
mod submissions;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::Client;
use aws_types::SdkConfig;
use aws_types::region::Region;
use cloudwright_contract::{Process, Replicate, Variables as _};

use crate::replicate::store::Stores;
#[cfg(feature = "worker")]
pub use contents::Contents;
#[cfg(feature = "bucket-notifications")]
pub use notifications::NotifyingBuckets;
#[cfg(feature = "index")]
pub use shelf::IndexedBucket;
#[cfg(feature = "submit")]
pub use submissions::Submissions;

/// A client for each region. They share connections and credentials.
#[derive(Debug)]
pub struct Regions {
    sdk: SdkConfig,
    own: String,
    clients: Mutex<BTreeMap<String, S3>>,
}

/// The buckets of a region.
#[derive(Clone, Debug)]
pub struct S3 {
    client: Client,
    region: String,
}

impl Regions {
    /// The clients of the function's own region and of all destinations.
    #[must_use]
    pub fn new(sdk: &SdkConfig, plan: &Replicate) -> Self {
        let own = sdk.region().map(ToString::to_string).unwrap_or_default();
        let regions = Self {
            sdk: sdk.clone(),
            own: own.clone(),
            clients: Mutex::default(),
        };
        regions.of(&own);
        for destination in &plan.destinations {
            regions.of(&destination.region);
        }
        regions
    }
}

impl S3 {
    /// The buckets of one region.
    #[must_use]
    pub fn new(sdk: &SdkConfig, region: &str) -> Self {
        let configuration = aws_sdk_s3::config::Builder::from(sdk)
            .region(Region::new(region.to_owned()))
            // Whoever stands in for AWS on one machine has no name for each bucket.
            .force_path_style(has_endpoint(sdk))
            .build();
        Self {
            client: Client::from_conf(configuration),
            region: region.to_owned(),
        }
    }
}

impl Stores for Regions {
    type Store = S3;

    fn of(&self, region: &str) -> S3 {
        // A client that a panic interrupted was not put in.
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let client = clients.entry(region.to_owned());
        client.or_insert_with(|| S3::new(&self.sdk, region)).clone()
    }

    fn own_region(&self) -> &str {
        &self.own
    }
}

/// Whether requests go to an endpoint of somebody's choice instead of AWS.
fn has_endpoint(sdk: &SdkConfig) -> bool {
    sdk.endpoint_url().is_some() || Process.variable("AWS_ENDPOINT_URL_S3").is_some()
}
