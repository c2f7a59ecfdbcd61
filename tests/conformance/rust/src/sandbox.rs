//! The sandbox's control: what is there before a case, and the journal after it.

use std::time::{Duration, Instant};

use reqwest::{Method, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Result;
use crate::plan::Case;

/// How long what was begun in a case may go on after its calls have ended: a request that commits late.
const SETTLES: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(10);

pub struct Sandbox<'a> {
    pub base_url: &'a str,
    pub token: &'a str,
    pub http: reqwest::Client,
}

/// What the journal says of a request, as far as a case looks at it.
#[derive(Deserialize)]
pub struct Entry {
    pub operation: Option<String>,
    pub committed: bool,
    pub integration_id: Option<String>,
    pub duration_ms: Option<f64>,
}

impl Sandbox<'_> {
    /// As new, but for the integrations and the faults of a case.
    pub async fn prepare(&self, case: &Case) -> Result {
        self.reset().await?;
        for request in &case.given {
            self.give(request).await?;
        }
        self.control(Method::DELETE, "journal", None).await?;
        self.control(Method::PUT, "faults", Some(json!({ "faults": case.faults }))).await?;
        Ok(())
    }

    pub async fn reset(&self) -> Result {
        self.control(Method::POST, "reset", None).await.map(drop)
    }

    /// Creates an integration, and returns it.
    pub async fn give(&self, request: &Value) -> Result<Value> {
        let create = self.http.post(format!("{}/v1/hood/integrations", self.base_url)).bearer_auth(self.token);
        Ok(good(create.json(request).send().await?).await?.json().await?)
    }

    /// The journal, once all requests are over and it is as expected, or cannot become so any more.
    pub async fn journal(&self, requests: usize, commits: usize) -> Result<Vec<Entry>> {
        let started = Instant::now();
        loop {
            let journal: Vec<Entry> = self.control(Method::GET, "journal", None).await?.json().await?;
            let over = journal.iter().all(|entry| entry.duration_ms.is_some());
            let commits_seen = journal.iter().filter(|entry| entry.committed).count();
            let as_expected = (journal.len(), commits_seen) == (requests, commits);
            let beyond = journal.len() > requests || commits_seen > commits;
            if over && as_expected || beyond || started.elapsed() > SETTLES {
                return Ok(journal);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn control(&self, method: Method, name: &str, body: Option<Value>) -> Result<Response> {
        let mut request = self.http.request(method, format!("{}/_sandbox/{name}", self.base_url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        good(request.send().await?).await
    }
}

async fn good(answer: Response) -> Result<Response> {
    if answer.status().is_success() { Ok(answer) } else { Err(answer.text().await?.into()) }
}
