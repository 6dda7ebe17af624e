//! The name that was probably meant.

/// How many candidates are compared before giving up: hints never make a check slow.
const MOST_CANDIDATES: usize = 2_000;

/// The candidate nearest to `name`, when one is near enough to be a likely slip.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = (name.len() / 3 + 1)
        .min(6)
        .min(name.len().saturating_sub(1));
    candidates
        .take(MOST_CANDIDATES)
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= allowed)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `did you mean X?`, or another sentence where nothing is near.
pub(crate) fn hint<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(name, candidates) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => otherwise.to_owned(),
    }
}

/// How many letters must change, ignoring case.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<u8> = b.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = usize::from(x.to_ascii_lowercase() != *y);
            let cost = (diagonal + change).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_slips_and_nothing_else() {
        let names = || ["QueueUrl", "BucketName", "Arn"].into_iter();
        assert_eq!(nearest("QueueURL", names()), Some("QueueUrl"));
        assert_eq!(nearest("BuckteName", names()), Some("BucketName"));
        assert_eq!(nearest("Topic", names()), None);
        assert_eq!(nearest("", names()), None);
    }
}
