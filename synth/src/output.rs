//! Outputs: what a stack tells the world.

use crate::condition::ConditionRef;
use crate::construct::Construct;
use crate::expr::Expr;
use crate::json::{Json, Text};
use crate::scope::Scope;
use crate::tree::{Kind, Section};
use crate::value::IntoValue;

/// A stack [output](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html).
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
#[derive(Clone)]
pub struct Output {
    body: Json,
}

impl Output {
    /// An output of the given value.
    pub fn new(value: impl IntoValue<String>) -> Self {
        Self {
            body: Json::map([("Value", value.into_json())]),
        }
    }

    /// Says what the value is; at most 1,024 bytes.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.body.set("Description", Json::Text(text.into()));
        self
    }

    /// Exports the value under a name that is unique in the account and region. References between
    /// stacks of one app need no such export: use the value in the other stack.
    pub fn export(mut self, name: impl IntoValue<String>) -> Self {
        self.body
            .set("Export", Json::map([("Name", name.into_json())]));
        self
    }

    /// Shows the output only when the condition holds.
    pub fn condition(mut self, condition: &ConditionRef) -> Self {
        self.body.set(
            "Condition",
            Json::expr(Expr::LogicalId(condition.node_ref())),
        );
        self
    }
}

impl Construct for Output {
    type Handle = ();

    fn construct(self, scope: &Scope) {
        scope.become_kind(Kind::Element(Section::Outputs, self.body));
    }
}
