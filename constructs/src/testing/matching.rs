//! Patterns for parts of a template.

use fancy_regex::Regex;
use serde_json::Value;

use super::Capture;

/// What a value of a template is expected to be.
///
/// Plain JSON is a pattern too: an object may have more members than are named, at every depth; a list
/// has exactly the named items; a text or a number is itself.
///
/// ```
/// use cloudwright::testing::{Match, Template, json};
///
/// let template = Template::from_json(r#"{ "Resources": { "Page": {
///     "Type": "AWS::CloudWatch::Dashboard",
///     "Properties": {
///         "DashboardName": "orders",
///         "DashboardBody": "{\"start\":\"-PT3H\",\"widgets\":[]}",
///         "Tags": [{ "Key": "owner", "Value": "shop" }, { "Key": "stage", "Value": "prod" }]
///     }
/// } } }"#);
/// let holds = |pattern: Match| template.assert_resource_properties("AWS::CloudWatch::Dashboard", pattern);
/// let member = |name: &str, pattern: Match| Match::object().with(name, pattern);
///
/// holds(Match::from(json!({ "DashboardName": "orders" })));
/// holds(member("DashboardName", Match::any()));
/// holds(member("DashboardName", Match::regex("^ord")));
/// holds(member("DashboardName", Match::not("carts")));
/// holds(member("Description", Match::absent()));
/// holds(member("DashboardBody", Match::serialized_json(json!({ "start": "-PT3H" }))));
/// let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
/// holds(member("Tags", Match::array_with([tag("stage", "prod")])));
/// holds(member("Tags", Match::array_equals([tag("owner", "shop"), tag("stage", "prod")])));
/// holds(member("Tags", Match::exact(json!([tag("owner", "shop"), tag("stage", "prod")]))));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a pattern does nothing until it is asserted"]
pub struct Match(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Any,
    Absent,
    Exact(Value),
    Like(Value),
    Object(Vec<(String, Match)>),
    ArrayWith(Vec<Match>),
    ArrayEquals(Vec<Match>),
    Regex(String),
    Serialized(Box<Match>),
    Not(Box<Match>),
    Capture(Capture, Box<Match>),
}

impl Match {
    /// Any value, but there has to be one.
    pub const fn any() -> Self {
        Self(Kind::Any)
    }

    /// No value: the member is not there.
    pub const fn absent() -> Self {
        Self(Kind::Absent)
    }

    /// Exactly this value: objects have no other members.
    pub fn exact(value: impl Into<Value>) -> Self {
        Self(Kind::Exact(value.into()))
    }

    /// An object with at least the members that [`with`](Self::with) names.
    pub const fn object() -> Self {
        Self(Kind::Object(Vec::new()))
    }

    /// As [`object`](Self::object), with a member that matches `pattern`. Other patterns become objects.
    pub fn with(self, name: impl Into<String>, pattern: impl Into<Self>) -> Self {
        let mut members = match self.0 {
            Kind::Object(members) => members,
            Kind::Like(Value::Object(members)) => {
                let like = |(name, value)| (name, Self(Kind::Like(value)));
                members.into_iter().map(like).collect()
            }
            _ => Vec::new(),
        };
        members.push((name.into(), pattern.into()));
        Self(Kind::Object(members))
    }

    /// A list in which these items are found in this order, others before, between and after them.
    pub fn array_with<M: Into<Self>>(items: impl IntoIterator<Item = M>) -> Self {
        Self(Kind::ArrayWith(items.into_iter().map(Into::into).collect()))
    }

    /// A list of exactly these items.
    pub fn array_equals<M: Into<Self>>(items: impl IntoIterator<Item = M>) -> Self {
        Self(Kind::ArrayEquals(
            items.into_iter().map(Into::into).collect(),
        ))
    }

    /// A text in which the [regular expression](https://docs.rs/fancy-regex) is found.
    pub fn regex(expression: impl Into<String>) -> Self {
        Self(Kind::Regex(expression.into()))
    }

    /// A text that holds JSON which matches `pattern`, such as the definition of a dashboard.
    pub fn serialized_json(pattern: impl Into<Self>) -> Self {
        Self(Kind::Serialized(Box::new(pattern.into())))
    }

    /// Anything but what `pattern` matches.
    pub fn not(pattern: impl Into<Self>) -> Self {
        Self(Kind::Not(Box::new(pattern.into())))
    }

    pub(super) fn captured(capture: Capture, pattern: Self) -> Self {
        Self(Kind::Capture(capture, Box::new(pattern)))
    }

    /// Compares a value, or the lack of one.
    pub(super) fn compare(&self, value: Option<&Value>) -> Trial {
        let mut trial = Trial::default();
        trial.judge("", self, value);
        trial
    }

    /// The pattern as a message shows it.
    fn describe(&self) -> String {
        match &self.0 {
            Kind::Any => "any value".to_owned(),
            Kind::Absent => "nothing".to_owned(),
            Kind::Exact(value) => format!("exactly {}", short(value)),
            Kind::Like(value) => short(value),
            Kind::Object(members) => {
                let names: Vec<_> = members.iter().map(|(name, _)| name.as_str()).collect();
                format!("an object with {}", names.join(", "))
            }
            Kind::ArrayWith(items) => format!("a list with {}", described(items)),
            Kind::ArrayEquals(items) => format!("the list {}", described(items)),
            Kind::Regex(expression) => format!("a text with `{expression}`"),
            Kind::Serialized(pattern) => format!("JSON in a text: {}", pattern.describe()),
            Kind::Not(pattern) => format!("anything but {}", pattern.describe()),
            Kind::Capture(_, pattern) => pattern.describe(),
        }
    }
}

fn described(items: &[Match]) -> String {
    let items: Vec<_> = items.iter().map(Match::describe).collect();
    format!("[{}]", items.join(", "))
}

impl<T: Into<Value>> From<T> for Match {
    fn from(value: T) -> Self {
        Self(Kind::Like(value.into()))
    }
}

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// Where the value differs and how, one line each.
    pub(super) differences: Vec<String>,
    captured: Vec<(Capture, Value)>,
}

impl Trial {
    pub(super) fn is_match(&self) -> bool {
        self.differences.is_empty()
    }

    /// Hands the captured values to those who wait for them; only for a match.
    pub(super) fn keep(self) {
        for (capture, value) in self.captured {
            capture.keep(value);
        }
    }

    fn differ(&mut self, path: &str, expected: &str, value: Option<&Value>) {
        let got = value.map_or_else(|| "nothing".to_owned(), short);
        let place = if path.is_empty() { "the value" } else { path };
        self.differences
            .push(format!("{place}: expected {expected}, got {got}"));
    }

    fn judge(&mut self, path: &str, pattern: &Match, value: Option<&Value>) {
        let Some(found) = value else {
            let accepts = match &pattern.0 {
                Kind::Absent => true,
                Kind::Not(inner) => !inner.compare(None).is_match(),
                _ => false,
            };
            if !accepts {
                self.differ(path, &pattern.describe(), None);
            }
            return;
        };
        match &pattern.0 {
            Kind::Any => {}
            Kind::Like(expected) => self.like(path, expected, found),
            Kind::Object(members) => self.object(path, members, found),
            Kind::ArrayWith(items) => self.array_with(path, items, found),
            Kind::ArrayEquals(items) => self.array_equals(path, items, found),
            Kind::Serialized(inner) => self.serialized(path, inner, found),
            Kind::Capture(capture, inner) => {
                self.judge(path, inner, value);
                self.captured.push((capture.clone(), found.clone()));
            }
            Kind::Regex(expression) => self.regex(path, expression, found),
            Kind::Exact(expected) if expected == found => {}
            Kind::Not(inner) if !inner.compare(value).is_match() => {}
            Kind::Absent | Kind::Exact(_) | Kind::Not(_) => {
                self.differ(path, &pattern.describe(), value);
            }
        }
    }

    fn like(&mut self, path: &str, expected: &Value, found: &Value) {
        match (expected, found) {
            (Value::Object(expected), Value::Object(found)) => {
                for (name, expected) in expected {
                    let path = below(path, name);
                    match found.get(name) {
                        Some(found) => self.like(&path, expected, found),
                        None => self.differ(&path, &short(expected), None),
                    }
                }
            }
            (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
                for (place, (expected, found)) in expected.iter().zip(found).enumerate() {
                    self.like(&item(path, place), expected, found);
                }
            }
            _ if expected == found => {}
            _ => self.differ(path, &short(expected), Some(found)),
        }
    }

    fn object(&mut self, path: &str, members: &[(String, Match)], found: &Value) {
        let Value::Object(found) = found else {
            return self.differ(path, "an object", Some(found));
        };
        for (name, pattern) in members {
            self.judge(&below(path, name), pattern, found.get(name));
        }
    }

    fn array_with(&mut self, path: &str, items: &[Match], found: &Value) {
        let Value::Array(values) = found else {
            return self.differ(path, "a list", Some(found));
        };
        let mut left = values.iter().enumerate();
        for pattern in items {
            let hit = left.find(|(_, value)| pattern.compare(Some(value)).is_match());
            match hit {
                Some((place, value)) => self.judge(&item(path, place), pattern, Some(value)),
                None => {
                    let expected = format!("an item, in this order, like {}", pattern.describe());
                    return self.differ(path, &expected, Some(found));
                }
            }
        }
    }

    fn array_equals(&mut self, path: &str, items: &[Match], found: &Value) {
        let Value::Array(values) = found else {
            return self.differ(path, "a list", Some(found));
        };
        if values.len() != items.len() {
            return self.differ(path, &format!("{} items", items.len()), Some(found));
        }
        for (place, (pattern, value)) in items.iter().zip(values).enumerate() {
            self.judge(&item(path, place), pattern, Some(value));
        }
    }

    fn serialized(&mut self, path: &str, inner: &Match, found: &Value) {
        let parsed = found.as_str().map(serde_json::from_str::<Value>);
        match parsed {
            Some(Ok(value)) => self.judge(path, inner, Some(&value)),
            _ => self.differ(path, "a text that holds JSON", Some(found)),
        }
    }

    fn regex(&mut self, path: &str, expression: &str, found: &Value) {
        let regex = Regex::new(expression)
            .unwrap_or_else(|error| panic!("`{expression}` is no regular expression: {error}"));
        let text = found.as_str();
        if !text.is_some_and(|text| regex.is_match(text).unwrap_or(false)) {
            self.differ(path, &format!("a text with `{expression}`"), Some(found));
        }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn item(path: &str, place: usize) -> String {
    format!("{path}[{place}]")
}

/// The longest value that a message shows whole, in characters.
const LONGEST: usize = 160;

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(pattern: impl Into<Match>, value: &Value) -> Vec<String> {
        pattern.into().compare(Some(value)).differences
    }

    #[test]
    fn plain_json_names_what_has_to_be_there_at_every_depth() {
        let found = json!({ "A": { "B": 1, "C": 2 }, "D": ["x", { "E": 1, "F": 2 }] });
        assert!(differences(json!({ "A": { "B": 1 } }), &found).is_empty());
        assert!(differences(json!({ "D": ["x", { "E": 1 }] }), &found).is_empty());
        assert_eq!(
            differences(json!({ "A": { "B": 2, "X": 1 }, "D": ["x"] }), &found),
            [
                "A.B: expected 2, got 1",
                "A.X: expected 1, got nothing",
                "D: expected [\"x\"], got [\"x\",{\"E\":1,\"F\":2}]"
            ]
        );
    }

    #[test]
    fn each_pattern_accepts_its_values_and_no_others() {
        let yes_and_no = [
            (Match::any(), json!(null), None),
            (Match::absent(), json!(1), Some("expected nothing, got 1")),
            (Match::exact(json!({ "a": 1 })), json!({ "a": 1 }), None),
            (
                Match::exact(json!({})),
                json!({ "a": 1 }),
                Some("exactly {}"),
            ),
            (
                Match::array_with(["b", "d"]),
                json!(["a", "b", "c", "d"]),
                None,
            ),
            (
                Match::array_with(["d", "b"]),
                json!(["b", "d"]),
                Some("in this order, like \"b\""),
            ),
            (
                Match::array_with(["a"]),
                json!("a"),
                Some("expected a list"),
            ),
            (Match::array_equals(["a"]), json!(["a"]), None),
            (
                Match::array_equals(["a"]),
                json!(["a", "b"]),
                Some("expected 1 items"),
            ),
            (Match::regex("^a.c$"), json!("abc"), None),
            (
                Match::regex("^a.c$"),
                json!("abd"),
                Some("a text with `^a.c$`"),
            ),
            (
                Match::serialized_json(json!({ "a": 1 })),
                json!("{\"a\":1,\"b\":2}"),
                None,
            ),
            (
                Match::serialized_json(json!({})),
                json!("{"),
                Some("a text that holds JSON"),
            ),
            (Match::not("a"), json!("b"), None),
            (Match::not("a"), json!("a"), Some("anything but \"a\"")),
            (
                Match::object().with("a", Match::absent()),
                json!({ "b": 1 }),
                None,
            ),
            (
                Match::object().with("a", Match::any()),
                json!([]),
                Some("expected an object"),
            ),
            (
                Match::from(json!({ "a": 1 })).with("b", 2),
                json!({ "a": 1, "b": 3 }),
                Some("b: expected 2, got 3"),
            ),
        ];
        for (pattern, value, wrong) in yes_and_no {
            let found = differences(pattern.clone(), &value).join("\n");
            match wrong {
                None => assert_eq!(found, "", "{pattern:?}"),
                Some(wrong) => assert!(found.contains(wrong), "{pattern:?}: {found}"),
            }
        }
    }

    #[test]
    fn what_is_not_there_matches_absent_and_the_opposite_of_any() {
        assert!(Match::absent().compare(None).is_match());
        assert!(Match::not(Match::any()).compare(None).is_match());
        assert!(!Match::any().compare(None).is_match());
        assert!(!Match::from("a").compare(None).is_match());
    }
}
