//! `local` in front of an engine that follows a script: one that is busy, of another version, without a type, or that
//! loses answers.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use cloudwright_deploy::local::engine::version;
use cloudwright_deploy::local::project::Project;
use cloudwright_runtime::harness::http::Reply;
use serde_json::{Value, json};
use tests::aws::wait_for;
use tests::deploys::{Deployer, Run, Started, run};

use crate::script::{Script, change, described, done, error, made, no_stack, stack, told};
use crate::scripted::listed;
use crate::with_queue;

/// The number that an engine says is its process.
const PROCESS: u64 = 4242;

/// A folder with an assembly, for which an engine is noted that follows a script.
struct Place {
    script: Script,
    deployer: Deployer,
    project: Project,
}

impl Place {
    /// The engine says this of itself, and follows these steps of CloudFormation.
    fn of(template: Value, says: &Value, steps: Vec<(&'static str, Reply)>) -> Self {
        let script = Script::of(steps);
        let deployer = script.deployer(template);
        let folder = fs::canonicalize(deployer.folder()).unwrap();
        let project = Project::new(&folder.join("home"), &folder);
        fs::create_dir_all(project.folder()).unwrap();
        let mut says = says.clone();
        says["process"] = json!(PROCESS);
        says["folder"] = json!(project.folder());
        let port = front(script.host(), says.to_string());
        let state = json!({ "process": PROCESS, "port": port });
        fs::write(project.folder().join("state.json"), state.to_string()).unwrap();
        Self {
            script,
            deployer,
            project,
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.deployer.command(&[&["local"], words].concat());
        command.env(
            "CLOUDWRIGHT_HOME",
            fs::canonicalize(self.deployer.folder())
                .unwrap()
                .join("home"),
        );
        command.env_remove("AWS_ENDPOINT_URL");
        command
    }

    fn local(&self, words: &[&str]) -> Run {
        run(&mut self.command(words))
    }
}

/// What an engine of this version says of itself.
fn ours() -> Value {
    json!({ "version": version(), "types": ["AWS::SQS::Queue"], "recorded": ["AWS::SSM::Document"] })
}

/// An engine: it answers what it is asked of itself, and hands everything else on to an address.
fn front(behind: String, says: String) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (behind, says) = (behind.clone(), says.clone());
            thread::spawn(move || serve(stream, &behind, &says));
        }
    });
    port
}

fn serve(stream: TcpStream, behind: &str, says: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let first = String::from_utf8_lossy(reader.fill_buf()?).into_owned();
    if first.contains(" /_cloudwright/") {
        return (&stream).write_all(format!("HTTP/1.0 200 OK\r\n\r\n{says}").as_bytes());
    }
    let there = TcpStream::connect(behind)?;
    let (mut to, mut from) = (there.try_clone()?, there);
    let back = thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut &stream);
        stream.shutdown(Shutdown::Both)
    });
    let _ = std::io::copy(&mut reader, &mut to);
    let _ = to.shutdown(Shutdown::Write);
    let _ = back.join();
    Ok(())
}

#[test]
fn a_deployment_waits_for_a_busy_engine_and_asks_again_what_was_lost() {
    let steps = vec![
        // The bucket for files is there.
        listed(&[]),
        ("DescribeStacks", error(400, "Throttling", "Rate exceeded")),
        no_stack(),
        ("CreateChangeSet", Reply::HangUp),
        made(),
        described("CREATE_COMPLETE", &change("Jobs", "Add", "", ""), ""),
        done("ExecuteChangeSet"),
        stack("CREATE_IN_PROGRESS"),
        ("DescribeStackEvents", Reply::Break),
        (
            "DescribeStackEvents",
            error(400, "ValidationError", "the engine was restarted"),
        ),
        // What was deployed is what the other verbs work on.
        stack("CREATE_COMPLETE"),
    ];
    let place = Place::of(with_queue(&json!({})), &ours(), steps);
    let run = place.local(&["deploy", "--json"]).ended(1);
    let problem = &run.stack("Mail")["problem"];
    let said = problem["message"].as_str().unwrap();
    assert!(said.contains("the engine was restarted"), "{problem}");
    assert!(
        run.err.contains("the local AWS is at http://127.0.0.1:"),
        "{}",
        run.err
    );
    let made = place.script.sent("CreateChangeSet");
    assert_eq!(made[0], made[1]);
    let status = place.local(&["status", "--json"]).ended(0);
    place.script.require_all(&status);
    assert_eq!(status.stack("Mail")["status"], "CREATE_COMPLETE");
    let unknown = place.local(&["status", "Post"]).ended(2);
    assert!(
        unknown.err.contains("\"Post\"") && unknown.err.contains("Mail"),
        "{}",
        unknown.err
    );
}

#[test]
fn what_an_engine_does_not_know_stops_before_anything_is_sent() {
    let mut template = with_queue(&json!({}));
    template["Resources"]["Server"] = json!({ "Type": "AWS::EC2::Instance" });
    template["Resources"]["Notes"] = json!({ "Type": "AWS::SSM::Document" });
    let place = Place::of(template, &ours(), vec![no_stack()]);
    let run = place.local(&["deploy"]).ended(1);
    let said = "error: the local AWS does not know every resource type of these stacks: AWS::EC2::Instance\n  \
                --> src/Mail.rs:7\n   = Mail/Server (AWS::EC2::Instance): UNKNOWN_TYPE: the local AWS has no such resource type\n";
    assert!(run.err.contains(said), "{}", run.err);
    assert!(place.script.sent("DescribeStacks").is_empty());
    let status = place.local(&["status"]).ended(0);
    place.script.require_all(&status);
    assert!(
        status.out.contains("Mail  eu-central-1  not deployed"),
        "{}",
        status.out
    );
}

#[test]
fn an_engine_of_another_version_is_found_ended_and_not_deployed_to() {
    let mut other = ours();
    other["version"] = json!("another");
    let place = Place::of(with_queue(&json!({})), &other, Vec::new());
    for verb in ["up", "deploy"] {
        let refused = place.local(&[verb]).ended(1);
        let said = "was started by another version of cloudwright\n   = help: `local down`, then the command again";
        assert!(refused.err.contains(said), "{verb}: {}", refused.err);
    }
    let state = |run: Run| serde_json::from_str::<Value>(&run.out).unwrap()["state"].clone();
    assert_eq!(state(place.local(&["down", "--json"]).ended(0)), "stopped");
    assert!(!place.project.folder().join("state.json").exists());
    assert_eq!(state(place.local(&["down", "--json"]).ended(0)), "absent");
    let gone = place.local(&["deploy", "--help"]).ended(0);
    assert!(!gone.out.contains("--profile"), "{}", gone.out);
}

#[test]
fn ctrl_c_says_how_to_get_back_to_the_local_stack() {
    let mut steps = vec![
        listed(&[]),
        no_stack(),
        made(),
        described("CREATE_COMPLETE", "", ""),
        done("ExecuteChangeSet"),
    ];
    for _ in 0..200 {
        steps.extend([stack("CREATE_IN_PROGRESS"), told(&[])]);
    }
    let place = Place::of(with_queue(&json!({})), &ours(), steps);
    let mut program = Started::of(&mut place.command(&["deploy"]));
    program.until("Mail: creating");
    wait_for("the first look at the operation", || {
        (!place.script.sent("DescribeStackEvents").is_empty()).then_some(())
    });
    program.interrupt();
    let said = program.end().ended(130).err;
    let said = said.lines().last().unwrap_or_default();
    assert_eq!(
        said,
        "Mail goes on in the local AWS without this program: `local deploy Mail` follows it again, \
         `local events Mail --follow` only looks, `local cancel Mail` cancels an update"
    );
}
