//! The rate limit on a machine whose storage fails and whose clock is set.
#![cfg(target_os = "linux")]

mod support;

use std::time::{Duration, Instant};

use ocamba_hood::{Client, ErrorKind, NewIntegration, Outcome, Provider, RateLimit, RawSettings, take_warning};
use support::faults::Faults;
use support::{Reply, Server, response, response_with};

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
    NewIntegration::new("Example", Provider::Unknown { provider_id: "9999".into(), settings: RawSettings::default() })
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
    // As no process that knew the time was the first to see the new one, the wait began again.
    assert!((3..10).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
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
        call.await.expect("no panic").expect("created");
        assert!((3..10).contains(&started.elapsed().as_secs()), "{clock}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn memory_of_the_process_takes_the_place_of_a_file_that_fails() {
    let name = "memory_of_the_process_takes_the_place_of_a_file_that_fails";
    let Some(faults) = Faults::of_test(name) else { return };
    let (lock, full, broken, large, read_only, forbidden) = (37, 28, 5, 27, 30, 13);
    let calls = [("flock", lock), ("write", full), ("write", broken), ("write", large), ("open", read_only)];
    let mut passed = 0;
    for (call, number) in calls.into_iter().chain([("open", forbidden)]) {
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
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
    assert!(error.message().contains("locked by another process"), "{error}");
    drop(holder);
    create(&client).await;
    assert_eq!(server.requests().len(), 2);
}
