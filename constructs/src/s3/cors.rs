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
