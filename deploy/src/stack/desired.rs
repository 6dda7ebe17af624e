//! What a stack is to be, and whether it is that already.

use serde_json::Value;

use super::Work;
use super::before::original;
use crate::cloud::StackState;
use crate::names::written_out;
use crate::parameters::{self, Values};
use crate::problem::Problem;
use crate::status::{Next, Status};
use crate::token::{Token, joined};

/// What a deployment sends.
pub(super) struct Desired {
    /// The template, with the names of what outlives the stack written out.
    pub(super) template: Value,
    /// The template without spaces.
    pub(super) body: String,
    /// The values of parameters.
    pub(super) values: Values,
}

impl Desired {
    pub(super) fn of(work: &Work<'_>, state: Option<&StackState>) -> Result<Self, Problem> {
        // A stack that is created anew has no previous values.
        let is_update =
            |status: &Status| status.next() == Next::Update || status.name().starts_with("UPDATE");
        let state = state.filter(|state| is_update(&state.status));
        let values = parameters::values(work.stack, &work.options.parameters, state)?;
        let template = written_out(
            &work.stack.template,
            &work.cloud.account,
            &work.cloud.region,
        );
        Ok(Self {
            body: template.to_string(),
            template,
            values,
        })
    }

    /// The token of this deployment of a stack in this state. A shell that was made for a change set is no stack
    /// yet: two runs at once, or one after an interrupted one, find the same change set in it.
    pub(super) fn token(&self, work: &Work<'_>, state: Option<&StackState>) -> Token {
        let state = state.filter(|state| state.status.next() != Next::Create);
        let base = state.map(|state| [&*state.id, &*state.changed, state.status.name()]);
        let values = self
            .values
            .iter()
            .map(|(name, value)| format!("{name:?}={value:?};"))
            .collect::<String>();
        let place = format!(
            "{}/{}/{}",
            work.cloud.account, work.cloud.region, work.stack.name
        );
        let role = &*work.role().unwrap_or_default();
        Token::of(
            &[&place, &self.body, &values, &joined(&work.stack.tags), role],
            base.as_ref().map_or(&[], |base| base),
        )
    }

    /// Whether the deployed stack is exactly this. Costs one more read; when in doubt, CloudFormation is asked
    /// for a change set.
    pub(super) async fn is_deployed(
        &self,
        work: &Work<'_>,
        state: &StackState,
    ) -> Result<bool, Problem> {
        if state.tags != work.stack.tags
            || !self.has_same_values(state)
            || depends_on_elsewhere(&self.template)
        {
            return Ok(false);
        }
        Ok(original(work, &state.id).await? == Some(self.template.clone()))
    }

    pub(super) fn has_same_values(&self, state: &StackState) -> bool {
        let same =
            |(name, value): (&String, &Option<String>)| match (value, state.parameters.get(name)) {
                (None, Some(_)) => true,
                (Some(value), Some(before)) => value == before,
                _ => false,
            };
        self.values.iter().all(same)
    }
}

/// Whether the same template may mean something else today: a value of a parameter store, an output of
/// another stack, a macro.
pub(super) fn depends_on_elsewhere(template: &Value) -> bool {
    let parameters = template["Parameters"].as_object().into_iter().flatten();
    let stored = |(_, declared): (&String, &Value)| {
        declared["Type"]
            .as_str()
            .is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter"))
    };
    template.get("Transform").is_some()
        || parameters.into_iter().any(stored)
        || reads_outputs(&template["Resources"])
}

fn reads_outputs(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            let elsewhere = |key: &String| key == "Fn::GetStackOutput" || key == "Fn::Transform";
            // A nested stack is updated when its own template is, which its address tells; its parameters are
            // here.
            members
                .iter()
                .any(|(key, value)| elsewhere(key) || reads_outputs(value))
        }
        Value::Array(items) => items.iter().any(reads_outputs),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn templates_that_read_elsewhere_are_never_taken_for_unchanged() {
        let output = json!({ "Resources": { "A": { "Properties": { "B": [{ "Fn::GetStackOutput": {} }] } } } });
        let stored =
            json!({ "Parameters": { "A": { "Type": "AWS::SSM::Parameter::Value<String>" } } });
        let transformed = json!({ "Transform": "AWS::LanguageExtensions" });
        for template in [output, stored, transformed] {
            assert!(depends_on_elsewhere(&template), "{template}");
        }
        let plain = json!({ "Parameters": { "A": { "Type": "String" } }, "Resources": { "A": { "Ref": "B" } } });
        assert!(!depends_on_elsewhere(&plain));
    }
}
