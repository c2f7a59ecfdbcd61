//! One operation of the API: checked, sent as one request, decoded once.

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;

use super::checked_body::{CheckedBody, FromBody, Shape};
use super::context::Context;
use super::list_query::{ALL_FILTERS, ListQuery, PAGES_ONLY};
use super::raw_page::only_of_provider;
use super::response::Response;
use super::write_request::RequestWriter;
use crate::clock::Moment;
use crate::error::{Error, FieldError, Outcome, UnconfirmedCreate};
use crate::model::{RequestBody, View, text_of_id};
use crate::transport::{Announce, CallOptions, Progress, RawResponse, WrittenRequest};

/// Maximum number of characters of an id.
const MAX_ID: usize = 64;

/// An operation with its arguments, checked. The bindings make one from JSON; users of Rust have
/// [`Integrations`](crate::Integrations).
#[doc(hidden)]
#[derive(Clone, Debug)]
pub enum Operation {
    Create(RequestBody),
    Validate(RequestBody),
    Get(String),
    Update(String, RequestBody),
    List(Box<ListQuery>),
    Providers(Box<ListQuery>),
    SendTest(RequestBody),
    Ensure(RequestBody),
    /// With the moment before the account was read.
    CreateSince(RequestBody, Moment),
    FindCreated(Box<UnconfirmedCreate>),
    /// Any request, as it was written by hand: for the command line.
    Raw(Box<http::Request<Bytes>>),
}

impl Operation {
    /// Reads the operation with this name: `create`, `validate` and `ensure` with a request; `get` with an id; `update` with
    /// an id and the changes; `send_test` with an id, or else a request; `list` and `list_providers` with filters;
    /// `find_created` with an [`Error::unconfirmed_create`].
    pub fn from_json(name: &str, id: Option<&str>, text: &str, allow_unknown_provider: bool) -> Result<Self, Error> {
        let request = || RequestBody::new_integration(text, allow_unknown_provider);
        Ok(match (name, id) {
            ("create", _) => Self::Create(request()?),
            ("validate", _) => Self::Validate(request()?),
            ("ensure", _) => Self::Ensure(request()?),
            ("get", Some(id)) => Self::Get(checked_id(id)?),
            ("update", Some(id)) => {
                Self::Update(checked_id(id)?, RequestBody::update_integration(text, allow_unknown_provider)?)
            }
            ("send_test", Some(id)) => Self::SendTest(RequestBody::test_of(&checked_id(id)?)?),
            ("send_test", None) => Self::SendTest(RequestBody::test_with(&request()?)?),
            ("list", _) => Self::List(Box::new(ListQuery::from_json(text, ALL_FILTERS)?)),
            ("list_providers", _) => Self::Providers(Box::new(ListQuery::from_json(text, PAGES_ONLY)?)),
            ("find_created", _) => {
                let create = serde_json::from_str(text).map_err(|_| Error::without_create())?;
                Self::FindCreated(Box::new(create))
            }
            _ => return Err(Error::validation("operation", format!("{name:?} does not exist"))),
        })
    }

    /// Creates a request of any method and path, which is on the server of the client, with a body of JSON if there is one.
    pub fn raw(method: &str, path: &str, body: Option<String>) -> Result<Self, Error> {
        let mut request =
            http::Request::new(body.as_ref().map_or_else(Bytes::new, |body| Bytes::copy_from_slice(body.as_bytes())));
        let invalid = |field: &str, message: &str| Error::validation(field, message.to_owned());
        *request.method_mut() = method.parse().map_err(|_| invalid("method", "is not valid"))?;
        let is_path = path.starts_with('/') && !path.contains('#');
        let uri = Some(path).filter(|_| is_path).and_then(|path| path.parse().ok());
        *request.uri_mut() = uri.ok_or_else(|| invalid("path", "must be a path, as /v1/hood/integrations?page=1"))?;
        if body.is_some() {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Ok(Self::Raw(Box::new(request)))
    }

    /// Sends its one request, and decodes the response.
    pub(crate) async fn send<T: FromBody>(
        &self,
        context: &Context,
        options: &CallOptions,
        progress: &Progress,
    ) -> Result<Response<T>, Error> {
        let provider_id = if let Self::List(query) = self { query.provider_id.as_deref() } else { None };
        self.send_announced(provider_id, context, options, progress, None).await
    }

    /// Sends its one request, and decodes the response. Keeps only the items of this provider in a list. `announce` is done
    /// before each attempt.
    pub(crate) async fn send_announced<T: FromBody>(
        &self,
        provider_id: Option<&str>,
        context: &Context,
        options: &CallOptions,
        progress: &Progress,
        announce: Announce<'_>,
    ) -> Result<Response<T>, Error> {
        let result = self.try_send(provider_id, context, options, progress, announce).await;
        let result = result.map_err(|error| match error.outcome() {
            Outcome::Unknown | Outcome::Applied => error.with_unconfirmed_create(progress.to_unconfirmed_create()),
            Outcome::NotSent | Outcome::Rejected => error,
        });
        context.transport.counters.count_call(&result);
        result
    }

    async fn try_send<T: FromBody>(
        &self,
        provider_id: Option<&str>,
        context: &Context,
        options: &CallOptions,
        progress: &Progress,
        announce: Announce<'_>,
    ) -> Result<Response<T>, Error> {
        options.headers.check()?;
        let mut request = self.write(&context.writer).await?;
        if matches!(self, Self::Create(_)) {
            progress.begin_create(request.http.body());
        }
        let sent = context.transport.send(&mut request, options, progress, announce).await;
        // A success that cannot be read may quote a secret, too.
        sent.and_then(|raw| self.decode(raw, provider_id, context))
            .map_err(|error| context.transport.redact_headers(error, &request, options))
    }

    fn decode<T: FromBody>(
        &self,
        raw: RawResponse,
        provider_id: Option<&str>,
        context: &Context,
    ) -> Result<Response<T>, Error> {
        if matches!(self, Self::Create(_) | Self::Get(_) | Self::List(_)) && !context.name_locks.account.has_company() {
            company_of(&raw.body).inspect(|id| context.name_locks.account.note_company(id));
        }
        match self {
            Self::List(_) if provider_id.is_some() => {
                let mut response: Response<CheckedBody> = Response::decode(raw, Shape::List)?;
                response.value = only_of_provider(std::mem::take(&mut response.value), provider_id);
                response.read()
            }
            Self::List(_) | Self::Providers(_) => Response::decode(raw, Shape::List),
            Self::Create(_) | Self::Get(_) => Response::decode(raw, Shape::Item),
            Self::Raw(_) => Response::decode(raw, Shape::Text),
            _ => Response::decode(raw, Shape::Nothing),
        }
    }

    /// Has the generated client write the request.
    async fn write(&self, writer: &RequestWriter) -> Result<WrittenRequest, Error> {
        match self {
            Self::Create(body) => writer.write(async |it| drop(it.create_integration(body.raw()).await)).await,
            Self::Validate(body) => writer.write(async |it| drop(it.validate_integration(body.raw()).await)).await,
            Self::Get(id) => writer.write(async |it| drop(it.get_integration(id, None, Some(&View::Full)).await)).await,
            Self::Update(id, body) => writer.write(async |it| drop(it.update_integration(id, body.raw()).await)).await,
            Self::SendTest(body) => writer.write(async |it| drop(it.send_test_notification(body.raw()).await)).await,
            Self::Providers(query) => {
                writer.write(async |it| drop(it.list_providers(Some(&query.wire_page())).await)).await
            }
            Self::List(query) => {
                let ListQuery { kind, provider_id, q, q_fields, view, .. } = &**query;
                let (fields, page) = (query.wire_fields(), query.wire_page());
                let list = async |it: &crate::model::generated::Client| {
                    let written = it.list_integrations(
                        fields.as_deref(),
                        Some(&page),
                        provider_id.as_deref(),
                        q.as_deref(),
                        q_fields.as_deref(),
                        Some(query.wire_sort()),
                        kind.as_ref(),
                        view.as_ref(),
                    );
                    drop(written.await);
                };
                writer.write(list).await
            }
            Self::Raw(request) => writer.by_hand(request),
            // They take several requests, each of which is an operation.
            Self::Ensure(_) | Self::CreateSince(..) | Self::FindCreated(_) => {
                Err(Error::validation("operation", "takes several requests"))
            }
        }
    }
}

/// Returns the id of the company that a response names: in an integration, or in the first of a list.
fn company_of(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(default)]
        company_id: Value,
        #[serde(default)]
        items: Vec<Self>,
    }
    let Named { company_id, items } = serde_json::from_slice(body).ok()?;
    let id = if company_id.is_null() { &items.first()?.company_id } else { &company_id };
    text_of_id(id)
}

/// Returns an id that is safe in a path. Digits are documented; characters that would change the path are refused.
pub fn checked_id(id: &str) -> Result<String, Error> {
    let is_safe = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    match is_safe && (1..=MAX_ID).contains(&id.len()) {
        true => Ok(id.to_owned()),
        false => Err(Error::invalid(vec![FieldError::new(
            "id",
            format!("must be 1 to {MAX_ID} letters, digits, - and _, as \"1165\""),
        )])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_cannot_change_the_path() {
        for id in ["", ".", "..", "a/b", "../x", "1\n2", "1 2", "%2e%2e", "ü", "1?x=1", "1#x", &"1".repeat(65)] {
            assert_eq!(checked_id(id).expect_err(id).field_errors()[0].field, "id");
        }
        assert_eq!(checked_id("1165").expect("sound"), "1165");
    }
}
