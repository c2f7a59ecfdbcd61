//! The operations, found by method and path.

use axum::http::header::ALLOW;
use axum::http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::contract::document::{self, Document, InvalidDocument};
use crate::contract::error_response::ErrorResponse;
use crate::contract::parameters::Values;
use crate::contract::schema::Schema;
use crate::contract::unknowns::{Assumptions, ProviderFilter, UnknownParameters};
use crate::contract::violations;

/// The operations of the document.
pub struct Operations(Vec<Operation>);

/// An operation that can check requests.
pub struct Operation {
    /// The `operationId`.
    pub id: String,
    target: Target,
    /// The schemas of the parameters in the path and in the query, if there are any.
    path: Option<Schema>,
    query: Option<Schema>,
    /// The schema of the body, if it takes one.
    pub body: Option<Schema>,
}

/// A method and a path template, in which a `{parameter}` matches any one segment.
#[derive(Clone)]
pub struct Target {
    method: String,
    path: String,
}

impl Operations {
    pub fn new(document: &Document, assumed: &Assumptions) -> Result<Self, InvalidDocument> {
        let compile = |it: document::Operation<'_>| {
            let parameters = |place| {
                let schema = it.parameters(place).map(|mut schema| {
                    schema[violations::MEMBERS] = "parameter".into();
                    if assumed.provider_filter == ProviderFilter::Refused {
                        schema["properties"].as_object_mut().map(|it| it.shift_remove("provider_id"));
                    }
                    if place == "query" && assumed.unknown_parameters == UnknownParameters::Ignored {
                        schema["additionalProperties"] = true.into();
                    }
                    document.schema(&schema)
                });
                schema.transpose()
            };
            Ok(Operation {
                id: it.id.to_owned(),
                target: Target { method: it.method.to_ascii_uppercase(), path: it.path.to_owned() },
                path: parameters("path")?,
                query: parameters("query")?,
                body: it.body().map(|schema| document.schema(schema)).transpose()?,
            })
        };
        document.operations().map(compile).collect::<Result<_, _>>().map(Self)
    }

    /// Returns the `operationId`.
    pub fn id_of(&self, method: &str, path: &str) -> Option<&str> {
        self.find(method, path).ok().map(|operation| operation.id.as_str())
    }

    /// Returns the id of each operation.
    pub fn ids(&self) -> Vec<&str> {
        self.0.iter().map(|it| it.id.as_str()).collect()
    }

    pub fn find(&self, method: &str, path: &str) -> Result<&Operation, ErrorResponse> {
        // A literal path of the document goes before one with a parameter.
        let templates = self.0.iter().map(|it| it.target.path.as_str()).filter(|template| fits(template, path));
        let Some(template) = templates.min_by_key(|template| template.matches('{').count()) else {
            return Err(ErrorResponse::not_found("there is nothing at this address"));
        };
        let here = || self.0.iter().filter(|it| it.target.path == template);
        here().find(|it| it.target.method == method).ok_or_else(|| {
            let methods: Vec<_> = here().map(|it| it.target.method.as_str()).collect();
            let error = ErrorResponse::new(StatusCode::METHOD_NOT_ALLOWED, "the address does not take this method");
            match HeaderValue::from_str(&methods.join(", ")) {
                Ok(methods) => error.with_header(ALLOW, methods),
                Err(_) => error,
            }
        })
    }

    /// Parses an `operationId`, or a method and a path separated by a space.
    pub fn target(&self, text: &str) -> Result<Target, String> {
        match text.split_once(' ') {
            Some((method, path)) if path.starts_with('/') => Ok(Target { method: method.into(), path: path.into() }),
            _ => self.0.iter().find(|it| it.id == text).map(|it| it.target.clone()).ok_or_else(|| {
                let ids: Vec<_> = self.0.iter().map(|it| it.id.as_str()).collect();
                format!("{text} does not exist; give a method and a path, or one of {}", ids.join(", "))
            }),
        }
    }
}

impl Operation {
    /// Reads the parameters in this path, which must be one of its own.
    pub fn path_values(&self, path: &str) -> Result<Values, ErrorResponse> {
        let pairs = self.target.path.split('/').zip(path.split('/'));
        let found = pairs.filter_map(|(template, value)| Some((parameter(template)?, value)));
        Values::of_path(found, self.path.as_ref())
    }

    /// Reads a query. An operation without query parameters ignores it.
    pub fn query_values(&self, query: Option<&str>) -> Result<Values, ErrorResponse> {
        self.query.as_ref().map_or_else(|| Ok(Values::default()), |schema| Values::of_query(query, schema))
    }
}

impl Target {
    pub fn matches(&self, method: &str, path: &str) -> bool {
        self.method == method && fits(&self.path, path)
    }
}

/// Returns the schema of a test notification for a new integration, which has no id.
pub fn new_integration_to_test(document: &Document) -> Result<Schema, InvalidDocument> {
    let new = document.operation("createIntegration")?.body().cloned().unwrap_or_default();
    document.schema(&json!({ "properties": { "integration": new } }))
}

fn fits(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let fits_next = |expected: &str| {
        segments.next().is_some_and(|it| it == expected || parameter(expected).is_some() && !it.is_empty())
    };
    template.split('/').all(fits_next) && segments.next().is_none()
}

/// Returns the name of a parameter in a segment of a template.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn parameter_matches_one_segment() {
        for (template, path, expected) in [
            ("/a", "/a", true),
            ("/a", "/a/", false),
            ("/a/{id}", "/a/7", true),
            ("/a/{id}", "/a/", false),
            ("/a/{id}", "/a", false),
            ("/a/{id}", "/a/7/b", false),
            ("/a/{id}/b", "/a/7/b", true),
        ] {
            assert_eq!(fits(template, path), expected, "{template} {path}");
        }
    }

    #[test]
    fn literal_path_goes_before_one_with_a_parameter() {
        let operations = Operations::new(&Document::bundled().unwrap(), &Assumptions::default()).unwrap();
        let id = |method: &str, path: &str| operations.id_of(method, &format!("/v1/hood/integrations{path}"));
        assert_eq!(id("POST", "/validate"), Some("validateIntegration"));
        assert_eq!(id("GET", "/validated"), Some("getIntegration"));
        for method in ["GET", "PATCH"] {
            assert_eq!(id(method, "/validate"), None, "{method}");
        }
        assert_eq!(id("POST", "/7"), None);
    }
}
