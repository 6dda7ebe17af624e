//! Which web pages may use a bucket
//! ([AWS](https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html)).

use cloudwright_synth::Scope;

use crate::cfn::s3::bucket;
use crate::rules;

/// Origins, and the methods that their pages may use.
#[derive(Clone)]
pub(super) struct Pages {
    origins: Vec<String>,
    methods: Vec<String>,
}

impl Pages {
    pub(super) fn of(origins: &[&str], methods: &[&str]) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        Self {
            origins: owned(origins),
            methods: owned(methods),
        }
    }

    fn is_open(&self) -> bool {
        self.origins.iter().any(|origin| origin == "*")
    }

    /// Says of several that one lets in everybody while another one names who may.
    pub(super) fn check_all(all: &[Self], scope: &Scope) {
        let named = all.iter().find(|pages| !pages.is_open());
        if let Some(named) = named.filter(|_| all.iter().any(Self::is_open)) {
            let message = format!(
                "pages of every origin may use the bucket, though {} are named as well",
                named.origins.join(", ")
            );
            let help = "each `.cors(..)` adds to the others: leave out the one with \"*\"";
            scope.warn(&rules::CONTRADICTION, message, help);
        }
    }

    pub(super) fn render(&self, scope: &Scope) -> bucket::CorsRule {
        if self.origins.is_empty() || self.methods.is_empty() {
            let message = format!(
                "a bucket lets pages of at least one origin use at least one method, got {} and {}",
                self.origins.len(),
                self.methods.len()
            );
            let help = "such as `.cors(&[\"https://shop.example\"], &[\"GET\"])`";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        bucket::CorsRule::new(self.methods.clone(), self.origins.clone()).allowed_headers(["*"])
    }
}
