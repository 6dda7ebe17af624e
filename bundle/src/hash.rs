//! Hashes over lists of fields.

use std::fmt::Write;

use hmac_sha256::Hash;

use crate::toml::{Table, Toml};

/// A hash over fields, each with its length before it, so that no two lists of fields run together
/// into the same bytes.
pub(crate) struct Fields(Hash);

impl Fields {
    /// A list of fields of a kind, such as `cargo/1`; the number changes when the fields' meaning
    /// does.
    pub(crate) fn new(kind: &str) -> Self {
        let mut fields = Self(Hash::new());
        fields.add(kind);
        fields
    }

    pub(crate) fn add(&mut self, field: impl AsRef<[u8]>) {
        let field = field.as_ref();
        self.0.update((field.len() as u64).to_le_bytes());
        self.0.update(field);
    }

    /// A list: its length, then its items.
    pub(crate) fn list<T: AsRef<[u8]>>(&mut self, items: impl ExactSizeIterator<Item = T>) {
        self.add(items.len().to_string());
        items.for_each(|item| self.add(item));
    }

    /// A TOML table by its meaning: neither comments nor the order of keys count.
    pub(crate) fn table(&mut self, table: &Table) {
        self.add(format!("table {}", table.len()));
        for (key, value) in table {
            self.add(key);
            self.toml(value);
        }
    }

    pub(crate) fn toml(&mut self, value: &Toml) {
        match value {
            Toml::Text(text) => {
                self.add("text");
                self.add(text);
            }
            Toml::Scalar(text) => {
                self.add("scalar");
                self.add(text);
            }
            Toml::List(items) => {
                self.add(format!("list {}", items.len()));
                items.iter().for_each(|item| self.toml(item));
            }
            Toml::Table(table) => self.table(table),
        }
    }

    /// 64 lowercase hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_run_together() {
        let hash = |fields: &[&str]| {
            let mut hash = Fields::new("test/1");
            fields.iter().for_each(|field| hash.add(field));
            hash.finish()
        };
        let lists: [&[&str]; 5] = [&["ab", "c"], &["a", "bc"], &["abc"], &["abc", ""], &[]];
        let hashes: std::collections::BTreeSet<_> = lists.into_iter().map(hash).collect();
        assert_eq!(hashes.len(), lists.len());
        assert!(hashes.iter().all(|hash| hash.len() == 64));
    }
}
