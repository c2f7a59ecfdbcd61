//! The client, its calls and its lists.

use std::sync::Arc;

use napi::bindgen_prelude::*;
use napi_derive::napi;
use ocamba_hood::{
    Operation, ProviderDescription, ProviderInfo, RateLimit, RawValues, VARIABLES, disable_net_connect_if_set,
    with_variables,
};
use tokio::sync::Mutex;

use crate::calls::Calls;
use crate::failure::Failure;
use crate::message::ResponseParts;
use crate::options::{self, InvalidOption};
use crate::panics::catch_panic;

/// A client of the core. It holds the token, which JavaScript never does.
#[napi]
pub struct Client {
    client: ocamba_hood::Client,
    calls: Calls,
}

#[napi]
impl Client {
    /// Creates a client with options as JSON, and the values of [`variables`](Self::variables): JavaScript may replace its
    /// environment, and a worker may have its own. The reason of a failure is JSON as well.
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String, variables: Vec<Option<String>>, calls: &Calls) -> Result<Self> {
        let build = || {
            let invalid =
                |InvalidOption { name, message }| Failure::thrown(Failure::configuration(format!("{name} {message}")));
            let (builder, [rate_limit, tier, folder]) = options::of_client(&options).map_err(invalid)?;
            disable_net_connect_if_set();
            let client = RateLimit::from_settings(rate_limit, tier, folder.map(Into::into))
                .and_then(|rate_limit| builder.rate_limit(rate_limit).build())
                .map_err(Failure::thrown)?;
            Ok(Self { client, calls: calls.clone() })
        };
        let set = VARIABLES.iter().zip(variables).filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        let built = with_variables(set.collect(), || catch_panic(build));
        built.unwrap_or_else(|| Err(Failure::thrown(Failure::internal(false))))
    }

    /// Returns the names of the environment variables of clients.
    #[napi(catch_unwind)]
    pub fn variables() -> Vec<&'static str> {
        VARIABLES.to_vec()
    }

    /// Returns the API's URL.
    #[napi(getter, catch_unwind)]
    pub fn base_url(&self) -> String {
        self.client.base_url().to_owned()
    }

    /// Returns the names of a provider's settings that are known not to be secret.
    #[napi(catch_unwind)]
    pub fn visible_settings(&self, provider_id: String) -> Vec<&'static str> {
        let settings = ProviderInfo::of(&provider_id).map_or(&[][..], |provider| provider.settings);
        settings.iter().filter(|setting| !setting.secret).map(|setting| setting.name).collect()
    }

    /// Starts a call at the next flush. Its message has this number, which is never used again.
    ///
    /// Bits of `flags`: 1 to receive the response, 2 the HTTP requests; 4 allows a provider that this version does not
    /// know.
    #[napi(catch_unwind)]
    pub fn call(&self, number: f64, operation: String, id: Option<String>, text: String, options: String, flags: u32) {
        let (client, parts) = (self.client.clone(), ResponseParts::of(flags));
        self.calls.start(number as u64, async move |mut call| {
            let call_options = match options::of_call(&options, &operation, &client) {
                Ok(call_options) => call_options,
                Err(invalid) => return call.fail(&invalid.into()),
            };
            let operation = match Operation::from_json(&operation, id.as_deref(), &text, flags & 4 != 0) {
                Ok(operation) => operation,
                Err(error) => return call.end(&Err(error), parts),
            };
            let request = client.call(operation).with_options(call_options);
            call.track(request.progress());
            call.end(&request.with_response().await, parts);
        });
    }

    /// Starts to read the state of the rate limit, as [`call`](Self::call) starts a call.
    #[napi(catch_unwind)]
    pub fn rate_limit_status(&self, number: f64) {
        let client = self.client.clone();
        self.calls.start(number as u64, async move |call| match client.rate_limit_status().await {
            Ok(status) => call.value(&status.to_json()),
            Err(error) => call.fail(&Failure::from(&error)),
        });
    }

    /// Returns the pages of a list, before the first request. The reason of a failure is JSON.
    #[napi(catch_unwind)]
    pub fn paginator(&self, operation: String, filters: String, options: String) -> Result<Paginator> {
        let call_options = options::of_call(&options, &operation, &self.client).map_err(Failure::thrown)?;
        let list = Operation::from_json(&operation, None, &filters, false).map_err(Failure::thrown)?;
        let pages = self.client.paginator(list).with_options(call_options);
        Ok(Paginator { pages: Arc::new(Mutex::new(pages)), calls: self.calls.clone() })
    }

    /// Throws if the settings are invalid. Both arguments are JSON, and so is the reason of the failure.
    #[napi(catch_unwind)]
    pub fn check_settings(description: String, settings: String) -> Result<()> {
        let invalid = |field, message| move |_| Failure::thrown(Failure::validation(field, message));
        let description: ProviderDescription = serde_json::from_str(&description)
            .map_err(invalid("description", "must be a description from `providers.list`"))?;
        let settings = serde_json::from_str(&settings).map_err(invalid("settings", "could not be read as JSON"))?;
        let checked = description.provider(RawValues::new(settings));
        checked.map(drop).map_err(Failure::thrown)
    }
}

/// The remaining pages of a list. No page is requested ahead, and there is nothing to close.
#[napi]
pub struct Paginator {
    pages: Arc<Mutex<ocamba_hood::Paginator>>,
    calls: Calls,
}

#[napi]
impl Paginator {
    /// Requests the next page, as [`Client::call`] does. After the last page the value is
    /// `null`.
    #[napi(catch_unwind)]
    pub fn next(&self, number: f64, flags: u32) {
        let (pages, parts) = (self.pages.clone(), ResponseParts::of(flags));
        self.calls.start(number as u64, async move |call| match pages.lock().await.next().await {
            Some(page) => call.end(&page, parts),
            None => call.value("null"),
        });
    }
}
