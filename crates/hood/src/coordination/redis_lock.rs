//! A lock that all machines see, in Redis.

use std::time::Duration;

use redis::Script;
use redis::aio::MultiplexedConnection;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use super::redis_connection::RedisConnection;
use crate::error::Error;

/// Time after which Redis gives up the lock of a holder that died.
const HOLD: Duration = Duration::from_secs(30);
/// Time between two attempts to take the lock.
const WAIT: Duration = Duration::from_millis(50);

/// A lock that is held until this is dropped. Redis gives it up a while after its holder died.
pub struct RedisLockGuard {
    keeper: AbortHandle,
    release: Option<(MultiplexedConnection, String, String)>,
}

/// Waits for the lock of this key; `None` where the deadline passes first.
pub async fn acquire(redis: &RedisConnection, key: String, deadline: Instant) -> Result<Option<RedisLockGuard>, Error> {
    let holder = format!("{:032x}", fastrand::u128(..));
    loop {
        let mut set = redis::cmd("SET");
        set.arg(&[key.as_str(), &holder, "NX", "PX"]).arg(HOLD.as_millis() as u64);
        let taken = redis.run(deadline, async |connection| set.query_async::<Option<String>>(connection).await).await?;
        if taken.is_some() {
            return Ok(redis.get().await.ok().map(|connection| RedisLockGuard::keep(connection, key, holder)));
        }
        if Instant::now() + WAIT >= deadline {
            return Ok(None);
        }
        sleep(WAIT.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
    }
}

impl RedisLockGuard {
    fn keep(connection: MultiplexedConnection, key: String, holder: String) -> Self {
        let (mut kept, kept_key) = (connection.clone(), key.clone());
        let keeper = tokio::spawn(async move {
            loop {
                sleep(HOLD / 3).await;
                let mut keep = redis::cmd("PEXPIRE");
                keep.arg(&kept_key).arg(HOLD.as_millis() as u64);
                let _ = keep.query_async::<u64>(&mut kept).await;
            }
        });
        Self { keeper: keeper.abort_handle(), release: Some((connection, key, holder)) }
    }
}

impl Drop for RedisLockGuard {
    fn drop(&mut self) {
        self.keeper.abort();
        let Some((mut connection, key, holder)) = self.release.take() else { return };
        // Without a runtime, Redis gives it up in time.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            // Only while it is still this holder's.
            let release = Script::new("if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end");
            let _ = release.key(key).arg(holder).invoke_async::<()>(&mut connection).await;
        });
    }
}
