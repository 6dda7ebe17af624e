//! Ranges of addresses.

use cloudwright_synth::Scope;

use crate::rules;

/// A range of IPv4 addresses, such as `10.0.0.0/16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    start: u32,
    prefix: u32,
}

impl Range {
    /// Reads a range; `None` when it is none, or when its address is not its first.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address: std::net::Ipv4Addr = address.parse().ok()?;
        let is_plain = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix: u32 = prefix
            .parse()
            .ok()
            .filter(|prefix| is_plain && *prefix <= 32)?;
        let start = u32::from(address);
        let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or_default();
        (start & mask == start).then_some(Self { start, prefix })
    }

    pub(super) const fn prefix(self) -> u32 {
        self.prefix
    }

    /// One of the `2^bits` equal parts.
    pub(super) const fn part(self, bits: u32, index: u32) -> Self {
        let prefix = self.prefix + bits;
        Self {
            start: self.start + (index << (32 - prefix)),
            prefix,
        }
    }

    pub(super) fn text(self) -> String {
        format!("{}/{}", std::net::Ipv4Addr::from(self.start), self.prefix)
    }
}

/// Reports a text that is no range of IPv4 addresses.
#[track_caller]
pub(super) fn check(scope: &Scope, text: &str) -> Option<Range> {
    let range = Range::parse(text);
    if range.is_none() {
        let message = format!(
            "a range of addresses is the first of them and how many bits they share, such as \"10.0.0.0/16\", got \"{text}\""
        );
        let help = "one address alone is a range of 32 bits: \"192.0.2.7/32\"";
        scope.error(&rules::BAD_NETWORK, message, help);
    }
    range
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn a_range_is_split_into_equal_parts() {
        let range = Range::parse("10.1.0.0/16").unwrap();
        assert_eq!(range.part(3, 0).text(), "10.1.0.0/19");
        assert_eq!(range.part(3, 6).text(), "10.1.192.0/19");
        assert_eq!(range.part(3, 6).part(3, 1).text(), "10.1.196.0/22");
    }

    #[test]
    fn only_ranges_that_begin_at_their_first_address_are_read() {
        for text in [
            "10.0.0.0",
            "10.0.0.1/16",
            "10.0.0.0/33",
            "10.0.0/16",
            "x/8",
            "10.0.0.0/+8",
        ] {
            assert_eq!(Range::parse(text), None, "{text}");
        }
        assert_eq!(Range::parse("0.0.0.0/0").unwrap().prefix(), 0);
    }
}
