//! The client, and what it can do.

use napi::bindgen_prelude::*;
use napi_derive::napi;
use ocamba_hood::{Operation, ProviderInfo, RateLimit};

use crate::call::Call;
use crate::call_options;
use crate::calls::Calls;
use crate::failure::Failure;
use crate::message::ResponseParts;
use crate::options::{Options, Wrong};
use crate::paginator::Paginator;
use crate::panics::catch_panic;

/// Stands in `User-Agent` before the core's name, so that it tells the language.
const PRODUCT: &str = concat!("ocamba-hood-node/", env!("CARGO_PKG_VERSION"));

/// A client of the core. The token is here and nowhere in JavaScript.
#[napi]
pub struct Client {
    client: ocamba_hood::Client,
    calls: Calls,
}

/// What JavaScript asks for.
struct Asked {
    operation: String,
    id: Option<String>,
    text: String,
    options: String,
    unknown_provider: bool,
    parts: ResponseParts,
}

#[napi]
impl Client {
    /// A client with options as JSON text. A failure's reason is JSON text as well.
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String, calls: &Calls) -> Result<Self> {
        let made = || {
            let (builder, [rate_limit, tier, folder]) = builder(&options)
                .map_err(|wrong| Failure::configuration(format!("{} {}", wrong.name, wrong.what)).reason())?;
            let client = RateLimit::from_settings(rate_limit, tier, folder.map(Into::into))
                .and_then(|rate_limit| builder.rate_limit(rate_limit).build())
                .map_err(|error| Failure::from(&error).reason())?;
            Ok(Self { client, calls: calls.clone() })
        };
        catch_panic(made).unwrap_or_else(|| Err(Failure::internal(false).reason()))
    }

    /// Where the API is.
    #[napi(getter, catch_unwind)]
    pub fn base_url(&self) -> String {
        self.client.base_url().to_owned()
    }

    /// The settings of a provider that are known not to be secret.
    #[napi(catch_unwind)]
    pub fn visible_settings(&self, provider_id: String) -> Vec<&'static str> {
        let settings = ProviderInfo::of(&provider_id).map_or(&[][..], |provider| provider.settings);
        settings.iter().filter(|setting| !setting.secret).map(|setting| setting.name).collect()
    }

    /// Starts a call, at the next flush. What becomes of it is delivered under this number, which is never used again.
    ///
    /// The bits of `flags`: 1 to be told of the response, 2 of the requests on the wire; 4 where a provider that this
    /// version does not know is meant.
    #[napi(catch_unwind)]
    pub fn call(&self, number: f64, operation: String, id: Option<String>, text: String, options: String, flags: u32) {
        let client = self.client.clone();
        let parts = ResponseParts::of(flags);
        let asked = Asked { operation, id, text, options, unknown_provider: flags & 4 != 0, parts };
        self.calls.start(number as u64, move |call| run(client, call, asked));
    }

    /// The pages of a list, none of which is asked for yet. A failure's reason is JSON text.
    #[napi(catch_unwind)]
    pub fn paginator(&self, operation: String, filters: String, options: String) -> Result<Paginator> {
        let call_options =
            call_options::read(&options, &operation, &self.client).map_err(|wrong| Failure::from(wrong).reason())?;
        let list =
            Operation::from_json(&operation, None, &filters, false).map_err(|error| Failure::from(&error).reason())?;
        Ok(Paginator::new(self.client.paginator(list).with_options(call_options), self.calls.clone()))
    }
}

async fn run(client: ocamba_hood::Client, mut call: Call, asked: Asked) {
    let Asked { operation, id, text, options, unknown_provider, parts } = asked;
    let call_options = match call_options::read(&options, &operation, &client) {
        Ok(call_options) => call_options,
        Err(wrong) => return call.fail(&wrong.into()),
    };
    let operation = match Operation::from_json(&operation, id.as_deref(), &text, unknown_provider) {
        Ok(operation) => operation,
        Err(error) => return call.end(&Err(error), parts),
    };
    let request = client.call(operation).with_options(call_options);
    call.track(request.progress());
    call.end(&request.with_response().await, parts);
}

/// Reads the options of a client; its rate limit, tier and folder are texts for the core to read.
fn builder(options: &str) -> std::result::Result<(ocamba_hood::ClientBuilder, [Option<String>; 3]), Wrong> {
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
