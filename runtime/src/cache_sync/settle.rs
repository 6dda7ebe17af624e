//! What the index says about a name, made that of its newest file.
//!
//! The files of a name are found by an index that lags behind, so they do not tell at once that one
//! is gone, or that another has come. Saying something newer needs none of them. Saying something
//! older waits until they tell the truth of when the waiting began, and afterwards looks whether
//! somebody wrote a file meanwhile who saw that something newer was said already.
//!
//! Whoever finds that a file is gone waits too, even where what is said seems to be right. Of two who
//! remove files at the same time each still sees the other's in the index, and both would leave said
//! what neither file says any more. After the wait nobody sees them, and the later one says so.

use super::index::{Index, Shelf};
use super::projection::{Projection, Summary};
use super::{CacheSync, ROUNDS};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure};

/// What became of what is said about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Settled {
    /// It was right.
    Already,
    /// Something newer is said.
    Raised,
    /// Something older is said, or was while this lasted. A file that was written meanwhile may have been left out:
    /// one's own counts as it was when this began.
    Lowered,
}

impl<S: Shelf, P: Projection, I: Index<Row = P::Row>> CacheSync<S, P, I> {
    /// Says of `name` what its newest file says, where `file` is known to say `own`.
    pub(super) async fn settle(
        &self,
        name: &str,
        file: &str,
        own: Option<Summary>,
        deadline: &Deadline,
    ) -> Result<Settled, Failure> {
        let own = own.as_ref();
        let mut settled = Settled::Already;
        for _ in 0..ROUNDS {
            let said = deadline.limit(self.index.summary(name)).await?;
            let said = said.as_ref();
            if said < own {
                let is_said = deadline.limit(self.index.say(name, own, said)).await?;
                settled = settled.max(Settled::Raised);
                if is_said && settled == Settled::Raised {
                    return Ok(settled);
                }
                continue;
            }
            // Whoever says that a file has gone answers for those who still see it, until nobody does.
            let may_have_gone = own.is_none() && !file.is_empty();
            let is_own = said == own && said.is_some();
            if settled != Settled::Lowered
                && !may_have_gone
                && (is_own || self.newest(name, file, own, deadline).await?.as_ref() == said)
            {
                return Ok(settled);
            }
            self.wait(deadline).await?;
            let newest = self.newest(name, file, own, deadline).await?;
            if newest.as_ref() == said {
                let still = deadline.limit(self.index.summary(name)).await?;
                if still.as_ref() == said {
                    return Ok(settled);
                }
                continue;
            }
            let say = self.index.say(name, newest.as_ref(), said);
            settled = settled.max(match deadline.limit(say).await? {
                true => Settled::Lowered,
                false => Settled::Raised,
            });
        }
        let message = format!(
            "what is said about {name} changed each of the {ROUNDS} times it was looked at"
        );
        Err(Failure::new(Class::KeepsChanging, message))
    }

    async fn newest(
        &self,
        name: &str,
        file: &str,
        own: Option<&Summary>,
        deadline: &Deadline,
    ) -> Result<Option<Summary>, Failure> {
        let others = deadline.limit(self.index.newest(name, file)).await?;
        Ok(others.max(own.cloned()))
    }

    async fn wait(&self, deadline: &Deadline) -> Result<(), Failure> {
        let lag = self.index.lag();
        if lag.is_zero() {
            return Ok(());
        }
        let pause = async {
            tokio::time::sleep(lag).await;
            Ok(())
        };
        deadline.limit(pause).await
    }
}
