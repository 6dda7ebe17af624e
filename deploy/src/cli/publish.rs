//! `publish`: uploads the files that stacks need, without deploying them.

use std::path::Path;

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::EXIT_CODES;
use super::arguments::{aws, stacks, texts};
use super::chosen::{Along, assembly, choose};
use super::made::Packages;
use super::terminal::Terminal;
use crate::aws::RealClock;
use crate::problem::Problem;
use crate::publish::Publisher;
use crate::stack::{Options, Work};

pub(super) fn command(command: Command) -> Command {
    const JSON: &str =
        "With --json: {version, assets: [{stack, name, key, bucket}]}, what is there afterwards.";
    let about = "Makes and uploads the files that the stacks need";
    aws(stacks(command)
        .about(about)
        .after_help(format!("{JSON}\n\n{EXIT_CODES}")))
}

pub(super) async fn run(
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let assembly = assembly(app)?;
    let clouds = terminal.clouds(arguments)?;
    let (clock, options) = (RealClock::start(), Options::default());
    let packages = Packages {
        checkouts: terminal.shell.checkouts.clone(),
        quiet: terminal.shell.quiet,
    };
    let publisher = Publisher::new(&clock, &packages);
    let mut there = Vec::new();
    for stack in choose(&assembly, &texts(arguments, "stacks"), Along::Nobody)? {
        let cloud = clouds
            .cloud(stack.account.as_deref(), stack.region.as_deref())
            .await?;
        let facts = terminal.shell.facts;
        let work = Work {
            stack,
            cloud: &cloud,
            clock: &clock,
            host: terminal,
            publisher: &publisher,
            options: &options,
            facts,
            swaps: None,
        };
        publisher.publish(&work).await?;
        let place = |text: &str| crate::assembly::in_place(text, &cloud.account, &cloud.region);
        there.extend(stack.assets.iter().map(|asset| {
            json!({ "stack": stack.path, "name": asset.name, "key": asset.key, "bucket": place(&asset.bucket) })
        }));
    }
    if terminal.shell.json {
        terminal.print(&format!(
            "{:#}\n",
            json!({ "version": 1, "assets": Value::from(there) })
        ));
    } else {
        let text = match there.len() {
            1 => "1 file is there\n".to_owned(),
            count => format!("{count} files are there\n"),
        };
        terminal.print(&text);
    }
    Ok(0)
}
