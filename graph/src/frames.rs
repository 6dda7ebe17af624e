//! The frames around boxes: accounts, regions, stacks, and constructs of several boxes.

use std::collections::BTreeMap;

use crate::fold::{around, is_place};
use crate::kinds::Group;
use crate::model::{Frame, FrameKind, Level, Node};
use crate::nodes::type_name;
use crate::source::{Source, Stack};

/// What one frame is told from others by: what it is, and of what.
type Key = (u8, String);

/// Makes the frames and puts every box into its innermost one.
pub(crate) fn around_boxes(source: &Source, nodes: &mut [Node], level: Level) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut known: BTreeMap<Vec<Key>, usize> = BTreeMap::new();
    for place in 0..nodes.len() {
        if nodes[place].group == Group::Outside {
            continue;
        }
        let path = nodes[place].path.clone();
        let mut parent = None;
        let mut keys = Vec::new();
        for (key, frame) in chain(source, &path, level, nodes) {
            keys.push(key);
            let next = *known.entry(keys.clone()).or_insert_with(|| {
                frames.push(Frame { parent, ..frame });
                frames.len() - 1
            });
            parent = Some(next);
        }
        nodes[place].frame = parent;
    }
    merge_lonely(&mut frames, nodes);
    frames
}

/// The frames around a path, the outermost first.
fn chain(source: &Source, path: &str, level: Level, nodes: &[Node]) -> Vec<(Key, Frame)> {
    let Some(stack) = source.stack_of(path) else {
        return Vec::new();
    };
    let mut chain = places(stack);
    let title = stack.path.clone();
    chain.push(((2, title.clone()), frame(FrameKind::Stack, title, "stack")));
    if level != Level::Overview {
        let inner = around(path)
            .skip(1)
            .take_while(|path| path.len() > stack.path.len());
        let mut inner: Vec<_> = inner
            .filter(|path| is_system(source, path, nodes))
            .collect();
        inner.reverse();
        chain.extend(inner.into_iter().map(|path| {
            let title = path.rsplit('/').next().unwrap_or(path);
            let frame = frame(FrameKind::Construct, title, &type_name(source, path));
            ((3, path.to_owned()), frame)
        }));
    }
    chain
}

/// Account and region of a stack, as far as they are known.
fn places(stack: &Stack) -> Vec<(Key, Frame)> {
    let mut places = Vec::new();
    if let Some(account) = &stack.account {
        let frame = frame(FrameKind::Account, account.clone(), "account");
        places.push(((0, account.clone()), frame));
    }
    if let Some(region) = &stack.region {
        let frame = frame(FrameKind::Region, region.clone(), "region");
        places.push(((1, region.clone()), frame));
    }
    places
}

fn frame(kind: FrameKind, label: impl Into<String>, detail: &str) -> Frame {
    Frame {
        kind,
        label: label.into(),
        detail: detail.to_owned(),
        parent: None,
    }
}

/// Whether a construct is a frame: it is no box, does not only give names, and holds several boxes.
fn is_system(source: &Source, path: &str, nodes: &[Node]) -> bool {
    if is_place(source, path) || source.resource(path).is_some() {
        return false;
    }
    let below = format!("{path}/");
    let inside = nodes.iter().filter(|node| node.path.starts_with(&below));
    let is_box = nodes.iter().any(|node| node.path == path);
    !is_box && inside.count() > 1
}

/// A frame that holds nothing but one other frame becomes part of its title.
fn merge_lonely(frames: &mut Vec<Frame>, nodes: &mut [Node]) {
    let mut place = 0;
    while place < frames.len() {
        let inside: Vec<_> = (0..frames.len())
            .filter(|at| frames[*at].parent == Some(place))
            .collect();
        let holds_boxes = nodes.iter().any(|node| node.frame == Some(place));
        match inside[..] {
            [only] if !holds_boxes && frames[only].kind != FrameKind::Construct => {
                let outer = frames[place].clone();
                let said = format!("{} {}", outer.detail, outer.label);
                let inner = &mut frames[only];
                let detail = match inner.kind {
                    FrameKind::Stack if outer.kind == FrameKind::Region => {
                        let rest = outer.detail.trim_start_matches("region");
                        format!("{}{rest}", outer.label)
                    }
                    _ => said,
                };
                inner.detail = format!("{} · {detail}", inner.detail);
                inner.parent = outer.parent;
                remove(frames, nodes, place);
            }
            _ => place += 1,
        }
    }
}

/// Takes a frame out that nothing is in any more.
fn remove(frames: &mut Vec<Frame>, nodes: &mut [Node], place: usize) {
    frames.remove(place);
    let shift = |at: &mut Option<usize>| {
        if let Some(at) = at.as_mut().filter(|at| **at > place) {
            *at -= 1;
        }
    };
    frames.iter_mut().for_each(|frame| shift(&mut frame.parent));
    nodes.iter_mut().for_each(|node| shift(&mut node.frame));
}
