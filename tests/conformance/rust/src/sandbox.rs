//! Prepares the sandbox for a case, and reads its journal afterwards.

use std::time::{Duration, Instant};

use reqwest::{Method, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Result;
use crate::plan::Case;

/// Maximum wait for requests that commit after the calls have ended.
const SETTLES: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(10);

pub struct Sandbox<'a> {
    pub base_url: &'a str,
    pub http: reqwest::Client,
}

/// Request in the journal, with the fields that cases compare.
#[derive(Deserialize)]
pub struct Entry {
    pub operation: Option<String>,
    pub committed: bool,
    pub integration_id: Option<String>,
    pub duration_ms: Option<f64>,
}

impl Sandbox<'_> {
    /// Resets the sandbox, then adds the integrations and the faults of a case.
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

    /// Creates an integration without a client of ours.
    pub async fn give(&self, request: &Value) -> Result<Value> {
        Ok(self.control(Method::POST, "integrations", Some(request.clone())).await?.json().await?)
    }

    /// Waits until all requests are over and the journal is as expected, or can no longer become so.
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

async fn good(response: Response) -> Result<Response> {
    if response.status().is_success() { Ok(response) } else { Err(response.text().await?.into()) }
}
