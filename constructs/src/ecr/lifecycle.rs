//! Which images a repository forgets.

use std::time::Duration;

use cloudwright_synth::{Json, Scope, Text};

use crate::rules;
use crate::units::whole_days;

/// The most rules that a repository has.
pub(super) const RULES: usize = 50;

/// Which images a repository forgets
/// ([AWS](https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html)). Keep as many as you would
/// want to go back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleRule {
    which: Which,
    limit: Limit,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Which {
    Any,
    Untagged,
    Tagged(Vec<Text>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Limit {
    Newest(u32),
    Age(Duration),
}

impl LifecycleRule {
    /// Keeps so many images, the newest, at least one.
    #[must_use]
    pub const fn keep_newest(images: u32) -> Self {
        Self {
            which: Which::Any,
            limit: Limit::Newest(images),
        }
    }

    /// Forgets images so many whole days after they were pushed.
    #[must_use]
    pub const fn expire_after(age: Duration) -> Self {
        Self {
            which: Which::Any,
            limit: Limit::Age(age),
        }
    }

    /// Of the images without a tag alone.
    #[must_use]
    pub fn untagged(mut self) -> Self {
        self.which = Which::Untagged;
        self
    }

    /// Of the images alone that have a tag like each of these, where `*` stands for any text, such as
    /// `preview-*`; 1 to 4 of them.
    #[must_use]
    pub fn tagged<T: Into<Text>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.which = Which::Tagged(patterns.into_iter().map(Into::into).collect());
        self
    }

    /// Whether it is about all images, so that it has to be the last.
    pub(super) fn is_of_any(&self) -> bool {
        self.which == Which::Any
    }

    pub(super) fn is_of_untagged(&self) -> bool {
        self.which == Which::Untagged
    }

    /// Two rules of one repository must not be about the same images alike.
    pub(super) fn same_images(&self, other: &Self) -> bool {
        self.which == other.which
    }

    /// The rule as ECR reads it, of this priority.
    pub(super) fn json(&self, scope: &Scope, priority: i64) -> Json {
        let mut selection = match &self.which {
            Which::Any => vec![("tagStatus", Json::Text("any".into()))],
            Which::Untagged => vec![("tagStatus", Json::Text("untagged".into()))],
            Which::Tagged(patterns) => {
                check_patterns(scope, patterns);
                let patterns = patterns.iter().cloned().map(Json::Text).collect();
                vec![
                    ("tagStatus", Json::Text("tagged".into())),
                    ("tagPatternList", Json::List(patterns)),
                ]
            }
        };
        let (kind, number) = match self.limit {
            Limit::Newest(images) => ("imageCountMoreThan", i64::from(images)),
            Limit::Age(age) => {
                selection.push(("countUnit", Json::Text("days".into())));
                let days = whole_days(scope, "the age of an image", age);
                ("sinceImagePushed", days)
            }
        };
        if number < 1 {
            let message = format!("a repository keeps at least one image or day, got {number}");
            let help = "such as `LifecycleRule::keep_newest(30)` or `LifecycleRule::expire_after(days(14))`";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        selection.push(("countType", Json::Text(kind.into())));
        selection.push(("countNumber", Json::Int(number)));
        Json::map([
            ("rulePriority", Json::Int(priority)),
            ("selection", Json::map(selection)),
            ("action", Json::map([("type", Json::Text("expire".into()))])),
        ])
    }
}

fn check_patterns(scope: &Scope, patterns: &[Text]) {
    let fits =
        |pattern: &Text| (1..=128).contains(&pattern.len()) && pattern.matches('*').count() <= 4;
    if !(1..=4).contains(&patterns.len()) || !patterns.iter().all(fits) {
        let message = format!(
            "a rule has 1 to 4 patterns of 1 to 128 characters with up to 4 `*` each, got {patterns:?}"
        );
        let help = "such as `.tagged([\"preview-*\"])`";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
}
