//! Expressions: what a token stands for until synthesis.
//!
//! An expression names other nodes of the tree by [`NodeRef`], never by logical id: ids are given
//! once the tree is complete. Resolution (see `resolve`) turns every expression into
//! [`Expr::Function`] or a literal, so a finished template holds nothing else.

use crate::json::{Json, Text};
use crate::pseudo::Pseudo;

/// A node of one app's construct tree; cheap to copy, never written to a template.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeRef {
    /// Which app of this process the node belongs to.
    pub(crate) app: u32,
    /// The node's place in that app's tree.
    pub(crate) index: u32,
}

/// An expression inside a [`Json`] document; opaque until synthesis.
#[derive(Clone, PartialEq)]
pub struct Token(pub(crate) Box<Expr>);

#[derive(Clone, PartialEq)]
pub(crate) enum Expr {
    /// `Ref` of a resource or parameter; `list` when the parameter is one (as for an attribute).
    Ref { node: NodeRef, list: bool },
    /// `Fn::GetAtt`; `list` when the attribute is a list (it crosses stacks in another form).
    Attribute {
        node: NodeRef,
        name: Text,
        list: bool,
    },
    /// The logical id itself, as `Fn::If`, `Condition` and `Fn::FindInMap` want it.
    LogicalId(NodeRef),
    /// A pseudo parameter of the stack that reads it.
    Pseudo(Pseudo),
    /// A pseudo parameter of the stack that holds `node`: a literal where the environment is known.
    PseudoOf { node: NodeRef, pseudo: Pseudo },
    /// Texts and tokens in a row: `Fn::Sub` where that is readable, `Fn::Join` else.
    Concat(Vec<Json>),
    /// Items without an order of their own: sorted and freed of duplicates once they are resolved.
    /// A single item stands by itself when `unwrap` is set.
    Set { items: Vec<Json>, unwrap: bool },
    /// A reference to a resource whose name is known: within its stack the reference, elsewhere the
    /// value made of the name, which no environment is too far for.
    Known {
        home: NodeRef,
        local: Json,
        elsewhere: Json,
    },
    /// A reference that crosses stacks by `Fn::GetStackOutput` and so never locks the producer.
    Weak(Json),
    /// Any other intrinsic function, or a resolved expression: `{name: arguments}`.
    Function { name: Text, arguments: Json },
}

impl Token {
    pub(crate) fn new(expr: Expr) -> Self {
        Self(Box::new(expr))
    }

    /// The resource that is read, where that is all there is to it.
    pub(crate) const fn node(&self) -> Option<NodeRef> {
        match &*self.0 {
            Expr::Ref { node, .. } | Expr::Attribute { node, .. } => Some(*node),
            _ => None,
        }
    }

    /// The name and arguments of an intrinsic function, once the token is resolved.
    #[must_use]
    pub fn function(&self) -> Option<(&str, &Json)> {
        match &*self.0 {
            Expr::Function { name, arguments } => Some((name, arguments)),
            _ => None,
        }
    }
}

impl Json {
    pub(crate) fn expr(expr: Expr) -> Self {
        Self::Token(Token::new(expr))
    }

    /// The intrinsic function `{name: arguments}`.
    pub fn function(name: impl Into<Text>, arguments: Json) -> Self {
        Self::expr(Expr::Function {
            name: name.into(),
            arguments,
        })
    }

    /// Items whose order means nothing: written as a sorted list without duplicates, so that it does
    /// not depend on the order in which a program says them.
    #[must_use]
    pub fn set_of(items: Vec<Json>) -> Self {
        Self::expr(Expr::Set {
            items,
            unwrap: false,
        })
    }

    /// As [`Json::set_of`], but a single item is written without the list.
    #[must_use]
    pub fn one_or_set_of(items: Vec<Json>) -> Self {
        Self::expr(Expr::Set {
            items,
            unwrap: true,
        })
    }

    /// Texts and tokens in a row, as one string.
    #[must_use]
    pub fn concat(parts: Vec<Json>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            push_part(&mut flat, part);
        }
        match flat.len() {
            0 => Self::Text("".into()),
            1 => flat.remove(0),
            _ => Self::expr(Expr::Concat(flat)),
        }
    }
}

/// Appends `part`, joining neighbouring literals and flattening nested rows.
pub(crate) fn push_part(flat: &mut Vec<Json>, part: Json) {
    match part {
        Json::Token(token) if matches!(&*token.0, Expr::Concat(_)) => {
            if let Expr::Concat(inner) = *token.0 {
                inner.into_iter().for_each(|part| push_part(flat, part));
            }
        }
        Json::Text(text) if text.is_empty() => {}
        Json::Text(text) => match flat.last_mut() {
            Some(Json::Text(before)) => before.to_mut().push_str(&text),
            _ => flat.push(Json::Text(text)),
        },
        other => flat.push(other),
    }
}

impl serde_core::Serialize for Token {
    fn serialize<S: serde_core::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match &*self.0 {
            Expr::Function { name, arguments } => out.collect_map([(name, arguments)]),
            _ => Err(serde_core::ser::Error::custom(
                "an unresolved token cannot be written",
            )),
        }
    }
}
