//! The Cloud Development Kit for Rust: write a stack in Rust, review and deploy CloudFormation.

mod app;
mod arn;
mod checks;
mod cli;
#[cfg(any(feature = "apigatewayv2", feature = "lambda-more"))]
mod cors;
mod delivery;
mod error;
mod main_fn;
pub mod operation;
mod order;
mod package;
mod plaintext;
mod reach;
mod units;

pub mod acknowledge;
#[cfg(feature = "apigatewayv2")]
pub mod apigatewayv2;
#[cfg(feature = "applicationautoscaling")]
pub mod applicationautoscaling;
#[cfg(feature = "autoscaling")]
pub mod autoscaling;
pub mod cloudwatch;
pub mod defaults;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(feature = "ec2")]
pub mod ec2;
#[cfg(feature = "ecr")]
pub mod ecr;
#[cfg(feature = "ecs")]
pub mod ecs;
#[cfg(feature = "events")]
pub mod events;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod logs;
#[cfg(any(
    feature = "cache-sync",
    feature = "notified-queue",
    feature = "processing-pipeline",
    feature = "replicated-bucket",
    feature = "ssm-sync-fleet"
))]
pub mod patterns;
pub mod prelude;
pub mod rules;
pub mod s3;
#[cfg(feature = "scheduler")]
pub mod scheduler;
#[cfg(feature = "secretsmanager")]
pub mod secretsmanager;
pub mod sns;
pub mod sqs;
#[cfg(feature = "ssm")]
pub mod ssm;
#[cfg(feature = "stepfunctions")]
pub mod stepfunctions;
#[cfg(feature = "testing")]
pub mod testing;

pub use cloudwright_cfn as cfn;
pub use cloudwright_synth::*;

pub use app::App;

pub use acknowledge::{Acknowledge, Finding};
pub use defaults::{Configure, Defaults, NamingScheme};
pub use error::Error;
pub use main_fn::{Outcome, main};
pub use operation::Operation;
pub use units::{MiB, days, hours, minutes, seconds};
