//! Resource types: words joined by `::`.

use crate::check::report::Report;
use crate::resolve::Draft;
use crate::rules;

/// The longest name of a custom resource type, after `Custom::`.
const CUSTOM_NAME: usize = 60;

/// Reports types that cannot be one, such as `sqs.Queue`.
pub(crate) fn check(report: &mut Report<'_>, draft: &Draft) {
    for resource in &draft.template.resources {
        if !is_type(&resource.kind) {
            let kind = &resource.kind;
            let message = format!("a resource type looks like \"AWS::SQS::Queue\", got {kind:?}");
            let help = "see the template reference of CloudFormation for the types";
            report.error(resource.node, &rules::BAD_TYPE, message, help);
        }
    }
}

fn is_type(kind: &str) -> bool {
    if let Some(name) = kind.strip_prefix("Custom::") {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_@-".contains(&byte);
        return (1..=CUSTOM_NAME).contains(&name.len()) && name.bytes().all(letter);
    }
    let mut words = kind.split("::");
    let is_word = |word: &str| {
        (1..=64).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    (3..=4).contains(&words.clone().count()) && words.all(is_word)
}

#[cfg(test)]
mod tests {
    use super::is_type;

    #[test]
    fn types_have_three_words() {
        for kind in [
            "AWS::SQS::Queue",
            "Custom::My-Thing@2",
            "Org::Team::Thing::MODULE",
        ] {
            assert!(is_type(kind), "{kind}");
        }
        for kind in [
            "",
            "AWS::SQS",
            "aws.sqs.Queue",
            "Custom::",
            "AWS::SQS::Que ue",
            "::::",
        ] {
            assert!(!is_type(kind), "{kind}");
        }
    }
}
