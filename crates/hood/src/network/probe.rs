//! A connection made for its own sake: each stage tells what it found. No request is sent.

use std::time::{Duration, Instant};

use hyper_util::client::legacy::connect::dns::Name;
use tokio::time::{Instant as Deadline, timeout_at};
use tower_service::Service;

use super::certificate::describe;
use super::connect_error::ConnectError;
use super::connector::{Connector, connect_tcp, encrypt, unresolved};
use super::host::{address, ip};
use super::resolver::{Resolved, Resolver};
use super::stream::Stream;
use crate::error::Stage;

/// What one stage of a connection found.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The stage.
    pub stage: Stage,
    /// Its result, or what failed and what to do.
    pub result: Result<String, String>,
    /// Duration of the stage.
    pub duration: Duration,
}

impl Connector {
    /// Makes a connection, and closes it. The last stage is the one that failed, if one did.
    pub async fn probe(&self, timeout: Duration) -> Vec<Probe> {
        let mut probes = Vec::new();
        // The reason is in the last probe.
        let _ = self.probe_stages(Deadline::now() + timeout, &mut probes).await;
        probes
    }

    async fn probe_stages(&self, deadline: Deadline, probes: &mut Vec<Probe>) -> Result<(), ()> {
        let server = &self.server;
        let host = server.host().unwrap_or_default();
        let mut began = Instant::now();
        let mut note = |stage, result: Result<String, ConnectError>| {
            let duration = std::mem::replace(&mut began, Instant::now()).elapsed();
            let failed = result.is_err();
            probes.push(Probe { stage, result: result.map_err(|error| error.to_string()), duration });
            if failed { Err(()) } else { Ok(()) }
        };
        let stream = match &self.proxy {
            Some(proxy) => {
                let tunnel = self.reach(deadline).await;
                let (stream, result) = split(tunnel, |_| format!("a tunnel through {}", address(proxy.uri())));
                note(Stage::Proxy, result)?;
                stream
            }
            None => {
                if let (None, Ok(name)) = (ip(host), host.parse::<Name>()) {
                    let mut resolver = Resolver { only_private: self.only_private(), resolved: Resolved::default() };
                    let found = match timeout_at(deadline, resolver.call(name)).await {
                        Ok(Ok(addresses)) => {
                            let addresses: Vec<_> = addresses.map(|address| address.ip().to_string()).collect();
                            Ok(format!("{host} is {}", addresses.join(", ")))
                        }
                        Ok(Err(error)) => Err(ConnectError::new(Stage::Name, error.to_string())),
                        Err(_) => Err(unresolved(host)),
                    };
                    note(Stage::Name, found)?;
                }
                let tcp = connect_tcp(server, self.only_private(), deadline).await;
                let (stream, result) = split(tcp, |stream| match stream {
                    Stream::Tcp(tcp) => {
                        tcp.get_ref().peer_addr().map_or_else(|_| address(server), |peer| peer.to_string())
                    }
                    _ => address(server),
                });
                note(Stage::Tcp, result)?;
                stream
            }
        };
        let Some(stream) = stream.filter(|_| server.scheme_str() == Some("https")) else { return Ok(()) };
        let encrypted = match self.tls.config().await {
            Ok(config) => encrypt(stream, config, server, deadline).await,
            Err(error) => Err(error),
        };
        let (_, result) = split(encrypted, |stream| match stream {
            Stream::Tls(tls) => describe_session(tls.get_ref().1),
            _ => String::new(),
        });
        note(Stage::Tls, result)
    }
}

fn split<T>(result: Result<T, ConnectError>, text: impl Fn(&T) -> String) -> (Option<T>, Result<String, ConnectError>) {
    match result {
        Ok(value) => {
            let text = text(&value);
            (Some(value), Ok(text))
        }
        Err(error) => (None, Err(error)),
    }
}

fn describe_session(session: &rustls::ClientConnection) -> String {
    let version = match session.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    let chain = session.peer_certificates().unwrap_or_default();
    let certificate = chain.first().map(|certificate| describe(certificate)).unwrap_or_default();
    format!("{version}, certificate {certificate}; {} in the chain", chain.len())
}
