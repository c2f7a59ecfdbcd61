//! The client and its calls.

use napi::bindgen_prelude::*;
use napi_derive::napi;
use ocamba_hood::{Operation, ProviderInfo, RateLimit};

use crate::call::Call;
use crate::call_options;
use crate::calls::Calls;
use crate::failure::Failure;
use crate::message::ResponseParts;
use crate::options::{InvalidOption, Options};
use crate::paginator::Paginator;
use crate::panics::catch_panic;

/// Names the language in `User-Agent`, before the core's name.
const PRODUCT: &str = concat!("ocamba-hood-node/", env!("CARGO_PKG_VERSION"));

/// A client of the core. It holds the token, which JavaScript never does.
#[napi]
pub struct Client {
    client: ocamba_hood::Client,
    calls: Calls,
}

/// The arguments of a call.
struct Arguments {
    operation: String,
    id: Option<String>,
    text: String,
    options: String,
    unknown_provider: bool,
    parts: ResponseParts,
}

#[napi]
impl Client {
    /// Creates a client with options as JSON. The reason of a failure is JSON as well.
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String, calls: &Calls) -> Result<Self> {
        let build = || {
            let invalid =
                |InvalidOption { name, message }| Failure::thrown(Failure::configuration(format!("{name} {message}")));
            let (builder, [rate_limit, tier, folder]) = builder(&options).map_err(invalid)?;
            let client = RateLimit::from_settings(rate_limit, tier, folder.map(Into::into))
                .and_then(|rate_limit| builder.rate_limit(rate_limit).build())
                .map_err(Failure::thrown)?;
            Ok(Self { client, calls: calls.clone() })
        };
        catch_panic(build).unwrap_or_else(|| Err(Failure::thrown(Failure::internal(false))))
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
        let client = self.client.clone();
        let parts = ResponseParts::of(flags);
        let arguments = Arguments { operation, id, text, options, unknown_provider: flags & 4 != 0, parts };
        self.calls.start(number as u64, move |call| run(client, call, arguments));
    }

    /// Returns the pages of a list, before the first request. The reason of a failure is JSON.
    #[napi(catch_unwind)]
    pub fn paginator(&self, operation: String, filters: String, options: String) -> Result<Paginator> {
        let call_options = call_options::read(&options, &operation, &self.client).map_err(Failure::thrown)?;
        let list = Operation::from_json(&operation, None, &filters, false).map_err(Failure::thrown)?;
        Ok(Paginator::new(self.client.paginator(list).with_options(call_options), self.calls.clone()))
    }
}

async fn run(client: ocamba_hood::Client, mut call: Call, arguments: Arguments) {
    let Arguments { operation, id, text, options, unknown_provider, parts } = arguments;
    let call_options = match call_options::read(&options, &operation, &client) {
        Ok(call_options) => call_options,
        Err(invalid) => return call.fail(&invalid.into()),
    };
    let operation = match Operation::from_json(&operation, id.as_deref(), &text, unknown_provider) {
        Ok(operation) => operation,
        Err(error) => return call.end(&Err(error), parts),
    };
    let request = client.call(operation).with_options(call_options);
    call.track(request.progress());
    call.end(&request.with_response().await, parts);
}

/// Reads the options of a client. The core parses the rate limit, its tier and its folder.
fn builder(options: &str) -> std::result::Result<(ocamba_hood::ClientBuilder, [Option<String>; 3]), InvalidOption> {
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
    let rate_limit = [options.string("rateLimit")?, options.string("rateLimitTier")?, options.string("rateLimitDir")?];
    if let Some(bytes) = options.count("maxResponseBytes")? {
        builder = builder.max_response_bytes(bytes);
    }
    builder = builder.user_agent(match options.string("userAgent")? {
        Some(product) => format!("{product} {PRODUCT}"),
        None => PRODUCT.to_owned(),
    });
    options.end("token, baseUrl, timeout, connectTimeout, maxRetries, rateLimit, rateLimitTier, rateLimitDir, maxResponseBytes, userAgent")?;
    Ok((builder, rate_limit))
}
