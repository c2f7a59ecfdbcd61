//! Creates, valid and invalid.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpStream};

use ocamba_sandbox::Sandbox;
use serde_json::json;

use crate::Result;
use crate::client::{Connection, PATH, ask, create, eventually, examples, request, right};

async fn unlimited() -> Result<Sandbox> {
    Ok(Sandbox::builder().no_limits().start().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn create_responds_as_the_examples_show() -> Result {
    let sandbox = unlimited().await?;
    let mut connection = Connection::open(&sandbox);
    let first: u64 = examples()[0].1["id"].as_str().unwrap().parse()?;
    for (id, (request, mut expected)) in (first..).zip(examples()) {
        let response = connection.send(create(request.to_string())).receive();
        assert_eq!(response.status, 201);
        expected["id"] = json!(id.to_string());
        // As text, so that the order of the fields counts.
        assert_eq!(response.json().to_string(), expected.to_string());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn status_is_echoed_and_active_when_left_out() -> Result {
    let sandbox = unlimited().await?;
    let (mut body, _) = examples().remove(0);
    body["status"] = json!("asleep");
    assert_eq!(ask(&sandbox, create(body.to_string())).json()["status"], "asleep");
    body.as_object_mut().unwrap().shift_remove("status");
    assert_eq!(ask(&sandbox, create(body.to_string())).json()["status"], "active");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn create_names_the_fields_and_takes_no_id_when_invalid() -> Result {
    let sandbox = unlimited().await?;
    for (mut body, _) in examples() {
        body["name"] = json!("");
        body["settings"]["keyy"] = json!("x");
        let message = ask(&sandbox, create(body.to_string())).refused(400);
        assert!(message.starts_with("name must have 1 to 100 characters, it has 0; settings.keyy is not"), "{message}");
    }
    assert_eq!(ask(&sandbox, create(right())).json()["id"], examples()[0].1["id"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn request_is_refused_without_the_token() -> Result {
    let first = format!("POST {PATH} HTTP/1.1");
    let json = "Content-Type: application/json";
    let with = |line: &str| request(&[&first, json, line], right());

    let any = unlimited().await?;
    let one = Sandbox::builder().no_limits().token("secret").start().await?;
    for sandbox in [&any, &one] {
        let missing = ask(sandbox, request(&[&first, json], right()));
        assert!(missing.refused(401).contains("Authorization is missing"));
        assert_eq!(missing.header("www-authenticate"), Some("Bearer"));
        for line in ["Basic c2VjcmV0", "Bearer", "Bearer ", "secret", "", "Bearer\tsecret"] {
            let message = ask(sandbox, with(&format!("Authorization: {line}"))).refused(401);
            assert_eq!(message, "the header Authorization must be Bearer and a token", "{line:?}");
        }
        let start = format!("{first}\r\nHost: localhost\r\nAuthorization: Bearer ");
        let head = [start.as_bytes(), b"\xff\xfe\r\n\r\n"].concat();
        ask(sandbox, head).refused(401);
        // The token is checked first, so that nothing else is disclosed without it.
        ask(sandbox, "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n").refused(401);
    }
    assert_eq!(ask(&any, with("Authorization: Bearer whatever")).status, 201);
    for line in ["Bearer secret", "bearer secret", "BEARER  secret"] {
        assert_eq!(ask(&one, with(&format!("Authorization: {line}"))).status, 201, "{line}");
    }
    for line in ["Bearer wrong", "Bearer secre", "Bearer secrets", "Bearer SECRET"] {
        let message = ask(&one, with(&format!("Authorization: {line}"))).refused(401);
        assert_eq!(message, "the token is not valid");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_addresses_and_methods_are_refused() -> Result {
    let sandbox = unlimited().await?;
    let to = |line: &str| ask(&sandbox, request(&[line, "Authorization: Bearer any"], ""));
    for path in
        ["/", "/v1", "/v1/hood/integrations/", "/v1/hood/Integrations", "//v1/hood/integrations", "/%ff", "/%00"]
    {
        to(&format!("POST {path} HTTP/1.1")).refused(404);
    }
    for (path, allowed) in
        [("", "POST, GET"), ("/validate", "POST"), ("/7", "GET, PATCH"), ("/no%2Fsuch", "GET, PATCH")]
    {
        for method in ["GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"] {
            if !allowed.contains(method) {
                let response = to(&format!("{method} {PATH}{path} HTTP/1.1"));
                response.refused(405);
                assert_eq!(response.header("allow"), Some(allowed), "{method} {path}");
            }
        }
        // Its response has no body.
        let head = format!("HEAD {PATH}{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer any");
        let mut connection = Connection::open(&sandbox);
        connection.send(head + "\r\nConnection: close\r\n\r\n");
        let response = String::from_utf8(connection.rest().0)?;
        assert!(response.starts_with("HTTP/1.1 405 "), "{response}");
        assert!(response.contains(&format!("allow: {allowed}\r\n")), "{response}");
    }
    // A query has no effect.
    let lines = [&format!("POST {PATH}?a=b HTTP/1.1"), "Authorization: Bearer any", "Content-Type: application/json"];
    assert_eq!(ask(&sandbox, request(&lines, right())).status, 201);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn body_is_refused_when_of_another_type() -> Result {
    let sandbox = unlimited().await?;
    let with = |line: &str| {
        ask(&sandbox, request(&[&format!("POST {PATH} HTTP/1.1"), "Authorization: Bearer any", line], right()))
    };
    for line in ["X: no type", "Content-Type: text/plain", "Content-Type:", "Content-Type: application/xml"] {
        assert_eq!(with(line).refused(415), "the Content-Type must be application/json", "{line}");
    }
    assert_eq!(with("Content-Type: Application/Json; charset=UTF-8").status, 201);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn body_is_refused_when_not_json() -> Result {
    let sandbox = unlimited().await?;
    let send = |body: &[u8]| ask(&sandbox, create(body)).refused(400);
    let deep = "[".repeat(100_000);
    let wrong: [&[u8]; 11] = [
        b"",
        b" ",
        b"{",
        b"{\"name\": }",
        b"{\"name\":\"\xff\xfe\"}",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"{\"name\":\"\\ud800\"}",
        b"{} {}",
        b"1e999",
        deep.as_bytes(),
    ];
    for body in wrong {
        let message = send(body);
        assert!(message.starts_with("the body is not valid JSON: "), "{message}");
        assert!(message.contains(" at line 1 column "), "{message}");
    }
    // Deep, but below the maximum depth.
    let fitting = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(send(fitting.as_bytes()), "the body must be an object, not an array");
    for (scalar, kind) in [("1", "a number"), ("\"x\"", "a string"), ("null", "null"), ("true", "a boolean")] {
        assert_eq!(send(scalar.as_bytes()), format!("the body must be an object, not {kind}"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn body_is_refused_when_too_large() -> Result {
    let size = right().len();
    let sandbox = Sandbox::builder().no_limits().max_body_bytes(size).start().await?;
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer any\r\nContent-Type: application/json\r\n"
    );
    let expected = format!("the body must have at most {size} bytes");

    assert_eq!(ask(&sandbox, create(right())).status, 201);
    assert_eq!(ask(&sandbox, create(format!("{} ", right()))).refused(413), expected);
    // A declared size is refused before the body is sent.
    let declared = format!("{head}Content-Length: 9999999999999\r\n\r\n");
    assert_eq!(ask(&sandbox, declared).refused(413), expected);
    // The size of chunks is unknown before they are read. This body never ends.
    let chunked = |body: &str| format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len());
    assert_eq!(ask(&sandbox, chunked(&right()) + "0\r\n\r\n").status, 201);
    assert_eq!(ask(&sandbox, chunked(&" ".repeat(size + 1))).refused(413), expected);
    // A client that sends all before it reads still gets its response.
    assert_eq!(ask(&sandbox, create(" ".repeat(8 << 20))).refused(413), expected);
    assert_eq!(ask(&sandbox, chunked(&" ".repeat(8 << 20))).refused(413), expected);
    // Invalid chunks.
    ask(&sandbox, format!("{head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n")).refused(400);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_distinct_when_many_create_at_once() -> Result {
    let sandbox = unlimited().await?;
    let ids: BTreeSet<u64> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..100).map(|_| scope.spawn(|| ask(&sandbox, create(right())))).collect();
        all.into_iter().map(|one| one.join().unwrap().json()["id"].as_str().unwrap().parse().unwrap()).collect()
    });
    let first: u64 = examples()[0].1["id"].as_str().unwrap().parse()?;
    assert_eq!(ids, (first..first + 100).collect());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn trace_ids_differ() -> Result {
    let sandbox = unlimited().await?;
    let trace_id = || ask(&sandbox, create("{}")).json()["trace_id"].clone();
    assert_ne!(trace_id(), trace_id());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn drop_closes_the_connections_and_frees_the_port() -> Result {
    let sandbox = unlimited().await?;
    let address = sandbox.address();
    let mut idle = Connection::open(&sandbox);
    assert_eq!(idle.send(create(right())).receive().status, 201);
    let mut busy = Connection::open(&sandbox);
    busy.send(create(right()).split_last().unwrap().1);
    drop(sandbox);
    assert!(idle.ended() && busy.ended());
    eventually(|| TcpStream::connect(address).is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn start_error_names_the_address_when_in_use() -> Result {
    let sandbox = unlimited().await?;
    let error = Sandbox::builder().listen(sandbox.address()).start().await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot listen on {}: ", sandbox.address())), "{error}");
    assert_eq!(sandbox.base_url(), format!("http://{}", sandbox.address()));
    let everywhere = Sandbox::builder().listen(SocketAddr::from(([0, 0, 0, 0], 0))).token("any").start().await?;
    assert_eq!(everywhere.base_url(), format!("http://127.0.0.1:{}", everywhere.address().port()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_integrations_are_named_when_texts_are_too_large() -> Result {
    let sandbox = unlimited().await?;
    let (mut body, _) = examples().remove(0);
    let settings = body["settings"].as_object_mut().unwrap();
    *settings.values_mut().find(|value| value.is_string()).unwrap() = "x".repeat(1_000_000).into();
    let statuses: BTreeSet<u16> = (0..40).map(|_| ask(&sandbox, create(body.to_string())).status).collect();
    assert_eq!(statuses, [201].into());
    let dropped: u64 = sandbox.journal().iter().map(|entry| entry.dropped).sum();
    assert!(dropped > 0);
    assert_eq!(sandbox.integrations().len() as u64, 40 - dropped);
    let first = sandbox.journal()[0].integration_id.clone().unwrap();
    let get = request(&[&format!("GET {PATH}/{first} HTTP/1.1"), "Authorization: Bearer any"], "");
    let message = ask(&sandbox, get).refused(404);
    assert!(message.contains("has dropped this integration") && message.contains("32 MiB"), "{message}");
    Ok(())
}
