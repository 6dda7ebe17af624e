//! The differences as text: what hurts first.

use std::fmt::Write as _;

use cloudwright_spec::sorted::sort_by_cached_key;
use serde_json::Value;

use crate::model::{
    Access, Action, Change, DataLoss, Diff, Direction, ElementChange, NetworkChange, Permission,
    PolicyKind, Reason, Replacement, ResourceChange,
};

/// How the text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Letters only: for files and pipes.
    #[default]
    Plain,
    /// With the colours of a terminal (ANSI).
    Colored,
}

/// What a line is about, which gives it its colour.
#[derive(Clone, Copy)]
enum Tone {
    Bad,
    Added,
    Removed,
    Changed,
    Title,
}

impl Tone {
    /// The parameters of the terminal's "select graphic rendition" sequence: colours of its own palette that are read on
    /// a light ground and on a dark one.
    const fn code(self) -> &'static str {
        match self {
            Self::Bad => "1;31",
            Self::Added => "32",
            Self::Removed => "31",
            Self::Changed => "35",
            Self::Title => "1",
        }
    }
}

/// What a line may begin with that tells what happens.
const MARKS: [char; 4] = ['+', '-', '~', '±'];

/// The longest value that is shown whole.
const LONGEST_VALUE: usize = 160;

impl Diff {
    /// The differences for a reader: data loss and replacement first, then the other resources,
    /// openings of IAM and security groups, and the other sections. Empty when nothing differs.
    #[must_use]
    pub fn to_text(&self, style: Style) -> String {
        let mut page = Page {
            text: String::new(),
            style,
        };
        page.warnings(&self.resources);
        page.resources(&self.resources);
        page.permissions(&self.permissions);
        page.network(&self.network);
        page.elements(&self.elements);
        page.text
    }
}

struct Page {
    text: String,
    style: Style,
}

impl Page {
    fn line(&mut self, tone: Tone, indent: usize, text: &str) {
        let _ = write!(self.text, "{:indent$}", "");
        let code = tone.code();
        // What is bad is red as a whole; else a colour is that of the mark, and text has the reader's own.
        let colored = match tone {
            Tone::Bad | Tone::Title => text.len(),
            Tone::Added | Tone::Removed | Tone::Changed => {
                let mark = text.chars().next().filter(|letter| MARKS.contains(letter));
                mark.map_or(0, char::len_utf8)
            }
        };
        let (mark, rest) = text.split_at(colored);
        let _ = match self.style {
            Style::Colored if colored > 0 => {
                writeln!(self.text, "\u{1b}[{code}m{mark}\u{1b}[0m{rest}")
            }
            Style::Plain | Style::Colored => writeln!(self.text, "{text}"),
        };
    }

    fn title(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.line(Tone::Title, 0, text);
    }

    fn warnings(&mut self, resources: &[ResourceChange]) {
        let lost = resources.iter().filter(|change| change.data_loss.is_some());
        let lost: Vec<_> = lost.collect();
        if !lost.is_empty() {
            self.title("Data loss");
            lost.iter()
                .for_each(|change| self.line(Tone::Bad, 2, &loss(change)));
        }
        let impossible = |change: &&ResourceChange| change.replacement == Replacement::Impossible;
        let impossible: Vec<_> = resources.iter().filter(impossible).collect();
        if !impossible.is_empty() {
            self.title("Impossible changes");
            for change in impossible {
                let text = format!("! {}  {}", change.id, change.kind);
                self.line(Tone::Bad, 2, &text);
                change
                    .because
                    .iter()
                    .for_each(|reason| self.line(Tone::Bad, 6, reason));
            }
        }
    }

    fn resources(&mut self, resources: &[ResourceChange]) {
        if resources.is_empty() {
            return;
        }
        self.title("Resources");
        let mut ranked: Vec<&ResourceChange> = resources.iter().collect();
        sort_by_cached_key(&mut ranked, |change| change.rank());
        for change in ranked {
            let (mark, tone) = mark(change);
            let text = format!("{mark} {}  {}{}", change.id, change.kind, fate(change));
            self.line(tone, 2, &text);
            if matches!(change.action, Action::Modify | Action::Rename) {
                self.reasons(change);
                self.changes(&change.properties);
                self.changes(&change.attributes);
            }
        }
    }

    fn reasons(&mut self, change: &ResourceChange) {
        if change.replacement == Replacement::Impossible {
            return;
        }
        // A property that replaces is marked where it is listed.
        let listed = |reason: &&String| !change.properties.iter().any(|one| one.path == **reason);
        for reason in change.because.iter().filter(listed) {
            self.line(Tone::Changed, 6, &format!("because {reason}"));
        }
    }

    fn changes(&mut self, changes: &[Change]) {
        for change in changes {
            let (tone, text) = change_text(change);
            self.line(tone, 6, &text);
        }
    }

    fn permissions(&mut self, permissions: &[Permission]) {
        for (access, title) in [
            (Access::Opened, "IAM: newly allowed"),
            (Access::Closed, "IAM: no longer allowed"),
        ] {
            let of_kind = permissions
                .iter()
                .filter(|permission| permission.access == access);
            let of_kind: Vec<_> = of_kind.collect();
            if of_kind.is_empty() {
                continue;
            }
            self.title(title);
            for permission in of_kind {
                let (mark, tone) = access_mark(access);
                self.line(tone, 2, &format!("{mark} {}", permission_text(permission)));
            }
        }
    }

    fn network(&mut self, network: &[NetworkChange]) {
        if network.is_empty() {
            return;
        }
        self.title("Security groups");
        for change in network {
            let (mark, tone) = access_mark(change.access);
            self.line(tone, 2, &format!("{mark} {}", network_text(change)));
        }
    }

    fn elements(&mut self, elements: &[ElementChange]) {
        let mut section = None;
        for element in elements {
            if section != Some(element.section) {
                section = Some(element.section);
                self.title(element.section.name());
            }
            let (mark, tone) = action_mark(element.action);
            if !element.name.is_empty() {
                self.line(tone, 2, &format!("{mark} {}", element.name));
            }
            if element.name.is_empty() || element.action == Action::Modify {
                self.changes(&element.changes);
            }
        }
    }
}

fn loss(change: &ResourceChange) -> String {
    let how = match change.data_loss {
        Some(DataLoss::MaybeReplaced) => "may be replaced, and the old one would be deleted",
        Some(DataLoss::Replaced) => "is replaced, and the old one is deleted",
        _ => "is deleted",
    };
    let id = change.old_id.as_ref().unwrap_or(&change.id);
    format!("! {id}  {} {how} with its data", change.kind)
}

impl ResourceChange {
    /// What comes first: 0 impossible, 1 lost, 2 replaced, 3 perhaps replaced, 4 removed, 5 added, 6 changed.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match (self.replacement, self.data_loss, self.action) {
            (Replacement::Impossible, _, _) => 0,
            (_, Some(_), _) => 1,
            (Replacement::Yes, _, _) => 2,
            (Replacement::Maybe, _, _) => 3,
            (_, _, Action::Remove) => 4,
            (_, _, Action::Add) => 5,
            _ => 6,
        }
    }
}

impl Permission {
    /// The permission on one line, with actions, resources and principals as the policy has them.
    #[must_use]
    pub fn to_line(&self) -> String {
        permission_text(self)
    }
}

impl NetworkChange {
    /// The rule on one line.
    #[must_use]
    pub fn to_line(&self) -> String {
        network_text(self)
    }
}

fn mark(change: &ResourceChange) -> (char, Tone) {
    match (change.action, change.replacement) {
        (_, Replacement::Impossible) => ('!', Tone::Bad),
        (_, Replacement::Yes) => ('±', Tone::Bad),
        (_, Replacement::Maybe) => ('±', Tone::Changed),
        (action, Replacement::No) => action_mark(action),
    }
}

const fn action_mark(action: Action) -> (char, Tone) {
    match action {
        Action::Add => ('+', Tone::Added),
        Action::Remove => ('-', Tone::Removed),
        Action::Modify | Action::Rename => ('~', Tone::Changed),
    }
}

const fn access_mark(access: Access) -> (char, Tone) {
    match access {
        // More rights are what a reader has to look at.
        Access::Opened => ('+', Tone::Bad),
        Access::Closed => ('-', Tone::Added),
    }
}

fn fate(change: &ResourceChange) -> String {
    let mut words = Vec::new();
    if let Some(old) = &change.old_id {
        words.push(format!("renamed from {old}, so made anew"));
    } else {
        match change.replacement {
            Replacement::Yes => words.push("replaced".to_owned()),
            Replacement::Maybe => words.push("may be replaced".to_owned()),
            Replacement::Impossible => words.push("cannot be replaced".to_owned()),
            Replacement::No => {}
        }
    }
    if change.is_kept {
        words.push("the old one is kept, no longer managed".to_owned());
    }
    if words.is_empty() {
        String::new()
    } else {
        format!("  ({})", words.join("; "))
    }
}

fn change_text(change: &Change) -> (Tone, String) {
    let path = if change.path.is_empty() {
        "value"
    } else {
        &change.path
    };
    let (tone, text) = match (&change.old, &change.new) {
        (Some(old), Some(new)) => {
            let values = format!("{} -> {}", value(old), value(new));
            (Tone::Changed, format!("~ {path}: {values}"))
        }
        (None, Some(new)) => (Tone::Added, format!("+ {path}: {}", value(new))),
        (Some(old), None) => (Tone::Removed, format!("- {path}: {}", value(old))),
        (None, None) => (Tone::Changed, format!("~ {path}")),
    };
    let effect = match change.replacement {
        Replacement::Yes | Replacement::Impossible => "  (replaces)",
        Replacement::Maybe => "  (may replace)",
        Replacement::No => "",
    };
    (tone, format!("{text}{effect}"))
}

/// A value on one line, cut where it is long.
fn value(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn permission_text(permission: &Permission) -> String {
    let list = |items: &[String]| items.join(", ");
    let who = list(&permission.subjects());
    let actions = list(&permission.actions);
    if permission.kind == PolicyKind::Managed {
        return format!("{who} has the policy {actions}");
    }
    let verb = match (permission.denies, permission.access) {
        (false, _) => "may",
        (true, Access::Opened) => "is no longer denied",
        (true, Access::Closed) => "is denied",
    };
    let objects = list(&permission.objects());
    let object = match permission.kind {
        PolicyKind::Trust => format!("as role {objects}"),
        _ => format!("on {objects}"),
    };
    let mut text = format!("{who} {verb} {actions} {object}");
    if !permission.conditions.is_empty() {
        let _ = write!(text, " if {}", permission.conditions.join(" and "));
    }
    if permission.reason != Reason::Statement {
        let _ = write!(text, "  ({})", reason_text(permission));
    }
    text
}

fn reason_text(permission: &Permission) -> &'static str {
    match (permission.reason, permission.access) {
        (Reason::Statement, _) => "statement",
        (Reason::Actions, _) => "other actions",
        (Reason::Resources, _) => "other resources",
        (Reason::Principals, _) => "other principals",
        (Reason::Conditions, Access::Opened) => "fewer or other conditions",
        (Reason::Conditions, Access::Closed) => "more or other conditions",
    }
}

fn network_text(change: &NetworkChange) -> String {
    let (direction, side) = match change.direction {
        Direction::In => ("in", "from"),
        Direction::Out => ("out", "to"),
    };
    let ports = match change.ports.as_str() {
        "all" => "all ports".to_owned(),
        ports => format!("port {ports}"),
    };
    let (group, protocol, peer) = (&change.group, &change.protocol, &change.peer);
    format!("{group} {direction}: {protocol}, {ports}, {side} {peer}")
}
