//! Conditions and rules: what a template decides at deployment.

use std::ops::Not;

use crate::construct::Construct;
use crate::expr::{Expr, NodeRef};
use crate::json::{Json, Text};
use crate::scope::Scope;
use crate::tree::{Kind, Section};
use crate::value::{IntoValue, Value};

/// Something that is true or false at deployment.
#[derive(Clone)]
#[must_use = "a test does nothing until a condition or a rule uses it"]
pub struct Test(Json);

impl Test {
    /// `Fn::Equals`: whether two values are the same.
    pub fn equals(left: impl IntoValue<String>, right: impl IntoValue<String>) -> Self {
        Self::function("Fn::Equals", vec![left.into_json(), right.into_json()])
    }

    /// `Fn::And` of two to ten tests.
    pub fn all(tests: impl IntoIterator<Item = Self>) -> Self {
        Self::function("Fn::And", tests.into_iter().map(|test| test.0).collect())
    }

    /// `Fn::Or` of two to ten tests.
    pub fn any(tests: impl IntoIterator<Item = Self>) -> Self {
        Self::function("Fn::Or", tests.into_iter().map(|test| test.0).collect())
    }

    /// `Fn::Contains`, for rules: whether a list of texts holds a value.
    pub fn contains(list: impl IntoValue<Vec<String>>, value: impl IntoValue<String>) -> Self {
        Self::function("Fn::Contains", vec![list.into_json(), value.into_json()])
    }

    /// `Fn::EachMemberEquals`, for rules: whether every item of a list is the value.
    pub fn each_equals(list: impl IntoValue<Vec<String>>, value: impl IntoValue<String>) -> Self {
        Self::function(
            "Fn::EachMemberEquals",
            vec![list.into_json(), value.into_json()],
        )
    }

    /// `Fn::EachMemberIn`, for rules: whether every item of a list is in another.
    pub fn each_in(
        list: impl IntoValue<Vec<String>>,
        allowed: impl IntoValue<Vec<String>>,
    ) -> Self {
        Self::function(
            "Fn::EachMemberIn",
            vec![list.into_json(), allowed.into_json()],
        )
    }

    fn function(name: &'static str, arguments: Vec<Json>) -> Self {
        Self(Json::function(name, Json::List(arguments)))
    }
}

impl Not for Test {
    type Output = Self;

    /// `Fn::Not`.
    fn not(self) -> Self {
        Self::function("Fn::Not", vec![self.0])
    }
}

/// A named [condition](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html).
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
#[derive(Clone)]
pub struct Condition {
    test: Test,
}

impl Condition {
    /// A condition that holds when the test does.
    pub const fn new(test: Test) -> Self {
        Self { test }
    }
}

impl Construct for Condition {
    type Handle = ConditionRef;

    fn construct(self, scope: &Scope) -> ConditionRef {
        scope.become_kind(Kind::Element(Section::Conditions, self.test.0));
        ConditionRef {
            node: scope.node_ref(),
        }
    }
}

/// The handle of a [`Condition`].
#[derive(Clone)]
pub struct ConditionRef {
    node: NodeRef,
}

impl ConditionRef {
    /// `Fn::If`: one value when the condition holds, another when it does not.
    #[must_use]
    pub fn choose<T>(&self, then: impl IntoValue<T>, otherwise: impl IntoValue<T>) -> Value<T> {
        let name = Json::expr(Expr::LogicalId(self.node));
        let arguments = vec![name, then.into_json(), otherwise.into_json()];
        Value::from_json(Json::function("Fn::If", Json::List(arguments)))
    }

    /// The condition inside another test.
    pub fn test(&self) -> Test {
        Test(Json::function(
            "Condition",
            Json::expr(Expr::LogicalId(self.node)),
        ))
    }

    pub(crate) const fn node_ref(&self) -> NodeRef {
        self.node
    }
}

/// A [rule](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html)
/// about parameters that is checked before a deployment starts.
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
#[derive(Clone)]
pub struct ParameterRule {
    when: Option<Test>,
    assertions: Vec<Json>,
}

impl ParameterRule {
    /// What must hold, and what to tell the user when it does not.
    pub fn assert(test: Test, description: impl Into<Text>) -> Self {
        Self {
            when: None,
            assertions: Vec::new(),
        }
        .and_assert(test, description)
    }

    /// A further assertion.
    pub fn and_assert(mut self, test: Test, description: impl Into<Text>) -> Self {
        let assertion = [
            ("Assert", test.0),
            ("AssertDescription", Json::Text(description.into())),
        ];
        self.assertions.push(Json::map(assertion));
        self
    }

    /// Applies the rule only when the test holds.
    pub fn when(mut self, test: Test) -> Self {
        self.when = Some(test);
        self
    }
}

impl Construct for ParameterRule {
    type Handle = ();

    fn construct(self, scope: &Scope) {
        let mut rule = Json::map([("Assertions", Json::List(self.assertions))]);
        if let Some(test) = self.when {
            rule.set("RuleCondition", test.0);
        }
        scope.become_kind(Kind::Element(Section::Rules, rule));
    }
}

/// `Fn::RefAll`, for rules: all parameters of an AWS-specific type, such as `AWS::EC2::VPC::Id`.
#[must_use]
pub fn ref_all(parameter_type: impl Into<Text>) -> Value<Vec<String>> {
    Value::from_json(Json::function(
        "Fn::RefAll",
        Json::Text(parameter_type.into()),
    ))
}

/// `Fn::ValueOf`, for rules: an attribute of the resource that a parameter names.
#[must_use]
pub fn value_of(parameter: &Value<String>, attribute: impl Into<Text>) -> Value<String> {
    let name = parameter_name(parameter);
    Value::from_json(Json::function(
        "Fn::ValueOf",
        Json::List(vec![name, Json::Text(attribute.into())]),
    ))
}

/// `Fn::ValueOfAll`, for rules: an attribute of all parameters of an AWS-specific type.
#[must_use]
pub fn value_of_all(
    parameter_type: impl Into<Text>,
    attribute: impl Into<Text>,
) -> Value<Vec<String>> {
    let arguments = vec![
        Json::Text(parameter_type.into()),
        Json::Text(attribute.into()),
    ];
    Value::from_json(Json::function("Fn::ValueOfAll", Json::List(arguments)))
}

fn parameter_name(parameter: &Value<String>) -> Json {
    match parameter.as_json() {
        Json::Token(token) => match &*token.0 {
            Expr::Ref { node, .. } => Json::expr(Expr::LogicalId(*node)),
            _ => parameter.as_json().clone(),
        },
        other => other.clone(),
    }
}
