//! What a program may say that cannot work, found before anything is made.

use std::time::Duration;

use cloudwright_synth::{Json, ResourceRef as _, Scope, Text};

use super::config::Problem;
use super::sync::Index;
use super::tables::{ACCOUNT, REGION, place_of};
use crate::dynamodb::TableRef;
use crate::rules;
use crate::s3::BucketRef;

/// How long a table's name may be.
const NAME: std::ops::RangeInclusive<usize> = 3..=255;
/// How long a key may be, and so its beginning, in bytes.
const KEY: usize = 1024;

/// Reports names that DynamoDB or pypicloud would refuse.
pub(super) fn table_names(scope: &Scope, names: &[Text; 2]) {
    for name in names {
        let is_plain = |one: u8| one.is_ascii_alphanumeric() || b"_-.".contains(&one);
        if !NAME.contains(&name.len()) || !name.bytes().all(is_plain) {
            let message = format!(
                "a table's name has 3 to 255 letters, digits, `_`, `-` and `.`, got \"{name}\""
            );
            let help = "choose other names or another namespace, here and in pypicloud's `db.tablenames` and `db.namespace`";
            scope.error(&rules::BAD_NAME, message, help);
        }
    }
    if names[0] == names[1] {
        let message = format!(
            "the files and the names are in tables of their own, got \"{}\" for both",
            names[0]
        );
        let help = "give each table a name of its own; pypicloud calls them `DynamoPackage` and `PackageSummary`";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}

/// Reports given tables that the functions cannot use together.
pub(super) fn near(scope: &Scope, tables: &[TableRef; 2]) {
    let [packages, summaries] = tables;
    let regions = [packages, summaries].map(|table| place_of(table, REGION));
    if let [Some(one), Some(other)] = &regions
        && one != other
    {
        let message = format!("both tables are in one region, got one in {one} and one in {other}");
        let help = "name the two tables of one pypicloud server";
        scope.error(&rules::TOO_FAR, message, help);
    }
    for table in tables {
        account(scope, table);
    }
}

/// Reports a table of another account.
pub(super) fn account(scope: &Scope, table: &TableRef) {
    let here = scope.environment();
    let there = place_of(table, ACCOUNT);
    if let (Some(here), Some(there)) = (here.account_id(), there)
        && here != there
    {
        let message = format!(
            "the tables are in the account of the functions, {here}, got `{}` in {there}",
            table.scope().path()
        );
        let help = "add the construct to a stack of the tables' account";
        scope.error(&rules::TOO_FAR, message, help);
    }
}

/// Reports a table of the app whose keys are not those that its rows are found by: the whole key is this partition
/// key, and there is an index of this name, if one is needed.
pub(super) fn schema(scope: &Scope, table: &TableRef, key: &str, index: Option<&str>) {
    let Some(cfn) = table.cfn() else { return };
    let keys = cfn.handle().property("KeySchema");
    let keys = keys.as_ref().map(|keys| names_in(keys, "AttributeName"));
    if let Some(keys) = keys.filter(|keys| *keys != [key]) {
        let message = format!(
            "the key of `{}` is `{key}` alone, got {}",
            table.scope().path(),
            quoted(&keys)
        );
        let help = "name a table that is made for this, or have it made";
        scope.error(&rules::BAD_INDEX, message, help);
        return;
    }
    let indexes = cfn.handle().property("GlobalSecondaryIndexes");
    let indexes = indexes.map_or_else(Vec::new, |all| names_in(&all, "IndexName"));
    if let Some(index) = index.filter(|index| !indexes.iter().any(|one| one == index)) {
        let message = format!(
            "`{}` has an index `{index}` by `name`, got {}",
            table.scope().path(),
            quoted(&indexes)
        );
        let help =
            "add `.index(Index::new(\"name-index\", Attribute::string(\"name\")))` to the table";
        scope.error(&rules::BAD_INDEX, message, help);
    }
}

/// What the members of a list are called by this member of theirs.
fn names_in(list: &Json, member: &str) -> Vec<Text> {
    let Json::List(list) = list else {
        return Vec::new();
    };
    let name = |one: &Json| match one {
        Json::Map(members) => {
            let found = members.iter().find(|(name, _)| name == member)?;
            found.1.as_text().map(|text| Text::Owned(text.to_owned()))
        }
        _ => None,
    };
    list.iter().filter_map(name).collect()
}

fn quoted(names: &[Text]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.is_empty() {
        true => "none".to_owned(),
        false => quoted.join(", "),
    }
}

/// Reports tags that nobody reads: a row of pypicloud's tables is made of none.
pub(super) fn tags(scope: &Scope, index: &Index, are_said: bool) {
    if are_said && !matches!(index, Index::Own(_)) {
        let message = "rows of packages are made of no tags, got `.tags()`";
        let help = "drop it; it is for an index of one's own, `CacheSync::of(..)`";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}

/// Reports a beginning that no key has.
pub(super) fn prefix(scope: &Scope, prefix: &str) {
    if prefix.len() > KEY {
        let message = format!(
            "a key has at most {KEY} bytes, got a prefix of {}",
            prefix.len()
        );
        let help = "say the `storage.prefix` of the pypicloud server";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
}

/// Reports that something is said about a bucket that is not made.
pub(super) fn made<T>(scope: &Scope, bucket: &BucketRef, is_made: bool, said: &[T]) {
    if !is_made && !said.is_empty() {
        let message = format!(
            "the packages are in `{}`, and more is said about a bucket that would be made",
            bucket.scope().path()
        );
        let help = "drop `.bucket_with(..)`, and say it where that bucket is made";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}

/// A period as a schedule says it; one that it cannot say is reported.
pub(super) fn rate(scope: &Scope, period: Duration) -> Text {
    let help = "round it: `hours(6)`, or say `.rebuild_at(\"cron(15 3 * * ? *)\")`";
    crate::events::rate(scope, period, help)
}

/// Reports an address that the handler or pypicloud would refuse; a password is not repeated.
pub(super) fn redis_url(scope: &Scope, url: Option<&str>) {
    let Some(url) = url else { return };
    let (scheme, address) = url.split_once("://").unwrap_or(("", url));
    if address.contains('@') {
        let message = "the address of the Redis server holds a password, which would be readable in the function's settings";
        let help = "put the whole address into a secret, and say `CacheSync::redis(RedisServer::of_secret(&secret))`, in place of a configuration file that holds it";
        scope.error(&rules::PLAINTEXT_SECRET, message, help);
    } else if !matches!(scheme, "redis" | "rediss") || address.is_empty() {
        let message = format!(
            "a Redis server's address is redis://host:port or rediss://host:port, got \"{url}\""
        );
        let help = "say it as in pypicloud's `db.url`";
        scope.error(&rules::BAD_INDEX, message, help);
    }
}

/// Reports what is wrong with a configuration file, and a bucket that is elsewhere.
pub(super) fn config(scope: &Scope, problems: &[Problem], there: Option<&str>) {
    for (message, help) in problems {
        scope.error(&rules::BAD_INDEX, message.clone(), *help);
    }
    let environment = scope.environment();
    if let (Some(here), Some(there)) = (environment.region_name(), there)
        && here != there
    {
        let message = format!(
            "the bucket of the configuration is in {there} (`storage.region_name`), and the stack is in {here}"
        );
        let help = "add the construct to a stack of the bucket's region";
        scope.error(&rules::TOO_FAR, message, help);
    }
}
