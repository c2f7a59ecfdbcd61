//! A stand-in for Redis: the commands that clients send, by the same protocol. It can stop, lose its data in a restart, and be
//! replaced by a replica that has older data.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep_until};

use crate::kernel;
use crate::wire::End;

/// What Redis lost, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Nothing: it was only stopped.
    Nothing,
    /// A restart has lost all.
    All,
    /// A restart has read a file from before.
    Restored,
    /// A replica from before has taken its place.
    Replica,
}

#[derive(Clone)]
struct Redis {
    data: Data,
    /// The data as a replica or a file has it.
    copy: Data,
    generation: u64,
    has_replaced: bool,
    started: Duration,
    stopped_until: Option<Instant>,
}

#[derive(Clone, Default)]
struct Data(BTreeMap<Vec<u8>, (Value, Option<Duration>)>);

#[derive(Clone)]
enum Value {
    Text(Vec<u8>),
    Sorted(HashMap<Vec<u8>, i64>),
}

enum Reply {
    Nil,
    Number(i64),
    Text(Vec<u8>),
    Several(Vec<Reply>),
    Okay,
}

thread_local! {
    static REDIS: RefCell<Option<Redis>> = const { RefCell::new(None) };
}

/// Begins a Redis without data.
pub fn begin() {
    let started = kernel::time();
    REDIS.set(Some(Redis {
        data: Data::default(),
        copy: Data::default(),
        generation: 1,
        has_replaced: false,
        started,
        stopped_until: None,
    }));
}

/// Stops Redis for a while. Then it has lost this.
pub fn stop(time: Duration, loss: Loss) {
    REDIS.with_borrow_mut(|redis| {
        let Some(redis) = redis else { return };
        redis.stopped_until = Some(Instant::now() + time);
        match loss {
            Loss::Nothing => return,
            Loss::All => redis.data = Data::default(),
            Loss::Restored | Loss::Replica => redis.data = redis.copy.clone(),
        }
        redis.generation += 1;
        redis.has_replaced = loss == Loss::Replica;
        redis.started = kernel::time() + if loss == Loss::Replica { Duration::ZERO } else { time };
    });
}

/// Copies the data: to the replica, and to the file.
pub fn copy() {
    REDIS.with_borrow_mut(|redis| {
        if let Some(redis) = redis {
            redis.copy = redis.data.clone();
        }
    });
}

/// Serves a connection.
pub async fn serve(mut end: End) {
    let mut bytes = Vec::new();
    loop {
        while let Some((command, used)) = parse(&bytes) {
            bytes.drain(..used);
            let stopped = || REDIS.with_borrow(|redis| redis.as_ref().and_then(|redis| redis.stopped_until));
            while let Some(until) = stopped().filter(|until| Instant::now() < *until) {
                sleep_until(until).await;
            }
            let reply = REDIS.with_borrow_mut(|redis| redis.as_mut().map_or(Reply::Nil, |redis| redis.run(&command)));
            let mut text = Vec::new();
            reply.write(&mut text);
            if end.write_all(&text).await.is_err() {
                return;
            }
        }
        let mut more = [0; 4_096];
        match end.read(&mut more).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&more[..read]),
            _ => return,
        }
    }
}

/// Reads a command, and returns it with its length.
fn parse(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, usize)> {
    let mut at = 0;
    let number = |mark: u8, at: &mut usize| -> Option<usize> {
        let end = *at + bytes.get(*at..)?.windows(2).position(|two| two == b"\r\n")?;
        let text = bytes.get(*at..end)?.strip_prefix(&[mark])?;
        *at = end + 2;
        std::str::from_utf8(text).ok()?.parse().ok()
    };
    let count = number(b'*', &mut at)?;
    let mut words = Vec::new();
    for _ in 0..count {
        let length = number(b'$', &mut at)?;
        words.push(bytes.get(at..at + length)?.to_vec());
        at += length + 2;
    }
    (at <= bytes.len()).then_some((words, at))
}

impl Redis {
    fn run(&mut self, command: &[Vec<u8>]) -> Reply {
        let [name, script, count, rest @ ..] = command else { return Reply::Okay };
        if !name.eq_ignore_ascii_case(b"EVAL") {
            return Reply::Okay;
        }
        let script = String::from_utf8_lossy(script);
        let keys = std::str::from_utf8(count).ok().and_then(|count| count.parse().ok()).unwrap_or(0);
        let (keys, args) = rest.split_at(usize::min(keys, rest.len()));
        let now = wall();
        self.data.expire(now);
        // Each script of the client, by words that only it has.
        let is = |words: &str| script.contains(words);
        match (keys, args) {
            ([key], []) if is("{redis.call('TIME')") => Reply::Several(vec![
                Reply::Several(vec![text(now.as_secs()), text(u64::from(now.subsec_micros()))]),
                self.data.text(key).map_or(Reply::Nil, Reply::Text),
            ]),
            ([key], [before, after]) if is("~= ARGV[1] then return 0 end\nredis.call('SET'") => {
                let is_same = self.data.text(key).unwrap_or_default() == *before;
                if is_same {
                    self.data.set(key, Value::Text(after.clone()), now + HOUR);
                }
                Reply::Number(i64::from(is_same))
            }
            ([key], [holder, time]) if is("'NX'") => {
                let is_free = self.data.text(key).is_none();
                if is_free {
                    self.data.set(key, Value::Text(holder.clone()), now + millis(time));
                }
                Reply::Number(i64::from(is_free))
            }
            ([key], [holder, time]) if is("return redis.call('PEXPIRE', KEYS[1]") => {
                let is_held = self.data.text(key).as_ref() == Some(holder);
                if is_held {
                    self.data.set(key, Value::Text(holder.clone()), now + millis(time));
                }
                Reply::Number(i64::from(is_held))
            }
            ([key], [holder]) if is("redis.call('DEL'") => {
                if self.data.text(key).as_ref() == Some(holder) {
                    self.data.0.remove(key);
                }
                Reply::Nil
            }
            ([lock, doubts], [holder, ahead, id]) if is("'ZADD'") => {
                if !holder.is_empty() && self.data.text(lock).as_ref() != Some(holder) {
                    return Reply::Number(0);
                }
                let mut sorted = self.data.sorted(doubts);
                sorted.retain(|_, at| *at > (now.as_millis() as i64) - 3_600_000);
                sorted.insert(id.clone(), (now + millis(ahead)).as_millis() as i64);
                self.data.set(doubts, Value::Sorted(sorted), now + HOUR);
                Reply::Number(1)
            }
            ([doubts, made], [id, time]) if is("'ZREM'") => {
                if time != b"0" {
                    self.data.set(made, Value::Text(Vec::new()), now + millis(time));
                }
                let mut sorted = self.data.sorted(doubts);
                let removed = sorted.remove(id).is_some();
                let until = self.data.0.get(doubts).and_then(|(_, until)| *until).unwrap_or(now + HOUR);
                if removed {
                    self.data.set(doubts, Value::Sorted(sorted), until);
                }
                Reply::Number(i64::from(removed))
            }
            ([made], []) if is("'PTTL'") => {
                let until = self.data.0.get(made).and_then(|(_, until)| *until);
                Reply::Number(until.map_or(0, |until| until.saturating_sub(now).as_millis() as i64))
            }
            ([doubts, generation], [time, after_loss]) if is("'ZREVRANGE'") => {
                self.remaining(now, [doubts, generation], [millis(time), millis(after_loss)])
            }
            _ => panic!("the stand-in for Redis does not know this script: {script}"),
        }
    }

    fn remaining(&mut self, now: Duration, [doubts, generation]: [&Vec<u8>; 2], times: [Duration; 2]) -> Reply {
        let now_ms = now.as_millis() as i64;
        let known = self.data.text(generation).and_then(|text| {
            let text = String::from_utf8(text).ok()?;
            let (known, lost) = text.split_once(' ')?;
            Some((known.parse::<u64>().ok()?, lost.parse::<i64>().ok()?))
        });
        let lost = match known {
            None if self.has_replaced => now_ms,
            None => now_ms - (kernel::time().saturating_sub(self.started).as_secs() as i64 - 1) * 1_000,
            Some((known, _)) if known != self.generation => now_ms,
            Some((_, lost)) => lost,
        };
        let noted = format!("{} {lost}", self.generation).into_bytes();
        self.data.set(generation, Value::Text(noted), now + HOUR * 24);
        let last = self.data.sorted(doubts).into_values().max();
        let of_doubt = last.map_or(0, |at| at + times[0].as_millis() as i64 - now_ms);
        let left = (lost + times[1].as_millis() as i64 - now_ms).max(of_doubt).max(0);
        text(left.cast_unsigned())
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

impl Data {
    fn expire(&mut self, now: Duration) {
        self.0.retain(|_, (_, until)| until.is_none_or(|until| until > now));
    }

    fn text(&self, key: &[u8]) -> Option<Vec<u8>> {
        match self.0.get(key) {
            Some((Value::Text(text), _)) => Some(text.clone()),
            _ => None,
        }
    }

    fn sorted(&self, key: &[u8]) -> HashMap<Vec<u8>, i64> {
        match self.0.get(key) {
            Some((Value::Sorted(sorted), _)) => sorted.clone(),
            _ => HashMap::new(),
        }
    }

    fn set(&mut self, key: &[u8], value: Value, until: Duration) {
        self.0.insert(key.to_vec(), (value, Some(until)));
    }
}

impl Reply {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Nil => out.extend_from_slice(b"$-1\r\n"),
            Self::Okay => out.extend_from_slice(b"+OK\r\n"),
            Self::Number(number) => out.extend_from_slice(format!(":{number}\r\n").as_bytes()),
            Self::Text(text) => {
                out.extend_from_slice(format!("${}\r\n", text.len()).as_bytes());
                out.extend_from_slice(text);
                out.extend_from_slice(b"\r\n");
            }
            Self::Several(all) => {
                out.extend_from_slice(format!("*{}\r\n", all.len()).as_bytes());
                all.iter().for_each(|reply| reply.write(out));
            }
        }
    }
}

fn text(number: u64) -> Reply {
    Reply::Text(number.to_string().into_bytes())
}

fn millis(text: &[u8]) -> Duration {
    Duration::from_millis(std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Returns the time of the clock of Redis' machine.
fn wall() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}
