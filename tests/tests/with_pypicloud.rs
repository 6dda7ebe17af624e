//! The rules by which `cache-sync` reads the names of files, next to those of an unmodified pypicloud: what
//! the two find in a name has to be the same, or they would write different things into one index.

use std::io::{BufRead, BufReader, Write as _};
use std::process::Stdio;
use std::thread;

use cloudwright_runtime::cache_sync::package::Package;
use cloudwright_runtime::replicate::store::Object;
use serde_json::{Value, json};
use tests::tools::{isolated, require, support};

/// How many names are made up.
const NAMES: usize = 100_000;

/// How many differences are printed.
const SHOWN: usize = 40;

/// What pypicloud fails on. It is no package for it either; its own function for S3's events ends
/// with the second.
const NO_PACKAGE: [&str; 2] = ["PackageParseError", "DistlibException"];

/// Where the two differ, and why: a name, what pypicloud says of it, what we say.
type Difference = (
    &'static str,
    Option<[&'static str; 2]>,
    Option<[&'static str; 2]>,
    &'static str,
);

const DIFFERENCES: &[Difference] = &[
    (
        "a-1-cp٣-none-any.whl",
        Some(["a", "1"]),
        None,
        "digits of other scripts end no tag of a wheel: pip takes none either",
    ),
    (
        "a-٣-py3-none-any.whl",
        Some(["a", "٣"]),
        None,
        "a version of digits of other scripts, which no version may have",
    ),
    (
        "a-1-py3-\u{948}-any.whl",
        None,
        Some(["a", "1"]),
        "a vowel sign alone, which is a letter to us and none to Python",
    ),
];

/// Numbers in an order that looks like none and is always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        // xorshift64*, by Vigna: enough for names.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap_or_default() % limit
    }

    /// The first ones more often: the lists begin with what is usual.
    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let rolls = [(); 3].map(|()| self.below(list.len()));
        list[rolls.into_iter().min().unwrap_or_default()]
    }

    fn some_of(&mut self, list: &[&str], most: usize) -> String {
        let count = self.below(most + 1);
        (0..count).map(|_| self.one_of(list)).collect()
    }
}

const PARTS: &[&str] = &[
    "six", "Flask", "zope", "a", "Z", "_", "__", "2to3", "9", "py", "py3", "python", "é", "ſ", "ı",
    "İ", "K", "ß", "x86",
];
const BETWEEN: &[&str] = &[
    "-", "-", "-", ".", "_", "--", "..", " ", "+", "%20", "%2D", "%", "!",
];
const VERSIONS: &[&str] = &[
    "1.0",
    "0",
    "2026.1.31",
    "1!2.0",
    "1.0+local.1",
    "1.0_local",
    "1.0a1",
    "rc1",
    "dev",
    "v1",
    "1.0-2",
    "1,0",
    "",
];
const BUILDS: &[&str] = &["", "", "-1", "-2b", "-b", "-"];
const PYTHONS: &[&str] = &[
    "py3", "py2.py3", "cp311", "py", "3", "pp39", "cp3.", "PY3", "é3", "",
];
const ABIS: &[&str] = &["none", "abi3", "cp311m", "", "a.b", "n-n"];
const PLATFORMS: &[&str] = &[
    "any",
    "linux_x86_64",
    "manylinux1_x86_64.manylinux2",
    "",
    "win-32",
    "any.",
];
const MARKS: &[&str] = &[
    "", "", "-py3", "-py3.9", "-py27", "-pyramid", "-py3-py2", "-linux",
];
const ENDINGS: &[&str] = &[
    ".tar.gz",
    ".tar.gz",
    ".tar.bz2",
    ".tar",
    ".zip",
    ".tgz",
    ".tbz",
    ".egg",
    ".exe",
    ".whl",
    ".whl",
    ".tar.xz",
    ".ZIP",
    ".Whl",
    ".asc",
    ".whl.metadata",
    ".gz",
    "",
];
const NOISE: &[&str] = &[
    "a", "Z", "0", "9", "-", ".", "_", "+", "%", "%2", "%41", "%zz", "%C3%A9", "%c3", " ", "!",
    "~", "é", "\u{212a}", "🎉", ":", "=",
];

/// A name as somebody might give it, or nearly.
fn name(dice: &mut Dice) -> String {
    let mut name: String = dice.one_of(PARTS).to_owned();
    for _ in 0..dice.below(4) {
        name += dice.one_of(BETWEEN);
        name += dice.one_of(PARTS);
    }
    let version = dice.one_of(VERSIONS);
    match dice.below(8) {
        0..3 => name += &format!("-{version}{}{}", dice.one_of(MARKS), dice.one_of(ENDINGS)),
        3..6 => {
            let build = dice.one_of(BUILDS);
            let tags = [
                dice.one_of(PYTHONS),
                dice.one_of(ABIS),
                dice.one_of(PLATFORMS),
            ]
            .join("-");
            // A name of a wheel has no hyphens, but some have.
            if dice.below(3) > 0 {
                name = name.replace('-', "_");
            }
            name += &format!("-{version}{build}-{tags}.whl");
        }
        6 => name += &format!("{}{}", dice.one_of(BETWEEN), dice.one_of(ENDINGS)),
        _ => name = dice.some_of(NOISE, 12) + dice.one_of(ENDINGS),
    }
    // Some have a letter too many.
    if dice.below(4) == 0 {
        let places: Vec<_> = name.char_indices().map(|(place, _)| place).collect();
        if let Some(place) = places.get(dice.below(places.len().max(1))) {
            name.insert_str(*place, dice.one_of(NOISE));
        }
    }
    // An object's key has its last part after the last of these.
    name.replace('/', "")
}

/// What pypicloud finds in names, in their order.
fn pypicloud(names: &[String]) -> Vec<Value> {
    let mut process = isolated(&require("pypicloud", "bin/python"))
        .args(["-W", "ignore"])
        .arg(support("pypicloud_names.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the interpreter of the server's environment starts");
    let mut input = process.stdin.take().expect("a pipe");
    let lines: String = names
        .iter()
        .map(|name| format!("{}\n", json!(name)))
        .collect();
    let writer = thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = BufReader::new(process.stdout.take().expect("a pipe"));
    let read = |line: std::io::Result<String>| serde_json::from_str(&line.expect("a line of text"));
    let answers: Result<Vec<_>, _> = output.lines().map(read).collect();
    writer
        .join()
        .expect("a thread")
        .expect("the process reads all");
    assert!(process.wait().expect("it ends").success());
    answers.expect("lines of JSON")
}

/// What we find, in the same form; nothing in what is no package.
fn ours(name: &str) -> Value {
    // As it lies in a bucket.
    let package = Package::of(&format!("py/{name}"), &Object::default());
    package.map_or(Value::Null, |package| {
        json!([package.name, package.version])
    })
}

/// What pypicloud says, with what it fails on as nothing.
fn theirs(answer: &Value) -> Value {
    match answer["error"].as_str() {
        None => answer.clone(),
        Some(error) => {
            assert!(NO_PACKAGE.contains(&error), "pypicloud failed with {error}");
            Value::Null
        }
    }
}

#[test]
fn names_of_files_say_what_they_say_to_pypicloud() {
    let mut dice = Dice(0x2026_0131);
    let names: Vec<_> = (0..NAMES).map(|_| name(&mut dice)).collect();
    let answers = pypicloud(&names);
    assert_eq!(answers.len(), NAMES);
    let mut differences = Vec::new();
    let mut found = 0;
    for (name, answer) in names.iter().zip(&answers) {
        let (theirs, ours) = (theirs(answer), ours(name));
        found += usize::from(!theirs.is_null());
        if theirs != ours {
            differences.push(format!("{name:?}: pypicloud {theirs}, we {ours}"));
        }
    }
    let shown = differences
        .iter()
        .take(SHOWN)
        .map(|line| format!("\n  {line}"));
    assert!(
        differences.is_empty(),
        "{} of {NAMES} differ:{}",
        differences.len(),
        shown.collect::<String>()
    );
    // Names of which all are none would be equal too.
    assert!(
        (NAMES / 4..NAMES * 3 / 4).contains(&found),
        "{found} are packages"
    );
}

#[test]
fn where_we_differ_on_purpose_is_known() {
    let names: Vec<_> = DIFFERENCES.iter().map(|one| one.0.to_owned()).collect();
    for ((name, they_say, we_say, why), answer) in DIFFERENCES.iter().zip(pypicloud(&names)) {
        assert_eq!(theirs(&answer), json!(they_say), "{name}: {why}");
        assert_eq!(ours(name), json!(we_say), "{name}: {why}");
    }
}
