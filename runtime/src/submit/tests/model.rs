//! Models of a bucket, a table and an archive, whose requests fail before or after they did their work.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::sleep;

use super::super::SOURCE_TAG;
use super::super::answer::Answer;
use super::super::form::Form;
use super::super::ports::{Archive, Delivery, Head, Ledger, Object, Source, State};
use crate::failure::{Class, Failure};
use crate::intake::{Change, ObjectEvent};

pub(super) const BUCKET: &str = "staging";
const TOKEN: &str = "hunter2";
const OLD_TOKEN: &str = "hunter1";

/// What a request of S3, DynamoDB or Secrets Manager does besides its work.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Work,
    FailBefore,
    FailAfter,
}

/// What the archive does with a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reply {
    Accept,
    Refuse,
    RefuseWithToken,
    /// With the seconds to wait.
    Busy(Option<u64>),
    /// It takes the object, and its answer is lost.
    AcceptSilently,
    /// The request is lost.
    Vanish,
    /// It takes the object and never answers.
    Hang,
}

#[derive(Clone, Debug)]
struct Stored {
    version: u32,
    size: u64,
    tags: Vec<(String, String)>,
}

#[derive(Debug, Default)]
struct Inner {
    objects: BTreeMap<String, Stored>,
    items: BTreeMap<(String, String), Delivery>,
    script: Vec<Fate>,
    replies: Vec<Reply>,
    posts: Vec<(String, String)>,
    has_no_secret: bool,
    is_rotated: bool,
}

#[derive(Debug, Default)]
pub(super) struct World(Mutex<Inner>);

std::thread_local! {
    /// When the model's time began.
    static START: std::cell::Cell<Option<tokio::time::Instant>> = const { std::cell::Cell::new(None) };
}

/// Seconds of the paused time.
pub(super) fn clock() -> u64 {
    let now = tokio::time::Instant::now();
    let start = START.get().filter(|start| *start <= now).unwrap_or(now);
    START.set(Some(start));
    1_000_000 + now.duration_since(start).as_secs()
}

fn tags(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    tags.iter().map(owned).collect()
}

impl World {
    /// With these objects, one byte each.
    pub(super) fn with(keys: &[&str]) -> Self {
        START.set(None);
        let stored = |key: &&str| {
            let object = Stored {
                version: 1,
                size: 1,
                tags: tags(&[(SOURCE_TAG, "vessel")]),
            };
            ((*key).to_owned(), object)
        };
        Self(Mutex::new(Inner {
            objects: keys.iter().map(stored).collect(),
            ..Inner::default()
        }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    pub(super) fn script(&self, mut script: Vec<Fate>) {
        script.reverse();
        self.inner().script = script;
    }

    pub(super) fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        let mut replies: Vec<_> = replies.into_iter().collect();
        replies.reverse();
        self.inner().replies = replies;
    }

    /// From now on everything works.
    pub(super) fn calm(&self) {
        let mut inner = self.inner();
        inner.script.clear();
        inner.replies.clear();
    }

    /// The archive takes another token than the one that is remembered.
    pub(super) fn rotate(&self) {
        self.inner().is_rotated = true;
    }

    pub(super) fn hide_secret(&self) {
        self.inner().has_no_secret = true;
    }

    fn stored(&self, key: &str, change: impl FnOnce(&mut Stored)) {
        change(self.inner().objects.get_mut(key).unwrap());
    }

    pub(super) fn change(&self, key: &str) {
        self.stored(key, |object| object.version += 1);
    }

    pub(super) fn enlarge(&self, key: &str) {
        self.stored(key, |object| object.size = 101);
    }

    pub(super) fn set_tags_of(&self, key: &str, given: &[(&str, &str)]) {
        self.stored(key, |object| object.tags = tags(given));
    }

    pub(super) fn remove(&self, key: &str) {
        self.inner().objects.remove(key);
    }

    pub(super) fn tags(&self, key: &str) -> Vec<(String, String)> {
        self.inner().objects[key].tags.clone()
    }

    pub(super) fn event(&self, key: &str) -> ObjectEvent {
        let inner = self.inner();
        ObjectEvent {
            change: Change::Created,
            name: "ObjectCreated:Put".to_owned(),
            bucket: BUCKET.to_owned(),
            key: key.to_owned(),
            region: None,
            time: None,
            size: None,
            etag: None,
            version_id: Some(format!("v{}", inner.objects[key].version)),
            sequencer: None,
            principal: None,
        }
    }

    /// The ids of everything that the archive has taken.
    pub(super) fn posts(&self) -> Vec<String> {
        let inner = self.inner();
        inner.posts.iter().map(|(_, id)| id.clone()).collect()
    }

    /// How often it has taken this file.
    pub(super) fn taken(&self, key: &str) -> usize {
        let inner = self.inner();
        inner.posts.iter().filter(|(file, _)| file == key).count()
    }

    /// What is known about an object as it is now.
    pub(super) fn state(&self, key: &str) -> Option<State> {
        let inner = self.inner();
        let version = inner.objects.get(key).map_or(1, |object| object.version);
        let item = inner.items.get(&(key.to_owned(), format!("v{version}")));
        item.map(|item| item.state)
    }

    async fn request<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> Result<T, Failure> {
        sleep(Duration::from_millis(10)).await;
        let fate = self.inner().script.pop().unwrap_or(Fate::Work);
        let failed = || Failure::new(Class::ServiceFailed, "said the model");
        if matches!(fate, Fate::FailBefore) {
            return Err(failed());
        }
        let done = work(&mut self.inner());
        match fate {
            Fate::FailAfter => Err(failed()),
            _ => Ok(done),
        }
    }
}

fn head(key: &str, object: &Stored) -> Head {
    Head {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        version_id: Some(format!("v{}", object.version)),
        etag: "\"e\"".to_owned(),
        size: object.size,
        content_type: None,
    }
}

impl Source for &World {
    async fn fetch(
        &self,
        _bucket: &str,
        key: &str,
        version: Option<&str>,
        largest: u64,
    ) -> Result<Option<Object>, Failure> {
        self.request(|inner| {
            let found = inner.objects.get(key).map(|object| head(key, object));
            let head = found.filter(|head| head.version_id.as_deref() == version)?;
            let size = usize::try_from(head.size).unwrap();
            let content = (head.size <= largest).then(|| vec![b'x'; size]);
            Some(Object { head, content })
        })
        .await
    }

    async fn tags(&self, head: &Head) -> Result<Vec<(String, String)>, Failure> {
        self.request(|inner| inner.objects[&head.key].tags.clone())
            .await
    }

    async fn set_tags(&self, head: &Head, tags: &[(String, String)]) -> Result<(), Failure> {
        self.request(|inner| {
            let object = inner.objects.get_mut(&head.key).unwrap();
            object.tags = tags.to_vec();
        })
        .await
    }
}

impl Ledger for &World {
    async fn read(&self, head: &Head) -> Result<Option<Delivery>, Failure> {
        let key = (head.key.clone(), head.version().to_owned());
        self.request(|inner| inner.items.get(&key).cloned()).await
    }

    async fn write(
        &self,
        head: &Head,
        new: &Delivery,
        was: Option<&Delivery>,
    ) -> Result<bool, Failure> {
        let key = (head.key.clone(), head.version().to_owned());
        self.request(|inner| {
            let is_unchanged = inner.items.get(&key) == was;
            if is_unchanged {
                inner.items.insert(key, new.clone());
            }
            is_unchanged
        })
        .await
    }
}

impl Archive for &World {
    async fn token(&self, refused: Option<&str>) -> Result<String, Failure> {
        let denied = Failure::new(Class::AccessDenied, "no right to the secret");
        let secret = self.request(|inner| {
            // What is remembered may be the one before.
            let is_old = inner.is_rotated && refused.is_none();
            let token = if is_old { OLD_TOKEN } else { TOKEN };
            (!inner.has_no_secret).then(|| token.to_owned())
        });
        secret.await?.ok_or(denied)
    }

    async fn post(&self, form: &Form, token: &str) -> Answer {
        if token == OLD_TOKEN {
            let message = format!("{token} is revoked");
            return Answer::Refused(Failure::new(Class::AccessDenied, message));
        }
        assert_eq!(token, TOKEN);
        let text = String::from_utf8(form.body.clone()).unwrap();
        let between = |start: &str| {
            let rest = text.split_once(start).unwrap().1;
            rest.split('"').next().unwrap().to_owned()
        };
        let post = (between("filename=\""), between("\"uniqueID\": \""));
        let reply = self.inner().replies.pop().unwrap_or(Reply::Accept);
        let is_taken = matches!(reply, Reply::Accept | Reply::AcceptSilently | Reply::Hang);
        if is_taken {
            self.inner().posts.push(post);
        }
        let failure = |class| Failure::new(class, "said the archive");
        match reply {
            Reply::Accept => Answer::Accepted,
            Reply::Refuse => Answer::Refused(failure(Class::Refused)),
            Reply::RefuseWithToken => {
                let message = format!("{TOKEN} is not known");
                Answer::Refused(Failure::new(Class::AccessDenied, message))
            }
            Reply::Busy(wait) => {
                Answer::Later(failure(Class::ServiceFailed), wait.map(Duration::from_secs))
            }
            Reply::AcceptSilently | Reply::Vanish => Answer::Lost(failure(Class::OutcomeUnknown)),
            Reply::Hang => std::future::pending().await,
        }
    }
}
