//! Values as text while no ids are given: what sorts them, and says how long they are going to be.

use cloudwright_spec::sorted::sort;

use crate::expr::Expr;
use crate::json::Json;
use crate::scope::Scope;
use crate::tree::Tree;

impl Scope {
    /// A value as text, in which whatever is read of a resource is `${` its path `}`. It depends on what the value says
    /// alone, not on when the program said it.
    #[must_use]
    pub fn spelled(&self, value: &Json) -> String {
        let mut text = String::new();
        self.tree.read(|tree| spell(tree, value, &mut text));
        text
    }
}

fn spell(tree: &Tree, value: &Json, into: &mut String) {
    match value {
        Json::Null => *into += "null",
        Json::Bool(value) => *into += if *value { "true" } else { "false" },
        Json::Int(number) => *into += &number.to_string(),
        Json::Float(number) => *into += &number.to_string(),
        Json::Text(text) => {
            into.push('"');
            *into += text;
            into.push('"');
        }
        Json::List(items) => {
            let items = items.iter().map(|item| spelled(tree, item));
            row(&items.collect::<Vec<_>>(), ['[', ']'], into);
        }
        Json::Map(members) => {
            let member =
                |(key, value): &(crate::Text, Json)| format!("\"{key}\":{}", spelled(tree, value));
            let mut members: Vec<_> = members.iter().map(member).collect();
            sort(&mut members);
            row(&members, ['{', '}'], into);
        }
        Json::Token(token) => spell_token(tree, &token.0, into),
    }
}

fn spell_token(tree: &Tree, expr: &Expr, into: &mut String) {
    match expr {
        Expr::Ref { node, .. } | Expr::LogicalId(node) => {
            *into += &format!("${{{}}}", tree.path(node.index));
        }
        Expr::Attribute { node, name, .. } => {
            *into += &format!("${{{}.{name}}}", tree.path(node.index));
        }
        Expr::Pseudo(pseudo) | Expr::PseudoOf { pseudo, .. } => *into += pseudo.name(),
        Expr::Concat(parts) => {
            for part in parts {
                match part {
                    Json::Text(text) => *into += text,
                    other => spell(tree, other, into),
                }
            }
        }
        Expr::Set { items, unwrap } => {
            let mut items: Vec<_> = items.iter().map(|item| spelled(tree, item)).collect();
            sort(&mut items);
            items.dedup();
            match items.as_slice() {
                [item] if *unwrap => *into += item,
                _ => row(&items, ['[', ']'], into),
            }
        }
        Expr::Known { local, .. } => spell(tree, local, into),
        Expr::Weak(value) => spell(tree, value, into),
        Expr::Function { name, arguments } => {
            *into += name;
            spell(tree, arguments, into);
        }
    }
}

fn spelled(tree: &Tree, value: &Json) -> String {
    let mut text = String::new();
    spell(tree, value, &mut text);
    text
}

fn row(items: &[String], [open, close]: [char; 2], into: &mut String) {
    into.push(open);
    *into += &items.join(",");
    into.push(close);
}
