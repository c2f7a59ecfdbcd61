//! TLS: certificates, the local routes, and the faults.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use ocamba_sandbox::Sandbox;
use ocamba_sandbox::faults::Faults;
use serde_json::{Value, json};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, HandshakeKind, ProtocolVersion, RootCertStore, StreamOwned,
};

use crate::Result;
use crate::client::{PATIENCE, ask, control, create, request, right};

/// How a connection ended for its client.
#[derive(Debug, PartialEq)]
enum End {
    /// By `close_notify`.
    InOrder,
    /// Without it.
    Cut,
    Reset,
    Alert(AlertDescription),
    /// Refused by the client.
    Invalid(Error),
    /// By the time limit of the test's client.
    Open,
}

impl From<std::io::Error> for End {
    fn from(error: std::io::Error) -> Self {
        match (error.kind(), error.get_ref().and_then(|cause| cause.downcast_ref::<Error>())) {
            (_, Some(Error::AlertReceived(alert))) => Self::Alert(*alert),
            (_, Some(error)) => Self::Invalid(error.clone()),
            (ErrorKind::UnexpectedEof, _) => Self::Cut,
            (ErrorKind::WouldBlock | ErrorKind::TimedOut, _) => Self::Open,
            (ErrorKind::ConnectionReset, _) => Self::Reset,
            (kind, _) => panic!("{kind}: {error}"),
        }
    }
}

async fn with(faults: Value) -> Result<Sandbox> {
    Ok(Sandbox::builder().no_limits().tls(true).faults(rules(faults)).start().await?)
}

fn rules(faults: Value) -> Faults {
    serde_json::from_value(json!({ "faults": faults })).unwrap()
}

fn config(sandbox: &Sandbox) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(sandbox.ca_certificate().unwrap().as_bytes()).unwrap()).unwrap();
    ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

type Connection = StreamOwned<ClientConnection, TcpStream>;

fn connect(sandbox: &Sandbox, config: &Arc<ClientConfig>, name: &'static str) -> Connection {
    let tcp = TcpStream::connect(sandbox.address()).unwrap();
    // Reached only when a test fails.
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    StreamOwned::new(ClientConnection::new(config.clone(), ServerName::try_from(name).unwrap()).unwrap(), tcp)
}

/// Sends bytes, and returns all that was received until the end.
fn exchange(connection: &mut Connection, bytes: &[u8]) -> (Vec<u8>, End) {
    let mut received = Vec::new();
    let end = connection.write_all(bytes).and_then(|()| connection.read_to_end(&mut received));
    // An alert in the same read hides what came before it.
    let _ = connection.conn.reader().read_to_end(&mut received);
    (received, end.map_or_else(End::from, |_| End::InOrder))
}

fn last_create() -> Vec<u8> {
    const HEAD: [&str; 3] =
        ["POST /v1/hood/integrations HTTP/1.1", "Authorization: Bearer any", "Content-Type: application/json"];
    request(&[HEAD[0], HEAD[1], HEAD[2], "Connection: close"], right())
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_come_over_tls() -> Result {
    let sandbox = with(json!([])).await?;
    assert_eq!(sandbox.base_url(), format!("https://{}", sandbox.address()));
    let config = Arc::new(config(&sandbox));
    // Every name that a client calls it by, as that of a container.
    for name in ["localhost", "127.0.0.1", "::1", "sandbox.internal"] {
        sandbox.reset();
        let (received, end) = exchange(&mut connect(&sandbox, &config, name), &last_create());
        assert!(received.starts_with(b"HTTP/1.1 201"), "{name}: {}", String::from_utf8_lossy(&received));
        assert_eq!(end, End::InOrder);
        assert_eq!((sandbox.journal().len(), sandbox.arrivals().len()), (1, 1));
    }
    let local = b"GET /_sandbox/journal HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let (received, _) = exchange(&mut connect(&sandbox, &config, "localhost"), local);
    assert!(String::from_utf8(received)?.contains("\"committed\":true"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_local_routes_are_plain() -> Result {
    let sandbox = with(json!([])).await?;
    assert_eq!(ask(&sandbox, create(right())).refused(400), "the request is in plain HTTP; this server requires https");
    assert_eq!(sandbox.journal().len(), 0);
    let certificate = control(&sandbox, "GET", "ca_certificate", "");
    assert_eq!(Some(String::from_utf8(certificate.body)?), sandbox.ca_certificate());
    assert_eq!(control(&sandbox, "GET", "journal", "").json(), json!([]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_sandbox_has_no_certificate_and_no_tls_fault() -> Result {
    let sandbox = Sandbox::start().await?;
    assert_eq!(sandbox.ca_certificate(), None);
    assert_eq!(control(&sandbox, "GET", "ca_certificate", "").status, 404);
    let error = sandbox.set_faults(&rules(json!([{ "fault": { "tls": "hang" } }]))).unwrap_err();
    assert_eq!(error.to_string(), "faults[0].fault.tls requires a sandbox that speaks TLS");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn handshake_fails_as_asked() -> Result {
    let sandbox = with(json!([])).await?;
    for (fault, expected) in [
        ("alert_on_hello", "Alert(HandshakeFailure)"),
        ("alert_on_finished", "Alert(BadRecordMac)"),
        ("expired_certificate", "Invalid(InvalidCertificate(ExpiredContext"),
        ("other_host", "Invalid(InvalidCertificate(NotValidForNameContext"),
        ("unknown_authority", "Invalid(InvalidCertificate(UnknownIssuer))"),
    ] {
        sandbox.set_faults(&rules(json!([{ "skip": 1, "times": 1, "fault": { "tls": fault } }])))?;
        for expected in ["InOrder", expected, "InOrder"] {
            // A new client, since a session that is resumed has no certificate.
            let (received, end) =
                exchange(&mut connect(&sandbox, &Arc::new(config(&sandbox)), "localhost"), &last_create());
            assert_eq!(received.is_empty(), expected != "InOrder", "{fault}");
            assert!(format!("{end:?}").starts_with(expected), "{fault}: {end:?}");
        }
    }
    assert!(sandbox.journal().iter().all(|entry| entry.status == Some(201)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn handshake_hangs_until_the_client_leaves() -> Result {
    let sandbox = with(json!([{ "fault": { "tls": "hang" } }])).await?;
    let mut connection = connect(&sandbox, &Arc::new(config(&sandbox)), "localhost");
    connection.sock.set_read_timeout(Some(Duration::from_millis(50)))?;
    assert_eq!(exchange(&mut connection, &last_create()), (vec![], End::Open));
    // The control is plain, so a fault of TLS cannot lock it out.
    assert_eq!(control(&sandbox, "DELETE", "faults", "").status, 204);
    let (received, _) = exchange(&mut connect(&sandbox, &Arc::new(config(&sandbox)), "localhost"), &last_create());
    assert!(received.starts_with(b"HTTP/1.1 201"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn protocols_and_sessions_are_limited() -> Result {
    let sandbox = with(json!([])).await?;
    for (fault, version) in [
        (json!([]), ProtocolVersion::TLSv1_3),
        (json!([{ "fault": { "tls": "tls13_only" } }]), ProtocolVersion::TLSv1_3),
        (json!([{ "fault": { "tls": "tls12_only" } }]), ProtocolVersion::TLSv1_2),
    ] {
        sandbox.set_faults(&rules(fault))?;
        let mut connection = connect(&sandbox, &Arc::new(config(&sandbox)), "localhost");
        assert_eq!(exchange(&mut connection, &last_create()).1, End::InOrder);
        assert_eq!(connection.conn.protocol_version(), Some(version));
    }
    for (faults, kind) in
        [(json!([]), HandshakeKind::Resumed), (json!([{ "fault": { "tls": "no_tickets" } }]), HandshakeKind::Full)]
    {
        sandbox.set_faults(&rules(faults))?;
        let config = Arc::new(config(&sandbox));
        let kinds = [(); 2].map(|()| {
            let mut connection = connect(&sandbox, &config, "localhost");
            assert_eq!(exchange(&mut connection, &last_create()).1, End::InOrder);
            connection.conn.handshake_kind().unwrap()
        });
        assert_eq!(kinds, [HandshakeKind::Full, kind]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_only_server_speaks_nothing_else() -> Result {
    let sandbox = with(json!([{ "fault": { "tls": "http2_only" } }])).await?;
    for (protocols, end, goodbye) in [
        (vec![], End::InOrder, true),
        (vec![b"h2".to_vec()], End::InOrder, true),
        (vec![b"http/1.1".to_vec()], End::Alert(AlertDescription::NoApplicationProtocol), false),
    ] {
        let mut config = config(&sandbox);
        config.alpn_protocols = protocols;
        let (received, seen) = exchange(&mut connect(&sandbox, &Arc::new(config), "localhost"), &last_create());
        assert_eq!((received.starts_with(b"\0\0\0\x04"), seen), (goodbye, end));
    }
    assert_eq!(sandbox.arrivals().len(), 2);
    assert_eq!(sandbox.integrations().len(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn session_ends_as_asked() -> Result {
    let sandbox = with(json!([])).await?;
    let config = Arc::new(config(&sandbox));
    let alert = || End::Alert(AlertDescription::BadRecordMac);
    let whole =
        exchange(&mut connect(&sandbox, &config, "localhost"), &last_create()).0.len() - "connection: close\r\n".len();
    for (kind, end) in [
        ("alert", alert as fn() -> End),
        ("no_close_notify", || End::Cut),
        ("half_close", || End::InOrder),
        ("cut_in_record", || End::Cut),
    ] {
        for (at, length, committed) in [
            (json!("arrival"), 0, false),
            (json!({ "request": 60 }), 0, false),
            (json!("read"), 0, false),
            (json!("commit"), 0, true),
            (json!({ "answer": 40 }), 40, true),
            (json!("end"), whole, true),
        ] {
            sandbox.reset();
            sandbox.set_faults(&rules(json!([{ "fault": { "tls": { kind: { "at": at } } } }])))?;
            let (received, seen) = exchange(&mut connect(&sandbox, &config, "localhost"), &create(right()));
            assert_eq!((received.len(), seen), (length, end()), "{kind} {at}");
            let entry = sandbox.journal().pop().unwrap();
            assert_eq!((entry.fault, entry.committed), (Some("tls"), committed), "{kind} {at}");
            assert_eq!(sandbox.arrivals().len(), 1, "{kind} {at}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn alert_arrives_with_the_response() -> Result {
    let sandbox = with(json!([])).await?;
    let config = Arc::new(config(&sandbox));
    // Packets that are separate would come together now and then.
    for _ in 0..50 {
        let mut connection = connect(&sandbox, &config, "localhost");
        connection.write_all(b"HEAD /_sandbox/faults HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        assert!(connection.read(&mut [0; 1000])? > 0);
        sandbox.set_faults(&rules(json!([{ "times": 1, "fault": { "tls": { "alert": { "at": "end" } } } }])))?;
        connection.write_all(&create(right()))?;
        let mut records = [0; 16 << 10];
        let read = connection.sock.read(&mut records)?;
        let response = 5 + usize::from(u16::from_be_bytes([records[3], records[4]]));
        assert!(response > 400 && read > response, "{read} bytes, {response} of the response");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_plain_connections_work_over_tls() -> Result {
    let sandbox = with(json!([])).await?;
    let config = Arc::new(config(&sandbox));
    for (kind, end) in [("close", End::InOrder), ("reset", End::Reset)] {
        for (at, length) in [(json!("read"), 0), (json!({ "answer": 40 }), 40)] {
            sandbox.set_faults(&rules(json!([{ "fault": { kind: { "at": at } } }])))?;
            let (received, seen) = exchange(&mut connect(&sandbox, &config, "localhost"), &create(right()));
            assert_eq!((received.len(), &seen), (length, &end), "{kind} {at}");
        }
    }
    Ok(())
}
