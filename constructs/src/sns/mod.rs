//! Topics of the Simple Notification Service.
//!
//! A [`Topic`] (or a [`FifoTopic`]) tells its subscribers of every message, or of those that pass
//! their [filter](FilterPolicy). It takes messages over encrypted connections only, and signs what
//! it delivers with SHA-256. A subscription belongs to its subscriber: it stands beside the queue or
//! the function, lets the topic in there, and waits until it is let in, so that no message is lost
//! in between and topic and queue may be in different stacks.

mod endpoint;
mod filter;
mod handle;
mod subscription;
mod targets;
mod topic;

pub use filter::{FilterPolicy, Match};
pub use handle::{FifoTopicRef, TopicRef, TopicRefOf};
pub use subscription::{FifoSubscription, Subscription, SubscriptionOf};
pub use topic::{FifoTopic, Topic, TopicOf};

pub use crate::delivery::{Delivery, Fifo, Standard};
