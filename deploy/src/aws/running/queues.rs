//! SQS by the SDK's client.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ListMessageMoveTasksResultEntry, MessageSystemAttributeName, QueueAttributeName,
};
use futures_util::FutureExt;

use super::super::faults;
use crate::cloud::Call;
use crate::fault::Fault;
use crate::running::services::{Fifo, Message, Move, QueueState, Queues};

/// SQS in one account and region.
pub(super) struct Sqs(pub(super) Client);

impl Queues for Sqs {
    fn send<'a>(&'a self, queue: &'a str, body: &'a str, fifo: Option<Fifo<'a>>) -> Call<'a, ()> {
        async move {
            let call = self.0.send_message().queue_url(queue).message_body(body);
            let call = call.set_message_group_id(fifo.map(|fifo| fifo.group.to_owned()));
            let call = call.set_message_deduplication_id(fifo.map(|fifo| fifo.token.to_owned()));
            let answer = call.send().await;
            answer
                .map(drop)
                .map_err(|error| faults::of("SendMessage", &error))
        }
        .boxed_local()
    }

    fn state<'a>(&'a self, queue: &'a str) -> Call<'a, QueueState> {
        async move { self.look(queue).await }.boxed_local()
    }

    fn sources<'a>(&'a self, queue: &'a str) -> Call<'a, Vec<String>> {
        async move {
            let call = self.0.list_dead_letter_source_queues().queue_url(queue);
            let mut pages = call.into_paginator().send();
            let mut all = Vec::new();
            while let Some(page) = pages.next().await {
                let page =
                    page.map_err(|error| faults::of("ListDeadLetterSourceQueues", &error))?;
                all.extend_from_slice(page.queue_urls());
            }
            Ok(all)
        }
        .boxed_local()
    }

    fn receive<'a>(&'a self, queue: &'a str, seconds: u32) -> Call<'a, Vec<Message>> {
        async move { self.take(queue, seconds).await }.boxed_local()
    }

    fn give_back<'a>(&'a self, queue: &'a str, receipt: &'a str) -> Call<'a, ()> {
        async move {
            let call = self.0.change_message_visibility().queue_url(queue);
            let answer = call
                .receipt_handle(receipt)
                .visibility_timeout(0)
                .send()
                .await;
            answer
                .map(drop)
                .map_err(|error| faults::of("ChangeMessageVisibility", &error))
        }
        .boxed_local()
    }

    fn delete<'a>(&'a self, queue: &'a str, receipt: &'a str) -> Call<'a, ()> {
        async move {
            let call = self
                .0
                .delete_message()
                .queue_url(queue)
                .receipt_handle(receipt);
            let answer = call.send().await;
            answer
                .map(drop)
                .map_err(|error| faults::of("DeleteMessage", &error))
        }
        .boxed_local()
    }

    fn start_move<'a>(&'a self, arn: &'a str, rate: Option<i32>) -> Call<'a, ()> {
        async move {
            let call = self.0.start_message_move_task().source_arn(arn);
            let answer = call
                .set_max_number_of_messages_per_second(rate)
                .send()
                .await;
            answer
                .map(drop)
                .map_err(|error| faults::of("StartMessageMoveTask", &error))
        }
        .boxed_local()
    }

    fn moves<'a>(&'a self, arn: &'a str) -> Call<'a, Vec<Move>> {
        async move {
            let call = self
                .0
                .list_message_move_tasks()
                .source_arn(arn)
                .max_results(10);
            let answer = call.send().await;
            let answer = answer.map_err(|error| faults::of("ListMessageMoveTasks", &error))?;
            Ok(answer.results().iter().map(moved).collect())
        }
        .boxed_local()
    }
}

impl Sqs {
    async fn look(&self, queue: &str) -> Result<QueueState, Fault> {
        use QueueAttributeName::{
            ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, QueueArn,
        };
        let names = [
            QueueArn,
            ApproximateNumberOfMessages,
            ApproximateNumberOfMessagesNotVisible,
        ];
        let call = self.0.get_queue_attributes().queue_url(queue);
        let answer = call.set_attribute_names(Some(names.to_vec())).send().await;
        let answer = answer.map_err(|error| faults::of("GetQueueAttributes", &error))?;
        let text = |name| answer.attributes()?.get(&name).cloned();
        let number = |name| {
            text(name)
                .and_then(|text| text.parse().ok())
                .unwrap_or_default()
        };
        Ok(QueueState {
            arn: text(QueueArn).unwrap_or_default(),
            waiting: number(ApproximateNumberOfMessages),
            taken: number(ApproximateNumberOfMessagesNotVisible),
        })
    }

    async fn take(&self, queue: &str, seconds: u32) -> Result<Vec<Message>, Fault> {
        let call = self
            .0
            .receive_message()
            .queue_url(queue)
            .max_number_of_messages(10);
        let call = call.visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX));
        // A short wait asks all servers of SQS, of which each has some of the messages.
        let call = call.wait_time_seconds(1).message_attribute_names("All");
        let call = call.message_system_attribute_names(MessageSystemAttributeName::All);
        let answer = call.send().await;
        let answer = answer.map_err(|error| faults::of("ReceiveMessage", &error))?;
        Ok(answer.messages().iter().map(message).collect())
    }
}

fn message(one: &aws_sdk_sqs::types::Message) -> Message {
    let number = |name| one.attributes()?.get(&name)?.parse().ok();
    let texts = one.message_attributes().into_iter().flatten();
    let texts =
        texts.filter_map(|(name, value)| Some((name.clone(), value.string_value()?.to_owned())));
    Message {
        id: one.message_id().unwrap_or_default().to_owned(),
        receipt: one.receipt_handle().unwrap_or_default().to_owned(),
        body: one.body().unwrap_or_default().to_owned(),
        sent: number(MessageSystemAttributeName::SentTimestamp).unwrap_or_default(),
        taken: number(MessageSystemAttributeName::ApproximateReceiveCount)
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or_default(),
        attributes: texts.collect(),
        source: one
            .attributes()
            .and_then(|all| all.get(&MessageSystemAttributeName::DeadLetterQueueSourceArn))
            .cloned(),
    }
}

fn moved(one: &ListMessageMoveTasksResultEntry) -> Move {
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    Move {
        status: one.status().unwrap_or_default().to_owned(),
        moved: count(one.approximate_number_of_messages_moved()),
        all: one.approximate_number_of_messages_to_move().map(count),
        reason: one.failure_reason().map(str::to_owned),
        started: one.started_timestamp(),
    }
}
