//! Telling CloudFormation, in the time that is left.

use std::time::Duration;

use tokio::time::sleep;

use crate::deadline::Deadline;
use crate::failure::{Class, Failure};

/// The pause after the first try; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Who takes answers.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Addressee {
    /// Puts an answer to a presigned URL.
    ///
    /// # Errors
    /// If it was not taken, after one try. The text does not tell the URL: who has it can answer.
    async fn put(&self, url: &str, body: &str) -> Result<(), Failure>;
}

/// Delivers an answer, trying again whatever may work another time.
///
/// # Errors
/// If it was not taken.
pub async fn deliver(
    to: &impl Addressee,
    url: &str,
    body: &str,
    deadline: &Deadline,
) -> Result<(), Failure> {
    let mut pause = FIRST_PAUSE;
    loop {
        let outcome = deadline.limit(to.put(url, body)).await;
        let Err(failure) = outcome else { return Ok(()) };
        let may_pass = matches!(
            failure.class,
            Class::Throttled | Class::ServiceFailed | Class::Unreachable
        );
        if !may_pass || deadline.remaining() <= pause {
            return Err(failure);
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
