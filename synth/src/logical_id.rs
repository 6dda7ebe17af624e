//! Logical ids: a pure function of a construct's path, by the rule of the AWS CDK.
//!
//! The rule is kept exactly, so that a stack can move here from the CDK without replacing its
//! resources. Given the ids between the stack and the resource:
//!
//! 1. components called `Default` are dropped;
//! 2. a single component is used as it is, less its punctuation;
//! 3. several are joined (a component that the one before it already ends with, and `Resource`, are
//!    left out), followed by eight hex digits of the MD5 of the whole path.

/// The longest human part in front of the hash.
const HUMAN_LIMIT: usize = 240;
/// The longest logical id that CloudFormation takes.
const ID_LIMIT: usize = 255;
/// Path components that never show in an id, nor in its hash.
const HIDDEN_EVERYWHERE: &str = "Default";
/// Path components that never show in the human part of an id.
const HIDDEN_IN_HUMAN_PART: &str = "Resource";

/// The logical id of a resource at `path` below its stack; empty when no component counts.
#[must_use]
pub fn logical_id<'a>(path: impl IntoIterator<Item = &'a str>) -> String {
    let components: Vec<&str> = path
        .into_iter()
        .filter(|component| *component != HIDDEN_EVERYWHERE)
        .collect();
    if let [single] = components[..] {
        let id = alphanumeric(single);
        if id.len() <= ID_LIMIT {
            return id;
        }
    }
    if components.is_empty() {
        return String::new();
    }
    let mut id = human_part(&components);
    id.truncate(HUMAN_LIMIT);
    id.push_str(&short_hash(&components.join("/"), 8));
    id
}

fn human_part(components: &[&str]) -> String {
    let mut kept: Vec<&str> = Vec::with_capacity(components.len());
    for component in components {
        if !kept
            .last()
            .is_some_and(|previous| previous.ends_with(component))
        {
            kept.push(component);
        }
    }
    kept.retain(|component| *component != HIDDEN_IN_HUMAN_PART);
    kept.into_iter().map(alphanumeric).collect()
}

fn alphanumeric(component: &str) -> String {
    component
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect()
}

/// The first `digits` upper-case hex digits of the MD5 of `text`, at most 32.
#[must_use]
pub fn short_hash(text: &str, digits: usize) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let hash = md5::compute(text).0;
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles
        .take(digits)
        .map(|nibble| HEX[usize::from(nibble)] as char)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::logical_id;

    #[test]
    fn follows_the_cdk_on_its_own_vectors() {
        let long = "x".repeat(256);
        let long_id = format!("{}{}", "x".repeat(240), super::short_hash(&long, 8));
        let vectors: [(&[&str], &str); 15] = [
            (&["A", "Resource"], "ACCC8ACD5"),
            (&["A", "Default"], "A"),
            (&["Default", "Resource"], "Resource"),
            (&["Default", "B", "Default"], "B"),
            (&["Data", "Bucket", "Resource"], "DataBucketE6B0FAA8"),
            (
                &["FooBar", "Bar", "Foo", "Bar", "Resource"],
                "FooBarFooBar2C84F603",
            ),
            (&["x", "a--b"], "xab46B0FC26"),
            (&["My-App", "my_queue"], "MyAppmyqueue31FB2E55"),
            (&["Data", "Über", "Resource"], "DataberFD2B01D7"),
            (&["a.b"], "ab"),
            (
                &["N.NestedStack", "N.NestedStackResource"],
                "NNestedStackNNestedStackResource25BF0ED8",
            ),
            (&["K", "Q"], "KQ193C905D"),
            (&["Resource"], "Resource"),
            (&["Default"], ""),
            (&[&long], &long_id),
        ];
        for (path, id) in vectors {
            assert_eq!(logical_id(path.iter().copied()), id, "{path:?}");
        }
    }
}
