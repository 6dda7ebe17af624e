//! Containers that run without servers of one's own: [AWS Fargate](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate.html).
//!
//! A [`TaskDefinition`] says what runs: its [`Container`]s, what they may do (the task's role, which grants name)
//! and where they log to. A [`FargateService`] keeps so many of them running in a network and in a [`Cluster`], and
//! goes back to the version before when a new one does not start. It can be scaled, down to none, by
//! [`applicationautoscaling`](crate::applicationautoscaling).

mod cluster;
mod container;
mod health;
mod metrics;
mod service;
mod service_handle;
mod size;
mod task;
mod task_handle;

pub use cluster::{Cluster, ClusterRef};
pub use container::{Container, Image, Needs};
pub use health::HealthCheck;
pub use service::FargateService;
pub use service_handle::ServiceRef;
pub use task::TaskDefinition;
pub use task_handle::TaskDefinitionRef;
