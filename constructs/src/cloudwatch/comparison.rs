//! When a measurement is alarming.

/// How a measurement compares with a threshold to be alarming; the threshold has the metric's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparison {
    /// More than this.
    Above(f64),
    /// This or more.
    AtLeast(f64),
    /// Less than this.
    Below(f64),
    /// This or less.
    AtMost(f64),
}

impl Comparison {
    pub(super) const fn operator(self) -> &'static str {
        match self {
            Self::Above(_) => "GreaterThanThreshold",
            Self::AtLeast(_) => "GreaterThanOrEqualToThreshold",
            Self::Below(_) => "LessThanThreshold",
            Self::AtMost(_) => "LessThanOrEqualToThreshold",
        }
    }

    pub(super) const fn threshold(self) -> f64 {
        match self {
            Self::Above(threshold)
            | Self::AtLeast(threshold)
            | Self::Below(threshold)
            | Self::AtMost(threshold) => threshold,
        }
    }

    /// As it is shown in pictures: `> 5`.
    pub(super) fn describe(self) -> String {
        let sign = match self {
            Self::Above(_) => ">",
            Self::AtLeast(_) => ">=",
            Self::Below(_) => "<",
            Self::AtMost(_) => "<=",
        };
        format!("{sign} {}", self.threshold())
    }
}
