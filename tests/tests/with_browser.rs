//! The page of a review in a real browser: search, folding, colours, keys, five hundred resources, and a name that wants to be
//! a script.

use std::collections::BTreeMap;
use std::io;

use cloudwright::{App, Environment, RawResource, cfn, lambda, s3, sqs};
use cloudwright_graph::Source;
use cloudwright_review::{Baseline, Review};
use serde_json::{Value, json};
use tests::browser::Page;

/// A name that tries to be markup, an attribute, a script and the end of one.
const HOSTILE: &str =
    "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=2'>\"'";
/// What it is in the program, whose ids are plainer.
const NAMED: &str = "Hostile";

/// Systems of ten resources: a bucket that tells a queue, and a function that works on both.
fn app(systems: usize, timeout: u64) -> App {
    let app = App::new();
    let stack = app.stack("Mail", Environment::new("123456789012", "eu-central-1"));
    for number in 0..systems {
        let uploads = stack.add(format!("Uploads{number}"), s3::Bucket::new());
        let jobs = sqs::Queue::new().visibility_timeout(std::time::Duration::from_secs(timeout));
        let jobs = stack.add(format!("Jobs{number}"), jobs);
        let work = lambda::Function::new(lambda::Code::s3("releases", "work.zip"));
        let work = stack.add(format!("Work{number}"), work);
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::prefix("in/"), &jobs);
        if timeout > 600 {
            uploads.grant_read(&work);
        }
        jobs.grant_send(&work);
    }
    let named = RawResource::new("AWS::SQS::Queue").property("QueueName", HOSTILE);
    stack.add(NAMED, named);
    stack.add("Plain", cfn::sns::Topic::new());
    app
}

/// The assembly of an app, in which a construct has a name that no program would let through.
fn source(app: App) -> Source {
    let assembly = app.synth().expect("the app is right");
    let name = json!(HOSTILE.replace('/', "|")).to_string();
    let name = name.trim_matches('"');
    let documents: BTreeMap<String, String> = assembly
        .documents()
        .into_iter()
        .map(|(file, text)| (file, text.replace(NAMED, name)))
        .collect();
    let file = |file: &str| {
        documents
            .get(file)
            .cloned()
            .ok_or(io::ErrorKind::NotFound.into())
    };
    Source::read(&file).expect("the assembly can be read")
}

/// A page of fifty systems, each of whose queues changes.
fn page() -> String {
    let before = Baseline::assembly("before", source(app(48, 600)));
    let review = Review::new(&source(app(49, 900)), Some(&before), &|kind| {
        cfn::schema(kind)
    });
    review.to_html()
}

/// The rows that are shown.
const SHOWN: &str = "[...document.querySelectorAll('#rows summary, #rows .leaf')].filter((row) => row.checkVisibility()).length";

#[test]
fn five_hundred_resources_are_searched_folded_and_walked_by_keys() {
    let content = page();
    if let Some(file) = std::env::var_os("REVIEW_PAGE") {
        std::fs::write(file, &content).expect("the page is written");
    }
    assert!(
        content.len() <= 500_000,
        "the page has {} bytes",
        content.len()
    );
    let mut page = Page::open(&content);
    let rows = page.value("document.querySelectorAll('#rows [data-i]').length");
    assert!(
        rows.as_u64().is_some_and(|rows| rows >= 490),
        "{rows} resources"
    );

    // Search, by keys alone.
    let before = page.value(SHOWN);
    page.press("/");
    assert_eq!(page.text("document.activeElement.id"), "search");
    let started = std::time::Instant::now();
    page.write("work17 policy");
    assert_eq!(
        page.text("document.getElementById('found').textContent"),
        "1 found"
    );
    println!(
        "searched in {:?}, {} bytes",
        started.elapsed(),
        content.len()
    );
    let shown = page.value(SHOWN);
    assert!(
        shown.as_u64().is_some_and(|shown| (3..6).contains(&shown)),
        "{shown}"
    );
    page.press("Escape");
    assert_eq!(
        page.text("document.getElementById('found').textContent"),
        ""
    );
    assert_eq!(page.value(SHOWN), before);

    // Folding.
    page.click("#unfold");
    let unfolded = page.value(SHOWN);
    assert!(
        unfolded.as_u64().is_some_and(|all| all >= 490),
        "{unfolded}"
    );
    page.click("#fold");
    assert_eq!(page.value(SHOWN), 1);
    page.click("#rows summary");
    assert_eq!(
        page.value("document.querySelector('#rows details').open"),
        true
    );

    // Walking: down to the second row, into it, and its part of the template.
    page.value("document.querySelector('#rows summary').focus()");
    page.press("ArrowDown");
    page.press("ArrowRight");
    page.press("ArrowDown");
    page.press("Enter");
    let id = page.text("document.activeElement.dataset.i");
    assert!(!id.is_empty());
    page.until("document.getElementById('body').textContent.startsWith('{')");
    let part = page.text("document.getElementById('body').textContent");
    let part: Value = serde_json::from_str(&part).expect("a part of the template");
    assert!(
        part["Type"]
            .as_str()
            .is_some_and(|kind| kind.starts_with("AWS::")),
        "{part}"
    );
    assert!(
        page.text("document.getElementById('shown').textContent")
            .starts_with(&id)
    );
    page.press("ArrowLeft");
    page.press("ArrowLeft");
    assert_eq!(
        page.value("document.activeElement.parentElement.open"),
        false
    );
    page.press("Home");
    assert_eq!(
        page.value("document.activeElement === document.querySelector('#rows summary')"),
        true
    );
    // One stop of the Tab key for all rows.
    assert_eq!(
        page.value("document.querySelectorAll('#rows [tabindex=\"0\"]').length"),
        1
    );
}

#[test]
fn it_is_light_or_dark_as_the_system_says_and_as_the_switch_says() {
    let mut page = Page::open(&page());
    let paper = "getComputedStyle(document.body).backgroundColor";
    let box_of = "getComputedStyle(document.querySelector('.picture .box')).fill";
    page.prefer("dark", "screen");
    assert_eq!(page.text(paper), "rgb(13, 17, 23)");
    assert_eq!(page.text(box_of), "rgb(33, 40, 48)");
    page.until("document.getElementById('theme').textContent === 'Light'");
    page.click("#theme");
    assert_eq!(page.text(paper), "rgb(255, 255, 255)");
    page.prefer("light", "screen");
    page.click("#theme");
    assert_eq!(page.text(paper), "rgb(13, 17, 23)");
    page.prefer("dark", "print");
    assert_eq!(
        page.text("getComputedStyle(document.querySelector('.tools')).display"),
        "none"
    );
    let printed = page.ask("Page.printToPDF", &json!({}));
    assert!(
        printed["data"]
            .as_str()
            .is_some_and(|pdf| pdf.starts_with("JVBERi")),
        "a PDF"
    );
}

#[test]
fn a_name_that_wants_to_be_a_script_is_a_name() {
    let content = page();
    assert!(!content.contains("<script>window"), "markup got through");
    let mut page = Page::open(&content);
    page.press("/");
    page.write("onerror");
    assert_eq!(
        page.text("document.getElementById('found').textContent"),
        "1 found"
    );
    page.press("ArrowDown");
    page.press("ArrowDown");
    page.press("Enter");
    page.until("document.getElementById('body').textContent.startsWith('{')");
    let part = page.text("document.getElementById('body').textContent");
    assert!(part.contains("window.hacked=1"), "{part}");
    // It is there as text, in the tree, in the picture and among the changes, and nothing ran.
    assert_eq!(
        page.value("document.body.innerText.includes('<script>window.hacked=1')"),
        true
    );
    assert_eq!(page.value("typeof window.hacked"), "undefined");
    assert_eq!(
        page.value("document.querySelectorAll('img, iframe, object, embed, link').length"),
        0
    );
    assert_eq!(page.value("document.scripts.length"), 2);
    for bad in [
        "Runtime.exceptionThrown",
        "Page.javascriptDialogOpening",
        "Log.entryAdded",
    ] {
        assert_eq!(page.events(bad), Vec::<&Value>::new(), "{bad}");
    }
    let asked = page.events("Network.requestWillBeSent");
    assert!(
        asked.iter().all(|one| one["type"] == "Document"),
        "the page asks for nothing: {asked:?}"
    );
    assert_eq!(page.screenshot().get(..6), Some("iVBORw"), "a picture");
    // Even what would get through would not run.
    page.value("{ const bad = document.createElement('script'); bad.textContent = 'window.hacked = 3'; document.body.append(bad); }");
    assert_eq!(page.value("typeof window.hacked"), "undefined");
    assert_eq!(
        page.value("fetch('https://example.com/').then(() => 'sent', () => 'refused')"),
        "refused"
    );
}

/// Texts that are wider than what they stand in, in a picture that is shown with the fonts of this machine.
const TOO_WIDE: &str = "[...document.querySelectorAll('.node, .frame')].flatMap((group) => {
    const around = group.querySelector('rect').getBoundingClientRect();
    return [...group.querySelectorAll('text:not(.sign)')]
        .filter((text) => text.getBoundingClientRect().right > around.right - 4).map((text) => text.textContent);
})";

/// Lines that run over a box, a title, or a frame that holds none of their boxes; and what is written at lines over something else.
const IN_THE_WAY: &str = "[...document.querySelectorAll('svg')].flatMap((svg) => {
    const all = (what) => [...svg.querySelectorAll(what)];
    const thing = (name, shape) => ({ name, rect: shape.getBoundingClientRect() });
    const boxes = all('.node').map((node) => thing(node.dataset.path, node.querySelector('.box')));
    const frames = all('.frame').map((frame) => thing(frame.textContent, frame.querySelector('rect')));
    const titles = all('.frame text').map((title) => thing(title.textContent, title));
    const labels = all('.label').map((label) => thing(label.textContent, label));
    const holds = ({ rect }, x, y) => x > rect.left + 1 && x < rect.right - 1 && y > rect.top + 1 && y < rect.bottom - 1;
    const around = (frame, { rect }) => holds(frame, (rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2);
    const crossed = all('.line').flatMap((line) => {
        const { from, to } = line.querySelector('[data-from]').dataset;
        const ends = boxes.filter((box) => box.name === from || box.name === to);
        const others = boxes.filter((box) => !ends.includes(box));
        others.push(...titles, ...frames.filter((frame) => !ends.some((box) => around(frame, box))));
        const path = line.querySelector('path'), looks = 300;
        const places = Array.from({ length: looks + 1 }, (_, look) =>
            path.getPointAtLength(path.getTotalLength() * look / looks).matrixTransform(path.getScreenCTM()));
        return others.filter((other) => places.some(({ x, y }) => holds(other, x, y)))
            .map((other) => `the line of ${from} and ${to} runs over ${other.name}`);
    });
    // Rows that belong together stand close, and letters do not fill their row.
    const meet = ({ rect: one }, { rect: other }) => one.left < other.right - 1 && other.left < one.right - 1
        && one.top < other.bottom - 3 && other.top < one.bottom - 3;
    const covered = labels.flatMap((label, place) => [...labels.slice(place + 1), ...boxes, ...titles]
        .filter((other) => meet(label, other)).map((other) => `${label.name} is written over ${other.name}`));
    return [...crossed, ...covered];
})";

/// The pictures of all examples, in one page.
fn pictures() -> Page {
    let pictures = tests::examples::names().into_iter().map(|example| {
        let file = format!("examples/{example}/system.svg");
        let file = tests::examples::repository().join(file);
        std::fs::read_to_string(file).expect("an example has a picture")
    });
    let mut page = Page::open(&pictures.collect::<String>());
    let shown = page.value("document.querySelectorAll('.node').length");
    assert!(shown.as_u64().is_some_and(|shown| shown > 100), "{shown}");
    page
}

#[test]
fn texts_of_pictures_stay_in_their_boxes_and_frames() {
    assert_eq!(pictures().value(TOO_WIDE), json!([]));
}

#[test]
fn lines_of_pictures_run_over_nothing_that_is_not_theirs_and_what_is_written_at_them_can_be_read() {
    assert_eq!(pictures().value(IN_THE_WAY), json!([]));
}
