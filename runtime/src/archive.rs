//! The archive of `submit`, by the HTTP client that the SDK brings along.

use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use cloudwright_contract::Auth;
use serde_json::Value;

use crate::failure::{Class, Failure};
use crate::sdk;
use crate::secrets::Secret;
use crate::submit::answer::{Answer, OPERATION};
use crate::submit::form::Form;
use crate::submit::ports::Archive;

/// The header that proves to be the provider.
const TOKEN: &str = "x-auth-token";

/// For how long a token is taken for the one that the secret holds: as AWS's own
/// [extension](https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html) does. One that
/// the archive refuses is read again at once.
const REMEMBERED: Duration = Duration::from_secs(300);

/// How much of an answer is read, in bytes.
const LONGEST: usize = 1 << 20;

/// An archive that takes forms at one URL.
#[derive(Debug)]
pub struct HttpArchive {
    connector: Connector,
    url: String,
    secret: Secret,
    field: Option<String>,
    /// What the secret held, and when.
    token: Mutex<Option<(String, Instant)>>,
}

impl HttpArchive {
    /// The archive at this URL.
    #[must_use]
    pub fn new(sdk: &SdkConfig, url: String, auth: Auth) -> Self {
        Self {
            // A request is rare, and on a connection that was kept too long its answer is lost.
            connector: Connector::builder()
                .tls_provider(sdk::tls())
                .pool_idle_timeout(Duration::ZERO)
                .build(),
            url,
            secret: Secret::new(sdk, &auth.secret),
            field: auth.field,
            token: Mutex::default(),
        }
    }

    /// The token that was read last, if that is not long ago.
    fn known(&self, refused: Option<&str>) -> Option<String> {
        let remembered = self.remembered();
        let (token, read) = remembered.as_ref()?;
        let is_known = read.elapsed() < REMEMBERED && refused != Some(token.as_str());
        is_known.then(|| token.clone())
    }

    fn remembered(&self) -> MutexGuard<'_, Option<(String, Instant)>> {
        // Whoever panicked in between left a whole token or none.
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, form: &Form, token: &str) -> Result<HttpRequest, Failure> {
        // The text of a problem could repeat the token.
        let refused = || {
            let message = "the URL, or the token as a header, is none that HTTP can carry";
            Failure::new(Class::Refused, message).during(OPERATION)
        };
        let request = http::Request::post(&self.url)
            .header(TOKEN, token)
            .header("content-type", form.content_type())
            .header("content-length", form.body.len())
            .header("accept", "application/json")
            .body(SdkBody::from(form.body.clone()));
        let request = request.map_err(|_| refused())?;
        HttpRequest::try_from(request).map_err(|_| refused())
    }

    fn token_of(&self, text: &str) -> Result<String, Failure> {
        let Some(field) = &self.field else {
            return Ok(text.trim().to_owned());
        };
        let expected = format!("expected a JSON object with the text member {field:?}");
        let secret: Value = serde_json::from_str(text)
            .map_err(|_| self.secret.strange(&format!("no JSON, {expected}")))?;
        let token = secret.get(field).and_then(Value::as_str);
        let token = token.ok_or_else(|| self.secret.strange(&format!("other JSON, {expected}")))?;
        Ok(token.trim().to_owned())
    }
}

impl Archive for HttpArchive {
    async fn token(&self, refused: Option<&str>) -> Result<String, Failure> {
        if let Some(known) = self.known(refused) {
            return Ok(known);
        }
        let token = self.token_of(&self.secret.text().await?)?;
        match token.bytes().all(|byte| (b' '..0x7f).contains(&byte)) && !token.is_empty() {
            true => {
                *self.remembered() = Some((token.clone(), Instant::now()));
                Ok(token)
            }
            false => Err(self.secret.strange("empty, or no text for a header")),
        }
    }

    async fn post(&self, form: &Form, token: &str) -> Answer {
        let request = match self.request(form, token) {
            Ok(request) => request,
            Err(problem) => return Answer::Refused(problem),
        };
        let response = match self.connector.call(request).await {
            Ok(response) => response,
            Err(problem) => return unanswered(&problem),
        };
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after").map(str::to_owned);
        let mut stream = ByteStream::new(response.into_body());
        let mut body = Vec::new();
        while let Some(bytes) = stream.next().await {
            match bytes {
                Ok(bytes) if body.len() + bytes.len() <= LONGEST => body.extend_from_slice(&bytes),
                // A status alone says that it failed, not that it succeeded.
                Err(problem) if status < 300 => return unanswered(&problem),
                Ok(_) | Err(_) => break,
            }
        }
        Answer::read(status, retry_after.as_deref(), &body)
    }
}

/// Without a connection nothing was sent; with one nobody knows what arrived.
fn unanswered(problem: &(dyn Error + 'static)) -> Answer {
    let mut chain = Vec::new();
    let mut is_connect = false;
    let mut next = Some(problem);
    while let Some(error) = next {
        let client = error.downcast_ref::<hyper_util::client::legacy::Error>();
        is_connect |= client.is_some_and(hyper_util::client::legacy::Error::is_connect);
        let text = error.to_string();
        if !chain.contains(&text) {
            chain.push(text);
        }
        next = error.source();
    }
    let text = chain.join(": ");
    match is_connect {
        true => Answer::Later(
            Failure::new(Class::Unreachable, text).during(OPERATION),
            None,
        ),
        false => Answer::Lost(Failure::new(Class::OutcomeUnknown, text).during(OPERATION)),
    }
}
