//! The connection to the Redis that the clients of an account share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Cmd, ConnectionAddr, FromRedisValue, IntoConnectionInfo, RedisConnectionInfo, RedisError,
    Value,
};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, ErrorKind, Outcome, Stage};
use crate::network::{ConnectError, Stream, Tls, connect_tcp, encrypt};
use crate::secret::Secret;

/// Time in which Redis must respond to a command.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Prefixes of the URLs of a Redis.
pub const SCHEMES: [&str; 4] = ["redis://", "rediss://", "unix://", "redis+unix://"];

/// A connection that is made when it is first needed, and anew after an error.
pub struct RedisConnection {
    place: Place,
    /// Login and database.
    settings: RedisConnectionInfo,
    tls: Arc<Tls>,
    open: Mutex<Option<MultiplexedConnection>>,
}

/// Where a Redis listens.
enum Place {
    Tcp { address: Uri, is_encrypted: bool },
    Unix(PathBuf),
}

impl RedisConnection {
    pub fn new(url: &Secret, tls: &Arc<Tls>) -> Result<Self, Error> {
        // Redis' own message would quote the URL, which may hold a password.
        let refuse = || {
            let message = "the Redis URL of the rate limit must look like redis://host:6379, rediss://host:6379 or \
                           unix:///run/redis.sock";
            Error::configuration(message)
        };
        // TLS is this crate's own, with the certificates of the client.
        let (is_encrypted, plain) = match url.expose().strip_prefix("rediss://") {
            Some(rest) => (true, format!("redis://{rest}")),
            None => (false, url.expose().to_owned()),
        };
        let info = plain.as_str().into_connection_info().map_err(|_| refuse())?;
        let place = match info.addr() {
            ConnectionAddr::Tcp(host, port) => {
                let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
                let address = Uri::builder().scheme("redis").authority(format!("{host}:{port}")).path_and_query("/");
                Place::Tcp { address: address.build().map_err(|_| refuse())?, is_encrypted }
            }
            ConnectionAddr::Unix(path) if cfg!(unix) => Place::Unix(path.clone()),
            _ => return Err(refuse()),
        };
        Ok(Self { place, settings: info.redis_settings().clone(), tls: tls.clone(), open: Mutex::new(None) })
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
        let patience = deadline.min(Instant::now() + PATIENCE);
        let why = match timeout_at(patience, self.send(&command, patience)).await {
            Ok(Ok(Value::ServerError(_))) => "an error of a script".to_owned(),
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(why)) => why,
            Err(_) => "no response in time".to_owned(),
        };
        // Whoever has it is making another, for which a call at its deadline must not wait.
        if let Ok(mut open) = self.open.try_lock() {
            open.take();
        }
        let message = format!("the Redis of the rate limit could not be used ({why})");
        Err(Error::new(ErrorKind::Connection, Outcome::NotSent, message).at_stage(Some(Stage::Redis), false))
    }

    async fn send(&self, command: &Cmd, deadline: Instant) -> Result<Value, String> {
        let category = |error: RedisError| error.category().to_owned();
        let mut connection = {
            let mut open = self.open.lock().await;
            match &*open {
                Some(connection) => connection.clone(),
                None => {
                    let stream = self.connect(deadline).await?;
                    // Its own limit is shorter than the deadline, which holds for the command as a whole.
                    let config = AsyncConnectionConfig::new().set_response_timeout(None);
                    let made = MultiplexedConnection::new_with_config(&self.settings, stream, config).await;
                    let (connection, driver) = made.map_err(category)?;
                    tokio::spawn(driver);
                    open.insert(connection).clone()
                }
            }
        };
        connection.send_packed_command(command).await.map_err(category)
    }

    async fn connect(&self, deadline: Instant) -> Result<Stream, String> {
        match &self.place {
            Place::Tcp { address, is_encrypted } => {
                let fail = |error: ConnectError| error.to_string();
                let tcp = connect_tcp(address, false, deadline).await.map_err(fail)?;
                if !is_encrypted {
                    return Ok(tcp);
                }
                let config = self.tls.config().await.map_err(fail)?;
                encrypt(tcp, config, address, deadline).await.map_err(fail)
            }
            #[cfg(unix)]
            Place::Unix(path) => match tokio::net::UnixStream::connect(path).await {
                Ok(unix) => Ok(Stream::Unix(unix)),
                Err(error) => Err(format!("{}: {error}", path.display())),
            },
            #[cfg(not(unix))]
            Place::Unix(path) => Err(format!("{}: no sockets on this system", path.display())),
        }
    }
}
