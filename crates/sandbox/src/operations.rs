//! Which operation a method and a path are.

use crate::document::Document;

/// The operations of the document.
pub struct Operations(Vec<(String, Target)>);

/// A method and a path, in which `{parameters}` stand for any one segment.
#[derive(Clone)]
pub struct Target {
    method: String,
    path: String,
}

impl Operations {
    pub fn new(document: &Document) -> Self {
        let named = |(id, method, path): (&str, &str, &str)| {
            (id.to_owned(), Target { method: method.to_ascii_uppercase(), path: path.to_owned() })
        };
        Self(document.operations().map(named).collect())
    }

    /// The `operationId`.
    pub fn id_of(&self, method: &str, path: &str) -> Option<&str> {
        self.0.iter().find(|(_, target)| target.is(method, path)).map(|(id, _)| id.as_str())
    }

    /// From an `operationId`, or a method and a path with a space between.
    pub fn target(&self, text: &str) -> Result<Target, String> {
        match text.split_once(' ') {
            Some((method, path)) if path.starts_with('/') => Ok(Target { method: method.into(), path: path.into() }),
            _ => self.0.iter().find(|(id, _)| id == text).map(|(_, target)| target.clone()).ok_or_else(|| {
                let ids: Vec<_> = self.0.iter().map(|(id, _)| id.as_str()).collect();
                format!("{text} does not exist; give a method and a path, or one of {}", ids.join(", "))
            }),
        }
    }
}

impl Target {
    pub fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && fits(&self.path, path)
    }
}

fn fits(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let fits_next = |expected: &str| {
        let is_parameter = expected.starts_with('{') && expected.ends_with('}');
        segments.next().is_some_and(|it| it == expected || is_parameter && !it.is_empty())
    };
    template.split('/').all(fits_next) && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stands_for_one_segment() {
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
}
