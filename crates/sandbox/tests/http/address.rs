//! Invalid addresses: queries, ids and their neighbours.

use crate::Result;
use crate::client::{PATH, ask, request};
use crate::list::{PROVIDERS, get, get_at, names, with};

#[tokio::test(flavor = "multi_thread")]
async fn query_error_names_the_parameter() -> Result {
    let sandbox = with(&["n"]).await?;
    let id = sandbox.integrations()[0].id.clone();
    let refused = |target: &str| get_at(&sandbox, target).refused(400);
    for (query, expected) in [
        ("page=0", "page is invalid: value does not match "),
        ("page=-1", "page is invalid: "),
        ("page=", "page is invalid: "),
        ("page", "page is invalid: "),
        ("page=1,0", "page is invalid: "),
        ("page=1,", "page is invalid: "),
        ("page=1,2,3", "page is invalid: "),
        ("page=1%0A", "page is invalid: "),
        ("page=+1", "page is invalid: "),
        ("page=1e3", "page is invalid: "),
        ("page=99999999999999999999", "page is invalid: "),
        ("page=1,10000", "page is invalid: "),
        ("page=%FF", "page must be UTF-8"),
        ("page=1&page=1", "page must not appear twice"),
        ("page=1&p%61ge=2", "page must not appear twice"),
        ("colour=red", "colour is not a known parameter, expected one of "),
        ("Page=1", "Page is not a known parameter"),
        ("page%20=1", "page  is not a known parameter"),
        ("%FF=1", "the names of parameters must be UTF-8"),
    ] {
        for path in [PATH, PROVIDERS] {
            let message = refused(&format!("{path}?{query}"));
            assert!(message.starts_with(expected), "{query}: {message}");
        }
    }
    for (query, expected) in [
        ("q=", "q must have at least 1 character, it has 0"),
        ("provider_id=", "provider_id must have at least 1 character, it has 0"),
        ("type=", "type must have at least 1 character, it has 0"),
        // The error lists the known names.
        ("sort=colour", r#"sort is invalid: value does not match "^-?(id|company_id|name|"#),
        ("sort=name,-colour", "sort is invalid"),
        ("sort=settings", "sort is invalid"),
        ("sort=--name", "sort is invalid"),
        ("sort=name,", "sort is invalid"),
        ("q_fields=colour", r#"q_fields is invalid: value does not match "^(id|company_id|name|"#),
        ("q_fields=settings", "q_fields is invalid"),
        ("q_fields=-name", "q_fields is invalid"),
        ("page=0&sort=!&colour=red", "colour is not a known parameter"),
    ] {
        let message = refused(&format!("{PATH}?{query}"));
        assert!(message.split("; ").any(|shown| shown.starts_with(expected)), "{query}: {message}");
    }
    for (query, expected) in [
        ("fields=colour", r#"fields is invalid: value does not match "^(id|company_id|name|"#),
        ("fields=", "fields is invalid"),
        ("fields=id%2C", "fields is invalid"),
        ("view=", "view must have at least 1 character, it has 0"),
        ("view=full&view=full", "view must not appear twice"),
    ] {
        for path in [PATH.to_owned(), format!("{PATH}/{id}")] {
            let message = refused(&format!("{path}?{query}"));
            assert!(message.starts_with(expected), "{query}: {message}");
        }
    }
    let message = refused(&format!("{PATH}/{id}?page=1"));
    assert_eq!(message, "page is not a known parameter, expected one of fields, view");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn query_error_has_no_values() -> Result {
    let sandbox = with(&[]).await?;
    for query in ["page=canary", "sort=ca+nary", "fields=canary!", "view=&type=canary", "key=canary"] {
        let message = get(&sandbox, &format!("?{query}")).refused(400);
        assert!(!message.contains("canary"), "{message}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn id_is_refused_when_invalid_and_not_found_when_unknown() -> Result {
    let sandbox = with(&["n"]).await?;
    let id = sandbox.integrations()[0].id.clone();
    // Decoded only once.
    let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
    assert_eq!(get(&sandbox, &format!("/{encoded}")).json()["id"], *id);
    for wrong in [
        ".",
        "..",
        "a%2Fb",
        "%2e%2e",
        "1%0A",
        "%00",
        "1%20",
        "+1",
        "%25",
        &encoded.replace('%', "%25"),
        &"1".repeat(65),
        "1;x",
        "%C3%A9",
    ] {
        let message = get(&sandbox, &format!("/{wrong}")).refused(400);
        assert!(message.starts_with("id is invalid: value does not match "), "{wrong}: {message}");
    }
    assert_eq!(get(&sandbox, "/%FF").refused(400), "id must be UTF-8");
    for unknown in ["1", &format!("0{id}"), "validated", "x-y_Z", "99999999999999999999999", "%76alidate"] {
        assert_eq!(get(&sandbox, &format!("/{unknown}")).refused(404), "there is no integration with this id");
    }
    for nowhere in ["/", &format!("/{id}/"), &format!("/{id}/x"), "//"] {
        assert_eq!(get(&sandbox, nowhere).refused(404), "there is nothing at this address");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn body_is_ignored_when_the_method_is_get() -> Result {
    let sandbox = with(&["n"]).await?;
    let lines = [&format!("GET {PATH} HTTP/1.1"), "Authorization: Bearer any"];
    assert_eq!(names(&ask(&sandbox, request(&lines, "no JSON"))), ["n"]);
    Ok(())
}
