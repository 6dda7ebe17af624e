//! The program of all handlers: which one it is, and what it says when it cannot be one.
//!
//! A function that is set up wrong must not take events and fail on each. So everything that can be
//! known beforehand is checked before the first event, and Lambda is told through `/init/error`; the
//! deployment's reader sees that error at the first invocation
//! ([Runtime API](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html)).
//!
//! Errors of events are those of [`failure`](crate::failure), but for text that is no JSON: AWS refuses
//! to invoke a function with that, and the Lambda runtime, which reads it first, calls it
//! `&lambda_runtime::deserializer::DeserializeError`.

#[cfg(feature = "worker")]
mod container;
mod init;
mod surroundings;
#[cfg(feature = "worker")]
mod task_role;

use std::io::stdout;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use cloudwright_contract::Handler;
use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;

use crate::deadline::Deadline;
use crate::failure::Report;
use crate::intake;
use crate::journal::Journal;
use crate::work::{Invocation, Work};
#[cfg(feature = "worker")]
pub use container::worker;
use init::InitError;

/// Runs the handler that `_HANDLER` names, until Lambda ends the process.
#[must_use]
pub fn run() -> ExitCode {
    until_the_end(serve())
}

/// Keeps an index of one's own until Lambda ends the process: the `main` of a program with a projection.
///
/// What it needs to know is in the environment, as [`ObjectIndex`](cloudwright_contract::ObjectIndex) has it, which
/// the construct `CacheSync::of` writes. It takes events and rebuilds as [`cache_sync`](crate::cache_sync) does, and
/// needs its rights on one table.
#[cfg(feature = "index")]
#[must_use]
pub fn index<P>(projection: P) -> ExitCode
where
    P: crate::cache_sync::projection::Projection<Row = crate::cache_sync::item::Item>,
{
    until_the_end(Box::pin(keep(projection)))
}

#[cfg(feature = "index")]
async fn keep<P>(projection: P) -> Result<(), InitError>
where
    P: crate::cache_sync::projection::Projection<Row = crate::cache_sync::item::Item>,
{
    const NAME: &str = "index";
    let function = init::function()?;
    let [journal, telling] = [(); 2].map(|()| Journal::new(NAME, &function, stdout()));
    let plan = cloudwright_contract::ObjectIndex::from_env()?;
    let sdk = surroundings::sdk()?;
    let shelf = crate::s3::IndexedBucket::new(&sdk, plan.bucket.clone());
    let rows = (projection, crate::dynamodb::ItemTable::new(&sdk, &plan));
    let work = crate::cache_sync::CacheSync::new(shelf, rows, &plan.bucket, &plan.prefix, telling);
    Box::pin(listen(journal, work)).await
}

fn until_the_end(serve: impl Future<Output = Result<(), InitError>>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(serve),
        Err(problem) => Err(InitError::configuration(format!("no runtime: {problem}"))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.tell();
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), InitError> {
    let function = init::function()?;
    let name = init::required("_HANDLER", "the name of a handler")?;
    let handler: Handler = name.parse().map_err(InitError::no_such_handler)?;
    #[allow(unused_variables, reason = "a program of one's own has no handler")]
    let journal = Journal::new(handler.name(), &function, stdout());
    match handler {
        #[cfg(feature = "bucket-notifications")]
        Handler::BucketNotifications => {
            let sdk = surroundings::sdk()?;
            let buckets = crate::s3::NotifyingBuckets::new(&sdk);
            custom_resource(crate::bucket_notifications::Notifier::new(buckets, journal)).await
        }
        #[cfg(feature = "cache-sync")]
        Handler::CacheSync => {
            let plan = cloudwright_contract::CacheSync::from_env()?;
            let telling = Journal::new(handler.name(), &function, stdout());
            Box::pin(cache_sync(journal, telling, plan, &surroundings::sdk()?)).await
        }
        #[cfg(feature = "forward")]
        Handler::Forward => {
            let plan = cloudwright_contract::Forward::from_env()?;
            let sdk = surroundings::sdk()?;
            let is_fifo = plan.is_fifo();
            let queue = crate::sqs::Sqs::new(&sdk, plan.queue_url);
            listen(journal, crate::forward::Forwarder::new(queue, is_fifo)).await
        }
        #[cfg(feature = "pipeline-status")]
        Handler::PipelineStatus => {
            let sdk = surroundings::sdk()?;
            let region = sdk.region().map(ToString::to_string).unwrap_or_default();
            let buckets = crate::s3::S3::new(&sdk, &region);
            let rows = crate::dynamodb::DeliveryTables::new(&sdk);
            let letters = crate::letters::Queues::new(&sdk);
            let looker = crate::pipeline_status::Looker::new(buckets, rows, letters, || {
                i64::try_from(now()).unwrap_or(i64::MAX)
            });
            Box::pin(listen(journal, looker)).await
        }
        #[cfg(feature = "replicate")]
        Handler::Replicate => {
            let plan = cloudwright_contract::Replicate::from_env()?;
            let telling = Journal::new(handler.name(), &function, stdout());
            replicate([journal, telling], plan, &surroundings::sdk()?, function).await
        }
        #[cfg(feature = "ssm-sync")]
        Handler::SsmSync => {
            let plan = cloudwright_contract::SsmSync::from_env()?;
            let sdk = surroundings::sdk()?;
            let fleet = crate::ssm::Ssm::new(&sdk);
            let sent = Journal::new(handler.name(), &function, stdout());
            let ledger = crate::ssm::Ledger::new(&sdk, &plan);
            let work = crate::ssm_sync::Syncer::new(fleet, ledger, plan, sent);
            Box::pin(listen(journal, work)).await
        }
        #[cfg(feature = "submit")]
        Handler::Submit => {
            let plan = cloudwright_contract::Submit::from_env()?;
            let telling = Journal::new(handler.name(), &function, stdout());
            let work = submitter(telling, plan, &surroundings::sdk()?);
            Box::pin(listen(journal, work)).await
        }
        #[allow(unreachable_patterns, reason = "with all features none is left")]
        other => Err(InitError::left_out(other)),
    }
}

#[cfg(feature = "cache-sync")]
async fn cache_sync(
    journal: Journal,
    telling: Journal,
    plan: cloudwright_contract::CacheSync,
    sdk: &aws_types::SdkConfig,
) -> Result<(), InitError> {
    use crate::cache_sync::CacheSync;
    use crate::cache_sync::package::Packages;
    use crate::redis_index::{Address, RedisIndex};
    use cloudwright_contract::PackageIndex;

    let (bucket, prefix) = (plan.bucket, plan.prefix);
    let shelf = crate::s3::IndexedBucket::new(sdk, bucket.clone());
    let packages = Packages::below(&prefix);
    let address = match plan.index {
        PackageIndex::Tables(tables) => {
            let index = crate::dynamodb::PackageIndexTables::new(sdk, tables);
            let work = CacheSync::new(shelf, (packages, index), &bucket, &prefix, telling);
            return Box::pin(listen(journal, work)).await;
        }
        PackageIndex::Redis(url) => Address::Plain(url),
        PackageIndex::RedisSecret(arn) => Address::Secret(crate::secrets::Secret::new(sdk, &arn)),
    };
    let index = RedisIndex::new(address);
    let work = CacheSync::new(shelf, (packages, index), &bucket, &prefix, telling);
    Box::pin(listen(journal, work)).await
}

#[cfg(feature = "submit")]
fn submitter(
    telling: Journal,
    plan: cloudwright_contract::Submit,
    sdk: &aws_types::SdkConfig,
) -> impl Work + use<> {
    use crate::submit::{Rules, Submitter};

    let rules = Rules {
        provider: plan.provider.trim().to_owned(),
        when_unknown: plan.when_unknown,
        attempts: plan.attempts,
        patience: Duration::from_secs(plan.seconds),
        largest: plan.largest,
        local: plan.local,
    };
    let source = crate::s3::Submissions::new(sdk);
    let ledger = crate::dynamodb::Deliveries::new(sdk, plan.table);
    let archive = crate::archive::HttpArchive::new(sdk, plan.url, plan.auth);
    Submitter::new((source, ledger, archive), rules, now, telling)
}

/// Seconds since 1970.
#[cfg(any(feature = "pipeline-status", feature = "submit", feature = "worker"))]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

#[cfg(feature = "replicate")]
async fn replicate(
    [journal, telling]: [Journal; 2],
    plan: cloudwright_contract::Replicate,
    sdk: &aws_types::SdkConfig,
    function: String,
) -> Result<(), InitError> {
    use crate::replicate::Replicator;
    use crate::replicate::two_way::Synchronizer;
    use cloudwright_contract::Mode;

    let stores = crate::s3::Regions::new(sdk, &plan);
    match &plan.mode {
        Mode::OneWay => {
            let work = Replicator::new(stores, plan).telling(telling);
            Box::pin(listen(journal, work)).await
        }
        Mode::TwoWay(tombstones) => {
            let table = crate::tombstones::Table::new(sdk, tombstones);
            let work = Synchronizer::new(stores, table, plan, function).telling(telling);
            Box::pin(listen(journal, work)).await
        }
    }
}

/// Takes requests of CloudFormation, one after another.
#[cfg(feature = "bucket-notifications")]
async fn custom_resource(
    notifier: crate::bucket_notifications::Notifier<crate::s3::NotifyingBuckets>,
) -> Result<(), InitError> {
    let to = crate::response_url::ResponseUrls::new();
    let (notifier, to) = (&notifier, &to);
    let answer = |event: LambdaEvent<Value>| async move {
        let remaining = remaining(&event.context);
        Box::pin(notifier.serve(&event.payload, to, remaining)).await
    };
    let served = lambda_runtime::run(service_fn(answer)).await;
    served.map_err(|problem| InitError::configuration(format!("the Runtime API: {problem}")))
}

/// How long Lambda lets an invocation go on.
#[allow(dead_code, reason = "a worker has no end")]
fn remaining(context: &Context) -> Duration {
    (context.deadline())
        .duration_since(SystemTime::now())
        .unwrap_or(Duration::ZERO)
}

/// Takes events, one after another.
#[allow(dead_code, reason = "a worker takes messages")]
async fn listen(journal: Journal, work: impl Work) -> Result<(), InitError> {
    let (journal, work) = (&journal, &work);
    let answer = |event: LambdaEvent<Value>| async move {
        let invocation = Invocation {
            request: &event.context.request_id,
            deadline: Deadline::within(remaining(&event.context)),
            journal,
        };
        // Boxed: the future of a whole invocation is too deep for the compiler in one piece.
        let command = Box::pin(work.command(&event.payload, &invocation.deadline));
        if let Some(done) = command.await {
            return invocation.told(done);
        }
        Box::pin(invocation.answer(intake::read(&event.payload), work)).await
    };
    let served = lambda_runtime::run(service_fn(answer)).await;
    served.map_err(|problem| InitError::configuration(format!("the Runtime API: {problem}")))
}

impl From<Report> for Diagnostic {
    fn from(report: Report) -> Self {
        Self {
            error_type: report.error_type().to_owned(),
            error_message: report.to_string(),
        }
    }
}
