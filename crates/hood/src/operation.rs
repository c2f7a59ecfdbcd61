//! What a call asks of the server, checked and ready to be sent.

use std::sync::Arc;

use crate::body::{Body, Wire};
use crate::error::Problem;
use crate::find::Sought;
use crate::query::{ALL_FILTERS, PAGES_ONLY, Query};
use crate::received::Received;
use crate::transport::Exchange;
use crate::{Error, Response, View};

/// The greatest number of characters of an id.
const MAX_ID: usize = 64;

/// What a call asks of the server. Bindings make one from JSON; users have [`Integrations`](crate::Integrations).
#[doc(hidden)]
#[derive(Clone, Debug)]
pub enum Operation {
    Create(Body),
    Validate(Body),
    Get(String),
    Update(String, Body),
    List(Box<Query>),
    Providers(Box<Query>),
    SendTest(Body),
    Ensure(Body),
    FindCreated(Box<Sought>),
}

impl Operation {
    /// The operation of this name: `create`, `validate`, `ensure` with a request; `get` with an id; `update` with an id and
    /// the changes; `send_test` with an id, or else a request; `list` and `list_providers` with filters; `find_created`
    /// with what an [`Error::sought`] is.
    pub fn from_json(name: &str, id: Option<&str>, text: &str, allow_unknown_provider: bool) -> Result<Self, Error> {
        let request = || Body::new_integration(text, allow_unknown_provider);
        Ok(match (name, id) {
            ("create", _) => Self::Create(request()?),
            ("validate", _) => Self::Validate(request()?),
            ("ensure", _) => Self::Ensure(request()?),
            ("get", Some(id)) => Self::Get(checked_id(id)?),
            ("update", Some(id)) => {
                Self::Update(checked_id(id)?, Body::update_integration(text, allow_unknown_provider)?)
            }
            ("send_test", Some(id)) => Self::SendTest(Body::test_of(&checked_id(id)?)?),
            ("send_test", None) => Self::SendTest(Body::test_with(&request()?)?),
            ("list", _) => Self::List(Box::new(Query::from_json(text, ALL_FILTERS)?)),
            ("list_providers", _) => Self::Providers(Box::new(Query::from_json(text, PAGES_ONLY)?)),
            ("find_created", _) => Self::FindCreated(Box::new(Sought::from_json(text)?)),
            _ => return Err(Error::validation("operation", format!("there is no {name:?} of this kind"))),
        })
    }

    /// Sends the one request that it takes.
    pub(crate) async fn send(self, exchange: &Arc<Exchange>) -> Result<Response<Received>, Error> {
        let client = exchange.client();
        match self {
            Self::Create(body) => exchange.finish(client.create_integration(&Wire(body)).await),
            Self::Validate(body) => exchange.finish(client.validate_integration(&Wire(body)).await),
            Self::Get(id) => exchange.finish(client.get_integration(&id, None, Some(&View::Full)).await),
            Self::Update(id, body) => exchange.finish(client.update_integration(&id, &Wire(body)).await),
            Self::SendTest(body) => exchange.finish(client.send_test_notification(&Wire(body)).await),
            Self::Providers(query) => exchange.finish(client.list_providers(Some(&query.wire_page())).await),
            Self::List(query) => {
                let Query { kind, provider_id, q, q_fields, view, .. } = &*query;
                let (fields, page) = (query.wire_fields(), query.wire_page());
                let answer = client.list_integrations(
                    fields.as_deref(),
                    Some(&page),
                    provider_id.as_deref(),
                    q.as_deref(),
                    q_fields.as_deref(),
                    Some(query.wire_sort()),
                    kind.as_ref(),
                    view.as_ref(),
                );
                exchange.finish(answer.await)
            }
            // Of several requests: `Call` has them made.
            Self::Ensure(_) | Self::FindCreated(_) => Err(Error::validation("operation", "takes several requests")),
        }
    }
}

/// An id that is safe in a path. Documented are digits; what would change the path is refused.
pub fn checked_id(id: &str) -> Result<String, Error> {
    let sound = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    match sound && (1..=MAX_ID).contains(&id.len()) {
        true => Ok(id.to_owned()),
        false => Err(Error::invalid(vec![Problem::new(
            "id",
            format!("must be 1 to {MAX_ID} letters, digits, - and _, as \"1165\""),
        )])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_change_the_path() {
        for id in ["", ".", "..", "a/b", "../x", "1\n2", "1 2", "%2e%2e", "ü", "1?x=1", "1#x", &"1".repeat(65)] {
            assert_eq!(checked_id(id).expect_err(id).problems()[0].field, "id");
        }
        assert_eq!(checked_id("1165").expect("sound"), "1165");
    }
}
