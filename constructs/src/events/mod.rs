//! Rules of EventBridge: who is told when something happens, or when it is time.
//!
//! A [`Rule`] has an [`EventPattern`] or a schedule, and up to five [`Target`]s: functions, queues, topics, or
//! anything that EventBridge can start as a role. Each target lets in that one rule and no other: a function by a
//! permission that stands beside the rule, a queue and a topic by a statement of their policies.
//!
//! An event that cannot be handed over is kept. Unless said otherwise it goes where the target's own failures go: to
//! the failure queue of a function, to the dead-letter queue of a queue. A target that has neither gets a queue
//! for 14 days, beside the rule. So one place shows all that went wrong, and one alarm watches it.

mod handle;
mod pattern;
mod rule;
mod schedule;
mod target;
pub(crate) mod told;

pub use handle::RuleRef;
pub use pattern::EventPattern;
pub use rule::Rule;
pub use target::Target;

#[cfg(feature = "scheduler")]
pub(crate) use schedule::check;
#[cfg(any(
    feature = "cache-sync",
    feature = "queue-worker",
    feature = "replicated-bucket",
    feature = "scheduler"
))]
pub(crate) use schedule::rate;
