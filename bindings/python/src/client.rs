//! The core's client, for Python: waiting without the GIL, or coming back to an event loop.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ocamba_hood::Body;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::error::{Failure, to_exception};
use crate::port::{Call, Port, Return};
use crate::process::OfProcess;
use crate::reply::{Ended, Reply};
use crate::request::Request;
use crate::runtime;
use crate::secret::Secret;

/// How often a call that waits looks whether Ctrl-C was pressed.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// The core's client. A forked child gets one of its own, with connections of its own.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Client {
    /// Nothing once it is closed. The lock is only ever held with the GIL: see [`runtime::handle`].
    client: Mutex<Option<OfProcess<ocamba_hood::Client>>>,
    /// Where the API is.
    #[pyo3(get)]
    base_url: String,
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (*, token, base_url, timeout, connect_timeout, max_response_bytes, user_agent))]
    fn new(
        py: Python<'_>,
        token: Option<&Bound<'_, PyAny>>,
        base_url: Option<&Bound<'_, PyAny>>,
        timeout: Option<f64>,
        connect_timeout: Option<f64>,
        max_response_bytes: Option<usize>,
        user_agent: Option<String>,
    ) -> PyResult<Self> {
        let mut builder = ocamba_hood::Client::builder();
        if let Some(token) = token {
            builder = builder.token(hidden("token", token)?);
        }
        if let Some(url) = base_url {
            builder = builder.base_url(hidden("base_url", url)?);
        }
        if let Some(seconds) = timeout {
            builder = builder.timeout(duration(py, "timeout", seconds)?);
        }
        if let Some(seconds) = connect_timeout {
            builder = builder.connect_timeout(duration(py, "connect_timeout", seconds)?);
        }
        if let Some(bytes) = max_response_bytes {
            builder = builder.max_response_bytes(bytes);
        }
        if let Some(product) = user_agent {
            builder = builder.user_agent(product);
        }
        let client = builder.build().map_err(|error| to_exception(py, &Failure::from(error)))?;
        Ok(Self { base_url: client.base_url().to_owned(), client: Mutex::new(Some(OfProcess::new(client))) })
    }

    /// Creates an integration, and waits for the answer without the GIL.
    #[pyo3(signature = (request, timeout, /))]
    fn create(&self, py: Python<'_>, request: &Request, timeout: Option<f64>) -> PyResult<Reply> {
        let call = self.prepare(py, request, timeout)?;
        let (sender, mut receiver) = sync_channel(1);
        let task = runtime::handle(py)?.spawn(async move {
            // Nobody waits any more where Ctrl-C was pressed.
            let _ = sender.send(call.await);
        });
        loop {
            let ended;
            (receiver, ended) = py.detach(move || {
                let ended = receiver.recv_timeout(SIGNAL_CHECK);
                (receiver, ended)
            });
            match ended {
                Ok(ended) => return Ok(Reply::from(ended)),
                Err(RecvTimeoutError::Disconnected) => return Ok(Reply::from(Ended::Badly(Failure::Lost))),
                Err(RecvTimeoutError::Timeout) => py.check_signals().inspect_err(|_| task.abort())?,
            }
        }
    }

    /// Starts to create an integration; it comes back at the port.
    #[pyo3(signature = (request, timeout, port, /))]
    fn start_create(&self, py: Python<'_>, request: &Request, timeout: Option<f64>, port: &Port) -> PyResult<Call> {
        let call = self.prepare(py, request, timeout)?;
        let home = Return::to(port);
        let id = home.id();
        let task = runtime::handle(py)?.spawn(async move { home.with(call.await) });
        Ok(Call::new(id, task.abort_handle()))
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
        timeout: Option<f64>,
    ) -> PyResult<impl Future<Output = Ended> + Send + use<>> {
        let client = self.client(py)?;
        let timeout = timeout.map(|seconds| duration(py, "timeout", seconds)).transpose()?;
        let body: Body = request.body(py)?;
        Ok(async move {
            let create = client.integrations().create_body(body);
            let create = timeout.into_iter().fold(create, |create, timeout| create.timeout(timeout));
            Ended::from(create.with_response().await)
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

fn duration(py: Python<'_>, name: &str, seconds: f64) -> PyResult<Duration> {
    let sound = Duration::try_from_secs_f64(seconds).ok().filter(|duration| !duration.is_zero());
    sound.ok_or_else(|| to_exception(py, &Failure::Argument(format!("{name} must be seconds, more than zero"))))
}
