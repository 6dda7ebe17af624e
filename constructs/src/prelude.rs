//! Everything that a stack usually needs: `use cloudwright::prelude::*;`.

pub use std::process::ExitCode;

// Its method `raw`, not its name.
pub use cloudwright_synth::Builder as _;
pub use cloudwright_synth::{
    Aspect, Check, Condition, Construct, Environment, FileAsset, HasArn, IntoValue, Json, Mapping,
    Output, Parameter, Pseudo, RawResource, Regions, RemovalPolicy, ResourceRef, Scope, Stack,
    Stage, TagRule, Test, Value, json,
};

#[cfg(feature = "apigatewayv2")]
pub use crate::apigatewayv2;
#[cfg(feature = "autoscaling")]
pub use crate::autoscaling;
#[cfg(feature = "dynamodb")]
pub use crate::dynamodb;
#[cfg(feature = "ec2")]
pub use crate::ec2;
#[cfg(feature = "ecr")]
pub use crate::ecr;
#[cfg(feature = "ecs")]
pub use crate::ecs;
#[cfg(feature = "events")]
pub use crate::events;
pub use crate::iam::{self, Principal, Statement};
#[cfg(feature = "cache-sync")]
pub use crate::patterns::CacheSync;
#[cfg(feature = "notified-queue")]
pub use crate::patterns::NotifiedQueue;
#[cfg(feature = "processing-pipeline")]
pub use crate::patterns::ProcessingPipeline;
#[cfg(feature = "replicated-bucket")]
pub use crate::patterns::ReplicatedBucket;
#[cfg(feature = "ssm-sync-fleet")]
pub use crate::patterns::SsmSyncFleet;
#[cfg(feature = "scheduler")]
pub use crate::scheduler;
#[cfg(feature = "secretsmanager")]
pub use crate::secretsmanager;
#[cfg(feature = "ssm")]
pub use crate::ssm;
#[cfg(feature = "stepfunctions")]
pub use crate::stepfunctions;
pub use crate::{
    Acknowledge, App, Configure, Defaults, Finding, MiB, NamingScheme, Operation, cfn, cloudwatch,
    days, hours, kms, lambda, logs, minutes, s3, seconds, sns, sqs,
};
