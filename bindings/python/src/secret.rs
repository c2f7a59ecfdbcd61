//! A string that does not show itself.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// What stands where a secret would be.
const REDACTED: &str = ocamba_hood::REDACTED;

/// A string that shows itself to nobody but the server: not in `repr`, `str`, `format`, a traceback or a pickle.
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

    /// The string itself.
    pub fn expose(&self, py: Python<'_>) -> Py<PyString> {
        self.0.clone_ref(py)
    }

    fn __repr__(&self) -> &'static str {
        REDACTED
    }

    fn __format__(&self, py: Python<'_>, spec: &str) -> PyResult<Py<PyAny>> {
        PyString::new(py, REDACTED).call_method1("__format__", (spec,)).map(Bound::unbind)
    }

    fn __eq__(&self, other: &Self, py: Python<'_>) -> PyResult<bool> {
        self.0.bind(py).as_any().eq(other.0.bind(py))
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.0.bind(py).hash()
    }

    fn __copy__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __deepcopy__(this: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        this
    }

    fn __reduce_ex__(&self, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyTypeError::new_err("a Secret is not pickled, since the pickle would show it; pickle secret.expose()"))
    }
}

impl Secret {
    /// The secret that an object is, or can be.
    pub fn of(object: &Bound<'_, PyAny>) -> Option<Self> {
        match object.cast::<Secret>() {
            Ok(secret) => Some(Self(secret.get().0.clone_ref(object.py()))),
            Err(_) => object.cast::<PyString>().ok().map(|text| Self(text.clone().unbind())),
        }
    }

    /// The string itself, or nothing where it is not Unicode.
    pub fn text<'py>(&'py self, py: Python<'py>) -> Option<&'py str> {
        self.0.bind(py).to_str().ok()
    }
}

/// The `Secret` that a value is or can be, `None` for `None`, and else the value's type, for the error to name.
///
/// Never raises, so that a caller can put it in the value's place before anything else can.
#[pyfunction]
#[pyo3(signature = (value, /))]
pub fn hide(value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    match Secret::of(value) {
        _ if value.is_none() => Ok(value.clone().unbind()),
        Some(secret) => Ok(Py::new(value.py(), secret)?.into_any()),
        None => Ok(value.get_type().into_any().unbind()),
    }
}

/// The name of an object's type, for people.
pub fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "an unknown type".to_owned(), |name| name.to_string())
}
