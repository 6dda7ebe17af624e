//! What a person sees of a program in a terminal: it is run in one, and its lines are read from the screen.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::tools::support;

/// A command that runs another in a terminal of a width, and types a text whenever another is shown. What it needs of
/// the environment is taken along.
#[must_use]
pub fn in_terminal(program: &Command, columns: usize, typed: &[(&str, &str)]) -> Command {
    let mut command = Command::new("python3");
    command.env_clear().arg(support("terminal.py"));
    command.args([&columns.to_string(), "200", &json!(typed).to_string()]);
    command.arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command.env("TERM", "xterm-256color");
    command.current_dir(program.get_current_dir().unwrap_or(Path::new(".")));
    command
}

/// A screen without end, of some columns.
#[derive(Debug)]
pub struct Screen {
    columns: usize,
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
    /// Whether a line did not fit.
    wrapped: bool,
}

impl Screen {
    /// An empty screen.
    #[must_use]
    pub const fn new(columns: usize) -> Self {
        Self {
            columns,
            lines: Vec::new(),
            row: 0,
            column: 0,
            wrapped: false,
        }
    }

    /// Shows what a program wrote. Colours are left out.
    ///
    /// # Panics
    /// If it asks for what our programs never ask for.
    pub fn show(&mut self, written: &str) {
        let mut letters = written.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\r' => self.column = 0,
                '\n' => self.row += 1,
                '\u{1b}' => {
                    assert_eq!(letters.next(), Some('['), "a sequence that is not known");
                    let mut number = String::new();
                    let end = loop {
                        match letters.next() {
                            Some(letter) if letter.is_ascii_digit() || letter == ';' => {
                                number.push(letter);
                            }
                            end => break end,
                        }
                    };
                    self.obey(end, &number);
                }
                letter => self.put(letter),
            }
        }
    }

    fn obey(&mut self, end: Option<char>, number: &str) {
        match (end, number) {
            (Some('A'), number) => {
                let up: usize = number.parse().expect("a number of lines");
                self.row = self.row.checked_sub(up).expect("the screen has a top");
            }
            (Some('J'), "" | "0") => {
                self.lines.truncate(self.row + 1);
                if let Some(line) = self.lines.get_mut(self.row) {
                    line.truncate(self.column);
                }
            }
            // Colours.
            (Some('m'), _) => {}
            other => panic!("the sequence {other:?} is not known"),
        }
    }

    fn put(&mut self, letter: char) {
        if self.column == self.columns {
            (self.row, self.column, self.wrapped) = (self.row + 1, 0, true);
        }
        if self.lines.len() <= self.row {
            self.lines.resize(self.row + 1, Vec::new());
        }
        let line = &mut self.lines[self.row];
        if line.len() <= self.column {
            line.resize(self.column + 1, ' ');
        }
        line[self.column] = letter;
        self.column += 1;
    }

    /// What stands there, without spaces at the ends of lines.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.lines.iter();
        let lines = lines.map(|line| line.iter().collect::<String>().trim_end().to_owned());
        lines.map(|line| line + "\n").collect()
    }

    /// Whether a line was wider than the screen.
    #[must_use]
    pub const fn is_wrapped(&self) -> bool {
        self.wrapped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_erased_is_gone_and_what_is_too_wide_goes_on_below() {
        let mut screen = Screen::new(10);
        screen.show("one\r\n\u{1b}[1;31mtwo\u{1b}[0m\r\nthree\r\n");
        assert!(!screen.is_wrapped());
        screen.show("\u{1b}[2A\u{1b}[0Jfour\r\n12345678901\r\n");
        assert_eq!(screen.text(), "one\nfour\n1234567890\n1\n");
        assert!(screen.is_wrapped());
    }
}
