//! State machines of Step Functions, from typed states.
//!
//! A [`Flow`] is a list of named states; it begins with the first. A state says by name which one comes next, and one
//! that names none is an end. Names are checked when the app is synthesized: a step to nowhere, a state that no
//! way leads to and a flow without an end are mistakes of the program, not of a run at night.
//!
//! A [`StateMachine`] runs a flow. It acts as a role of its own, which may do what the flow's tasks do and nothing else:
//! a [`Task`] that calls a function brings the right to call that function. Every run is logged, without the data that it
//! works on, and traced. Paths such as `$.order.id` are
//! [JSONPath](https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html).

mod flow;
mod handle;
mod machine;
mod retry;
mod state;
mod task;
mod when;

pub use flow::Flow;
pub use handle::StateMachineRef;
pub use machine::StateMachine;
pub use retry::{Catch, Retry};
pub use state::{Choice, Each, Fail, Parallel, Pass, State, Succeed, Wait};
pub use task::Task;
pub use when::When;
