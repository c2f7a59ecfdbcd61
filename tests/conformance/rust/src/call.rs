//! Makes a call of a case by the methods that users call, wherever Rust can express the arguments.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::{Stream, StreamExt, TryStreamExt};
use ocamba_hood as hood;
use ocamba_hood::{Client, Ensured, Error, Items, NewIntegration, Page, RequestBody, Response, reveal};
use serde::Serialize;
use serde_json::{Value, json};

use crate::plan::{Call, Operation};

/// Result or error of a call.
pub type Ended = Result<Done, Error>;

/// Result of a call.
pub struct Done {
    /// Serialized result, with secrets in clear.
    pub written: Value,
    pub status: Option<u16>,
    /// All representations that hide secrets.
    pub shown: String,
}

/// Sets the timeout and the retries of a call or list.
macro_rules! timed {
    ($it:expr, $call:expr) => {{
        let (mut it, call): (_, &Call) = ($it, $call);
        if let Some(timeout) = call.timeout_ms {
            it = it.timeout(Duration::from_millis(timeout));
        }
        if let Some(retries) = call.max_retries {
            it = it.max_retries(retries);
        }
        it
    }};
}

/// Makes a call. `before` has the results of the earlier calls of the case.
pub async fn make(client: &Client, call: &Call, before: &[Ended]) -> Ended {
    let integrations = client.integrations();
    let id = call.id.as_deref().unwrap_or_default();
    let text = call.request.to_string();
    let request =
        || RequestBody::new_integration(&text, call.allow_unknown_provider).and_then(NewIntegration::try_from);
    match call.operation {
        Operation::Create => done(timed!(integrations.create(request()?), call).with_response().await?),
        Operation::Validate => done(timed!(integrations.validate(request()?), call).with_response().await?),
        Operation::Ensure => {
            let ensure = timed!(integrations.ensure(request()?), call);
            let response = match call.reconcile_timeout_ms {
                Some(timeout) => ensure.reconcile_timeout(Duration::from_millis(timeout)).with_response().await?,
                None => ensure.with_response().await?,
            };
            let Ensured { integration, action, .. } = &response.value;
            let (shown, integration) = shown_and_written(integration);
            let written = json!({ "action": action.as_str(), "integration": integration });
            Ok(Done { written, status: Some(response.status.as_u16()), shown: format!("{shown}{response:?}") })
        }
        Operation::Get => done(timed!(integrations.get(id), call).with_response().await?),
        // A typed update cannot be read from JSON, so this is the way of the bindings.
        Operation::Update => {
            let update = hood::Operation::from_json("update", Some(id), &text, call.allow_unknown_provider)?;
            let response = timed!(client.call(update), call).with_response().await?;
            Ok(Done { written: Value::Null, status: Some(response.status.as_u16()), shown: format!("{response:?}") })
        }
        Operation::SendTest => {
            let test =
                if call.id.is_some() { integrations.send_test(id) } else { integrations.send_test_with(request()?) };
            done(timed!(test, call).with_response().await?)
        }
        Operation::FindCreated => {
            let Some(Err(error)) = call.error_of.and_then(|index| before.get(index)) else {
                panic!("`error_of` names no call with an error")
            };
            let mut find = timed!(integrations.find_created(error), call);
            if let Some(timeout) = call.reconcile_timeout_ms {
                find = find.reconcile_timeout(Duration::from_millis(timeout));
            }
            done(find.with_response().await?)
        }
        Operation::List => {
            check("list", call)?;
            let mut list = integrations.list();
            for (name, value) in call.request.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
                let text = value.as_str().map_or_else(|| joined(value), str::to_owned);
                list = match name.as_str() {
                    "type" => list.kind(text.as_str()),
                    "provider_id" => list.provider_id(text),
                    "q" => list.q(text),
                    "q_fields" => list.q_fields(text),
                    "sort" => list.sort(text),
                    "fields" => list.fields(text),
                    "view" => list.view(text.as_str()),
                    "page_size" => list.page_size(number(value)),
                    other => panic!("there is no filter {other}"),
                };
            }
            let list = timed!(list, call);
            match call.page {
                Some(page) => self::page(list.page(number(&page.into())).with_response().await?),
                None => items(list.items(), call).await,
            }
        }
        Operation::ListProviders => {
            check("list_providers", call)?;
            let mut list = timed!(client.providers().list(), call);
            if let Some(size) = call.request.get("page_size") {
                list = list.page_size(number(size));
            }
            match call.page {
                Some(page) => self::page(list.page(number(&page.into())).with_response().await?),
                None => items(list.items(), call).await,
            }
        }
    }
}

/// Checks the filters, since Rust cannot express many of the invalid ones.
fn check(operation: &str, call: &Call) -> Result<(), Error> {
    let mut filters = call.request.clone();
    if let (Some(page), Some(filters)) = (call.page, filters.as_object_mut()) {
        filters.insert("page".to_owned(), page.into());
    }
    hood::Operation::from_json(operation, None, &filters.to_string(), false).map(drop)
}

async fn items<T: Serialize + Debug>(items: Items<T>, call: &Call) -> Ended
where
    Items<T>: Stream<Item = Result<T, Error>>,
{
    let all: Vec<T> = items.take(call.take.unwrap_or(usize::MAX)).try_collect().await?;
    let (shown, written) = shown_and_written(&all);
    Ok(Done { written, status: None, shown })
}

fn page<T: Serialize + Debug>(response: Response<Page<T>>) -> Ended {
    let (shown, items) = shown_and_written(&response.value.items);
    let written = json!({ "total": response.value.total, "items": items });
    Ok(Done { written, status: Some(response.status.as_u16()), shown: format!("{shown}{response:?}") })
}

fn done<T: Serialize + Debug>(response: Response<T>) -> Ended {
    let (shown, written) = shown_and_written(&response.value);
    Ok(Done { written, status: Some(response.status.as_u16()), shown: format!("{shown}{response:?}") })
}

fn shown_and_written(value: &(impl Serialize + Debug)) -> (String, Value) {
    let written = reveal(|| serde_json::to_value(value)).unwrap_or_default();
    (format!("{value:?}{}", serde_json::to_string(value).unwrap_or_default()), written)
}

fn joined(texts: &Value) -> String {
    let texts: Vec<_> = texts.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    texts.join(",")
}

fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|n| n.try_into().ok()).unwrap_or_default()
}
