//! The connection to the Redis that the clients of an account share.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Client, Cmd, FromRedisValue, RedisError, Value};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::error::{Error, ErrorKind, Outcome};
use crate::secret::Secret;

/// Time in which Redis must respond to a command.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// A connection that is made when it is first needed, and anew after an error.
pub struct RedisConnection {
    client: Client,
    open: Mutex<Option<MultiplexedConnection>>,
}

impl RedisConnection {
    pub fn new(url: &Secret) -> Result<Self, Error> {
        // Redis' own message would quote the URL, which may hold a password.
        let client = Client::open(url.expose())
            .map_err(|_| Error::configuration("the Redis URL of the rate limit must look like redis://host:6379"))?;
        Ok(Self { client, open: Mutex::new(None) })
    }

    /// Evaluates a script before a deadline and within [`PATIENCE`].
    pub async fn eval<T: FromRedisValue>(
        &self,
        deadline: Instant,
        script: &str,
        keys: &[&str],
        args: &[&[u8]],
    ) -> Result<T, Error> {
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(keys.len()).arg(keys).arg(args);
        let value = self.run(deadline, command).await?;
        T::from_redis_value(value).map_err(|_| {
            let message = "the Redis of the rate limit sent something unexpected";
            Error::new(ErrorKind::Connection, Outcome::NotSent, message)
        })
    }

    // One function for all results: the addon for Node has a maximum size.
    async fn run(&self, deadline: Instant, command: Cmd) -> Result<Value, Error> {
        let patience = PATIENCE.min(deadline.saturating_duration_since(Instant::now()));
        let why = match timeout(patience, async { self.get().await?.send_packed_command(&command).await }).await {
            Ok(Ok(Value::ServerError(_))) => "an error of a script".to_owned(),
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error.category().to_owned(),
            Err(_) => "no response in time".to_owned(),
        };
        self.open.lock().await.take();
        let message = format!("the Redis of the rate limit could not be used ({why})");
        Err(Error::new(ErrorKind::Connection, Outcome::NotSent, message))
    }

    async fn get(&self) -> Result<MultiplexedConnection, RedisError> {
        let mut open = self.open.lock().await;
        match &*open {
            Some(connection) => Ok(connection.clone()),
            None => Ok(open.insert(self.client.get_multiplexed_async_connection().await?).clone()),
        }
    }
}
