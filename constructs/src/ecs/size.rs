//! Which sizes of tasks Fargate has.

use std::ops::RangeInclusive;

use cloudwright_synth::Scope;

use crate::rules;
use crate::units::MiB;

/// A GiB, in MiB.
const GIB: u32 = 1024;

/// Processor units, the memory that goes with them in MiB, and its steps; below a vCPU, which is 1,024 units, there
/// are sizes of their own ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html)).
const SIZES: [(u32, RangeInclusive<u32>, u32); 7] = [
    (256, 512..=2 * GIB, 512),
    (512, GIB..=4 * GIB, GIB),
    (1024, 2 * GIB..=8 * GIB, GIB),
    (2048, 4 * GIB..=16 * GIB, GIB),
    (4096, 8 * GIB..=30 * GIB, GIB),
    (8192, 16 * GIB..=60 * GIB, 4 * GIB),
    (16384, 32 * GIB..=120 * GIB, 8 * GIB),
];

/// Reports a size that Fargate has not.
pub(super) fn check(scope: &Scope, cpu: u32, MiB(memory): MiB) {
    if let Some(message) = problem(cpu, memory) {
        let help = "choose another size; 1,024 units are one vCPU";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
}

/// Why Fargate has no such size.
fn problem(cpu: u32, memory: u32) -> Option<String> {
    let Some((_, memories, step)) = SIZES.iter().find(|(units, ..)| *units == cpu) else {
        let units: Vec<_> = SIZES.iter().map(|(units, ..)| units.to_string()).collect();
        let units = units.join(", ");
        return Some(format!("a task has {units} processor units, got {cpu}"));
    };
    let (least, most) = (memories.start(), memories.end());
    let is_odd = cpu == 256 && memory == 1536;
    if !is_odd && memories.contains(&memory) && (memory - least).is_multiple_of(*step) {
        return None;
    }
    let sizes = match cpu {
        256 => "512, 1024 or 2048 MiB".to_owned(),
        _ => format!("{least} to {most} MiB in steps of {step}"),
    };
    Some(format!(
        "a task of {cpu} processor units has {sizes}, got {memory}"
    ))
}

#[cfg(test)]
mod tests {
    use super::problem;

    fn is_taken(cpu: u32, memory: u32) -> bool {
        problem(cpu, memory).is_none()
    }

    #[test]
    fn the_sizes_are_those_of_fargate() {
        for (cpu, memory) in [
            (256, 512),
            (256, 2048),
            (512, 3072),
            (1024, 8192),
            (4096, 30720),
            (8192, 20480),
            (16384, 122_880),
        ] {
            assert!(is_taken(cpu, memory), "{cpu} {memory}");
        }
        for (cpu, memory) in [
            (0, 512),
            (300, 512),
            (256, 1536),
            (256, 4096),
            (512, 512),
            (1024, 2560),
            (8192, 18432),
            (16384, 126_976),
        ] {
            assert!(!is_taken(cpu, memory), "{cpu} {memory}");
        }
    }
}
