//! Makes texts that a `chars` pattern accepts, within a range of lengths.

use cloudwright_spec::Chars;

use super::random::Random;

/// Characters to try, the plainest first.
const POOL: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./:@+= ,;#%&*()[]{}<>?!$^|~'\"`\\\t\n";

enum What {
    Atom(Vec<char>),
    Group(Vec<Vec<Item>>),
    /// A condition; what is made is checked as a whole.
    Nothing,
}

struct Item {
    what: What,
    min: usize,
    max: usize,
}

/// A text that the pattern accepts, with `min..=max` characters; `None` when none was found.
pub fn sample(pattern: &str, min: usize, max: usize, random: &mut Random) -> Option<String> {
    let judge = Chars::parse(pattern).ok()?;
    let mut rest = pattern;
    let all = alternatives(&mut rest)?;
    let stretches = [0, 1, 2, 3, 5, 8, 12, 16, 20, 24, 32, 36, 40, 64, 100, min];
    for stretch in stretches {
        for _ in 0..24 {
            let mut text = String::new();
            write_alternatives(&mut text, &all, stretch, random);
            let length = text.chars().count();
            if (min..=max).contains(&length) && text.trim() == text && judge.matches(&text) {
                return Some(text);
            }
        }
    }
    None
}

fn write_alternatives(out: &mut String, all: &[Vec<Item>], stretch: usize, random: &mut Random) {
    for item in &all[random.below(all.len())] {
        let optional = item.min == 0 && random.once_in(2);
        let count = match optional {
            true => 0,
            false => item.max.min(item.min + stretch),
        };
        for _ in 0..count {
            match &item.what {
                What::Atom(members) => out.extend(pick(members, random)),
                What::Group(inner) => write_alternatives(out, inner, stretch.min(2), random),
                What::Nothing => {}
            }
        }
    }
}

/// Mostly letters: texts that look like text trip over fewer rules.
fn pick(members: &[char], random: &mut Random) -> Option<char> {
    let plain = members
        .iter()
        .take_while(|char| char.is_ascii_lowercase())
        .count();
    let among = if plain > 0 { plain } else { members.len() };
    members.get(random.below(among)).copied()
}

fn alternatives(rest: &mut &str) -> Option<Vec<Vec<Item>>> {
    let mut all = vec![sequence(rest)?];
    while take(rest, "|") {
        all.push(sequence(rest)?);
    }
    Some(all)
}

fn sequence(rest: &mut &str) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    while !rest.is_empty() && !rest.starts_with(['|', ')']) {
        let what = what(rest)?;
        let (min, max) = count(rest)?;
        items.push(Item { what, min, max });
    }
    Some(items)
}

fn what(rest: &mut &str) -> Option<What> {
    if take(rest, "(!") || take(rest, "(=") {
        group(rest)?;
        return Some(What::Nothing);
    }
    if take(rest, "(") {
        return group(rest).map(What::Group);
    }
    if take(rest, "^") || take(rest, "$") {
        return Some(What::Nothing);
    }
    let length = atom_length(rest)?;
    let (atom, tail) = rest.split_at(length);
    *rest = tail;
    let judge = Chars::parse(atom).ok()?;
    let pool = POOL
        .chars()
        .filter(|char| judge.matches(char.encode_utf8(&mut [0; 4])));
    let mut members: Vec<char> = pool.collect();
    if members.is_empty() {
        members.extend(atom.chars().next_back());
    }
    Some(What::Atom(members))
}

fn group(rest: &mut &str) -> Option<Vec<Vec<Item>>> {
    let inner = alternatives(rest)?;
    take(rest, ")").then_some(inner)
}

/// The length of a character, an escape or a bracketed set.
fn atom_length(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    match first {
        '\\' => escape_length(text),
        '[' => {
            let mut at = 1;
            while !text[at..].starts_with(']') {
                at += match text[at..].starts_with('\\') {
                    true => escape_length(&text[at..])?,
                    false => text[at..].chars().next()?.len_utf8(),
                };
            }
            Some(at + 1)
        }
        other => Some(other.len_utf8()),
    }
}

fn escape_length(text: &str) -> Option<usize> {
    if text.starts_with("\\u{") {
        return text.find('}').map(|end| end + 1);
    }
    text[1..].chars().next().map(|char| 1 + char.len_utf8())
}

fn count(rest: &mut &str) -> Option<(usize, usize)> {
    for (sign, counts) in [
        ("?", (0, 1)),
        ("*", (0, usize::MAX)),
        ("+", (1, usize::MAX)),
    ] {
        if take(rest, sign) {
            return Some(counts);
        }
    }
    if !take(rest, "{") {
        return Some((1, 1));
    }
    let (inner, tail) = rest.split_once('}')?;
    *rest = tail;
    match inner.split_once(',') {
        None => inner.parse().ok().map(|count| (count, count)),
        Some((min, "")) => Some((min.parse().ok()?, usize::MAX)),
        Some((min, max)) => Some((min.parse().ok()?, max.parse().ok()?)),
    }
}

fn take(rest: &mut &str, text: &str) -> bool {
    match rest.strip_prefix(text) {
        Some(tail) => {
            *rest = tail;
            true
        }
        None => false,
    }
}
