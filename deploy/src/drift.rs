//! Drift: what somebody changed by hand, past CloudFormation.
//!
//! Only properties that the template sets are compared, and only of types that CloudFormation can compare.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html>

use crate::cloud::{Clock, Drift, Formation};
use crate::pace::{Pace, patiently};
use crate::problem::Problem;

/// Has CloudFormation compare a stack with the real resources, and gives those that differ.
///
/// # Errors
/// When it is refused, or the comparison fails.
pub async fn of_stack(
    formation: &dyn Formation,
    clock: &dyn Clock,
    stack: &str,
) -> Result<Vec<Drift>, Problem> {
    let detection = patiently(clock, || formation.detect_drift(stack)).await?;
    let mut pace = Pace::new();
    while !patiently(clock, || formation.is_drift_detected(&detection)).await? {
        pace.wait(clock).await;
    }
    Ok(patiently(clock, || formation.drifts(stack)).await?)
}
