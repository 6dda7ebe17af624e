//! A number of servers, or a part of them.

use std::fmt;
use std::str::FromStr;

/// How many of the servers: so many, or so many of a hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Limit {
    /// So many servers, up to 9,999,999.
    Count(u32),
    /// So many percent of the servers, up to 100.
    Percent(u8),
}

impl Limit {
    /// Whether it is no server at all; [`super::Command::max_concurrency`] cannot be so.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        matches!(self, Self::Count(0) | Self::Percent(0))
    }
}

/// As Systems Manager writes it: `10` or `25%`.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl FromStr for Limit {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (digits, is_percent) = match text.strip_suffix('%') {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        // Systems Manager takes neither a sign nor a leading zero, which Rust's numbers would.
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_plain || digits.len() > 7 || (digits.len() > 1 && digits.starts_with('0')) {
            return Err(());
        }
        match (digits.parse().map_err(drop)?, is_percent) {
            (count, false) => Ok(Self::Count(count)),
            (percent @ 0..=100, true) => u8::try_from(percent).map(Self::Percent).map_err(drop),
            _ => Err(()),
        }
    }
}
