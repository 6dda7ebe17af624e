//! Which lists are sets, and how two lists line up.

use cloudwright_spec::sorted::Set;
use serde_json::Value;

/// The longest lists that are lined up item by item; longer ones are compared by position.
const LONGEST: usize = 400;

/// What identifies the items of a list.
pub(crate) enum Identity {
    /// A member of each item, such as a tag's `Key`.
    Member(&'static str),
    /// The whole item: the list is a set.
    Whole,
    /// The position.
    Position,
}

/// Lists whose order means nothing to CloudFormation, wherever they stand.
const SETS: [&str; 22] = [
    "Action",
    "AWS",
    "CanonicalUser",
    "Federated",
    "Groups",
    "ManagedPolicyArns",
    "NotAction",
    "NotPrincipal",
    "NotResource",
    "Queues",
    "Resource",
    "Roles",
    "SecurityGroupEgress",
    "SecurityGroupIds",
    "SecurityGroupIngress",
    "SecurityGroups",
    "Service",
    "Statement",
    "SubnetIds",
    "Subnets",
    "Topics",
    "Users",
];
/// Members that name an item among its siblings.
const NAMES: [&str; 4] = ["Key", "Id", "Name", "PolicyName"];

/// How the items of two lists under `name` are told apart.
pub(crate) fn identity(name: &str, old: &[Value], new: &[Value]) -> Identity {
    if is_set(name) {
        return Identity::Whole;
    }
    let named = NAMES
        .iter()
        .find(|name| names_all(name, old) && names_all(name, new));
    match named {
        Some(name) if !(old.is_empty() || new.is_empty()) => Identity::Member(name),
        _ => Identity::Position,
    }
}

/// Whether the order of a list under `name` means nothing.
pub(crate) fn is_set(name: &str) -> bool {
    SETS.contains(&name)
}

/// Whether a member is a text in every item, and differs in each.
fn names_all(name: &str, items: &[Value]) -> bool {
    let names: Vec<_> = items
        .iter()
        .filter_map(|item| item.get(name)?.as_str())
        .collect();
    let distinct: Set<_> = names.iter().collect();
    names.len() == items.len() && distinct.as_slice().len() == items.len()
}

/// Pairs of positions in two lists that belong together; an item without partner is alone.
pub(crate) fn line_up(
    old: &[Value],
    new: &[Value],
    same: impl Fn(&Value, &Value) -> bool,
) -> Vec<(Option<usize>, Option<usize>)> {
    let common = if old.len().max(new.len()) > LONGEST {
        Vec::new()
    } else {
        longest_common(old, new, same)
    };
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (next_i, next_j) in common.into_iter().chain([(old.len(), new.len())]) {
        // Between two equal items, what stood at the same place is taken to have changed.
        while i < next_i || j < next_j {
            let (left, right) = ((i < next_i).then_some(i), (j < next_j).then_some(j));
            pairs.push((left, right));
            i += usize::from(left.is_some());
            j += usize::from(right.is_some());
        }
        if next_i < old.len() {
            pairs.push((Some(next_i), Some(next_j)));
            (i, j) = (next_i + 1, next_j + 1);
        }
    }
    pairs
}

/// The positions of a longest common subsequence.
fn longest_common(
    old: &[Value],
    new: &[Value],
    same: impl Fn(&Value, &Value) -> bool,
) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut length = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let (below, right) = (length[(i + 1) * width + j], length[i * width + j + 1]);
            let diagonal = length[(i + 1) * width + j + 1];
            let equal = same(&old[i], &new[j]);
            length[i * width + j] = if equal {
                diagonal + 1
            } else {
                below.max(right)
            };
        }
    }
    let mut common = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        if same(&old[i], &new[j]) {
            common.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[(i + 1) * width + j] >= length[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::line_up;
    use serde_json::json;

    #[test]
    fn items_that_stay_are_found_around_those_that_come_and_go() {
        let list = |text: &str| {
            text.chars()
                .map(|letter| json!(letter.to_string()))
                .collect::<Vec<_>>()
        };
        let pairs = line_up(&list("abcd"), &list("xbdy"), |a, b| a == b);
        assert_eq!(
            pairs,
            [
                (Some(0), Some(0)),
                (Some(1), Some(1)),
                (Some(2), None),
                (Some(3), Some(2)),
                (None, Some(3))
            ]
        );
    }
}
