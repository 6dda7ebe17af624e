//! The patterns that need a regular expression engine are left to it.

mod tree;

use cloudwright_spec::{Engine, check, parse_resource};
use serde_json::json;
use tree::Tree;

const RESOURCE: &str = "resource AWS::T::A\n  Name string /^[a-z.]+(?<!\\.)$\n";

fn findings(name: &str) -> (usize, usize) {
    let resource = parse_resource(RESOURCE).unwrap();
    let tree = Tree::new(json!({"Name": name}));
    let (mut plain, mut full) = (0, 0);
    check(&resource, &tree, &mut |_| plain += 1);
    Engine::default().check(&resource, &tree, &mut |_| full += 1);
    (plain, full)
}

#[test]
fn only_the_full_check_looks_behind() {
    assert_eq!(findings("a.b"), (0, 0));
    assert_eq!(findings("a."), (0, 1));
}
