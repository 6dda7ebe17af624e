//! The variants of a closed set of values.

use std::collections::BTreeSet;

use super::names::push_capitalised;
use super::words;

/// Names the values of one set, apart from each other: `aws:kms` is `AwsKms`, `1.0` is `V1_0`.
pub fn variants(values: &[impl AsRef<str>]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let unique = |value: &str| {
        let plain = variant(value);
        let mut name = plain.clone();
        let mut count = 2;
        while !taken.insert(name.clone()) {
            name = format!("{plain}_{count}");
            count += 1;
        }
        name
    };
    values.iter().map(AsRef::as_ref).map(unique).collect()
}

/// The name of one value; words keep their letters only, so two values may get the same.
fn variant(value: &str) -> String {
    if value.is_empty() {
        return "Empty".to_owned();
    }
    let mut out = String::new();
    for word in words::split(&spelled(value)) {
        push_capitalised(&mut out, word);
    }
    match out.as_str() {
        "" => "Other".to_owned(),
        "Self" => "Self_".to_owned(),
        _ if out.starts_with(|first: char| first.is_ascii_digit()) => format!("V{out}"),
        _ => out,
    }
}

/// Symbols that tell values apart, as words.
const SYMBOLS: &[(&str, &str)] = &[
    (">=", " GreaterOrEqual "),
    ("<=", " LessOrEqual "),
    ("!=", " NotEqual "),
    (">", " Greater "),
    ("<", " Less "),
    ("=", " Equal "),
    ("*", " Star "),
    ("+", " Plus "),
    ("%", " Percent "),
    ("$", " Dollar "),
    ("#", " Hash "),
    ("&", " And "),
];

/// The value with its telling symbols as words; a leading minus is one too.
fn spelled(value: &str) -> String {
    let mut out = match value.strip_prefix('-') {
        Some(rest) => format!("Minus {rest}"),
        None => value.to_owned(),
    };
    for (symbol, word) in SYMBOLS {
        if out.contains(symbol) {
            out = out.replace(symbol, word);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_variants() {
        assert_eq!(
            variants(&[
                "aws:kms",
                "AES256",
                "aws:kms:dsse",
                "SSE-C",
                "STANDARD_IA",
                ""
            ]),
            [
                "AwsKms",
                "Aes256",
                "AwsKmsDsse",
                "SseC",
                "StandardIa",
                "Empty"
            ]
        );
    }

    #[test]
    fn digits_keep_their_distance() {
        assert_eq!(
            variants(&["1.0", "2012-10-17", "10"]),
            ["V1_0", "V2012_10_17", "V10"]
        );
        assert_eq!(variants(&["TLSv1.2_2021"]), ["TlSv1_2_2021"]);
        assert_eq!(variants(&["python3.12"]), ["Python3_12"]);
        assert_eq!(variants(&["-1"]), ["Minus1"]);
    }

    #[test]
    fn symbols_have_names() {
        assert_eq!(
            variants(&["*", ">=", "=", "<"]),
            ["Star", "GreaterOrEqual", "Equal", "Less"]
        );
    }

    #[test]
    fn equal_names_are_counted() {
        assert_eq!(
            variants(&["ENABLED", "Enabled", "enabled"]),
            ["Enabled", "Enabled_2", "Enabled_3"]
        );
        assert_eq!(variants(&["self"]), ["Self_"]);
    }
}
