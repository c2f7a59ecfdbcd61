//! The paths of the local routes.

/// Returns whether a request is for the local routes. All others are for the API.
pub fn is_local(method: &str, path: &str) -> bool {
    is_below("/_sandbox", path) || is_page(method, path)
}

/// Returns whether a request is for a page or its files, or for the health, which have no data of requests.
pub fn is_page(method: &str, path: &str) -> bool {
    let is_page =
        || matches!(path, "/" | "/docs" | "/health") || is_below("/docs", path) || is_below("/_sandbox/page", path);
    matches!(method, "GET" | "HEAD") && is_page()
}

fn is_below(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|below| below.starts_with('/'))
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
            ("GET", "/health"),
            ("HEAD", "/health"),
            ("GET", "/docs/a.js"),
            ("POST", "/_sandbox/reset"),
            ("GET", "/_sandbox/"),
            ("GET", "/_sandbox/page/a.js"),
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
            ("POST", "/health"),
            ("GET", "/health/"),
        ] {
            assert!(!is_local(method, path), "{method} {path}");
        }
    }

    #[test]
    fn pages_are_separate_from_the_control() {
        for path in ["/", "/docs", "/health", "/docs/page.js", "/_sandbox/page/app.js"] {
            assert!(is_page("GET", path) && !is_page("POST", path), "{path}");
        }
        for path in ["/_sandbox/journal", "/_sandbox/page", "/_sandbox/pagex/app.js", "/v1/hood/integrations"] {
            assert!(!is_page("GET", path), "{path}");
        }
    }
}
