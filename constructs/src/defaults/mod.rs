//! What an organisation wants of everything, unless a program says otherwise.
//!
//! [`Defaults`] is a plain value: a crate of the organisation has a function that makes it, and a program gives it to its
//! app, a stage or a stack. What a construct is told itself always wins; after that the nearest place does.
//!
//! ```
//! use cloudwright::prelude::*;
//!
//! /// In the organisation's own crate.
//! pub fn acme() -> Defaults {
//!     Defaults::new()
//!         .tag("owner", "shop")
//!         .permissions_boundary("Developers")
//!         .log_retention(days(90))
//!         .function_memory(MiB(512))
//! }
//!
//! let app = App::new();
//! app.defaults(acme());
//! let stack = app.stage("Prod").stack("Shop", Environment::new("111111111111", "eu-central-1"));
//! stack.add("Audit", logs::LogGroup::new());                           // 90 days
//! stack.add("Debug", logs::LogGroup::new().retention(days(7)));        // 7 days
//! # app.synth().unwrap();
//! ```

mod boundary;
mod fill;
mod naming;
mod place;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use cloudwright_synth::{Arn, IntoValue, Json, RemovalPolicy, Scope, Stack, TagRule, Text};

use crate::units::MiB;
use crate::{cfn, kms, rules};

pub(crate) use naming::name;
#[cfg(feature = "replicated-bucket")]
pub(crate) use naming::shortened;
pub use naming::{NamingScheme, short_region};
pub use place::Configure;

/// What makes the key of a stack.
type MakeKey = Rc<dyn Fn(&Stack) -> kms::KeyRef>;

/// What constructs get that are not told: see the [module](self).
///
/// Give it to an app, a stage or a stack by [`Configure::defaults`], before anything is added there.
#[derive(Clone, Default)]
#[must_use = "defaults do nothing until a place gets them: `app.defaults(..)`"]
pub struct Defaults {
    removal: Option<RemovalPolicy>,
    log_retention: Option<Duration>,
    function_memory: Option<MiB>,
    function_timeout: Option<Duration>,
    key: Option<MakeKey>,
    naming: Option<NamingScheme>,
    boundary: Option<Json>,
    tags: Vec<TagRule>,
    properties: Vec<fill::Property>,
}

impl Defaults {
    /// None: everything stays as the library has it.
    pub fn new() -> Self {
        Self::default()
    }

    /// What becomes of what holds data (buckets, queues, tables, log groups, secrets, keys, repositories) when it leaves
    /// its template; [`RetainExceptOnCreate`](RemovalPolicy::RetainExceptOnCreate) unless said.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = Some(policy);
        self
    }

    /// How long log groups keep events: one of the [spans](crate::logs::LogGroup::retention) that the service knows.
    pub const fn log_retention(mut self, span: Duration) -> Self {
        self.log_retention = Some(span);
        self
    }

    /// The memory of functions, 128 to 10,240 MiB.
    pub const fn function_memory(mut self, size: MiB) -> Self {
        self.function_memory = Some(size);
        self
    }

    /// How long a call of a function may take: 1 second to 15 minutes.
    pub const fn function_timeout(mut self, duration: Duration) -> Self {
        self.function_timeout = Some(duration);
        self
    }

    /// Encrypts what can be encrypted with a key of your own: buckets, queues, topics, tables, log groups, secrets,
    /// repositories, disks and variables of functions. The key is asked for once for each stack that needs one.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// let made = Defaults::new().encrypted_with(|stack| stack.add("Key", kms::Key::new()));
    /// let kept = Defaults::new().encrypted_with(|stack| {
    ///     kms::Key::import(stack, "Key", "arn:aws:kms:eu-central-1:111111111111:key/8e1c2f2e-6a2b-4b0e-9a54-3a5d2b7c9f10")
    /// });
    /// # let app = App::new();
    /// # app.defaults(made);
    /// # let stage = app.stage("Prod");
    /// # stage.defaults(kept);
    /// # stage.stack("Jobs", Environment::agnostic()).add("Jobs", sqs::Queue::new());
    /// # app.synth().unwrap();
    /// ```
    pub fn encrypted_with(mut self, key: impl Fn(&Stack) -> kms::KeyRef + 'static) -> Self {
        self.key = Some(Rc::new(key));
        self
    }

    /// Names resources by a scheme: see [`Configure::naming`].
    pub fn naming(mut self, scheme: NamingScheme) -> Self {
        self.naming = Some(scheme);
        self
    }

    /// Limits what roles and users can be given: see [`Configure::permissions_boundary`].
    pub fn permissions_boundary(
        mut self,
        policy: impl IntoValue<Arn<cfn::iam::ManagedPolicy>>,
    ) -> Self {
        self.boundary = Some(policy.into_json());
        self
    }

    /// Tags every taggable resource.
    pub fn tag(self, key: impl Into<Text>, value: impl Into<Text>) -> Self {
        self.tag_where(TagRule::new(key, value))
    }

    /// Tags the taggable resources that the rule includes.
    pub fn tag_where(mut self, rule: TagRule) -> Self {
        self.tags.push(rule);
        self
    }

    /// Sets a property of every resource of a type that has none by then: for what has no word of its own here. What the
    /// library sets by itself is not replaced; an [aspect](Scope::aspect) does that.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// let defaults = Defaults::new().property("AWS::ECR::Repository", "ImageTagMutability", "IMMUTABLE");
    /// # App::new().defaults(defaults);
    /// ```
    pub fn property(
        mut self,
        kind: &'static str,
        property: &'static str,
        value: impl IntoValue<Json>,
    ) -> Self {
        self.properties.push(fill::Property {
            kind,
            property,
            value: value.into_json(),
        });
        self
    }

    /// Hands all of it to a place.
    #[track_caller]
    fn install(self, scope: &Scope) {
        if scope.descendants().len() > 1 {
            let message = "defaults are given to a place that holds constructs already, which have been made without them";
            let help = "say them first: `app.defaults(..)` before `app.stack(..)`";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        for rule in &self.tags {
            scope.tag_where(rule.clone());
        }
        for property in &self.properties {
            scope.record(property.clone());
        }
        if let Some(policy) = &self.boundary {
            boundary::record(scope, policy.clone());
        }
        scope.provide(Installed {
            defaults: self,
            keys: RefCell::default(),
        });
    }
}

/// The defaults of a place, and the keys that were made by them, by the path of their stack.
struct Installed {
    defaults: Defaults,
    keys: RefCell<Vec<(String, kms::KeyRef)>>,
}

impl Installed {
    fn key(&self, scope: &Scope) -> Option<kms::KeyRef> {
        let make = self.defaults.key.as_ref()?;
        let stack = scope.stack();
        let path = stack.path();
        let made = self.keys.borrow();
        if let Some((_, key)) = made.iter().find(|(place, _)| *place == path) {
            return Some(key.clone());
        }
        drop(made);
        let key = make(&stack);
        self.keys.borrow_mut().push((path, key.clone()));
        Some(key)
    }
}

/// The nearest default of a kind, here or above.
fn nearest<T>(scope: &Scope, look: impl Fn(&Defaults) -> Option<T>) -> Option<T> {
    scope
        .provided::<Installed>()
        .find_map(|installed| look(&installed.defaults))
}

/// What becomes of what holds data.
pub(crate) fn removal_policy(scope: &Scope, said: Option<RemovalPolicy>) -> RemovalPolicy {
    said.or_else(|| nearest(scope, |defaults| defaults.removal))
        .unwrap_or(RemovalPolicy::RetainExceptOnCreate)
}

/// The key that a construct encrypts with: what it is told, the default, and else that of a strict stack.
pub(crate) fn key(scope: &Scope, said: Option<kms::KeyRef>) -> Option<kms::KeyRef> {
    said.or_else(|| {
        scope
            .provided::<Installed>()
            .find_map(|installed| installed.key(scope))
    })
    .or_else(|| scope.is_strict().then(|| kms::strict_key(scope)))
}

pub(crate) fn log_retention(scope: &Scope) -> Option<Duration> {
    nearest(scope, |defaults| defaults.log_retention)
}

pub(crate) fn function_memory(scope: &Scope) -> Option<MiB> {
    nearest(scope, |defaults| defaults.function_memory)
}

pub(crate) fn function_timeout(scope: &Scope) -> Option<Duration> {
    nearest(scope, |defaults| defaults.function_timeout)
}
