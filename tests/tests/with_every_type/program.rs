//! The program that constructs every type twice.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cloudwright_spec::{Property, Type, parse};

use super::codegen::{Field, Library, Module, Nested, RustType, Shape, by_name, required};
use super::random::Random;
use super::{TYPES_PER_STACK, literal, object, region};

/// The program's files, and the stacks that it writes by region.
pub struct Program {
    pub files: BTreeMap<String, String>,
    pub stacks: BTreeMap<String, Vec<String>>,
}

/// Nested types deeper than this get their required properties only.
const DEPTH: usize = 3;

/// The copies of each type: with its required properties, and with a choice of optional ones.
const COPIES: [&str; 2] = ["required", "optional"];

/// Writes the program for the text of every service.
pub fn generate(facts: &BTreeMap<String, String>) -> Program {
    let read = |service: &str| facts.get(service).cloned();
    let library = Library::new(&read);
    let mut files = BTreeMap::new();
    let mut functions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (service, text) in facts {
        let parsed = parse(text).unwrap_or_else(|e| panic!("{service}.spec: {e}"));
        let file = format!("service_{}", service.to_ascii_lowercase());
        let mut source = String::from(
            "#![allow(unused_imports)]\n\nuse cloudwright_cfn as cfn;\nuse cloudwright_synth::{Stack, json};\n",
        );
        for resource in &parsed.resources {
            let module = Module::new(resource, &library);
            let function = module.module.trim_start_matches("r#").to_owned();
            write_function(&mut source, &module, &function);
            let list = functions
                .entry(region(&resource.regions).to_owned())
                .or_default();
            list.push(format!("{file}::{function}"));
        }
        files.insert(format!("{file}.rs"), source);
    }
    let stacks = main_file(&mut files, &functions);
    Program { files, stacks }
}

fn write_function(source: &mut String, module: &Module<'_>, function: &str) {
    let id = format!("{}{}", module.service, module.resource);
    for (copy, suffix, rarity) in [
        (COPIES[0], "Required", None),
        (COPIES[1], "Optional", Some(3)),
    ] {
        let mut writer = Writer {
            module,
            rarity,
            random: Random::of(&format!("{id}{suffix}")),
            serial: 0,
            path: Vec::new(),
        };
        let expression = writer.resource();
        let expression =
            expression.unwrap_or_else(|| panic!("no values for {}", module.facts.type_name));
        let _ = writeln!(source, "\npub fn {function}_{copy}(stack: &Stack) {{");
        let _ = writeln!(source, "    stack.add(\"{id}{suffix}\", {expression});\n}}");
    }
}

/// One stack per region, 250 types and copy: both copies of a type may have one name.
fn main_file(
    files: &mut BTreeMap<String, String>,
    functions: &BTreeMap<String, Vec<String>>,
) -> BTreeMap<String, Vec<String>> {
    let mut main = String::from("use cloudwright_synth::{App, Environment, Severity, Stack};\n\n");
    for file in files.keys() {
        let _ = writeln!(main, "mod {};", file.trim_end_matches(".rs"));
    }
    main.push_str(RUNNER);
    let mut stacks: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (region, functions) in functions {
        let chunks = functions.chunks(TYPES_PER_STACK).enumerate();
        for ((index, chunk), copy) in chunks.flat_map(|chunk| COPIES.map(|copy| (chunk, copy))) {
            let name = format!("{region}-{index}-{copy}");
            let _ = writeln!(main, "    good &= write({name:?}, &[");
            for function in chunk {
                let _ = writeln!(main, "        {function}_{copy},");
            }
            main.push_str("    ]);\n");
            stacks.entry(region.clone()).or_default().push(name);
        }
    }
    main.push_str("    std::process::exit(i32::from(!good));\n}\n");
    files.insert("main.rs".to_owned(), main);
    stacks
}

const RUNNER: &str = r#"
fn write(name: &str, adders: &[fn(&Stack)]) -> bool {
    let app = App::new();
    let stack = app.stack(name.to_owned(), Environment::agnostic());
    adders.iter().for_each(|add| add(&stack));
    let assembly = match app.synth() {
        Ok(assembly) => assembly,
        Err(mistakes) => {
            for mistake in mistakes.iter().filter(|mistake| mistake.severity == Severity::Error) {
                eprintln!("{mistake}");
            }
            return false;
        }
    };
    let folder = std::env::args().nth(1).expect("the folder to write to");
    let path = std::path::Path::new(&folder).join(format!("{name}.template.json"));
    let stack = assembly.stack(name).expect("the stack was added");
    std::fs::write(path, stack.template().to_json()).expect("the folder can be written to");
    true
}

fn main() {
    let mut good = true;
"#;

struct Writer<'m> {
    module: &'m Module<'m>,
    rarity: Option<usize>,
    random: Random,
    /// Which element of a list is being written.
    serial: usize,
    /// The nested types that are being written, outermost first.
    path: Vec<&'m str>,
}

impl<'m> Writer<'m> {
    fn resource(&mut self) -> Option<String> {
        let module = self.module;
        let service = module.service.to_ascii_lowercase();
        let name = format!("cfn::{service}::{}", module.name);
        let by_name = format!("cfn::{service}::{}::Required", module.module);
        self.builder(&name, &by_name, &module.facts.fields, &module.fields)
    }

    fn builder(
        &mut self,
        name: &str,
        required_name: &str,
        facts: &'m cloudwright_spec::Fields<'m>,
        fields: &'m [Field<'m>],
    ) -> Option<String> {
        let mut values: BTreeMap<&str, Option<String>> = BTreeMap::new();
        let rarity = self.rarity.filter(|_| self.path.len() <= DEPTH);
        let mut random = self.random.fork();
        let mut usable = |name: &str| {
            let Some(field) = fields.iter().find(|field| field.facts.name == name) else {
                return false;
            };
            let value = values
                .entry(field.facts.name)
                .or_insert_with(|| self.field(field));
            value.is_some()
        };
        let chosen = object::choose(facts, rarity, &mut usable, &mut random);
        if !chosen.iter().all(|name| usable(name)) {
            return None;
        }
        let value = |field: &Field<'_>| {
            let chosen = chosen.contains(field.facts.name);
            chosen
                .then(|| values.get(field.facts.name).cloned().flatten())
                .flatten()
        };
        Some(call(name, required_name, fields, &value))
    }

    fn field(&mut self, field: &'m Field<'m>) -> Option<String> {
        let property = field.facts;
        let value = self.value(property, &property.ty, &field.ty);
        value.or_else(|| property.required.then(|| fallback(property)).flatten())
    }

    /// A value as a Rust expression; `None` where none is known, or a type would hold itself.
    fn value(
        &mut self,
        property: &'m Property<'m>,
        ty: &Type<'m>,
        rust: &'m RustType,
    ) -> Option<String> {
        let facets = &property.facets;
        match (ty, rust) {
            (Type::List(element), RustType::List(rust)) => {
                let count = literal::items(facets);
                let (outer, rarity) = (self.serial, self.rarity);
                if facets.unique && count > 1 {
                    self.rarity = rarity.or(Some(2));
                }
                let element = |serial| {
                    self.serial = outer + serial;
                    self.value(property, element, rust)
                };
                let values: Option<Vec<String>> = (0..count).map(element).collect();
                (self.serial, self.rarity) = (outer, rarity);
                Some(format!("[{}]", values?.join(", ")))
            }
            (Type::Map(element), RustType::Map(rust)) => {
                let key = literal::key(facets, &mut self.random)?;
                let value = self.value(property, element, rust)?;
                Some(format!("[({key:?}, {value})]"))
            }
            (Type::Scalar(scalar), _) => literal::scalar(
                *scalar,
                property.name,
                facets,
                self.serial,
                &mut self.random,
            ),
            (_, RustType::Nested(name)) => self.nested(name),
            _ => Some("json!({})".to_owned()),
        }
    }

    fn nested(&mut self, name: &str) -> Option<String> {
        let module = self.module;
        let nested: &'m Nested<'m> = module.nested.iter().find(|nested| nested.name == name)?;
        let service = module.service.to_ascii_lowercase();
        let path = format!("cfn::{service}::{}::{name}", module.module);
        match &nested.shape {
            Shape::Choice(variants) => {
                let place = self.random.below(variants.len()) + self.serial;
                let (variant, _) = &variants[place % variants.len()];
                Some(format!("{path}::{variant}"))
            }
            Shape::Structure(facts, fields) => {
                if self.path.contains(&nested.written) || self.path.len() > 12 {
                    return None;
                }
                self.path.push(nested.written);
                let value = self.builder(&path, &format!("{path}Required"), facts, fields);
                self.path.pop();
                value
            }
        }
    }
}

/// The call of `new` with the required values, and of the setters of the others that are there.
fn call(
    name: &str,
    required_name: &str,
    fields: &[Field<'_>],
    value: &dyn Fn(&Field<'_>) -> Option<String>,
) -> String {
    let arguments = required(fields).filter_map(|field| Some((&field.setter, value(field)?)));
    let arguments: Vec<String> = match by_name(fields) {
        true => arguments
            .map(|(name, value)| format!("{name}: {value}"))
            .collect(),
        false => arguments.map(|(_, value)| value).collect(),
    };
    let arguments = arguments.join(", ");
    let mut out = match by_name(fields) {
        true => format!("{name}::new({required_name} {{ {arguments} }})"),
        false => format!("{name}::new({arguments})"),
    };
    for field in fields.iter().filter(|field| !field.facts.required) {
        if let Some(value) = value(field) {
            let _ = write!(out, ".{}({value})", field.setter);
        }
    }
    out
}

fn fallback(property: &Property<'_>) -> Option<String> {
    let scalar = literal::leaf_scalar(&property.ty)?;
    let text = match scalar {
        cloudwright_spec::Scalar::String => literal::guess(&property.facets)?,
        _ => return None,
    };
    Some(match &property.ty {
        Type::List(_) => format!("[{text}]"),
        _ => text,
    })
}
