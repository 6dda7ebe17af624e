//! The resources that hold data keep their logical ids.
//!
//! CloudFormation knows a resource by its logical id. When a bucket gets another one, because its construct was
//! renamed or moved, the deployment makes an empty bucket and lets go of the one with the data. Nothing about
//! the program looks wrong then; so a program can hold the list of these ids, and every difference is told.

use cloudwright_spec::sorted::Set;

use crate::check::properties::Facts;
use crate::check::report::Report;
use crate::resolve::Draft;
use crate::rules;

/// The words of a line: the path of a stack, a logical id and a type.
const WORDS: usize = 3;

/// A resource that holds data.
struct Holder {
    line: String,
    node: u32,
    id: String,
}

/// Reports resources that are in the list or in the templates alone.
pub(crate) fn check(report: &mut Report<'_>, facts: &mut Facts, stacks: &[Draft]) {
    let Some(list) = report.tree.stateful_ids.as_deref() else {
        return;
    };
    let written = read(report, list);
    let mut fresh = Vec::new();
    let mut there = Set::new();
    for draft in stacks {
        for holder in holders(report, facts, draft) {
            if written.contains(&*holder.line) {
                there.insert(holder.line);
            } else {
                fresh.push(holder);
            }
        }
    }
    for line in written.into_vec() {
        if !there.contains(line) {
            gone(report, line, &mut fresh);
        }
    }
    for Holder { line, node, id } in fresh {
        let message = format!("{id} holds data, and is not in the list of such resources");
        report.error(
            node,
            &rules::UNLISTED_DATA,
            message,
            format!("add the line `{line}`"),
        );
    }
}

/// The lines of the list; one that says something else is reported.
fn read<'l>(report: &mut Report<'_>, list: &'l str) -> Set<&'l str> {
    let lines = list.lines().map(str::trim);
    let mut written = Set::new();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.split(' ').count() == WORDS && !line.contains("  ") {
            written.insert(line);
        } else {
            let message = format!("a line of the list is `STACK LOGICAL_ID TYPE`, got `{line}`");
            let help = "`ls --stateful` prints the list; `#` begins a remark";
            report.error(0, &rules::UNLISTED_DATA, message, help);
        }
    }
    written
}

/// The resources of a stack that hold data.
fn holders(report: &mut Report<'_>, facts: &mut Facts, draft: &Draft) -> Vec<Holder> {
    let stack = report.tree.path(draft.node);
    let mut holders = Vec::new();
    for resource in draft.template.resources() {
        if facts
            .of(report, resource)
            .is_some_and(|facts| facts.stateful)
        {
            holders.push(Holder {
                line: line(&stack, resource.id(), resource.kind()),
                node: resource.node,
                id: resource.id().to_owned(),
            });
        }
    }
    holders
}

pub(crate) fn line(stack: &str, id: &str, kind: &str) -> String {
    format!("{stack} {id} {kind}")
}

/// Reports a resource of the list that no template has: moved, when its stack has a new one of its type.
fn gone(report: &mut Report<'_>, line: &str, fresh: &mut Vec<Holder>) {
    let mut words = line.split(' ');
    let (stack, id) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let kind = words.next().unwrap_or_default();
    let same = |holder: &Holder| holder.line == self::line(stack, &holder.id, kind);
    if let Some(place) = fresh.iter().position(same) {
        let Holder {
            line: new,
            node,
            id: now,
        } = fresh.remove(place);
        let message = format!(
            "{id} of {stack} holds data and is called {now} now: CloudFormation would make an empty one and let go of the data"
        );
        let help = format!(
            "keep its id: `stack.rename_logical_id(\"{now}\", \"{id}\")`; or, if the data may go, put `{new}` in place of \
             `{line}` in the list"
        );
        report.error(node, &rules::MOVED_DATA, message, help);
        return;
    }
    let message = format!("{id} of {stack} ({kind}) holds data, and is in no template any more");
    let help = format!("bring it back; or, if the data may go, take `{line}` out of the list");
    report.error(0, &rules::MOVED_DATA, message, help);
}
