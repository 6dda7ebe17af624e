//! Whether the sink lets the worker in, before the first message is taken.

use std::time::Duration;

use cloudwright_contract::Worker as Plan;
use tokio::time::timeout;

use super::ports::Sink;
use crate::failure::{Class, Failure};
use crate::journal::Journal;

/// How long the sink may take to say whether it lets the worker in.
const CHECK: Duration = Duration::from_secs(30);

/// Asks the sink: what may pass is not waited for.
///
/// # Errors
///
/// If it says what would make every object fail. A refusal is counted, as nothing else would tell of a worker that ends
/// before it has taken a message.
pub async fn let_in<C, K: Sink<C>>(sink: &K, journal: &Journal) -> Result<(), Failure> {
    // A second time, should it have been this machine's clock.
    for is_last in [false, true] {
        let Ok(Err(failure)) = timeout(CHECK, sink.check()).await else {
            return Ok(());
        };
        journal.failure("", &failure);
        match failure.class {
            Class::AccessDenied if !is_last => {}
            Class::AccessDenied => {
                journal.counts(&[(Plan::NOT_LET_IN, 1)]);
                return Err(failure);
            }
            Class::NotFound | Class::Refused => return Err(failure),
            _ => return Ok(()),
        }
    }
    Ok(())
}
