//! The state of all machines: one key in Redis, changed by compare-and-set, timed by the clock of its server.

use std::sync::Arc;

use tokio::time::{Duration, Instant, sleep};

use super::encoding::{decode, encode};
use super::rules::{LimiterState, SECOND};
use crate::coordination::account::Account;
use crate::coordination::redis_connection::RedisConnection;
use crate::error::Error;
use crate::network::Tls;
use crate::secret::Secret;

/// Reads the time and the state.
const READ: &str = "return {redis.call('TIME'), redis.call('GET', KEYS[1])}";

/// Sets the state if it is still the one that was read. It is forgotten when nobody has used it for an hour.
const COMPARE_AND_SET: &str = "
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', 3600000)
return 1";
/// Maximum pause before the state is read again because somebody else changed it meanwhile.
const RETRY: Duration = Duration::from_millis(5);

pub struct Redis {
    connection: RedisConnection,
    key: String,
}

impl Redis {
    pub fn new(url: &Secret, account: &Account, tls: &Arc<Tls>) -> Result<Self, Error> {
        Ok(Self {
            connection: RedisConnection::new(url, tls)?,
            key: format!("{{ocamba-hood-{}}}:rate-limit", account.key()),
        })
    }

    /// Changes the state, at the time of the server. `work` is done again where somebody else was faster.
    pub async fn with<T>(
        &self,
        deadline: Instant,
        mut work: impl FnMut(&mut LimiterState, u64) -> T,
    ) -> Result<T, Error> {
        loop {
            type Read = ((u64, u64), Option<Vec<u8>>);
            let ((seconds, micros), before): Read = self.connection.eval(deadline, READ, &[&self.key], &[]).await?;
            let before = before.unwrap_or_default();
            let old = decode(&before).unwrap_or_default();
            let mut new = old.clone();
            let done = work(&mut new, seconds * SECOND + micros);
            if new == old {
                return Ok(done);
            }
            let after = encode(&new);
            if self.connection.eval(deadline, COMPARE_AND_SET, &[&self.key], &[&before, &after]).await? {
                return Ok(done);
            }
            sleep(RETRY.mul_f64(fastrand::f64())).await;
        }
    }
}
