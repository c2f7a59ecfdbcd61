//! A lane of all machines: the state in Redis, changed by one atomic script, timed by its server's clock.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Client, RedisError, Script};
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

use super::memory::Memory;
use super::state::{Feedback, State};
use super::{IfUnavailable, Tier, Used, now};
use crate::{Error, Kind, Outcome, Secret};

/// How long Redis may take to answer before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a name is kept for a holder that may have died.
const HOLD: Duration = Duration::from_secs(30);
/// How long to wait before a name is asked for again.
const WAIT: Duration = Duration::from_millis(50);
/// A number that Redis never gives, for turns that were given alone.
const ALONE: u64 = 1 << 63;

pub struct Redis {
    client: Client,
    connection: Mutex<Option<MultiplexedConnection>>,
    script: Script,
    keys: [String; 3],
    /// What all keys of the lane begin with.
    tag: String,
    if_unavailable: IfUnavailable,
    /// The lane that goes on alone.
    alone: Memory,
}

impl Redis {
    pub fn new(url: &Secret, key: &str, if_unavailable: IfUnavailable) -> Result<Self, Error> {
        // Redis' own message would quote the URL, which may hold a password.
        let client = Client::open(url.expose())
            .map_err(|_| Error::configuration("the lane's Redis URL must look like redis://host:6379"))?;
        Ok(Self {
            client,
            connection: Mutex::new(None),
            script: Script::new(include_str!("redis.lua")),
            // One hash tag, so that a cluster keeps them together.
            keys: ["sent", "flight", "rest"].map(|part| format!("{{ocamba-lane-{key}}}:{part}")),
            tag: format!("{{ocamba-lane-{key}}}"),
            if_unavailable,
            alone: Memory::default(),
        })
    }

    /// Lets a request go, or says how long to wait before asking again.
    pub async fn ask(&self, tier: Tier, deadline: Instant) -> Result<Result<u64, Duration>, Error> {
        let words = ["acquire".to_owned(), tier.burst.max(1).to_string(), tier.steady.max(1).to_string()];
        match self.call::<(u64, String)>(&words, deadline).await {
            Ok((1, number)) => Ok(Ok(number.parse().unwrap_or_default())),
            Ok((_, wait)) => Ok(Err(Duration::from_micros(wait.parse().unwrap_or(1_000)))),
            Err(_) if self.if_unavailable == IfUnavailable::GoOnAlone => {
                tracing::warn!("the lane's Redis cannot be reached; this client goes on alone");
                let now = now();
                let turn = self.alone.with(|state: &mut State| state.acquire(now, tier));
                Ok(turn.map(|number| number | ALONE).map_err(|at| Duration::from_micros(at - now)))
            }
            Err(error) => Err(error),
        }
    }

    /// Notes that a request has ended. What cannot be noted is forgotten in time.
    pub async fn finish(&self, number: u64, feedback: Feedback) {
        if number & ALONE != 0 {
            return self.alone.with(|state| state.finish(now(), number & !ALONE, feedback));
        }
        let (name, first, second) = match feedback {
            Feedback::None => ("none", 0, 0),
            Feedback::Window { remaining, reset } => ("window", remaining, reset),
            Feedback::Wait(seconds) => ("wait", seconds, 0),
            Feedback::TooManyInFlight => ("too_many_in_flight", 0, 0),
        };
        let words = ["finish".to_owned(), number.to_string(), name.to_owned(), first.to_string(), second.to_string()];
        let _ = self.call::<(u64, String)>(&words, Instant::now() + PATIENCE).await;
    }

    /// What the lane does at the moment.
    pub async fn used(&self, deadline: Instant) -> Result<Used, Error> {
        type Answer = (usize, usize, usize, usize, String);
        let (in_second, in_minute, in_flight, limit, blocked) =
            self.call::<Answer>(&["status".to_owned()], deadline).await?;
        Ok(Used {
            in_second,
            in_minute,
            in_flight,
            in_flight_limit: (limit > 0).then_some(limit),
            blocked_for: Duration::from_micros(blocked.parse().unwrap_or_default()),
        })
    }

    /// Has something of this name for itself, until it is dropped. `None`: Redis is gone, and the client goes on alone.
    pub async fn alone(&self, name: &str, deadline: Instant) -> Result<Option<Alone>, Error> {
        let key = format!("{}:name:{name}", self.tag);
        let holder = format!("{:032x}", fastrand::u128(..));
        loop {
            let mut set = redis::cmd("SET");
            set.arg(&[key.as_str(), &holder, "NX", "PX"]).arg(HOLD.as_millis() as u64);
            match self.patiently(deadline, async |connection| set.query_async::<Option<String>>(connection).await).await
            {
                Ok(Some(_)) => break,
                Ok(None) if Instant::now() + WAIT >= deadline => return Err(super::not_alone()),
                Ok(None) => sleep(WAIT.mul_f64(0.5 + fastrand::f64() / 2.0)).await,
                Err(_) if self.if_unavailable == IfUnavailable::GoOnAlone => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let connection = self.connection().await.map_err(|_| super::not_alone())?;
        Ok(Some(Alone::keep(connection, key, holder)))
    }

    /// Does something with Redis, before a deadline and within its patience.
    async fn patiently<T>(
        &self,
        deadline: Instant,
        work: impl AsyncFnOnce(&mut MultiplexedConnection) -> Result<T, RedisError>,
    ) -> Result<T, Error> {
        let patience = PATIENCE.min(deadline.saturating_duration_since(Instant::now()));
        let done = timeout(patience, async { work(&mut self.connection().await?).await }).await;
        let why = match done {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error.category().to_owned(),
            Err(_) => "it did not answer in time".to_owned(),
        };
        // The next call makes a connection anew.
        self.connection.lock().await.take();
        let message = format!("the lane's Redis cannot be used ({why}); nothing was sent");
        Err(Error::new(Kind::Connection, Outcome::NotSent, message))
    }

    async fn call<T: redis::FromRedisValue>(&self, words: &[String], deadline: Instant) -> Result<T, Error> {
        let mut call = self.script.prepare_invoke();
        call.key(&self.keys[..]).arg(words);
        self.patiently(deadline, async |connection| call.invoke_async(connection).await).await
    }

    async fn connection(&self) -> Result<MultiplexedConnection, RedisError> {
        let mut open = self.connection.lock().await;
        match &*open {
            Some(connection) => Ok(connection.clone()),
            None => Ok(open.insert(self.client.get_multiplexed_async_connection().await?).clone()),
        }
    }
}

/// Something that is nobody else's until this is dropped. Redis forgets it a while after its holder has died.
pub struct Alone {
    keeper: AbortHandle,
    release: Option<(MultiplexedConnection, String, String)>,
}

impl Alone {
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

impl Drop for Alone {
    fn drop(&mut self) {
        self.keeper.abort();
        let Some((mut connection, key, holder)) = self.release.take() else { return };
        // Without a runtime it is forgotten in time.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            // Only if it is still this holder's.
            let release = Script::new("if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end");
            let _ = release.key(key).arg(holder).invoke_async::<()>(&mut connection).await;
        });
    }
}
