//! Decides about retries: only requests that cannot have taken effect, and reads, are retried.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use super::raw_response::RawResponse;
use crate::error::{Error, ErrorKind, Outcome};

/// Maximum wait before the first retry; it doubles with each.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(8);
/// Size of the budget, cost of a retry, and refund of a success.
const BUDGET: u32 = 100;
const COST: u32 = 5;
const REFUND: u32 = 1;

/// Retry of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Retry {
    /// After a pause that grows with each retry.
    Backoff,
    /// After the pause that the server demanded.
    After(Duration),
}

/// Returns the retry that is safe after this result, if any. An idempotent request only reads.
pub fn of(result: &Result<RawResponse, Error>, idempotent: bool) -> Option<Retry> {
    let (is_safe, wait) = match result {
        Ok(raw) => {
            // A gateway may send a 429 after the server has done its work.
            let is_limited = raw.status.as_u16() == 429 && (idempotent || raw.is_error_of_api());
            let is_failed_read = idempotent && raw.status.is_server_error();
            (is_limited || is_failed_read, raw.retry_after())
        }
        Err(error) => {
            let never_sent = error.outcome() == Outcome::NotSent;
            let broken = matches!(error.kind(), ErrorKind::Connection | ErrorKind::OutcomeUnknown | ErrorKind::Timeout);
            // Of any status: the whole response may be another one.
            let cut_off = error.status().is_some() && std::error::Error::source(error).is_some();
            let is_safe = broken && never_sent || (broken || cut_off) && idempotent;
            (is_safe && !error.is_lasting(), error.retry_after())
        }
    };
    is_safe.then(|| wait.map_or(Retry::Backoff, Retry::After))
}

impl Retry {
    /// Returns the wait before this retry; the first is 0. Full jitter keeps clients that failed together from retrying
    /// together.
    pub fn wait(self, number: u32) -> Duration {
        let longest = FIRST_BACKOFF.saturating_mul(2_u32.saturating_pow(number)).min(LONGEST_BACKOFF);
        let jitter = longest.mul_f64(fastrand::f64());
        match self {
            Self::Backoff => jitter,
            Self::After(wait) => wait + jitter.min(FIRST_BACKOFF),
        }
    }
}

/// Budget for the retries of a client: a failing server must not receive a multiple of the usual load.
#[derive(Debug)]
pub struct RetryBudget(Mutex<u32>);

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Mutex::new(BUDGET))
    }
}

impl RetryBudget {
    /// Takes the cost of a retry, and returns false if too little is left.
    pub fn spend(&self) -> bool {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = *left >= COST;
        if enough {
            *left -= COST;
        }
        enough
    }

    /// Puts the refund of a success back.
    pub fn refund(&self) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = (*left + REFUND).min(BUDGET);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

    use super::*;

    fn response(status: u16, retry_after: Option<&'static str>) -> Result<RawResponse, Error> {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
        }
        let body = Bytes::from(format!(r#"{{"code": {status}, "title": "On purpose."}}"#));
        Ok(RawResponse { body, ..RawResponse::new(StatusCode::from_u16(status).expect("a status"), headers) })
    }

    fn foreign(status: u16) -> Result<RawResponse, Error> {
        response(status, Some("7")).map(|raw| RawResponse { body: Bytes::from_static(b"<html>"), ..raw })
    }

    fn failure(kind: ErrorKind, outcome: Outcome) -> Result<RawResponse, Error> {
        Err(Error::new(kind, outcome, "on purpose"))
    }

    #[test]
    fn create_is_retried_only_when_it_had_no_effect() {
        assert_eq!(of(&response(429, Some("7")), false), Some(Retry::After(Duration::from_secs(7))));
        assert_eq!(of(&response(429, Some("-1")), false), Some(Retry::Backoff));
        assert_eq!(of(&failure(ErrorKind::Connection, Outcome::NotSent), false), Some(Retry::Backoff));
        for status in [201, 302, 400, 401, 404, 408, 500, 503] {
            assert_eq!(of(&response(status, Some("1")), false), None, "{status}");
        }
        assert_eq!(of(&foreign(429), false), None);
        for outcome in [Outcome::Unknown, Outcome::Applied, Outcome::Rejected] {
            for kind in
                [ErrorKind::OutcomeUnknown, ErrorKind::Timeout, ErrorKind::UnreadableResponse, ErrorKind::Connection]
            {
                assert_eq!(of(&failure(kind, outcome), false), None, "{kind:?} {outcome:?}");
            }
        }
    }

    #[test]
    fn read_is_retried_whatever_its_outcome() {
        assert_eq!(of(&response(503, None), true), Some(Retry::Backoff));
        assert_eq!(of(&foreign(503), true), Some(Retry::After(Duration::from_secs(7))));
        assert_eq!(of(&foreign(429), true), Some(Retry::After(Duration::from_secs(7))));
        assert_eq!(of(&failure(ErrorKind::OutcomeUnknown, Outcome::Unknown), true), Some(Retry::Backoff));
        assert_eq!(of(&response(404, None), true), None);
    }

    #[test]
    fn waits_stay_within_their_bounds() {
        for number in 0..40 {
            assert!(Retry::Backoff.wait(number) <= LONGEST_BACKOFF);
            let after = Retry::After(Duration::from_secs(3)).wait(number);
            assert!(after >= Duration::from_secs(3) && after <= Duration::from_millis(3_100), "{after:?}");
        }
        assert!(Retry::Backoff.wait(0) <= FIRST_BACKOFF);
    }

    #[test]
    fn budget_runs_out_and_is_refunded() {
        let budget = RetryBudget::default();
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 20);
        (0..5).for_each(|_| budget.refund());
        assert!(budget.spend() && !budget.spend());
    }
}
