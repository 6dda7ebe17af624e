//! The two tables of an index in DynamoDB, as pypicloud makes and reads them.

use std::rc::Rc;

use cloudwright_contract as contract;
use cloudwright_synth::{Json, Scope, Text, Value};

use super::{check, names};
use crate::arn;
use crate::dynamodb::{Attribute, Index, Table, TableRef};

/// What pypicloud calls its tables.
const NAMES: [&str; 2] = ["DynamoPackage", "PackageSummary"];
/// How this construct calls them among its children.
const IDS: [&str; 2] = ["Packages", "Summaries"];
/// The index of the files by name; pypicloud asks for it by this name.
pub(super) const BY_NAME: &str = "name-index";
/// What an ARN of a table looks like.
const KIND: arn::Kind = arn::Kind {
    service: "dynamodb",
    prefix: "table/",
    what: "a table",
};
/// Where region and account stand in an ARN.
pub(super) const REGION: usize = 3;
pub(super) const ACCOUNT: usize = 4;

/// The tables of a package index: one of the files, one of the names.
///
/// They are called as an unmodified pypicloud calls them, `DynamoPackage` and `PackageSummary`; the
/// settings here are those of its
/// [configuration](https://pypicloud.readthedocs.io/en/latest/topics/cache.html#dynamodb). Tables that are
/// made are paid by request and can be restored, and stay when they leave the template.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::patterns::PackageTables;
/// # let app = App::new();
/// # let stack = app.stack("Packages", Environment::new("111111111111", "eu-central-1"));
/// let tables = PackageTables::new().namespace("staging-");
/// let index = stack.add("Index", CacheSync::tables(tables));
/// assert!(index.tables().is_some());
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "tables do nothing until an index is in them: `CacheSync::tables(..)`"]
pub struct PackageTables {
    place: Place,
    namespace: Text,
    names: [Text; 2],
    with: Vec<Rc<dyn Fn(Table) -> Table>>,
}

/// Where the tables come from.
#[derive(Clone)]
enum Place {
    Made,
    /// In this region, or in that of the functions.
    Existing(Option<Text>),
    Given(Box<[TableRef; 2]>),
}

/// The tables with all that is known of them.
#[derive(Clone)]
pub(super) struct Settled {
    /// The table of the files, and that of the names.
    pub(super) tables: [TableRef; 2],
    names: [Json; 2],
    /// Their region, where it is not the function's own.
    region: Option<Json>,
}

impl PackageTables {
    /// Tables that are made.
    pub fn new() -> Self {
        Self::at(Place::Made)
    }

    /// Tables of these names that exist already, in the stack's account and region.
    pub fn existing() -> Self {
        Self::at(Place::Existing(None))
    }

    /// Tables of these names that exist already, in the stack's account and this region.
    pub fn existing_in(region: impl Into<Text>) -> Self {
        Self::at(Place::Existing(Some(region.into())))
    }

    /// These tables, such as imported ones: that of the files, by `filename`, and that of the names, by
    /// `name`. Both are in the same account as the functions and in one region.
    pub fn of(packages: &TableRef, summaries: &TableRef) -> Self {
        let tables = [packages.clone(), summaries.clone()];
        Self::at(Place::Given(Box::new(tables)))
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            namespace: "".into(),
            names: NAMES.map(Text::Borrowed),
            with: Vec::new(),
        }
    }

    /// What stands before both names, as `db.namespace` of pypicloud: plain text, to which nothing is
    /// added. A change replaces the tables.
    pub fn namespace(mut self, namespace: impl Into<Text>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Other names, as `db.tablenames` of pypicloud: that of the table of the files, and that of the
    /// table of the names. A change replaces the tables.
    pub fn names(mut self, packages: impl Into<Text>, summaries: impl Into<Text>) -> Self {
        self.names = [packages.into(), summaries.into()];
        self
    }

    /// Says more about both tables that are made, such as a key of one's own.
    pub fn with(mut self, say: impl Fn(Table) -> Table + 'static) -> Self {
        self.with.push(Rc::new(say));
        self
    }

    fn full_names(&self) -> [Text; 2] {
        let full = |name: &Text| Text::Owned(format!("{}{name}", self.namespace));
        [full(&self.names[0]), full(&self.names[1])]
    }

    /// Makes the tables, or takes those that are there.
    pub(super) fn settle(&self, scope: &Scope) -> Settled {
        let known = self.full_names().map(Json::Text);
        let (tables, names, region) = match &self.place {
            Place::Made => (self.make(scope), known, None),
            Place::Existing(there) => {
                let environment = scope.environment();
                let there = there.as_deref();
                let there = there.filter(|there| environment.region_name() != Some(there));
                let said = there.map(|region| Json::Text(Text::Owned(region.to_owned())));
                (self.import(scope, there), known, said)
            }
            Place::Given(tables) => {
                let names = [&tables[0], &tables[1]].map(|table| table.name().as_json().clone());
                ((**tables).clone(), names, region(scope, &tables[0]))
            }
        };
        match self.place {
            Place::Given(_) => {
                check::near(scope, &tables);
                check::schema(scope, &tables[0], "filename", Some(BY_NAME));
                check::schema(scope, &tables[1], "name", None);
            }
            Place::Made | Place::Existing(_) => check::table_names(scope, &self.full_names()),
        }
        Settled {
            tables,
            names,
            region,
        }
    }

    fn make(&self, scope: &Scope) -> [TableRef; 2] {
        names::made(scope, self.full_names());
        let [packages, summaries] = self.full_names();
        let by_name = Index::new(BY_NAME, Attribute::string("name"));
        let packages = Table::new(Attribute::string("filename"))
            .index(by_name)
            .table_name(packages);
        let summaries = Table::new(Attribute::string("name")).table_name(summaries);
        [(IDS[0], packages), (IDS[1], summaries)].map(|(id, table)| {
            let said = self.with.iter();
            scope.add(id, said.fold(table, |table, say| say(table)))
        })
    }

    fn import(&self, scope: &Scope, region: Option<&str>) -> [TableRef; 2] {
        let [packages, summaries] = self.full_names();
        [(IDS[0], packages), (IDS[1], summaries)]
            .map(|(id, name)| Table::import(scope, id, named(scope, region, &name)))
    }
}

impl Default for PackageTables {
    fn default() -> Self {
        Self::new()
    }
}

impl Settled {
    /// What the handler is told.
    pub(super) fn plan(&self) -> contract::PackageTables<Json> {
        let [packages, summaries] = self.names.clone();
        contract::PackageTables {
            packages,
            summaries,
            region: self.region.clone(),
        }
    }
}

/// The ARN of a table by its name.
fn named(scope: &Scope, region: Option<&str>, name: &str) -> Value<String> {
    let Some(region) = region else {
        return scope.arn("dynamodb", format!("table/{name}"));
    };
    let text = |text: String| Json::Text(text.into());
    Value::from_json(Json::concat(vec![
        text("arn:".to_owned()),
        scope.partition().as_json().clone(),
        text(format!(":dynamodb:{region}:")),
        scope.account().as_json().clone(),
        text(format!(":table/{name}")),
    ]))
}

/// The region of a table that is to be said, because it is not surely that of the function.
pub(super) fn region(scope: &Scope, table: &TableRef) -> Option<Json> {
    match place_of(table, REGION) {
        Some(there) => {
            let here = scope.environment();
            (here.region_name() != Some(&there)).then_some(Json::Text(there))
        }
        None if table.cfn().is_some() => None,
        None => {
            let parts = arn::parts(scope, &table.arn(), &KIND);
            Some(parts.region.as_json().clone())
        }
    }
}

/// The region or the account of a table, when it is known.
pub(super) fn place_of(table: &TableRef, part: usize) -> Option<Text> {
    let environment = table.scope().environment();
    let (arn, own) = (table.arn(), table.cfn().is_some());
    let known = match part {
        _ if !own => arn.literal().and_then(|arn| arn.split(':').nth(part)),
        REGION => environment.region_name(),
        _ => environment.account_id(),
    };
    known.map(|known| Text::Owned(known.to_owned()))
}
