//! A create that was converted and checked, and shows nothing of it.

use ocamba_hood::Body;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{self, Failure};
use crate::json::{self, Unfit};
use crate::panics::caught;
use crate::secret::type_name;

/// What `create` takes for the status where none is given.
const DEFAULT_STATUS: &str = "active";

/// A create that is ready to be sent, or what is wrong with it. Shows none of it.
///
/// Making one never raises: that happens when it is used, when no frame holds what it was made of any more.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Request(Result<Body, Failure>);

#[pymethods]
impl Request {
    /// A create from a request, typed or as a dict in the wire form, or else from its parts.
    #[new]
    fn new(
        request: &Bound<'_, PyAny>,
        name: &Bound<'_, PyAny>,
        settings: &Bound<'_, PyAny>,
        status: &Bound<'_, PyAny>,
        allow_unknown_provider: bool,
    ) -> Self {
        let body = || converted(request, name, settings, status, allow_unknown_provider);
        // A dict that is changed by the conversion of its own values is one panic that a user can bring about.
        let unreadable = || Err(Unfit::new("request", "cannot be read: it changed meanwhile, or this is a bug").into());
        Self(caught(body).unwrap_or_else(unreadable))
    }

    fn __repr__(&self) -> &'static str {
        "<Request>"
    }
}

impl Request {
    /// What is to be sent.
    pub fn body(&self, py: Python<'_>) -> PyResult<Body> {
        self.0.as_ref().cloned().map_err(|failure| error::to_exception(py, failure))
    }
}

fn converted(
    request: &Bound<'_, PyAny>,
    name: &Bound<'_, PyAny>,
    settings: &Bound<'_, PyAny>,
    status: &Bound<'_, PyAny>,
    allow_unknown_provider: bool,
) -> Result<Body, Failure> {
    let mut text = String::new();
    let typed = if request.is_none() {
        from_parts(name, settings, status, &mut text)?
    } else if name.is_none() && settings.is_none() && (status.is_none() || status.eq(DEFAULT_STATUS).unwrap_or(false)) {
        from_whole(request, &mut text)?
    } else {
        let message = "stands for all of it: give either a request, or a name, settings and status";
        return Err(Unfit::new("request", message).into());
    };
    Ok(Body::new_integration(&text, typed || allow_unknown_provider)?)
}

/// Writes the JSON, and tells whether the settings are typed: then an unknown provider is meant.
fn from_parts(
    name: &Bound<'_, PyAny>,
    settings: &Bound<'_, PyAny>,
    status: &Bound<'_, PyAny>,
    json: &mut String,
) -> Result<bool, Unfit> {
    let id = if settings.is_none() { None } else { provider_id(settings) };
    if id.is_none() && !settings.is_none() {
        let message = "must be of a settings class; a plain dict goes with its provider_id, as create({...})";
        return Err(Unfit::new("settings", format!("{message}, and this is {}", type_name(settings))));
    }
    let parts =
        [("name", Some(name)), ("provider_id", id.as_ref()), ("settings", Some(settings)), ("status", Some(status))];
    let given =
        parts.into_iter().filter_map(|(name, part)| part.filter(|part| !part.is_none()).map(|part| (name, part)));
    json::write_members(given, json)?;
    Ok(id.is_some())
}

/// As [`from_parts`], of a typed request or a dict in the wire form, which may hold typed settings.
fn from_whole(request: &Bound<'_, PyAny>, json: &mut String) -> Result<bool, Unfit> {
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
            Err(Unfit::new("settings", message))
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
