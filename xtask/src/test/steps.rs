//! A run of named steps with their times, and the table at its end.

use std::time::{Duration, Instant};

use crate::Outcome;

/// The steps so far.
#[derive(Default)]
pub(super) struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

impl Steps {
    /// Runs a step and keeps its outcome.
    pub(super) fn add(&mut self, name: &'static str, step: impl FnOnce() -> Outcome) {
        eprintln!("\n==> {name}");
        let started = Instant::now();
        let outcome = step();
        if let Err(why) = &outcome {
            eprintln!("error: {why}");
        }
        self.done.push(Step {
            name,
            outcome,
            took: started.elapsed(),
        });
    }

    /// Runs a step that the later ones cannot do without.
    pub(super) fn required(
        &mut self,
        name: &'static str,
        step: impl FnOnce() -> Outcome,
    ) -> Outcome {
        self.add(name, step);
        if self.failed() == 0 {
            Ok(())
        } else {
            self.finish()
        }
    }

    /// Prints the table and fails if a step did.
    pub(super) fn finish(&self) -> Outcome {
        eprintln!("\n{}", self.table());
        match self.failed() {
            0 => Ok(()),
            failed => Err(format!("{failed} of {} steps failed", self.done.len())),
        }
    }

    fn failed(&self) -> usize {
        self.done
            .iter()
            .filter(|step| step.outcome.is_err())
            .count()
    }

    fn table(&self) -> String {
        self.done.iter().map(Step::row).collect()
    }
}

impl Step {
    fn row(&self) -> String {
        let seconds = self.took.as_secs_f64();
        match &self.outcome {
            Ok(()) => format!("  ok      {:<8} {seconds:>7.1} s\n", self.name),
            Err(why) => format!("  FAILED  {:<8} {seconds:>7.1} s  {why}\n", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_does_not_stop_the_next_but_fails_the_run() {
        let mut steps = Steps::default();
        let mut second_ran = false;
        steps.add("first", || Err("no luck".to_owned()));
        steps.add("second", || {
            second_ran = true;
            Ok(())
        });
        assert!(second_ran);
        assert!(steps.table().contains("FAILED  first"), "{}", steps.table());
        assert!(
            steps.table().contains("ok      second"),
            "{}",
            steps.table()
        );
        assert_eq!(steps.finish(), Err("1 of 2 steps failed".to_owned()));
    }

    #[test]
    fn a_required_step_ends_the_run() {
        let mut steps = Steps::default();
        assert!(steps.required("tools", || Ok(())).is_ok());
        assert!(
            steps
                .required("tools", || Err("no network".to_owned()))
                .is_err()
        );
    }
}
