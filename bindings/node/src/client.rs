//! The client, and what it can do.

use std::time::Duration;

use napi::bindgen_prelude::*;
use napi_derive::napi;
use ocamba_hood::{Body, ProviderInfo};

use crate::call::Call;
use crate::calls::Calls;
use crate::failure::Failure;
use crate::lane;
use crate::message::Wanted;
use crate::options::{Options, Wrong};
use crate::panics::caught;

/// A client of the core. The token is here and nowhere in JavaScript.
#[napi]
pub struct Client(ocamba_hood::Client);

#[napi]
impl Client {
    /// A client with options as JSON text. A failure's reason is JSON text as well.
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String) -> Result<Self> {
        let failed = |failure: Failure| Error::from_reason(serde_json::to_string(&failure).unwrap_or_default());
        let made = || {
            let builder = builder(&options)
                .map_err(|wrong| failed(Failure::configuration(format!("{} {}", wrong.name, wrong.what))))?;
            builder.build().map(Self).map_err(|error| failed(Failure::from(&error)))
        };
        caught(made).unwrap_or_else(|| Err(failed(Failure::internal(false))))
    }

    /// Where the API is.
    #[napi(getter, catch_unwind)]
    pub fn base_url(&self) -> String {
        self.0.base_url().to_owned()
    }

    /// The settings of a provider that are known not to be secret.
    #[napi(catch_unwind)]
    pub fn visible_settings(&self, provider_id: String) -> Vec<&'static str> {
        let settings = ProviderInfo::of(&provider_id).map_or(&[][..], |provider| provider.settings);
        settings.iter().filter(|setting| !setting.secret).map(|setting| setting.name).collect()
    }

    /// Starts a create, at the next flush. What becomes of it is delivered under this id, which is never used again.
    #[napi(catch_unwind)]
    pub fn create(
        &self,
        calls: &Calls,
        id: f64,
        request: String,
        options: String,
        unknown_provider: bool,
        wanted: u32,
    ) {
        let client = self.0.clone();
        let wanted = Wanted::from_bits(wanted);
        let task = move |call| create(client, call, request, options, unknown_provider, wanted);
        calls.start(id as u64, task);
    }
}

async fn create(
    client: ocamba_hood::Client,
    mut call: Call,
    request: String,
    options: String,
    unknown_provider: bool,
    wanted: Wanted,
) {
    let options = match call_options(&options) {
        Ok(options) => options,
        Err(Wrong { name, what }) => return call.fail(&Failure::validation(format!("options.{name}"), what)),
    };
    let body = match Body::new_integration(&request, unknown_provider) {
        Ok(body) => body,
        Err(error) => return call.end(&Err(error), wanted),
    };
    let mut create = client.integrations().create_body(body);
    if let Some(timeout) = options.timeout {
        create = create.timeout(timeout);
    }
    if let Some(timeout) = options.connect_timeout {
        create = create.connect_timeout(timeout);
    }
    if let Some(retries) = options.max_retries {
        create = create.max_retries(retries);
    }
    call.track(create.progress());
    call.end(&create.received().await, wanted);
}

/// What can be said of one call.
struct CallOptions {
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    max_retries: Option<u32>,
}

fn call_options(text: &str) -> std::result::Result<CallOptions, Wrong> {
    let mut options = Options::read(text)?;
    let read = CallOptions {
        timeout: options.milliseconds("timeout")?,
        connect_timeout: options.milliseconds("connectTimeout")?,
        max_retries: options.count("maxRetries")?,
    };
    options.end("signal, timeout, connectTimeout, maxRetries")?;
    Ok(read)
}

fn builder(options: &str) -> std::result::Result<ocamba_hood::ClientBuilder, Wrong> {
    let mut options = Options::read(options)?;
    let mut builder = ocamba_hood::Client::builder();
    if let Some(token) = options.string("token")? {
        builder = builder.token(token);
    }
    if let Some(base_url) = options.string("baseUrl")? {
        builder = builder.base_url(base_url);
    }
    if let Some(timeout) = options.milliseconds("timeout")? {
        builder = builder.timeout(timeout);
    }
    if let Some(timeout) = options.milliseconds("connectTimeout")? {
        builder = builder.connect_timeout(timeout);
    }
    if let Some(retries) = options.count("maxRetries")? {
        builder = builder.max_retries(retries);
    }
    if let Some(lane) = lane::read(&mut options)? {
        builder = builder.lane(lane);
    }
    if let Some(bytes) = options.count("maxResponseBytes")? {
        builder = builder.max_response_bytes(bytes);
    }
    if let Some(product) = options.string("userAgent")? {
        builder = builder.user_agent(product);
    }
    options.end("token, baseUrl, timeout, connectTimeout, maxRetries, lane, maxResponseBytes, userAgent")?;
    Ok(builder)
}
