//! Aligned columns without borders: readable on a terminal, plain text in a file.

use crate::cli::color::{Look, Paint};

/// A table under construction.
pub(crate) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
    right: [bool; N],
}

impl<const N: usize> Table<N> {
    /// A table with these headings; those that start with `>` head columns of numbers.
    pub(crate) fn new(headings: [&str; N]) -> Self {
        Self {
            rows: vec![headings.map(|heading| heading.trim_start_matches('>').to_owned())],
            right: headings.map(|heading| heading.starts_with('>')),
        }
    }

    pub(crate) fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    /// The lines of the table, each ending in a line feed, the headings in bold.
    pub(crate) fn text(&self, paint: Paint) -> String {
        let widths = self.widths();
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            let line = self.line(row, &widths);
            text += &if index == 0 {
                paint.on(Look::Bold, &line)
            } else {
                line
            };
            text.push('\n');
        }
        text
    }

    fn widths(&self) -> [usize; N] {
        std::array::from_fn(|column| {
            let widths = self.rows.iter().map(|row| row[column].chars().count());
            widths.max().unwrap_or(0)
        })
    }

    fn line(&self, row: &[String; N], widths: &[usize; N]) -> String {
        let cells: Vec<String> = (0..N)
            .map(|column| {
                let (cell, width) = (&row[column], widths[column]);
                if self.right[column] {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            })
            .collect();
        cells.join("  ").trim_end().to_owned()
    }
}

/// A number with its thousands separated: `12,345`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let shown = [0, 12, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "12", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn columns_align_and_no_line_ends_in_blanks() {
        let mut table = Table::new(["Name", ">Size", "Note"]);
        table.row(["a".into(), "1".into(), String::new()]);
        table.row(["longer".into(), "1,000".into(), "x".into()]);
        let expected = "Name     Size  Note\na           1\nlonger  1,000  x\n";
        assert_eq!(table.text(Paint { enabled: false }), expected);
    }
}
