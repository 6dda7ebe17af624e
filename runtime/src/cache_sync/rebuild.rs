//! The whole index made equal to the whole bucket.

use std::collections::{BTreeMap, BTreeSet};

use cloudwright_contract::{Rebuild, Rebuilt};
use futures_util::{StreamExt as _, stream};

use super::index::{Index, Shelf};
use super::package::file_of;
use super::{AT_ONCE, CacheSync, Places};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};

impl<S: Shelf, I: Index> CacheSync<S, I> {
    /// Looks at every file that is in the bucket or in the index, in order, and then at every name
    /// that something is said about.
    ///
    /// # Errors
    /// Everything that failed; and when the time is over, the file to go on with.
    pub async fn rebuild(&self, command: &Rebuild, deadline: &Deadline) -> Result<Rebuilt, Report> {
        let from = command.from.as_deref().unwrap_or_default();
        let files = self.all_files(from, deadline).await?;
        let mut rebuilt = Rebuilt {
            files: files.len(),
            changed: 0,
        };
        let mut failures = Vec::new();
        let mut late = None;
        let work = files.iter().map(|(file, places)| async move {
            (file, Box::pin(self.sync(file, places, deadline)).await)
        });
        let mut done = stream::iter(work).buffered(AT_ONCE);
        while let Some((file, result)) = done.next().await {
            match result {
                Ok(has_changed) => rebuilt.changed += usize::from(has_changed),
                Err(failure) if failure.class == Class::DeadlineReached => {
                    late = Some(file);
                    break;
                }
                Err(failure) => failures.push(self.about(failure, file)),
            }
        }
        match late {
            Some(file) => failures.push(unfinished(file)),
            None => self.settle_names(&mut failures, deadline).await,
        }
        if failures.is_empty() {
            return Ok(rebuilt);
        }
        Err(Report {
            done: rebuilt.files.saturating_sub(failures.len()),
            failures,
        })
    }

    fn about(&self, failure: Failure, file: &str) -> Failure {
        failure.about(&self.bucket, &format!("{}../{file}", self.prefix))
    }

    async fn all_files(
        &self,
        from: &str,
        deadline: &Deadline,
    ) -> Result<BTreeMap<String, Places>, Failure> {
        let known = deadline.limit(self.index.files()).await?;
        // After the index: what comes into both later has an event of its own.
        let keys = deadline.limit(self.shelf.keys(&self.prefix)).await?;
        let none = || Places {
            keys: BTreeSet::new(),
            are_all: true,
        };
        let mut files: BTreeMap<_, _> = known.into_iter().map(|file| (file, none())).collect();
        for key in keys {
            let file = file_of(&key);
            if !file.is_empty() {
                let places = files.entry(file.to_owned()).or_insert_with(none);
                places.keys.insert(key);
            }
        }
        files.retain(|file, _| file.as_str() >= from);
        Ok(files)
    }

    /// Names of which no file is left are in the index only.
    async fn settle_names(&self, failures: &mut Vec<Failure>, deadline: &Deadline) {
        let names = match deadline.limit(self.index.names()).await {
            Ok(names) => names,
            Err(failure) => return failures.push(failure),
        };
        let work = names
            .iter()
            .map(|name| self.settle(name, "", None, deadline));
        let results: Vec<_> = stream::iter(work).buffered(AT_ONCE).collect().await;
        failures.extend(results.into_iter().filter_map(Result::err));
    }
}

fn unfinished(file: &str) -> Failure {
    let quoted = serde_json::Value::from(file);
    let message = format!(
        "the time was over before the end; go on with {{\"rebuild\": {{\"from\": {quoted}}}}}"
    );
    Failure::new(Class::DeadlineReached, message)
}
