//! What the tests that cross crates share: the judges of the field and a local AWS.
//!
//! | module | what it brings |
//! |---|---|
//! | [`tools`] | where the pinned third-party programs are |
//! | [`cfn_lint`] | cfn-lint's verdict on a batch of templates |
//! | [`checkers`] | what cdk-nag, checkov and Guard find in a template |
//! | [`parliament`] | parliament's verdict on the identity policies of templates |
//! | [`examples`] | the example systems, synthesized by their own programs |
//! | [`bundles`] | packages of functions, made by `cargo-cloudwright` on `PATH` |
//! | [`deploys`] | `cargo-cloudwright` on assemblies of a few lines, in front of the local AWS |
//! | [`screen`] | a program in a terminal, and what a person sees of it |
//! | [`relations`] | what templates say that resources do to each other |
//! | [`documents`] | what verbs print as JSON, held against its schemas |
//! | [`cdk`] | the official CDK command line on an assembly |
//! | [`engine`], [`aws`] | a real CloudFormation engine on loopback, and a signed client for it |
//! | [`browser`] | a real browser without a window |
//! | [`redis`], [`registry`] | a real Redis server and a real registry of container images on loopback |
//!
//! A test file that uses a third-party program is called `with_*.rs`: those need `cargo xtask test`, which
//! prepares the programs, and are what its `--fast` leaves out. Without the programs they fail;
//! nothing is skipped silently.

pub mod aws;
pub mod browser;
pub mod bundles;
pub mod cdk;
pub mod cfn_lint;
pub mod checkers;
pub mod deploys;
pub mod documents;
pub mod engine;
pub mod examples;
pub mod parliament;
pub mod pypicloud;
pub mod redis;
pub mod reference;
pub mod registry;
pub mod relations;
pub mod screen;
pub mod tools;
