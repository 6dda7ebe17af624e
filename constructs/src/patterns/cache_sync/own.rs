//! An index of one's own: a program that says what it holds of an object, and the table of its rows.

use cloudwright_contract as contract;
use cloudwright_synth::{Json, Scope, Text};

use super::rights::{self, Work};
use super::worker::{Program, literal};
use super::{check, tables};
use crate::dynamodb::TableRef;
use crate::lambda::{Code, FunctionRef};

/// The partition key of the table.
const KEY: &str = "key";

/// The program and its table.
#[derive(Clone)]
pub(super) struct OwnIndex {
    code: Code,
    table: TableRef,
}

impl OwnIndex {
    pub(super) fn new(code: Code, table: &TableRef) -> Self {
        let table = table.clone();
        Self { code, table }
    }

    pub(super) fn check(&self, scope: &Scope) {
        check::account(scope, &self.table);
        check::schema(scope, &self.table, KEY, None);
    }

    /// What the functions run, and what they are told.
    pub(super) fn program(&self, bucket: Json, prefix: &Text) -> Program {
        let plan = contract::ObjectIndex {
            bucket,
            prefix: prefix.clone().into_owned(),
            table: self.table.name().as_json().clone(),
            region: tables::region(self.table.scope(), &self.table),
        };
        Program {
            code: self.code.clone(),
            variables: plan.variables(literal),
        }
    }

    pub(super) fn let_keep(&self, function: &FunctionRef, work: Work) {
        rights::let_keep_rows(&self.table, function, work);
    }
}
