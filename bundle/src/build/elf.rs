//! Whether an executable can be started, by Lambda or in an image of nothing else: its processor, its C library, its shared
//! libraries; and what of it nobody reads.

use std::fmt::Display;
use std::ops::Range;

use object::Endianness;
use object::elf::{self, FileHeader64, ProgramHeader64};
use object::read::elf::{
    Dyn, ElfFile64, FileHeader, ProgramHeader as _, SectionHeader as _, SectionTable,
};

use crate::{Problem, Target};

/// The C library of `provided.al2023`
/// ([AWS](https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html)).
const GLIBC: (u32, u32) = (2, 34);
/// The shared libraries that `provided.al2023` has, by the beginning of their name.
const LIBRARIES: &[&str] = &[
    "ld-linux",
    "libc.so",
    "libdl.so",
    "libgcc_s.so",
    "libm.so",
    "libpthread.so",
    "librt.so",
];
/// How a version of the C library is marked at a symbol.
const MARK: &str = "GLIBC_";

/// Checks that an executable starts on `provided.al2023`; `name` is what messages call it.
///
/// # Errors
/// When it does not; the text has the symbol or the library.
pub fn check(content: &[u8], name: &str, target: Target) -> Result<(), Problem> {
    let unreadable = |error| unreadable(name, &error);
    let file = ElfFile64::<Endianness>::parse(content).map_err(unreadable)?;
    check_machine(file.elf_header(), file.endian(), name, target)?;
    let sections = file.elf_section_table();
    check_glibc(sections, file.endian(), content, name).map_err(unreadable)??;
    check_libraries(sections, file.endian(), content, name).map_err(unreadable)?
}

/// Checks that an executable needs nothing but the kernel; `name` is what messages call it.
///
/// # Errors
/// When it needs a library, or somebody who loads those.
pub(super) fn check_alone(content: &[u8], name: &str, target: Target) -> Result<(), Problem> {
    let file = ElfFile64::<Endianness>::parse(content).map_err(|error| unreadable(name, &error))?;
    let endian = file.endian();
    check_machine(file.elf_header(), endian, name, target)?;
    let mut segments = file.elf_program_headers().iter();
    if segments.any(|segment| segment.p_type(endian) == elf::PT_INTERP) {
        let message = format!("\"{name}\" needs the libraries of a system, and its image has none");
        let help = "`pip install ziglang cargo-zigbuild` and `rustup target add ..-unknown-linux-musl`, or a C library to link \
                    statically (Debian: libc6-dev)";
        return Err(Problem::new(message, help));
    }
    Ok(())
}

/// The sections by which a program unwinds its stack.
const UNWINDING: &[&[u8]] = &[b".eh_frame", b".eh_frame_hdr", b".gcc_except_table"];

/// Empties the tables by which a program unwinds its stack, for one that ends where it panics: zeros, which an archive
/// holds for nothing. The compiler writes them all the same
/// ([`-Cforce-unwind-tables=no`](https://doc.rust-lang.org/rustc/codegen-options/index.html#force-unwind-tables) makes no
/// difference to a program that is optimized as a whole).
///
/// An empty table is one that ends at once, and without its segment nobody looks for one: a backtrace has no frames then.
///
/// # Errors
/// When this is no executable; `name` is what the message calls it.
pub fn drop_unwind_tables(content: &mut [u8], name: &str) -> Result<(), Problem> {
    let tables = unwind_tables(content).map_err(|error| unreadable(name, &error))?;
    for range in tables {
        let table = content.get_mut(range);
        table
            .ok_or_else(|| unreadable(name, &"it is cut off"))?
            .fill(0);
    }
    Ok(())
}

fn unreadable(name: &str, error: &dyn Display) -> Problem {
    let message = format!("\"{name}\" is no executable for Linux: {error}");
    Problem::new(message, "build it for one of AWS's two processors")
}

/// Where in a file the tables are, and the kind of the segment that they are found by: of kind 0, a segment counts as none.
fn unwind_tables(content: &[u8]) -> object::Result<Vec<Range<usize>>> {
    let file = ElfFile64::<Endianness>::parse(content)?;
    let endian = file.endian();
    let place = |start: u64, size: u64| -> Option<Range<usize>> {
        let start = usize::try_from(start).ok()?;
        Some(start..start.checked_add(usize::try_from(size).ok()?)?)
    };
    let mut found = Vec::new();
    let sections = file.elf_section_table();
    for section in sections.iter() {
        if UNWINDING.contains(&sections.section_name(endian, section)?) {
            let range = section.file_range(endian);
            found.extend(range.and_then(|(start, size)| place(start, size)));
        }
    }
    let segments =
        (file.elf_header().e_phoff(endian)..).step_by(size_of::<ProgramHeader64<Endianness>>());
    for (start, segment) in segments.zip(file.elf_program_headers()) {
        if segment.p_type(endian) == elf::PT_GNU_EH_FRAME {
            found.extend(place(start, size_of::<u32>() as u64));
        }
    }
    Ok(found)
}

type Header = FileHeader64<Endianness>;
type Sections<'d> = SectionTable<'d, Header>;
/// What a reader of a damaged file returns, around the verdict.
type Judged = object::Result<Result<(), Problem>>;

fn check_machine(
    header: &Header,
    endian: Endianness,
    name: &str,
    target: Target,
) -> Result<(), Problem> {
    let (found, expected) = (header.e_machine(endian), machine(target));
    if found == expected {
        return Ok(());
    }
    let known = Target::ALL
        .into_iter()
        .find(|known| machine(*known) == found);
    let found = known.map_or_else(
        || format!("processor {found:?}"),
        |known| known.name().into(),
    );
    let message = format!(
        "\"{name}\" is built for {found}, expected {}",
        target.name()
    );
    Err(Problem::new(
        message,
        "build it for the function's processor",
    ))
}

const fn machine(target: Target) -> elf::Machine {
    match target {
        Target::Arm64 => elf::EM_AARCH64,
        Target::X86_64 => elf::EM_X86_64,
    }
}

/// A symbol of a newer C library than Lambda's ends the function at its start.
fn check_glibc(sections: &Sections<'_>, endian: Endianness, content: &[u8], name: &str) -> Judged {
    let Some((mut needs, link)) = sections.gnu_verneed(endian, content)? else {
        return Ok(Ok(()));
    };
    let strings = sections.strings(endian, content, link)?;
    while let Some((_, mut versions)) = needs.next()? {
        while let Some(version) = versions.next()? {
            let text = String::from_utf8_lossy(version.name(endian, strings)?);
            if glibc(&text).is_some_and(|found| found > GLIBC) {
                let (major, minor) = GLIBC;
                let message = format!(
                    "\"{name}\" needs {text}, and provided.al2023 has {MARK}{major}.{minor}"
                );
                let help = "build it against an older C library: \
                            `pip install ziglang cargo-zigbuild`, and it is done by itself";
                return Ok(Err(Problem::new(message, help)));
            }
        }
    }
    Ok(Ok(()))
}

/// `GLIBC_2.34` and `GLIBC_2.2.5`; other marks, such as `GCC_3.0`, are none.
fn glibc(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix(MARK)?.split('.');
    let mut next = || numbers.next().and_then(|number| number.parse().ok());
    Some((next()?, next()?))
}

fn check_libraries(
    sections: &Sections<'_>,
    endian: Endianness,
    content: &[u8],
    name: &str,
) -> Judged {
    let Some((entries, link)) = sections.dynamic(endian, content)? else {
        return Ok(Ok(()));
    };
    let strings = sections.strings(endian, content, link)?;
    for entry in entries
        .iter()
        .filter(|entry| entry.tag(endian) == elf::DT_NEEDED)
    {
        let library = String::from_utf8_lossy(entry.string(endian, strings)?);
        if !LIBRARIES.iter().any(|known| library.starts_with(known)) {
            let message = format!("\"{name}\" needs {library}, which provided.al2023 has not");
            let help = "link it statically: many crates have a feature `vendored` or `bundled`";
            return Ok(Err(Problem::new(message, help)));
        }
    }
    Ok(Ok(()))
}

#[cfg(test)]
mod tests;
