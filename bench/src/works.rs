//! The apps that are measured: stacks of 400 resources each. `raw` and `l1` are 100 times a bucket, a
//! queue, a role and a function that takes the role, which is what the peers build too; `l2` is 40
//! times a bucket that tells a queue of its objects and a function that works on them, `shown` the same fifty times, `connected`
//! one system in which all of them hand on to each other. `pipeline` is one pipeline of twenty stages for each stack, `fleet` ten
//! buckets that servers of their own follow.

use std::time::Duration;

use cloudwright::dynamodb::{Attribute, Table};
use cloudwright::ec2::{Image, Nat, Vpc};
use cloudwright::lambda::{Architecture, Code};
use cloudwright::patterns::ssm_sync_fleet::{Directory, Fleet};
use cloudwright::patterns::{HandOver, ProcessingPipeline, SsmSyncFleet, Stage, Submission};
use cloudwright::secretsmanager::Secret;
use cloudwright::{
    App, Environment, Json, RawResource, Stack, Value, cfn, json, lambda, s3, sns, sqs,
};

/// Builds an app of this many stacks.
pub(crate) type Work = fn(usize) -> App;

/// Every work by its name.
pub(crate) const WORKS: &[(&str, Work)] = &[
    ("raw", raw),
    ("l1", l1),
    ("l2", l2),
    ("l2-unchecked", l2_unchecked),
    ("shown", shown),
    ("connected", connected),
    ("pipeline", pipeline),
    ("fleet", fleet),
];

/// A stack holds this many of each of the four resources.
const EACH: usize = 100;

/// A stack holds this many systems of ten resources: a bucket, a queue, its dead-letter queue, their
/// policies, a function, its role, the policy of that and its log group.
const SYSTEMS: usize = 40;

/// And this many where it is drawn and reviewed: 500 resources.
const SHOWN: usize = 50;

/// As many steps of a connected system are 500 resources, too.
const STEPS: usize = 38;

/// A stack holds this many fleets of thirty-five resources each, and the network that they share.
const FLEETS: usize = 10;

fn app(stacks: usize, fill: impl Fn(&Stack)) -> App {
    filled(App::new(), stacks, fill)
}

fn filled(app: App, stacks: usize, fill: impl Fn(&Stack)) -> App {
    for number in 0..stacks {
        let environment = Environment::new("123456789012", "eu-central-1");
        fill(&app.stack(format!("Stack{number}"), environment));
    }
    app
}

/// The engine alone: resources without facts about their types.
fn raw(stacks: usize) -> App {
    app(stacks, |stack| {
        for number in 0..EACH {
            stack.add(
                format!("Bucket{number}"),
                RawResource::new("AWS::S3::Bucket"),
            );
            stack.add(
                format!("Queue{number}"),
                RawResource::new("AWS::SQS::Queue"),
            );
            let role = RawResource::new("AWS::IAM::Role");
            let role = role.property("AssumeRolePolicyDocument", trust());
            let role = stack.add(format!("Role{number}"), role);
            let arn: Value<Json> = role.attribute("Arn");
            let function = RawResource::new("AWS::Lambda::Function")
                .property("Handler", "index.handler")
                .property("Runtime", "nodejs22.x")
                .property("Role", arn);
            stack.add(format!("Function{number}"), function);
        }
    })
}

/// Typed resources with facts: their literals are checked too.
fn l1(stacks: usize) -> App {
    app(stacks, |stack| {
        for number in 0..EACH {
            stack.add(format!("Bucket{number}"), cfn::s3::Bucket::new());
            stack.add(format!("Queue{number}"), cfn::sqs::Queue::new());
            let role = stack.add(format!("Role{number}"), cfn::iam::Role::new(trust()));
            let function = cfn::lambda::Function::new(inline(), &role)
                .handler("index.handler")
                .runtime("nodejs22.x");
            stack.add(format!("Function{number}"), function);
        }
    })
}

/// A whole system: nineteen functions in every way of handing over, and one that hands in.
fn pipeline(stacks: usize) -> App {
    const WAYS: [HandOver; 4] = [
        HandOver::Call,
        HandOver::Queue,
        HandOver::Topic,
        HandOver::EventBridge,
    ];
    app(stacks, |stack| {
        let secret = stack.add("Provider", Secret::new());
        let archive = Submission::to("https://archive.example.org/upload", "PRO", &secret);
        let ways = WAYS.into_iter().cycle().take(19).enumerate();
        let row = ways.fold(ProcessingPipeline::new(), |row, (number, way)| {
            let work = lambda::Function::new(Code::s3("releases", "work.zip"));
            let stage = Stage::function(work).hand_over(way);
            row.stage(
                format!("Stage{number}"),
                stage.writes(format!("Place{number}")),
            )
        });
        stack.add("Files", row.deliver(Stage::submit(archive)));
    })
}

/// Servers of their own for each of ten buckets, with notices and all alarms.
fn fleet(stacks: usize) -> App {
    app(stacks, |stack| {
        let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
        let operators = stack.add("Operators", sns::Topic::new());
        for number in 0..FLEETS {
            let image = Image::amazon_linux_2023(Architecture::Arm64);
            let servers = Fleet::new(&network, image, "t4g.small", 2..=4)
                .start_with(["systemctl enable --now nginx"]);
            let content = Directory::new("/srv/content").mirror().owner("nginx");
            let content = SsmSyncFleet::new(content)
                .fleet(servers)
                .status_events_to(&operators);
            let content = stack.add(format!("Content{number}"), content);
            content.alarms(&operators);
        }
    })
}

/// Services with secure defaults, grants and notifications, with all checks.
fn l2(stacks: usize) -> App {
    systems(App::new(), stacks, SYSTEMS)
}

/// The same without the checks of the library; what it takes less is what they take.
fn l2_unchecked(stacks: usize) -> App {
    systems(App::without_checks(), stacks, SYSTEMS)
}

/// As many as are drawn and reviewed.
fn shown(stacks: usize) -> App {
    systems(App::new(), stacks, SHOWN)
}

/// One stack of `l2`, in an app of the command line.
pub(crate) fn one_stack(app: &App) {
    let environment = Environment::new("123456789012", "eu-central-1");
    fill(&app.stack("Stack0", environment), SYSTEMS);
}

fn systems(app: App, stacks: usize, systems: usize) -> App {
    filled(app, stacks, |stack| fill(stack, systems))
}

fn fill(stack: &Stack, systems: usize) {
    for number in 0..systems {
        let uploads = stack.add(format!("Uploads{number}"), s3::Bucket::new());
        let jobs = stack.add(format!("Jobs{number}"), sqs::Queue::new());
        let work =
            lambda::Function::new(Code::s3("releases", "work.zip")).env("UPLOADS", uploads.name());
        let work = stack.add(format!("Work{number}"), work);
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::prefix("in/"), &jobs);
        uploads.grant_read(&work);
        jobs.grant_send(&work);
    }
}

/// One system: each bucket tells a queue, from which a function takes work; it writes into the next bucket, and now and then into
/// one further on. All keep a table and alarm the same people.
fn connected(stacks: usize) -> App {
    app(stacks, |stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let state = stack.add("State", Table::new(Attribute::string("key")));
        let add = |number: usize| stack.add(format!("Bucket{number}"), s3::Bucket::new());
        let buckets: Vec<_> = (0..=STEPS).map(add).collect();
        for (number, from) in buckets.iter().take(STEPS).enumerate() {
            let jobs = sqs::Queue::new().visibility_timeout(Duration::from_secs(180));
            let jobs = stack.add(format!("Jobs{number}"), jobs);
            from.notify(s3::Event::ObjectCreated, s3::Filter::prefix("in/"), &jobs);
            let work = lambda::Function::new(Code::s3("releases", "work.zip"));
            let work = stack.add(format!("Work{number}"), work);
            work.consume(&jobs);
            from.grant_read(&work);
            buckets[number + 1].grant_write(&work);
            if number % 5 == 0 && number + 7 <= STEPS {
                buckets[number + 7].grant_write(&work);
            }
            state.grant_read_write(&work);
            jobs.alarm_on_dead_letters(&operators);
            work.alarm_on_errors(&operators);
        }
    })
}

fn inline() -> cfn::lambda::function::Code {
    cfn::lambda::function::Code::new().zip_file("exports.handler = async () => {}")
}

/// Lets Lambda take a role.
fn trust() -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }],
    })
}
