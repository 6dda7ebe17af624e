//! The order of events of the same key.

use std::fmt;

/// The `sequencer` of an event: a hexadecimal number that orders the events of one key in one
/// bucket, and says nothing across keys
/// ([event message structure](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html)).
///
/// S3 says to pad the shorter one with zeros on the right before comparing. Held without trailing
/// zeros and in lower case, the order of two is that of their texts: good for sorting here, and for
/// comparing in a DynamoDB condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequencer(String);

impl Sequencer {
    /// Takes a sequencer as it stands in an event; `None` if it is empty or not hexadecimal.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let valid = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        valid.then(|| Self(text.trim_end_matches('0').to_ascii_lowercase()))
    }

    /// Lower case, without trailing zeros.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sequencer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    /// As S3 documents it.
    fn padded(left: &str, right: &str) -> Ordering {
        let width = left.len().max(right.len());
        let pad = |text: &str| format!("{text:0<width$}").to_ascii_lowercase();
        pad(left).cmp(&pad(right))
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_padded_texts(left in "[0-9a-fA-F]{1,20}", right in "[0-9a-fA-F]{1,20}") {
            let order = Sequencer::new(&left).cmp(&Sequencer::new(&right));
            prop_assert_eq!(order, padded(&left, &right));
        }
    }

    #[test]
    fn padding_and_case_make_no_difference() {
        assert_eq!(Sequencer::new("0055AED6DC"), Sequencer::new("0055aed6dc00"));
        assert!(Sequencer::new("0055AED6DC") < Sequencer::new("0055AED6DC01"));
        assert!(Sequencer::new("9") < Sequencer::new("a"));
    }

    #[test]
    fn what_is_not_hexadecimal_orders_nothing() {
        assert_eq!(Sequencer::new(""), None);
        assert_eq!(Sequencer::new("12x"), None);
    }
}
