//! An idle connection whose end the client has not read when a create begins, as after its process was stopped.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::*;

/// How the server ends its idle connections.
#[derive(Clone, Copy, Debug)]
enum End {
    /// Within TLS and then TCP.
    Orderly,
    /// As a process that dies.
    Sudden,
    /// With a response that nobody has requested, as some servers do.
    Timeout,
}

#[test]
fn create_goes_over_another_connection() {
    let authority = Authority::new("Corporate CA");
    let tls = || Some(config(&authority.issue("localhost", |_| {}), None));
    for end in [End::Orderly, End::Sudden, End::Timeout] {
        for (is_encrypted, is_tunneled) in [(false, false), (true, false), (true, true)] {
            let case = format!("{end:?}, TLS: {is_encrypted}, through a proxy: {is_tunneled}");
            let server = Server::start(if is_encrypted { tls() } else { None });
            let proxies = runtime();
            let proxy = proxies.block_on(ocamba_proxy::Proxy::start(Options::default())).expect("a proxy");
            let mut builder = client(server.port).root_certificates(&authority.pem);
            if !is_encrypted {
                builder = builder.base_url(format!("http://127.0.0.1:{}", server.port));
            }
            if is_tunneled {
                builder = builder.proxy(Proxy::url(format!("http://{}", proxy.address())));
            }
            let client = builder.build().expect("a client");
            // Nothing runs in it but within `block_on`.
            let of_client = Builder::new_current_thread().enable_all().build().expect("a runtime");
            let create = || of_client.block_on(async { client.integrations().create(support::request("one")).await });
            create().expect(&case);
            server.end(end);
            wait_for_end(if is_tunneled { proxy.address().port() } else { server.port });
            create().expect(&case);
            assert_eq!(server.connections.load(Ordering::SeqCst), 2, "{case}");
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

/// Waits until the system has the end of each connection to this port.
fn wait_for_end(port: u16) {
    const ESTABLISHED: &str = "01";
    let is_open = |line: &str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields[2].ends_with(&format!(":{port:04X}")) && fields[3] == ESTABLISHED
    };
    while std::fs::read_to_string("/proc/net/tcp").expect("connections").lines().skip(1).any(is_open) {
        std::thread::yield_now();
    }
}

/// A server in threads of its own, whose connections stay open until it ends them.
struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
    end: watch::Sender<Option<End>>,
    _runtime: Runtime,
}

impl Server {
    fn start(tls: Option<ServerConfig>) -> Self {
        let runtime = runtime();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("non-blocking");
        let port = listener.local_addr().expect("an address").port();
        let (connections, (end, ended)) = (Arc::new(AtomicUsize::new(0)), watch::channel(None));
        let (count, acceptor) = (connections.clone(), tls.map(|tls| TlsAcceptor::from(Arc::new(tls))));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (acceptor, mut ended) = (acceptor.clone(), ended.clone());
                ended.mark_unchanged();
                tokio::spawn(async move {
                    match acceptor {
                        Some(acceptor) => serve(acceptor.accept(stream).await.expect("TLS"), ended).await,
                        None => serve(stream, ended).await,
                    }
                });
            }
        });
        Self { port, connections, end, _runtime: runtime }
    }

    /// Ends the connections that are open now.
    fn end(&self, how: End) {
        self.end.send_replace(Some(how));
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, mut ended: watch::Receiver<Option<End>>) {
    support::read_request(&mut stream).await;
    let _ = stream.write_all(&support::response(201, r#"{"id": "7"}"#)).await;
    let _ = ended.changed().await;
    let end = *ended.borrow();
    if let Some(End::Timeout) = end {
        let _ = stream.write_all(&support::response(408, "{}")).await;
    }
    if !matches!(end, Some(End::Sudden)) {
        let _ = stream.shutdown().await;
    }
}
