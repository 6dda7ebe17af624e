//! Large programs: the work grows with their size, and no faster.

mod support;

use std::time::{Duration, Instant};

use cloudwright_synth::{App, ResourceRef, Scope, TagRule, Value, json};
use support::{findings_of, home, queue};

/// `count` queues, each reading and waiting for the one before, with tags and outputs.
fn chain(count: usize) -> App {
    let app = App::new();
    let stack = app.stack("S", home());
    stack.tag_where(TagRule::new("team", "mail"));
    let mut before: Option<cloudwright_synth::Handle> = None;
    for i in 0..count {
        let mut this = queue().property("Position", json!({ "of": [count as i64, i as i64] }));
        if let Some(before) = &before {
            let arn: Value<String> = before.attribute("Arn");
            this = this.property("Before", arn + "/*");
        }
        let this = stack.add(format!("Queue{i}"), this);
        if let Some(before) = &before {
            this.depends_on(before);
        }
        before = Some(this);
    }
    app
}

fn seconds(app: App) -> Duration {
    let start = Instant::now();
    let found = findings_of(app);
    assert!(
        found
            .iter()
            .all(|finding| finding.rule.code.starts_with("CW02")),
        "{found}"
    );
    start.elapsed()
}

/// Asserts that eight times the work takes far less than the sixty-four times of quadratic work.
fn assert_linear(build: impl Fn(usize) -> App, small: usize) {
    seconds(build(small));
    let few = (0..3)
        .map(|_| seconds(build(small)))
        .min()
        .unwrap()
        .max(Duration::from_millis(2));
    let many = seconds(build(8 * small));
    assert!(many < few * 32, "{small}: {few:?}, {}: {many:?}", 8 * small);
}

#[test]
fn ten_thousand_resources_in_linear_time() {
    assert_linear(chain, 1_250);
}

#[test]
fn a_circle_of_ten_thousand_in_linear_time() {
    let circle = |count: usize| {
        let app = App::new();
        let stack = app.stack("S", home());
        for i in 0..count {
            let next = format!("Q{}", (i + 1) % count);
            stack.add(
                format!("Q{i}"),
                queue().property("Next", json!({ "Ref": next })),
            );
        }
        app
    };
    let found = findings_of(circle(10_000));
    assert!(found.iter().any(|finding| finding.rule.code == "CW0103"));
    let timed = |count: usize| {
        let app = circle(count);
        let start = Instant::now();
        drop(findings_of(app));
        start.elapsed()
    };
    let few = (0..3)
        .map(|_| timed(1_250))
        .min()
        .unwrap()
        .max(Duration::from_millis(2));
    let many = timed(10_000);
    assert!(many < few * 32, "{few:?} {many:?}");
}

#[test]
fn ten_thousand_children_of_one_construct_and_a_thousand_levels() {
    assert_linear(
        |count| {
            let app = App::new();
            let stack = app.stack("S", home());
            let mut scope: Scope = (*stack).clone();
            for i in 0..count.min(200) {
                scope = scope.add(format!("L{i}"), queue()).scope().clone();
            }
            for i in 0..count {
                stack.add(format!("C{i}"), queue());
            }
            app
        },
        1_250,
    );
}

#[test]
fn many_values_between_two_stacks_in_linear_time() {
    assert_linear(
        |count| {
            let app = App::new();
            let (source, reader) = (app.stack("Source", home()), app.stack("Reader", home()));
            for i in 0..count {
                let made = source.add(format!("Q{i}"), queue());
                reader.add(format!("R{i}"), queue().property("V", made.reference()));
            }
            app
        },
        500,
    );
}
