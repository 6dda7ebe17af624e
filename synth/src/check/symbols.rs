//! The names that a template's references can mean.

use std::collections::HashMap;

use cloudwright_spec::sorted::Set;

use crate::check::walk::{Trail, walk};
use crate::json::{Json, Text};
use crate::template::Template;

/// The one transform that adds no names of its own.
const LANGUAGE_EXTENSIONS: &str = "AWS::LanguageExtensions";

/// What `Ref` and `Fn::GetAtt` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// A resource, by its place in the template.
    Resource(usize),
    Parameter,
    /// Something that only the expanded template knows: a loop's variable or resource.
    Generated,
}

/// All names of one template. The maps are for look-up only; what is shown comes from the template.
pub(crate) struct Symbols<'a> {
    values: HashMap<&'a str, Symbol>,
    conditions: HashMap<&'a str, usize>,
    mappings: HashMap<&'a str, usize>,
    identifiers: Set<&'a str>,
    loop_keys: Vec<&'a str>,
    open: bool,
    template: &'a Template,
}

impl<'a> Symbols<'a> {
    pub(crate) fn of(template: &'a Template) -> Self {
        let mut values = HashMap::with_capacity(template.resources.len());
        for (id, _) in &template.parameters {
            values.insert(&**id, Symbol::Parameter);
        }
        for (index, resource) in template.resources.iter().enumerate() {
            values.insert(&*resource.id, Symbol::Resource(index));
        }
        let mut symbols = Self {
            values,
            conditions: positions(&template.conditions),
            mappings: positions(&template.mappings),
            identifiers: Set::new(),
            loop_keys: Vec::new(),
            open: template
                .transforms
                .iter()
                .any(|name| name != LANGUAGE_EXTENSIONS),
            template,
        };
        for (_, arguments) in &template.loops {
            symbols.learn_loop(arguments);
        }
        symbols
    }

    /// Takes in the variable of a loop, of the loops inside it, and the ids that they make.
    fn learn_loop(&mut self, arguments: &'a Json) {
        self.learn_arguments(arguments);
        walk(arguments, &mut Trail::default(), &mut |json, _| {
            for (key, value) in json.as_map().unwrap_or_default() {
                if key.starts_with("Fn::ForEach::") {
                    self.learn_arguments(value);
                }
            }
        });
    }

    fn learn_arguments(&mut self, arguments: &'a Json) {
        let Some([identifier, _, body]) = arguments.as_list() else {
            return;
        };
        self.identifiers.extend(identifier.as_text());
        let keys = body.as_map().unwrap_or_default().iter();
        self.loop_keys.extend(keys.map(|(key, _)| &**key));
    }

    /// What `Ref` or `Fn::GetAtt` of `name` means.
    pub(crate) fn value(&self, name: &str) -> Option<Symbol> {
        if let Some(symbol) = self.values.get(name) {
            return Some(*symbol);
        }
        let looped = self.identifiers.contains(name)
            || name.contains("${")
            || name.contains("&{")
            || self.loop_keys.iter().any(|key| makes(key, name));
        (looped || self.open).then_some(Symbol::Generated)
    }

    pub(crate) fn has_condition(&self, name: &str) -> bool {
        self.conditions.contains_key(name) || self.open
    }

    pub(crate) fn has_mapping(&self, name: &str) -> bool {
        self.mappings.contains_key(name) || self.open || name.contains("${")
    }

    /// The names of all resources and parameters, in the order of the template.
    pub(crate) fn value_names(&self) -> impl Iterator<Item = &'a str> {
        let parameters = self.template.parameters.iter().map(|(id, _)| &**id);
        parameters.chain(self.template.resources.iter().map(|resource| &*resource.id))
    }

    pub(crate) fn condition_names(&self) -> impl Iterator<Item = &'a str> {
        self.template.conditions.iter().map(|(id, _)| &**id)
    }

    pub(crate) fn mapping_names(&self) -> impl Iterator<Item = &'a str> {
        self.template.mappings.iter().map(|(id, _)| &**id)
    }
}

fn positions(section: &[(Text, Json)]) -> HashMap<&str, usize> {
    let named = section.iter().enumerate();
    named.map(|(index, (id, _))| (&**id, index)).collect()
}

/// Whether a loop with this key can make a resource called `name`: the parts around the variable
/// are compared.
fn makes(key: &str, name: &str) -> bool {
    let opening = key.find("${").or_else(|| key.find("&{"));
    let (Some(start), Some(end)) = (opening, key.rfind('}')) else {
        return key == name;
    };
    let (before, after) = (&key[..start], &key[(end + 1).max(start)..]);
    name.len() > before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
}
