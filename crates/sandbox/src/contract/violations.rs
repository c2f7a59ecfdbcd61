//! Violations of a schema, as sentences: each with its field and what was expected, never with a value.

use std::fmt;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::contract::reference::resolve;

/// Maximum number of violations that are listed.
const MOST: usize = 10;
/// The keyword of a schema that says what its members are called when they are not fields.
pub const MEMBERS: &str = "x-members";
/// Maximum length of a field's name, which may be the client's.
const LONGEST_NAME: usize = 64;

/// The listed violations. As text they are one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations {
    pub all: Vec<Violation>,
    more: bool,
}

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Dotted; empty for the body itself.
    field: String,
    /// The error, to be read after the field's name.
    #[serde(rename = "message", serialize_with = "as_text")]
    error: FieldError,
}

fn as_text<S: Serializer>(error: &FieldError, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(error)
}

/// Describes all errors of a validator, which was made from `schema`.
pub fn describe<'a>(errors: impl Iterator<Item = ValidationError<'a>>, schema: &Value) -> Violations {
    let mut all = one_for_each_field(errors.flat_map(|error| violations(&error, schema)));
    let more = all.len() > MOST;
    all.truncate(MOST);
    Violations { all, more }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.all.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            let field = if violation.field.is_empty() { "the body" } else { &violation.field };
            write!(f, "{comma}{field} {}", violation.error)?;
        }
        f.write_str(if self.more { "; and more" } else { "" })
    }
}

/// In the order of importance: of a field with several errors, the first is listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum FieldError {
    Type { expected: String, found: &'static str },
    Length { least: Option<u64>, most: Option<u64>, found: usize },
    Choice(Vec<String>),
    Missing,
    Other(String),
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type { expected, found } => write!(f, "must be {expected}, not {found}"),
            Self::Length { least, most, found } => {
                let wanted = match (least, most) {
                    (Some(least), Some(most)) => format!("{least} to {}", characters(*most)),
                    (Some(least), None) => format!("at least {}", characters(*least)),
                    (None, Some(most)) => format!("at most {}", characters(*most)),
                    (None, None) => "another number of characters".to_owned(),
                };
                write!(f, "must have {wanted}, it has {found}")
            }
            Self::Choice(values) if values.len() == 1 => write!(f, "must be {}", values[0]),
            Self::Choice(values) => write!(f, "must be one of {}", values.join(", ")),
            Self::Missing => f.write_str("is required"),
            Self::Other(what) => f.write_str(what),
        }
    }
}

fn characters(count: u64) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}

/// Returns the violations for one error of the validator.
fn violations(error: &ValidationError<'_>, schema: &Value) -> Vec<Violation> {
    let field = dotted(error.instance_path().as_str());
    let kind = match error.kind() {
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            return of_the_fitting_branch(error, context, schema);
        }
        Kind::AdditionalProperties { unexpected } => return unexpected_fields(error, unexpected, schema),
        Kind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            return vec![Violation { field: join(&field, property), error: FieldError::Missing }];
        }
        Kind::Type { kind } => FieldError::Type { expected: expected_type(kind), found: type_of(error.instance()) },
        Kind::MinLength { .. } | Kind::MaxLength { .. } => {
            let limits = parent(error, schema);
            FieldError::Length {
                least: limits["minLength"].as_u64(),
                most: limits["maxLength"].as_u64(),
                found: error.instance().as_str().map_or(0, |text| text.chars().count()),
            }
        }
        Kind::Enum { options } => {
            FieldError::Choice(options.as_array().into_iter().flatten().map(Value::to_string).collect())
        }
        Kind::Format { format } if format == "email" => FieldError::Other("must be an e-mail address".to_owned()),
        Kind::Format { format } => FieldError::Other(format!("must be a valid {format}")),
        _ => FieldError::Other(format!("is invalid: {}", error.masked())),
    };
    vec![Violation { field, error: kind }]
}

/// Returns the violations of the intended alternative: the one whose fixed values all match, or of several such the one that
/// lacks no field. When there is none, returns those that they have in common.
fn of_the_fitting_branch(
    error: &ValidationError<'_>,
    branches: &[Vec<ValidationError<'static>>],
    schema: &Value,
) -> Vec<Violation> {
    let depth = depth(error) + 1;
    // A fixed value that distinguishes branches is the value itself or a field of it, not one further down.
    let fits = |branch: &&Vec<ValidationError>| {
        !branch.iter().any(|e| matches!(e.kind(), Kind::Enum { .. }) && self::depth(e) <= depth)
    };
    let described =
        |branch: &Vec<ValidationError>| one_for_each_field(branch.iter().flat_map(|e| violations(e, schema)));
    let fitting: Vec<_> = branches.iter().filter(fits).collect();
    let common = match fitting.as_slice() {
        [] => in_common(branches.iter().enumerate().map(|(i, branch)| titled(described(branch), error, i, schema))),
        several => {
            let several: Vec<_> = several.iter().map(|branch| described(branch)).collect();
            let is_whole = |branch: &&Vec<Violation>| branch.iter().all(|it| it.error != FieldError::Missing);
            let mut whole = several.iter().filter(is_whole);
            match (whole.next(), whole.next()) {
                (Some(only), None) => only.clone(),
                _ => in_common(several.into_iter()),
            }
        }
    };
    if !common.is_empty() {
        return common;
    }
    let none = FieldError::Other("matches none of the possible forms".to_owned());
    vec![Violation { field: dotted(error.instance_path().as_str()), error: none }]
}

/// Adds the title of the branch's settings to the only value of a choice.
fn titled(
    mut violations: Vec<Violation>,
    error: &ValidationError<'_>,
    branch: usize,
    schema: &Value,
) -> Vec<Violation> {
    let branch = schema.pointer(&format!("{}/{branch}", error.schema_path().as_str())).unwrap_or(&Value::Null);
    let settings = resolve(schema, &resolve(schema, branch)["properties"]["settings"]);
    if let Some(title) = settings["title"].as_str() {
        for violation in &mut violations {
            if let FieldError::Choice(values) = &mut violation.error
                && let [only] = values.as_mut_slice()
            {
                *only = format!("{only} ({title})");
            }
        }
    }
    violations
}

/// Returns the violations that all branches share. Choices differ from branch to branch, and are merged.
fn in_common(mut branches: impl Iterator<Item = Vec<Violation>>) -> Vec<Violation> {
    let first = branches.next().unwrap_or_default();
    branches.fold(first, |mut common, branch| {
        common.retain_mut(|violation| {
            branch.iter().any(|other| {
                other.field == violation.field
                    && match (&mut violation.error, &other.error) {
                        (FieldError::Choice(all), FieldError::Choice(more)) => {
                            all.extend(more.iter().cloned());
                            true
                        }
                        (one, other) => one == other,
                    }
            })
        });
        common
    })
}

fn unexpected_fields(error: &ValidationError<'_>, names: &[String], schema: &Value) -> Vec<Violation> {
    let field = dotted(error.instance_path().as_str());
    let parent = parent(error, schema);
    let known: Vec<_> = parent["properties"].as_object().into_iter().flat_map(|p| p.keys()).cloned().collect();
    let what = match parent[MEMBERS].as_str() {
        Some(members) => format!("a known {members}"),
        None if field.ends_with("settings") => "a setting of this provider".to_owned(),
        None => "a known field".to_owned(),
    };
    let unknown = || FieldError::Other(format!("is not {what}, expected one of {}", known.join(", ")));
    let named = |name: &String| Violation { field: join(&field, &shortened(name)), error: unknown() };
    names.iter().take(MOST + 1).map(named).collect()
}

/// Returns the most important violation of each field, in the order of the fields, and stops at one more than is listed.
fn one_for_each_field(all: impl Iterator<Item = Violation>) -> Vec<Violation> {
    let mut kept: Vec<Violation> = Vec::new();
    for violation in all {
        let enough = kept.len() > MOST;
        match kept.iter_mut().find(|other| other.field == violation.field) {
            Some(other) if violation.error < other.error => *other = violation,
            Some(_) => {}
            None if enough => break,
            None => kept.push(violation),
        }
    }
    kept
}

/// Returns the schema that has the failed keyword.
fn parent<'a>(error: &ValidationError<'_>, schema: &'a Value) -> &'a Value {
    let keyword = error.schema_path().as_str();
    let parent = keyword.rsplit_once('/').and_then(|(parent, _)| schema.pointer(parent));
    parent.unwrap_or(&Value::Null)
}

fn depth(error: &ValidationError<'_>) -> usize {
    error.instance_path().as_str().matches('/').count()
}

/// Converts a JSON pointer to a dotted name: `/settings/port` to `settings.port`.
fn dotted(pointer: &str) -> String {
    let names = pointer.split('/').skip(1);
    names.map(|name| shortened(&name.replace("~1", "/").replace("~0", "~"))).collect::<Vec<_>>().join(".")
}

fn join(field: &str, name: &str) -> String {
    if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") }
}

pub fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.to_owned(),
    }
}

fn expected_type(kind: &TypeKind) -> String {
    let article = |name: &str| match name {
        "null" => "null".to_owned(),
        "array" | "integer" | "object" => format!("an {name}"),
        _ => format!("a {name}"),
    };
    match kind {
        TypeKind::Single(one) => article(one.as_str()),
        TypeKind::Multiple(several) => several.iter().map(|one| article(one.as_str())).collect::<Vec<_>>().join(" or "),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
