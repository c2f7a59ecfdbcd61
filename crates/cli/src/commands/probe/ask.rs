//! Requests of the probe, and what is seen of their responses.

use std::collections::BTreeSet;

use ocamba_hood::{Client, Error, Operation, text_of_id};
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::shared::error_hints::{self, CommandContext};
use crate::shared::failure::Failure;

pub const INTEGRATIONS: &str = "/v1/hood/integrations";
pub const PROVIDERS: &str = "/v1/hood/providers";

/// Sends requests, and remembers what every response has.
pub struct Asker<'a> {
    client: &'a Client,
    /// The rate limit headers of all responses, in their order.
    pub windows: Vec<Window>,
    /// Names of all headers, in lower case.
    pub headers: BTreeSet<String>,
    /// Trace ids of all error objects; none where one has no trace id.
    pub trace_ids: Vec<Option<String>>,
}

/// Rate limit headers of a response.
pub struct Window {
    pub limit: Option<u64>,
    pub remaining: Option<u64>,
    pub reset: Option<u64>,
}

/// A response.
pub struct Seen {
    pub status: u16,
    /// Null where it is no JSON, or that of an error.
    pub body: Value,
    pub form: Form,
    /// Time of the server, as its header `Date` says.
    pub date: Option<std::time::SystemTime>,
}

/// Form of an error's body.
#[derive(Clone, Copy, PartialEq)]
pub enum Form {
    ErrorObject,
    Html,
    OtherJson,
    Empty,
    Other,
}

impl<'a> Asker<'a> {
    pub fn new(client: &'a Client) -> Self {
        Self { client, windows: Vec::new(), headers: BTreeSet::new(), trace_ids: Vec::new() }
    }

    /// Reads a path with this query.
    pub async fn get(&mut self, path: &str, query: &[(&str, &str)]) -> Result<Seen, Failure> {
        let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let separator = if query.is_empty() { "" } else { "?" };
        let context = CommandContext::reading("the probe", "list integrations");
        self.send(Operation::raw("GET", &format!("{path}{separator}{query}"), None), &context).await
    }

    /// Reads a list with this query.
    pub async fn list(&mut self, query: &[(&str, &str)]) -> Result<Seen, Failure> {
        self.get(INTEGRATIONS, query).await
    }

    /// Sends a request. Only where there is no response it fails.
    pub async fn send(
        &mut self,
        operation: Result<Operation, Error>,
        context: &CommandContext<'_>,
    ) -> Result<Seen, Failure> {
        let failed = |error: &Error| error_hints::on_call(error, context, self.client.base_url());
        let operation = operation.map_err(|error| failed(&error))?;
        match self.client.call(operation).with_response().await {
            Ok(response) => {
                let body = serde_json::from_str(response.value.as_str()).unwrap_or_default();
                let headers = response.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
                Ok(self.note(response.status.as_u16(), headers, body, Form::Other))
            }
            Err(error) => {
                let status = error.status().ok_or_else(|| failed(&error))?.as_u16();
                let form = form(&error);
                if form == Form::ErrorObject {
                    self.trace_ids.push(error.trace_id().map(str::to_owned));
                }
                let headers = error.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
                Ok(self.note(status, headers, Value::Null, form))
            }
        }
    }

    fn note<'h>(
        &mut self,
        status: u16,
        headers: impl Iterator<Item = (&'h str, &'h [u8])>,
        body: Value,
        form: Form,
    ) -> Seen {
        let headers: Vec<_> = headers.collect();
        let text = |name: &str| {
            let (_, value) = headers.iter().find(|(it, _)| *it == name)?;
            str::from_utf8(value).ok()
        };
        let number = |name: &str| text(name)?.trim().parse().ok();
        self.windows.push(Window {
            limit: number("x-ratelimit-limit"),
            remaining: number("x-ratelimit-remaining"),
            reset: number("x-ratelimit-reset"),
        });
        self.headers.extend(headers.iter().map(|(name, _)| (*name).to_owned()));
        Seen { status, body, form, date: text("date").and_then(|date| httpdate::parse_http_date(date).ok()) }
    }
}

impl Seen {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the items of a list; none where it is no list.
    pub fn items(&self) -> &[Value] {
        self.body["items"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Returns the ids of the items, as texts.
    pub fn ids(&self) -> Vec<String> {
        self.items().iter().filter_map(|item| text_of_id(&item["id"])).collect()
    }
}

/// Returns the fields of an object; none for other values.
pub fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn form(error: &Error) -> Form {
    let header = |name: &str| error.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match header("content-type") {
        _ if error.title().is_some() => Form::ErrorObject,
        _ if header("content-length") == "0" => Form::Empty,
        kind if kind.contains("html") => Form::Html,
        kind if kind.contains("json") => Form::OtherJson,
        _ => Form::Other,
    }
}
