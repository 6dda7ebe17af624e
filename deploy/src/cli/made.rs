//! Makes the packages of assets on a thread of its own, so that operations under way are followed meanwhile.

use std::env;
use std::io;
use std::path::PathBuf;

use cloudwright_bundle::build::Workshop;
use cloudwright_bundle::checkout;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::bundle::Order;
use crate::problem::Problem;
use crate::publish::Maker;

/// Makes packages as `bundle` does.
pub(super) struct Packages {
    pub(super) checkouts: Vec<PathBuf>,
    pub(super) quiet: bool,
}

impl Maker for Packages {
    fn make<'a>(&'a self, command: &'a [String]) -> LocalBoxFuture<'a, Result<PathBuf, Problem>> {
        let (words, checkouts, quiet) = (command.to_vec(), self.checkouts.clone(), self.quiet);
        let made = tokio::task::spawn_blocking(move || make(&words, &checkouts, quiet));
        async {
            let ended =
                |_| Problem::failed("the making of a package was ended", "run the command again");
            made.await.map_err(ended)?
        }
        .boxed_local()
    }
}

fn make(words: &[String], checkouts: &[PathBuf], quiet: bool) -> Result<PathBuf, Problem> {
    let variable = |name: &str| env::var(name).ok();
    let home = checkout::home(variable);
    let home =
        home.ok_or_else(|| Problem::unreadable("there is no home folder", "set CLOUDWRIGHT_HOME"))?;
    let (mut loud, mut silent) = (io::stderr(), io::sink());
    let mut workshop = Workshop {
        home,
        target_dir: env::var_os("CARGO_TARGET_DIR").map(PathBuf::from),
        log: if quiet { &mut silent } else { &mut loud },
    };
    let made = Order::read(words).and_then(|order| order.make(&mut workshop, checkouts, variable));
    Ok(made?.path)
}
