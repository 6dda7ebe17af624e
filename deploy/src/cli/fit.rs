//! Text that fits a terminal: long lines go on below, indented; rows of progress are cut in the middle of their path,
//! where the least is lost.

/// Where what follows the label of a help begins.
const HELP: &str = "   = help: ";

/// The least columns that a word is broken for.
const LEAST: usize = 8;

/// A text for a terminal of so many columns. Lines are broken at spaces, so names stay whole to be copied; only what is
/// wider than a line is broken within.
pub(super) fn wrapped(text: &str, columns: usize) -> String {
    let lines = text.split('\n').map(|line| line_of(line, columns));
    lines.collect::<Vec<_>>().join("\n")
}

fn line_of(line: &str, columns: usize) -> String {
    if width(line) <= columns {
        return line.to_owned();
    }
    let bare = line.trim_start();
    let own = line.len() - bare.len();
    let deeper = if line.starts_with(HELP) {
        HELP.len()
    } else {
        own + 4
    };
    let (mut text, mut at) = (" ".repeat(own), own);
    for (number, word) in bare.split(' ').enumerate() {
        if number > 0 && at + 1 + width(word) > columns {
            text += "\n";
            text += &" ".repeat(deeper);
            at = deeper;
        } else if number > 0 {
            text.push(' ');
            at += 1;
        }
        let mut rest = word;
        // What fits no line at all would be broken by the terminal, and not be indented.
        let breaks = number == 0 || at == deeper;
        let breaks = breaks && deeper + LEAST <= columns && !word.contains('\u{1b}');
        while breaks && width(rest) > columns - at {
            let (head, tail) = rest.split_at(break_of(rest, columns - at));
            text += head;
            text += "\n";
            text += &" ".repeat(deeper);
            (rest, at) = (tail, deeper);
        }
        text += rest;
        at += width(rest);
    }
    text
}

/// Where a word that is too wide is broken: after the last comma or slash of the second half of the line, or at its end.
fn break_of(word: &str, room: usize) -> usize {
    let end = word
        .char_indices()
        .nth(room)
        .map_or(word.len(), |(at, _)| at);
    let last = word[..end].rfind([',', '/']).map(|at| at + 1);
    last.filter(|at| *at > end / 2).unwrap_or(end)
}

/// How many columns a text takes; sequences that change colours take none.
fn width(text: &str) -> usize {
    let mut columns = 0;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            let _ = letters.by_ref().find(|letter| *letter == 'm');
        } else {
            columns += 1;
        }
    }
    columns
}

/// The columns of a status and the time after it: of a long status the time takes less.
const STATUS_AND_TIME: usize = 34;

/// A resource in one line: status, time, path and, where there is room, type.
pub(super) fn row(
    status: &str,
    seconds: u64,
    (path, kind): (&str, &str),
    columns: usize,
) -> String {
    // The cursor stays in the line.
    let columns = columns.saturating_sub(1);
    // The clearing up after an end has a name that is longer than all others.
    let status = status.replace("_COMPLETE_CLEANUP_IN_PROGRESS", "_CLEANUP");
    let time = time(seconds);
    let rest = STATUS_AND_TIME
        .saturating_sub(status.len())
        .max(time.len() + 1);
    let head = format!("  {status}{time:>rest$}  ");
    let path = path.strip_suffix("/Resource").unwrap_or(path);
    let room = columns.saturating_sub(width(&head));
    let both = format!("{path}  {kind}");
    let text = if !kind.is_empty() && width(&both) <= room {
        both
    } else {
        cut(path, room)
    };
    // Terminals of a few columns show the beginning.
    (head + &text).chars().take(columns).collect()
}

/// A path with what its middle loses.
fn cut(path: &str, room: usize) -> String {
    let letters: Vec<char> = path.chars().collect();
    if letters.len() <= room {
        return path.to_owned();
    }
    let kept = room.saturating_sub(1);
    let (start, end) = (kept / 3, kept - kept / 3);
    let part = |letters: &[char]| letters.iter().collect::<String>();
    part(&letters[..start]) + "…" + &part(&letters[letters.len() - end..])
}

/// A span of time as people say it.
pub(super) fn time(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_go_on_indented_and_names_stay_whole() {
        let text = "  + Worker may s3:GetObject on arn:aws:s3:::bucket\nshort\n";
        let fits = "  + Worker may\n      s3:GetObject on\n      arn:aws:s3:::bucket\nshort\n";
        assert_eq!(wrapped(text, 25), fits);
        assert_eq!(wrapped(text, 80), text);
        let help = "   = help: say `--yes`, or not";
        assert_eq!(
            wrapped(help, 24),
            "   = help: say `--yes`,\n           or not"
        );
    }

    #[test]
    fn what_is_wider_than_a_line_is_broken_within_and_indented() {
        let text = "  ~ Resource: [\"one/two\",\"three\"] -> x";
        let fits = "  ~ Resource:\n      [\"one/two\",\n      \"three\"] ->\n      x";
        assert_eq!(wrapped(text, 18), fits);
        let letters = wrapped(&format!("  {}", "é".repeat(30)), 16);
        assert!(letters.lines().all(|line| width(line) <= 16), "{letters}");
        assert_eq!(letters.matches('é').count(), 30);
        // A terminal of a few columns gets all the same.
        for columns in 0..14 {
            assert!(wrapped(text, columns).contains("three"), "{columns}");
        }
    }

    #[test]
    fn colours_take_no_room() {
        let red = "\u{1b}[1;31merror\u{1b}[0m: no";
        assert_eq!(wrapped(red, 9), red);
        assert_eq!(wrapped(red, 8), "\u{1b}[1;31merror\u{1b}[0m:\n    no");
    }

    #[test]
    fn rows_have_one_line_in_any_terminal() {
        let of = |columns| {
            let what = (
                "Uploads/Archive/DeadLetterQueue/Resource",
                "AWS::SQS::Queue",
            );
            row("CREATE_COMPLETE", 65, what, columns)
        };
        let head = "  CREATE_COMPLETE           1 m 05 s  ";
        let path = "Uploads/Archive/DeadLetterQueue";
        assert_eq!(of(140), format!("{head}{path}  AWS::SQS::Queue"));
        assert_eq!(of(80), format!("{head}{path}"));
        assert_eq!(of(60), format!("{head}Upload…eadLetterQueue"));
        let what = ("Mail/Jobs", "");
        for status in [
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "CREATE_COMPLETE",
        ] {
            assert_eq!(
                row(status, 3, what, 80).find("Mail/Jobs"),
                Some(38),
                "{status}"
            );
        }
        for columns in 0..140 {
            assert!(width(&of(columns)) <= columns.saturating_sub(1));
        }
    }

    #[test]
    fn times_are_told_as_people_say_them() {
        let table = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 m 00 s"),
            (3_725, "1 h 02 m"),
        ];
        for (seconds, said) in table {
            assert_eq!(time(seconds), said);
        }
    }
}
