//! Layers, and whether a function can use them.

use cloudwright_synth::{Arn, IntoValue, Json, Scope, Text};

use super::code::Platform;
use super::{Architecture, Runtime};
use crate::{cfn, rules};

/// How many parts the ARN of a layer's version has, and which of them is the region.
const PARTS: usize = 8;
const REGION: usize = 3;

/// A version of a layer, packed files that a function finds below `/opt`
/// ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html)).
///
/// A layer is of one region: whoever publishes one for everybody does so region by region, and the
/// versions differ. A function takes the one of its stack's region.
///
/// ```
/// use cloudwright::lambda::{Architecture, Code, Function, Layer, Runtime};
/// let insights = Layer::by_region([
///     ("eu-central-1", "arn:aws:lambda:eu-central-1:580247275435:layer:LambdaInsightsExtension-Arm64:23"),
///     ("us-east-1", "arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension-Arm64:21"),
/// ])
/// .architectures([Architecture::Arm64]);
/// let resize = Function::new(Code::s3("releases", "resize.zip")).layer(insights);
/// # let _ = (resize, Runtime::ProvidedAl2023);
/// ```
#[derive(Clone)]
#[must_use = "a layer does nothing until a function takes it"]
pub struct Layer {
    place: Place,
    architectures: Vec<Architecture>,
    runtimes: Vec<String>,
}

#[derive(Clone)]
enum Place {
    One(Json),
    Regions(Vec<(Text, Json)>),
}

impl Layer {
    /// The version with this ARN. `function.layer(arn)` is the same.
    pub fn new(arn: impl IntoValue<Arn<cfn::lambda::LayerVersion>>) -> Self {
        Self::at(Place::One(arn.into_json()))
    }

    /// A version per region, by its name such as `eu-central-1`.
    pub fn by_region<R, A>(versions: impl IntoIterator<Item = (R, A)>) -> Self
    where
        R: Into<Text>,
        A: IntoValue<Arn<cfn::lambda::LayerVersion>>,
    {
        let versions = versions.into_iter();
        let versions = versions.map(|(region, arn)| (region.into(), arn.into_json()));
        Self::at(Place::Regions(versions.collect()))
    }

    const fn at(place: Place) -> Self {
        Self {
            place,
            architectures: Vec::new(),
            runtimes: Vec::new(),
        }
    }

    /// The processors that it works on; any unless said.
    pub fn architectures(mut self, which: impl IntoIterator<Item = Architecture>) -> Self {
        self.architectures.extend(which);
        self
    }

    /// The runtimes that it works with; any unless said.
    pub fn runtimes(mut self, which: impl IntoIterator<Item = Runtime>) -> Self {
        let names = which.into_iter().map(name);
        self.runtimes.extend(names);
        self
    }

    /// The ARN for a function, or none after a diagnostic.
    pub(super) fn bind(self, scope: &Scope, platform: &Platform<'_>) -> Option<Json> {
        self.check(scope, platform);
        let environment = scope.environment();
        let region = environment.region_name();
        match self.place {
            Place::One(arn) => {
                check_region(scope, &arn, region);
                Some(arn)
            }
            Place::Regions(versions) => chosen(scope, versions, region),
        }
    }

    fn check(&self, scope: &Scope, platform: &Platform<'_>) {
        let processors: Vec<_> = self
            .architectures
            .iter()
            .map(|known| known.name())
            .collect();
        if !processors.is_empty() && !self.architectures.contains(&platform.architecture) {
            let message = format!(
                "the layer works on {}, and the function is for {}",
                processors.join(" and "),
                platform.architecture.name()
            );
            let help = "take the layer for the function's processor, or change `.architecture(..)`";
            scope.error(&rules::BAD_LAYER, message, help);
        }
        if !self.runtimes.is_empty() && !self.runtimes.iter().any(|name| name == platform.runtime) {
            let message = format!(
                "the layer works with {}, and the function runs on {}",
                self.runtimes.join(" and "),
                platform.runtime
            );
            let help = "take a layer for the function's runtime";
            scope.error(&rules::BAD_LAYER, message, help);
        }
    }
}

impl<T: IntoValue<Arn<cfn::lambda::LayerVersion>>> From<T> for Layer {
    fn from(arn: T) -> Self {
        Self::new(arn)
    }
}

fn name(runtime: Runtime) -> String {
    let json = IntoValue::<Runtime>::into_json(runtime);
    json.as_text().unwrap_or_default().to_owned()
}

/// The version of the stack's region.
fn chosen(scope: &Scope, versions: Vec<(Text, Json)>, region: Option<&str>) -> Option<Json> {
    let known: Vec<_> = versions
        .iter()
        .map(|(region, _)| region.to_string())
        .collect();
    let Some(region) = region else {
        let message = "the layer differs from region to region, and the stack has none";
        let help =
            "give the stack a region: `Environment::new(\"123456789012\", \"eu-central-1\")`";
        scope.error(&rules::BAD_LAYER, message, help);
        return None;
    };
    let found = versions.into_iter().find(|(known, _)| &**known == region);
    let Some((_, arn)) = found else {
        let message = format!(
            "the layer is in {}, and the stack in {region}",
            if known.is_empty() {
                "no region".to_owned()
            } else {
                known.join(", ")
            }
        );
        let help = format!("add the version of that region: `(\"{region}\", \"arn:..\")`");
        scope.error(&rules::BAD_LAYER, message, help);
        return None;
    };
    check_region(scope, &arn, Some(region));
    Some(arn)
}

/// Lambda takes a layer of the function's own region only.
fn check_region(scope: &Scope, arn: &Json, region: Option<&str>) {
    let (Some(text), Some(region)) = (arn.as_text(), region) else {
        return;
    };
    let parts: Vec<_> = text.split(':').collect();
    if parts.len() == PARTS && parts[REGION] != region {
        let message = format!("the layer \"{text}\" is not in {region}, where the stack is");
        let help = "name the version of each region: `Layer::by_region([..])`";
        scope.error(&rules::BAD_LAYER, message, help);
    }
}
