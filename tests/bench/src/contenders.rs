//! The same create with different clients.

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use ocamba_hood::{Client, NewIntegration, RateLimit, Tier};
use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::Result;

const TOKEN: &str = "464XXXXXXXXXXXXXXXXXXXXXXXXXXXXXX";
const EXAMPLE: &str = include_str!("../../../openapi/examples/twilio/request.json");

/// So high that no call waits.
const ENDLESS: Tier = Tier { burst: u32::MAX, steady: u32::MAX };

/// A client that makes the call.
pub struct Contender {
    pub name: &'static str,
    pub create: Create,
}

type Create = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result>>>>;

/// All clients of a server whose authority is in this file, if it speaks TLS; the others are compared with the first.
pub fn all(base_url: &str, authority: Option<&Path>) -> Result<Vec<Contender>> {
    let by_core = |rate_limit| by_core(base_url, rate_limit, authority);
    let by_hyper = match authority {
        Some(authority) => by_hyper(base_url, hyper_over_tls(authority)?)?,
        None => by_hyper(base_url, HyperClient::builder(TokioExecutor::new()).build_http())?,
    };
    let mut all = Vec::new();
    // Its TLS is another feature, with which the whole tree would be built a second time.
    if authority.is_none() {
        all.push(Contender { name: "reqwest by hand", create: by_reqwest(base_url)? });
    }
    all.push(Contender { name: "hyper's pooled client", create: by_hyper });
    all.push(Contender { name: "ocamba-hood", create: by_core(RateLimit::off())? });
    let in_memory = by_core(RateLimit::memory().tier(ENDLESS))?;
    all.push(Contender { name: "ocamba-hood, rate limit in memory", create: in_memory });
    Ok(all)
}

/// A minimal request for this provider.
#[derive(Clone, Deserialize, Serialize)]
struct Request {
    name: String,
    provider_id: String,
    settings: Settings,
    status: String,
}

#[derive(Clone, Deserialize, Serialize)]
struct Settings {
    account_sid: String,
    auth_token: String,
    default_phone_number: String,
}

/// Reads the full body, and checks its id.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Created {
    id: String,
    company_id: String,
    name: String,
    r#type: String,
    provider_id: String,
    settings: Settings,
    status: String,
    is_default: bool,
}

impl Created {
    fn check(&self) -> Result {
        if self.id == "1165" { Ok(()) } else { Err("another id".into()) }
    }
}

fn by_reqwest(base_url: &str) -> Result<Create> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
    let (url, request): (_, Request) = (format!("{base_url}/v1/hood/integrations"), serde_json::from_str(EXAMPLE)?);
    Ok(Box::new(move || {
        let (client, url, request) = (client.clone(), url.clone(), request.clone());
        Box::pin(async move {
            let answer = client.post(url).bearer_auth(TOKEN).json(&request).send().await?.error_for_status()?;
            answer.json::<Created>().await?.check()
        })
    }))
}

fn by_core(base_url: &str, rate_limit: RateLimit, authority: Option<&Path>) -> Result<Create> {
    let mut builder = Client::builder().base_url(base_url).token(TOKEN).rate_limit(rate_limit);
    if let Some(authority) = authority {
        builder = builder.root_certificates(authority.to_string_lossy());
    }
    let client = builder.build()?;
    let request = NewIntegration::from_json(EXAMPLE)?;
    Ok(Box::new(move || {
        let (client, request) = (client.clone(), request.clone());
        Box::pin(async move {
            let created = client.integrations().create(request).await?;
            if created.id == "1165" { Ok(()) } else { Err("another id".into()) }
        })
    }))
}

fn hyper_over_tls(authority: &Path) -> Result<HyperClient<HttpsConnector<HttpConnector>, Full<Bytes>>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority)?)?;
    let config = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http1().build();
    Ok(HyperClient::builder(TokioExecutor::new()).build(connector))
}

fn by_hyper<C: Connect + Clone + Send + Sync + 'static>(
    base_url: &str,
    client: HyperClient<C, Full<Bytes>>,
) -> Result<Create> {
    let (url, request): (http::Uri, Request) =
        (format!("{base_url}/v1/hood/integrations").parse()?, serde_json::from_str(EXAMPLE)?);
    Ok(Box::new(move || {
        let (client, url, request) = (client.clone(), url.clone(), request.clone());
        Box::pin(async move {
            let request = http::Request::post(url)
                .header("authorization", format!("Bearer {TOKEN}"))
                .header("content-type", "application/json")
                .body(Full::from(serde_json::to_vec(&request)?))?;
            let answer = client.request(request).await?;
            if answer.status() != 201 {
                return Err("another status".into());
            }
            let body = answer.into_body().collect().await?.to_bytes();
            serde_json::from_slice::<Created>(&body)?.check()
        })
    }))
}
