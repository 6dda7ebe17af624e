//! A template as a test sees it.

use cloudwright_synth::sorted::Map;
use cloudwright_synth::{Assembly, StackArtifact};
use serde_json::Value;

use super::Match;
use super::nearest::nearest;

/// The template of a stack, to assert what it holds.
///
/// Every `assert_` method panics when it does not hold, and shows what comes nearest.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::testing::{self, Match, Template, json};
///
/// let assembly = testing::synth(|app| {
///     let stack = app.stack("Mail", Environment::new("123456789012", "eu-central-1"));
///     let jobs = stack.add("Jobs", sqs::Queue::new());
///     stack.output("JobsUrl", jobs.url());
/// });
/// let template = Template::from_stack(&assembly, "Mail");
/// template.assert_output("JobsUrl", Match::object().with("Value", Match::any()));
/// let dead = Match::object().with("Properties", Match::object().with("RedrivePolicy", Match::absent()));
/// let [dead] = &template.find_resources("AWS::SQS::Queue", dead)[..] else {
///     panic!("one queue has no dead letters");
/// };
/// assert!(dead.id.starts_with("JobsDeadLetterQueue"));
/// assert_eq!(dead.resource["Properties"]["MessageRetentionPeriod"], json!(14 * 24 * 60 * 60));
/// ```
#[derive(Clone, Debug)]
pub struct Template {
    stack: String,
    whole: Value,
    resources: Vec<Element>,
}

/// A resource or another named part of a template.
#[derive(Clone, Debug)]
pub(super) struct Element {
    id: String,
    kind: String,
    /// The construct and its line in the program, where they are known.
    origin: Option<String>,
    pub(super) value: Value,
}

/// A resource that matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The logical id.
    pub id: String,
    /// The resource: `Type`, `Properties` and the attributes beside them.
    pub resource: Value,
}

impl Element {
    /// The logical id, and where it comes from.
    pub(super) fn place(&self) -> String {
        match &self.origin {
            Some(origin) => format!("{} ({origin})", self.id),
            None => self.id.clone(),
        }
    }

    fn properties(&self) -> Self {
        let properties = self.value.get("Properties").cloned();
        Self {
            value: properties.unwrap_or_else(|| Value::Object(serde_json::Map::new())),
            ..self.clone()
        }
    }

    fn found(&self) -> Found {
        Found {
            id: self.id.clone(),
            resource: self.value.clone(),
        }
    }
}

impl Template {
    /// The template of the stack with this path (`Prod/Uploads`) or name.
    ///
    /// # Panics
    /// If the assembly has no such stack, with those that it has.
    #[must_use]
    #[track_caller]
    pub fn from_stack(assembly: &Assembly, stack: &str) -> Self {
        let stacks = assembly.all_stacks();
        let found = stacks
            .iter()
            .find(|known| known.path() == stack || known.name() == stack);
        let Some(found) = found else {
            let known: Vec<_> = stacks.iter().map(StackArtifact::path).collect();
            panic!(
                "no stack is called {stack}; there are: {}",
                known.join(", ")
            );
        };
        let mut template = Self::read(found.path(), &found.template().to_json());
        for element in &mut template.resources {
            let resource = found.template().resource(&element.id);
            element.origin = resource.map(|it| format!("{}, {}", it.path(), it.location()));
        }
        template
    }

    /// A template in JSON, such as one that was written before.
    ///
    /// # Panics
    /// If the text is no JSON object.
    #[must_use]
    #[track_caller]
    pub fn from_json(text: &str) -> Self {
        Self::read("the template", text)
    }

    #[track_caller]
    fn read(stack: &str, text: &str) -> Self {
        let whole: Value = match serde_json::from_str(text) {
            Ok(whole @ Value::Object(_)) => whole,
            Ok(other) => panic!("a template is a JSON object, got {other}"),
            Err(error) => panic!("a template is a JSON object: {error}"),
        };
        let mut resources = elements(&whole, "Resources");
        // A loop (`Fn::ForEach::..`) stands among the resources, and has no type.
        resources.retain(|element| element.value.get("Type").is_some());
        Self {
            stack: stack.to_owned(),
            whole,
            resources,
        }
    }

    /// The whole template.
    #[must_use]
    pub const fn to_json(&self) -> &Value {
        &self.whole
    }

    /// The resources of a type whose definition matches, `Type` and `Properties` included.
    #[must_use]
    pub fn find_resources(&self, kind: &str, pattern: impl Into<Match>) -> Vec<Found> {
        let pattern = pattern.into();
        let matching = self
            .of(kind)
            .into_iter()
            .filter(|element| pattern.compare(Some(&element.value)).is_match());
        matching.map(Element::found).collect()
    }

    /// Asserts how many resources of a type there are.
    #[track_caller]
    pub fn assert_resource_count(&self, kind: &str, count: usize) {
        let found = self.of(kind);
        if found.len() != count {
            let places: Vec<_> = found.iter().map(|element| element.place()).collect();
            let there = if places.is_empty() {
                self.inventory()
            } else {
                places.join("\n  ")
            };
            panic!(
                "{} has {} of {kind}, expected {count}:\n  {there}",
                self.stack,
                found.len()
            );
        }
    }

    /// Asserts that a resource of a type has such properties.
    #[track_caller]
    pub fn assert_resource_properties(&self, kind: &str, pattern: impl Into<Match>) {
        let all: Vec<_> = self.of(kind).into_iter().map(Element::properties).collect();
        let all: Vec<_> = all.iter().collect();
        self.assert_any(&all, &pattern.into(), kind, "with such properties");
    }

    /// Asserts that a resource of a type is such: `Properties`, `DependsOn`, `DeletionPolicy`, ..
    #[track_caller]
    pub fn assert_resource(&self, kind: &str, pattern: impl Into<Match>) {
        self.assert_any(&self.of(kind), &pattern.into(), kind, "like this");
    }

    /// Asserts that no resource of a type has such properties.
    #[track_caller]
    pub fn assert_no_resource_properties(&self, kind: &str, pattern: impl Into<Match>) {
        let pattern = pattern.into();
        let matches = |element: &&Element| {
            pattern
                .compare(Some(&element.properties().value))
                .is_match()
        };
        if let Some(element) = self.of(kind).into_iter().find(matches) {
            panic!(
                "no {kind} of {} may have such properties, but this one has: {}",
                self.stack,
                element.place()
            );
        }
    }

    /// Asserts that every resource of a type has such properties, and that there is one.
    #[track_caller]
    pub fn assert_all_resource_properties(&self, kind: &str, pattern: impl Into<Match>) {
        let pattern = pattern.into();
        let all: Vec<_> = self.of(kind).into_iter().map(Element::properties).collect();
        assert!(!all.is_empty(), "{}", self.none_of(kind));
        let wrong: Vec<_> = all
            .iter()
            .filter(|element| !pattern.compare(Some(&element.value)).is_match())
            .collect();
        assert!(
            wrong.is_empty(),
            "every {kind} of {} has to have such properties, but:\n  {}",
            self.stack,
            nearest(&wrong, &pattern)
        );
        all.iter()
            .for_each(|element| pattern.compare(Some(&element.value)).keep());
    }

    /// Asserts that an output with this id is such; `*` for any.
    #[track_caller]
    pub fn assert_output(&self, id: &str, pattern: impl Into<Match>) {
        self.assert_element("Outputs", id, &pattern.into());
    }

    /// Asserts that a parameter with this id is such; `*` for any.
    #[track_caller]
    pub fn assert_parameter(&self, id: &str, pattern: impl Into<Match>) {
        self.assert_element("Parameters", id, &pattern.into());
    }

    /// Asserts that a mapping with this id is such; `*` for any.
    #[track_caller]
    pub fn assert_mapping(&self, id: &str, pattern: impl Into<Match>) {
        self.assert_element("Mappings", id, &pattern.into());
    }

    /// Asserts that a condition with this id is such; `*` for any.
    #[track_caller]
    pub fn assert_condition(&self, id: &str, pattern: impl Into<Match>) {
        self.assert_element("Conditions", id, &pattern.into());
    }

    #[track_caller]
    fn assert_element(&self, section: &str, id: &str, pattern: &Match) {
        let all = elements(&self.whole, section);
        let named: Vec<_> = all
            .iter()
            .filter(|element| id == "*" || element.id == id)
            .collect();
        if named.is_empty() {
            let ids: Vec<_> = all.iter().map(|element| element.id.as_str()).collect();
            panic!(
                "{} has no {section}.{id}; it has: {}",
                self.stack,
                listed(&ids)
            );
        }
        self.assert_any(&named, pattern, &format!("{section}.{id}"), "like this");
    }

    #[track_caller]
    fn assert_any(&self, candidates: &[&Element], pattern: &Match, what: &str, how: &str) {
        assert!(!candidates.is_empty(), "{}", self.none_of(what));
        let trials = candidates
            .iter()
            .map(|element| pattern.compare(Some(&element.value)));
        let (hits, misses): (Vec<_>, Vec<_>) = trials.partition(super::matching::Trial::is_match);
        assert!(
            misses.len() < candidates.len(),
            "{} has no {what} {how}; what comes nearest:\n  {}",
            self.stack,
            nearest(candidates, pattern)
        );
        hits.into_iter().for_each(super::matching::Trial::keep);
    }

    fn of(&self, kind: &str) -> Vec<&Element> {
        self.resources
            .iter()
            .filter(|element| element.kind == kind)
            .collect()
    }

    fn none_of(&self, kind: &str) -> String {
        format!(
            "{} has no {kind}; it has:\n  {}",
            self.stack,
            self.inventory()
        )
    }

    /// How many resources of which type there are.
    fn inventory(&self) -> String {
        let mut counts: Map<&str, usize> = Map::new();
        for element in &self.resources {
            *counts.or_default(&element.kind) += 1;
        }
        let lines: Vec<_> = counts
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        if lines.is_empty() {
            "no resources".to_owned()
        } else {
            lines.join("\n  ")
        }
    }
}

fn listed(ids: &[&str]) -> String {
    if ids.is_empty() {
        "none".to_owned()
    } else {
        ids.join(", ")
    }
}

fn elements(whole: &Value, section: &str) -> Vec<Element> {
    let entries = whole.get(section).and_then(Value::as_object);
    let entries = entries.into_iter().flatten();
    let element = |(id, value): (&String, &Value)| Element {
        id: id.clone(),
        kind: value
            .get("Type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        origin: None,
        value: value.clone(),
    };
    entries.map(element).collect()
}
