//! The cost of whole processes, as the kernel counts it when they end.
//!
//! The figures include the descendants that a process has waited for: those of a `cargo build` hold
//! every compiler that it ran. The peak of memory is that of the largest single process, and never
//! less than that of this command when it starts one, about 5 MB.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use wait4::Wait4;

use crate::Outcome;
use crate::process::shown;

const MEGABYTE: f64 = 1e6;
/// How often the memory of a program is looked up.
const LOOK: Duration = Duration::from_millis(5);

/// What one process cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// User and system time, in seconds.
    pub(super) cpu: f64,
    /// The largest resident set, in MB.
    pub(super) peak: f64,
}

/// The costs of several runs of the same command.
#[derive(Clone, Debug)]
pub(super) struct Costs(Vec<Cost>);

impl Costs {
    /// Runs what `command` makes `runs` times; it gets the number of the run.
    pub(super) fn of(
        runs: usize,
        mut command: impl FnMut(usize) -> Outcome<Command>,
    ) -> Outcome<Self> {
        let costs = (0..runs).map(|run| once(&mut command(run)?));
        costs.collect::<Outcome<Vec<_>>>().map(Self)
    }

    /// The least, the middle and the most CPU seconds.
    pub(super) fn cpu(&self) -> [f64; 3] {
        let mut figures: Vec<_> = self.0.iter().map(|cost| cost.cpu).collect();
        spread(&mut figures)
    }

    /// The largest peak of memory, in MB.
    pub(super) fn peak(&self) -> f64 {
        self.0.iter().map(|cost| cost.peak).fold(0.0, f64::max)
    }

    pub(super) fn json(&self) -> Value {
        let [min, median, max] = self.cpu();
        let cpu = json!({"min": min, "median": median, "max": max});
        json!({"runs": self.0.len(), "cpu_seconds": cpu, "peak_megabytes": self.peak()})
    }
}

/// The clock seconds of a run.
pub(super) fn clock(command: &mut Command) -> Outcome<f64> {
    let started = Instant::now();
    once(command)?;
    Ok(started.elapsed().as_secs_f64())
}

/// One figure of several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    /// The least, the middle and the most.
    pub(super) of: [f64; 3],
    pub(super) runs: usize,
}

impl Spread {
    /// The spread of the figures of at least one run.
    pub(super) fn of(mut figures: Vec<f64>) -> Self {
        Self {
            runs: figures.len(),
            of: spread(&mut figures),
        }
    }

    pub(super) fn json(&self) -> Value {
        let [min, median, max] = self.of;
        json!({"runs": self.runs, "figure": {"min": min, "median": median, "max": max}})
    }
}

/// The least, the middle and the most of at least one figure.
fn spread(figures: &mut [f64]) -> [f64; 3] {
    figures.sort_by(f64::total_cmp);
    [
        figures[0],
        figures[figures.len() / 2],
        figures[figures.len() - 1],
    ]
}

/// Runs the command to its end.
pub(super) fn once(command: &mut Command) -> Outcome<Cost> {
    ended(command, |_| None)
}

/// Runs a program without descendants to its end. Its peak is looked up while it runs, so that it is its own, however
/// large this command has become by now.
pub(super) fn alone(command: &mut Command) -> Outcome<Cost> {
    ended(command, |process| {
        let mut peak = None;
        // There is none once it has ended.
        while let Ok(megabytes) = memory(process, "VmHWM") {
            peak = Some(megabytes);
            thread::sleep(LOOK);
        }
        peak
    })
}

fn ended(command: &mut Command, peak: impl FnOnce(u32) -> Option<f64>) -> Outcome<Cost> {
    let name = shown(command);
    let failed = |e: std::io::Error| format!("`{name}`: {e}");
    let folder = TempDir::new().map_err(failed)?;
    let log = folder.path().join("log");
    let stderr = File::create(&log).map_err(failed)?;
    let mut started = command
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .map_err(failed)?;
    let peak = peak(started.id());
    let ended = started.wait4().map_err(failed)?;
    if !ended.status.success() {
        let said = fs::read_to_string(&log).unwrap_or_default();
        return Err(format!("`{name}` failed: {}", said.trim_end()));
    }
    let cpu = ended.rusage.utime + ended.rusage.stime;
    // Far below 2^53 bytes: exact.
    #[allow(clippy::cast_precision_loss)]
    let largest = ended.rusage.maxrss as f64 / MEGABYTE;
    Ok(Cost {
        cpu: cpu.as_secs_f64(),
        peak: peak.unwrap_or(largest),
    })
}

/// Memory of a process that runs, in MB: `VmRSS` is what is resident, `VmHWM` the most that ever was
/// ([proc_pid_status](https://man7.org/linux/man-pages/man5/proc_pid_status.5.html)).
pub(super) fn memory(process: u32, what: &str) -> Outcome<f64> {
    let file = format!("/proc/{process}/status");
    let text = fs::read_to_string(&file).map_err(|e| format!("{file}: {e}"))?;
    let figure = |line: &str| {
        line.strip_prefix(what)?
            .strip_prefix(':')?
            .trim()
            .strip_suffix(" kB")?
            .parse::<f64>()
            .ok()
    };
    let kilobytes = text.lines().find_map(figure);
    let kilobytes = kilobytes.ok_or_else(|| format!("{file}: no {what}"))?;
    Ok(kilobytes * 1_024.0 / MEGABYTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn work_costs_more_than_idleness() {
        let work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let busy = once(&mut shell(&format!("sh -c '{work}'"))).unwrap();
        let idle = once(&mut shell("sleep 0.2")).unwrap();
        assert!(busy.cpu > 4.0 * idle.cpu, "{busy:?} {idle:?}");
        assert!(idle.peak > 0.0);
    }

    #[test]
    fn a_peak_is_the_programs_own() {
        let held = vec![1_u8; 200_000_000];
        let small = alone(Command::new("sleep").arg("0.1")).unwrap();
        let held = held.len();
        assert!(
            small.peak > 0.0 && small.peak < 100.0,
            "{small:?} beside {held}"
        );
    }

    #[test]
    fn a_failure_is_no_measurement() {
        let why = once(&mut shell("echo no luck >&2; exit 3")).unwrap_err();
        assert!(why.ends_with("failed: no luck"), "{why}");
    }

    #[test]
    fn the_middle_run_is_between_the_others() {
        let cost = |cpu| Cost { cpu, peak: cpu };
        let costs = Costs(vec![cost(3.0), cost(1.0), cost(2.0)]);
        assert_eq!((costs.cpu(), costs.peak()), ([1.0, 2.0, 3.0], 3.0));
    }
}
