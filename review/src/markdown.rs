//! A review as a comment for a pull request.
//!
//! GitHub refuses comments of more than 65,536 characters. So what matters most comes first, and what does not fit is
//! counted, never silently dropped.

use cloudwright_diff::{Access, Change, ElementChange, Replacement, ResourceChange};
use cloudwright_graph::Format;

use crate::model::{Finding, Part, Review, Sentence, StackReview, Status, fate};
use crate::names::shown;
use crate::words::joined;

/// The most bytes of a comment, some of which say what was left out.
const MOST: usize = 65_536;
const RESERVED: usize = 600;
/// The longest value that is shown whole.
const LONGEST_VALUE: usize = 120;
/// The most boxes of a picture in a comment.
const BOXES: usize = 60;

impl Review {
    /// The review as Markdown, of at most 65,536 bytes.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut page = Page::default();
        page.text += &heading(self);
        page.section("### Data loss and replacement", grave(self));
        let opened = access(self, Access::Opened);
        page.section(self.openings(), opened);
        page.section("### Findings", self.findings.iter().map(finding).collect());
        for stack in &self.stacks {
            let items = stack
                .mild()
                .into_iter()
                .map(|change| resource(stack, change));
            let items = items.chain(stack.diff.elements.iter().map(element));
            page.folded(&summary(stack), items.collect());
        }
        if self.baseline.is_some() {
            page.section("### No longer allowed", access(self, Access::Closed));
        }
        page.picture(self);
        page.end()
    }

    /// The title of what is allowed.
    const fn openings(&self) -> &'static str {
        match self.baseline {
            Some(_) => "### Newly allowed",
            None => "### Who may do what",
        }
    }
}

/// A comment that is being written.
#[derive(Default)]
struct Page {
    text: String,
    left_out: usize,
}

impl Page {
    fn has_room(&self, more: usize) -> bool {
        self.text.len() + more + RESERVED <= MOST
    }

    /// Adds items under a title, as many as fit.
    fn section(&mut self, title: &str, items: Vec<String>) {
        self.list((&format!("\n{title}\n\n"), ""), items);
    }

    /// Adds items that are folded away.
    fn folded(&mut self, summary: &str, items: Vec<String>) {
        let title = format!("\n<details><summary>{summary}</summary>\n\n");
        self.list((&title, "\n</details>\n"), items);
    }

    fn list(&mut self, (title, end): (&str, &str), items: Vec<String>) {
        let Some(first) = items.first() else {
            return;
        };
        if !self.has_room(title.len() + first.len() + end.len()) {
            self.left_out += items.len();
            return;
        }
        self.text += title;
        for item in items {
            match self.left_out == 0 && self.has_room(item.len() + end.len()) {
                true => self.text += &item,
                false => self.left_out += 1,
            }
        }
        self.text += end;
    }

    /// Adds the picture, where it is small enough to be looked at in a comment.
    fn picture(&mut self, review: &Review) {
        let graph = &review.picture;
        let is_news = review.baseline.is_none() || review.is_any_change();
        if !is_news || graph.nodes.is_empty() || graph.nodes.len() > BOXES {
            return;
        }
        let drawn = graph.render(Format::Mermaid);
        let picture = format!(
            "\n<details><summary>The system</summary>\n\n```mermaid\n{drawn}```\n\n</details>\n"
        );
        if self.has_room(picture.len()) {
            self.text += &picture;
        }
    }

    fn end(mut self) -> String {
        if self.left_out > 0 {
            self.text += &format!(
                "\n**{} more are left out of this comment**, which has to be shorter than 65,536 characters. The page has \
                 all: `review --format html`.\n",
                counted(self.left_out, "entry", "entries")
            );
        }
        self.text
    }
}

pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn heading(review: &Review) -> String {
    let stacks = counted(review.stacks.len(), "stack", "stacks");
    let since = match &review.baseline {
        Some(baseline) => format!(" since {}", code(baseline)),
        None => String::new(),
    };
    let mut text = format!("## Review of {stacks}{since}\n\n{}\n", verdict(review));
    if !review.unknown.is_empty() {
        let kinds: Vec<_> = review.unknown.iter().map(|kind| code(kind)).collect();
        text += &format!(
            "\nWhether {} would be replaced is not known here: this program has no facts about this type.\n",
            joined(&kinds)
        );
    }
    text
}

/// What a reader has to know first, in one sentence.
pub(crate) fn verdict(review: &Review) -> String {
    if review.baseline.is_none() {
        return match review.findings.len() {
            0 => "As it is, without a baseline; no findings.".to_owned(),
            count => format!(
                "As it is, without a baseline; {}.",
                counted(count, "finding", "findings")
            ),
        };
    }
    if !review.is_any_change() {
        return "Nothing changes.".to_owned();
    }
    let changes = || review.stacks.iter().flat_map(|stack| &stack.diff.resources);
    let of_rank = |ranks: std::ops::RangeInclusive<u8>| {
        changes()
            .filter(|change| ranks.contains(&change.rank()))
            .count()
    };
    let lost = changes()
        .filter(|change| change.data_loss.is_some())
        .count();
    let access = review.stacks.iter().flat_map(|stack| &stack.access);
    let opened = access.filter(|one| one.access == Access::Opened).count();
    let counts = [
        (of_rank(0..=0), "impossible change", "impossible changes"),
        (lost, "resource loses its data", "resources lose their data"),
        (of_rank(2..=3), "replacement", "replacements"),
        (opened, "new permission", "new permissions"),
        (review.findings.len(), "finding", "findings"),
        (of_rank(4..=4), "resource removed", "resources removed"),
        (of_rank(5..=5), "resource added", "resources added"),
        (of_rank(6..=6), "other change", "other changes"),
    ];
    let said = counts.iter().filter(|(count, ..)| *count > 0);
    let said: Vec<_> = said
        .map(|(count, one, many)| counted(*count, one, many))
        .collect();
    match said.is_empty() {
        true => "No resource changes.".to_owned(),
        false => format!("{}.", joined(&said)),
    }
}

fn grave(review: &Review) -> Vec<String> {
    let all = review.stacks.iter();
    all.flat_map(|stack| {
        stack
            .grave()
            .into_iter()
            .map(move |change| resource(stack, change))
    })
    .collect()
}

fn access(review: &Review, access: Access) -> Vec<String> {
    let all = review.stacks.iter().flat_map(|stack| &stack.access);
    all.filter(|one| one.access == access)
        .map(sentence)
        .collect()
}

fn summary(stack: &StackReview) -> String {
    let what = match stack.status {
        Status::Unchanged => "is unchanged",
        Status::Changed => "changes",
        Status::Added => "is new",
        Status::Removed => "is no longer in the program, and stays until it is deleted",
    };
    format!("Stack <code>{}</code> {what}", html(&stack.path))
}

fn resource(stack: &StackReview, change: &ResourceChange) -> String {
    let resource = stack.resource(change);
    let path = resource.map_or(change.id.as_str(), |resource| shown(&resource.path));
    let line = resource.and_then(|resource| resource.line.as_ref());
    let line = line.map_or_else(String::new, |line| format!(" at {}", code(line)));
    let mark = if change.rank() <= 1 { "**" } else { "" };
    let mut text = format!(
        "- {} {} {mark}{}{mark}{line}\n",
        code(path),
        change.kind,
        escaped(&fate(change))
    );
    if change.rank() == 5 {
        return text;
    }
    for reason in &change.because {
        let is_listed = change
            .properties
            .iter()
            .any(|property| property.path == *reason);
        if !is_listed {
            text += &format!("  - because {}\n", escaped(reason));
        }
    }
    let changes = change.properties.iter().chain(&change.attributes);
    text + &changes.map(property).collect::<String>()
}

fn element(element: &ElementChange) -> String {
    let name = match element.name.is_empty() {
        true => element.section.name().to_owned(),
        false => format!("{} {}", element.section.name(), code(&element.name)),
    };
    let changes: String = element.changes.iter().map(property).collect();
    format!("- {name}: {}\n{changes}", element.action.name())
}

fn property(change: &Change) -> String {
    let path = match change.path.as_str() {
        "" => "value",
        path => path,
    };
    let effect = match change.replacement {
        Replacement::Yes | Replacement::Impossible => " **(replaces)**",
        Replacement::Maybe => " (may replace)",
        Replacement::No => "",
    };
    let shown = |value: &serde_json::Value| code(&short(&value.to_string()));
    let values = match (&change.old, &change.new) {
        (Some(old), Some(new)) => format!("{} → {}", shown(old), shown(new)),
        (None, Some(new)) => format!("now {}", shown(new)),
        (Some(old), None) => format!("no longer {}", shown(old)),
        (None, None) => String::new(),
    };
    format!("  - {}: {values}{effect}\n", code(path))
}

/// A value that fits a line.
pub(crate) fn short(value: &str) -> String {
    match value.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

fn sentence(sentence: &Sentence) -> String {
    let parts = sentence.parts.iter().map(|part| match part {
        Part::Said(text) => escaped(text),
        Part::Name(name) => code(name),
    });
    let text = parts.collect::<String>();
    let mark = if sentence.is_wide { "**" } else { "" };
    format!("- {mark}{text}{mark}\n")
}

fn finding(finding: &Finding) -> String {
    let line = finding.line.as_ref();
    let line = line.map_or_else(String::new, |line| format!(" at {}", code(line)));
    let place = match finding.construct.as_str() {
        "" => String::new(),
        path => format!(" in {}", code(path)),
    };
    let help = match finding.help.as_str() {
        "" => String::new(),
        help => format!("\n  - {}", escaped(help)),
    };
    format!(
        "- {} {}{place}{line}{help}\n",
        code(&finding.code),
        escaped(&finding.message)
    )
}

/// A text of the program as code: Markdown takes nothing in it for markup, and nobody is called by it.
fn code(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    let runs = text.split(|letter| letter != '`').map(str::len).max();
    let fence = "`".repeat(runs.unwrap_or_default() + 1);
    match text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

/// A text in which nothing is markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            letter if letter.is_control() => safe.push(' '),
            // A name after it would be called.
            '@' => safe.push_str("@\u{200b}"),
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            letter => {
                if matches!(
                    letter,
                    '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!'
                ) {
                    safe.push('\\');
                }
                safe.push(letter);
            }
        }
    }
    safe
}

/// A text within HTML, as Markdown lets it through.
fn html(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('@', "&#64;\u{200b}");
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}
