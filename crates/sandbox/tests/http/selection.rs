//! Which requests have a fault, and how faults are set.

use std::collections::BTreeSet;

use ocamba_sandbox::Sandbox;
use ocamba_sandbox::faults::Faults;
use serde_json::{Value, json};

use crate::Result;
use crate::client::{Connection, ask, control, create, named, request, right};
use crate::faults::{with, with_rules};

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_the_same_when_seed_and_requests_are() -> Result {
    let rules = json!([
        { "probability": 0.3, "fault": { "answer": { "status": 503 } } },
        { "probability": 0.2, "fault": { "close": { "at": "arrival" } } },
        { "name_prefix": "n1", "probability": 0.5, "fault": { "close": { "at": "commit" } } },
        { "probability": 0.2, "fault": { "reset": { "at": { "answer": 30 } } } },
    ]);
    let run = |seed: u64| {
        let rules = rules.clone();
        async move {
            let faults: Faults = json!({ "seed": seed, "faults": rules }).to_string().parse()?;
            let sandbox = Sandbox::builder().no_limits().faults(faults).start().await?;
            for n in 0..60 {
                let lines = ["POST /v1/hood/integrations HTTP/1.1", "Authorization: Bearer any", "Connection: close"];
                let lines = [lines.as_slice(), &["Content-Type: application/json"]].concat();
                let mut client = Connection::open(&sandbox);
                client.send(request(&lines, named(&format!("n{n}"))));
                client.rest();
            }
            let seen = sandbox.journal().into_iter().map(|it| (it.name, it.status, it.fault, it.committed));
            let seen: Vec<_> = seen.collect();
            let committed = seen.iter().filter(|it| it.3).count();
            assert_eq!((seen.len(), committed), (60, sandbox.integrations().len()));
            Result::Ok(seen)
        }
    };
    let first = run(1).await?;
    assert_eq!(first, run(1).await?);
    assert_ne!(first, run(2).await?);
    let kinds: BTreeSet<_> = first.iter().map(|it| it.2).collect();
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_apply_to_matching_requests() -> Result {
    let sandbox = with_rules(json!([
        { "operation": "createIntegration", "name": "one", "fault": { "answer": { "status": 501 } } },
        { "operation": "createIntegration", "name_prefix": "tw", "fault": { "answer": { "status": 502 } } },
        { "operation": "GET /v1/hood/integrations", "fault": { "answer": { "status": 503 } } },
        { "operation": "GET /v1/hood/integrations/{id}", "fault": { "answer": { "status": 504 } } },
    ]))
    .await?;
    let status = |body: &str| ask(&sandbox, create(named(body))).status;
    assert_eq!(["one", "two", "ones", "three"].map(status), [501, 502, 201, 201]);
    let get = |path: &str| {
        let head = format!("GET /v1/hood/integrations{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer any");
        ask(&sandbox, format!("{head}\r\n\r\n")).status
    };
    assert_eq!(["", "?q=x", "/7", "/7?q=x", "/7/8"].map(get), [503, 503, 504, 504, 404]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_can_be_replaced_added_cleared_and_read() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    let fault =
        |status: u16, times: u64| json!({ "times": times, "fault": { "answer": { "status": status, "at": "read" } } });
    let file = |faults: Value| json!({ "seed": 0, "faults": faults });
    let call = |method: &str, faults: Value| control(&sandbox, method, "faults", &file(faults).to_string()).status;
    let left = || control(&sandbox, "GET", "faults", "").json();
    let status = || ask(&sandbox, create(right())).status;

    assert_eq!((call("PUT", json!([fault(501, 2)])), left()), (204, file(json!([fault(501, 2)]))));
    assert_eq!((call("POST", json!([fault(502, 1)])), status()), (204, 501));
    assert_eq!(left(), file(json!([fault(501, 1), fault(502, 1)])));
    assert_eq!([status(), status(), status()], [501, 502, 201]);
    assert_eq!(left(), file(json!([])));
    assert_eq!([call("PUT", json!([fault(501, 9)])), call("PUT", json!([fault(502, 9)])), status()], [204, 204, 502]);
    assert_eq!((control(&sandbox, "DELETE", "faults", "").status, status()), (204, 201));
    sandbox.set_faults(&file(json!([fault(503, 1)])).to_string().parse()?)?;
    assert_eq!((status(), sandbox.faults().faults.len()), (503, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_refused_and_change_nothing_when_invalid() -> Result {
    let sandbox = with(json!({ "answer": { "status": 418 } })).await?;
    for (wrong, expected) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{\"faults\": [\n{\"fault\": {\"eat\": 1}}]}", "unknown variant `eat`"),
        (r#"{"faults":[{"operation":"eat","fault":{"hang":{}}}]}"#, "faults[0].operation eat does not exist"),
        (r#"{"faults":[{"times":0,"fault":{"hang":{}}}]}"#, "faults[0].times must be at least 1"),
    ] {
        for method in ["PUT", "POST"] {
            let message = control(&sandbox, method, "faults", wrong).refused(400);
            assert!(message.starts_with(expected), "{message}");
        }
    }
    assert_eq!(ask(&sandbox, create(right())).status, 418);
    let wrong: Faults = r#"{"faults":[{"operation":"eat","fault":{"hang":{}}}]}"#.parse()?;
    assert!(sandbox.set_faults(&wrong).is_err());
    let error = Sandbox::builder().faults(wrong).start().await.unwrap_err();
    assert!(error.to_string().starts_with("faults[0].operation eat"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn file_is_named_when_missing() -> Result {
    let error = Faults::from_file("no/such/faults.json".as_ref()).unwrap_err();
    assert!(error.to_string().starts_with("no/such/faults.json: "), "{error}");
    Ok(())
}
