//! Values that a test takes out of a template.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;

use super::Match;

/// Keeps the values that stood where [`matching`](Capture::matching) was, for each resource that
/// matched as a whole, in the template's order.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::testing::{self, Capture, Match, Template};
///
/// let assembly = testing::synth(|app| {
///     let stack = app.stack("Mail", Environment::new("123456789012", "eu-central-1"));
///     stack.add("Inbox", sqs::Queue::new());
/// });
/// let age = Capture::new();
/// let pattern = Match::object().with("MessageRetentionPeriod", age.matching(Match::any()));
/// Template::from_stack(&assembly, "Mail").assert_resource_properties("AWS::SQS::Queue", pattern);
/// assert!(age.values().iter().all(|seconds| seconds.is_number()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Capture(Rc<RefCell<Vec<Value>>>);

impl Capture {
    /// A capture that holds nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Matches what `pattern` matches, and keeps the value.
    pub fn matching(&self, pattern: impl Into<Match>) -> Match {
        Match::captured(self.clone(), pattern.into())
    }

    /// What was captured.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        self.0.borrow().clone()
    }

    /// The text that was captured last.
    ///
    /// # Panics
    /// If nothing was captured, or no text.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> String {
        let values = self.0.borrow();
        match values.last() {
            Some(Value::String(text)) => text.clone(),
            Some(other) => panic!("a text was to be captured, got {other}"),
            None => panic!("nothing was captured: assert a pattern with the capture first"),
        }
    }

    pub(super) fn keep(&self, value: Value) {
        self.0.borrow_mut().push(value);
    }
}
