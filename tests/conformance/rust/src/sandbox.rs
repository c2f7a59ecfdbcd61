//! The sandbox's control: faults before a case, the journal after it.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Result;

/// How long what was begun in a case may go on after its calls have ended: a request that commits late.
const SETTLES: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(10);

pub struct Sandbox<'a> {
    pub base_url: &'a str,
    pub http: reqwest::Client,
}

/// What the journal says of a request, as far as a case looks at it.
#[derive(Deserialize)]
pub struct Entry {
    pub committed: bool,
    pub integration_id: Option<String>,
    pub duration_ms: Option<f64>,
}

impl Sandbox<'_> {
    /// As new, with these faults.
    pub async fn prepare(&self, faults: &[Value]) -> Result {
        self.http.post(self.url("reset")).send().await?.error_for_status()?;
        let answer = self.http.put(self.url("faults")).json(&json!({ "faults": faults })).send().await?;
        if answer.status().is_success() { Ok(()) } else { Err(answer.text().await?.into()) }
    }

    /// The journal, once all requests are over and it is as expected, or cannot become so any more.
    pub async fn journal(&self, requests: usize, commits: usize) -> Result<Vec<Entry>> {
        let started = Instant::now();
        loop {
            let answer = self.http.get(self.url("journal")).send().await?.error_for_status()?;
            let journal: Vec<Entry> = answer.json().await?;
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

    fn url(&self, name: &str) -> String {
        format!("{}/_sandbox/{name}", self.base_url)
    }
}
