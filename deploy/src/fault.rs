//! What a request to AWS can end in, and which requests are worth another try.

use std::fmt;

/// A request that AWS refused or that did not come through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What can be done about it.
    pub class: Class,
    /// The operation, such as `DescribeStacks`.
    pub operation: &'static str,
    /// The error code, such as `ValidationError`; empty when there was no answer.
    pub code: String,
    /// What the service says, or what kept the request from it.
    pub message: String,
}

/// What can be done about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Too many requests: the same one succeeds later.
    Throttled,
    /// No answer, or one that says that the service failed: worth another try.
    Unreachable,
    /// There are no credentials, or they are no longer good.
    Credentials,
    /// The caller has no right to do this.
    Denied,
    /// What the request is about does not exist.
    Missing,
    /// It is in another region than the one that was asked.
    Elsewhere,
    /// It exists already.
    Exists,
    /// The stack or the change set is not in a state for this.
    Busy,
    /// Anything else that the service refuses.
    Refused,
}

impl Class {
    /// The class of an answer by its error code, its message and its HTTP status. Most refusals of
    /// CloudFormation are a `ValidationError` that only its text tells apart.
    #[must_use]
    pub fn of(code: &str, message: &str, status: u16) -> Self {
        match code {
            "Throttling"
            | "ThrottlingException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "SlowDown" => Self::Throttled,
            "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "SignatureDoesNotMatch"
            | "InvalidAccessKeyId"
            | "RequestTimeTooSkewed"
            | "RequestExpired" => Self::Credentials,
            "PermanentRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException" => Self::Elsewhere,
            "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => Self::Denied,
            "ChangeSetNotFound"
            | "ChangeSetNotFoundException"
            | "NoSuchBucket"
            | "NoSuchKey"
            | "NotFound"
            | "ResourceNotFoundException"
            | "AWS.SimpleQueueService.NonExistentQueue"
            | "QueueDoesNotExist"
            | "StateMachineDoesNotExist"
            | "ExecutionDoesNotExist"
            | "StackNotFoundException" => Self::Missing,
            "AlreadyExistsException" => Self::Exists,
            "OperationInProgressException"
            | "InvalidChangeSetStatus"
            | "InvalidChangeSetStatusException"
            | "TokenAlreadyExistsException"
            | "StaleRequestException"
            | "ResourceConflictException"
            | "PreconditionFailedException" => Self::Busy,
            _ => Self::of_text(message, status),
        }
    }

    fn of_text(message: &str, status: u16) -> Self {
        let says = |words: &str| message.contains(words);
        if says("Rate exceeded") || status == 429 {
            Self::Throttled
        } else if status == 301 {
            Self::Elsewhere
        } else if says("does not exist") {
            Self::Missing
        } else if says("_IN_PROGRESS state") {
            Self::Busy
        } else if status >= 500 {
            Self::Unreachable
        } else {
            Self::Refused
        }
    }
}

impl Fault {
    /// Whether the same request may succeed in a while.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self.class, Class::Throttled | Class::Unreachable)
    }

    /// Whether the request does something each time that it is made.
    fn is_once(&self) -> bool {
        let once = ["Invoke", "RotateSecret", "SendMessage", "StartExecution"];
        once.contains(&self.operation)
    }

    /// The next step of one whose credentials are not taken: what AWS says fits several mistakes.
    fn help_to_sign_in(&self) -> &'static str {
        match &*self.code {
            "" => {
                "sign in (`aws sso login`, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `--profile NAME`), then run the command again: it goes on where it stopped"
            }
            "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId" => {
                "sign in again (`aws sso login`, or new keys); AWS says the same of good keys in a region that is not enabled for the account"
            }
            "RequestExpired" | "RequestTimeTooSkewed" => {
                "set the clock of this machine (`doctor` compares it), then run the command again: it goes on where it stopped"
            }
            _ => {
                "sign in again (`aws sso login`, or new keys), then run the command again: it goes on where it stopped"
            }
        }
    }

    /// The next step, for a person.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self.class {
            Class::Throttled if self.is_once() => {
                "nothing was done: wait a while and run the command again"
            }
            Class::Unreachable if self.is_once() => {
                "it is not known whether it was taken: look at what it does (`logs`, the queue) before you run it again"
            }
            Class::Throttled => {
                "wait a while and run the command again: it goes on where it stopped"
            }
            Class::Unreachable => {
                "check the network and the region (or `--endpoint-url`), then run the command again"
            }
            Class::Credentials => self.help_to_sign_in(),
            Class::Denied => {
                "the caller needs the right that the message names; `--profile` chooses another caller"
            }
            Class::Missing => "check the name, the account and the region",
            Class::Elsewhere => "name the region that it is in: `--region`, or AWS_REGION",
            Class::Exists | Class::Busy => {
                "somebody else works on this stack: see `events`, then run the command again"
            }
            Class::Refused => "mend what the message names, then run the command again",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.code {
            // Nothing was asked yet.
            "" if self.class == Class::Credentials => out.write_str(&self.message),
            "" => write!(out, "{}: {}", self.operation, self.message),
            code => write!(out, "{}: {code}: {}", self.operation, self.message),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_to_repeat_what_may_have_been_done() {
        let help = |operation, class| {
            let (code, message) = (String::new(), String::new());
            let fault = Fault {
                class,
                operation,
                code,
                message,
            };
            fault.help()
        };
        for operation in ["Invoke", "RotateSecret", "SendMessage", "StartExecution"] {
            assert!(help(operation, Class::Unreachable).starts_with("it is not known whether"));
            assert!(!help(operation, Class::Throttled).contains("goes on where it stopped"));
        }
        let read = help("DescribeStacks", Class::Unreachable);
        assert!(read.ends_with("run the command again"), "{read}");
    }

    #[test]
    fn what_keeps_credentials_from_being_taken_has_its_own_next_step() {
        let told = |code: &str| {
            let (class, operation) = (Class::Credentials, "GetCallerIdentity");
            let (code, message) = (code.to_owned(), "no".to_owned());
            let fault = Fault {
                class,
                operation,
                code,
                message,
            };
            (fault.to_string(), fault.help())
        };
        assert_eq!(told("").0, "no");
        assert!(told("").1.starts_with("sign in (`aws sso login`"));
        assert_eq!(
            told("ExpiredToken").0,
            "GetCallerIdentity: ExpiredToken: no"
        );
        assert!(told("InvalidClientTokenId").1.contains("not enabled"));
        assert!(told("RequestTimeTooSkewed").1.starts_with("set the clock"));
    }

    #[test]
    fn answers_are_told_apart_by_code_then_by_text() {
        let table = [
            ("Throttling", "Rate exceeded", 400, Class::Throttled),
            (
                "ConcurrentResourcesLimitExceeded",
                "slow down",
                429,
                Class::Throttled,
            ),
            (
                "ValidationError",
                "Stack with id Mail does not exist",
                400,
                Class::Missing,
            ),
            (
                "ValidationError",
                "Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated.",
                400,
                Class::Busy,
            ),
            (
                "InvalidChangeSetStatus",
                "cannot be executed in its current status",
                400,
                Class::Busy,
            ),
            (
                "ExpiredToken",
                "The security token included in the request is expired",
                403,
                Class::Credentials,
            ),
            ("AccessDenied", "is not authorized", 403, Class::Denied),
            ("InternalFailure", "", 500, Class::Unreachable),
            ("PermanentRedirect", "", 301, Class::Elsewhere),
            ("", "", 301, Class::Elsewhere),
            (
                "ValidationError",
                "Template format error",
                400,
                Class::Refused,
            ),
        ];
        for (code, message, status, class) in table {
            assert_eq!(Class::of(code, message, status), class, "{code}: {message}");
        }
    }
}
