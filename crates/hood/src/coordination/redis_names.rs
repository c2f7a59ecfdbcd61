//! The locks and doubts of names that all machines see, in Redis.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use super::doubts::CreateId;
use super::made;
use super::redis_connection::RedisConnection;
use crate::error::Error;

/// Time after which Redis gives up the lock of a holder that died.
const HOLD: Duration = Duration::from_secs(30);
/// Time between two attempts to take the lock.
const WAIT: Duration = Duration::from_millis(50);

/// Time after which a holder asks again a Redis that did not respond.
const RETRY: Duration = Duration::from_secs(1);

/// Takes the lock if nobody has it.
const TAKE: &str = "return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0";

/// Extends the lock while it is still this holder's.
const EXTEND: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])";

/// Gives up the lock if it is still this holder's.
const RELEASE: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end";

/// Notes the doubt of a create for an hour, at a time by the clock of Redis. A holder notes it only while the lock is still
/// its own.
const NOTE: &str = "
if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%d', now - 3600000))
redis.call('ZADD', KEYS[2], string.format('%d', now + ARGV[2]), ARGV[3])
return redis.call('PEXPIRE', KEYS[2], 3600000)";

/// Ends the doubt of a create, and notes for an hour that it took effect.
const END: &str = "
if ARGV[2] ~= '0' then redis.call('SET', KEYS[2], '', 'PX', ARGV[2]) end
return redis.call('ZREM', KEYS[1], ARGV[1])";

/// Returns for how many milliseconds it is still noted that a create took effect.
const MADE: &str = "return math.max(redis.call('PTTL', KEYS[1]), 0)";

/// Returns for how many milliseconds a name is still in doubt, if a doubt lasts this long. A Redis that lost its data, by a
/// restart or a failover, may have lost a doubt: then each name is in doubt from that time on. A Redis
/// that does not know its generation lost it when it started, unless it was a replica since.
const REMAINING: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local replication = redis.call('INFO', 'replication')
local id = string.match(replication, 'master_replid:(%x+)') or ''
local known, lost = string.match(redis.call('GET', KEYS[2]) or '', '(%x*) (%d+)')
if not known then
  local uptime = string.match(redis.call('INFO', 'server'), 'uptime_in_seconds:(%d+)') or 1
  lost = string.find(replication, 'master_replid2:0*[1-9a-f]') and now or now - (uptime - 1) * 1000
elseif known ~= id then
  lost = now
end
redis.call('SET', KEYS[2], string.format('%s %d', id, lost), 'PX', 86400000)
local left = lost + ARGV[2] - now
local doubt = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
if doubt then left = math.max(left, doubt + ARGV[1] - now) end
return string.format('%d', math.max(left, 0))";

/// A lock that is held until this is dropped. Redis gives it up a while after its holder died.
pub struct RedisLockGuard {
    /// None until the lock was taken.
    keeper: Option<AbortHandle>,
    /// None once the lock was given up.
    connection: Option<Arc<RedisConnection>>,
    key: String,
    holder: String,
    /// Time until which Redis keeps the lock, as far as is known.
    held_until: Arc<Mutex<Instant>>,
}

/// Waits for the lock of this key; `None` where the deadline passes first.
pub async fn acquire(
    connection: &Arc<RedisConnection>,
    key: String,
    deadline: Instant,
) -> Result<Option<RedisLockGuard>, Error> {
    // Redis may take the lock whatever becomes of this call: later, after a stop, or while the call is cancelled.
    let mut guard = RedisLockGuard {
        keeper: None,
        connection: Some(connection.clone()),
        key,
        holder: CreateId::new().to_string(),
        held_until: Arc::new(Mutex::new(Instant::now())),
    };
    loop {
        let asked = Instant::now();
        let args = [guard.holder.as_bytes(), &millis(HOLD).into_bytes()];
        if connection.eval(deadline, TAKE, &[&guard.key], &args).await? {
            guard.keep(asked + HOLD);
            return Ok(Some(guard));
        }
        if Instant::now() + WAIT >= deadline {
            return Ok(None);
        }
        sleep(WAIT.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
    }
}

impl RedisLockGuard {
    /// Has a task extend the lock, which is held until then.
    fn keep(&mut self, until: Instant) {
        let Some(connection) = self.connection.clone() else { return };
        *self.held_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
        let keeper = keep(connection, self.key.clone(), self.holder.clone(), self.held_until.clone());
        self.keeper = Some(tokio::spawn(keeper).abort_handle());
    }

    /// Gives up the lock.
    pub async fn release(mut self) {
        if let Some(connection) = &self.connection
            && release(connection, &self.key, &self.holder).await.is_ok()
        {
            self.connection = None;
        }
    }

    /// Notes a doubt that begins after this time, unless the lock was lost. Returns whether it was noted.
    pub async fn note_doubt(
        &self,
        doubt_key: &str,
        id: CreateId,
        ahead: Duration,
        deadline: Instant,
    ) -> Result<bool, Error> {
        let is_held = Instant::now() < *self.held_until.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(connection) = self.connection.as_ref().filter(|_| is_held) else { return Ok(false) };
        note(connection, [&self.key, doubt_key], &self.holder, id, ahead, deadline).await
    }
}

impl Drop for RedisLockGuard {
    /// Gives up the lock of a call that was cancelled, once Redis responds. Without a runtime, Redis gives it up in time.
    fn drop(&mut self) {
        if let Some(keeper) = &self.keeper {
            keeper.abort();
        }
        if let Some(connection) = self.connection.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (key, holder, until) = (self.key.clone(), self.holder.clone(), Instant::now() + HOLD);
            runtime.spawn(async move {
                while release(&connection, &key, &holder).await.is_err() && Instant::now() < until {
                    sleep(RETRY).await;
                }
            });
        }
    }
}

async fn release(connection: &RedisConnection, key: &str, holder: &str) -> Result<(), Error> {
    let deadline = Instant::now() + HOLD;
    connection.eval::<Option<u64>>(deadline, RELEASE, &[key], &[holder.as_bytes()]).await.map(drop)
}

/// Extends a lock until it is dropped or lost. Without a response it tries again, since Redis may come back in time.
async fn keep(connection: Arc<RedisConnection>, key: String, holder: String, held_until: Arc<Mutex<Instant>>) {
    let mut pause = HOLD / 3;
    loop {
        sleep(pause).await;
        let asked = Instant::now();
        match connection.eval(asked + HOLD, EXTEND, &[&key], &[holder.as_bytes(), millis(HOLD).as_bytes()]).await {
            Ok(true) => (*held_until.lock().unwrap_or_else(PoisonError::into_inner), pause) = (asked + HOLD, HOLD / 3),
            Ok(false) => {
                *held_until.lock().unwrap_or_else(PoisonError::into_inner) = asked;
                return;
            }
            Err(_) => pause = RETRY,
        }
    }
}

/// Notes a doubt that begins after this time, if the lock is still the holder's. Without a holder, it is always noted.
pub async fn note(
    connection: &RedisConnection,
    [lock_key, doubt_key]: [&str; 2],
    holder: &str,
    id: CreateId,
    ahead: Duration,
    deadline: Instant,
) -> Result<bool, Error> {
    let (ahead, id) = (millis(ahead), id.to_string());
    let args = [holder.as_bytes(), ahead.as_bytes(), id.as_bytes()];
    connection.eval(deadline, NOTE, &[lock_key, doubt_key], &args).await
}

/// Ends the doubt of a create, and notes whether it took effect.
pub async fn end_create(
    connection: &RedisConnection,
    [doubt_key, made_key]: [&str; 2],
    id: CreateId,
    is_made: bool,
    deadline: Instant,
) -> Result<(), Error> {
    let (id, noted) = (id.to_string(), millis(if is_made { made::FORGOTTEN } else { Duration::ZERO }));
    let args = [id.as_bytes(), noted.as_bytes()];
    connection.eval::<u64>(deadline, END, &[doubt_key, made_key], &args).await.map(drop)
}

/// Returns the time since an integration with this name was created; none if nobody has noted that.
pub async fn time_since_create(
    connection: &RedisConnection,
    made_key: &str,
    deadline: Instant,
) -> Result<Option<Duration>, Error> {
    let left = Duration::from_millis(connection.eval(deadline, MADE, &[made_key], &[]).await?);
    Ok((!left.is_zero()).then(|| made::FORGOTTEN.saturating_sub(left)))
}

/// Returns for how long a name is still in doubt, if a doubt lasts this long. `after_loss` is the time of a doubt that Redis
/// may have lost.
pub async fn remaining(
    connection: &RedisConnection,
    [doubt_key, generation_key]: [&str; 2],
    [time, after_loss]: [Duration; 2],
    deadline: Instant,
) -> Result<Duration, Error> {
    let times = [millis(time), millis(after_loss)];
    let args = [times[0].as_bytes(), times[1].as_bytes()];
    Ok(Duration::from_millis(connection.eval(deadline, REMAINING, &[doubt_key, generation_key], &args).await?))
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}
