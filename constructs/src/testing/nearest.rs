//! What a failed assertion tells: the resources that come nearest.

use super::Match;
use super::template::Element;

/// Of how many resources the differences are told.
const MOST: usize = 3;

/// The elements with fewest differences, each with its place and its differences.
pub(super) fn nearest(elements: &[&Element], pattern: &Match) -> String {
    let mut tried: Vec<_> = elements
        .iter()
        .map(|element| (element, pattern.compare(Some(&element.value)).differences))
        .collect();
    cloudwright_synth::sorted::sort_by(&mut tried, |a, b| a.1.len().cmp(&b.1.len()));
    let told = tried.iter().take(MOST).map(|(element, differences)| {
        format!("{}\n    {}", element.place(), differences.join("\n    "))
    });
    let mut lines: Vec<_> = told.collect();
    if tried.len() > MOST {
        lines.push(format!("and {} that differ more", tried.len() - MOST));
    }
    lines.join("\n  ")
}
