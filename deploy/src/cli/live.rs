//! The live view: below what was said, a line for each resource that is being worked on and for how long.
//!
//! It is drawn on a terminal only. Whatever is printed takes its place, and it is drawn again below.

use std::collections::BTreeMap;
use std::time::Instant;

use super::fit::row;

/// The most resources that are shown.
const MOST: usize = 12;

/// The resources being worked on.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// Since when, by stack and path, with the status.
    rows: BTreeMap<(String, String), (String, Instant)>,
    /// How many lines are drawn now.
    drawn: usize,
}

impl Live {
    /// A resource has a new status. How long it took, when it is done.
    pub(super) fn update(&mut self, stack: &str, path: &str, status: &str) -> Option<u64> {
        let key = (stack.to_owned(), path.to_owned());
        if status.ends_with("_IN_PROGRESS") {
            let row = self
                .rows
                .entry(key)
                .or_insert_with(|| (String::new(), Instant::now()));
            status.clone_into(&mut row.0);
            return None;
        }
        self.rows
            .remove(&key)
            .map(|(_, since)| since.elapsed().as_secs())
    }

    /// Nothing of a stack is being worked on any more.
    pub(super) fn end(&mut self, stack: &str) {
        self.rows.retain(|(of, _), _| of != stack);
    }

    /// Nothing is worked on any more by this program.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
    }

    /// What takes the drawn lines away.
    pub(super) fn erase(&mut self) -> String {
        match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            // The cursor may be anywhere: a terminal shows what is typed, Ctrl-C too.
            lines => format!("\r\x1b[{lines}A\x1b[0J"),
        }
    }

    /// The lines, none wider than the terminal.
    pub(super) fn draw(&mut self, width: usize) -> String {
        let line = |((_, path), (status, since)): (&(String, String), &(String, Instant))| {
            row(status, since.elapsed().as_secs(), (path, ""), width)
        };
        let mut lines: Vec<String> = self.rows.iter().take(MOST).map(line).collect();
        if let Some(more) = self.rows.len().checked_sub(MOST).filter(|more| *more > 0) {
            let more = format!("  and {more} more");
            lines.push(more.chars().take(width.saturating_sub(1)).collect());
        }
        self.drawn = lines.len();
        lines.into_iter().map(|line| line + "\n").collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_taken_away_in_full() {
        let mut live = Live::default();
        assert_eq!(
            (live.erase(), live.draw(80)),
            (String::new(), String::new())
        );
        assert_eq!(live.update("Mail", "Mail/Jobs", "CREATE_IN_PROGRESS"), None);
        assert_eq!(live.update("Mail", "Mail/News", "CREATE_IN_PROGRESS"), None);
        assert_eq!(
            live.draw(80),
            "  CREATE_IN_PROGRESS             0 s  Mail/Jobs\n  CREATE_IN_PROGRESS             0 s  Mail/News\n"
        );
        assert_eq!(
            (live.erase(), live.erase()),
            ("\r\x1b[2A\x1b[0J".to_owned(), String::new())
        );
        assert_eq!(live.update("Mail", "Mail/Jobs", "CREATE_COMPLETE"), Some(0));
        live.end("Mail");
        assert_eq!(live.draw(80), "");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_there_are_not_too_many() {
        let mut live = Live::default();
        for n in 0..20 {
            let _ = live.update(
                "Mail",
                &format!("Mail/{n:02}/{}", "é".repeat(100)),
                "CREATE_IN_PROGRESS",
            );
        }
        let drawn = live.draw(40);
        assert!(
            drawn.lines().all(|line| line.chars().count() < 40),
            "{drawn}"
        );
        assert!(drawn.ends_with("  and 8 more\n"), "{drawn}");
        assert_eq!(live.erase(), "\r\x1b[13A\x1b[0J");
    }
}
