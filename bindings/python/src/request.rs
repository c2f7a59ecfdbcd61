//! What a call asks for, converted and checked, which shows nothing of it.

use ocamba_hood::Operation;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::{self, Failure};
use crate::json::{self, NotSerializable};
use crate::panics::catch_panic;
use crate::secret::type_name;

/// What a create takes for the status where none is given.
const DEFAULT_STATUS: &str = "active";

/// An operation that is ready to be carried out, or what is wrong with it. Shows none of it.
///
/// Making one never raises: that happens when it is used, when no frame holds what it was made of any more.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Request(Result<Operation, Failure>);

#[pymethods]
impl Request {
    /// An operation that takes what a create does: a request, typed or as a dict in the wire form, or else its parts.
    #[new]
    fn new(
        operation: &str,
        request: &Bound<'_, PyAny>,
        name: &Bound<'_, PyAny>,
        settings: &Bound<'_, PyAny>,
        status: &Bound<'_, PyAny>,
        allow_unknown_provider: bool,
    ) -> Self {
        let text = &mut String::new();
        let write = || {
            if request.is_none() {
                let parts = [("name", name), ("settings", settings), ("status", status)];
                from_parts(parts.into_iter().filter(|(_, part)| !part.is_none()).collect(), text)
            } else if name.is_none()
                && settings.is_none()
                && (status.is_none() || status.eq(DEFAULT_STATUS).unwrap_or(false))
            {
                from_whole(request, text)
            } else {
                Err(NotSerializable::new(
                    "request",
                    "stands for all of it: give either a request, or a name, settings and status",
                ))
            }
        };
        let typed = written("request", write);
        Self::read(operation, None, typed, text, allow_unknown_provider)
    }

    /// An update of the integration with this id: typed or as a dict in the wire form, or else the parts that are given.
    #[staticmethod]
    fn update(
        id: &Bound<'_, PyAny>,
        update: &Bound<'_, PyAny>,
        parts: &Bound<'_, PyDict>,
        allow_unknown_provider: bool,
    ) -> Self {
        let text = &mut String::new();
        let write = || {
            if update.is_none() {
                let parts: Vec<_> = parts.iter().map(|(name, part)| (name.to_string(), part)).collect();
                from_parts(parts.iter().map(|(name, part)| (name.as_str(), part)).collect(), text)
            } else if parts.is_empty() {
                from_whole(update, text)
            } else {
                Err(NotSerializable::new(
                    "update",
                    "stands for all of it: give either an update, or a name, settings and status",
                ))
            }
        };
        let typed = written("update", write);
        Self::read("update", Some(id), typed, text, allow_unknown_provider)
    }

    /// An operation on the integration with this id.
    #[staticmethod]
    fn by_id(operation: &str, id: &Bound<'_, PyAny>) -> Self {
        Self::read(operation, Some(id), Ok(false), "", false)
    }

    /// An operation with filters, or with a text of the core's own.
    #[staticmethod]
    fn of(operation: &str, filters: &Bound<'_, PyAny>) -> Self {
        let text = &mut String::new();
        let write = || match filters.cast::<PyString>() {
            Ok(given) => {
                given.to_str().map(|given| text.push_str(given)).map_err(|_| NotSerializable::new("text", "is no text"))
            }
            Err(_) => json::write(filters, text),
        };
        let typed = written("filters", write).map(|()| false);
        Self::read(operation, None, typed, text, false)
    }

    /// The exception to raise, if it cannot be carried out.
    #[getter]
    fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let failure = self.0.as_ref().err()?;
        Some(error::to_exception(py, failure).into_value(py).into_any())
    }

    fn __repr__(&self) -> &'static str {
        "<Request>"
    }
}

impl Request {
    /// What is to be carried out.
    pub fn operation(&self, py: Python<'_>) -> PyResult<Operation> {
        self.0.as_ref().cloned().map_err(|failure| error::to_exception(py, failure))
    }

    fn read(
        operation: &str,
        id: Option<&Bound<'_, PyAny>>,
        typed: Result<bool, NotSerializable>,
        text: &str,
        allow_unknown_provider: bool,
    ) -> Self {
        let id = id.map(id_text).transpose();
        Self(match id.and_then(|id| Ok((id, typed? || allow_unknown_provider))) {
            Ok((id, allowed)) => Operation::from_json(operation, id.as_deref(), text, allowed).map_err(Failure::from),
            Err(unfit) => Err(Failure::from(unfit)),
        })
    }
}

/// What is written, or that it cannot be: a dict that is changed by the conversion of its own values is one panic that a
/// user can bring about.
fn written<T>(what: &str, write: impl FnOnce() -> Result<T, NotSerializable>) -> Result<T, NotSerializable> {
    let unreadable = || Err(NotSerializable::new(what, "cannot be read: it changed meanwhile, or this is a bug"));
    catch_panic(write).unwrap_or_else(unreadable)
}

fn id_text(id: &Bound<'_, PyAny>) -> Result<String, NotSerializable> {
    let text =
        id.cast::<PyString>().map_err(|_| NotSerializable::new("id", format!("must be str, not {}", type_name(id))))?;
    text.to_str().map(str::to_owned).map_err(|_| NotSerializable::new("id", "is not valid Unicode"))
}

/// Writes the JSON, and tells whether the settings are typed: then an unknown provider is meant.
fn from_parts<'py>(parts: Vec<(&str, &Bound<'py, PyAny>)>, json: &mut String) -> Result<bool, NotSerializable> {
    let settings = parts.iter().find(|(name, _)| *name == "settings").map(|(_, settings)| *settings);
    let id = settings.and_then(provider_id);
    if let (Some(settings), None) = (settings, &id) {
        let message = "must be of a settings class; a plain dict goes with its provider_id, in a dict of all";
        return Err(NotSerializable::new("settings", format!("{message}, and this is {}", type_name(settings))));
    }
    json::write_members(parts.into_iter().chain(id.as_ref().map(|id| ("provider_id", id))), json)?;
    Ok(id.is_some())
}

/// As [`from_parts`], of a typed request or a dict in the wire form, which may hold typed settings.
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
            let message = format!("is {}, whose provider_id is {id}, not the one given", type_name(settings));
            Err(NotSerializable::new("settings", message))
        }
        None => Ok(true),
    }
}

/// The provider of typed settings.
fn provider_id<'py>(settings: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let py = settings.py();
    if settings.is_instance_of::<PyDict>() || !settings.hasattr(intern!(py, "_wire")).unwrap_or(false) {
        return None;
    }
    settings.getattr(intern!(py, "provider_id")).ok()
}
