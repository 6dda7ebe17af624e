//! The known name that a misspelt one probably means.

/// Returns the nearest of `names`, if one is near enough to be meant.
pub fn nearest<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wrong = wrong.to_lowercase();
    let allowed = 1 + wrong.chars().count() / 4;
    let near = names.filter_map(|name| {
        let distance = distance(&wrong, &name.to_lowercase());
        (distance <= allowed).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters have to be changed, added or taken away.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, with) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *with);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_found_and_another_is_not() {
        let names = ["BucketName", "BucketEncryption", "Tags"];
        assert_eq!(nearest("BuketName", names.into_iter()), Some("BucketName"));
        assert_eq!(nearest("bucketname", names.into_iter()), Some("BucketName"));
        assert_eq!(nearest("Tag", names.into_iter()), Some("Tags"));
        assert_eq!(nearest("QueueName", names.into_iter()), None);
    }
}
