//! Tags: their number, and the letters and length of keys and values.

use crate::check::report::Report;
use crate::json::Text;
use crate::resolve::Draft;
use crate::rules;

/// Tags of one stack or resource.
const MOST_TAGS: usize = 50;
/// Characters of a key.
const KEY: usize = 128;
/// Characters of a value.
const VALUE: usize = 256;

/// Reports the tags of a stack that CloudFormation refuses.
pub(crate) fn check_stack(report: &mut Report<'_>, draft: &Draft) {
    let Some(stack) = report.tree.stack(draft.node) else {
        return;
    };
    if stack.tags.len() > MOST_TAGS {
        let message = format!(
            "a stack has at most {MOST_TAGS} tags, got {}",
            stack.tags.len()
        );
        report.error(
            draft.node,
            &rules::BAD_TAG,
            message,
            "tag the resources instead",
        );
    }
    for (key, value) in &stack.tags {
        judge(report, draft.node, key, value);
    }
}

/// Reports the tags that constructs hand down to resources and that no service takes.
pub(crate) fn check_rules(report: &mut Report<'_>) {
    for (node, data) in report.tree.nodes.iter().enumerate() {
        for rule in &data.tags {
            judge(report, node as u32, rule.key(), rule.value());
        }
    }
}

fn judge(report: &mut Report<'_>, node: u32, key: &Text, value: &Text) {
    let length = key.chars().count();
    let problem = if length == 0 || length > KEY {
        format!("the key of a tag has 1 to {KEY} characters, got {length}")
    } else if key
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    {
        format!("the key of a tag does not start with \"aws:\", got \"{key}\"")
    } else if value.chars().count() > VALUE {
        let length = value.chars().count();
        format!("the value of tag \"{key}\" has at most {VALUE} characters, got {length}")
    } else {
        return;
    };
    report.error(node, &rules::BAD_TAG, problem, "change the tag");
}
