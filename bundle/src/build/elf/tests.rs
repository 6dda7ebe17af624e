//! Executables that Lambda cannot start: each check refuses the one that it is for.

use std::fs;

use super::*;

/// The sections of an executable, with their kind, the number of the section with their texts, and
/// how many entries they say they have.
struct Section {
    kind: u32,
    link: u32,
    entries: u32,
    content: Vec<u8>,
}

const STRINGS: u32 = 1;
const KIND_STRINGS: u32 = 3;
const KIND_DYNAMIC: u32 = 6;
const KIND_VERSIONS: u32 = 0x6fff_fffe;

/// Numbers of 2, 4 or 8 bytes, as a little-endian processor writes them.
fn numbers(list: &[(u64, usize)]) -> Vec<u8> {
    let bytes = list
        .iter()
        .map(|(value, size)| value.to_le_bytes()[..*size].to_vec());
    bytes.flatten().collect()
}

/// An executable for x86_64 of these sections and nothing else.
fn executable(sections: &[Section]) -> Vec<u8> {
    const HEADER: u64 = 64;
    let content: Vec<u8> = sections
        .iter()
        .flat_map(|section| section.content.clone())
        .collect();
    let table = HEADER + content.len() as u64;
    let count = sections.len() as u64 + 1;
    // 64 bits, little-endian, version 1; then an executable for x86_64.
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend(numbers(&[(2, 2), (62, 2), (1, 4), (0, 8), (0, 8)]));
    file.extend(numbers(&[(table, 8), (0, 4), (HEADER, 2), (0, 2), (0, 2)]));
    file.extend(numbers(&[(64, 2), (count, 2), (STRINGS.into(), 2)]));
    file.extend(content);
    // The first section is always empty.
    file.extend([0; 64]);
    let mut offset = HEADER;
    for section in sections {
        let size = section.content.len() as u64;
        file.extend(numbers(&[(0, 4), (section.kind.into(), 4), (0, 8), (0, 8)]));
        file.extend(numbers(&[(offset, 8), (size, 8)]));
        file.extend(numbers(&[
            (section.link.into(), 4),
            (section.entries.into(), 4),
        ]));
        file.extend(numbers(&[(1, 8), (0, 8)]));
        offset += size;
    }
    file
}

/// An executable that needs versions of the C library and shared libraries.
fn needing(versions: &[&str], libraries: &[&str]) -> Vec<u8> {
    let mut strings = b"\0libc.so.6\0".to_vec();
    let mut place = |text: &str| {
        let at = strings.len() as u64;
        strings.extend(text.as_bytes());
        strings.push(0);
        at
    };
    let (count, last) = (versions.len() as u64, versions.len().saturating_sub(1));
    // One file, whose name is the first text, and its versions behind it.
    let mut needs = numbers(&[(1, 2), (count, 2), (1, 4), (16, 4), (0, 4)]);
    for (index, version) in versions.iter().enumerate() {
        let next = if index == last { 0 } else { 16 };
        needs.extend(numbers(&[
            (0, 4),
            (0, 2),
            (2, 2),
            (place(version), 4),
            (next, 4),
        ]));
    }
    let mut dynamic = Vec::new();
    for library in libraries {
        dynamic.extend(numbers(&[(1, 8), (place(library), 8)]));
    }
    dynamic.extend([0; 16]);
    let section = |kind, content| Section {
        kind,
        link: if kind == KIND_STRINGS { 0 } else { STRINGS },
        entries: u32::from(kind == KIND_VERSIONS),
        content,
    };
    executable(&[
        section(KIND_STRINGS, strings),
        section(KIND_VERSIONS, needs),
        section(KIND_DYNAMIC, dynamic),
    ])
}

fn refused(versions: &[&str], libraries: &[&str]) -> Problem {
    let content = needing(versions, libraries);
    check(&content, "bootstrap", Target::X86_64).unwrap_err()
}

#[test]
fn versions_of_the_c_library_are_read() {
    for (text, expected) in [
        ("GLIBC_2.34", Some((2, 34))),
        ("GLIBC_2.2.5", Some((2, 2))),
        ("GLIBC_PRIVATE", None),
        ("GCC_3.0", None),
    ] {
        assert_eq!(glibc(text), expected, "{text}");
    }
    assert!(glibc("GLIBC_2.35") > Some(GLIBC) && glibc("GLIBC_2.9") < Some(GLIBC));
}

#[test]
fn what_provided_al2023_has_is_accepted() {
    let content = needing(
        &["GLIBC_2.2.5", "GLIBC_2.34", "GCC_4.2.0"],
        &[
            "libgcc_s.so.1",
            "libm.so.6",
            "libc.so.6",
            "ld-linux-x86-64.so.2",
        ],
    );
    assert_eq!(check(&content, "bootstrap", Target::X86_64), Ok(()));
}

#[test]
fn a_c_library_newer_than_lambdas_is_refused_with_the_version() {
    let expected = Problem::new(
        "\"bootstrap\" needs GLIBC_2.39, and provided.al2023 has GLIBC_2.34",
        "build it against an older C library: `pip install ziglang cargo-zigbuild`, and it is done by itself",
    );
    for versions in [
        &["GLIBC_2.39"][..],
        &["GLIBC_2.17", "GLIBC_2.39", "GLIBC_2.34"],
    ] {
        assert_eq!(refused(versions, &["libc.so.6"]), expected);
    }
}

#[test]
fn a_library_that_lambda_has_not_is_refused_by_its_name() {
    let expected = Problem::new(
        "\"bootstrap\" needs libssl.so.3, which provided.al2023 has not",
        "link it statically: many crates have a feature `vendored` or `bundled`",
    );
    let libraries = ["libc.so.6", "libssl.so.3", "libm.so.6"];
    assert_eq!(refused(&["GLIBC_2.34"], &libraries), expected);
}

#[test]
fn another_processor_is_named() {
    let content = needing(&["GLIBC_2.34"], &[]);
    let problem = check(&content, "bootstrap", Target::Arm64).unwrap_err();
    assert_eq!(
        problem.message,
        "\"bootstrap\" is built for x86_64, expected arm64"
    );
}

#[test]
fn what_is_no_executable_is_refused_and_damage_does_not_panic() {
    assert!(check(b"", "x", Target::X86_64).is_err());
    assert!(check(b"#!/bin/sh", "x", Target::X86_64).is_err());
    let whole = needing(&["GLIBC_2.34"], &["libc.so.6"]);
    for end in 0..whole.len() {
        assert!(
            check(&whole[..end], "x", Target::X86_64).is_err(),
            "the first {end} bytes"
        );
    }
    let own = fs::read(std::env::current_exe().unwrap()).unwrap();
    for end in [4, 16, 63, 64, 65, 1000, own.len() / 2] {
        let _ = check(&own[..end], "x", Target::X86_64);
    }
}

#[test]
fn a_program_without_its_unwind_tables_runs_and_is_the_same_otherwise() {
    let this = std::env::current_exe().unwrap();
    let whole = fs::read(&this).unwrap();
    let mut content = whole.clone();
    drop_unwind_tables(&mut content, "tests").unwrap();

    let file = ElfFile64::<Endianness>::parse(&*content).unwrap();
    let kinds = file.elf_program_headers().iter();
    let kinds: Vec<_> = kinds.map(|segment| segment.p_type(file.endian())).collect();
    assert!(!kinds.contains(&elf::PT_GNU_EH_FRAME), "{kinds:?}");
    let changed = |range: &Range<usize>| {
        let (before, after) = (&whole[range.clone()], &content[range.clone()]);
        before.iter().any(|byte| *byte != 0) && after.iter().all(|byte| *byte == 0)
    };
    let tables = unwind_tables(&whole).unwrap();
    assert!(
        tables.len() >= 3 && tables.iter().all(changed),
        "{tables:?}"
    );
    let differs = |place: &usize| whole[*place] != content[*place];
    let is_of_one = |place: usize| tables.iter().any(|table| table.contains(&place));
    assert!((0..whole.len()).filter(differs).all(is_of_one));

    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("tests");
    fs::write(&program, content).unwrap();
    fs::set_permissions(&program, fs::metadata(&this).unwrap().permissions()).unwrap();
    let listed = std::process::Command::new(program).arg("--list").output();
    assert!(listed.unwrap().status.success());
}

#[test]
fn what_is_no_program_has_no_unwind_tables() {
    let problem = drop_unwind_tables(&mut b"#!/bin/sh".to_vec(), "bootstrap").unwrap_err();
    assert!(
        problem
            .to_string()
            .contains("\"bootstrap\" is no executable for Linux")
    );
}
