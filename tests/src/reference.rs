//! The reference system: a bucket, a function that it calls, a FIFO queue with dead letters, and alarms.

use cloudwright::lambda::Function;
use cloudwright::prelude::*;
use serde_json::Value;

/// Its template, by default or under the stricter bar.
///
/// # Panics
/// If the library finds anything wrong with it.
#[must_use]
pub fn reference(strict: bool) -> Value {
    reference_with(strict, |function| function)
}

/// The same, of which a program says more about the function.
///
/// # Panics
/// As [`reference()`].
#[must_use]
pub fn reference_with(strict: bool, say: impl Fn(Function) -> Function + 'static) -> Value {
    let app = App::new();
    let stack = app.stack("Shop", Environment::new("123456789012", "eu-central-1"));
    let stack = if strict { stack.strict() } else { stack };
    let operators = stack.add("Operators", sns::Topic::new());
    let changes = stack.add("Changes", NotifiedQueue::new().function_with(say));
    changes.alarms(minutes(15), &operators);
    let assembly = app.synth().unwrap_or_else(|found| panic!("{found}"));
    assert!(assembly.warnings().is_empty(), "{}", assembly.warnings());
    let stack = assembly.stack("Shop").expect("it is there");
    serde_json::from_str(&stack.template().to_json()).expect("a template is JSON")
}
