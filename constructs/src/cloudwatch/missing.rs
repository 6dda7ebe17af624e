//! What a missing measurement means to an alarm.

/// What a period without a measurement counts as
/// ([AWS](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingData {
    /// All is well: right for what is counted only when it happens.
    #[default]
    NotBreaching,
    /// Something is wrong: right for a heartbeat.
    Breaching,
    /// The alarm stays as it is.
    Ignore,
    /// The alarm has insufficient data.
    Missing,
}

impl MissingData {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::NotBreaching => "notBreaching",
            Self::Breaching => "breaching",
            Self::Ignore => "ignore",
            Self::Missing => "missing",
        }
    }
}
