//! Repositories with secure defaults.

use cloudwright_synth::{Arn, Construct, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Text};

use super::lifecycle::RULES;
use super::{LifecycleRule, RepositoryRef};
use crate::cfn::ecr::repository as l1;
use crate::{cfn, defaults, kms, rules};

/// The longest name of a repository.
const NAME_LIMIT: usize = 256;
/// A repository of container images
/// ([AWS](https://docs.aws.amazon.com/AmazonECR/latest/userguide/Repositories.html)).
///
/// It is encrypted, looks for known weaknesses in what is pushed, takes each tag once, and stays when it
/// leaves the template; a strict stack encrypts it with its own key.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::ecr::{LifecycleRule, Repository};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let builder = stack.add("Builder", iam::Role::assumed_by(Principal::service("codebuild.amazonaws.com")));
/// let images = Repository::new().lifecycle(LifecycleRule::keep_newest(30));
/// let images = stack.add("Images", images);
/// images.grant_push(&builder);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Repository {
    cfn: cfn::ecr::Repository,
    name: Option<Text>,
    key: Option<kms::KeyRef>,
    rules: Vec<LifecycleRule>,
    mutable: bool,
    removal: Option<RemovalPolicy>,
}

impl Repository {
    /// A repository without images.
    pub fn new() -> Self {
        Self {
            cfn: cfn::ecr::Repository::new(),
            name: None,
            key: None,
            rules: Vec::new(),
            mutable: false,
            removal: None,
        }
    }

    /// A fixed name: 2 to 256 small letters, digits and `._-/`. Without one CloudFormation makes a unique name.
    /// A change replaces the repository.
    pub fn repository_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Encrypts the images with a key of your own. Who pulls or pushes needs no right on it: ECR uses it. A change
    /// replaces the repository.
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Forgets images by a rule; a repository has up to 50, and one about all images comes last.
    pub fn lifecycle(mut self, rule: LifecycleRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Lets a tag be pushed again for another image, such as `latest`. What runs under such a tag changes when a
    /// task starts, not when a stack is deployed.
    pub const fn mutable_tags(mut self) -> Self {
        self.mutable = true;
        self
    }

    /// Deletes the images too when the repository is deleted, which would fail otherwise.
    pub fn empty_on_delete(mut self) -> Self {
        self.cfn = self.cfn.empty_on_delete(true);
        self
    }

    /// What becomes of the repository when it leaves the template or is replaced.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = Some(policy);
        self
    }

    /// A repository that exists already, by ARN. Grants become statements of the grantee alone, because the
    /// repository's policy belongs to its owner.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        arn: impl IntoValue<Arn<cfn::ecr::Repository>>,
    ) -> RepositoryRef {
        RepositoryRef::imported(scope.place(id), arn.into_value())
    }

    fn l1(self, scope: &Scope, key: Option<&kms::KeyRef>) -> cfn::ecr::Repository {
        let encryption = match key {
            Some(key) => l1::EncryptionConfiguration::new(l1::EncryptionType::Kms).kms_key(key),
            None => l1::EncryptionConfiguration::new(l1::EncryptionType::Aes256),
        };
        let tags = if self.mutable {
            l1::ImageTagMutability::Mutable
        } else {
            l1::ImageTagMutability::Immutable
        };
        let repository = self
            .cfn
            .encryption_configuration(encryption)
            .image_scanning_configuration(l1::ImageScanningConfiguration::new().scan_on_push(true))
            .image_tag_mutability(tags);
        if self.rules.is_empty() {
            return repository;
        }
        check_rules(scope, &self.rules);
        let rules = (1..).zip(&self.rules);
        let rules = rules.map(|(priority, rule)| rule.json(scope, priority));
        let document = Json::map([("rules", Json::List(rules.collect()))]);
        // Rules hold no tokens.
        let text = document.literal().unwrap_or_default().to_string();
        let policy = l1::LifecyclePolicy::new().lifecycle_policy_text(text);
        repository.lifecycle_policy(policy)
    }
}

/// Reports rules that ECR refuses together
/// ([AWS](https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html)).
fn check_rules(scope: &Scope, all: &[LifecycleRule]) {
    if all.len() > RULES {
        let message = format!("a repository has up to {RULES} rules, got {}", all.len());
        scope.error(&rules::OUT_OF_RANGE, message, "join some of them");
    }
    let is_last = |at: usize| at + 1 == all.len();
    if let Some(at) = all.iter().position(LifecycleRule::is_of_any)
        && !is_last(at)
    {
        let message =
            "a rule about all images comes after the others, or they would have none left";
        scope.error(&rules::CONTRADICTION, message, "say it last");
    }
    let twice = |at: usize| {
        let rule = &all[at];
        let once = rule.is_of_any() || rule.is_of_untagged();
        once && all[..at].iter().any(|other| other.same_images(rule))
    };
    if (0..all.len()).any(twice) {
        let message = "two rules are about the same images";
        let help = "one rule about all images, and one about those without a tag";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}

impl Default for Repository {
    fn default() -> Self {
        Self::new()
    }
}

impl Construct for Repository {
    type Handle = RepositoryRef;

    fn construct(mut self, scope: &Scope) -> RepositoryRef {
        self.name = self.name.or_else(|| defaults::name(scope, NAME_LIMIT));
        if let Some(name) = &self.name {
            self.cfn = self.cfn.repository_name(name.clone());
        }
        let key = defaults::key(scope, self.key.clone());
        let (name, removal) = (self.name.clone(), self.removal);
        let cfn = scope.add("Resource", self.l1(scope, key.as_ref()));
        cfn.removal_policy(defaults::removal_policy(scope, removal));
        RepositoryRef::owned(scope, cfn, name, key)
    }
}

impl IntoValue<Arn<cfn::ecr::Repository>> for &RepositoryRef {
    fn into_json(self) -> Json {
        self.arn().as_json().clone()
    }
}
