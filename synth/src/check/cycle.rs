//! Circles in a graph, found in linear time and told by a shortest way around each.

use cloudwright_spec::sorted::{Map, sort_by};

/// A graph over the nodes `0..nodes`: for each the nodes that it needs, in a stable order.
pub(crate) struct Graph {
    nodes: usize,
    /// Which node needs which, as noted.
    edges: Vec<(u32, u32)>,
}

/// The edges of a graph by the node that they start from, in one row.
struct Needs {
    targets: Vec<u32>,
    /// Where the targets of each node start, and after the last node where they end.
    starts: Vec<usize>,
}

/// The edges of a graph by the node that they lead to.
pub(crate) struct Dependents(Vec<(u32, u32)>);

impl Dependents {
    /// The edges to a node: itself, and a node that needs it.
    pub(crate) fn of(&self, node: usize) -> &[(u32, u32)] {
        let start = self.0.partition_point(|(to, _)| (*to as usize) < node);
        let end = self.0.partition_point(|(to, _)| (*to as usize) <= node);
        &self.0[start..end]
    }
}

impl Needs {
    fn of(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.targets[self.starts[node]..self.starts[node + 1]]
    }
}

impl Graph {
    /// A graph without edges.
    pub(crate) const fn new(nodes: usize) -> Self {
        Self {
            nodes,
            edges: Vec::new(),
        }
    }

    /// Notes that `from` needs `to`.
    pub(crate) fn add(&mut self, from: usize, to: usize) {
        let edge = (from as u32, to as u32);
        if self.edges.last() != Some(&edge) {
            self.edges.push(edge);
        }
    }

    /// The same edges, to be asked who needs a node.
    pub(crate) fn dependents(&self) -> Dependents {
        let mut edges: Vec<_> = self.edges.iter().map(|(from, to)| (*to, *from)).collect();
        sort_by(&mut edges, Ord::cmp);
        edges.dedup();
        Dependents(edges)
    }

    fn needs(&self) -> Needs {
        let mut edges = self.edges.clone();
        sort_by(&mut edges, |(a, _), (b, _)| a.cmp(b));
        let before = |node: usize| edges.partition_point(|(from, _)| (*from as usize) < node);
        Needs {
            starts: (0..=self.nodes).map(before).collect(),
            targets: edges.iter().map(|(_, to)| *to).collect(),
        }
    }

    /// For each group of nodes that need each other: a shortest way from its first node around to
    /// it again, the first node standing at the start only. Sorted by first node.
    pub(crate) fn circles(&self) -> Vec<Vec<usize>> {
        let needs = self.needs();
        let group = needs.groups(self.nodes);
        let mut sizes = vec![0_u32; self.nodes];
        group.iter().for_each(|group| sizes[*group as usize] += 1);
        let mut circles = Vec::new();
        let mut told = vec![false; self.nodes];
        for node in 0..self.nodes {
            let own = group[node] as usize;
            let circular = sizes[own] > 1 || needs.of(node as u32).contains(&(node as u32));
            if circular && !std::mem::replace(&mut told[own], true) {
                circles.push(needs.way_around(node, &group));
            }
        }
        circles
    }
}

impl Needs {
    /// A shortest way from `start` back to itself within its group (breadth first).
    fn way_around(&self, start: usize, group: &[u32]) -> Vec<usize> {
        let mut came_from = Map::new();
        let mut waiting = std::collections::VecDeque::from([start as u32]);
        while let Some(node) = waiting.pop_front() {
            for next in self.of(node) {
                if *next as usize == start {
                    return backtrack(&came_from, start, node);
                }
                if group[*next as usize] == group[start] && !came_from.contains_key(next) {
                    came_from.insert(*next, node);
                    waiting.push_back(*next);
                }
            }
        }
        vec![start]
    }

    /// The strongly connected group of every node (Tarjan's algorithm, without recursion so that a
    /// long chain cannot exhaust the stack).
    fn groups(&self, nodes: usize) -> Vec<u32> {
        let mut search = Search::new(nodes);
        for node in 0..nodes {
            if search.index[node] == UNSEEN {
                search.explore(self, node as u32);
            }
        }
        search.group
    }
}

fn backtrack(came_from: &Map<u32, u32>, start: usize, last: u32) -> Vec<usize> {
    let mut way = vec![last as usize];
    let mut at = last;
    while at as usize != start {
        at = came_from[&at];
        way.push(at as usize);
    }
    way.reverse();
    way
}

const UNSEEN: u32 = u32::MAX;

struct Search {
    index: Vec<u32>,
    low: Vec<u32>,
    group: Vec<u32>,
    open: Vec<u32>,
    is_open: Vec<bool>,
    next_index: u32,
    next_group: u32,
}

impl Search {
    fn new(nodes: usize) -> Self {
        Self {
            index: vec![UNSEEN; nodes],
            low: vec![0; nodes],
            group: vec![0; nodes],
            open: Vec::new(),
            is_open: vec![false; nodes],
            next_index: 0,
            next_group: 0,
        }
    }

    fn enter(&mut self, node: u32) {
        self.index[node as usize] = self.next_index;
        self.low[node as usize] = self.next_index;
        self.next_index += 1;
        self.open.push(node);
        self.is_open[node as usize] = true;
    }

    fn explore(&mut self, needs: &Needs, start: u32) {
        let mut calls = vec![(start, 0_usize)];
        self.enter(start);
        while let Some((node, edge)) = calls.last_mut() {
            let at = *node;
            let Some(next) = needs.of(at).get(*edge).copied() else {
                calls.pop();
                self.leave(at);
                if let Some((caller, _)) = calls.last() {
                    self.lower(*caller, self.low[at as usize]);
                }
                continue;
            };
            *edge += 1;
            if self.index[next as usize] == UNSEEN {
                self.enter(next);
                calls.push((next, 0));
            } else if self.is_open[next as usize] {
                self.lower(at, self.index[next as usize]);
            }
        }
    }

    fn lower(&mut self, node: u32, low: u32) {
        let own = &mut self.low[node as usize];
        *own = (*own).min(low);
    }

    /// Closes the group of `node`, when `node` is the first of it.
    fn leave(&mut self, node: u32) {
        if self.low[node as usize] != self.index[node as usize] {
            return;
        }
        while let Some(member) = self.open.pop() {
            self.is_open[member as usize] = false;
            self.group[member as usize] = self.next_group;
            if member == node {
                break;
            }
        }
        self.next_group += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;

    fn circles(nodes: usize, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let mut graph = Graph::new(nodes);
        edges.iter().for_each(|(from, to)| graph.add(*from, *to));
        graph.circles()
    }

    #[test]
    fn finds_each_circle_once_by_its_shortest_way() {
        assert!(circles(3, &[(0, 1), (1, 2), (0, 2)]).is_empty());
        assert_eq!(circles(1, &[(0, 0)]), [[0]]);
        assert_eq!(circles(4, &[(0, 1), (1, 2), (2, 3), (3, 1)]), [[1, 2, 3]]);
        assert_eq!(
            circles(5, &[(0, 1), (1, 0), (2, 3), (3, 2), (1, 2), (4, 4)]),
            [vec![0, 1], vec![2, 3], vec![4]]
        );
        let with_shortcut = [(0, 1), (1, 2), (2, 3), (3, 0), (1, 0)];
        assert_eq!(circles(4, &with_shortcut), [[0, 1]]);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_needs_no_call_stack() {
        let mut graph = Graph::new(100_000);
        (1..100_000).for_each(|node| graph.add(node - 1, node));
        assert!(graph.circles().is_empty());
        graph.add(99_999, 0);
        assert_eq!(graph.circles()[0].len(), 100_000);
    }
}
