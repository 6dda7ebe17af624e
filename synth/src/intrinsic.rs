//! Intrinsic functions that are not tied to a handle.
//!
//! `Ref` and `Fn::GetAtt` are methods of handles, `Fn::If` is one of
//! [`ConditionRef`](crate::ConditionRef), `Fn::FindInMap` one of [`MappingRef`](crate::MappingRef),
//! tests such as `Fn::Equals` are made by [`Test`](crate::Test). Everything else is here; the
//! [AWS reference](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html)
//! describes each. Two texts are put in a row with `+`, or with [`sub`].

use crate::construct::Construct;
use crate::json::{Json, Text};
use crate::scope::Scope;
use crate::tree::{Kind, Section};
use crate::value::{IntoValue, MapOf, Value};

fn call<T>(name: &'static str, arguments: Json) -> Value<T> {
    Value::from_json(Json::function(name, arguments))
}

/// `Fn::Sub`: a text with `${Name}` in the places of the given values. `${!` stands for a `${` that
/// stays; AWS's own `${AWS::Region}` and its like may be used without being given.
///
/// ```
/// use cloudwright_synth::{intrinsic::sub, Pseudo};
/// let path = sub("/${Region}/logs", [("Region", Pseudo::Region.value())]);
/// ```
#[must_use]
pub fn sub<V: IntoValue<String>>(
    text: impl Into<Text>,
    values: impl IntoIterator<Item = (&'static str, V)>,
) -> Value<String> {
    let values = values
        .into_iter()
        .map(|(name, value)| (name, value.into_json()));
    call(
        "Fn::Sub",
        Json::List(vec![Json::Text(text.into()), Json::map(values)]),
    )
}

/// `Fn::Join`: texts with a delimiter between them.
#[must_use]
pub fn join(delimiter: impl Into<Text>, items: impl IntoValue<Vec<String>>) -> Value<String> {
    call(
        "Fn::Join",
        Json::List(vec![Json::Text(delimiter.into()), items.into_json()]),
    )
}

/// `Fn::Split`: the pieces of a text between delimiters.
#[must_use]
pub fn split(delimiter: impl Into<Text>, text: impl IntoValue<String>) -> Value<Vec<String>> {
    call(
        "Fn::Split",
        Json::List(vec![Json::Text(delimiter.into()), text.into_json()]),
    )
}

/// `Fn::Select`: the item at an index, counted from 0.
#[must_use]
pub fn select<T>(index: impl IntoValue<i64>, items: impl IntoValue<Vec<T>>) -> Value<T> {
    call(
        "Fn::Select",
        Json::List(vec![index.into_json(), items.into_json()]),
    )
}

/// `Fn::ImportValue`: a value that another stack of the account and region exports by name.
#[must_use]
pub fn import_value(name: impl IntoValue<String>) -> Value<String> {
    call("Fn::ImportValue", name.into_json())
}

/// `Fn::GetStackOutput`: an output of another stack, in another region or account too. Unlike an
/// import it does not lock the other stack.
#[must_use = "a reference does nothing until it is used"]
#[derive(Clone)]
pub struct StackOutput {
    arguments: Json,
}

impl StackOutput {
    /// The output `name` of the stack called `stack`.
    pub fn new(stack: impl IntoValue<String>, name: impl IntoValue<String>) -> Self {
        let arguments = [
            ("StackName", stack.into_json()),
            ("OutputName", name.into_json()),
        ];
        Self {
            arguments: Json::map(arguments),
        }
    }

    /// The region of the other stack, when it is another.
    pub fn region(mut self, region: impl IntoValue<String>) -> Self {
        self.arguments.set("Region", region.into_json());
        self
    }

    /// The role to read it with, when the stack is in another account.
    pub fn role(mut self, arn: impl IntoValue<String>) -> Self {
        self.arguments.set("RoleArn", arn.into_json());
        self
    }

    /// The value.
    #[must_use]
    pub fn value(self) -> Value<String> {
        call("Fn::GetStackOutput", self.arguments)
    }
}

/// `Fn::Base64`.
#[must_use]
pub fn base64(text: impl IntoValue<String>) -> Value<String> {
    call("Fn::Base64", text.into_json())
}

/// `Fn::Cidr`: `count` address blocks (1 to 256) of an IP range, each leaving `bits` host bits.
#[must_use]
pub fn cidr(
    block: impl IntoValue<String>,
    count: impl IntoValue<i64>,
    bits: impl IntoValue<i64>,
) -> Value<Vec<String>> {
    call(
        "Fn::Cidr",
        Json::List(vec![block.into_json(), count.into_json(), bits.into_json()]),
    )
}

/// `Fn::GetAZs`: the availability zones of a region.
#[must_use]
pub fn azs(region: impl IntoValue<String>) -> Value<Vec<String>> {
    call("Fn::GetAZs", region.into_json())
}

/// `Fn::Length`: how many items a list has (a language extension).
#[must_use]
pub fn length<T>(items: impl IntoValue<Vec<T>>) -> Value<i64> {
    call("Fn::Length", items.into_json())
}

/// `Fn::ToJsonString`: a document as text (a language extension).
#[must_use]
pub fn to_json_string(document: impl IntoValue<Json>) -> Value<String> {
    call("Fn::ToJsonString", document.into_json())
}

/// `Fn::Transform`: the output of a macro for these parameters.
#[must_use]
pub fn transform<T>(name: impl Into<Text>, parameters: impl IntoValue<MapOf<Json>>) -> Value<T> {
    let arguments = [
        ("Name", Json::Text(name.into())),
        ("Parameters", parameters.into_json()),
    ];
    call("Fn::Transform", Json::map(arguments))
}

/// A dynamic reference to a secret in Secrets Manager. The value is read at deployment and never
/// stands in the template.
#[must_use = "a reference does nothing until it is used"]
#[derive(Clone)]
pub struct SecretReference {
    id: Json,
    key: Text,
}

impl SecretReference {
    /// The whole text of a secret, by name or ARN.
    pub fn new(id: impl IntoValue<String>) -> Self {
        Self {
            id: id.into_json(),
            key: "".into(),
        }
    }

    /// One key of a secret that holds a JSON object.
    pub fn key(mut self, key: impl Into<Text>) -> Self {
        self.key = key.into();
        self
    }

    /// The value, for a property; outputs refuse it.
    #[must_use]
    pub fn value(self) -> Value<String> {
        let open = Json::Text("{{resolve:secretsmanager:".into());
        let close = Json::Text(format!(":SecretString:{}::}}}}", self.key).into());
        Value::from_json(Json::concat(vec![open, self.id, close]))
    }
}

/// A dynamic reference to a plain Systems Manager parameter, read at deployment.
#[must_use]
pub fn ssm_parameter(name: impl IntoValue<String>) -> Value<String> {
    let open = Json::Text("{{resolve:ssm:".into());
    Value::from_json(Json::concat(vec![
        open,
        name.into_json(),
        Json::Text("}}".into()),
    ]))
}

/// A dynamic reference to a `SecureString` of Systems Manager, for the few properties that take one.
#[must_use]
pub fn ssm_secure_parameter(name: impl IntoValue<String>, version: u32) -> Value<String> {
    let open = Json::Text("{{resolve:ssm-secure:".into());
    let close = Json::Text(format!(":{version}}}}}").into());
    Value::from_json(Json::concat(vec![open, name.into_json(), close]))
}

/// [`Fn::ForEach`](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html):
/// one resource for each item of a list that only the deployment knows. Where the program knows the
/// items, a Rust loop is better.
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
#[derive(Clone)]
pub struct ForEach {
    identifier: Text,
    collection: Json,
    key: Text,
    body: Json,
}

impl ForEach {
    /// Repeats the template fragment `body` under the logical id `key`, both of which name the item
    /// as `${identifier}`.
    pub fn new(
        identifier: impl Into<Text>,
        collection: impl IntoValue<Vec<String>>,
        key: impl Into<Text>,
        body: impl IntoValue<Json>,
    ) -> Self {
        let (collection, body) = (collection.into_json(), body.into_json());
        Self {
            identifier: identifier.into(),
            collection,
            key: key.into(),
            body,
        }
    }
}

impl Construct for ForEach {
    type Handle = ();

    fn construct(self, scope: &Scope) {
        let fragment = Json::map([(self.key, self.body)]);
        let arguments = vec![Json::Text(self.identifier), self.collection, fragment];
        scope.become_kind(Kind::Element(Section::Loops, Json::List(arguments)));
    }
}
