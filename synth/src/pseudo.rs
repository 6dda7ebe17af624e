//! Pseudo parameters: what CloudFormation knows about the stack it deploys.

use crate::expr::Expr;
use crate::json::Json;
use crate::value::Value;

/// A [pseudo parameter](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pseudo {
    /// `AWS::AccountId`, twelve digits.
    AccountId,
    /// `AWS::Region`, such as `eu-central-1`.
    Region,
    /// `AWS::Partition`: `aws`, `aws-cn`, `aws-us-gov`, ...
    Partition,
    /// `AWS::URLSuffix`: `amazonaws.com`, `amazonaws.com.cn`, ...
    UrlSuffix,
    /// `AWS::StackName`.
    StackName,
    /// `AWS::StackId`, the stack's ARN.
    StackId,
}

impl Pseudo {
    /// The parameter's name in a template.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountId => "AWS::AccountId",
            Self::Region => "AWS::Region",
            Self::Partition => "AWS::Partition",
            Self::UrlSuffix => "AWS::URLSuffix",
            Self::StackName => "AWS::StackName",
            Self::StackId => "AWS::StackId",
        }
    }

    /// The parameter as a value, read in whichever stack the value ends up in.
    #[must_use]
    pub fn value(self) -> Value<String> {
        Value::from_json(Json::expr(Expr::Pseudo(self)))
    }
}

/// `AWS::NotificationARNs`: the topics that hear of this stack's events.
#[must_use]
pub fn notification_arns() -> Value<Vec<String>> {
    Value::from_json(Json::function(
        "Ref",
        Json::Text("AWS::NotificationARNs".into()),
    ))
}

/// `AWS::NoValue`: takes a property away, for one branch of an `Fn::If`.
#[must_use]
pub fn no_value<T>() -> Value<T> {
    Value::from_json(Json::function("Ref", Json::Text("AWS::NoValue".into())))
}
