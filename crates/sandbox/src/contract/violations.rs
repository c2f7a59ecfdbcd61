//! What a validator found, as a sentence for people: each mistake with its field and what was expected, never a value.

use std::fmt;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde::Serialize;
use serde_json::Value;

/// How many mistakes are told.
const MOST: usize = 10;
/// Where a schema says what its members are called, when that is not fields.
pub const MEMBERS: &str = "x-members";
/// How much of a field's name is told, where the name is the client's.
const LONGEST_NAME: usize = 64;

/// The mistakes that are told. As text, all in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations {
    pub all: Vec<Violation>,
    more: bool,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Dotted; empty for the body itself.
    field: String,
    /// What is wrong with it, to be read after its name.
    says: String,
}

/// All mistakes. `schema` is what the validator was made from.
pub fn describe<'a>(errors: impl Iterator<Item = ValidationError<'a>>, schema: &Value) -> Violations {
    let mistakes = one_for_each_field(errors.flat_map(|error| mistakes(&error, schema)));
    let more = mistakes.len() > MOST;
    let told = mistakes.into_iter().take(MOST);
    Violations { all: told.map(|it| Violation { says: it.wrong.to_string(), field: it.field }).collect(), more }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.all.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            let field = if finding.field.is_empty() { "the body" } else { &finding.field };
            write!(f, "{comma}{field} {}", finding.says)?;
        }
        f.write_str(if self.more { "; and more" } else { "" })
    }
}

#[derive(Debug)]
struct Mistake {
    /// Dotted; empty for the body itself.
    field: String,
    wrong: Wrong,
}

/// In the order of importance: of a field with several, the first is told.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wrong {
    Type { expected: String, found: &'static str },
    Length { least: Option<u64>, most: Option<u64>, found: usize },
    Choice(Vec<String>),
    Other(String),
}

impl fmt::Display for Wrong {
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
            Self::Other(what) => f.write_str(what),
        }
    }
}

fn characters(count: u64) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}

/// The mistakes that one error of the validator stands for.
fn mistakes(error: &ValidationError<'_>, schema: &Value) -> Vec<Mistake> {
    let field = dotted(error.instance_path().as_str());
    let wrong = match error.kind() {
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            return of_the_fitting_branch(error, context, schema);
        }
        Kind::AdditionalProperties { unexpected } => return unexpected_fields(error, unexpected, schema),
        Kind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            return vec![Mistake { field: join(&field, property), wrong: Wrong::Other("is required".to_owned()) }];
        }
        Kind::Type { kind } => Wrong::Type { expected: expected_type(kind), found: type_of(error.instance()) },
        Kind::MinLength { .. } | Kind::MaxLength { .. } => {
            let limits = parent(error, schema);
            Wrong::Length {
                least: limits["minLength"].as_u64(),
                most: limits["maxLength"].as_u64(),
                found: error.instance().as_str().map_or(0, |text| text.chars().count()),
            }
        }
        Kind::Enum { options } => {
            Wrong::Choice(options.as_array().into_iter().flatten().map(Value::to_string).collect())
        }
        Kind::Format { format } if format == "email" => Wrong::Other("must be an e-mail address".to_owned()),
        Kind::Format { format } => Wrong::Other(format!("must be a valid {format}")),
        _ => Wrong::Other(format!("is not as it must be: {}", error.masked())),
    };
    vec![Mistake { field, wrong }]
}

/// Of alternatives, the one that was meant: whose fixed values are all there. When that is none, or several, what is
/// wrong by all of them.
fn of_the_fitting_branch(
    error: &ValidationError<'_>,
    branches: &[Vec<ValidationError<'static>>],
    schema: &Value,
) -> Vec<Mistake> {
    let depth = depth(error) + 1;
    // A fixed value that tells branches apart is the value itself or a field of it, not one further down.
    let fits = |branch: &&Vec<ValidationError>| {
        !branch.iter().any(|e| matches!(e.kind(), Kind::Enum { .. }) && self::depth(e) <= depth)
    };
    let told = |branch: &Vec<ValidationError>| one_for_each_field(branch.iter().flat_map(|e| mistakes(e, schema)));
    let fitting: Vec<_> = branches.iter().filter(fits).collect();
    let common = match fitting.as_slice() {
        [] => in_common(branches.iter().enumerate().map(|(i, branch)| titled(told(branch), error, i, schema))),
        several => in_common(several.iter().map(|branch| told(branch))),
    };
    if !common.is_empty() {
        return common;
    }
    let wrong = Wrong::Other("has none of the forms it may have".to_owned());
    vec![Mistake { field: dotted(error.instance_path().as_str()), wrong }]
}

/// Adds to the only value of a choice what the branch that wants it is called.
fn titled(mut mistakes: Vec<Mistake>, error: &ValidationError<'_>, branch: usize, schema: &Value) -> Vec<Mistake> {
    let at = format!("{}/{branch}/title", error.schema_path().as_str());
    if let Some(title) = schema.pointer(&at).and_then(Value::as_str) {
        for mistake in &mut mistakes {
            if let Wrong::Choice(values) = &mut mistake.wrong
                && let [only] = values.as_mut_slice()
            {
                *only = format!("{only} ({title})");
            }
        }
    }
    mistakes
}

/// The mistakes of the first that all others have too. Choices differ from branch to branch, and are put together.
fn in_common(mut branches: impl Iterator<Item = Vec<Mistake>>) -> Vec<Mistake> {
    let first = branches.next().unwrap_or_default();
    branches.fold(first, |mut common, branch| {
        common.retain_mut(|mistake| {
            branch.iter().any(|other| {
                other.field == mistake.field
                    && match (&mut mistake.wrong, &other.wrong) {
                        (Wrong::Choice(all), Wrong::Choice(more)) => {
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

fn unexpected_fields(error: &ValidationError<'_>, names: &[String], schema: &Value) -> Vec<Mistake> {
    let field = dotted(error.instance_path().as_str());
    let parent = parent(error, schema);
    let known: Vec<_> = parent["properties"].as_object().into_iter().flat_map(|p| p.keys()).cloned().collect();
    let what = match parent[MEMBERS].as_str() {
        Some(members) => format!("a known {members}"),
        None if field.ends_with("settings") => "a setting of this provider".to_owned(),
        None => "a known field".to_owned(),
    };
    let wrong = || Wrong::Other(format!("is not {what}, expected one of {}", known.join(", ")));
    let named = |name: &String| Mistake { field: join(&field, &shortened(name)), wrong: wrong() };
    names.iter().take(MOST + 1).map(named).collect()
}

/// The most important mistake of each field, in the order of the fields' first ones. Some more than are told, no more.
fn one_for_each_field(all: impl Iterator<Item = Mistake>) -> Vec<Mistake> {
    let mut kept: Vec<Mistake> = Vec::new();
    for mistake in all {
        let enough = kept.len() > MOST;
        match kept.iter_mut().find(|other| other.field == mistake.field) {
            Some(other) if mistake.wrong < other.wrong => *other = mistake,
            Some(_) => {}
            None if enough => break,
            None => kept.push(mistake),
        }
    }
    kept
}

/// The schema that has the keyword which failed.
fn parent<'a>(error: &ValidationError<'_>, schema: &'a Value) -> &'a Value {
    let keyword = error.schema_path().as_str();
    let parent = keyword.rsplit_once('/').and_then(|(parent, _)| schema.pointer(parent));
    parent.unwrap_or(&Value::Null)
}

fn depth(error: &ValidationError<'_>) -> usize {
    error.instance_path().as_str().matches('/').count()
}

/// A JSON pointer as people write it: `/settings/port` is `settings.port`.
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
