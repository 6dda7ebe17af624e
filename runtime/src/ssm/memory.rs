//! What `ssm-sync` remembers, and where changes wait, by the SDK's clients.

use std::time::SystemTime;

use aws_sdk_sqs::Client;
use aws_types::SdkConfig;
use cloudwright_contract::SsmSync;

use crate::dynamodb::Notes;
use crate::failure::{Class, Failure};
use crate::sdk;
use crate::ssm_sync::{Memory, Note};

const OPERATION: &str = "SQS SendMessage";

/// The table and the queue of a function.
#[derive(Clone, Debug)]
pub struct Ledger {
    notes: Option<Notes>,
    queue: Option<(Client, String)>,
}

impl Ledger {
    /// Those that a plan names.
    #[must_use]
    pub fn new(sdk: &SdkConfig, plan: &SsmSync) -> Self {
        let table = plan.ledger.clone();
        let window = plan.window.as_ref();
        Self {
            notes: table.map(|table| Notes::new(sdk, table)),
            queue: window.map(|window| (Client::new(sdk), window.queue_url.clone())),
        }
    }

    fn notes(&self) -> Result<&Notes, Failure> {
        let message = "no table is named; set LEDGER_TABLE";
        let missing = || Failure::new(Class::Refused, message);
        self.notes.as_ref().ok_or_else(missing)
    }
}

impl Memory for Ledger {
    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let millis = since.unwrap_or_default().as_millis();
        u64::try_from(millis).unwrap_or(u64::MAX)
    }

    async fn read(&self, id: &str) -> Result<Option<Note>, Failure> {
        self.notes()?.read(id).await
    }

    async fn write(&self, id: &str, new: &Note, was: Option<&Note>) -> Result<bool, Failure> {
        self.notes()?.write(id, new, was).await
    }

    async fn put_back(&self, event: String, seconds: u32) -> Result<(), Failure> {
        let Some((client, url)) = &self.queue else {
            let message = "no queue is named; set WINDOW_QUEUE_URL";
            return Err(Failure::new(Class::Refused, message));
        };
        let request = client.send_message().queue_url(url).message_body(event);
        let request = request.delay_seconds(i32::try_from(seconds).unwrap_or(i32::MAX));
        let sent = request.send().await;
        sent.map(drop)
            .map_err(|error| sdk::failure(OPERATION, &error).during(OPERATION))
    }
}
