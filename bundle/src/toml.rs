//! Just enough of [TOML](https://toml.io/en/v1.0.0) to read what cargo reads.
//!
//! A reader of its own, because hashing a source is on the path of everybody's synthesis, where a
//! few hundred lines cost less than half a dozen crates. Texts, lists and tables are understood;
//! numbers, dates and truth values are kept as they are written. A test compares it with the `toml`
//! crate.

use cloudwright_spec::sorted::Map;

/// A table, sorted by key.
pub(crate) type Table = Map<String, Toml>;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Toml {
    Text(String),
    /// A number, a date, `true` or `false`, as written.
    Scalar(String),
    List(Vec<Toml>),
    Table(Table),
}

impl Toml {
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) const fn as_table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn is_true(&self) -> bool {
        matches!(self, Self::Scalar(text) if text == "true")
    }
}

/// The value at a path of keys.
pub(crate) fn at<'t>(table: &'t Table, path: &[&str]) -> Option<&'t Toml> {
    let (first, rest) = path.split_first()?;
    let value = table.get(*first)?;
    if rest.is_empty() {
        return Some(value);
    }
    at(value.as_table()?, rest)
}

/// The table at a path of keys.
pub(crate) fn table_at<'t>(table: &'t Table, path: &[&str]) -> Option<&'t Table> {
    at(table, path)?.as_table()
}

/// Reads a document; the error is the number of the line that cannot be read.
pub(crate) fn parse(text: &str) -> Result<Table, usize> {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
    };
    let mut root = Table::new();
    match reader.document(&mut root) {
        Some(()) => Ok(root),
        None => {
            let read = &text[..text.len() - reader.rest.len()];
            Err(read.matches('\n').count() + 1)
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn document(&mut self, root: &mut Table) -> Option<()> {
        let mut header = Vec::new();
        loop {
            self.skip_lines();
            if self.rest.is_empty() {
                return Some(());
            }
            if self.eat("[[") {
                header = self.key()?;
                self.expect("]]")?;
                let (last, before) = header.split_last()?;
                let empty = || Toml::List(Vec::new());
                let list = enter(root, before)?;
                match list.or_insert_with(last.clone(), empty) {
                    Toml::List(items) => items.push(Toml::Table(Table::new())),
                    _ => return None,
                }
            } else if self.eat("[") {
                header = self.key()?;
                self.expect("]")?;
                enter(root, &header)?;
            } else {
                self.pair(enter(root, &header)?)?;
            }
            self.end_of_line()?;
        }
    }

    /// `key = value`.
    fn pair(&mut self, table: &mut Table) -> Option<()> {
        let key = self.key()?;
        self.expect("=")?;
        let value = self.value()?;
        let (last, before) = key.split_last()?;
        let table = enter(table, before)?;
        table.insert(last.clone(), value).is_none().then_some(())
    }

    /// `a."b c".d`
    fn key(&mut self) -> Option<Vec<String>> {
        let mut parts = Vec::new();
        loop {
            self.skip_blanks();
            parts.push(match self.rest.as_bytes().first()? {
                b'"' | b'\'' => self.quoted()?,
                _ => self.bare(|c| c.is_ascii_alphanumeric() || "_-".contains(c))?,
            });
            self.skip_blanks();
            if !self.eat(".") {
                return Some(parts);
            }
        }
    }

    fn value(&mut self) -> Option<Toml> {
        self.skip_blanks();
        Some(match self.rest.as_bytes().first()? {
            b'"' | b'\'' => Toml::Text(self.quoted()?),
            b'[' => self.list()?,
            b'{' => self.inline_table()?,
            _ => {
                let text = self.bare(|c| !",]}#\n\r".contains(c))?;
                let text = text.trim_end();
                // Only a time may stand one blank behind its date.
                let is_one =
                    !text.contains([' ', '\t']) || text.find(' ') == Some("2026-01-01".len());
                is_one.then(|| Toml::Scalar(text.to_owned()))?
            }
        })
    }

    fn list(&mut self) -> Option<Toml> {
        self.expect("[")?;
        let mut items = Vec::new();
        loop {
            self.skip_lines();
            if self.eat("]") {
                return Some(Toml::List(items));
            }
            items.push(self.value()?);
            self.skip_lines();
            if !self.eat(",") {
                self.expect("]")?;
                return Some(Toml::List(items));
            }
        }
    }

    fn inline_table(&mut self) -> Option<Toml> {
        self.expect("{")?;
        let mut table = Table::new();
        loop {
            self.skip_lines();
            if self.eat("}") {
                return Some(Toml::Table(table));
            }
            self.pair(&mut table)?;
            self.skip_lines();
            if !self.eat(",") {
                self.expect("}")?;
                return Some(Toml::Table(table));
            }
        }
    }

    /// A text in any of the four kinds of quotes.
    fn quoted(&mut self) -> Option<String> {
        for quote in ["\"\"\"", "'''", "\"", "'"] {
            if self.eat(quote) {
                if quote.len() == 3 && !self.eat("\n") {
                    self.eat("\r\n");
                }
                return self.until(quote);
            }
        }
        None
    }

    fn until(&mut self, quote: &str) -> Option<String> {
        let (long, escapes) = (quote.len() == 3, quote.starts_with('"'));
        let mut text = String::new();
        loop {
            if self.eat(quote) {
                // One or two quotes may stand right before the closing three.
                while long && self.eat(&quote[..1]) {
                    text.push_str(&quote[..1]);
                }
                return Some(text);
            }
            match self.next()? {
                '\\' if escapes => self.escape(&mut text)?,
                '\n' if !long => return None,
                '\r' if long && self.rest.starts_with('\n') => {}
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Option<()> {
        text.push(match self.next()? {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            'e' => '\u{1b}',
            c @ ('"' | '\\') => c,
            'x' => self.code_point(2)?,
            'u' => self.code_point(4)?,
            'U' => self.code_point(8)?,
            c if c.is_whitespace() => {
                // The line goes on where the next text stands.
                self.rest = self.rest.trim_start();
                return Some(());
            }
            _ => return None,
        });
        Some(())
    }

    fn code_point(&mut self, digits: usize) -> Option<char> {
        let number = u32::from_str_radix(self.rest.get(..digits)?, 16).ok()?;
        self.rest = &self.rest[digits..];
        char::from_u32(number)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// The longest beginning of such characters; there has to be one.
    fn bare(&mut self, is_part: impl Fn(char) -> bool) -> Option<String> {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn eat(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, text: &str) -> Option<()> {
        self.skip_blanks();
        self.eat(text).then_some(())
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Skips blanks, line ends and comments.
    fn skip_lines(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
            if !self.rest.starts_with('#') {
                return;
            }
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.rest = &self.rest[end..];
        }
    }

    fn end_of_line(&mut self) -> Option<()> {
        self.skip_blanks();
        let at_end = self.rest.is_empty() || self.rest.starts_with(['\r', '\n', '#']);
        at_end.then_some(())
    }
}

/// The table at a path of keys, made where it is missing; of a list of tables its last one.
fn enter<'t>(table: &'t mut Table, path: &[String]) -> Option<&'t mut Table> {
    path.iter().try_fold(table, |table, key| {
        let empty = || Toml::Table(Table::new());
        match table.or_insert_with(key.clone(), empty) {
            Toml::Table(inner) => Some(inner),
            Toml::List(items) => match items.last_mut() {
                Some(Toml::Table(inner)) => Some(inner),
                _ => None,
            },
            Toml::Text(_) | Toml::Scalar(_) => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the `toml` crate reads, in our shape.
    fn judge(value: &::toml::Value) -> Toml {
        use ::toml::Value;
        match value {
            Value::String(text) => Toml::Text(text.clone()),
            Value::Array(items) => Toml::List(items.iter().map(judge).collect()),
            Value::Table(table) => Toml::Table(
                table
                    .iter()
                    .map(|(key, value)| (key.clone(), judge(value)))
                    .collect(),
            ),
            other => Toml::Scalar(other.to_string()),
        }
    }

    fn agree(text: &str) {
        let expected = judge(&::toml::Value::Table(text.parse().unwrap()));
        assert_eq!(parse(text).map(Toml::Table), Ok(expected), "{text}");
    }

    #[test]
    fn documents_read_as_the_toml_crate_reads_them() {
        for text in [
            "",
            "# nothing",
            "a = 1\nb = true # yes\nc = \"x # y\"\r\nd = -1.5",
            "a.b.\"c d\" = 'x\\y'\na.e = []",
            "[a]\nb = { c = 1, d = { e = \"f\" } }\n[a.g]\nh = 2",
            "[[p]]\nn = \"a\"\n[p.q]\nr = 1\n[[p]]\nn = \"b\"",
            "l = [\n  \"a\", # first\n  'b',\n  [1, 2],\n]",
            "t = \"\"\"\none \\\n   two\n\"quoted\"\"\"\"\nu = '''\n\\raw'''",
            "e = \"\\t\\u00e4\\U0001F600\\\\\\\"\"",
            "[target.'cfg(any(unix, windows))'.dependencies]\nlibc = \"0.2\"",
            "[ a . b ]\n c . d = 1",
            "d = 1979-05-27T07:32:00Z # then",
            "a = { }\nb = [ { x = 1 }, { y = 2 } ]",
        ] {
            agree(text);
        }
    }

    #[test]
    fn the_manifests_and_the_lock_of_this_workspace_read_the_same() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let mut read = 0;
        for file in ["Cargo.toml", "Cargo.lock", "synth/Cargo.toml", "deny.toml"] {
            // A published package comes without its neighbours.
            if let Ok(text) = std::fs::read_to_string(root.unwrap().join(file)) {
                agree(&text);
                read += 1;
            }
        }
        assert!(read == 4 || read == 0, "{read}");
    }

    #[test]
    fn what_is_no_toml_is_refused_at_its_line() {
        for (text, line) in [
            ("a", 1),
            ("a = ", 1),
            ("a = 1\nb = \"x\ny\"", 3),
            ("[a\nb = 1", 1),
            ("a = 1\na = 2", 2),
            ("\n\na = [1, 2", 3),
            ("a = \"\\q\"", 1),
            ("a = 1 b = 2", 1),
            ("a = 1\n[a.b]", 2),
        ] {
            assert_eq!(parse(text), Err(line), "{text}");
        }
    }
}
