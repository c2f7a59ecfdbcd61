//! The rate limit and `ensure` on a machine whose storage fails and whose clock is set.
#![cfg(target_os = "linux")]

mod support;

use std::future::IntoFuture;
use std::time::{Duration, Instant};

use ocamba_hood::{Action, Client, ErrorKind, NewIntegration, Outcome, Provider, RateLimit, RawValues, take_warning};
use ocamba_sandbox::Sandbox;
use serde_json::json;
use support::faults::{EACCES, EFBIG, EIO, EMFILE, ENOLCK, ENOSPC, EROFS, Faults};
use support::{Reply, Server, response, response_with};

/// Calls, and the errors with which they fail.
const FAILURES: [(&str, i32); 8] = [
    ("flock", ENOLCK),
    ("flock", EIO),
    ("write", ENOSPC),
    ("write", EIO),
    ("write", EFBIG),
    ("open", EROFS),
    ("open", EACCES),
    ("open", EMFILE),
];

/// Returns the client of another process: what the processes share is in a folder.
fn client(faults: &Faults, server: &Server, folder: &str) -> Client {
    server.client().rate_limit(RateLimit::shared_in(faults.folder(folder))).build().expect("a client")
}

async fn server() -> Server {
    Server::start(Reply::Bytes(response(201, r#"{"id": "7"}"#))).await
}

async fn create(client: &Client) {
    client.integrations().create(request()).await.expect("created");
}

/// Returns where the state is, why, and how many requests it counts.
async fn status(client: &Client) -> (&'static str, Option<String>, usize) {
    let status = client.rate_limit_status().await.expect("a status");
    (status.storage, status.fallback_reason, status.used_in_minute)
}

fn request() -> NewIntegration {
    NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings: RawValues::default() })
}

#[tokio::test]
async fn wait_is_as_long_as_it_was_due_when_the_clock_is_set_back() {
    let name = "wait_is_as_long_as_it_was_due_when_the_clock_is_set_back";
    let Some(faults) = Faults::of_test(name) else { return };
    let refused = Reply::Bytes(response_with(429, "retry-after: 3\r\n", b""));
    let server = Server::start(Reply::Each(vec![refused, Reply::Bytes(response(201, r#"{"id": "7"}"#))])).await;
    let (one, other) = (client(&faults, &server, "state"), client(&faults, &server, "state"));
    let started = Instant::now();
    one.integrations().create(request()).max_retries(0).await.expect_err("refused");
    let waiting = tokio::spawn(async move { other.integrations().create(request()).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    for clock in ["clock -1200", "clock -7200", "clock -7000"] {
        faults.set(clock);
        let status = client(&faults, &server, "state").rate_limit_status().await.expect("a status");
        assert!(status.blocked_for <= Duration::from_secs(3), "{status:?}");
        let status = one.rate_limit_status().await.expect("a status");
        assert!(status.blocked_for <= Duration::from_secs(3), "{status:?}");
    }
    one.integrations().create(request()).await.expect("created");
    waiting.await.expect("no panic").expect("created");
    // As no process that knew the time was the first to see the new one, the wait began again. One until the clock reaches
    // its old time would be refused, since it does not end before the timeout of the call.
    assert!(started.elapsed() >= Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn wait_ends_when_it_was_due_though_the_clock_is_set_meanwhile() {
    let name = "wait_ends_when_it_was_due_though_the_clock_is_set_meanwhile";
    let Some(faults) = Faults::of_test(name) else { return };
    for clock in ["clock -7200", "clock 0"] {
        let refused = Reply::Bytes(response_with(429, "retry-after: 3\r\n", b""));
        let server = Server::start(Reply::Each(vec![refused, Reply::Bytes(response(201, r#"{"id": "7"}"#))])).await;
        let client = client(&faults, &server, "state");
        let started = Instant::now();
        client.integrations().create(request()).max_retries(0).await.expect_err("refused");
        let call = tokio::spawn(async move { client.integrations().create(request()).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        faults.set(clock);
        // A wait for hours would be refused, since it does not end before the timeout of the call.
        call.await.expect("no panic").expect("created");
        assert!(started.elapsed() >= Duration::from_secs(3), "{clock}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn memory_of_the_process_takes_the_place_of_a_file_that_fails() {
    let name = "memory_of_the_process_takes_the_place_of_a_file_that_fails";
    let Some(faults) = Faults::of_test(name) else { return };
    let mut passed = 0;
    for (call, number) in FAILURES {
        let (server, folder) = (server().await, format!("{call}-{number}"));
        let [at_work, new] = [(); 2].map(|()| client(&faults, &server, &folder));
        create(&at_work).await;
        assert_eq!(status(&at_work).await, ("file", None, 1));
        if call == "open" {
            std::fs::remove_dir_all(faults.folder(&folder)).expect("removed");
        }
        faults.set(&format!("{call} {number}\nmonotonic {passed}"));
        for client in [&at_work, &new, &client(&faults, &server, &folder)] {
            create(client).await;
        }
        for client in [&at_work, &new] {
            let (storage, reason, used) = status(client).await;
            assert_eq!((storage, used), ("memory", 3), "{folder}");
            assert!(reason.is_some_and(|reason| reason.contains(&format!("(os error {number})"))), "{folder}");
        }
        assert!(take_warning().is_some_and(|warning| warning.contains("rate-limit-")));
        // The file works again, and is used after a while.
        faults.set(&format!("monotonic {passed}"));
        assert_eq!(status(&new).await.0, "memory");
        passed += 11;
        faults.set(&format!("monotonic {passed}"));
        create(&new).await;
        let (storage, reason, _) = status(&new).await;
        assert_eq!((storage, reason), ("file", None));
        faults.set(&format!("{call} {number}\nmonotonic {passed}"));
        create(&new).await;
        assert_eq!(take_warning(), None, "it warns once");
        faults.set(&format!("monotonic {passed}"));
    }
}

#[tokio::test]
async fn clients_without_a_home_folder_share_the_memory_of_the_process() {
    let name = "clients_without_a_home_folder_share_the_memory_of_the_process";
    let Some(_faults) = Faults::of_test(name) else { return };
    let server = server().await;
    let [one, other] = [(); 2].map(|()| server.client().rate_limit(RateLimit::shared()).build().expect("a client"));
    let foreign = server.client().rate_limit(RateLimit::shared()).token("other").build().expect("a client");
    for client in [&one, &other, &foreign] {
        create(client).await;
    }
    assert_eq!([status(&one).await.2, status(&other).await.2, status(&foreign).await.2], [2, 2, 1]);
    assert!(take_warning().is_some_and(|warning| warning.contains("there is no home folder")));
}

#[tokio::test]
async fn folder_that_is_removed_is_created_again() {
    let name = "folder_that_is_removed_is_created_again";
    let Some(faults) = Faults::of_test(name) else { return };
    let server = server().await;
    let [one, other] = [(); 2].map(|()| client(&faults, &server, "state/inner"));
    for _ in 0..3 {
        create(&one).await;
        create(&other).await;
        assert_eq!([status(&one).await, status(&other).await], [(); 2].map(|()| ("file", None, 2)));
        std::fs::remove_dir_all(faults.folder("state")).expect("removed");
    }
    assert_eq!(take_warning(), None);
}

#[tokio::test]
async fn file_that_another_process_keeps_locked_fails_the_call() {
    let name = "file_that_another_process_keeps_locked_fails_the_call";
    let Some(faults) = Faults::of_test(name) else { return };
    let server = server().await;
    let client = client(&faults, &server, "state");
    create(&client).await;
    let path = std::fs::read_dir(faults.folder("state")).expect("a folder").flatten().next().expect("a file").path();
    let holder = std::fs::File::open(path).expect("a file");
    holder.lock().expect("locked");
    let call = client.integrations().create(request()).timeout(Duration::from_millis(300));
    let error = call.await.expect_err("locked");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent));
    assert!(error.message().contains("locked by another process"), "{error}");
    drop(holder);
    create(&client).await;
    assert_eq!(server.requests().len(), 2);
}

/// Fails the first of each kind of call, then the second, until there are no more, and then all. Each time `work` has another
/// folder, and learns the fault, and whether it is in all calls.
async fn fail_each_call(faults: &Faults, work: impl AsyncFn(&str, bool)) {
    for (call, number) in FAILURES {
        let mut count = 1;
        loop {
            let fault = format!("{call} {number} {count}");
            faults.set(&fault);
            work(&fault, false).await;
            if !faults.take_hit() {
                break;
            }
            count += 1;
        }
        assert!(count > 2, "{call} was called {count} times");
        let fault = format!("{call} {number}");
        faults.set(&fault);
        work(&fault, true).await;
        assert!(faults.take_hit());
    }
}

#[tokio::test]
async fn create_works_whatever_call_fails() {
    let Some(faults) = Faults::of_test("create_works_whatever_call_fails") else { return };
    let server = server().await;
    fail_each_call(&faults, async |fault, is_all| {
        let client = client(&faults, &server, fault);
        for _ in 0..2 {
            create(&client).await;
        }
        let (storage, reason, _) = status(&client).await;
        assert_eq!(storage == "memory", reason.is_some(), "{fault}");
        assert!(reason.is_some() || !is_all, "{fault}");
        let warning = take_warning();
        assert_eq!(warning.is_some(), reason.is_some(), "{fault}: {warning:?}");
        assert!(warning.is_none_or(|warning| warning.contains(fault)), "it names the folder");
        assert_eq!(take_warning(), None, "it warns once");
    })
    .await;
}

#[tokio::test]
async fn ensure_makes_one_whatever_call_fails() {
    let Some(faults) = Faults::of_test("ensure_makes_one_whatever_call_fails") else { return };
    let sandbox = Sandbox::builder().no_limits().start().await.expect("a sandbox");
    fail_each_call(&faults, async |fault, is_all| {
        let client = || {
            let rate_limit = RateLimit::shared_in(faults.folder(fault));
            let client = Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(rate_limit);
            client.build().expect("a client")
        };
        sandbox.reset();
        let (one, other) = (client(), client());
        // The server finishes at once; a create whose end cannot be noted stays in doubt for that long.
        let moment = Duration::from_millis(100);
        let calls = [&one, &other].map(|client| {
            client.integrations().ensure(support::request("one")).reconcile_timeout(moment).into_future()
        });
        let [one, other] = calls;
        let (one, other) = tokio::join!(one, other);
        let mut actions = [one, other].map(|ensured| ensured.expect(fault).action);
        actions.sort_by_key(|action| *action != Action::Created);
        assert_eq!(actions, [Action::Created, Action::Adopted], "{fault}");
        assert_eq!(sandbox.integrations().len(), 1, "{fault}");
        let warnings: Vec<_> = std::iter::from_fn(take_warning).collect();
        assert!(warnings.len() <= 2 && warnings.iter().all(|warning| warning.contains(fault)), "{warnings:?}");
        let of_names = warnings.iter().filter(|warning| warning.contains("may create the same integration")).count();
        assert!(of_names == 1 || !is_all, "{fault}: {warnings:?}");
    })
    .await;
}

#[tokio::test]
async fn doubts_of_others_survive_when_their_file_cannot_be_cleaned() {
    let Some(faults) = Faults::of_test("doubts_of_others_survive_when_their_file_cannot_be_cleaned") else { return };
    let sandbox = Sandbox::builder().no_limits().start().await.expect("a sandbox");
    let broken = |number| json!({ "name": format!("kept-{number}"), "fault": { "close": { "at": "read" } } });
    let broken = json!({ "faults": (0..9).map(broken).collect::<Vec<_>>() }).to_string();
    for count in 1.. {
        sandbox.reset();
        sandbox.set_faults(&broken.parse().expect("faults")).expect("set");
        let folder = faults.folder(&format!("clean-{count}"));
        let client =
            Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(RateLimit::shared_in(&folder));
        let client = client.build().expect("a client");
        for number in 0..9 {
            let create = client.integrations().create(support::request(&format!("kept-{number}"))).await;
            assert_eq!(create.expect_err("broken").outcome(), Outcome::Unknown);
        }
        let mut files = std::fs::read_dir(&folder).expect("a folder").flatten().map(|file| file.path());
        let path = files.find(|path| path.to_string_lossy().contains("doubts-")).expect("a file");
        let text = std::fs::read_to_string(&path).expect("doubts");
        // It is cleaned when it has grown.
        std::fs::write(&path, format!("{text}{}", "\n".repeat(200_000))).expect("written");
        faults.set(&format!("write {ENOSPC} {count}"));
        client.integrations().ensure(support::request("other")).await.expect("ensured");
        let was_hit = faults.take_hit();
        let now = std::fs::read_to_string(&path).expect("doubts");
        let doubts: Vec<_> = text.lines().filter(|line| line.contains("\"doubt\":{")).collect();
        assert!(doubts.len() >= 9 && doubts.iter().all(|doubt| now.contains(doubt)), "{count}: {now:.2000}");
        if !was_hit {
            assert!(now.len() < 100_000, "cleaned");
            break;
        }
    }
}
