//! Passwords that Secrets Manager makes up.

use std::ops::RangeInclusive;

use cloudwright_synth::{Json, Scope, Text};

use crate::cfn::secretsmanager::secret::GenerateSecretString;
use crate::rules;

/// How long a password can be, in characters: it has one of each kind, small and capital letters, digits and
/// punctuation.
const LENGTHS: RangeInclusive<u32> = 4..=4096;

/// A password that Secrets Manager makes up when the secret is created
/// ([AWS](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html)):
/// 32 characters, of every kind, unless said.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::secretsmanager::{Password, Secret};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let password = Password::new()
///     .without("\"@/\\")
///     .in_json(json!({ "username": "shop" }), "password");
/// let database = stack.add("Database", Secret::generated(password));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a password does nothing until `Secret::generated` takes it"]
pub struct Password {
    l1: GenerateSecretString,
    length: u32,
    around: Option<(Json, Text)>,
}

impl Password {
    /// 32 characters, of every kind.
    pub fn new() -> Self {
        Self {
            l1: GenerateSecretString::new(),
            length: 32,
            around: None,
        }
    }

    /// How many characters: 4 to 4,096.
    pub const fn length(mut self, characters: u32) -> Self {
        self.length = characters;
        self
    }

    /// Without these characters, such as those that a connection string would have to escape.
    pub fn without(mut self, characters: impl Into<Text>) -> Self {
        self.l1 = self.l1.exclude_characters(characters.into());
        self
    }

    /// Letters and digits only.
    pub fn without_punctuation(mut self) -> Self {
        self.l1 = self.l1.exclude_punctuation(true);
        self
    }

    /// Puts the password under `key` into a JSON object, which holds what else belongs to it.
    pub fn in_json(mut self, object: Json, key: impl Into<Text>) -> Self {
        self.around = Some((object, key.into()));
        self
    }

    pub(super) fn l1(self, scope: &Scope) -> GenerateSecretString {
        if !LENGTHS.contains(&self.length) {
            let message = format!("a password has 4 to 4096 characters, got {}", self.length);
            let help = "32 characters of every kind are more than anybody can guess";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        let l1 = self.l1.password_length(i64::from(self.length));
        let Some((object, key)) = self.around else {
            return l1;
        };
        let template = object.literal().filter(|object| {
            let members = object.as_object();
            members.is_some_and(|members| !members.contains_key(&*key))
        });
        let Some(template) = template else {
            let message = format!(
                "a password goes into a JSON object without tokens that has no \"{key}\" yet, got another document"
            );
            let help = "such as `.in_json(json!({ \"username\": \"shop\" }), \"password\")`";
            scope.error(&rules::CONTRADICTION, message, help);
            return l1;
        };
        l1.secret_string_template(template.to_string())
            .generate_string_key(key)
    }
}

impl Default for Password {
    fn default() -> Self {
        Self::new()
    }
}
