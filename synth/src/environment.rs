//! Environments: the account and region that a stack is deployed to.

use cloudwright_spec::sorted::Map;

use crate::json::Text;

/// An account and a region, each known at synthesis or left to the deployment.
///
/// A known environment lets names be written out and references cross accounts and regions; an
/// agnostic stack can be deployed anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Environment {
    pub(crate) account: Option<Text>,
    pub(crate) region: Option<Text>,
}

impl Environment {
    /// A known environment. `account` is twelve digits, or a name given by
    /// [`App::account`](crate::App::account).
    #[must_use]
    pub fn new(account: impl Into<Text>, region: impl Into<Text>) -> Self {
        Self {
            account: Some(account.into()),
            region: Some(region.into()),
        }
    }

    /// Whatever account and region the deployment runs in.
    #[must_use]
    pub const fn agnostic() -> Self {
        Self {
            account: None,
            region: None,
        }
    }

    /// A known region in whatever account the deployment runs in.
    #[must_use]
    pub fn region(region: impl Into<Text>) -> Self {
        Self {
            account: None,
            region: Some(region.into()),
        }
    }

    /// The account id, when it is known.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The region's name, when it is known.
    #[must_use]
    pub fn region_name(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The environment as the assembly writes it: `aws://account/region`.
    pub(crate) fn url(&self) -> String {
        let account = self.account.as_deref().unwrap_or("unknown-account");
        let region = self.region.as_deref().unwrap_or("unknown-region");
        format!("aws://{account}/{region}")
    }
}

/// A choice of regions for constructs that span several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Regions {
    /// The regions that [`App::active_regions`](crate::App::active_regions) names.
    Active,
    /// These.
    Only(Vec<Text>),
}

impl Regions {
    /// The regions that the app names once for all its constructs.
    #[must_use]
    pub const fn active() -> Self {
        Self::Active
    }
}

impl<R: Into<Text>, const N: usize> From<[R; N]> for Regions {
    fn from(regions: [R; N]) -> Self {
        Self::Only(regions.into_iter().map(Into::into).collect())
    }
}

impl<R: Into<Text>> From<Vec<R>> for Regions {
    fn from(regions: Vec<R>) -> Self {
        Self::Only(regions.into_iter().map(Into::into).collect())
    }
}

/// Names for accounts, so that a program says `"prod"` and not twelve digits.
#[derive(Default)]
pub(crate) struct Accounts(Map<Text, Text>);

impl Accounts {
    pub(crate) fn name(&mut self, name: Text, id: Text) {
        self.0.insert(name, id);
    }

    pub(crate) fn names(&self) -> String {
        self.0
            .keys()
            .map(|name| format!("\"{name}\""))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The environment with an account name replaced by its id.
    pub(crate) fn resolve(&self, mut environment: Environment) -> Environment {
        if let Some(id) = environment
            .account
            .as_ref()
            .and_then(|name| self.0.get(name))
        {
            environment.account = Some(id.clone());
        }
        environment
    }
}

/// Twelve digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The regions of today, of all partitions. A name that is not among them may be a region of
/// tomorrow, so it is a warning.
pub(crate) const KNOWN_REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// Lower-case words and a number joined with dashes, such as `eu-central-1`.
pub(crate) fn is_region_name(text: &str) -> bool {
    let mut words = text.split('-').collect::<Vec<_>>();
    let number = words.pop().unwrap_or_default();
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    digits && words.len() >= 2 && words.iter().all(word)
}
