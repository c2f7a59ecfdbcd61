//! Locks of names: one `ensure` at a time for each name and provider, so that it never creates two.
//!
//! A lock is held in this process by a mutex, among the processes of a user on a machine by a locked file, and among
//! machines through the rate limit's Redis, if there is one. All of them end with their holder, however that dies. A client
//! that knows its company holds the name by its token and by its company.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, timeout_at};

use super::account::{Account, NameKey};
#[cfg(feature = "redis")]
use super::background::finish_by;
use super::doubts::CreateId;
use super::name_lock_file::{NameLockFile, WAIT, pause};
use super::process_wide::ProcessWide;
#[cfg(feature = "redis")]
use super::rate_limit::IfUnavailable;
use super::rate_limit::RateLimit;
use super::{doubts, made, private_folder, warnings};
#[cfg(feature = "redis")]
use super::{redis_connection::RedisConnection, redis_names};
use crate::clock::Moment;
use crate::error::{Error, ErrorKind, Outcome};
use crate::network::Tls;

/// Difference that the clocks of this machine and of Redis may have within an hour.
#[cfg(feature = "redis")]
const CLOCK_DRIFT: Duration = Duration::from_secs(1);
/// Time for which a call that has ended tries to note that.
const NOTE_TIMEOUT: Duration = Duration::from_millis(200);

/// The locks of one account's names, and the doubts about them.
pub struct NameLocks {
    pub account: Account,
    folder: Option<PathBuf>,
    #[cfg(feature = "redis")]
    redis: Option<(Arc<RedisConnection>, IfUnavailable)>,
}

/// Lock of a name, released when it is dropped.
pub struct NameLockGuard {
    /// The create that its holder makes.
    pub create: CreateId,
    parts: Vec<Part>,
}

/// Whether an integration may have been created since a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeSince {
    No,
    Yes,
    /// A create was sent whose outcome is not known.
    InDoubt,
}

/// Lock of one of the name's keys.
struct Part {
    key: NameKey,
    file: Option<NameLockFile>,
    _in_process: OwnedMutexGuard<()>,
    #[cfg(feature = "redis")]
    in_redis: Option<redis_names::RedisLockGuard>,
}

impl NameLocks {
    /// Redis is reached over `tls` where its URL says so.
    #[cfg_attr(not(feature = "redis"), allow(unused_variables))]
    pub fn new(rate_limit: &RateLimit, account: &Account, tls: &Arc<Tls>) -> Result<Self, Error> {
        Ok(Self {
            account: account.clone(),
            folder: rate_limit.folder().map(Into::into).or_else(private_folder::user_folder),
            #[cfg(feature = "redis")]
            redis: match rate_limit.redis_url() {
                Some(url) => Some((Arc::new(RedisConnection::new(url, tls)?), rate_limit.if_unavailable)),
                None => None,
            },
        })
    }

    /// Waits until no other call holds the name.
    pub async fn acquire(&self, name: &str, provider_id: &str, deadline: Instant) -> Result<NameLockGuard, Error> {
        let mut guard = NameLockGuard { create: CreateId::new(), parts: Vec::new() };
        self.extend(&mut guard, name, provider_id, deadline).await?;
        Ok(guard)
    }

    /// Locks the keys of the name that have become known since, too. Returns true if there are any.
    pub async fn extend(
        &self,
        guard: &mut NameLockGuard,
        name: &str,
        provider_id: &str,
        deadline: Instant,
    ) -> Result<bool, Error> {
        let before = guard.parts.len();
        for key in self.account.name_keys(name, provider_id).into_iter().skip(before) {
            let in_process = timeout_at(deadline, in_process(&key.name).lock_owned()).await.map_err(|_| timed_out())?;
            let file = self.lock_file(&key, deadline).await?;
            #[cfg(feature = "redis")]
            let in_redis = self.lock_in_redis(&key, deadline).await?;
            guard.parts.push(Part {
                #[cfg(feature = "redis")]
                in_redis,
                key,
                file,
                _in_process: in_process,
            });
        }
        Ok(guard.parts.len() > before)
    }

    /// Returns for how long a name is still in doubt, if a doubt lasts this long after its create was sent. A create is sent
    /// within `send_limit`, or never.
    pub async fn doubt_remaining(
        &self,
        guard: &NameLockGuard,
        time: Duration,
        send_limit: Duration,
        deadline: Instant,
    ) -> Result<Duration, Error> {
        let mut longest = Duration::ZERO;
        for Part { key, .. } in &guard.parts {
            let here = unlocked(deadline, || doubts::remaining(self.folder.as_deref(), key, time)).await?;
            // Without a usable file, the doubts of this process are known.
            longest = longest.max(here.or_else(|_| doubts::remaining(None, key, time)).unwrap_or_default());
            #[cfg(feature = "redis")]
            if let Some((redis, _)) = &self.redis {
                let [_, doubt, generation, _] = redis_keys(key);
                let times = [time, time + send_limit];
                let there = redis_names::remaining(redis, [&doubt, &generation], times, deadline).await;
                longest = longest.max(self.if_available(there)?.unwrap_or_default());
            }
        }
        #[cfg(not(feature = "redis"))]
        let _ = (send_limit, deadline);
        Ok(longest)
    }

    /// Notes that a create is about to be sent, within `send_limit` or never: a process that dies meanwhile leaves a doubt.
    /// Without a lock, only Redis keeps it. Fails if the lock was lost.
    pub async fn begin_create(
        &self,
        id: CreateId,
        guard: Option<&NameLockGuard>,
        name: &str,
        provider_id: &str,
        send_limit: Duration,
        deadline: Instant,
    ) -> Result<(), Error> {
        if let Some(guard) = guard {
            for part in &guard.parts {
                let note = || doubts::note(self.folder.as_deref(), &part.key, id, send_limit);
                self.warn(unlocked(deadline, note).await?);
                let is_held = part.file.as_ref().is_none_or(NameLockFile::is_held);
                #[cfg(feature = "redis")]
                let is_held = is_held
                    && match &part.in_redis {
                        Some(lock) => lock.note_doubt(&redis_keys(&part.key)[1], id, send_limit, deadline).await?,
                        None => true,
                    };
                if !is_held {
                    return Err(lost());
                }
            }
            return Ok(());
        }
        #[cfg(feature = "redis")]
        if let Some((redis, if_unavailable)) = &self.redis {
            let keys = self.account.name_keys(name, provider_id);
            let noted = note_in_redis(redis, &keys, id, send_limit, deadline).await;
            return if *if_unavailable == IfUnavailable::UseMemory { Ok(()) } else { noted };
        }
        #[cfg(not(feature = "redis"))]
        let _ = (name, provider_id, send_limit, deadline);
        Ok(())
    }

    /// Returns true if creates without a lock are noted before they are sent.
    pub fn notes_all_creates(&self) -> bool {
        #[cfg(feature = "redis")]
        return self.redis.is_some();
        #[cfg(not(feature = "redis"))]
        return false;
    }

    /// Notes that a create was sent and that its outcome is unknown, as far as that takes no waiting.
    pub fn note_unknown_here(&self, id: CreateId, name: &str, provider_id: &str) {
        let deadline = Instant::now() + NOTE_TIMEOUT;
        for key in self.account.name_keys(name, provider_id) {
            let note = || doubts::note(self.folder.as_deref(), &key, id, Duration::ZERO);
            let mut noted = note();
            while is_locked(&noted) && Instant::now() < deadline {
                std::thread::sleep(WAIT);
                noted = note();
            }
            self.warn(noted);
        }
    }

    /// Notes that a create was sent and that its outcome is unknown: after the deadline, in the background.
    #[cfg_attr(not(feature = "redis"), allow(unused_variables))]
    pub async fn note_unknown(&self, id: CreateId, name: &str, provider_id: &str, deadline: Instant) {
        self.note_unknown_here(id, name, provider_id);
        #[cfg(feature = "redis")]
        if let Some((redis, _)) = &self.redis {
            let (redis, keys) = (redis.clone(), self.account.name_keys(name, provider_id));
            let until = Instant::now() + super::redis_connection::PATIENCE;
            // The note from before the create, if there is one, lasts longer.
            let note = async move { drop(note_in_redis(&redis, &keys, id, Duration::ZERO, until).await) };
            finish_by(deadline, note).await;
        }
    }

    /// Returns whether an integration with this name may have been created since a moment at which the account was read:
    /// by a call that held the name, or in doubt since then. Doubts last `time`, and a create is sent within `send_limit`.
    pub async fn may_be_made_since(
        &self,
        guard: &NameLockGuard,
        read: &Moment,
        time: Duration,
        send_limit: Duration,
        deadline: Instant,
    ) -> Result<MadeSince, Error> {
        // Creates are forgotten, and without a clock nobody can tell which were later.
        let age = |read: &Moment| read.elapsed().filter(|age| *age + send_limit < made::FORGOTTEN / 2);
        for Part { key, .. } in &guard.parts {
            let within = || age(read).map_or(Ok(true), |age| made::was_within(self.folder.as_deref(), key, age));
            let here = unlocked(deadline, within).await?;
            // Without a usable file, the creates of this process are known.
            let in_process = || age(read).is_none_or(|age| made::was_within(None, key, age).unwrap_or(true));
            if here.unwrap_or_else(|_| in_process()) {
                return Ok(MadeSince::Yes);
            }
            #[cfg(feature = "redis")]
            if let Some((redis, _)) = &self.redis {
                let [.., made] = redis_keys(key);
                let there = redis_names::time_since_create(redis, &made, deadline).await;
                let age = read.elapsed().unwrap_or(made::FORGOTTEN);
                if self.if_available(there)?.flatten().is_some_and(|since| since <= age + CLOCK_DRIFT) {
                    return Ok(MadeSince::Yes);
                }
            }
        }
        let since_read = read.elapsed().unwrap_or(made::FORGOTTEN);
        let in_doubt = self.doubt_remaining(guard, time.max(since_read + WAIT), send_limit, deadline).await?;
        Ok(if in_doubt.is_zero() { MadeSince::No } else { MadeSince::InDoubt })
    }

    /// Notes that the outcome of a create is known, and whether it took effect: after the deadline, in the background. Only one
    /// with a lock was noted in the process and the file.
    pub async fn end_create(
        &self,
        id: CreateId,
        guard: Option<&NameLockGuard>,
        [name, provider_id]: [&str; 2],
        is_made: bool,
        deadline: Instant,
    ) {
        #[cfg(not(feature = "redis"))]
        let _ = deadline;
        for key in self.account.name_keys(name, provider_id) {
            if guard.is_some() {
                let end = || {
                    let noted = if is_made { made::note(self.folder.as_deref(), &key) } else { Ok(()) };
                    // Where this cannot be noted, the doubt stays in the file, for other processes: this one knows the create.
                    let folder = self.folder.as_deref().filter(|_| noted.is_ok());
                    doubts::clear(folder, &key, id).and(noted)
                };
                if let Ok(ended) = unlocked(Instant::now() + NOTE_TIMEOUT, end).await {
                    self.warn(ended);
                }
            }
            #[cfg(feature = "redis")]
            if let Some((redis, _)) = &self.redis {
                let (redis, [_, doubt, _, made]) = (redis.clone(), redis_keys(&key));
                let until = Instant::now() + super::redis_connection::PATIENCE;
                let end =
                    async move { drop(redis_names::end_create(&redis, [&doubt, &made], id, is_made, until).await) };
                finish_by(deadline, end).await;
            }
        }
    }

    /// Locks a file. `None` where no file can be locked: then only this process is guarded.
    async fn lock_file(&self, key: &NameKey, deadline: Instant) -> Result<Option<NameLockFile>, Error> {
        let Some(folder) = &self.folder else { return Ok(None) };
        match NameLockFile::lock(folder, key, deadline).await {
            Ok(Some(file)) => Ok(Some(file)),
            Ok(None) => Err(timed_out()),
            Err(error) => {
                self.warn(Err(error));
                Ok(None)
            }
        }
    }

    /// Warns that other processes do not know what this one knows, without a usable file.
    fn warn(&self, result: io::Result<()>) {
        if let (Err(error), Some(folder)) = (result, &self.folder) {
            let folder = folder.display();
            warnings::warn(format!(
                "the files of `ensure` could not be used ({folder}: {error}); other processes may create the same integration"
            ));
        }
    }

    /// Locks the name among all machines. `None` without Redis, and where it is unavailable and memory may be used.
    #[cfg(feature = "redis")]
    async fn lock_in_redis(
        &self,
        key: &NameKey,
        deadline: Instant,
    ) -> Result<Option<redis_names::RedisLockGuard>, Error> {
        let Some((redis, _)) = &self.redis else { return Ok(None) };
        match self.if_available(redis_names::acquire(redis, redis_keys(key)[0].clone(), deadline).await)? {
            Some(None) => Err(timed_out()),
            guard => Ok(guard.flatten()),
        }
    }

    /// Returns `None` where Redis is unavailable and memory may be used, of which the user is warned.
    #[cfg(feature = "redis")]
    fn if_available<T>(&self, result: Result<T, Error>) -> Result<Option<T>, Error> {
        match (result, &self.redis) {
            (Err(error), Some((_, IfUnavailable::UseMemory))) => {
                warnings::warn_of(&error, "other machines may create the same integration");
                Ok(None)
            }
            (result, _) => result.map(Some),
        }
    }
}

impl NameLockGuard {
    /// Gives up the lock, also in Redis, before a process that ends now would leave it there: after the deadline, in the
    /// background.
    #[cfg_attr(not(feature = "redis"), allow(unused_variables))]
    pub async fn release(self, deadline: Instant) {
        #[cfg(feature = "redis")]
        for mut part in self.parts {
            if let Some(lock) = part.in_redis.take() {
                finish_by(deadline, lock.release()).await;
            }
        }
    }
}

/// Notes a doubt without a lock, which begins after a time.
#[cfg(feature = "redis")]
async fn note_in_redis(
    redis: &RedisConnection,
    keys: &[NameKey],
    id: CreateId,
    ahead: Duration,
    until: Instant,
) -> Result<(), Error> {
    for key in keys {
        let [lock, doubt, ..] = redis_keys(key);
        redis_names::note(redis, [&lock, &doubt], "", id, ahead, until).await?;
    }
    Ok(())
}

/// Returns the keys of a name in Redis: of its lock, of its doubt, of the account's generation of data, and of its create.
#[cfg(feature = "redis")]
fn redis_keys(key: &NameKey) -> [String; 4] {
    let of = |what: &str| format!("{{ocamba-hood-{}}}:{what}", key.account);
    [
        of(&format!("name:{}", key.name)),
        of(&format!("doubt:{}", key.name)),
        of("generation"),
        of(&format!("made:{}", key.name)),
    ]
}

fn is_locked<T>(result: &io::Result<T>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

/// Repeats this while another process has locked the file.
async fn unlocked<T>(deadline: Instant, work: impl Fn() -> io::Result<T>) -> Result<io::Result<T>, Error> {
    loop {
        match work() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() >= deadline => {
                return Err(Error::new(ErrorKind::Timeout, Outcome::NotSent, error.to_string()));
            }
            result if is_locked(&result) => pause().await,
            result => return Ok(result),
        }
    }
}

/// Returns the error for a lock that another call may hold by now.
fn lost() -> Error {
    let message = "the lock of the name was lost, because Redis or this process was stopped, or a file removed; \
                   nothing was sent";
    Error::new(ErrorKind::Timeout, Outcome::NotSent, message)
}

fn timed_out() -> Error {
    let message = "timed out waiting for another call that ensures this name and provider";
    Error::new(ErrorKind::Timeout, Outcome::NotSent, message)
}

/// Returns the lock of a name in this process, for all its clients. A forked child has its own: it is another process.
fn in_process(name: &str) -> Arc<tokio::sync::Mutex<()>> {
    type Locks = HashMap<(u32, String), Arc<tokio::sync::Mutex<()>>>;
    static LOCKS: ProcessWide<Locks> = ProcessWide::new();
    LOCKS.with(|locks| {
        // Locks that nobody holds or waits for have no other reference.
        locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        locks.entry((std::process::id(), name.to_owned())).or_default().clone()
    })
}

#[cfg(test)]
#[path = "name_lock_tests.rs"]
mod tests;
