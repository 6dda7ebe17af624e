//! Context: values that configure a program from outside, looked up from a place upwards.
//!
//! What the command line gives for the whole app is kept apart from what the program sets, because
//! it wins, and because a key that nothing reads was probably misspelt.

use cloudwright_spec::sorted::Set;

use crate::diagnostic::Severity;
use crate::hint::hint;
use crate::json::Text;
use crate::rules;
use crate::tree::Tree;

impl Tree {
    /// The nearest value of a context key at or above `node`.
    pub(crate) fn context(&self, node: u32, key: &str) -> Option<Text> {
        self.note_read(key);
        let mut at = node;
        loop {
            let given: &[_] = if at == 0 { &self.given_context } else { &[] };
            let mut latest_first = given.iter().rev().chain(self.node(at).context.iter().rev());
            if let Some((_, value)) = latest_first.find(|(name, _)| name == key) {
                return Some(value.clone());
            }
            if at == 0 {
                return None;
            }
            at = self.node(at).parent;
        }
    }

    fn note_read(&self, key: &str) {
        let mut read = self.context_read.borrow_mut();
        if !read.contains(key) {
            read.insert(key.to_owned());
        }
    }
}

/// Warns of keys that were given from outside and that nothing reads.
pub(crate) fn check(tree: &mut Tree) {
    let mut read = tree.context_read.take();
    read.retain(|key| is_own(key));
    let given = tree.given_context.iter().map(|(key, _)| key.clone());
    let unread: Set<Text> = given
        .filter(|key| is_own(key) && !read.contains(&**key))
        .collect();
    let location = tree.node(0).location;
    for key in unread {
        let message = format!("context key \"{key}\" is given, and nothing reads it");
        let texts = (message, help(&key, &read));
        tree.report(
            0,
            Severity::Warning,
            &rules::UNREAD_CONTEXT,
            texts,
            location,
        );
    }
}

fn help(key: &str, read: &Set<String>) -> String {
    let names: Vec<&str> = read.as_slice().iter().map(String::as_str).collect();
    let otherwise = if names.is_empty() {
        "the program reads no context: `app.context(\"KEY\")` does".to_owned()
    } else {
        format!("the program reads {}", names.join(", "))
    };
    hint(key, names.into_iter(), &otherwise)
}

/// Keys of the AWS CDK's own start with `@` or hold a colon; its CLI passes them to every program.
fn is_own(key: &str) -> bool {
    !key.starts_with('@') && !key.contains(':')
}
