//! Physical names that are known at synthesis and unique by construction.

use crate::logical_id::short_hash;
use crate::scope::Scope;

/// How many hash digits keep names of different constructs apart.
const HASH_DIGITS: usize = 8;

impl Scope {
    /// A name for a real resource, made of the stack's name and the construct's path: lower-case
    /// letters, digits and dashes, at most `limit` characters, ending in a hash of the whole path.
    ///
    /// Two constructs never share a name in one account and region, and a construct keeps its name
    /// for as long as it keeps its path and its stack keeps its name.
    #[must_use]
    pub fn physical_name(&self, limit: usize) -> String {
        let stack = self.stack().physical_name();
        let path = self
            .tree
            .read(|tree| tree.path_in_stack(self.node).join("/"));
        let words = kebab(&format!("{stack}-{path}"));
        let hash = short_hash(&format!("{stack}/{path}"), HASH_DIGITS).to_ascii_lowercase();
        let room = limit.saturating_sub(HASH_DIGITS + 1);
        let human = words[..words.len().min(room)].trim_end_matches('-');
        if human.is_empty() {
            hash
        } else {
            format!("{human}-{hash}")
        }
    }
}

/// `MyApp/HTTPServer_2` becomes `my-app-http-server-2`.
fn kebab(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut words = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(index + 1);
        let ends_acronym = before.is_some_and(|before| before.is_ascii_uppercase())
            && after.is_some_and(char::is_ascii_lowercase);
        let starts_word = letter.is_ascii_uppercase()
            && (before
                .is_some_and(|before| before.is_ascii_lowercase() || before.is_ascii_digit())
                || ends_acronym);
        if !letter.is_ascii_alphanumeric() || starts_word {
            push_dash(&mut words);
        }
        if letter.is_ascii_alphanumeric() {
            words.push(letter.to_ascii_lowercase());
        }
    }
    words.trim_end_matches('-').to_owned()
}

fn push_dash(words: &mut String) {
    if !words.is_empty() && !words.ends_with('-') {
        words.push('-');
    }
}

#[cfg(test)]
mod tests {
    use super::kebab;

    #[test]
    fn splits_words_where_a_reader_would() {
        for (text, words) in [
            ("Uploads-Data/Bucket", "uploads-data-bucket"),
            ("MyApp/HTTPServer_2", "my-app-http-server-2"),
            ("a//b--c", "a-b-c"),
            ("Sha256Sum", "sha256-sum"),
        ] {
            assert_eq!(kebab(text), words);
        }
    }
}
