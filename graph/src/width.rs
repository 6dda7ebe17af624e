//! How wide text is, without a font: close enough to leave room for it.

/// The width of a text in pixels at a font size, a little more than common sans-serif fonts take.
pub(crate) fn of(text: &str, size: f64) -> f64 {
    text.chars().map(share).sum::<f64>() * size
}

/// The width of a letter as a share of the font size.
fn share(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.28,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | ' ' | '*' => 0.36,
        'm' | 'M' | 'W' | '%' | '@' => 0.92,
        'w' | 'G' | 'O' | 'Q' => 0.80,
        'A'..='Z' | '>' | '<' | '=' | '+' | '…' => 0.70,
        '\0'..='~' => 0.58,
        // Letters of other scripts may take the whole square.
        _ => 1.0,
    }
}
