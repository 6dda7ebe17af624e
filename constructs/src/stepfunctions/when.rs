//! What a choice looks at.

use cloudwright_synth::{Json, Text};

use crate::units::number;

/// A condition of a [`Choice`](super::Choice)
/// ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html)), about the value at a path such as
/// `$.order.total`.
///
/// ```
/// use cloudwright::stepfunctions::When;
/// let large = When::all([When::text_is("$.kind", "order"), When::above("$.total", 1000.0)]);
/// let unusual = When::any([large, When::not(When::present("$.customer"))]);
/// ```
#[derive(Clone)]
#[must_use = "a condition does nothing until a choice has it"]
pub struct When(Vec<(Text, Json)>);

impl When {
    fn compared(path: impl Into<Text>, operator: &'static str, value: Json) -> Self {
        let path = Json::Text(path.into());
        Self(vec![("Variable".into(), path), (operator.into(), value)])
    }

    /// There is something at the path.
    pub fn present(path: impl Into<Text>) -> Self {
        Self::compared(path, "IsPresent", Json::Bool(true))
    }

    /// There is `null` at the path.
    pub fn null(path: impl Into<Text>) -> Self {
        Self::compared(path, "IsNull", Json::Bool(true))
    }

    /// The text at the path is this one.
    pub fn text_is(path: impl Into<Text>, text: impl Into<Text>) -> Self {
        Self::compared(path, "StringEquals", Json::Text(text.into()))
    }

    /// The text at the path matches a pattern, in which `*` stands for any letters.
    pub fn text_like(path: impl Into<Text>, pattern: impl Into<Text>) -> Self {
        Self::compared(path, "StringMatches", Json::Text(pattern.into()))
    }

    /// The value at the path is `true`, or is `false`.
    pub fn boolean_is(path: impl Into<Text>, value: bool) -> Self {
        Self::compared(path, "BooleanEquals", Json::Bool(value))
    }

    /// The number at the path is this one.
    pub fn number_is(path: impl Into<Text>, value: f64) -> Self {
        Self::compared(path, "NumericEquals", number(value))
    }

    /// The number at the path is greater.
    pub fn above(path: impl Into<Text>, value: f64) -> Self {
        Self::compared(path, "NumericGreaterThan", number(value))
    }

    /// The number at the path is as great or greater.
    pub fn at_least(path: impl Into<Text>, value: f64) -> Self {
        Self::compared(path, "NumericGreaterThanEquals", number(value))
    }

    /// The number at the path is smaller.
    pub fn below(path: impl Into<Text>, value: f64) -> Self {
        Self::compared(path, "NumericLessThan", number(value))
    }

    /// The number at the path is as small or smaller.
    pub fn at_most(path: impl Into<Text>, value: f64) -> Self {
        Self::compared(path, "NumericLessThanEquals", number(value))
    }

    /// The condition does not hold.
    #[expect(
        clippy::should_implement_trait,
        reason = "it is made, not negated: there is no `self`"
    )]
    pub fn not(condition: Self) -> Self {
        Self(vec![("Not".into(), condition.into_json())])
    }

    /// All of these hold.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::several("And", conditions)
    }

    /// One of these holds, or more.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::several("Or", conditions)
    }

    fn several(operator: &'static str, conditions: impl IntoIterator<Item = Self>) -> Self {
        let conditions = conditions.into_iter().map(Self::into_json).collect();
        Self(vec![(operator.into(), Json::List(conditions))])
    }

    fn into_json(self) -> Json {
        Json::Map(self.0)
    }

    /// The condition as a rule of a choice.
    pub(super) fn leading_to(mut self, next: Text) -> Json {
        self.0.push(("Next".into(), Json::Text(next)));
        self.into_json()
    }
}
