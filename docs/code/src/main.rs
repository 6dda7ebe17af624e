//! The guide's code: `GUIDE_BLOCK=tutorial/first-stack:20 guide synth` is the program that stands there in the page
//! `docs/src/tutorial/first-stack.md`. The lines of programs are tests.

// What stands in the guide is written to be read.
#![allow(unused, unreachable_pub, missing_docs, clippy::all)]

use std::env;
use std::process::ExitCode;

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

fn main() -> ExitCode {
    let wanted = env::var("GUIDE_BLOCK").unwrap_or_default();
    let found = PROGRAMS.iter().find(|(place, _)| *place == wanted);
    match found {
        Some((_, run)) => run(),
        None => {
            for (place, _) in PROGRAMS {
                eprintln!("{place}");
            }
            ExitCode::from(64)
        }
    }
}

/// Runs lines of a program in a stack of their own, and has them make a template without a mistake.
#[cfg(test)]
fn synthesizes<R: cloudwright::Outcome>(
    lines: impl FnOnce(&cloudwright::App, &cloudwright::Stack) -> R,
) {
    use cloudwright::testing;
    let _ = testing::synth(|app| {
        let home = cloudwright::Environment::new("111111111111", "eu-central-1");
        let stack = app.stack("Example", home);
        let done = lines(app, &stack);
        // Lines about other stacks leave this one empty, which would be a mistake.
        if stack.descendants().len() < 2 {
            use cloudwright::cfn::sqs::Queue;
            stack.add("Any", Queue::new());
        }
        done
    });
}
