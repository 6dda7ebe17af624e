//! Aliases: names for published versions of a function.
//!
//! A version is made anew whenever the function changes, and only then: its logical id holds a digest of all that the
//! function says, which is known once its variables are written. Old versions stay, so that who still calls one is served.

use cloudwright_synth::sorted::sort_by;
use cloudwright_synth::{
    Builder as _, Construct, Fact, Handle, Json, Recorded, RemovalPolicy, ResourceRef as _, Scope,
    Text, Value, short_hash,
};

use super::FunctionRef;
use crate::iam::{Grantee, OwnName, Subject, grant, table};
use crate::{cfn, order, rules};

/// The longest name of an alias.
const NAME: usize = 128;
/// How many digits of the digest a version's id has.
const DIGITS: usize = 8;
/// What a published version holds of its function
/// ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html)).
const PUBLISHED: [&str; 17] = [
    "Architectures",
    "Code",
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
];

/// A name for the version of a function that is published last
/// ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html)).
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::lambda::Alias;
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// # let site = stack.add("Site", iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
/// let price = stack.add("Price", lambda::Function::new(lambda::Code::s3("releases", "price.zip")));
/// let live = price.alias(Alias::new("live").provisioned_concurrency(5));
/// live.grant_invoke(&site);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "an alias does nothing until a function has it: `function.alias(..)`"]
pub struct Alias {
    name: Text,
    description: Option<Text>,
    ready: Option<u32>,
}

impl Alias {
    /// An alias of this name: at most 128 letters, digits, `-` and `_`, not digits alone.
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            description: None,
            ready: None,
        }
    }

    /// Says what the alias is for; at most 256 characters.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Keeps so many started, so that nobody waits for a start. They cost money all the time.
    pub const fn provisioned_concurrency(mut self, count: u32) -> Self {
        self.ready = Some(count);
        self
    }
}

impl FunctionRef {
    /// Publishes a version of the function whenever it changes, and gives the last one a name. An imported function is
    /// published where it is made.
    #[track_caller]
    pub fn alias(&self, alias: Alias) -> AliasRef {
        let id = format!("Alias{}", alias.name);
        let function = self.clone();
        self.scope().add(id, AliasOf { alias, function })
    }
}

struct AliasOf {
    alias: Alias,
    function: FunctionRef,
}

impl Construct for AliasOf {
    type Handle = AliasRef;

    fn construct(self, scope: &Scope) -> AliasRef {
        let Self { alias, function } = self;
        check(scope, &alias, &function);
        let mut l1 =
            cfn::lambda::Alias::new(function.name(), super::asynchronous::LATEST, alias.name);
        if let Some(text) = alias.description {
            l1 = l1.description(text);
        }
        if let Some(count) = alias.ready {
            let count = Json::Int(i64::from(count));
            let ready = Json::map([("ProvisionedConcurrentExecutions", count)]);
            l1 = l1.raw("ProvisionedConcurrencyConfig", ready);
        }
        let cfn = scope.add("Resource", l1);
        scope.record(Published {
            function: function.clone(),
            alias: cfn.clone(),
        });
        AliasRef {
            scope: scope.clone(),
            cfn,
            function,
        }
    }
}

fn check(scope: &Scope, alias: &Alias, function: &FunctionRef) {
    let name = &alias.name;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || name.len() > NAME || !name.bytes().all(allowed) {
        let message = format!(
            "an alias has 1 to {NAME} letters, digits, `-` and `_`, and not digits alone, got \"{name}\""
        );
        scope.error(&rules::BAD_NAME, message, "such as \"live\"");
    }
    if alias.ready == Some(0) {
        let message = "at least one is kept started, got 0";
        let help = "leave `.provisioned_concurrency(..)` out to keep none";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
    if function.cfn().is_none() {
        let message = "an imported function is published where it is made";
        let help = "import the alias itself: `Function::import(..)` takes its ARN";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}

/// The handle of an [`Alias`].
#[derive(Clone)]
pub struct AliasRef {
    scope: Scope,
    cfn: cfn::lambda::AliasRef,
    function: FunctionRef,
}

impl AliasRef {
    /// The alias's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::lambda::AliasRef {
        &self.cfn
    }

    /// The function that is called by the alias.
    #[must_use]
    pub const fn function(&self) -> &FunctionRef {
        &self.function
    }

    /// The ARN by which the alias is called.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        Value::from_json(self.cfn.handle().reference())
    }

    /// Lets a grantee call the function by this alias, and by no other.
    #[track_caller]
    pub fn grant_invoke(&self, grantee: &dyn Grantee) -> &Self {
        let subject = Subject {
            scope: self.function.scope(),
            arn: self.arn().as_json().clone(),
            content: "",
            key: None,
            policy: None,
            own_name: OwnName::Arn,
            known_arn: None,
        };
        grant(&table::LAMBDA_INVOKE, &subject, grantee);
        self
    }
}

/// An alias wants a published version.
struct Published {
    function: FunctionRef,
    alias: cfn::lambda::AliasRef,
}

impl Fact for Published {
    const ORDER: u16 = order::VERSIONS;

    fn merge(facts: Vec<Recorded<Self>>) {
        for Recorded { fact, .. } in facts {
            let Some(function) = fact.function.cfn() else {
                continue;
            };
            let id = format!(
                "Version{}",
                digest(fact.function.scope(), function.handle())
            );
            let place = fact.function.scope();
            let version = place.find(&id).and_then(|known| known.resource());
            let version = version.unwrap_or_else(|| publish(place, id, &fact.function));
            let number: Value<String> = version.attribute("Version");
            fact.alias.raw("FunctionVersion", number.as_json().clone());
        }
    }
}

fn publish(place: &Scope, id: String, function: &FunctionRef) -> Handle {
    let version = cfn::lambda::Version::new(function.name());
    let version = place.add(id, version);
    version.removal_policy(RemovalPolicy::Retain);
    version.handle().clone()
}

/// A digest of all that a version holds of its function.
fn digest(scope: &Scope, function: &Handle) -> String {
    let mut text = String::new();
    for name in PUBLISHED {
        if let Some(value) = function.property(name) {
            text.push_str(name);
            write(scope, &value, &mut text);
        }
    }
    short_hash(&text, DIGITS)
}

/// The value as a text that differs when the value does.
fn write(scope: &Scope, value: &Json, text: &mut String) {
    match value {
        Json::List(items) => items.iter().for_each(|item| write(scope, item, text)),
        Json::Map(members) => {
            let mut members: Vec<_> = members.iter().collect();
            sort_by(&mut members, |one, other| one.0.cmp(&other.0));
            for (name, value) in members {
                text.push_str(name);
                write(scope, value, text);
            }
        }
        Json::Token(token) => match token.function() {
            Some((name, arguments)) => {
                text.push_str(name);
                write(scope, arguments, text);
            }
            None => {
                let behind = scope.construct_behind(value).map(|scope| scope.path());
                text.push_str(&behind.unwrap_or_default());
            }
        },
        plain => {
            let plain = plain.literal().map(|plain| plain.to_string());
            text.push_str(&plain.unwrap_or_default());
        }
    }
    text.push('\n');
}
