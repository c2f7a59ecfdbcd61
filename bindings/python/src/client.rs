//! The core's client, for Python: waiting without the GIL, or coming back to an event loop.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ocamba_hood::{Body, Lane, Tier};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{Failure, to_exception};
use crate::port::{Call, Port, Return};
use crate::process::OfProcess;
use crate::reply::{Ended, Reply};
use crate::request::Request;
use crate::runtime;
use crate::secret::{Secret, type_name};

/// How often a call that waits looks whether Ctrl-C was pressed.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// The core's client. A forked child gets one of its own, with connections of its own.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Client {
    /// Nothing once it is closed. The lock is only ever held with the GIL: see [`runtime::get`].
    client: Mutex<Option<OfProcess<ocamba_hood::Client>>>,
    /// Where the API is.
    #[pyo3(get)]
    base_url: String,
}

/// What a call may set for itself: timeout, connect timeout, retries. `None` leaves it to the client.
type Options<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>);

#[pymethods]
impl Client {
    /// A client with these options, those of the core's builder. `None` is the same as to leave one out.
    #[new]
    #[pyo3(signature = (**options))]
    fn new(py: Python<'_>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut builder = ocamba_hood::Client::builder();
        let (mut lane, mut tier) = (None, None);
        for (name, value) in options.into_iter().flatten().filter(|(_, value)| !value.is_none()) {
            let name = name.extract::<String>()?;
            match name.as_str() {
                "token" => builder = builder.token(hidden(&name, &value)?),
                "base_url" => builder = builder.base_url(hidden(&name, &value)?),
                "timeout" => builder = builder.timeout(duration(&name, &value)?),
                "connect_timeout" => builder = builder.connect_timeout(duration(&name, &value)?),
                "max_retries" => builder = builder.max_retries(argument(&name, "a whole number", &value)?),
                "lane" => lane = Some(hidden(&name, &value)?),
                "tier" => tier = Some(argument::<String>(&name, "str", &value)?),
                "max_response_bytes" => {
                    builder = builder.max_response_bytes(argument(&name, "a whole number", &value)?);
                }
                "user_agent" => builder = builder.user_agent(argument::<String>(&name, "str", &value)?),
                _ => return Err(PyTypeError::new_err(format!("a client has no option {name}"))),
            }
        }
        if lane.is_some() || tier.is_some() {
            builder = builder.lane(self::lane(lane, tier).map_err(|error| to_exception(py, &Failure::from(error)))?);
        }
        let client = builder.build().map_err(|error| to_exception(py, &Failure::from(error)))?;
        Ok(Self { base_url: client.base_url().to_owned(), client: Mutex::new(Some(OfProcess::new(client))) })
    }

    /// Creates an integration, and waits for the answer without the GIL.
    #[pyo3(signature = (request, options, /))]
    fn create(&self, py: Python<'_>, request: &Request, options: Options<'_>) -> PyResult<Reply> {
        let call = self.prepare(py, request, options)?;
        let runtime = runtime::get(py)?;
        let _context = runtime.enter();
        // Dropped before its end, it is stopped.
        let mut call = Box::pin(async {
            runtime::catch_up().await;
            call.await
        });
        loop {
            let wait = || catch_unwind(AssertUnwindSafe(|| runtime.wait(call.as_mut(), SIGNAL_CHECK)));
            match py.detach(wait) {
                Ok(Some(ended)) => return Ok(Reply::from(ended)),
                Ok(None) => py.check_signals()?,
                Err(_) => return Ok(Reply::from(Ended::Badly(Failure::Lost))),
            }
        }
    }

    /// Starts to create an integration; it comes back at the port.
    #[pyo3(signature = (request, options, port, /))]
    fn start_create(&self, py: Python<'_>, request: &Request, options: Options<'_>, port: &Port) -> PyResult<Call> {
        let call = self.prepare(py, request, options)?;
        let home = Return::to(port);
        let id = home.id();
        let task = runtime::get(py)?.spawn(async move { home.with(call.await) });
        Ok(Call::new(id, task))
    }

    fn __copy__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __deepcopy__(this: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        this
    }

    /// Closes the connections. A call after this is refused.
    fn close(&self) {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Client {
    /// The call, ready to run anywhere.
    fn prepare(
        &self,
        py: Python<'_>,
        request: &Request,
        (timeout, connect_timeout, max_retries): Options<'_>,
    ) -> PyResult<impl Future<Output = Ended> + Send + use<>> {
        let client = self.client(py)?;
        let timeout = given(&timeout).map(|value| duration("timeout", value)).transpose()?;
        let connect_timeout = given(&connect_timeout).map(|value| duration("connect_timeout", value)).transpose()?;
        let max_retries =
            given(&max_retries).map(|value| argument("max_retries", "a whole number", value)).transpose()?;
        let body: Body = request.body(py)?;
        Ok(async move {
            let mut create = client.integrations().create_body(body);
            if let Some(timeout) = timeout {
                create = create.timeout(timeout);
            }
            if let Some(timeout) = connect_timeout {
                create = create.connect_timeout(timeout);
            }
            if let Some(retries) = max_retries {
                create = create.max_retries(retries);
            }
            Ended::from(create.received().await)
        })
    }

    /// The client of this process.
    fn client(&self, py: Python<'_>) -> PyResult<ocamba_hood::Client> {
        let mut found = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(client) = &*found else {
            return Err(to_exception(py, &Failure::Argument("the client is closed".to_owned())));
        };
        if let Some(client) = client.get() {
            return Ok(client.clone());
        }
        let own = client.inherited().with_own_connections();
        let own = own.map_err(|error| to_exception(py, &Failure::from(error)))?;
        *found = Some(OfProcess::new(own.clone()));
        Ok(own)
    }
}

/// An argument that went through `hide`: a secret, or the type of what is none.
fn hidden(name: &str, argument: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = argument.py();
    let Ok(secret) = argument.cast::<Secret>() else {
        let kind = argument.getattr("__name__")?;
        return Err(PyTypeError::new_err(format!("{name} must be str or Secret, not {kind}")));
    };
    let text = secret.get().text(py).map(str::to_owned);
    text.ok_or_else(|| to_exception(py, &Failure::Argument(format!("{name} is not valid Unicode"))))
}

/// The lane by its name, or that of the environment, with a tier of its own.
fn lane(lane: Option<String>, tier: Option<String>) -> Result<Lane, ocamba_hood::Error> {
    let lane = lane.map_or_else(Lane::from_env, |lane| lane.parse())?;
    tier.map_or(Ok(lane.clone()), |tier| Ok(lane.tier(tier.parse::<Tier>()?)))
}

fn duration(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let seconds = argument(name, "seconds as a number", value)?;
    let sound = Duration::try_from_secs_f64(seconds).ok().filter(|duration| !duration.is_zero());
    let refused = || Failure::Argument(format!("{name} must be seconds, more than zero"));
    sound.ok_or_else(|| to_exception(value.py(), &refused()))
}

/// An argument of a type, or an error that names it and what was expected.
fn argument<'py, T: FromPyObjectOwned<'py>>(name: &str, expected: &str, value: &Bound<'py, PyAny>) -> PyResult<T> {
    let refused = || PyTypeError::new_err(format!("{name} must be {expected}, not {}", type_name(value)));
    value.extract().map_err(|_| refused())
}

fn given<'a, 'py>(value: &'a Bound<'py, PyAny>) -> Option<&'a Bound<'py, PyAny>> {
    (!value.is_none()).then_some(value)
}
