//! The paths of the local routes.

/// Returns whether a request is for the local routes. All others are for the API.
pub fn is_local(method: &str, path: &str) -> bool {
    let is_below = |folder: &str| path.strip_prefix(folder).is_some_and(|below| below.starts_with('/'));
    let is_page = || path == "/" || path == "/docs" || is_below("/docs");
    is_below("/_sandbox") || matches!(method, "GET" | "HEAD") && is_page()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_paths_are_separate_from_the_api() {
        for (method, path) in [
            ("GET", "/"),
            ("HEAD", "/"),
            ("GET", "/docs"),
            ("GET", "/docs/"),
            ("GET", "/docs/a.js"),
            ("POST", "/_sandbox/reset"),
            ("GET", "/_sandbox/"),
        ] {
            assert!(is_local(method, path), "{method} {path}");
        }
        for (method, path) in [
            ("POST", "/"),
            ("GET", ""),
            ("GET", "/v1/hood/integrations"),
            ("GET", "/docsx"),
            ("POST", "/docs"),
            ("GET", "/_sandbox"),
        ] {
            assert!(!is_local(method, path), "{method} {path}");
        }
    }
}
