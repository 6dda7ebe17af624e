//! Schedules of EventBridge Scheduler: what is done when it is time.
//!
//! A [`Schedule`] tells one [`Target`]: again and again, by a `cron(..)` in a time zone of its own, or once. It is newer
//! than the schedules of [rules](crate::events::Rule): it knows time zones, beginnings and ends, windows that
//! spread the load, and takes millions of schedules, which a program may make by itself in a [`ScheduleGroup`].
//!
//! A schedule acts as a role, by itself one of its own, which only schedules of its group in this account may assume
//! and which may do that one thing. What cannot be handed over is kept as rules keep it: where the target's own failures
//! go, or else in a queue beside the schedule for 14 days.

mod expression;
mod group;
mod schedule;
mod target;

pub use group::{ScheduleGroup, ScheduleGroupRef};
pub use schedule::{Schedule, ScheduleRef};
pub use target::Target;
