//! How wide text is, without a font: room for it in the widest of the usual sans-serif fonts, DejaVu Sans, so that it fits
//! whatever font is there.

/// How heavy letters are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weight {
    Plain,
    Bold,
}

/// The most pixels that a text takes at a font size.
pub(crate) fn of(text: &str, size: f64, weight: Weight) -> f64 {
    let share = |letter| {
        let (plain, bold) = shares(letter);
        match weight {
            Weight::Plain => plain,
            Weight::Bold => bold,
        }
    };
    text.chars().map(share).sum::<f64>() * size
}

/// The width of a letter as a share of the font size, plain and bold.
fn shares(letter: char) -> (f64, f64) {
    match letter {
        'i' | 'j' | 'l' => (0.28, 0.35),
        'I' | 'J' | ' ' | '.' | ',' | '\'' => (0.32, 0.38),
        'f' | '(' | ')' | '[' | ']' | '/' | '\\' | '|' | '-' | ':' | ';' | '!' => (0.41, 0.46),
        'r' | 't' => (0.42, 0.50),
        'c' | 's' | 'z' | 'L' | '?' | '*' | '_' | '`' | '"' => (0.56, 0.64),
        'a' | 'e' | 'k' | 'o' | 'v' | 'x' | 'y' | 'E' | 'F' | 'T' => (0.64, 0.69),
        'w' | '#' | '+' | '<' | '=' | '>' | '^' | '~' => (0.84, 0.93),
        'm' | 'M' | 'W' | '%' | '@' | '…' => (1.00, 1.11),
        'D' | 'G' | 'H' | 'N' | 'O' | 'Q' | 'U' | '&' => (0.79, 0.88),
        'P' | 'S' | 'Y' => (0.64, 0.74),
        'A'..='Z' => (0.70, 0.78),
        '\0'..='~' => (0.64, 0.73),
        // Some letters of other scripts are wider than the square.
        _ => (1.08, 1.23),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What DejaVu Sans 2.37 takes, as its tables say.
    #[test]
    fn text_has_the_room_that_the_widest_font_takes_and_little_more() {
        for (text, size, weight, taken) in [
            ("NetStorageSync notifies", 11.0, Weight::Plain, 132.854),
            ("MoreForBacklog", 13.0, Weight::Bold, 119.044),
        ] {
            let room = of(text, size, weight);
            assert!((taken..taken * 1.06).contains(&room), "{text}: {room}");
        }
        assert!(of("Ж", 1.0, Weight::Bold) > 1.224);
    }
}
