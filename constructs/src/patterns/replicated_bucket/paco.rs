//! The names that [Paco](https://paco-cloud.io) gives buckets, for those that have to stay as they are.

use cloudwright_synth::{Scope, Text};

use crate::defaults::{short_region, shortened};
use crate::rules;
use crate::s3::Bucket;

/// The longest name of a bucket.
const LIMIT: usize = 63;

/// A bucket's name by Paco's rule: `ne`, the parts of its place in the project, and the region's short
/// name, joined by dashes, in lower case; what is longer than 63 characters keeps its end.
///
/// ```
/// use cloudwright::patterns::PacoName;
/// let name = PacoName::new("mynet", "dev").application("app").group("replica");
/// let name = name.resource("s3bucket").bucket("artifacts");
/// assert_eq!(name.in_region("us-west-2"), "ne-mynet-dev-app-app-replica-s3bucket-artifacts-usw2");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a name does nothing until buckets get it: `ReplicatedBucket::to(..).paco_names(..)`"]
pub struct PacoName {
    netenv: [Text; 2],
    application: Text,
    group: Text,
    resource: Text,
    prefix: Text,
    bucket: Text,
    suffix: Text,
    /// Short names of regions that do not follow the rule.
    regions: Vec<[Text; 2]>,
}

impl PacoName {
    /// A name in this network environment, and this environment of it. Parts that are not said, or are
    /// empty, are left out.
    pub fn new(netenv: impl Into<Text>, environment: impl Into<Text>) -> Self {
        let none = || Text::Borrowed("");
        Self {
            netenv: [netenv.into(), environment.into()],
            application: none(),
            group: none(),
            resource: none(),
            prefix: none(),
            bucket: none(),
            suffix: none(),
            regions: Vec::new(),
        }
    }

    /// The application, which follows a literal `app`.
    pub fn application(mut self, name: impl Into<Text>) -> Self {
        self.application = name.into();
        self
    }

    /// The group of resources, such as `original`.
    pub fn group(mut self, name: impl Into<Text>) -> Self {
        self.group = name.into();
        self
    }

    /// The resource in its group.
    pub fn resource(mut self, name: impl Into<Text>) -> Self {
        self.resource = name.into();
        self
    }

    /// The `bucket_name`.
    pub fn bucket(mut self, name: impl Into<Text>) -> Self {
        self.bucket = name.into();
        self
    }

    /// The `bucket_name_prefix`, before the name.
    pub fn prefix(mut self, text: impl Into<Text>) -> Self {
        self.prefix = text.into();
        self
    }

    /// The `bucket_name_suffix`, after the name.
    pub fn suffix(mut self, text: impl Into<Text>) -> Self {
        self.suffix = text.into();
        self
    }

    /// The short name of a region, where it is not the one by the rule, such as `usw2` for `us-west-2`.
    pub fn region(mut self, name: impl Into<Text>, short: impl Into<Text>) -> Self {
        self.regions.push([name.into(), short.into()]);
        self
    }

    /// The name of the bucket in this region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> String {
        let mut known = self.regions.iter();
        let short = match known.find(|[name, _]| name == region) {
            Some([_, short]) => short.to_string(),
            None => short_region(region),
        };
        let [netenv, environment] = &self.netenv;
        let app = if self.application.is_empty() {
            ""
        } else {
            "app"
        };
        let parts: [&str; 11] = [
            "ne",
            netenv,
            environment,
            app,
            &self.application,
            &self.group,
            &self.resource,
            &self.prefix,
            &self.bucket,
            &self.suffix,
            &short,
        ];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let full = parts.join("-").replace('_', "-").to_lowercase();
        shortened(&full, LIMIT)
    }
}

/// The bucket with the name that belongs to the region of this place.
pub(super) fn named(scope: &Scope, bucket: Bucket, name: &PacoName) -> Bucket {
    let environment = scope.environment();
    let Some(region) = environment.region_name() else {
        let message = "a bucket has its region in its name by Paco's rule, and this stack's region is not known";
        let help =
            "say where the stack goes: `Environment::new(\"111111111111\", \"eu-central-1\")`";
        scope.error(&rules::UNFIT_REPLICATION, message, help);
        return bucket;
    };
    bucket.bucket_name(name.in_region(region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_may_have_another_short_name() {
        let name = PacoName::new("n", "e").region("us-iso-east-1", "iso");
        assert_eq!(name.in_region("us-iso-east-1"), "ne-n-e-iso");
    }

    #[test]
    fn parts_that_are_not_said_are_left_out() {
        let name = PacoName::new("my_net", "DEV").group("").bucket("b");
        assert_eq!(name.in_region("eu-west-1"), "ne-my-net-dev-b-euw1");
        let name = name.prefix("pre").suffix("post").application("a");
        assert_eq!(
            name.in_region("eu-west-1"),
            "ne-my-net-dev-app-a-pre-b-post-euw1"
        );
    }

    #[test]
    fn a_longer_name_is_shortened() {
        let name = PacoName::new("n", "x".repeat(54)).in_region("eu-west-1");
        assert_eq!(name, format!("e5fe2c79-{}-euw1", "x".repeat(49)));
    }
}
