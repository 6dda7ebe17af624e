//! Writing a handler's environment: what was chosen, and nothing that equals its default.

/// Collects variables in the order in which they are documented.
pub(crate) struct Writer<V, L> {
    literal: L,
    pub(crate) written: Vec<(String, V)>,
}

impl<V, L: Fn(String) -> V> Writer<V, L> {
    pub(crate) const fn new(literal: L) -> Self {
        Self {
            literal,
            written: Vec::new(),
        }
    }

    pub(crate) fn value(&mut self, name: String, value: Option<V>) {
        self.written.extend(value.map(|value| (name, value)));
    }

    pub(crate) fn text(&mut self, name: String, text: String) {
        if !text.is_empty() {
            let text = (self.literal)(text);
            self.value(name, Some(text));
        }
    }

    pub(crate) fn number(&mut self, name: &str, number: u64, default: u64) {
        if number != default {
            self.text(name.to_owned(), number.to_string());
        }
    }
}

/// The name of a variable of the item at this index of a list: `DESTINATION_1_BUCKET`.
pub(crate) fn indexed(list: &str, index: usize, field: &str) -> String {
    format!("{list}_{}_{field}", index + 1)
}
