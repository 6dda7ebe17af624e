//! The name that was probably meant: one rule for every "did you mean".

/// How many names are compared before giving up: a hint never makes a check slow.
const MOST_NAMES: usize = 2_000;

/// How many letters a slip changes at the most.
const MOST_EDITS: usize = 6;

/// The nearest of `names`, if one is near enough to be meant: a third of the letters may be wrong. Of several the
/// first by the alphabet.
pub fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wrong: Vec<char> = wrong.to_lowercase().chars().collect();
    // A word of which every letter is another one is another word.
    let most = (wrong.len().max(3) / 3)
        .min(MOST_EDITS)
        .min(wrong.len().saturating_sub(1));
    let near = names.into_iter().take(MOST_NAMES).filter_map(|name| {
        let edits = edits(&wrong, name, most)?;
        Some((edits, name))
    });
    near.min().map(|(_, name)| name)
}

/// How many letters have to be changed, added, taken away, or exchanged with the next one, whatever their case
/// (optimal string alignment); nothing if more than `most`.
fn edits(wrong: &[char], name: &str, most: usize) -> Option<usize> {
    let name: Vec<char> = name.to_lowercase().chars().collect();
    if name.len().abs_diff(wrong.len()) > most {
        return None;
    }
    let mut before = vec![0; name.len() + 1];
    let mut last: Vec<usize> = (0..=name.len()).collect();
    let mut row = last.clone();
    for (line, letter) in wrong.iter().enumerate() {
        row[0] = line + 1;
        for (column, with) in name.iter().enumerate() {
            let changed = last[column] + usize::from(letter != with);
            let mut least = changed.min(last[column + 1] + 1).min(row[column] + 1);
            let is_exchanged =
                line > 0 && column > 0 && *letter == name[column - 1] && wrong[line - 1] == *with;
            if is_exchanged {
                least = least.min(before[column - 1] + 1);
            }
            row[column + 1] = least;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    let edits = last[name.len()];
    (edits <= most).then_some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_another_word_is_not() {
        let names = ["BucketName", "BucketEncryption", "QueueUrl", "Tags", "Arn"];
        for (wrong, meant) in [
            ("BuketName", Some("BucketName")),
            ("BuckteName", Some("BucketName")),
            ("bucketname", Some("BucketName")),
            ("QueueURL", Some("QueueUrl")),
            ("Tag", Some("Tags")),
            ("Anr", Some("Arn")),
            ("QueueName", None),
            ("Topic", None),
            ("T", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, names), meant, "{wrong}");
        }
        assert_eq!(nearest("Mail", []), None);
    }

    #[test]
    fn letters_are_counted_and_not_bytes() {
        assert_eq!(nearest("Größe", ["Grösse", "Größen"]), Some("Größen"));
        assert_eq!(
            edits(&['k', 'i', 't', 't', 'e', 'n'], "sitting", 3),
            Some(3)
        );
        assert_eq!(edits(&['k', 'i', 't', 't', 'e', 'n'], "sitting", 2), None);
    }
}
