//! What boxes are called: as short as their frame allows.

use std::collections::BTreeMap;

use crate::kinds::Group;
use crate::model::{Frame, Node};

/// Gives boxes longer names where the last word of their path tells too little: that a function is called `Function`, or
/// what another one of the frame is called as well. So there is `Status/Function` next to `Copies/Function`.
pub(crate) fn settle(nodes: &mut [Node], frames: &[Frame]) {
    for node in nodes.iter_mut().filter(|node| node.group != Group::Outside) {
        let says_nothing = node.label.to_lowercase() == node.kind.replace(' ', "");
        let title = node.frame.map_or("", |frame| &frames[frame].label);
        let above = node.path.rsplit('/').nth(1).unwrap_or_default();
        if says_nothing && !is_last_of(above, title) {
            node.label = last(&node.path, 2);
        }
    }
    for words in 2.. {
        let mut same: BTreeMap<(Option<usize>, String), Vec<usize>> = BTreeMap::new();
        for (place, node) in nodes.iter().enumerate() {
            if node.group != Group::Outside {
                let key = (node.frame, node.label.clone());
                same.entry(key).or_default().push(place);
            }
        }
        let clashes = same.into_values().filter(|places| places.len() > 1);
        let clashes: Vec<_> = clashes.flatten().collect();
        let longer = |place: &usize| nodes[*place].path.split('/').count() >= words;
        if !clashes.iter().any(longer) {
            return;
        }
        for place in clashes {
            nodes[place].label = last(&nodes[place].path, words);
        }
    }
}

/// Whether a word is the last one of a title.
fn is_last_of(word: &str, title: &str) -> bool {
    word.is_empty() || title.rsplit('/').next() == Some(word)
}

/// The last words of a path.
fn last(path: &str, words: usize) -> String {
    let all: Vec<_> = path.split('/').collect();
    all[all.len().saturating_sub(words)..].join("/")
}
