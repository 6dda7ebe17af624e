//! The notation of transcripts.
//!
//! `$ ` starts a command; below it `| ` is standard output, `! ` standard error and `= exit N` an
//! exit code other than zero. All other lines are prose.

/// What a command did.
pub(super) struct Reply {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: u8,
}

/// The transcript with every command run again.
pub(super) fn replay(recorded: &str, mut run: impl FnMut(&str) -> Reply) -> String {
    let mut replayed = String::new();
    for line in recorded.lines() {
        if is_reply(line) {
            continue;
        }
        replayed += &format!("{line}\n");
        if let Some(command) = line.strip_prefix("$ ") {
            replayed += &notation(&run(command));
        }
    }
    replayed
}

fn is_reply(line: &str) -> bool {
    ["|", "!", "="].iter().any(|mark| line.starts_with(mark))
}

fn notation(reply: &Reply) -> String {
    let mut text = marked("!", &reply.err) + &marked("|", &reply.out);
    if reply.code != 0 {
        text += &format!("= exit {}\n", reply.code);
    }
    text
}

fn marked(mark: &str, stream: &str) -> String {
    let visible = stream.replace('\x1b', "\\e");
    let mut text = String::new();
    for line in visible.lines() {
        text += format!("{mark} {line}").trim_end();
        text.push('\n');
    }
    if !stream.is_empty() && !stream.ends_with('\n') {
        text += &format!("{mark}(no final line feed)\n");
    }
    text
}

/// The first lines in which two transcripts differ.
pub(super) fn difference(recorded: &str, replayed: &str) -> String {
    let mut pairs = recorded.lines().zip(replayed.lines()).enumerate();
    match pairs.find(|(_, (before, now))| before != now) {
        Some((index, (before, now))) => {
            format!(
                "line {}\n  recorded: {before}\n  replayed: {now}",
                index + 1
            )
        }
        None => format!(
            "{} lines recorded, {} replayed",
            recorded.lines().count(),
            replayed.lines().count()
        ),
    }
}
