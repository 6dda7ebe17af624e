//! Settings that are looked up by name.

use cloudwright_synth::{
    Construct, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Text, Value,
};

use super::ParameterRef;
use crate::cfn::ssm::parameter::{DataType, Tier, Type};
use crate::{cfn, defaults, rules};

/// How much a parameter holds, in bytes: a standard one, and an advanced one.
const STANDARD: usize = 4 * 1024;
const ADVANCED: usize = 8 * 1024;
/// How long a name may be, in characters, and how many folders deep.
const NAME: usize = 1011;
const DEPTH: usize = 15;

/// A parameter ([AWS](https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html)):
/// a setting that programs and templates look up by its name.
///
/// Everybody who may read the template sees it, so secrets belong into
/// [Secrets Manager](https://docs.aws.amazon.com/secretsmanager/latest/userguide/intro.html): CloudFormation cannot
/// make encrypted parameters.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let limit = ssm::Parameter::string("250")
///     .parameter_name("/shop/basket-limit")
///     .pattern("^[0-9]{1,6}$");
/// let limit = stack.add("BasketLimit", limit);
/// let worker = stack.add("Worker", iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
/// limit.grant_read(&worker);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Parameter {
    kind: Type,
    value: Json,
    name: Option<Text>,
    description: Option<Text>,
    pattern: Option<Text>,
    advanced: bool,
    image: bool,
    /// A value of a list that would become two.
    split: Option<Text>,
    removal: RemovalPolicy,
}

impl Parameter {
    /// Text of up to 4 KB.
    pub fn string(value: impl IntoValue<String>) -> Self {
        Self::new(Type::String, value.into_json())
    }

    /// Several texts, none of which has a comma.
    pub fn string_list<T: Into<Text>>(values: impl IntoIterator<Item = T>) -> Self {
        let values: Vec<Text> = values.into_iter().map(Into::into).collect();
        Self {
            split: values.iter().find(|value| value.contains(',')).cloned(),
            ..Self::new(Type::StringList, Json::Text(values.join(",").into()))
        }
    }

    /// The id of an image (AMI), which Systems Manager makes sure exists.
    pub fn image(id: impl IntoValue<String>) -> Self {
        Self {
            image: true,
            ..Self::string(id)
        }
    }

    fn new(kind: Type, value: Json) -> Self {
        Self {
            kind,
            value,
            name: None,
            description: None,
            pattern: None,
            advanced: false,
            image: false,
            split: None,
            removal: RemovalPolicy::Destroy,
        }
    }

    /// A fixed name, such as `/shop/limit`: up to 15 folders of letters, digits, `_`, `.` and `-`. Without
    /// one CloudFormation makes a unique name. A change replaces the parameter.
    pub fn parameter_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says what it is for, up to 1,024 characters.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// The regular expression that every value has to match.
    pub fn pattern(mut self, expression: impl Into<Text>) -> Self {
        self.pattern = Some(expression.into());
        self
    }

    /// Holds up to 8 KB, at a price. It cannot become a standard one again.
    pub const fn advanced(mut self) -> Self {
        self.advanced = true;
        self
    }

    /// What becomes of the parameter when it leaves the template: deleted unless said, since it holds
    /// nothing that the program does not say.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = policy;
        self
    }

    /// A parameter that exists already in the stack's account and region, by its name.
    #[track_caller]
    pub fn import(scope: &Scope, id: impl Into<Text>, name: impl Into<Text>) -> ParameterRef {
        let (scope, name) = (scope.place(id), name.into());
        check_name(&scope, &name);
        ParameterRef::imported(scope, name)
    }

    /// Reports what Systems Manager refuses.
    fn check(&self, scope: &Scope) {
        if let Some(name) = &self.name {
            check_name(scope, name);
        }
        if let Some(value) = &self.split {
            let message =
                format!("a list is written with commas in between, and \"{value}\" has one");
            scope.error(
                &rules::OUT_OF_RANGE,
                message,
                "choose values without commas",
            );
        }
        let largest = if self.advanced { ADVANCED } else { STANDARD };
        let size = self.value.as_text().map_or(1, str::len);
        if !(1..=largest).contains(&size) {
            let message = format!("a parameter holds 1 to {largest} bytes, got {size}");
            let help =
                "an `.advanced()` parameter holds 8 KB; put more into a bucket, and its key here";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
    }
}

/// Reports a name that Systems Manager refuses.
#[track_caller]
fn check_name(scope: &Scope, name: &str) {
    let is_plain = |one: u8| one.is_ascii_alphanumeric() || b"_.-/".contains(&one);
    let first = name.trim_start_matches('/').to_ascii_lowercase();
    let is_taken = ["aws", "ssm"].iter().any(|start| first.starts_with(start));
    // Only below a folder a name has folders.
    let is_path = name.starts_with('/') || !name.contains('/');
    let is_right = (1..=NAME).contains(&name.len())
        && name.bytes().all(is_plain)
        && name.trim_start_matches('/').split('/').count() <= DEPTH
        && !name.ends_with('/')
        && is_path;
    // What AWS publishes is read by its name.
    let is_published = name.starts_with("/aws/");
    if !is_right || (is_taken && !is_published) {
        let message = format!(
            "a parameter is called \"limit\" or \"/shop/limit\", of letters, digits, `_`, `.` and `-`, and not aws.. or ssm.., got \"{name}\""
        );
        let help = "with folders, the name begins with `/`";
        scope.error(&rules::BAD_NAME, message, help);
    }
}

impl Construct for Parameter {
    type Handle = ParameterRef;

    fn construct(mut self, scope: &Scope) -> ParameterRef {
        self.name = self.name.or_else(|| defaults::name(scope, NAME));
        self.check(scope);
        let mut l1 = cfn::ssm::Parameter::new(self.kind, Value::<String>::from_json(self.value));
        if let Some(name) = &self.name {
            l1 = l1.name(name.clone());
        }
        if let Some(text) = self.description {
            l1 = l1.description(text);
        }
        if let Some(pattern) = self.pattern {
            l1 = l1.allowed_pattern(pattern);
        }
        if self.advanced {
            l1 = l1.tier(Tier::Advanced);
        }
        if self.image {
            l1 = l1.data_type(DataType::AwsEc2Image);
        }
        let cfn = scope.add("Resource", l1);
        cfn.removal_policy(self.removal);
        ParameterRef::owned(scope, cfn, self.name)
    }
}
