//! The fields of a generated class, and how an object of it is filled from JSON: a third of what it takes in Python.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString};

use crate::secret::Secret;

/// The fields of a class: by their names on the wire the attribute, the type, whether required, and whether a secret.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Fields(Vec<Field>);

struct Field {
    name: Py<PyString>,
    attribute: Py<PyString>,
    kind: ErrorKind,
    required: bool,
    secret: bool,
}

enum ErrorKind {
    Str,
    Int,
    Float,
    Bool,
}

/// A field as Python gives it.
type Row<'py> = (Bound<'py, PyString>, Bound<'py, PyAny>, bool, bool);

#[pymethods]
impl Fields {
    #[new]
    #[pyo3(signature = (table, /))]
    fn new(table: &Bound<'_, PyDict>) -> PyResult<Self> {
        let py = table.py();
        let field = |(name, row): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            let (attribute, kind, required, secret) = row.extract::<Row<'_>>()?;
            let kind = match kind {
                kind if kind.is(py.get_type::<PyInt>()) => ErrorKind::Int,
                kind if kind.is(py.get_type::<PyFloat>()) => ErrorKind::Float,
                kind if kind.is(py.get_type::<PyBool>()) => ErrorKind::Bool,
                _ => ErrorKind::Str,
            };
            let name = name.cast_into::<PyString>()?.unbind();
            Ok(Field { name, attribute: attribute.unbind(), kind, required, secret })
        };
        table.iter().map(field).collect::<PyResult<_>>().map(Self)
    }

    /// Sets each attribute from the value of its name, and returns how many values were as promised.
    ///
    /// Where a value is missing or of another type the attribute is `None`; or, if `strict`, nothing is returned.
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

impl ErrorKind {
    /// Whether a value of JSON is of this type. A whole number is a number too, and a bool is none.
    fn fits(&self, value: &Bound<'_, PyAny>) -> bool {
        match self {
            Self::Str => value.is_exact_instance_of::<PyString>(),
            Self::Int => value.is_exact_instance_of::<PyInt>(),
            Self::Float => value.is_exact_instance_of::<PyFloat>() || value.is_exact_instance_of::<PyInt>(),
            Self::Bool => value.is_exact_instance_of::<PyBool>(),
        }
    }
}

/// Sets an attribute of an object that is frozen for everyone else.
#[allow(unsafe_code)]
fn put(target: &Bound<'_, PyAny>, attribute: &Bound<'_, PyString>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    // SAFETY: all three are living objects, and the GIL is held. This is `object.__setattr__`, which checks the rest.
    let failed = unsafe { pyo3::ffi::PyObject_GenericSetAttr(target.as_ptr(), attribute.as_ptr(), value.as_ptr()) };
    if failed == 0 { Ok(()) } else { Err(PyErr::fetch(target.py())) }
}
