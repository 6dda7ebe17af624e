//! Resolves the tokens of one document, in place.

use cloudwright_spec::sorted::{sort_by, sort_by_cached_key};

use crate::expr::{Expr, NodeRef, Token};
use crate::json::{Json, Text};
use crate::naming::Names;
use crate::pseudo::Pseudo;
use crate::resolve::concat;
use crate::resolve::crossing::Read;
use crate::resolve::{Links, Problem};
use crate::rules;
use crate::tree::Tree;

/// Functions that CloudFormation knows only with its language extensions.
const EXTENSIONS: [&str; 2] = ["Fn::Length", "Fn::ToJsonString"];

/// How deep values can be nested: far more than any property needs, and less than readers of JSON
/// stop at.
const DEEPEST: usize = 100;

/// Where a document stands while its tokens are resolved.
pub(crate) struct Context<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) names: &'a Names,
    pub(crate) links: &'a mut Links,
    /// The stack whose template the document is in.
    pub(crate) stack: u32,
    /// The element that the document belongs to.
    pub(crate) node: u32,
    /// Whether references to other stacks are to be weak.
    pub(crate) weak: bool,
    /// How many values are open around the one that is resolved.
    pub(crate) depth: usize,
}

impl Context<'_> {
    /// Replaces every token by an intrinsic function or a literal, and sorts every object.
    pub(crate) fn resolve(&mut self, json: &mut Json) {
        if self.depth == DEEPEST {
            let message = format!("values are nested at most {DEEPEST} deep, got more");
            self.problem(&rules::TOO_DEEP, message, "flatten the value");
            *json = Json::Null;
            return;
        }
        self.depth += 1;
        self.resolve_here(json);
        self.depth -= 1;
    }

    fn resolve_here(&mut self, json: &mut Json) {
        match json {
            Json::Token(_) => {
                if let Json::Token(token) = std::mem::replace(json, Json::Null) {
                    *json = self.expression(*token.0);
                }
            }
            Json::List(items) => items.iter_mut().for_each(|item| self.resolve(item)),
            Json::Map(members) => {
                if let Some(function) = as_function(members) {
                    *json = self.expression(function);
                    return;
                }
                members
                    .iter_mut()
                    .for_each(|(_, value)| self.resolve(value));
                sort_by(members, |(a, _), (b, _)| a.cmp(b));
                self.check_keys(members);
            }
            Json::Float(number) if !number.is_finite() => {
                let message = format!("a number is wanted, got {number}");
                self.problem(
                    &rules::NOT_A_NUMBER,
                    message,
                    "check the arithmetic that made it",
                );
            }
            Json::Text(text) => self.check_text(text),
            _ => {}
        }
    }

    fn expression(&mut self, expr: Expr) -> Json {
        match expr {
            Expr::Ref { node, list } => self.reference(node, Read::reference(list)),
            Expr::Attribute { node, name, list } => {
                self.reference(node, Read::attribute(&name, list))
            }
            Expr::LogicalId(node) => self.logical_id(node),
            Expr::Pseudo(pseudo) => pseudo_ref(pseudo),
            Expr::PseudoOf { node, pseudo } => self.pseudo_of(node, pseudo),
            Expr::Concat(mut parts) => {
                parts.iter_mut().for_each(|part| self.resolve(part));
                concat::render(parts)
            }
            Expr::Set { mut items, unwrap } => {
                items.iter_mut().for_each(|item| self.resolve(item));
                sort_by_cached_key(&mut items, |item| {
                    serde_json::to_string(item).unwrap_or_default()
                });
                items.dedup();
                if unwrap && items.len() == 1 {
                    items.remove(0)
                } else {
                    Json::List(items)
                }
            }
            Expr::Known {
                home,
                local,
                elsewhere,
            } => self.known(home, local, elsewhere),
            Expr::Weak(mut inner) => {
                let before = std::mem::replace(&mut self.weak, true);
                self.resolve(&mut inner);
                self.weak = before;
                inner
            }
            Expr::Function { name, arguments } => self.function(name, arguments),
        }
    }

    /// The value made of a known name, once it leaves the stack of what it names. The stack still
    /// waits for the other: what is named has to exist.
    fn known(&mut self, home: NodeRef, mut local: Json, mut elsewhere: Json) -> Json {
        if !self.is_ours(home) {
            return Json::Null;
        }
        if self.tree.node(home.index).stack == Some(self.stack) {
            self.resolve(&mut local);
            return local;
        }
        let stacks = (
            self.tree.top_stack(self.stack),
            self.tree.top_stack(home.index),
        );
        if let (Some(consumer), Some(producer)) = stacks
            && consumer != producer
        {
            self.need(consumer, producer);
        }
        self.resolve(&mut elsewhere);
        elsewhere
    }

    fn function(&mut self, name: Text, mut arguments: Json) -> Json {
        self.resolve(&mut arguments);
        let defaulted = name == "Fn::FindInMap" && arguments.as_list().is_some_and(|a| a.len() > 3);
        if defaulted || EXTENSIONS.contains(&&*name) {
            self.links.extended.insert(self.stack);
        }
        if name == "Fn::Sub" {
            return concat::substitute(self, arguments);
        }
        Json::function(name, arguments)
    }

    /// A reference to a resource or parameter: local, or by whatever carries it across stacks.
    fn reference(&mut self, node: NodeRef, read: Read<'_>) -> Json {
        if !self.is_ours(node) {
            return Json::Null;
        }
        self.cross(self.stack, node.index, read)
    }

    /// A logical id; conditions, mappings and the like exist within one template only.
    fn logical_id(&mut self, node: NodeRef) -> Json {
        if self.is_ours(node) && self.tree.node(node.index).stack != Some(self.stack) {
            let path = self.tree.path(node.index);
            let message = format!("`{path}` is in another stack, and only values can cross stacks");
            self.problem(
                &rules::IMPOSSIBLE_REFERENCE,
                message,
                "define it in this stack too",
            );
        }
        if node.app != self.tree.app {
            return Json::Null;
        }
        Json::Text(self.names.id(node.index).clone())
    }

    fn is_ours(&mut self, node: NodeRef) -> bool {
        let ours = node.app == self.tree.app;
        if !ours {
            let message =
                "a value of another app is used here, expected one of this app".to_owned();
            self.problem(
                &rules::FOREIGN_HANDLE,
                message,
                "build both constructs in one app",
            );
        }
        ours
    }

    fn pseudo_of(&mut self, node: NodeRef, pseudo: Pseudo) -> Json {
        if !self.is_ours(node) {
            return Json::Null;
        }
        let Some(home) = self.tree.node(node.index).stack else {
            return pseudo_ref(pseudo);
        };
        let own = self.tree.stack(home).map(|data| &data.environment);
        let known = match pseudo {
            Pseudo::AccountId => own.and_then(|environment| environment.account.clone()),
            Pseudo::Region => own.and_then(|environment| environment.region.clone()),
            Pseudo::StackName if home != self.stack => Some(self.tree.stack_name(home).into()),
            _ => None,
        };
        let same = self.tree.stack(self.stack).map(|data| &data.environment) == own;
        let everywhere = matches!(pseudo, Pseudo::Partition | Pseudo::UrlSuffix);
        match known {
            Some(literal) => Json::Text(literal),
            None if same || everywhere => pseudo_ref(pseudo),
            None => {
                let stack = self.tree.path(home);
                let message = format!(
                    "the environment of `{stack}` is not known, and this stack is in another"
                );
                let help =
                    format!("give `{stack}` an account and a region: `Environment::new(..)`");
                self.problem(&rules::IMPOSSIBLE_REFERENCE, message, help);
                Json::Null
            }
        }
    }

    fn check_keys(&mut self, members: &[(Text, Json)]) {
        for (key, _) in members {
            self.check_text(key);
            if key.starts_with("Fn::ForEach::") {
                self.links.extended.insert(self.stack);
            }
        }
        for pair in members.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let message = format!("an object holds the key \"{}\" twice", pair[0].0);
            self.problem(
                &rules::DUPLICATE_KEY,
                message,
                "only one of the two values can be written: drop the other",
            );
        }
    }

    pub(crate) fn check_text(&mut self, text: &str) {
        // Nearly every text: bytes are looked through much faster than letters.
        if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
            return;
        }
        let bad = |letter: &char| letter.is_control() && !matches!(letter, '\n' | '\t' | '\r');
        if let Some(letter) = text.chars().find(bad) {
            let message = format!("a text holds the control character {letter:?}");
            self.problem(
                &rules::BAD_CHARACTER,
                message,
                "remove it, or encode the text",
            );
        }
    }

    pub(crate) fn problem(
        &mut self,
        rule: &'static crate::Rule,
        message: String,
        help: impl Into<String>,
    ) {
        self.links.problems.push(Problem {
            node: self.node,
            rule,
            message,
            help: help.into(),
        });
    }
}

/// An intrinsic function that was written out as an object: `{"Ref": ..}` or `{"Fn::..": ..}`.
fn as_function(members: &mut Vec<(Text, Json)>) -> Option<Expr> {
    let [(name, _)] = &members[..] else {
        return None;
    };
    let is_function =
        name == "Ref" || (name.starts_with("Fn::") && !name.starts_with("Fn::ForEach"));
    let (name, arguments) = if is_function {
        members.pop()?
    } else {
        return None;
    };
    Some(Expr::Function { name, arguments })
}

pub(crate) fn pseudo_ref(pseudo: Pseudo) -> Json {
    Json::function("Ref", Json::Text(pseudo.name().into()))
}

impl Token {
    /// The text that stands for this token within `${..}` of `Fn::Sub`, when it has one.
    pub(crate) fn placeholder(&self) -> Option<String> {
        match &*self.0 {
            Expr::Function {
                name,
                arguments: Json::Text(id),
            } if name == "Ref" => Some(id.to_string()),
            Expr::Function {
                name,
                arguments: Json::List(items),
            } if name == "Fn::GetAtt" => match &items[..] {
                [Json::Text(id), Json::Text(attribute)] => Some(format!("{id}.{attribute}")),
                _ => None,
            },
            _ => None,
        }
    }
}
