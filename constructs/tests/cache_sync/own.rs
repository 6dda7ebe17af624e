//! An index of one's own: a program says what it holds, the construct brings all else.

use cloudwright::dynamodb::{Attribute, Table};
use cloudwright::lambda::Code;
use cloudwright::patterns::PackageTables;
use cloudwright::prelude::*;
use serde_json::json as expected;

use crate::support::{assert_error, home, refusal_of, strict_template, template};
use crate::{CacheSync, TABLE, function, statements};

fn code() -> Code {
    Code::s3("releases", "catalog.zip")
}

fn rows(stack: &Stack) -> cloudwright::dynamodb::TableRef {
    stack.add("Rows", Table::new(Attribute::string("key")))
}

#[test]
fn both_functions_are_the_program_and_know_bucket_and_table() {
    let template = template(|stack| {
        let rows = rows(stack);
        stack.add("Index", CacheSync::of(code(), &rows).prefix("in/"));
    });
    let table = template.id(TABLE, "Rows");
    for start in ["IndexFunction", "IndexRebuild"] {
        let properties = function(&template, start);
        assert_eq!(properties["Code"]["S3Key"], "catalog.zip");
        assert_eq!(properties["Handler"], "bootstrap");
        let variables = &properties["Environment"]["Variables"];
        assert_eq!(variables["OBJECT_PREFIX"], "in/");
        assert_eq!(variables["OBJECT_TABLE"], expected!({ "Ref": table }));
        assert!(variables["OBJECT_BUCKET"].is_string(), "{variables}");
        assert_eq!(variables["OBJECT_TABLE_REGION"], expected!(null));
    }
}

#[test]
fn the_functions_may_keep_the_rows_and_no_more() {
    let template = template(|stack| {
        let rows = rows(stack);
        stack.add("Index", CacheSync::of(code(), &rows));
    });
    let table = expected!({ "Fn::GetAtt": [template.id(TABLE, "Rows"), "Arn"] });
    let rows = [
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
    ];
    let all = [&["dynamodb:BatchGetItem"], &rows[..], &["dynamodb:Scan"]].concat();
    for (start, actions) in [("IndexFunction", &rows[..]), ("IndexRebuild", &all)] {
        let may = expected!({ "Action": actions, "Effect": "Allow", "Resource": table });
        assert_eq!(statements(&template, start, "dynamodb"), [&may]);
        let looks = statements(&template, start, "s3");
        assert!(looks.iter().any(|one| one["Action"] == "s3:GetObject"));
    }
}

#[test]
fn tags_are_told_of_and_may_be_read() {
    for bridge in [false, true] {
        let template = template(|stack| {
            let rows = rows(stack);
            let index = CacheSync::of(code(), &rows).tags();
            let index = if bridge { index.event_bridge() } else { index };
            stack.add("Index", index);
        });
        let may = statements(&template, "IndexFunction", "s3");
        let reads = expected!(["s3:GetObject", "s3:GetObjectTagging"]);
        assert!(may.iter().any(|one| one["Action"] == reads), "{may:#?}");
        let told = match bridge {
            true => template.properties("AWS::Events::Rule")["EventPattern"]["detail-type"].clone(),
            false => template.properties("AWS::S3::Bucket")["NotificationConfiguration"].clone(),
        };
        let wanted = if bridge {
            "Object Tags Deleted"
        } else {
            "s3:ObjectTagging:*"
        };
        assert!(told.to_string().contains(wanted), "{told}");
    }
}

#[test]
fn a_strict_stack_has_nothing_to_say() {
    let template = strict_template(|stack| {
        let rows = rows(stack);
        let index = CacheSync::of(code(), &rows).tags().rebuild_every(days(1));
        stack.add("Index", index);
    });
    assert!(!template.all("AWS::Events::Rule").is_empty());
}

/// Builds the wrong construct in a stack.
type Wrong = fn(&Stack) -> CacheSync;

/// What is wrong, the code, and what the message says.
const ERRORS: &[(Wrong, &str, &str)] = &[
    (
        |stack| {
            CacheSync::of(
                code(),
                &stack.add("T", Table::new(Attribute::string("name"))),
            )
        },
        "CW1411",
        "the key of `S/T` is `key` alone, got `name`",
    ),
    (
        |stack| {
            let table = Table::new(Attribute::string("key")).sort_by(Attribute::number("when"));
            CacheSync::of(code(), &stack.add("T", table))
        },
        "CW1411",
        "the key of `S/T` is `key` alone, got `key`, `when`",
    ),
    (
        |stack| {
            let arn = "arn:aws:dynamodb:eu-central-1:210987654321:table/rows";
            CacheSync::of(code(), &Table::import(stack, "T", arn))
        },
        "CW1109",
        "got `S/T` in 210987654321",
    ),
    (
        |_| CacheSync::dynamodb().tags(),
        "CW1103",
        "rows of packages are made of no tags",
    ),
    // The same for the tables of packages that the app makes by itself.
    (
        |stack| {
            let files = stack.add("F", Table::new(Attribute::string("id")));
            let names = stack.add("N", Table::new(Attribute::string("name")));
            CacheSync::tables(PackageTables::of(&files, &names))
        },
        "CW1411",
        "the key of `S/F` is `filename` alone, got `id`",
    ),
    (
        |stack| {
            let files = stack.add("F", Table::new(Attribute::string("filename")));
            let names = stack.add("N", Table::new(Attribute::string("name")));
            CacheSync::tables(PackageTables::of(&files, &names))
        },
        "CW1411",
        "`S/F` has an index `name-index` by `name`, got none",
    ),
];

#[test]
fn a_table_with_other_keys_and_tags_that_nobody_reads_are_refused() {
    for (wrong, code, said) in ERRORS {
        let app = App::new();
        let stack = app.stack("S", home());
        let index = wrong(&stack);
        stack.add("Index", index);
        assert_error(&refusal_of(app), code, &[said]);
    }
}
