//! What is not known of the API, as the document lists it, and the answers that a sandbox plays.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::contract::document::{Document, InvalidDocument};

/// What is not known of the API: a question, what everybody assumes, and the answers that a sandbox can play.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unknown {
    /// Name of the unknown, as `list_lag`.
    pub id: String,
    /// The question, in one sentence.
    pub question: String,
    /// One of the answers; or a sentence, where there are none.
    pub assumed: String,
    /// The answers that a sandbox can play, and their meanings.
    pub answers: Vec<(String, String)>,
    /// How the answer can be found out at a real account: `read`, `write`, or not at all.
    pub ask: Option<String>,
    /// What breaks if the assumption is false.
    pub if_false: String,
}

/// Why [`Builder::assume`](crate::Builder::assume) is not possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}; choose one of {}", choices.join(", "))]
#[non_exhaustive]
pub struct InvalidAssumption {
    /// What is wrong.
    pub message: String,
    /// The name that does not exist; empty where two were given.
    pub wrong: String,
    /// The names that do.
    pub choices: Vec<String>,
}

/// Returns what is not known of the API, in the order of the documentation.
pub fn unknowns() -> Vec<Unknown> {
    // The document is part of this crate, and a test reads it.
    Document::bundled().and_then(|document| document.unknowns()).unwrap_or_default()
}

impl Document {
    /// Reads the unknowns.
    pub fn unknowns(&self) -> Result<Vec<Unknown>, InvalidDocument> {
        #[derive(Deserialize)]
        struct Fields {
            question: String,
            assumed: String,
            answers: Map<String, Value>,
            ask: Option<String>,
            if_false: String,
        }
        let read = |(id, fields): (&String, &Value)| {
            let Fields { question, assumed, answers, ask, if_false } =
                Fields::deserialize(fields).map_err(|e| InvalidDocument(format!("the unknown {id}: {e}")))?;
            let answers = answers.into_iter().map(|(it, meaning)| (it, meaning.as_str().unwrap_or_default().into()));
            Ok(Unknown { id: id.clone(), question, assumed, answers: answers.collect(), ask, if_false })
        };
        self.unknown_fields().map(read).collect()
    }
}

/// The answers that a sandbox plays, one to each unknown that has any.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumptions {
    pub rate_headers: RateHeaders,
    pub rate_reset: RateReset,
    pub unauthorized_status: Number,
    pub unauthorized_body: ErrorBody,
    pub not_found_status: Number,
    pub not_found_body: ErrorBody,
    pub too_many_body: ErrorBody,
    pub trace_id: TraceId,
    pub no_content: Number,
    pub credentials_status: Number,
    pub create_status: Number,
    pub names: Names,
    pub duplicates: Duplicates,
    pub list_lag: ListLag,
    pub create_time: CreateTime,
    pub null_setting: NullSetting,
    pub ids: Ids,
    pub secrets: Secrets,
    pub default_view: DefaultView,
    pub fields_id: FieldsId,
    pub total: Total,
    pub page_size: Number,
    pub page_cap: Number,
    pub above_page_cap: AbovePageCap,
    pub default_order: DefaultOrder,
    pub sort: Sort,
    pub search: Search,
    pub search_fields: SearchFields,
    pub provider_filter: ProviderFilter,
    pub unknown_parameters: UnknownParameters,
    pub unknown_view: UnknownView,
}

/// A status or a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Number(pub u16);

impl TryFrom<String> for Number {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl Number {
    /// Returns it as a status. A test reads each.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

macro_rules! answers {
    ($($unknown:ident { $($answer:ident),+ })+) => { $(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $unknown { $($answer),+ }
    )+ };
}

answers! {
    RateHeaders { Scarcest, Second, Minute, None }
    RateReset { Seconds, UnixTime }
    ErrorBody { ErrorObject, Html, OtherJson, Empty }
    TraceId { Uuid, Text, Missing }
    Names { Exact, Trimmed, Lower }
    Duplicates { Allowed, Refused }
    ListLag { None, Seconds }
    CreateTime { Gmt, Local, Iso8601, Unix }
    NullSetting { Stored, Removed, Ignored }
    Ids { Strings, Numbers }
    Secrets { Clear, Masked, Missing }
    DefaultView { Settings, All, Plain }
    FieldsId { Always, Named }
    Total { All, Page, Missing }
    AbovePageCap { Reduced, Refused }
    DefaultOrder { Oldest, Newest }
    Sort { Sorted, Ignored, Refused }
    Search { Contains, CaseSensitive, Prefix, Exact }
    SearchFields { Name, All }
    ProviderFilter { Filters, Ignored, Refused }
    UnknownParameters { Refused, Ignored }
    UnknownView { Default, Refused }
}

impl Assumptions {
    /// Returns what the document assumes, but for these answers, at most one for each unknown.
    pub fn new(unknowns: &[Unknown], given: &[(String, String)]) -> Result<Self, InvalidAssumption> {
        let playable: Vec<_> = unknowns.iter().filter(|it| !it.answers.is_empty()).collect();
        let mut answers: Map<_, Value> =
            playable.iter().map(|it| (it.id.clone(), it.assumed.as_str().into())).collect();
        for (index, (id, answer)) in given.iter().enumerate() {
            let Some(unknown) = playable.iter().find(|it| it.id == *id) else {
                let message = if unknowns.iter().any(|it| it.id == *id) {
                    format!("the sandbox cannot play another answer to {id}")
                } else {
                    format!("there is no assumption {id}")
                };
                return Err(invalid(message, id, playable.iter().map(|it| &it.id)));
            };
            if unknown.answers.iter().all(|(name, _)| name != answer) {
                let message = format!("the assumption {id} cannot be {answer:?}");
                return Err(invalid(message, answer, unknown.answers.iter().map(|(name, _)| name)));
            }
            if let Some((_, first)) = given[..index].iter().find(|(other, first)| other == id && first != answer) {
                let message = format!("the assumption {id} cannot be both {first:?} and {answer:?}");
                return Err(invalid(message, "", unknown.answers.iter().map(|(name, _)| name)));
            }
            answers.insert(id.clone(), answer.as_str().into());
        }
        // A test reads each answer.
        serde_json::from_value(answers.into()).map_err(|error| invalid(error.to_string(), "", std::iter::empty()))
    }
}

fn invalid<'a>(message: String, wrong: &str, choices: impl Iterator<Item = &'a String>) -> InvalidAssumption {
    InvalidAssumption { message, wrong: wrong.to_owned(), choices: choices.cloned().collect() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
impl Default for Assumptions {
    fn default() -> Self {
        Self::new(&unknowns(), &[]).unwrap()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn assume(id: &str, answer: &str) -> Result<Assumptions, InvalidAssumption> {
        Assumptions::new(&unknowns(), &[(id.into(), answer.into())])
    }

    #[test]
    fn each_answer_of_the_document_can_be_played() {
        let all = Document::bundled().unwrap().unknowns().unwrap();
        assert!(all.iter().filter(|it| !it.answers.is_empty()).count() >= 10);
        for unknown in &all {
            for (answer, _) in &unknown.answers {
                let is_assumed = assume(&unknown.id, answer).unwrap() == Assumptions::default();
                assert_eq!(is_assumed, *answer == unknown.assumed, "{} {answer}", unknown.id);
            }
        }
    }

    #[test]
    fn wrong_name_is_reported_with_those_that_exist() {
        let error = assume("nams", "trimmed").unwrap_err();
        assert!(error.to_string().starts_with("there is no assumption nams; choose one of rate_headers, "), "{error}");
        assert!(!error.choices.contains(&"gateway_repeats".to_owned()));
        let error = assume("names", "trimed").unwrap_err();
        assert_eq!(error.to_string(), "the assumption names cannot be \"trimed\"; choose one of exact, trimmed, lower");
        let twice = |answers: [&str; 2]| Assumptions::new(&unknowns(), &answers.map(|it| ("names".into(), it.into())));
        let error = twice(["exact", "lower"]).unwrap_err().to_string();
        assert!(error.starts_with("the assumption names cannot be both \"exact\" and \"lower\"; choose"), "{error}");
        assert!(twice(["lower", "lower"]).is_ok());
        let error = assume("gateway_repeats", "it does").unwrap_err();
        assert!(error.to_string().starts_with("the sandbox cannot play another answer to gateway_repeats"), "{error}");
    }
}
