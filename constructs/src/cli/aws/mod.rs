//! `check --aws`: what AWS's own engine says of the finished templates, and what rule files in the language of Guard say.
//!
//! The engine is `cloudformation-validate`, as the AWS CDK runs it; here it runs in the program's own process. It reads
//! templates and knows nothing of constructs, so what it finds is led back: to the construct behind a logical id, and to
//! the user's line. It asks for Rust 1.96 and compiles for minutes, so it is behind the feature `validate`; without it
//! `--aws` says how to get it.
//!
//! | file | holds |
//! |---|---|
//! | `checker` | a run over all stacks, two threads at least: the engine starts while the program runs |
//! | `engine` | AWS's engine, over one template |
//! | `guard` | rule files: read, parsed one by one, and evaluated one by one, so that a broken one costs no other |
//! | `accepted` | what the metadata of a template accepts, in the dialects that `acknowledge` writes |
//! | `codes` | the engine's rules as rules of ours, for diagnostics and `explain` |

#[cfg(feature = "validate")]
mod accepted;
#[cfg(feature = "validate")]
mod checker;
#[cfg(feature = "validate")]
mod codes;
#[cfg(feature = "validate")]
mod engine;
#[cfg(feature = "validate")]
mod guard;
#[cfg(all(test, feature = "validate"))]
mod tests;

#[cfg(not(feature = "validate"))]
mod absent;

#[cfg(not(feature = "validate"))]
pub(crate) use absent::{Checker, rule};
#[cfg(feature = "validate")]
pub(crate) use checker::Checker;
#[cfg(feature = "validate")]
pub(crate) use codes::rule;

use cloudwright_synth::Diagnostics;
use serde_json::{Value, json};

/// What was asked, and what it said.
pub(crate) struct Checked {
    pub(crate) found: Diagnostics,
    /// The engine and its release.
    engine: String,
    /// How many rules of Guard were asked.
    guard_rules: usize,
}

impl Checked {
    pub(crate) fn json(&self) -> Value {
        json!({ "engine": self.engine, "guardRules": self.guard_rules })
    }

    pub(crate) fn text(&self) -> String {
        let guard = match self.guard_rules {
            0 => String::new(),
            rules => format!(
                " and {} of Guard",
                crate::cli::findings::plural(rules, "rule")
            ),
        };
        format!("Asked AWS's rules of {}{guard}\n", self.engine)
    }
}
