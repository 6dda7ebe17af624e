//! Who tells a stage of an object.

use cloudwright_synth::Scope;

use super::bridge;
use super::check::Step;
use super::place::Settled;
use super::stage::{HandOver, Work};
use crate::lambda::{EventSource, FunctionRef};
use crate::patterns::shared::WAIT;
use crate::s3::{Filter, key_in_events};
use crate::sns::{FilterPolicy, Match, Subscription, Topic, TopicRef};
use crate::sqs::{Queue, QueueRef};

impl Step {
    /// Lets the function know of each object.
    pub(super) fn connect(
        &self,
        scope: &Scope,
        function: &FunctionRef,
        topics: &mut Vec<(Self, TopicRef)>,
    ) -> Option<QueueRef> {
        let Settled { bucket, prefix, .. } = &self.input;
        let filter = Filter::prefix(prefix.clone());
        let filter = filter.and_suffix(self.stage.suffix.clone());
        match self.stage.hand_over {
            HandOver::Call => {
                bucket.notify(self.stage.events.clone(), filter, function);
                None
            }
            HandOver::Queue => {
                let wait = function.timeout().unwrap_or_default().saturating_mul(WAIT);
                let queue = Queue::new().visibility_timeout(wait);
                let queue = scope.add(format!("{}Queue", self.name), queue);
                bucket.notify(self.stage.events.clone(), filter, &queue);
                let mut source = EventSource::new(&queue);
                if let Work::Function(_) = self.stage.work {
                    // A function that fails for one of several objects would get all of them again.
                    source = source.batch_size(1);
                }
                if let Some(objects) = self.stage.concurrency {
                    source = source.maximum_concurrency(objects);
                }
                function.consume(source);
                Some(queue)
            }
            HandOver::Topic => {
                self.topic(scope, topics)
                    .subscribe(self.subscription(function));
                None
            }
            HandOver::EventBridge => {
                bridge::tell(scope, self, function);
                None
            }
        }
    }

    /// The topic that tells this stage, and others that want the same.
    fn topic(&self, scope: &Scope, topics: &mut Vec<(Self, TopicRef)>) -> TopicRef {
        if let Some((_, known)) = topics.iter().find(|(other, _)| self.shares_topic(other)) {
            return known.clone();
        }
        let Settled {
            name,
            bucket,
            prefix,
        } = &self.input;
        // The first of a place has its name; another one, for other events, that of its stage.
        let is_first = !topics.iter().any(|(other, _)| other.input.name == *name);
        let id = if is_first { name } else { &self.name };
        let topic = scope.add(format!("{id}Topic"), Topic::new());
        bucket.notify(
            self.stage.events.clone(),
            Filter::prefix(prefix.clone()),
            &topic,
        );
        topics.push((self.clone(), topic.clone()));
        topic
    }

    fn subscription(&self, function: &FunctionRef) -> Subscription {
        let subscription = Subscription::function(function);
        if self.stage.suffix.is_empty() {
            return subscription;
        }
        let key = ["Records", "s3", "object", "key"];
        // The key stands in the message as S3 writes it in events, and SNS compares texts as they are.
        let mut endings = key_in_events(&self.stage.suffix).into_iter();
        let first = Match::suffix(endings.next().unwrap_or_default());
        let ending = endings.fold(first, |all, other| all.or(Match::suffix(other)));
        subscription.filter(FilterPolicy::body().at(key, ending))
    }
}
