//! The core's client, for Python.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ocamba_hood::{CallOptions, ExtraHeaders, Proxy, RateLimit};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::{Failure, to_exception};
use crate::extra_headers::{self, HiddenHeaders};
use crate::fork_guard::ForkGuard;
use crate::loop_queue::{Call, LoopQueue};
use crate::options::{self, Given, argument, duration};
use crate::paginator::Paginator;
use crate::panics::catch_panic;
use crate::reply::{Ended, Reply};
use crate::request::Request;
use crate::runtime;
use crate::secret::Secret;

/// Product in `User-Agent`, before the core's, that names the language.
const PRODUCT: &str = concat!("ocamba-hood-python/", env!("CARGO_PKG_VERSION"));

/// The core's client; `None` after `close`. The lock is only held together with the GIL: see
/// [`runtime::get`](crate::runtime::get).
pub type Shared = Arc<Mutex<Option<ForkGuard<ocamba_hood::Client>>>>;

/// The core's client, with the options of calls that set none. A forked child gets a client with its own connections.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Client {
    client: Shared,
    defaults: CallOptions,
    /// URL of the API.
    #[pyo3(get)]
    base_url: String,
}

#[pymethods]
impl Client {
    /// Creates a client with the options of the core's builder. `None` selects the default.
    #[new]
    #[pyo3(signature = (**options))]
    fn new(py: Python<'_>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        catch_panic(|| Self::with(py, options)).unwrap_or_else(|| {
            let text = "the client was not created because of a bug in ocamba_hood; please report it";
            Err(to_exception(py, &Failure::Argument(text.to_owned())))
        })
    }

    /// Returns the same client with other options of calls that set none.
    #[pyo3(signature = (options, /))]
    fn with_options(&self, py: Python<'_>, options: Given<'_>) -> PyResult<Self> {
        let defaults = options::read(options, "default_headers", self.defaults.clone())?;
        let invalid = |error: ocamba_hood::Error| to_exception(py, &Failure::Argument(error.message().to_owned()));
        defaults.headers.check().map_err(invalid)?;
        Ok(Self { client: self.client.clone(), defaults, base_url: self.base_url.clone() })
    }

    /// Runs an operation, and waits for its result without the GIL.
    #[pyo3(signature = (request, options, trace, /))]
    fn call(
        &self,
        py: Python<'_>,
        request: &Request,
        options: Given<'_>,
        trace: Option<&HiddenHeaders>,
    ) -> PyResult<Reply> {
        catch_panic(|| runtime::wait(py, self.prepare(py, request, options, trace)?)).unwrap_or_else(|| Err(lost(py)))
    }

    /// Starts an operation, whose reply arrives at the queue.
    #[pyo3(signature = (request, options, trace, queue, /))]
    fn start_call(
        &self,
        py: Python<'_>,
        request: &Request,
        options: Given<'_>,
        trace: Option<&HiddenHeaders>,
        queue: &LoopQueue,
    ) -> PyResult<Call> {
        catch_panic(|| queue.start(py, self.prepare(py, request, options, trace)?)).unwrap_or_else(|| Err(lost(py)))
    }

    /// Returns the pages of a list. Sends no request yet.
    #[pyo3(signature = (request, options, /))]
    fn paginator(&self, py: Python<'_>, request: &Request, options: Given<'_>) -> PyResult<Paginator> {
        let client = self.client(py)?;
        let call_options = options::read(options, "extra_headers", self.defaults.clone())?;
        let pages = client.paginator(request.operation(py)?).with_options(call_options);
        Ok(Paginator::new(pages, self.client.clone()))
    }

    /// Returns the state of the rate limit as JSON, after a wait without the GIL.
    fn rate_limit_status(&self, py: Python<'_>) -> PyResult<String> {
        let client = self.client(py)?;
        let status = runtime::wait_for(py, async move { client.rate_limit_status().await })?;
        let status = status.ok_or(Failure::Lost).and_then(|status| status.map_err(Failure::from));
        status.map(|status| status.to_json()).map_err(|failure| to_exception(py, &failure))
    }

    fn __copy__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __deepcopy__(this: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        this
    }

    /// Closes the connections. Later calls fail.
    fn close(&self) {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Client {
    fn with(py: Python<'_>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut builder = ocamba_hood::Client::builder().user_agent(PRODUCT);
        for variable in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
            builder = builder.root_certificates_of(variable);
        }
        let (mut rate_limit, mut tier, mut folder) = (None, None, None);
        for (name, value) in options.into_iter().flatten().filter(|(_, value)| !value.is_none()) {
            let name = name.extract::<String>()?;
            match name.as_str() {
                "token" => builder = builder.token(hidden(&name, &value)?),
                "base_url" => builder = builder.base_url(hidden(&name, &value)?),
                "timeout" => builder = builder.timeout(duration(&name, &value)?),
                "connect_timeout" => builder = builder.connect_timeout(duration(&name, &value)?),
                "max_retries" => builder = builder.max_retries(options::retries(&name, &value)?),
                "rate_limit" => rate_limit = Some(hidden(&name, &value)?),
                "rate_limit_tier" => tier = Some(argument::<String>(&name, "str", &value)?),
                "rate_limit_dir" => folder = Some(argument::<PathBuf>(&name, "a path", &value)?),
                "proxy" => builder = builder.proxy(Proxy::from_text(&hidden(&name, &value)?)),
                "root_certificates" => builder = builder.root_certificates(argument::<String>(&name, "str", &value)?),
                "client_certificate" => builder = builder.client_certificate(hidden(&name, &value)?),
                "http_host" => builder = builder.http_host(argument::<String>(&name, "str", &value)?),
                "max_response_bytes" => builder = builder.max_response_bytes(options::bytes(&name, &value)?),
                "user_agent" => {
                    let product = argument::<String>(&name, "str", &value)?;
                    builder = builder.user_agent(format!("{product} {PRODUCT}"));
                }
                "default_headers" => {
                    let mut all = ExtraHeaders::default();
                    extra_headers::add(&value, &name, &mut all)?;
                    builder = builder.headers(all);
                }
                _ => return Err(PyTypeError::new_err(format!("the client has no option {name}"))),
            }
        }
        let rate_limit = RateLimit::from_settings(rate_limit, tier, folder);
        let client = rate_limit
            .and_then(|rate_limit| builder.rate_limit(rate_limit).build())
            .map_err(|error| to_exception(py, &Failure::from(error)))?;
        let (base_url, defaults) = (client.base_url().to_owned(), client.call_options());
        Ok(Self { client: Arc::new(Mutex::new(Some(ForkGuard::new(client)))), defaults, base_url })
    }

    /// Prepares a call to run on any thread.
    fn prepare(
        &self,
        py: Python<'_>,
        request: &Request,
        options: Given<'_>,
        trace: Option<&HiddenHeaders>,
    ) -> PyResult<impl Future<Output = Ended> + Send + use<>> {
        let client = self.client(py)?;
        let mut call_options = options::read(options, "extra_headers", self.defaults.clone())?;
        extra_headers::add_trace(trace, &mut call_options.headers);
        let operation = request.operation(py)?;
        let progress = request.progress();
        Ok(async move {
            let call = client.call(operation).with_options(call_options).with_progress(progress);
            call.with_response().await.map(|response| Some(Arc::new(response))).map_err(Failure::from)
        })
    }

    fn client(&self, py: Python<'_>) -> PyResult<ocamba_hood::Client> {
        self.current().map_err(|failure| to_exception(py, &failure))
    }

    /// The client of this process, created anew after a fork. Runs no Python: another thread would get the GIL, and wait with
    /// it for the lock.
    fn current(&self) -> Result<ocamba_hood::Client, Failure> {
        let mut found = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let client = found.as_ref().ok_or_else(closed)?;
        if let Some(client) = client.get() {
            return Ok(client.clone());
        }
        let own = client.inherited().with_own_connections()?;
        *found = Some(ForkGuard::new(own.clone()));
        Ok(own)
    }
}

/// The failure of a call of a closed client.
pub fn closed() -> Failure {
    Failure::Argument("the client is closed".to_owned())
}

/// The exception for a call that panicked.
fn lost(py: Python<'_>) -> PyErr {
    to_exception(py, &Failure::Lost)
}

/// An argument after `hide`: a secret, or the type of another value.
fn hidden(name: &str, argument: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = argument.py();
    let Ok(secret) = argument.cast::<Secret>() else {
        // `hide` hides each text, so this was the class `str`.
        let is_class = argument.is(py.get_type::<PyString>());
        let kind = if is_class { "type".to_owned() } else { argument.getattr("__name__")?.to_string() };
        return Err(PyTypeError::new_err(format!("{name} must be str or Secret, not {kind}")));
    };
    let text = secret.get().text(py).map(str::to_owned);
    text.ok_or_else(|| to_exception(py, &Failure::Argument(format!("{name} is not valid Unicode"))))
}
