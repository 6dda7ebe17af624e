//! How AWS names split into words: `MemoryGiBPerVCpu` is `Memory`, `GiB`, `Per`, `VCpu`.

/// Names that a split at capitals would tear apart. The longest match at a word's start wins.
const WHOLE: &[&str] = &[
    "CloudHSM",
    "DBs",
    "DDoS",
    "DynamoDB",
    "DynamoDBv2",
    "ETag",
    "FSx",
    "GBs",
    "GiB",
    "GraphQL",
    "IdC",
    "IoT",
    "IPv4",
    "IPv6",
    "KBytes",
    "KiB",
    "MBs",
    "MiB",
    "MySQL",
    "OAuth",
    "OAuth2",
    "PostgreSQL",
    "QnA",
    "RStudio",
    "SaaS",
    "SandP",
    "SerDe",
    "TiB",
    "vCpu",
    "VCpu",
    "VCpus",
    "XRay",
];

/// Splits a name into its words, as they are written.
pub fn split(name: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in name.split(|char: char| !char.is_ascii_alphanumeric()) {
        let mut rest = part;
        while !rest.is_empty() {
            let (word, tail) = rest.split_at(word_length(rest));
            words.push(word);
            rest = tail;
        }
    }
    words
}

/// The length of the first word; all of it is ASCII letters and digits.
fn word_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    if let Some(whole) = whole_word(text) {
        return whole;
    }
    let uppers = count(bytes, u8::is_ascii_uppercase);
    if uppers > 1 {
        return acronym_length(bytes, uppers);
    }
    let lowers = count(&bytes[uppers..], |byte| !byte.is_ascii_uppercase());
    (uppers + lowers).max(1)
}

/// `ARNs` and `VPC` are one word, `SSEAlgorithm` starts with `SSE`, `EC2Instance` with `EC2`.
fn acronym_length(bytes: &[u8], uppers: usize) -> usize {
    match bytes.get(uppers) {
        None => uppers,
        Some(b's') if ends_word(bytes, uppers + 1) => uppers + 1,
        Some(byte) if byte.is_ascii_lowercase() => uppers - 1,
        Some(_) => uppers + count(&bytes[uppers..], |byte| !byte.is_ascii_uppercase()),
    }
}

fn ends_word(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| !byte.is_ascii_lowercase())
}

fn whole_word(text: &str) -> Option<usize> {
    let fits = |word: &&&str| text.starts_with(**word) && ends_word(text.as_bytes(), word.len());
    WHOLE.iter().filter(fits).map(|word| word.len()).max()
}

fn count(bytes: &[u8], wanted: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| wanted(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn capitals_start_words() {
        assert_eq!(split("DelaySeconds"), ["Delay", "Seconds"]);
        assert_eq!(split("lowerCamel"), ["lower", "Camel"]);
        assert_eq!(split("XAxis"), ["X", "Axis"]);
        assert_eq!(split("TopP"), ["Top", "P"]);
    }

    #[test]
    fn acronyms_stay_whole() {
        assert_eq!(split("SSEAlgorithm"), ["SSE", "Algorithm"]);
        assert_eq!(split("KMSKeyARN"), ["KMS", "Key", "ARN"]);
        assert_eq!(split("EC2InstanceIDs"), ["EC2", "Instance", "IDs"]);
        assert_eq!(split("TargetARNs"), ["Target", "ARNs"]);
        assert_eq!(split("DNSSettings"), ["DNS", "Settings"]);
    }

    #[test]
    fn known_spellings_stay_whole() {
        assert_eq!(split("MemoryGiBPerVCpu"), ["Memory", "GiB", "Per", "VCpu"]);
        assert_eq!(split("SizeInMBs"), ["Size", "In", "MBs"]);
        assert_eq!(split("OAuth2GrantType"), ["OAuth2", "Grant", "Type"]);
        assert_eq!(split("DynamoDBv2"), ["DynamoDBv2"]);
        assert_eq!(split("FSxLustreConfig"), ["FSx", "Lustre", "Config"]);
        assert_eq!(split("ETag"), ["ETag"]);
    }

    #[test]
    fn punctuation_separates() {
        assert_eq!(split("aws:kms"), ["aws", "kms"]);
        assert_eq!(
            split("PROVISIONED_THROUGHPUT"),
            ["PROVISIONED", "THROUGHPUT"]
        );
        assert_eq!(split("*"), [""; 0]);
    }
}
