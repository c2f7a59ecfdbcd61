//! Requests of calls, and settings of a described provider: converted and checked.

use ocamba_hood::{Operation, Outcome, Progress, ProviderDescription};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::{self, Failure};
use crate::json::{self, NotSerializable};
use crate::panics::catch_panic;
use crate::raw_values::RawValues;
use crate::secret::type_name;

/// An operation that is ready to run, or its error. Shows no value.
///
/// The constructors never raise. The error is raised by the call, when no frame holds the arguments any more.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Request {
    /// Name of the operation.
    #[pyo3(get)]
    name: String,
    operation: Result<Operation, Failure>,
    progress: Progress,
}

#[pymethods]
impl Request {
    /// An operation that takes a request: a whole one, typed or as a dict in wire form, or its parts.
    #[new]
    fn new(
        operation: &str,
        id: &Bound<'_, PyAny>,
        whole: &Bound<'_, PyAny>,
        parts: &Bound<'_, PyDict>,
        allow_unknown_provider: &Bound<'_, PyAny>,
    ) -> Self {
        let is_update = operation == "update";
        let name = if is_update { "update" } else { "request" };
        let text = &mut String::new();
        let write = || match (whole.is_none(), parts.is_empty()) {
            (true, _) => from_parts(parts, text),
            (false, true) => from_whole(whole, text),
            (false, false) => {
                Err(NotSerializable::new(name, "excludes name, settings and status; give one or the other"))
            }
        };
        let is_allowed = allow_unknown_provider.extract::<bool>().map_err(|_| {
            let message = format!("must be bool, not {}", type_name(allow_unknown_provider));
            NotSerializable::new("allow_unknown_provider", message)
        });
        let is_allowed = is_allowed.and_then(|is_allowed| Ok(written(name, write)? || is_allowed));
        Self::read(operation, is_update.then_some(id), is_allowed, text)
    }

    /// An operation on the integration with this id.
    #[staticmethod]
    fn by_id(operation: &str, id: &Bound<'_, PyAny>) -> Self {
        Self::read(operation, Some(id), Ok(false), "")
    }

    /// An operation with filters, or with a text of the core.
    #[staticmethod]
    fn of(operation: &str, filters: &Bound<'_, PyAny>) -> Self {
        let text = &mut String::new();
        let write = || match filters.cast::<PyString>() {
            Ok(given) => given
                .to_str()
                .map(|given| text.push_str(given))
                .map_err(|_| NotSerializable::new("text", "is not text")),
            Err(_) => json::write(filters, text),
        };
        let is_allowed = written("filters", write).map(|()| false);
        Self::read(operation, None, is_allowed, text)
    }

    /// The exception to raise, if the operation is invalid.
    #[getter]
    fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let failure = self.operation.as_ref().err()?;
        Some(error::to_exception(py, failure).into_value(py).into_any())
    }

    /// Cancels the call, whose caller receives this exception in place of a result. If the call would change something, the
    /// exception gets an outcome, what `find_created` searches for, and a note.
    #[pyo3(signature = (exception, /))]
    fn cancel(&self, exception: &Bound<'_, PyAny>) {
        use Operation::{Create, Ensure, SendTest, Update};
        let Ok(Create(_) | Ensure(_) | SendTest(_) | Update(..)) = &self.operation else { return };
        let sent = self.progress.cancel();
        let create = self.progress.unconfirmed_create();
        let (outcome, note) = match (sent, &create) {
            (false, _) => (Outcome::NotSent, "before its request was sent; nothing was created or changed"),
            (true, None) => (Outcome::Unknown, "after its request was sent; it may have taken effect"),
            (true, Some(_)) => {
                let note = "after its request was sent; it may have taken effect, so check with `find_created(error)`";
                (Outcome::Unknown, note)
            }
        };
        // An exception may refuse attributes, and has notes since Python 3.11.
        let _ = exception.setattr("outcome", outcome.as_str());
        let _ = exception.setattr("_unconfirmed_create", create);
        let _ = exception.call_method1("add_note", (format!("ocamba_hood: the call ended {note}"),));
    }

    fn __repr__(&self) -> &'static str {
        "<Request>"
    }
}

impl Request {
    /// The operation, or its exception.
    pub fn operation(&self, py: Python<'_>) -> PyResult<Operation> {
        self.operation.as_ref().cloned().map_err(|failure| error::to_exception(py, failure))
    }

    /// The progress of its only call.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn read(
        operation: &str,
        id: Option<&Bound<'_, PyAny>>,
        allow_unknown_provider: Result<bool, NotSerializable>,
        text: &str,
    ) -> Self {
        let id = id.map(id_text).transpose();
        let name = operation.to_owned();
        let operation = match id.and_then(|id| Ok((id, allow_unknown_provider?))) {
            Ok((id, allowed)) => Operation::from_json(operation, id.as_deref(), text, allowed).map_err(Failure::from),
            Err(error) => Err(Failure::from(error)),
        };
        Self { name, operation, progress: Progress::default() }
    }
}

/// Writes, and turns a panic into an error: PyO3 panics if converting the values of a dict changes that dict.
fn written<T>(what: &str, write: impl FnOnce() -> Result<T, NotSerializable>) -> Result<T, NotSerializable> {
    let unreadable = || Err(NotSerializable::new(what, "cannot be read: it changed in the meantime, or this is a bug"));
    catch_panic(write).unwrap_or_else(unreadable)
}

fn id_text(id: &Bound<'_, PyAny>) -> Result<String, NotSerializable> {
    let text =
        id.cast::<PyString>().map_err(|_| NotSerializable::new("id", format!("must be str, not {}", type_name(id))))?;
    text.to_str().map(str::to_owned).map_err(|_| NotSerializable::new("id", "is not valid Unicode"))
}

/// Writes the JSON, and returns whether the settings are typed: then an unknown provider is intended.
fn from_parts(parts: &Bound<'_, PyDict>, json: &mut String) -> Result<bool, NotSerializable> {
    let settings = parts.get_item("settings").ok().flatten();
    let id = settings.as_ref().and_then(provider_id);
    if let (Some(settings), None) = (&settings, &id) {
        let expected = "give plain settings with their provider_id, in a dict of the whole request";
        let message = format!("must be of a settings class, not {}; {expected}", type_name(settings));
        return Err(NotSerializable::new("settings", message));
    }
    if let Some(id) = &id {
        parts.set_item("provider_id", id).map_err(|_| NotSerializable::new("provider_id", "cannot be read"))?;
    }
    json::write(parts, json)?;
    Ok(id.is_some())
}

/// The same for a typed request, or a dict in wire form, which may contain typed settings.
fn from_whole(request: &Bound<'_, PyAny>, json: &mut String) -> Result<bool, NotSerializable> {
    json::write(request, json)?;
    let Ok(map) = request.cast::<PyDict>() else {
        return Ok(request.hasattr(intern!(request.py(), "_wire")).unwrap_or(false));
    };
    let given = |name| map.get_item(name).ok().flatten();
    let settings = given("settings");
    let Some((settings, id)) = settings.as_ref().and_then(|settings| Some((settings, provider_id(settings)?))) else {
        return Ok(false);
    };
    match given("provider_id") {
        Some(given) if given.eq(&id).unwrap_or(false) => Ok(true),
        Some(_) => {
            let message = format!("is {}, whose provider_id is {id}, not the given one", type_name(settings));
            Err(NotSerializable::new("settings", message))
        }
        None => Ok(true),
    }
}

/// The provider ID of typed settings.
fn provider_id<'py>(settings: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let py = settings.py();
    if settings.is_instance_of::<PyDict>() || !settings.hasattr(intern!(py, "_wire")).unwrap_or(false) {
        return None;
    }
    settings.getattr(intern!(py, "provider_id")).ok()
}

/// Raises all errors in the settings of a provider. The description is a dict in wire form.
#[pyfunction]
#[pyo3(signature = (description, settings, /))]
pub fn check_settings(description: &Bound<'_, PyAny>, settings: &Bound<'_, RawValues>) -> PyResult<()> {
    check(description, settings).map_err(|failure| error::to_exception(description.py(), &failure))
}

fn check(description: &Bound<'_, PyAny>, settings: &Bound<'_, RawValues>) -> Result<(), Failure> {
    // The text is valid JSON, so an error is about its form.
    let unreadable = |name| move |_| Failure::from(NotSerializable::new(name, "cannot be read"));
    let description: ProviderDescription =
        serde_json::from_str(&text("description", description)?).map_err(unreadable("description"))?;
    let settings = serde_json::from_str(&text("settings", settings)?).map_err(unreadable("settings"))?;
    description.provider(ocamba_hood::RawValues::new(settings)).map(drop).map_err(Failure::from)
}

fn text(name: &str, object: &Bound<'_, PyAny>) -> Result<String, NotSerializable> {
    let mut text = String::new();
    json::write(object, &mut text).map_err(|error| error.within(name))?;
    Ok(text)
}
