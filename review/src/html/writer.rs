//! The only thing that writes markup.
//!
//! Markup is text of this crate, which its type says: `&'static str`. Everything else goes through [`Html::text`] or
//! [`Html::attribute`] and is escaped. So a construct that is called `<script>` is a construct that is called `<script>`.

use cloudwright_graph::Graph;
use serde_json::Value;

/// How hard to pack: more takes time and saves little.
const LEVEL: u8 = 4;

/// A page that is being written.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// Adds markup.
    pub(super) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0 += markup;
        self
    }

    /// Adds a text, whatever is in it.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            match letter {
                '&' => self.0 += "&amp;",
                '<' => self.0 += "&lt;",
                '>' => self.0 += "&gt;",
                '"' => self.0 += "&quot;",
                '\'' => self.0 += "&#39;",
                '\n' | '\t' => self.0.push(letter),
                // HTML has no way to write them, and some turn the direction of what follows.
                letter if letter.is_control() || is_direction(letter) => self.0.push('\u{fffd}'),
                letter => self.0.push(letter),
            }
        }
        self
    }

    /// Adds a text between an opening and a closing tag.
    pub(super) fn element(
        &mut self,
        open: &'static str,
        text: &str,
        close: &'static str,
    ) -> &mut Self {
        self.markup(open).text(text).markup(close)
    }

    /// Adds an attribute to the tag that is open.
    pub(super) fn attribute(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.markup(" ")
            .markup(name)
            .markup("=\"")
            .text(value)
            .markup("\"")
    }

    /// Adds a picture, which escapes its own texts.
    pub(super) fn picture(&mut self, graph: &Graph) -> &mut Self {
        self.0 += &graph.part();
        self
    }

    /// Adds a list of data for the script: JSON, deflated, in Base64. Nothing in it can end the element that it is in, and
    /// templates, which repeat themselves, take a tenth of their room.
    pub(super) fn data<'v>(&mut self, data: impl Iterator<Item = &'v Value>) -> &mut Self {
        let items: Vec<_> = data.map(Value::to_string).collect();
        let list = format!("[{}]", items.join(","));
        let packed = miniz_oxide::deflate::compress_to_vec(list.as_bytes(), LEVEL);
        self.0 += &base64(&packed);
        self
    }

    pub(super) fn end(self) -> String {
        self.0
    }
}

/// Base64, as policies write hashes and scripts read data.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| u32::from(chunk.get(place).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > chunk.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    text
}

/// Whether a letter changes the direction in which others are shown.
const fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_of_a_text_is_markup() {
        let mut html = Html::default();
        html.markup("<b")
            .attribute("title", "\"'>")
            .markup(">")
            .text("<i>&\u{202e}\u{0}")
            .markup("</b>");
        assert_eq!(
            html.end(),
            "<b title=\"&quot;&#39;&gt;\">&lt;i&gt;&amp;\u{fffd}\u{fffd}</b>"
        );
    }

    #[test]
    fn data_never_ends_its_element_and_stays_what_it_is() {
        let mut html = Html::default();
        let data = json!({ "name": "</script><!--\u{2028}" });
        html.data([&data].into_iter());
        let written = html.end();
        let is_base64 = |letter: char| letter.is_ascii_alphanumeric() || "+/=".contains(letter);
        assert!(written.chars().all(is_base64), "{written}");
    }

    #[test]
    fn hashes_are_written_as_policies_want_them() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
