//! Parameters: values that a deployment passes in.

use std::marker::PhantomData;

use crate::construct::{Construct, Props};
use crate::expr::Expr;
use crate::json::{Json, Text};
use crate::scope::Scope;
use crate::tree::{Kind, Section};
use crate::value::{IntoValue, Value};

/// A template [parameter](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html)
/// whose value is a `T`. Adding it yields the value.
///
/// ```
/// use cloudwright_synth::{App, Environment, Parameter, Value};
/// # let app = App::new();
/// # let stack = app.stack("Mail", Environment::agnostic());
/// let size: Value<i64> = stack.add("BatchSize", Parameter::number().default(10).range(1, 100));
/// # stack.output("Size", size);
/// ```
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
#[derive(Clone)]
pub struct Parameter<T> {
    props: Props,
    kind: PhantomData<fn() -> T>,
}

impl<T> Parameter<T> {
    fn of_type(name: Text) -> Self {
        Self {
            props: Props::new(),
            kind: PhantomData,
        }
        .set("Type", Json::Text(name))
    }

    fn set(mut self, name: &'static str, value: Json) -> Self {
        self.props = self.props.with(name, value);
        self
    }

    /// Says what the parameter is for; at most 4,000 characters.
    pub fn description(self, text: impl Into<Text>) -> Self {
        self.set("Description", Json::Text(text.into()))
    }

    /// The value that is used when the deployment gives none. The items of a list are written
    /// as one text with commas, so none may hold a comma.
    pub fn default(self, value: impl IntoValue<T>) -> Self {
        self.set("Default", comma_separated(value.into_json()))
    }

    fn allow<I, V: IntoValue<I>>(self, values: impl IntoIterator<Item = V>) -> Self {
        let values = values.into_iter().map(IntoValue::into_json).collect();
        self.set("AllowedValues", Json::List(values))
    }

    /// What to say when a constraint is violated.
    pub fn constraint_description(self, text: impl Into<Text>) -> Self {
        self.set("ConstraintDescription", Json::Text(text.into()))
    }

    /// Hides the value in the console and in events. Prefer a dynamic reference to a secret.
    pub fn no_echo(self) -> Self {
        self.set("NoEcho", Json::Bool(true))
    }
}

/// A list of literals as the one text that CloudFormation wants for a default; a list that has
/// no such form is left for the checks to report.
fn comma_separated(value: Json) -> Json {
    let Json::List(items) = &value else {
        return value;
    };
    let texts = items.iter().map(|item| match item {
        Json::Text(text) if !text.contains(',') => Some(text.to_string()),
        Json::Int(number) => Some(number.to_string()),
        _ => None,
    });
    match texts.collect::<Option<Vec<_>>>() {
        Some(texts) => Json::Text(texts.join(",").into()),
        None => value,
    }
}

impl Parameter<String> {
    /// A text.
    pub fn string() -> Self {
        Self::of_type("String".into())
    }

    /// One of the [AWS-specific types](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html),
    /// such as `AWS::EC2::VPC::Id`.
    pub fn aws(kind: impl Into<Text>) -> Self {
        Self::of_type(kind.into())
    }

    /// The value of a Systems Manager parameter whose name the deployment gives.
    pub fn ssm() -> Self {
        Self::of_type("AWS::SSM::Parameter::Value<String>".into())
    }

    /// The only values that are taken.
    pub fn allowed<V: IntoValue<String>>(self, values: impl IntoIterator<Item = V>) -> Self {
        self.allow(values)
    }

    /// The least and greatest number of characters.
    pub fn length(self, least: u32, greatest: u32) -> Self {
        self.set("MinLength", Json::Int(least.into()))
            .set("MaxLength", Json::Int(greatest.into()))
    }

    /// A regular expression that the whole value matches.
    pub fn pattern(self, pattern: impl Into<Text>) -> Self {
        self.set("AllowedPattern", Json::Text(pattern.into()))
    }
}

impl Parameter<i64> {
    /// A number.
    pub fn number() -> Self {
        Self::of_type("Number".into())
    }

    /// The only values that are taken.
    pub fn allowed<V: IntoValue<i64>>(self, values: impl IntoIterator<Item = V>) -> Self {
        self.allow(values)
    }

    /// The least and greatest value.
    pub fn range(self, least: i64, greatest: i64) -> Self {
        self.set("MinValue", Json::Int(least))
            .set("MaxValue", Json::Int(greatest))
    }
}

impl<T> Parameter<Vec<T>> {
    /// The only items that are taken.
    pub fn allowed<V: IntoValue<T>>(self, items: impl IntoIterator<Item = V>) -> Self {
        self.allow(items)
    }
}

impl Parameter<Vec<String>> {
    /// Texts, separated by commas.
    pub fn list() -> Self {
        Self::of_type("CommaDelimitedList".into())
    }

    /// A list of one of the AWS-specific types, such as `AWS::EC2::Subnet::Id`.
    pub fn aws_list(kind: &str) -> Self {
        Self::of_type(format!("List<{kind}>").into())
    }
}

impl Parameter<Vec<i64>> {
    /// Numbers, separated by commas.
    pub fn number_list() -> Self {
        Self::of_type("List<Number>".into())
    }
}

impl<T> Construct for Parameter<T> {
    type Handle = Value<T>;

    fn construct(self, scope: &Scope) -> Value<T> {
        let body = self.props.into_json();
        let list = body
            .get("Type")
            .and_then(Json::as_text)
            .is_some_and(is_list);
        scope.become_kind(Kind::Element(Section::Parameters, body));
        let node = scope.node_ref();
        Value::from_json(Json::expr(Expr::Ref { node, list }))
    }
}

/// Whether the value of a parameter of this type is a list.
fn is_list(kind: &str) -> bool {
    let stored = kind.strip_prefix("AWS::SSM::Parameter::Value<");
    let kind = stored.unwrap_or(kind);
    kind.starts_with("List<") || kind.starts_with("CommaDelimitedList")
}
