//! `dead-letters`: what was given up, where, and back to work with it.

use std::cell::Cell;

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use super::super::EXIT_CODES;
use super::super::arguments::{aws, flag, option, text};
use super::super::text::table;
use super::invoke::FUNCTION;
use super::{App, Spot};
use crate::event::Consent;
use crate::pace::patiently;
use crate::problem::{Kind, Problem};
use crate::running::find::{self, construct};
use crate::running::letters::{Feed, LetterQueue, QUEUE, Record, What, look, queues};
use crate::running::redrive::{self, Callees, Redriven};
use crate::running::services::Message;

const STORY: &str = "\
Messages that nobody could work on are dead letters of their queue. An asynchronous call that a function gave up
is a record in a failure queue, with the error and the event. What a rule could not hand over is a delivery. `list`
counts them over the whole app; `show` shows messages and leaves them where they are, though SQS counts the look;
`redrive` puts them back to work: dead letters by SQS into the queue that they came from, records by another call of
their function. Deliveries stay: they have nobody to go back to.

A message is deleted only after somebody else has it, so nothing is lost if this program is stopped. Calls that
fail again come back to the queue.";

const DETAILS: &str = "\
A queue of dead letters is moved by a task of SQS, which goes on if this program is stopped; the same command
follows it again. What could not be put back to work ends with 1.

With --json, of `list`: {version, queues: [{path, stack, id, url, waiting, taken, feeds: [{what: messages |
records | events | deliveries, path}]}]}; of `show`: {version, queue, messages: [{id, sent, taken, body, attributes, record:
null | {function, condition, calls, error: null | {type, message}, event}}]}, `sent` in milliseconds since 1970;
of `redrive`: {version, queue, moved, kept: [{id, why}]}.";

pub(super) fn command(command: Command) -> Command {
    let action = Arg::new("action").value_name("ACTION").required(true);
    let queue = Arg::new("queue").value_name("QUEUE");
    let most = option(
        "max",
        "NUMBER",
        "How many messages are shown at most (10 unless given), or called for again",
    );
    let rate = option(
        "rate",
        "NUMBER",
        "How many messages go back to work in a second at most",
    );
    let command = command
        .about("Lists, shows and redrives what queues and functions gave up")
        .after_help(format!("{STORY}\n\n{DETAILS}\n\n{EXIT_CODES}"))
        .arg(action.value_parser(["list", "show", "redrive"]).help("What to do"))
        .arg(queue.help("Of `show` and `redrive`: the path of the queue's construct, its logical id, or its name"))
        .arg(most.value_parser(value_parser!(u16).range(1..=1000)))
        .arg(rate.value_parser(value_parser!(i32).range(1..=500)))
        .arg(flag("yes", "Redrives without a question").short('y'));
    aws(command)
}

pub(super) async fn run(arguments: &ArgMatches, app: &App<'_>) -> Result<u8, Problem> {
    match text(arguments, "action").as_deref() {
        Some("show") => show(arguments, app).await,
        Some("redrive") => again(arguments, app).await,
        _ if text(arguments, "queue").is_some() => {
            let message = "`dead-letters list` is about the whole app";
            Err(Problem::usage(
                message,
                "leave out QUEUE, or look into it: `dead-letters show QUEUE`",
            ))
        }
        _ => list(app).await,
    }
}

async fn list(app: &App<'_>) -> Result<u8, Problem> {
    let (mut rows, mut document) = (Vec::new(), Vec::new());
    for LetterQueue { named, feeds } in queues(app.assembly) {
        let Some(live) = app.live_once(named.stack).await? else {
            continue;
        };
        let Some(live) = live.iter().find(|one| one.ids == [named.id]) else {
            continue;
        };
        let services = app.services(named.stack).await?;
        let state = patiently(&app.clock, || services.queues.state(&live.name)).await?;
        let object =
            |feed: &Feed<'_>| json!({ "what": feed.what.name(), "path": construct(feed.path) });
        document.push(
            json!({ "path": construct(named.path), "stack": named.stack.path, "id": named.id,
            "url": live.name, "waiting": state.waiting, "taken": state.taken,
            "feeds": feeds.iter().map(object).collect::<Value>() }),
        );
        let from = |feed: &Feed<'_>| format!("{} of {}", feed.what.name(), construct(feed.path));
        let from: Vec<_> = feeds.iter().map(from).collect();
        let count = format!("{} waiting, {} taken", state.waiting, state.taken);
        rows.push(vec![
            construct(named.path).to_owned(),
            count,
            from.join(", "),
        ]);
    }
    if app.terminal.shell.json {
        let document = json!({ "version": 1, "queues": document });
        app.terminal.print(&format!("{document:#}\n"));
    } else if rows.is_empty() {
        app.terminal
            .progress("no deployed queue of this app gets what was given up");
    } else {
        app.terminal.print(&table(&rows));
    }
    Ok(0)
}

/// The queue that is meant, and what gives up to it. Only queues of what was given up are: to take from one that
/// works would hide its messages from its workers.
async fn queue<'a>(
    arguments: &ArgMatches,
    app: &App<'a>,
) -> Result<(Spot<'a>, Vec<Feed<'a>>), Problem> {
    let text = text(arguments, "queue").ok_or_else(|| {
        let help = "name one; `dead-letters list` shows those of the app";
        Problem::usage("there is no QUEUE on the command line", help)
    })?;
    let all = queues(app.assembly);
    let named: Vec<_> = all.iter().map(|one| one.named.clone()).collect();
    let meant = find::meant(&text, &named);
    if meant.len() > 1 {
        return Err(find::several(
            &text,
            "queue",
            meant.iter().map(|one| one.path),
        ));
    }
    let spot = match meant[..] {
        [one] => app.at(one.stack, one.id).await?,
        _ => app.one(&text, &[QUEUE], "queue").await?,
    };
    let is_it = |one: &LetterQueue<'_>| {
        one.named.stack.id == spot.stack.id && spot.live.ids == [one.named.id]
    };
    if let Some(found) = all.into_iter().find(is_it) {
        return Ok((spot, found.feeds));
    }
    let call = || spot.services.queues.sources(&spot.live.name);
    if spot.own_redrive() || patiently(&app.clock, call).await?.is_empty() {
        let message = format!("nothing gives up messages to {}", spot.path());
        let help = "name the queue that its dead letters are in: `dead-letters list` shows them";
        return Err(Problem::usage(message, help));
    }
    Ok((spot, Vec::new()))
}

async fn show(arguments: &ArgMatches, app: &App<'_>) -> Result<u8, Problem> {
    let (spot, _) = queue(arguments, app).await?;
    let most = arguments.get_one::<u16>("max").copied().unwrap_or(10);
    let (queues, url) = (&*spot.services.queues, &spot.live.name);
    let messages = look(queues, &app.clock, url, most.into()).await?;
    if app.terminal.shell.json {
        let all: Value = messages.iter().map(object).collect();
        let document = json!({ "version": 1, "queue": url, "messages": all });
        app.terminal.print(&format!("{document:#}\n"));
    } else if messages.is_empty() {
        app.terminal
            .progress(&format!("{}: no message waits", spot.path()));
    } else {
        messages
            .iter()
            .for_each(|message| app.terminal.print(&lines(message)));
    }
    Ok(0)
}

fn object(message: &Message) -> Value {
    let record = Record::read(&message.body).map(|record| {
        let error = record
            .error
            .map(|(kind, text)| json!({ "type": kind, "message": text }));
        json!({ "function": record.function, "condition": record.condition, "calls": record.calls,
            "error": error, "event": record.event })
    });
    json!({ "id": message.id, "sent": message.sent, "taken": message.taken, "body": message.body,
        "attributes": message.attributes, "record": record })
}

/// A message as people read it.
fn lines(message: &Message) -> String {
    let mut text = format!(
        "{}  sent {}  taken {} times\n",
        message.id,
        time(message.sent),
        message.taken
    );
    match Record::read(&message.body) {
        Some(record) => {
            text += &format!(
                "  {} after {} calls of {}\n",
                record.condition, record.calls, record.function
            );
            if let Some((kind, said)) = &record.error {
                text += &format!("  {kind}: {said}\n");
            }
            text += &format!("  event: {}\n", record.event);
        }
        None => {
            for (name, value) in &message.attributes {
                text += &format!("  {name}: {value}\n");
            }
            text += &format!("  {}\n", message.body.trim_end().replace('\n', "\n  "));
        }
    }
    text
}

/// A time in milliseconds since 1970, as ISO 8601.
pub(super) fn time(milliseconds: u64) -> String {
    use aws_smithy_types::date_time::Format;
    let time = i64::try_from(milliseconds).unwrap_or_default();
    let time = aws_smithy_types::DateTime::from_millis(time);
    time.fmt(Format::DateTime).unwrap_or_default()
}

async fn again(arguments: &ArgMatches, app: &App<'_>) -> Result<u8, Problem> {
    let (spot, feeds) = queue(arguments, app).await?;
    let (queues, url) = (&*spot.services.queues, &*spot.live.name);
    let state = patiently(&app.clock, || queues.state(url)).await?;
    let path = spot.path().to_owned();
    if state.taken > 0 {
        let hidden = format!(
            "{path}: {} messages are taken by somebody, and not seen",
            state.taken
        );
        app.terminal.note(&hidden);
    }
    let moves = feeds.iter().all(|feed| feed.what == What::Messages);
    let (most, rate) = (
        arguments.get_one::<u16>("max"),
        arguments.get_one::<i32>("rate"),
    );
    if moves && most.is_some() {
        let message = "SQS moves all dead letters of a queue, `--max` is not for it";
        return Err(Problem::usage(
            message,
            "leave out `--max`, or move slowly: `--rate 1`",
        ));
    }
    if !arguments.get_flag("yes") {
        let waiting = state
            .waiting
            .min(most.map_or(usize::MAX, |most| (*most).into()));
        consent(app, &path, waiting, moves).await?;
    }
    let done = if moves {
        let is_told = Cell::new(false);
        let tell = |moved: usize, all: Option<usize>| {
            if !is_told.replace(true) {
                let again = format!("`dead-letters redrive {path}` follows it again");
                app.terminal
                    .lasts(&format!("{path}: the move goes on in AWS: {again}"));
            }
            let all = all.map(|all| format!(" of {all}")).unwrap_or_default();
            app.terminal
                .progress(&format!("{path}: {moved}{all} moved"));
        };
        redrive::dead_letters(queues, &app.clock, (&state.arn, rate.copied()), &tell).await?
    } else {
        let tell = |id: &str, to: Result<&str, &str>| match to {
            Ok(to) => app
                .terminal
                .progress(&format!("{path}: {id} is handed to {to} again")),
            Err(why) => app.terminal.note(&format!("{path}: {id} stays: {why}")),
        };
        let [records, events] = [What::Records, What::Events];
        let records = feeding(app, &spot, &feeds, records).await?;
        let events = feeding(app, &spot, &feeds, events).await?;
        let callees = Callees {
            queue: &state.arn,
            records: &records,
            events: events
                .first()
                .filter(|_| events.len() == 1)
                .map(String::as_str),
            most: most.map(|most| (*most).into()),
            rate: rate.copied(),
        };
        let hidden = "messages that were taken are seen again within two minutes, and none is lost";
        app.terminal.lasts(&format!("{path}: {hidden}"));
        redrive::calls(&spot.services, &app.clock, (url, &callees), &tell).await?
    };
    Ok(told(app, &path, url, &done))
}

/// The names of the functions that give up something to a queue.
async fn feeding(
    app: &App<'_>,
    spot: &Spot<'_>,
    feeds: &[Feed<'_>],
    what: What,
) -> Result<Vec<String>, Problem> {
    let live = app.live_once(spot.stack).await?.unwrap_or_default();
    let ids = feeds.iter().filter(|feed| feed.what == what);
    let name = |feed: &Feed<'_>| {
        let found = live.iter().find(|one| one.ids == [feed.id])?;
        (found.kind == FUNCTION).then(|| found.name.clone())
    };
    Ok(ids.filter_map(name).collect())
}

async fn consent(app: &App<'_>, path: &str, waiting: usize, moves: bool) -> Result<(), Problem> {
    let to = if moves {
        "the queues that they came from"
    } else {
        "their functions, by other calls"
    };
    let question = format!("Put about {waiting} messages of {path} back to {to}?");
    match app.terminal.ask(&question).await {
        Consent::Yes => Ok(()),
        Consent::No => Err(Problem::refused(
            format!("{path} was left as it is"),
            "nothing was moved",
        )),
        Consent::Nobody => {
            let message = format!("about {waiting} messages of {path} would go back to {to}");
            Err(Problem::refused(message, "approve it: `--yes`"))
        }
    }
}

fn told(app: &App<'_>, path: &str, url: &str, done: &Redriven) -> u8 {
    if app.terminal.shell.json {
        let kept: Value = done
            .kept
            .iter()
            .map(|(id, why)| json!({ "id": id, "why": why }))
            .collect();
        let document = json!({ "version": 1, "queue": url, "moved": done.moved, "kept": kept });
        app.terminal.print(&format!("{document:#}\n"));
    } else {
        let kept = match done.kept.len() {
            0 => String::new(),
            kept => format!(", {kept} stay"),
        };
        app.terminal
            .print(&format!("{path}: {} went back to work{kept}\n", done.moved));
    }
    if done.kept.is_empty() {
        0
    } else {
        Kind::Failed.exit_code()
    }
}
