//! Tests of your own stacks: assertions about templates, and snapshots of them. Feature `testing`.
//!
//! Put it among the packages that only tests use, so that a build of the program stays small:
//!
//! ```toml
//! [dev-dependencies]
//! cloudwright = { version = "0.1", features = ["testing"] }
//! ```
//!
//! [`synth`] runs the function that builds the stacks, as `main` does. A [`Template`] asserts what a stack
//! holds: with plain JSON, of which a resource may have more, or with a [`Match`]. What fails shows the
//! resource that comes nearest, its line in the program, and each difference. [`assert_snapshots!`] keeps whole
//! templates for a review.
//!
//! ```
//! use cloudwright::prelude::*;
//! use cloudwright::testing::{self, Match, Template, json};
//!
//! fn uploads(app: &App) {
//!     let stack = app.stack("Uploads", Environment::new("123456789012", "eu-central-1"));
//!     stack.add("Inbox", s3::Bucket::new());
//! }
//!
//! // In a function with `#[test]`:
//! let assembly = testing::synth(uploads);
//! let template = Template::from_stack(&assembly, "Uploads");
//! template.assert_resource_count("AWS::S3::Bucket", 1);
//! template.assert_resource_properties(
//!     "AWS::S3::Bucket",
//!     json!({ "VersioningConfiguration": { "Status": "Enabled" } }),
//! );
//! let kept = Match::object().with("DeletionPolicy", Match::regex("^Retain"));
//! template.assert_resource("AWS::S3::Bucket", kept);
//! ```
//!
//! The names are those of the CDK's
//! [assertions](https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.assertions-readme.html), with Rust's `assert_`.

mod capture;
mod matching;
mod nearest;
mod snapshots;
mod template;

use cloudwright_synth::Assembly;

#[doc(inline)]
pub use crate::assert_snapshots;
pub use capture::Capture;
#[doc(hidden)]
pub use insta;
pub use matching::Match;
pub use serde_json::{Value as Document, json};
#[doc(hidden)]
pub use snapshots::assert_snapshots_by;
pub use snapshots::{Subject, Subjects, masked};
pub use template::{Found, Template};

use crate::{App, Outcome};

/// Builds the stacks of a program and synthesizes them; warnings do not stand in the way.
///
/// # Panics
/// With everything that is wrong with the program, or when it returns an error.
#[track_caller]
pub fn synth<R: Outcome>(program: impl FnOnce(&App) -> R) -> Assembly {
    let app = App::new();
    if let Err(error) = program(&app).into_result() {
        panic!("the program failed at {}: {error}", error.location());
    }
    match app.synth() {
        Ok(assembly) => assembly,
        Err(diagnostics) => panic!("the program has mistakes:\n\n{diagnostics}"),
    }
}
