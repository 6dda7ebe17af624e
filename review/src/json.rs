//! A review as data.

use cloudwright_diff::{Access, ResourceChange};
use serde_json::{Value, json};

use crate::model::{Finding, Review, Sentence, StackReview, fate};

impl Review {
    /// The review as a document: `{version, baseline, anyChange, broadening, destructive, unknownTypes, stacks: [{path,
    /// name, status, difference, changes: [{id, path, line, fate}], access: [{access, sentence, exactly, wide}]}],
    /// findings: [{code, title, message, help, construct, line, explanation}]}`. `difference` has the form of
    /// [`Diff::to_json`](cloudwright_diff::Diff::to_json).
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "version": 1,
            "baseline": self.baseline,
            "anyChange": self.is_any_change(),
            "broadening": self.is_broadening(),
            "destructive": self.is_destructive(),
            "unknownTypes": self.unknown,
            "stacks": self.stacks.iter().map(stack).collect::<Value>(),
            "findings": self.findings.iter().map(finding).collect::<Value>(),
        })
    }
}

fn stack(stack: &StackReview) -> Value {
    let changes = stack.grave().into_iter().chain(stack.mild());
    json!({
        "path": stack.path,
        "name": stack.name,
        "status": stack.status.name(),
        "difference": stack.diff.to_json(),
        "changes": changes.map(|one| change(stack, one)).collect::<Value>(),
        "access": stack.access.iter().map(sentence).collect::<Value>(),
    })
}

fn change(stack: &StackReview, change: &ResourceChange) -> Value {
    let resource = stack.resource(change);
    json!({
        "id": change.id,
        "path": resource.map_or(&change.id, |resource| &resource.path),
        "line": resource.and_then(|resource| resource.line.as_ref()),
        "fate": fate(change),
    })
}

fn sentence(sentence: &Sentence) -> Value {
    json!({
        "access": match sentence.access {
            Access::Opened => "opened",
            Access::Closed => "closed",
        },
        "sentence": sentence.text(),
        "exactly": sentence.exactly,
        "wide": sentence.is_wide,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "code": finding.code,
        "title": finding.title,
        "message": finding.message,
        "help": finding.help,
        "construct": finding.construct,
        "line": finding.line,
        "explanation": finding.explanation,
    })
}
