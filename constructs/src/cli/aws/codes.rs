//! The engine's rules and those of Guard as rules of ours, which diagnostics are about.

use cloudwright_synth::sorted::Map;
use cloudwright_synth::{Rule, Severity};
use validate_rules::lookup_rule;

use crate::cli::aws::engine::Told;

const EXPLANATION: &str = "A rule of AWS's engine cloudformation-validate, which CloudFormation's own tools share. `check --aws` asks it. \
                           Most of its codes are those of cfn-lint.";
const FIX: &str = "Change what the finding names. Where it is meant so, name the code in `cfn-lint.config.ignore_checks` of \
                   the resource's metadata, where cfn-lint reads it, too.";
const PAGE: &str = "https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/rules.md";

const GUARD: &str = "A rule of a file that was given by `--rules`.";
const GUARD_FIX: &str = "Change what the finding names. Where it is meant so, name the rule in `guard.SuppressedRules` of the \
                         resource's metadata, as `acknowledge` does.";
const GUARD_PAGE: &str = "https://docs.aws.amazon.com/cfn-guard/latest/ug/what-is-guard.html";

/// The rule of the engine with a code.
pub(crate) fn rule(code: &str) -> Option<&'static Rule> {
    let known = lookup_rule(&code.to_ascii_uppercase())?;
    let severity = match known.id.as_bytes() {
        [b'F' | b'E', ..] => Severity::Error,
        _ => Severity::Warning,
    };
    Some(kept(Rule {
        code: known.id,
        severity,
        title: known.description,
        explanation: EXPLANATION,
        fix: FIX,
        page: PAGE,
    }))
}

/// The rules that were met so far, by code.
#[derive(Default)]
pub(super) struct Codes(Map<String, &'static Rule>);

impl Codes {
    pub(super) fn of(&mut self, told: &Told) -> &'static Rule {
        self.0.or_insert_with(told.code.clone(), || {
            let known = if told.is_guard {
                None
            } else {
                rule(&told.code)
            };
            known.unwrap_or_else(|| guard_rule(&told.code))
        })
    }
}

fn guard_rule(name: &str) -> &'static Rule {
    kept(Rule {
        code: Box::leak(name.into()),
        severity: Severity::Error,
        title: "rule of Guard",
        explanation: GUARD,
        fix: GUARD_FIX,
        page: GUARD_PAGE,
    })
}

/// A rule that stays for the rest of the process, as all others do. There are as many as different codes.
fn kept(rule: Rule) -> &'static Rule {
    Box::leak(Box::new(rule))
}
