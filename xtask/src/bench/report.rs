//! The report: one row per measurement, grouped by the work, with ratios to cloudwright's own row.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::measure::{Costs, Spread};
use crate::Outcome;

/// The subject that all others of the same work are compared with.
pub(super) const OURS: &str = "cloudwright";

/// What was measured.
#[derive(Clone, Debug)]
pub(super) enum Figure {
    /// Processes.
    Costs(Costs),
    /// CPU seconds that were found by comparing processes.
    Seconds(f64),
    /// Something else that several runs were measured by; the work says what, and its unit.
    Spread(Spread),
    /// A number of things.
    Count(usize),
}

/// One measurement.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The work, the same for all subjects that do it.
    pub(super) work: String,
    /// Who did it.
    pub(super) subject: String,
    pub(super) figure: Figure,
    /// The most that the median, or the count, is to be.
    pub(super) goal: Option<f64>,
    /// The least ratio to cloudwright's own row.
    pub(super) least_ratio: Option<f64>,
}

impl Row {
    pub(super) fn new(work: &str, subject: &str, figure: Figure) -> Self {
        Self {
            work: work.to_owned(),
            subject: subject.to_owned(),
            figure,
            goal: None,
            least_ratio: None,
        }
    }

    pub(super) fn goal(mut self, goal: f64) -> Self {
        self.goal = Some(goal);
        self
    }

    /// For a peer: how many times as much as ours it is to be at least.
    pub(super) fn at_least(mut self, ratio: f64) -> Self {
        self.least_ratio = Some(ratio);
        self
    }

    /// The figure that is compared.
    fn value(&self) -> f64 {
        match &self.figure {
            Figure::Costs(costs) => costs.cpu()[1],
            Figure::Seconds(seconds) => *seconds,
            Figure::Spread(spread) => spread.of[1],
            // Counts of crates are exact in a float.
            #[allow(clippy::cast_precision_loss)]
            Figure::Count(count) => *count as f64,
        }
    }

    fn figures(&self) -> String {
        match &self.figure {
            Figure::Costs(costs) => {
                let [min, median, max] = costs.cpu();
                format!("{median:>9.4} {min:>9.4} {max:>9.4} {:>8.1}", costs.peak())
            }
            Figure::Seconds(seconds) => format!("{seconds:>9.4} {:>9} {:>9} {:>8}", "", "", ""),
            Figure::Spread(spread) => {
                let [min, median, max] = spread.of;
                format!("{median:>9.5} {min:>9.5} {max:>9.5} {:>8}", "")
            }
            Figure::Count(count) => format!("{count:>9} {:>9} {:>9} {:>8}", "", "", ""),
        }
    }

    fn verdict(&self, ratio: Option<f64>) -> String {
        let verdict = |met| if met { "met" } else { "MISSED" };
        if let Some(goal) = self.goal {
            return format!("at most {goal}: {}", verdict(self.value() <= goal));
        }
        self.least_ratio.map_or_else(String::new, |least| {
            let met = ratio.is_some_and(|ratio| ratio >= least);
            format!("at least {least}x: {}", verdict(met))
        })
    }
}

/// The rows of all benches, and the benches that could not run.
#[derive(Default)]
pub(super) struct Report {
    rows: Vec<Row>,
    failures: Vec<String>,
}

impl Report {
    /// Takes the rows of a bench, or why there are none.
    pub(super) fn add(&mut self, bench: &str, rows: Outcome<Vec<Row>>) {
        match rows {
            Ok(rows) => self.rows.extend(rows),
            Err(why) => self.failures.push(format!("{bench}: {why}")),
        }
    }

    /// Fails if a bench could not run.
    pub(super) fn outcome(&self) -> Outcome {
        if self.failures.is_empty() {
            Ok(())
        } else {
            Err(self.failures.join("\n"))
        }
    }

    /// How much more than cloudwright a row costs, where both did the same work.
    fn ratio(&self, row: &Row) -> Option<f64> {
        let ours = self
            .rows
            .iter()
            .find(|ours| ours.work == row.work && ours.subject == OURS)?;
        (ours.value() > 0.0).then(|| row.value() / ours.value())
    }

    /// The report for a terminal.
    pub(super) fn table(&self) -> String {
        let mut table = format!(
            "{:<26} {:<26} {:>9} {:>9} {:>9} {:>8} {:>8}  goal\n",
            "work", "subject", "CPU s", "min", "max", "peak MB", "ratio"
        );
        for row in &self.rows {
            let ratio = self.ratio(row);
            let (figures, verdict) = (row.figures(), row.verdict(ratio));
            let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}x"));
            let Row { work, subject, .. } = row;
            let line = format!("{work:<26} {subject:<26} {figures} {ratio:>8}  {verdict}");
            let _ = writeln!(table, "{}", line.trim_end());
        }
        table
    }

    /// The comparisons as the README shows them: ratios alone, since they hold on any machine.
    pub(super) fn markdown(&self) -> String {
        let mut table = "| work | next to cloudwright | CPU time |\n|---|---|---|\n".to_owned();
        let others = self.rows.iter().filter(|row| row.subject != OURS);
        for row in others {
            if let Some(ratio) = self.ratio(row) {
                let Row { work, subject, .. } = row;
                let _ = writeln!(table, "| {work} | {subject} | {} |", two_digits(ratio));
            }
        }
        table
    }

    /// The report for a program.
    pub(super) fn json(&self) -> String {
        let rows: Vec<_> = self.rows.iter().map(|row| self.row_json(row)).collect();
        format!("{:#}", json!({"rows": rows, "failures": self.failures}))
    }

    fn row_json(&self, row: &Row) -> Value {
        let mut entry = match &row.figure {
            Figure::Costs(costs) => costs.json(),
            Figure::Seconds(seconds) => json!({"cpu_seconds": {"median": seconds}}),
            Figure::Spread(spread) => spread.json(),
            Figure::Count(count) => json!({"count": count}),
        };
        entry["work"] = json!(row.work);
        entry["subject"] = json!(row.subject);
        entry["ratio"] = json!(self.ratio(row));
        entry["goal"] = json!(row.goal);
        entry["least_ratio"] = json!(row.least_ratio);
        entry
    }
}

/// A ratio with as many digits as a measurement is worth: `0.84x`, `12x`, `480x`.
fn two_digits(ratio: f64) -> String {
    match ratio {
        ratio if ratio < 1.0 => format!("{ratio:.2}x"),
        ratio if ratio < 9.95 => format!("{ratio:.1}x"),
        ratio if ratio < 99.5 => format!("{ratio:.0}x"),
        ratio => format!("{:.0}0x", ratio / 10.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let row =
            |subject: &str, seconds| Row::new("400 resources", subject, Figure::Seconds(seconds));
        let mut report = Report::default();
        report.add(
            "synth",
            Ok(vec![row(OURS, 0.01).goal(0.02), row("aws-cdk", 5.0)]),
        );
        report
    }

    #[test]
    fn peers_are_compared_with_our_row_of_the_same_work() {
        let mut report = report();
        report.add(
            "compile",
            Ok(vec![Row::new("clean build", "aws-cdk", Figure::Count(1))]),
        );
        let table = report.table();
        assert!(table.contains("500.00x"), "{table}");
        assert!(table.contains("at most 0.02: met"), "{table}");
        let json: Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(json["rows"][1]["ratio"], 500.0);
        assert_eq!(json["rows"][2]["ratio"], Value::Null);
    }

    #[test]
    fn a_peer_may_have_to_cost_so_many_times_as_much() {
        let spread = |figure| Figure::Spread(Spread::of(vec![figure]));
        let peer = |name, figure| Row::new("init", name, spread(figure)).at_least(30.0);
        let mut report = Report::default();
        let ours = Row::new("init", OURS, spread(0.01));
        report.add(
            "handlers",
            Ok(vec![ours, peer("slow", 0.5), peer("fast", 0.1)]),
        );
        let table = report.table();
        for verdict in ["50.00x  at least 30x: met", "10.00x  at least 30x: MISSED"] {
            assert!(table.contains(verdict), "{table}");
        }
    }

    #[test]
    fn the_readme_gets_the_ratios_of_others() {
        let table = report().markdown();
        let rows: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(rows, ["| 400 resources | aws-cdk | 500x |"]);
    }

    #[test]
    fn ratios_have_two_digits() {
        let shown = [0.046, 1.0, 9.96, 57.4, 483.0].map(two_digits);
        assert_eq!(shown, ["0.05x", "1.0x", "10x", "57x", "480x"]);
    }

    #[test]
    fn a_bench_that_cannot_run_fails_after_the_others() {
        let mut report = report();
        report.add("compile", Err("no compiler".to_owned()));
        assert_eq!(report.outcome(), Err("compile: no compiler".to_owned()));
        assert!(report.table().contains("aws-cdk"));
    }
}
