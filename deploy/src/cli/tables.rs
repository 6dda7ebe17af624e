//! What somebody may do, and what security groups let through, as tables: each statement and rule that comes or goes
//! is a row.
//!
//! In a terminal a table is as wide as that at most. A long name goes on below then, after a character that ends a
//! part of it. Anywhere else names stay whole, however wide that makes their column.

use std::fmt::Write as _;

use cloudwright_diff::{Access, Diff, Direction, NetworkChange, Permission, PolicyKind, Reason};
use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};

use super::text::{BOLD, DIM, GREEN, Page, RED};

/// The heading of the column of actions.
const ACTIONS: &str = "Actions";

/// The heading of what is new about a statement of which there was another before; it has to have room.
const DIFFERS: &str = "Differs in";
const ROOMY: usize = 100;

/// The widest action that is never broken: of all that a statement says it is what is searched for.
const WHOLE_ACTION: usize = 24;

/// Where a name may go on in the next line. It takes no room, and is taken out of the finished table.
const BREAK: char = '\u{200b}';

/// The characters that parts of names end in.
const ENDS: [char; 8] = [' ', ':', '/', ',', '.', '=', '-', '_'];

/// Where the lines of a table begin.
const INDENT: usize = 2;

/// The narrowest terminal that six columns are still read in.
const NARROWEST: usize = 60;

/// The permissions and rules of a difference as tables, and the difference without them. In a terminal that is too
/// narrow for tables they stay what they were.
pub(super) fn taken_out_of(diff: &mut Diff, page: Page) -> Vec<String> {
    if page.columns.is_some_and(|columns| columns < NARROWEST) {
        return Vec::new();
    }
    let permissions = std::mem::take(&mut diff.permissions);
    let (policies, statements): (Vec<_>, Vec<_>) = permissions
        .iter()
        .partition(|permission| permission.kind == PolicyKind::Managed);
    let statements = Rows {
        title: "IAM statements",
        heads: &[
            "Effect",
            ACTIONS,
            "Resources",
            "Principals",
            "Conditions",
            DIFFERS,
        ],
        rows: statements.into_iter().map(statement).collect(),
    };
    let policies = Rows {
        title: "Managed policies",
        heads: &["Of", "Policy"],
        rows: policies.into_iter().map(policy).collect(),
    };
    let network = std::mem::take(&mut diff.network);
    let network = Rows {
        title: "Security group rules",
        heads: &["Group", "Direction", "Protocol", "Ports", "Peer"],
        rows: network.iter().map(rule).collect(),
    };
    [statements, policies, network]
        .into_iter()
        .filter(|rows| !rows.rows.is_empty())
        .map(|rows| rows.text(page))
        .collect()
}

/// A table to be.
struct Rows {
    title: &'static str,
    heads: &'static [&'static str],
    rows: Vec<Row>,
}

/// What comes or goes.
struct Row {
    is_added: bool,
    /// Whether more is let through than before.
    opens: bool,
    /// The cells, each of some lines.
    cells: Vec<Vec<String>>,
}

fn statement(permission: &Permission) -> Row {
    let effect = if permission.denies { "Deny" } else { "Allow" };
    let differs = match permission.reason {
        Reason::Statement => "",
        Reason::Actions => "actions",
        Reason::Resources => "resources",
        Reason::Principals => "principals",
        Reason::Conditions => "conditions",
    };
    Row {
        is_added: permission.is_added(),
        opens: permission.access == Access::Opened,
        cells: vec![
            vec![effect.to_owned()],
            permission.actions.clone(),
            permission.objects(),
            permission.subjects(),
            permission.conditions.clone(),
            vec![differs.to_owned()],
        ],
    }
}

fn policy(permission: &Permission) -> Row {
    Row {
        is_added: permission.is_added(),
        opens: permission.access == Access::Opened,
        cells: vec![permission.subjects(), permission.actions.clone()],
    }
}

fn rule(change: &NetworkChange) -> Row {
    let direction = match change.direction {
        Direction::In => "in",
        Direction::Out => "out",
    };
    let opens = change.access == Access::Opened;
    let cells = [
        &*change.group,
        direction,
        &change.protocol,
        &change.ports,
        &change.peer,
    ];
    Row {
        // A rule only ever allows.
        is_added: opens,
        opens,
        cells: cells.map(|cell| vec![cell.to_owned()]).into(),
    }
}

impl Rows {
    /// The letters of the longest line of a column.
    fn widest(&self, column: usize) -> usize {
        let lines = self.rows.iter().flat_map(|row| &row.cells[column]);
        let widths = lines.map(|line| line.chars().count());
        widths.max().unwrap_or_default()
    }

    /// The title and the lines, without the columns in which nothing stands.
    fn text(&self, page: Page) -> String {
        let is_narrow = page.columns.is_some_and(|columns| columns < ROOMY);
        let is_used = |column: &usize| {
            if is_narrow && self.heads[*column] == DIFFERS {
                return false;
            }
            let mut cells = self.rows.iter().map(|row| &row.cells[*column]);
            cells.any(|cell| cell.iter().any(|line| !line.is_empty()))
        };
        let used: Vec<usize> = (0..self.heads.len()).filter(is_used).collect();
        let mut table = Table::new();
        table.load_style(NOTHING).set_delimiter(BREAK);
        if let Some(columns) = page.columns {
            let room = u16::try_from(columns - INDENT).unwrap_or(u16::MAX);
            table.set_width(room);
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        let heads = used.iter().map(|column| self.heads[*column].to_owned());
        table.set_header(std::iter::once(String::new()).chain(heads));
        for row in &self.rows {
            let mark = if row.is_added { "+" } else { "-" };
            let cells = used.iter().map(|column| breakable(&row.cells[*column]));
            table.add_row(std::iter::once(mark.to_owned()).chain(cells));
        }
        for column in table.column_iter_mut() {
            let gap = match column.index {
                0 => 1,
                last if last == used.len() => 0,
                _ => 2,
            };
            column.set_padding((0, gap));
            if let Some(number) = column.index.checked_sub(1).map(|number| used[number])
                && self.heads[number] == ACTIONS
            {
                let least = self.widest(number).min(WHOLE_ACTION) + usize::from(gap);
                let least = u16::try_from(least).unwrap_or_default();
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
            }
        }
        let mut text = format!("{}\n", page.paint(BOLD, self.title));
        let mut rows = self.rows.iter();
        for (number, line) in table.lines().enumerate() {
            let line = line.replace(BREAK, "");
            let line = match line.trim_end() {
                // The first line of a row begins with its mark; only a reader's eye needs its colour.
                line if line.starts_with(['+', '-']) => {
                    let opens = rows.next().is_some_and(|row| row.opens);
                    page.paint(if opens { RED } else { GREEN }, &line[..1]) + &line[1..]
                }
                heads if number == 0 => page.paint(DIM, heads),
                line => line.to_owned(),
            };
            let _ = writeln!(text, "{:INDENT$}{line}", "");
        }
        text
    }
}

/// The lines of a cell, with the places where each may go on below: after a part of a name, and before a word of one.
fn breakable(lines: &[String]) -> String {
    let (mut text, mut before) = (String::new(), ' ');
    for letter in lines.join("\n").chars() {
        let is_part = ENDS.contains(&before) && !ENDS.contains(&letter);
        let is_word = before.is_lowercase() && letter.is_uppercase();
        if (is_part || is_word) && !text.is_empty() {
            text.push(BREAK);
        }
        text.push(letter);
        before = letter;
    }
    text
}

#[cfg(test)]
mod tests {
    use cloudwright_diff::compare;
    use serde_json::{Value, json};

    use super::*;

    /// A role that reads a bucket by its name, and a group that lets a network in.
    fn system(actions: &[&str], network: &str) -> Value {
        let bucket = "arn:aws:s3:::uploads-production-eu-central-1-123456789012";
        let read = json!({ "Effect": "Allow", "Action": actions, "Resource": [bucket, format!("{bucket}/incoming/*")],
            "Condition": { "StringEquals": { "aws:ResourceAccount": "123456789012" } } });
        let rule =
            json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": network });
        json!({ "Resources": {
            "Reader": { "Type": "AWS::IAM::Policy", "Properties": { "Roles": [{ "Ref": "WorkerServiceRole1A2B3C4D" }],
                "PolicyDocument": { "Statement": [read] } } },
            "Web": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "SecurityGroupIngress": [rule],
                "SecurityGroupEgress": [{ "IpProtocol": "-1", "CidrIp": "10.0.0.0/8" }] } },
        } })
    }

    fn tables(columns: Option<usize>, color: bool) -> String {
        let before = system(&["s3:ListBucket"], "10.0.0.0/8");
        let after = system(&["s3:GetObject*", "s3:ListBucket"], "0.0.0.0/0");
        let mut diff = compare(&before, &after, &|_| None);
        taken_out_of(&mut diff, Page { color, columns }).join("\n")
    }

    #[test]
    fn a_terminal_has_columns_that_fit_it_and_actions_stay_whole() {
        let narrow = "\
IAM statements
    Effect  Actions        Resources         Principals        Conditions
  + Allow   s3:GetObject*  arn:aws:s3:::     WorkerService     StringEquals
                           uploads-          Role1A2B3C4D      aws:Resource
                           production-eu-                      Account
                           central-1-                          123456789012
                           123456789012
                           arn:aws:s3:::
                           uploads-
                           production-eu-
                           central-1-
                           123456789012/
                           incoming/*

Security group rules
    Group  Direction  Protocol  Ports  Peer
  + Web    in         tcp       443    0.0.0.0/0
";
        assert_eq!(tables(Some(78), false), narrow);
        let wide = tables(Some(138), false);
        assert!(
            wide.contains("Conditions                         Differs in\n"),
            "{wide}"
        );
        for columns in NARROWEST..200 {
            let text = tables(Some(columns), false);
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(columns), "{columns}: {text}");
            assert!(text.contains(" s3:GetObject* "), "{columns}: {text}");
        }
    }

    #[test]
    fn a_file_has_whole_names_in_one_table_and_no_colours() {
        let plain = "\
IAM statements
    Effect  Actions        Resources                                                             Principals                 Conditions                                     Differs in
  + Allow   s3:GetObject*  arn:aws:s3:::uploads-production-eu-central-1-123456789012             WorkerServiceRole1A2B3C4D  StringEquals aws:ResourceAccount 123456789012  actions
                           arn:aws:s3:::uploads-production-eu-central-1-123456789012/incoming/*

Security group rules
    Group  Direction  Protocol  Ports  Peer
  + Web    in         tcp       443    0.0.0.0/0
";
        assert_eq!(tables(None, false), plain);
        let colored = tables(None, true);
        for code in [BOLD, DIM, RED] {
            let start = format!("\u{1b}[{code}m");
            assert!(colored.contains(&start), "{code}: {colored}");
        }
        let bare = [BOLD, DIM, RED, "0"].iter().fold(colored, |text, code| {
            text.replace(&format!("\u{1b}[{code}m"), "")
        });
        assert_eq!(bare, plain);
    }

    #[test]
    fn a_terminal_too_narrow_for_columns_has_sentences() {
        let before = system(&["s3:ListBucket"], "10.0.0.0/8");
        let mut diff = compare(&json!({}), &before, &|_| None);
        let page = Page {
            color: false,
            columns: Some(NARROWEST - 1),
        };
        assert!(taken_out_of(&mut diff, page).is_empty());
        assert!(!diff.permissions.is_empty() && !diff.network.is_empty());
    }

    #[test]
    fn a_denial_that_goes_and_a_policy_that_aws_keeps_are_what_they_are() {
        let role = |more: &Value| json!({ "Resources": { "Worker": { "Type": "AWS::IAM::Role", "Properties": more } } });
        let denial = json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*" });
        let before = role(
            &json!({ "Policies": [{ "PolicyName": "p", "PolicyDocument": { "Statement": [denial] } }] }),
        );
        let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let after = role(&json!({ "ManagedPolicyArns": [arn] }));
        let page = Page {
            color: true,
            columns: Some(78),
        };
        let mut diff = compare(&before, &after, &|_| None);
        let text = taken_out_of(&mut diff, page).join("\n");
        let plus = "\u{1b}[1;31m+\u{1b}[0m";
        // Both let through more than before.
        assert!(
            text.contains("  \u{1b}[1;31m-\u{1b}[0m Deny    s3:*     *          Worker\n"),
            "{text}"
        );
        assert!(
            text.contains(&format!("  {plus} Worker  {arn}\n")),
            "{text}"
        );
    }
}
