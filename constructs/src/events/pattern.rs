//! Which events a rule is about.

use cloudwright_synth::{IntoValue, Json, Scope};

use crate::rules;

/// Which events a rule is about
/// ([AWS](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html)): those in which every
/// field that is named has one of its values, or meets one of its conditions.
///
/// ```
/// use cloudwright::events::EventPattern;
/// use cloudwright::prelude::*;
/// let stopped = EventPattern::source("aws.ec2")
///     .detail_type("EC2 Instance State-change Notification")
///     .detail(json!({ "state": ["stopped", { "prefix": "termin" }] }));
/// ```
#[derive(Clone)]
#[must_use = "a pattern does nothing until a rule has it"]
pub struct EventPattern {
    members: Vec<(&'static str, Vec<Json>)>,
    detail: Option<Json>,
}

impl EventPattern {
    /// Events of this source: a service such as `aws.s3`, or a name of your own.
    pub fn source(name: impl IntoValue<String>) -> Self {
        let all = Self {
            members: Vec::new(),
            detail: None,
        };
        all.or("source", name.into_json())
    }

    /// Events of this kind, such as `Object Created`; of one of several when it is said several times.
    pub fn detail_type(self, name: impl IntoValue<String>) -> Self {
        self.or("detail-type", name.into_json())
    }

    /// Events about this resource, by what the event calls it, mostly an ARN; about one of several when it is said
    /// several times.
    pub fn resource(self, name: impl IntoValue<String>) -> Self {
        self.or("resources", name.into_json())
    }

    /// Events of this account, twelve digits; of one of several when it is said several times.
    pub fn account(self, id: impl IntoValue<String>) -> Self {
        self.or("account", id.into_json())
    }

    /// Events in whose `detail` the fields are so. The values of a field stand in a list, beside
    /// [conditions](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html)
    /// such as `{ "prefix": "incoming/" }`. What is said later is added field by field.
    pub fn detail(mut self, fields: impl IntoValue<Json>) -> Self {
        let fields = fields.into_json();
        match &mut self.detail {
            Some(known) => known.merge(fields),
            None => self.detail = Some(fields),
        }
        self
    }

    fn or(mut self, member: &'static str, value: Json) -> Self {
        match self.members.iter_mut().find(|(name, _)| *name == member) {
            Some((_, values)) => values.push(value),
            None => self.members.push((member, vec![value])),
        }
        self
    }

    /// The pattern as EventBridge reads it; one that it would refuse is reported.
    pub(super) fn render(self, scope: &Scope) -> Json {
        let lists = self.members.into_iter();
        let lists = lists.map(|(name, values)| (name, Json::List(values)));
        let mut members: Vec<_> = lists.collect();
        if let Some(detail) = self.detail {
            if let Some(mistake) = mistake(&detail, "detail") {
                let help = "such as `.detail(json!({ \"state\": [\"stopped\"] }))`";
                scope.error(&rules::BAD_EVENT_RULE, mistake, help);
            }
            members.push(("detail", detail));
        }
        Json::map(members)
    }
}

/// What EventBridge would refuse in the fields of a pattern.
fn mistake(fields: &Json, path: &str) -> Option<String> {
    match fields {
        Json::Map(members) if members.is_empty() => Some(format!(
            "a pattern names at least one field of \"{path}\", got none"
        )),
        Json::Map(members) => members
            .iter()
            .find_map(|(name, inner)| below(inner, &format!("{path}.{name}"))),
        Json::Token(_) => None,
        _ => Some(format!("\"{path}\" of a pattern is an object of fields")),
    }
}

fn below(inner: &Json, path: &str) -> Option<String> {
    match inner {
        Json::Map(_) => mistake(inner, path),
        Json::List(values) if values.is_empty() => {
            Some(format!("no event has one of no values at \"{path}\""))
        }
        // A set is a token, too; what else a token holds only the deployment knows.
        Json::List(_) | Json::Token(_) => None,
        _ => Some(format!(
            "the values of a field stand in a list, and those at \"{path}\" do not"
        )),
    }
}
