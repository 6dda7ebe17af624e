//! `publish`: uploads the files and pushes the images that stacks need, without deploying them.

use std::path::Path;

use clap::{ArgMatches, Command};
use serde_json::json;

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
    const JSON: &str = "\
With --json: {version, assets: [{stack, name, key, bucket}], images: [{stack, name, tag, repository}]}, what is there
afterwards.";
    let about = "Makes and uploads the files and images that the stacks need";
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
    let (mut there, mut images) = (Vec::new(), Vec::new());
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
        images.extend(stack.images.iter().map(|image| {
            json!({ "stack": stack.path, "name": image.name, "tag": image.tag, "repository": place(&image.repository) })
        }));
    }
    if terminal.shell.json {
        let there = json!({ "version": 1, "assets": there, "images": images });
        terminal.print(&format!("{there:#}\n"));
    } else {
        for (count, what) in [(there.len(), "file"), (images.len(), "image")] {
            match count {
                0 if what == "image" => {}
                1 => terminal.print(&format!("1 {what} is there\n")),
                count => terminal.print(&format!("{count} {what}s are there\n")),
            }
        }
    }
    Ok(0)
}
