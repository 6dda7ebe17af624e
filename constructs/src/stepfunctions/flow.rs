//! Flows: named states, and where each leads to.

use cloudwright_synth::sorted::Set;
use cloudwright_synth::{Json, Scope, Text};

use super::State;
use crate::iam::RoleRef;
use crate::rules;
use cloudwright_synth::nearest;

/// The longest name of a state.
const NAME: usize = 80;

/// States by name; it begins with the first.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::stepfunctions::{Choice, Fail, Flow, Pass, Wait, When};
/// let flow = Flow::new()
///     .state("Look", Pass::new().next("IsReady"))
///     .state("IsReady", Choice::new()
///         .when(When::boolean_is("$.ready", true), "Done")
///         .when(When::above("$.tries", 5.0), "GaveUp")
///         .otherwise("Rest"))
///     .state("Rest", Wait::time(minutes(1)).next("Look"))
///     .state("GaveUp", Fail::new("NeverReady", "looked six times"))
///     .state("Done", Pass::new());
/// ```
#[derive(Clone, Default)]
#[must_use = "a flow does nothing until a state machine runs it"]
pub struct Flow {
    states: Vec<(Text, State)>,
}

impl Flow {
    /// A flow without states yet.
    pub const fn new() -> Self {
        Self { states: Vec::new() }
    }

    /// Adds a state: a name of at most 80 characters, of its own in the whole machine.
    pub fn state(mut self, name: impl Into<Text>, state: impl Into<State>) -> Self {
        self.states.push((name.into(), state.into()));
        self
    }

    /// The flow in the words of the
    /// [language](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html).
    pub(super) fn document(&self, scope: &Scope) -> Json {
        let first = self.states.first().map(|(name, _)| name.clone());
        let states = self.states.iter();
        let states = states.map(|(name, state)| (name.clone(), state.render(scope)));
        Json::map([
            ("StartAt", Json::Text(first.unwrap_or_default())),
            ("States", Json::map(states)),
        ])
    }

    /// Gives a role the rights that its tasks need.
    pub(super) fn allow(&self, role: &RoleRef) {
        for (_, state) in &self.states {
            if let Some(task) = state.task() {
                task.allow(role);
            }
            state.flows().iter().for_each(|flow| flow.allow(role));
        }
    }

    /// Reports what Step Functions would refuse, and states that are never reached.
    pub(super) fn check(&self, scope: &Scope) {
        let mut names = Set::new();
        self.check_within(scope, &mut names);
    }

    fn check_within(&self, scope: &Scope, names: &mut Set<Text>) {
        if self.states.is_empty() {
            let help = "add one: `Flow::new().state(\"Work\", Task::call(&function))`";
            return report(
                scope,
                "a flow has at least one state, got none".to_owned(),
                help,
            );
        }
        for (name, state) in &self.states {
            check_name(scope, name, names);
            self.check_ways(scope, name, state);
            for flow in state.flows() {
                flow.check_within(scope, names);
            }
        }
        let known = |name: &Text| self.states.iter().any(|(known, _)| known == name);
        let ways = self.states.iter().flat_map(|(_, state)| state.leads_to());
        // A way to a wrong name would be reported twice.
        if ways.into_iter().all(known) {
            self.check_reached(scope);
        }
        if !self.states.iter().any(|(_, state)| state.is_end()) {
            let message = format!(
                "a flow that begins with \"{}\" has no end: every state has a next one",
                self.states[0].0
            );
            let help = "let one of them have none, or add a `Succeed`";
            report(scope, message, help);
        }
    }

    /// Reports ways to states that are not there.
    fn check_ways(&self, scope: &Scope, name: &Text, state: &State) {
        for next in state.leads_to() {
            let known = || self.states.iter().map(|(name, _)| &**name);
            if known().any(|known| known == next) {
                continue;
            }
            let message = format!("\"{name}\" leads to \"{next}\", and there is no such state");
            let help = match nearest(next, known()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => {
                    "add it to the same flow; states of other flows cannot be reached".to_owned()
                }
            };
            report(scope, message, &help);
        }
        if state.is_empty_choice() {
            let message = format!("the choice \"{name}\" has no condition");
            let help = "say one: `.when(When::present(\"$.order\"), \"Work\")`";
            report(scope, message, help);
        }
        if state.is_empty_parallel() {
            let message = format!("\"{name}\" runs flows side by side, and has none");
            let help = "say them: `Parallel::new([Flow::new().state(..), Flow::new().state(..)])`";
            report(scope, message, help);
        }
    }

    /// Reports states that no way leads to; not those that only such states lead to.
    fn check_reached(&self, scope: &Scope) {
        let mut reached = vec![false; self.states.len()];
        self.reach(0, &mut reached);
        while let Some(first) = reached.iter().position(|reached| !reached) {
            let lost = || (first..self.states.len()).filter(|index| !reached[*index]);
            let is_beginning =
                |state: &usize| !lost().any(|from| from != *state && self.leads(from, *state));
            let beginning = lost().find(is_beginning).unwrap_or(first);
            let name = &self.states[beginning].0;
            let message = format!("no way leads to the state \"{name}\"");
            let help = format!("let a state lead to it, `.next(\"{name}\")`, or take it away");
            report(scope, message, &help);
            self.reach(beginning, &mut reached);
        }
    }

    /// Marks a state and all that it leads to.
    fn reach(&self, from: usize, reached: &mut [bool]) {
        let place = |name: &Text| self.states.iter().position(|(known, _)| known == name);
        let mut open = vec![from];
        while let Some(index) = open.pop() {
            if !std::mem::replace(&mut reached[index], true) {
                let next = self.states[index].1.leads_to().into_iter();
                open.extend(next.filter_map(place));
            }
        }
    }

    /// Whether a state leads to another.
    fn leads(&self, from: usize, to: usize) -> bool {
        let (name, ways) = (&self.states[to].0, self.states[from].1.leads_to());
        ways.into_iter().any(|next| next == name)
    }
}

fn check_name(scope: &Scope, name: &Text, names: &mut Set<Text>) {
    if name.is_empty() || name.chars().count() > NAME {
        let message = format!("a state's name has 1 to {NAME} characters, got \"{name}\"");
        report(scope, message, "say the rest in its `.comment(..)`");
    }
    if !names.insert(name.clone()) {
        let message = format!("two states of one machine are called \"{name}\"");
        report(scope, message, "give each a name of its own");
    }
}

fn report(scope: &Scope, message: String, help: &str) {
    scope.error(&rules::BAD_FLOW, message, help);
}
