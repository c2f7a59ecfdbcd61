//! Strings that are never shown.

use ocamba_hood::REDACTED;
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

/// A string that only the server sees. It is hidden in `repr`, `str`, `format` and tracebacks, and cannot be pickled::
///
///     >>> token = Secret("464XXX")
///     >>> token
///     [REDACTED]
///     >>> token.expose()
///     '464XXX'
#[pyclass(frozen, module = "ocamba_hood")]
pub struct Secret(Py<PyString>);

#[pymethods]
impl Secret {
    #[new]
    #[pyo3(signature = (secret, /))]
    fn new(secret: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::of(secret).ok_or_else(|| PyTypeError::new_err(format!("a secret must be str, not {}", type_name(secret))))
    }

    /// Returns the string.
    pub fn expose(&self, py: Python<'_>) -> Py<PyString> {
        self.0.clone_ref(py)
    }

    fn __repr__(&self) -> &'static str {
        REDACTED
    }

    fn __format__(&self, py: Python<'_>, spec: &str) -> PyResult<Py<PyAny>> {
        PyString::new(py, REDACTED).call_method1("__format__", (spec,)).map(Bound::unbind)
    }

    /// Compares in a time that depends only on the lengths.
    fn __eq__(&self, other: &Self, py: Python<'_>) -> PyResult<bool> {
        match (self.text(py), other.text(py)) {
            (Some(one), Some(other)) => Ok(ocamba_hood::Secret::new(one) == ocamba_hood::Secret::new(other)),
            // Texts that are not valid Unicode are never sent.
            _ => self.0.bind(py).as_any().eq(other.0.bind(py)),
        }
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.0.bind(py).hash()
    }

    /// How pydantic validates and serializes a field of this type.
    #[classmethod]
    fn __get_pydantic_core_schema__<'py>(
        cls: &Bound<'py, PyType>,
        _source: &Bound<'py, PyAny>,
        handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        core_schema(cls, handler)
    }

    /// How pydantic serializes an object where no schema has its type.
    #[getter]
    fn __pydantic_serializer__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        serializer(this)
    }

    fn __copy__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __deepcopy__(this: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        this
    }

    fn __reduce_ex__(&self, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "a Secret cannot be pickled, because the pickle would expose it; pickle secret.expose() if you mean to",
        ))
    }
}

impl Secret {
    /// The secret of an object that is a secret, a string, or one of pydantic's `SecretStr`.
    pub fn of(object: &Bound<'_, PyAny>) -> Option<Self> {
        if let Ok(secret) = object.cast::<Secret>() {
            return Some(Self(secret.get().0.clone_ref(object.py())));
        }
        if let Ok(text) = object.cast::<PyString>() {
            return Some(Self(text.clone().unbind()));
        }
        let text = object.call_method0(intern!(object.py(), "get_secret_value")).ok()?;
        text.cast_into::<PyString>().ok().map(|text| Self(text.unbind()))
    }

    /// The string, or `None` if it is not valid Unicode.
    pub fn text<'py>(&'py self, py: Python<'py>) -> Option<&'py str> {
        self.0.bind(py).to_str().ok()
    }
}

/// The schema of a class for pydantic, which calls this only where a user has it.
pub fn core_schema<'py>(class: &Bound<'py, PyType>, handler: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    class.py().import("ocamba_hood._pydantic")?.call_method1("schema_of", (class, class, handler))
}

/// The serializer of an object's class for pydantic, which asks for this only where it is imported.
pub fn serializer<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    if !py.import("sys")?.getattr("modules")?.contains("pydantic")? {
        return Err(PyAttributeError::new_err("__pydantic_serializer__"));
    }
    py.import("ocamba_hood._pydantic")?.call_method1("serializer_of", (object.get_type(),))
}

/// Returns a `Secret` for a secret, a string or a `SecretStr`, `None` for `None`, and the type of any other value, for an error to name.
///
/// Never raises, so that a caller can replace a value before any traceback could show it. A type is returned unchanged: it may
/// be a result of this function.
#[pyfunction]
#[pyo3(signature = (value, /))]
pub fn hide(value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    match Secret::of(value) {
        _ if value.is_none() || value.is_instance_of::<PyType>() => Ok(value.clone().unbind()),
        Some(secret) => Ok(Py::new(value.py(), secret)?.into_any()),
        None => Ok(value.get_type().into_any().unbind()),
    }
}

/// The name of an object's type, for messages.
pub fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "an unknown type".to_owned(), |name| name.to_string())
}
