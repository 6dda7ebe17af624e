//! Which messages a subscriber gets.

use cloudwright_synth::sorted::Set;

use cloudwright_synth::{IntoValue, Json, Scope, Text};

use crate::rules;
use crate::units::number;

/// The most keys of a policy; of a path, the first counts.
const KEYS: usize = 5;
/// The largest number that SNS compares with; the smallest is its negative.
const NUMBERS: f64 = 1e9;
/// What a filter is about.
const ATTRIBUTES: &str = "MessageAttributes";
const BODY: &str = "MessageBody";
/// The most combinations of conditions.
const COMBINATIONS: usize = 150;

/// Which messages a subscriber gets
/// ([AWS](https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html)): those where every
/// key meets one of its conditions.
///
/// ```
/// use cloudwright::sns::{FilterPolicy, Match};
/// let large_orders = FilterPolicy::body()
///     .key("kind", Match::any(["order"]))
///     .key("total", Match::at_least(1000.0))
///     .key("country", Match::any_but(["DE", "AT"]).or(Match::absent()));
/// ```
#[derive(Clone)]
#[must_use = "a filter does nothing until a subscription has it"]
pub struct FilterPolicy {
    scope: &'static str,
    keys: Vec<(Path, Match)>,
}

/// The names on the way to a member: one for an attribute, several in a body.
type Path = Vec<Text>;

impl FilterPolicy {
    /// By the attributes that a message carries beside its body.
    pub const fn attributes() -> Self {
        Self {
            scope: ATTRIBUTES,
            keys: Vec::new(),
        }
    }

    /// By the members of a body that is a JSON object.
    pub const fn body() -> Self {
        Self {
            scope: BODY,
            keys: Vec::new(),
        }
    }

    /// Only messages in which this key meets the condition.
    pub fn key(self, name: impl Into<Text>, condition: Match) -> Self {
        self.at([name], condition)
    }

    /// Only messages in whose body the member at the end of this path meets the condition; of the
    /// objects in an array, any may. The size of an uploaded object, for example, is at
    /// `["Records", "s3", "object", "size"]`.
    pub fn at<N: Into<Text>>(
        mut self,
        path: impl IntoIterator<Item = N>,
        condition: Match,
    ) -> Self {
        let path = path.into_iter().map(Into::into).collect();
        self.keys.push((path, condition));
        self
    }

    pub(super) const fn scope(&self) -> &'static str {
        self.scope
    }

    /// The policy as SNS reads it; one that it would refuse is reported.
    pub(super) fn render(&self, scope: &Scope) -> Json {
        self.check(scope);
        let mut policy = Json::map::<Text>([]);
        for (path, condition) in &self.keys {
            let leaf = Json::List(condition.conditions.clone());
            let nest = |inner, name: &Text| Json::map([(name.clone(), inner)]);
            policy.merge(path.iter().rev().fold(leaf, nest));
        }
        policy
    }

    fn check(&self, scope: &Scope) {
        let report = |message: String, help: &str| {
            scope.error(&rules::BAD_FILTER_POLICY, message, help);
        };
        let count = self.top_keys();
        if count == 0 || count > KEYS {
            let message = format!("a filter policy has 1 to {KEYS} keys, got {count}");
            report(
                message,
                "filter by fewer keys, or let the subscriber drop the rest",
            );
        }
        for (index, (path, condition)) in self.keys.iter().enumerate() {
            let before = &self.keys[..index];
            let name = path.join(".");
            if path.is_empty() || path.iter().any(|step| step.is_empty()) {
                let message = format!("a key has a name, got \"{name}\"");
                report(message, "name the attribute or the member to filter by");
            }
            if self.scope == ATTRIBUTES && path.len() > 1 {
                let message = format!("attributes have no members, got the path \"{name}\"");
                report(message, "filter by the body: `FilterPolicy::body()`");
            }
            if let Some(message) = condition.mistake() {
                let message = format!("the key \"{name}\" {message}");
                report(message, "say a condition that some message can meet");
            }
            if let Some(number) = condition.beyond_range() {
                let message = format!("SNS compares numbers from -1e9 to 1e9, got {number}");
                report(
                    message,
                    "filter by something else, or by a number in other units",
                );
            }
            if before.iter().any(|(other, _)| overlaps(other, path)) {
                let message = format!("the key \"{name}\" is filtered by twice");
                report(message, "join the conditions: `Match::any([..]).or(..)`");
            }
        }
        let combinations = self.combinations();
        if combinations > COMBINATIONS {
            let message = format!(
                "a filter policy has at most {COMBINATIONS} combinations of conditions, got {combinations}"
            );
            report(message, "use prefixes, or subscribe twice");
        }
    }

    fn top_keys(&self) -> usize {
        let keys: Set<_> = self.keys.iter().map(|(path, _)| path.first()).collect();
        keys.as_slice().len()
    }

    /// As SNS counts them: the conditions of each key, times how deep it lies, multiplied.
    fn combinations(&self) -> usize {
        let counts = self
            .keys
            .iter()
            .map(|(path, condition)| condition.conditions.len().saturating_mul(path.len()));
        counts.fold(1, usize::saturating_mul)
    }
}

/// Whether one path leads to the other, or through it.
fn overlaps(one: &[Text], other: &[Text]) -> bool {
    one.iter().zip(other).all(|(one, other)| one == other)
}

/// What a key has to be: one of several conditions.
#[derive(Clone)]
#[must_use = "a condition does nothing until a filter has it"]
pub struct Match {
    conditions: Vec<Json>,
    mistake: Option<String>,
}

impl Match {
    /// One of these values.
    pub fn any<V: IntoValue<Json>>(values: impl IntoIterator<Item = V>) -> Self {
        Self {
            conditions: values.into_iter().map(IntoValue::into_json).collect(),
            mistake: None,
        }
    }

    /// None of these values.
    pub fn any_but<V: IntoValue<Json>>(values: impl IntoIterator<Item = V>) -> Self {
        let values: Vec<_> = values.into_iter().map(IntoValue::into_json).collect();
        let mistake = values.is_empty().then(|| "excludes no value".to_owned());
        Self {
            mistake,
            ..Self::one("anything-but", Json::List(values))
        }
    }

    /// A text that begins so.
    pub fn prefix(text: impl Into<Text>) -> Self {
        Self::one("prefix", Json::Text(text.into()))
    }

    /// A text that ends so.
    pub fn suffix(text: impl Into<Text>) -> Self {
        Self::one("suffix", Json::Text(text.into()))
    }

    /// A text that is the same but for upper and lower case.
    pub fn ignoring_case(text: impl Into<Text>) -> Self {
        Self::one("equals-ignore-case", Json::Text(text.into()))
    }

    /// A number of at least this.
    pub fn at_least(least: f64) -> Self {
        Self::numeric(vec![Json::Text(">=".into()), number(least)])
    }

    /// A number of at most this.
    pub fn at_most(most: f64) -> Self {
        Self::numeric(vec![Json::Text("<=".into()), number(most)])
    }

    /// A number from the least to the most, both included.
    pub fn between(least: f64, most: f64) -> Self {
        let range = vec![
            Json::Text(">=".into()),
            number(least),
            Json::Text("<=".into()),
            number(most),
        ];
        let empty = least > most;
        Self {
            mistake: empty.then(|| format!("is between {least} and {most}, which no number is")),
            ..Self::numeric(range)
        }
    }

    /// An IP address of this network, such as `10.0.0.0/24`.
    pub fn network(cidr: impl Into<Text>) -> Self {
        Self::one("cidr", Json::Text(cidr.into()))
    }

    /// There, whatever it is.
    pub fn present() -> Self {
        Self::one("exists", Json::Bool(true))
    }

    /// Not there.
    pub fn absent() -> Self {
        Self::one("exists", Json::Bool(false))
    }

    /// This, or the other.
    pub fn or(mut self, other: Self) -> Self {
        self.conditions.extend(other.conditions);
        self.mistake = self.mistake.or(other.mistake);
        self
    }

    /// A number that SNS cannot compare with.
    fn beyond_range(&self) -> Option<f64> {
        self.conditions.iter().find_map(beyond_range)
    }

    /// What no message could meet.
    fn mistake(&self) -> Option<&str> {
        let none = self.conditions.is_empty().then_some("has no condition");
        self.mistake.as_deref().or(none)
    }

    fn numeric(range: Vec<Json>) -> Self {
        Self::one("numeric", Json::List(range))
    }

    fn one(operator: &'static str, value: Json) -> Self {
        Self {
            conditions: vec![Json::map([(operator, value)])],
            mistake: None,
        }
    }
}

/// A number in a condition, however deep, that SNS cannot compare with.
fn beyond_range(condition: &Json) -> Option<f64> {
    #[allow(
        clippy::cast_precision_loss,
        reason = "only the order of magnitude counts"
    )]
    let number = match condition {
        Json::Int(number) => *number as f64,
        Json::Float(number) => *number,
        Json::List(items) => return items.iter().find_map(beyond_range),
        Json::Map(members) => return members.iter().find_map(|(_, inner)| beyond_range(inner)),
        _ => return None,
    };
    (!(-NUMBERS..=NUMBERS).contains(&number)).then_some(number)
}
