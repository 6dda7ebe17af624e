//! The kinds of states.
//!
//! Each kind is a type of its own that has the settings of that kind, so that a choice with a next state or a wait
//! with a retry does not compile. All of them become a [`State`].

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::{IntoValue, Json, Scope, Text};

use super::task::Doing;
use super::{Catch, Flow, Retry, When};
use crate::units::check_seconds;

/// How long a state may wait, in seconds: a year.
const WAIT: RangeInclusive<i64> = 0..=31_536_000;

/// A state of a [`Flow`], of any kind.
#[derive(Clone)]
#[must_use = "a state does nothing until a flow has it"]
pub struct State {
    kind: &'static str,
    members: Vec<(Text, Json)>,
    pub(super) after: After,
    /// States that it leads to besides.
    pub(super) others: Vec<Text>,
    pub(super) retries: Vec<Retry>,
    pub(super) catches: Vec<Catch>,
    durations: Vec<(&'static str, Duration)>,
    inner: Inner,
    doing: Option<Doing>,
}

/// What comes after a state.
#[derive(Clone)]
pub(super) enum After {
    /// It is an end of the flow.
    End,
    Next(Text),
    /// The kind of the state says it.
    Own,
}

/// The flows inside of a state.
#[derive(Clone)]
enum Inner {
    None,
    /// One for each item.
    Each(Flow),
    /// All at once.
    Branches(Vec<Flow>),
}

impl State {
    pub(super) const fn new(kind: &'static str, after: After) -> Self {
        Self {
            kind,
            members: Vec::new(),
            after,
            others: Vec::new(),
            retries: Vec::new(),
            catches: Vec::new(),
            durations: Vec::new(),
            inner: Inner::None,
            doing: None,
        }
    }

    pub(super) fn doing(mut self, doing: Doing) -> Self {
        self.doing = Some(doing);
        self
    }

    pub(super) fn set(&mut self, name: &'static str, value: Json) {
        self.members.retain(|(known, _)| known != name);
        self.members.push((name.into(), value));
    }

    fn lasting(mut self, name: &'static str, duration: Duration) -> Self {
        self.durations.push((name, duration));
        self
    }

    /// The names of the states that it leads to.
    pub(super) fn leads_to(&self) -> Vec<&Text> {
        let next = match &self.after {
            After::Next(next) => Some(next),
            After::End | After::Own => None,
        };
        let caught = self.catches.iter().map(Catch::next);
        next.into_iter().chain(&self.others).chain(caught).collect()
    }

    /// Whether a flow may end here.
    pub(super) fn is_end(&self) -> bool {
        match self.after {
            After::End => true,
            After::Next(_) => false,
            After::Own => self.kind != "Choice",
        }
    }

    /// Whether it is a choice that has nothing to choose by.
    pub(super) fn is_empty_choice(&self) -> bool {
        let mut members = self.members.iter();
        self.kind == "Choice" && !members.any(|(name, _)| name == "Choices")
    }

    pub(super) fn is_empty_parallel(&self) -> bool {
        matches!(&self.inner, Inner::Branches(flows) if flows.is_empty())
    }

    pub(super) fn flows(&self) -> &[Flow] {
        match &self.inner {
            Inner::None => &[],
            Inner::Each(flow) => std::slice::from_ref(flow),
            Inner::Branches(flows) => flows,
        }
    }

    pub(super) const fn task(&self) -> Option<&Doing> {
        self.doing.as_ref()
    }

    /// The state as Step Functions reads it.
    pub(super) fn render(&self, scope: &Scope) -> Json {
        let mut state = Json::Map(self.members.clone());
        state.set("Type", Json::Text(self.kind.into()));
        match &self.after {
            After::End => state.set("End", Json::Bool(true)),
            After::Next(next) => state.set("Next", Json::Text(next.clone())),
            After::Own => {}
        }
        for (name, duration) in &self.durations {
            let seconds = check_seconds(scope, "the time of a state", *duration, WAIT);
            state.set(*name, Json::Int(seconds));
        }
        if let Some(doing) = &self.doing {
            doing.write(scope, &mut state);
        }
        let mut retries = self.retries.clone();
        if retries.is_empty() {
            retries.extend(self.doing.as_ref().and_then(Doing::usual_retry));
        }
        let mut list = |name: &'static str, items: Vec<Json>| {
            if !items.is_empty() {
                state.set(name, Json::List(items));
            }
        };
        let retries = retries.into_iter().map(|retry| retry.render(scope));
        list("Retry", retries.collect());
        list(
            "Catch",
            self.catches.iter().cloned().map(Catch::render).collect(),
        );
        match &self.inner {
            Inner::None => {}
            Inner::Each(flow) => state.set("ItemProcessor", flow.document(scope)),
            Inner::Branches(flows) => {
                let flows = flows.iter().map(|flow| flow.document(scope)).collect();
                state.set("Branches", Json::List(flows));
            }
        }
        state
    }
}

/// Gives kinds of states their settings.
macro_rules! settings {
    ($kind:ty: $($group:ident)*) => {
        impl From<$kind> for State {
            fn from(kind: $kind) -> Self {
                kind.0
            }
        }

        impl $kind {
            /// Says what the state is for.
            pub fn comment(mut self, text: impl Into<Text>) -> Self {
                self.0.set("Comment", Json::Text(text.into()));
                self
            }

            /// Works on this part of its input only, such as `$.order`.
            pub fn input_path(mut self, path: impl Into<Text>) -> Self {
                self.0.set("InputPath", Json::Text(path.into()));
                self
            }

            /// Hands on this part of its output only.
            pub fn output_path(mut self, path: impl Into<Text>) -> Self {
                self.0.set("OutputPath", Json::Text(path.into()));
                self
            }
            $(settings!(@$group);)*
        }
    };
    (@next) => {
        /// The name of the state that comes after it; without one, the flow ends here.
        pub fn next(mut self, name: impl Into<Text>) -> Self {
            self.0.after = After::Next(name.into());
            self
        }
    };
    (@result) => {
        /// What it gets in place of its input: a document in which members such as `"id.$": "$.order.id"` are taken from
        /// the input.
        pub fn parameters(mut self, document: impl IntoValue<Json>) -> Self {
            self.0.set("Parameters", document.into_json());
            self
        }

        /// Keeps the input, and puts the result in at this path, such as `$.receipt`. Unless said, the result stands in its
        /// place.
        pub fn result_path(mut self, path: impl Into<Text>) -> Self {
            self.0.set("ResultPath", Json::Text(path.into()));
            self
        }
    };
    (@failing) => {
        /// What of the result is kept: a document like that of `parameters`.
        pub fn result_selector(mut self, document: impl IntoValue<Json>) -> Self {
            self.0.set("ResultSelector", document.into_json());
            self
        }

        /// Tries again after errors; the first of several that knows the error counts.
        pub fn retry(mut self, retry: Retry) -> Self {
            self.0.retries.push(retry);
            self
        }

        /// Goes on elsewhere after an error; the first of several that knows the error counts.
        pub fn catch(mut self, catch: impl Into<Catch>) -> Self {
            self.0.catches.push(catch.into());
            self
        }
    };
}
pub(super) use settings;

/// Hands on its input, or a document of its own
/// ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html)).
#[derive(Clone)]
#[must_use = "a state does nothing until a flow has it"]
pub struct Pass(State);
settings!(Pass: next result);

impl Pass {
    /// Hands on its input.
    pub const fn new() -> Self {
        Self(State::new("Pass", After::End))
    }

    /// Its result, in place of its input.
    pub fn result(mut self, document: impl IntoValue<Json>) -> Self {
        self.0.set("Result", document.into_json());
        self
    }
}

impl Default for Pass {
    fn default() -> Self {
        Self::new()
    }
}

/// Waits ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html)).
#[derive(Clone)]
#[must_use = "a state does nothing until a flow has it"]
pub struct Wait(State);
settings!(Wait: next);

impl Wait {
    /// So long: whole seconds, at most a year.
    pub fn time(duration: Duration) -> Self {
        Self(State::new("Wait", After::End).lasting("Seconds", duration))
    }

    /// Until the time at a path of the input, such as `$.due`, which is like `2026-03-14T01:59:00Z`.
    pub fn until(path: impl Into<Text>) -> Self {
        let mut state = State::new("Wait", After::End);
        state.set("TimestampPath", Json::Text(path.into()));
        Self(state)
    }
}

/// Goes on where the first condition that holds says
/// ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html)).
#[derive(Clone)]
#[must_use = "a state does nothing until a flow has it"]
pub struct Choice(State);
settings!(Choice:);

impl Choice {
    /// A choice without conditions yet.
    pub const fn new() -> Self {
        Self(State::new("Choice", After::Own))
    }

    /// Goes on there when the condition holds.
    pub fn when(mut self, condition: When, next: impl Into<Text>) -> Self {
        let next = next.into();
        let rule = condition.leading_to(next.clone());
        self.0.others.push(next);
        let known = self
            .0
            .members
            .iter_mut()
            .find(|(name, _)| name == "Choices");
        match known {
            Some((_, Json::List(rules))) => rules.push(rule),
            _ => self.0.set("Choices", Json::List(vec![rule])),
        }
        self
    }

    /// Goes on there when no condition holds; without it such a run fails.
    pub fn otherwise(mut self, next: impl Into<Text>) -> Self {
        let next = next.into();
        self.0.others.push(next.clone());
        self.0.set("Default", Json::Text(next));
        self
    }
}

impl Default for Choice {
    fn default() -> Self {
        Self::new()
    }
}

/// Ends the run well ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html)).
#[derive(Clone)]
#[must_use = "a state does nothing until a flow has it"]
pub struct Succeed(State);
settings!(Succeed:);

impl Succeed {
    /// An end.
    pub const fn new() -> Self {
        Self(State::new("Succeed", After::Own))
    }
}

impl Default for Succeed {
    fn default() -> Self {
        Self::new()
    }
}

/// Ends the run as a failure ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html)).
#[derive(Clone)]
#[must_use = "a state does nothing until a flow has it"]
pub struct Fail(State);

impl Fail {
    /// With the name of the error, and what people read about it.
    pub fn new(error: impl Into<Text>, cause: impl Into<Text>) -> Self {
        let mut state = State::new("Fail", After::Own);
        state.set("Error", Json::Text(error.into()));
        state.set("Cause", Json::Text(cause.into()));
        Self(state)
    }
}

impl From<Fail> for State {
    fn from(kind: Fail) -> Self {
        kind.0
    }
}

/// Runs several flows at once, and hands on the list of their results
/// ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html)).
#[derive(Clone)]
#[must_use = "a state does nothing until a flow has it"]
pub struct Parallel(State);
settings!(Parallel: next result failing);

impl Parallel {
    /// All of these flows, each with the whole input.
    pub fn new(flows: impl IntoIterator<Item = Flow>) -> Self {
        let mut state = State::new("Parallel", After::End);
        state.inner = Inner::Branches(flows.into_iter().collect());
        Self(state)
    }
}

/// Runs a flow for each item of a list, and hands on the list of the results
/// ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html), a `Map`).
#[derive(Clone)]
#[must_use = "a state does nothing until a flow has it"]
pub struct Each(State);
settings!(Each: next result failing);

impl Each {
    /// The flow of one item; the input is the list.
    pub fn new(flow: Flow) -> Self {
        let mut state = State::new("Map", After::End);
        state.inner = Inner::Each(flow);
        Self(state)
    }

    /// Where the list is in the input, such as `$.orders`.
    pub fn items(mut self, path: impl Into<Text>) -> Self {
        self.0.set("ItemsPath", Json::Text(path.into()));
        self
    }

    /// How many items are worked on at once; as many as Step Functions likes unless said.
    pub fn at_once(mut self, count: u32) -> Self {
        self.0.set("MaxConcurrency", Json::Int(i64::from(count)));
        self
    }
}

/// What tasks have besides.
pub(super) fn time_limits(state: State, name: &'static str, duration: Duration) -> State {
    state.lasting(name, duration)
}
