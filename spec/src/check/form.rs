//! Forms of text that have a name: dates, networks, and the names and ARNs of resources.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::OnceLock;

use crate::chars::Chars;

/// The forms that cfn-lint knows, by what the text refers to.
const REFERENCES: &[(&str, &str)] = &[
    (
        "AWS::ACM::Certificate.Arn",
        r"arn:aws[\-A-Za-z]*:acm:[\-0-9a-z]+:[0-9]{12}:certificate/.+",
    ),
    ("AWS::EC2::Image.Id", "ami-([0-9a-z]{8}|[0-9a-z]{17})"),
    (
        "AWS::EC2::SecurityGroup.Id",
        "sg-([0-9A-Fa-f]{8}|[0-9A-Fa-f]{17})",
    ),
    (
        "AWS::EC2::SecurityGroup.Name",
        r"[ !#$&(-;=@A-Z\[\]_a-z{}]+",
    ),
    (
        "AWS::EC2::Subnet.Id",
        "subnet-([0-9A-Fa-f]{8}|[0-9A-Fa-f]{17})",
    ),
    ("AWS::EC2::VPC.Id", "vpc-([0-9A-Fa-f]{8}|[0-9A-Fa-f]{17})"),
    (
        "AWS::IAM::Role.Arn",
        r"arn:aws[\-A-Za-z]*:iam::[0-9]{12}:role/.+",
    ),
    ("AWS::KMS::Alias.AliasName", r"alias/[\-/-:A-Z_a-z]+"),
    (
        "AWS::KMS::Key.Arn",
        r"arn:aws[\-A-Za-z]*:kms:[\-0-9a-z]+:[0-9]{12}:(key|alias)/.+",
    ),
    ("AWS::KMS::Key.Id", KMS_KEY_ID),
    (
        "AWS::Lambda::Function.Arn",
        r"arn:aws[\-A-Za-z]*:lambda:[\-0-9a-z]+:[0-9]{12}:function:.+",
    ),
    ("AWS::Logs::LogGroup.Name", r"[#\--9A-Z_a-z]{1,512}"),
    (
        "AWS::S3::Bucket.Name",
        r"(!.*\.\.|.*\-\.|.*\.\-)[0-9a-z][\-.0-9a-z]{1,61}[0-9a-z]",
    ),
    (
        "AWS::SNS::Topic.Arn",
        r"arn:aws[\-A-Za-z]*:sns:[\-0-9a-z]+:[0-9]{12}:.+",
    ),
];

/// The forms of [`REFERENCES`], each parsed once: a large app asks for them thousands of times.
static PARSED: [OnceLock<Option<Chars>>; REFERENCES.len()] =
    [const { OnceLock::new() }; REFERENCES.len()];

const KMS_KEY_ID: &str = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|alias/[\-/-9A-Z_a-z]+";

const DATE_TIME: &str = r"[0-9]{4}-(0[1-9]|1[0-2])-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+\-][+\-]?([01][0-9]|2[0-3]):[0-5][0-9])";

/// Whether `text` has the form of what `target` (such as `AWS::IAM::Role.Arn`) names; `None`
/// when that has no known form.
pub(super) fn is_reference(target: &str, text: &str) -> Option<bool> {
    let index = REFERENCES
        .binary_search_by(|(name, _)| (*name).cmp(target))
        .ok()?;
    let parsed = PARSED[index].get_or_init(|| Chars::parse(REFERENCES[index].1).ok());
    Some(parsed.as_ref().is_some_and(|chars| chars.matches(text)))
}

/// The form of what `target` names, when it is known.
pub(super) fn of_reference(target: &str) -> Option<&'static str> {
    let index = REFERENCES.binary_search_by(|(name, _)| (*name).cmp(target));
    index.ok().map(|index| REFERENCES[index].1)
}

/// Whether `text` has the named form; a name that is not known refuses nothing.
pub(super) fn is_form(form: &str, text: &str) -> bool {
    match form {
        "date-time" => matches(DATE_TIME, text),
        "ipv4-network" => is_ipv4_network(text),
        "ipv6-network" => is_ipv6_network(text),
        _ => true,
    }
}

/// The named form in words.
pub(super) fn words(form: &str) -> &str {
    match form {
        "date-time" => "a date and time such as 2030-01-31T12:00:00Z",
        "ipv4-network" => "an IPv4 network such as 10.0.0.0/16, host bits zero",
        "ipv6-network" => "an IPv6 network such as 2001:db8::/56, host bits zero",
        other => other,
    }
}

fn matches(chars: &str, text: &str) -> bool {
    Chars::parse(chars).is_ok_and(|chars| chars.matches(text))
}

/// Address and prefix length or mask; an address alone is a network of one.
fn is_ipv4_network(text: &str) -> bool {
    let (address, mask) = text.split_once('/').unwrap_or((text, "32"));
    let Ok(address) = address.parse::<Ipv4Addr>() else {
        return false;
    };
    let length = match mask.parse::<Ipv4Addr>() {
        Ok(mask) => mask_length(u32::from(mask)),
        Err(_) => decimal(mask),
    };
    let host = |length: u32| u32::MAX.checked_shr(length).unwrap_or(0);
    length.is_some_and(|length| length <= 32 && u32::from(address) & host(length) == 0)
}

fn is_ipv6_network(text: &str) -> bool {
    let (address, length) = text.split_once('/').unwrap_or((text, "128"));
    let Ok(address) = address.parse::<Ipv6Addr>() else {
        return false;
    };
    let host = |length: u32| u128::MAX.checked_shr(length).unwrap_or(0);
    decimal(length).is_some_and(|length| length <= 128 && u128::from(address) & host(length) == 0)
}

fn decimal(text: &str) -> Option<u32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

fn mask_length(mask: u32) -> Option<u32> {
    let length = mask.leading_ones();
    (mask.checked_shl(length).unwrap_or(0) == 0).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_understood() {
        assert!(REFERENCES.is_sorted_by(|a, b| a.0 < b.0));
        for (_, chars) in REFERENCES {
            assert!(Chars::parse(chars).is_ok(), "{chars}");
        }
    }

    #[test]
    fn references() {
        let role = "AWS::IAM::Role.Arn";
        assert_eq!(
            is_reference(role, "arn:aws-cn:iam::123456789012:role/r"),
            Some(true)
        );
        assert_eq!(is_reference(role, "my-role"), Some(false));
        assert_eq!(is_reference("AWS::Other::Thing.Id", "x"), None);
        let bucket = "AWS::S3::Bucket.Name";
        for (name, is_name) in [
            ("abc", true),
            ("a.b-c", true),
            ("ab", false),
            ("Abc", false),
        ] {
            assert_eq!(is_reference(bucket, name), Some(is_name), "{name}");
        }
        for name in ["a..b", "a-.b", "a.-b", "-ab", "ab-", ".ab"] {
            assert_eq!(is_reference(bucket, name), Some(false), "{name}");
        }
    }

    #[test]
    fn dates_and_networks() {
        assert!(is_form("date-time", "2030-01-31T12:00:00Z"));
        assert!(!is_form("date-time", "2030-01-31"));
        for (text, is_network) in [
            ("10.0.0.0/16", true),
            ("10.0.0.1/16", false),
            ("10.0.0.1", true),
            ("0.0.0.0/0", true),
            ("10.0.0.0/255.255.0.0", true),
            ("10.0.0.0/33", false),
            ("10.0.0.0/+8", false),
            ("ten", false),
        ] {
            assert_eq!(is_form("ipv4-network", text), is_network, "{text}");
        }
        assert!(is_form("ipv6-network", "2001:db8::/56") && is_form("ipv6-network", "::/0"));
        assert!(!is_form("ipv6-network", "2001:db8::1/56"));
    }
}
