//! Proxies and certificates by options and environment.

use super::support::{file, ocamba, run};

const NOT_SENT: i32 = 5;

#[test]
fn first_of_option_and_variables_chooses_the_proxy() {
    // Nothing listens on these privileged ports.
    let [server, first, second] = ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"];
    let (first_url, second_url) = (format!("http://user:canary@{first}"), format!("http://user:canary@{second}"));
    let proxy = |address: &str| format!("the proxy {address} could not be reached");
    let direct = format!("no TCP connection to {server}");
    let invalid = |variable: &str| format!("{variable} is not the URL of a proxy");
    let (one, two) = (first_url.as_str(), second_url.as_str());
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], String, i32);
    let cases: [Case<'_>; 14] = [
        (&[], &[], direct.clone(), NOT_SENT),
        (&[], &[("HTTPS_PROXY", one)], proxy(first), NOT_SENT),
        (&[], &[("ALL_PROXY", one)], proxy(first), NOT_SENT),
        (&[], &[("HTTP_PROXY", one)], direct.clone(), NOT_SENT),
        (&[], &[("https_proxy", one), ("HTTPS_PROXY", two)], proxy(first), NOT_SENT),
        (&[], &[("HTTPS_PROXY", one), ("all_proxy", two)], proxy(first), NOT_SENT),
        (&[], &[("https_proxy", ""), ("HTTPS_PROXY", one)], proxy(first), NOT_SENT),
        (&[], &[("OCAMBA_PROXY", one), ("HTTPS_PROXY", two)], proxy(first), NOT_SENT),
        (&[], &[("OCAMBA_PROXY", "off"), ("HTTPS_PROXY", one)], direct.clone(), NOT_SENT),
        (&["--proxy", one], &[("OCAMBA_PROXY", two)], proxy(first), NOT_SENT),
        (&["--proxy", "off"], &[("OCAMBA_PROXY", two)], direct.clone(), NOT_SENT),
        (&[], &[("HTTPS_PROXY", one), ("NO_PROXY", "127.0.0.0/8")], direct.clone(), NOT_SENT),
        (&["--proxy", one], &[("NO_PROXY", "*")], proxy(first), NOT_SENT),
        (&[], &[("HTTPS_PROXY", "ftp://canary")], invalid("HTTPS_PROXY"), 2),
    ];
    for (options, variables, expected, code) in cases {
        let url = format!("https://{server}");
        let mut command = ocamba(&["--base-url", &url, "integrations", "list"]);
        command.args(options).env("OCAMBA_TOKEN", "any").envs(variables.iter().copied());
        run(&mut command).assert_fails(code, &[&expected]);
    }
}

#[test]
fn certificates_that_cannot_be_read_are_named() {
    let nothing = file("no-certificate.pem", b"nothing");
    for (option, variable, value, why) in [
        ("--root-certificates", "OCAMBA_ROOT_CERTIFICATES", "/nowhere/ca.pem", "cannot be read"),
        ("--root-certificates", "OCAMBA_ROOT_CERTIFICATES", nothing.as_str(), "has no certificate"),
        ("--client-certificate", "OCAMBA_CLIENT_CERTIFICATE", nothing.as_str(), "has no private key"),
    ] {
        let list = ["--base-url", "https://localhost:1", "integrations", "list"];
        run(ocamba(&list).args([option, value]).env("OCAMBA_TOKEN", "any")).assert_fails(2, &[why]);
        run(ocamba(&list).env(variable, value).env("OCAMBA_TOKEN", "any")).assert_fails(2, &[variable, why]);
    }
}

#[test]
fn plain_http_needs_a_named_host() {
    // The label is too long for a query, so that no resolver takes part.
    let host = format!("{}.invalid", "x".repeat(64));
    let list = ["--base-url", &format!("http://{host}:8080"), "integrations", "list"];
    run(ocamba(&list).env("OCAMBA_TOKEN", "any")).assert_fails(2, &["http_host", "OCAMBA_HTTP_HOST"]);
    let says: &[&str] = &[&format!("the name {host} was not found")];
    run(ocamba(&list).args(["--http-host", &host]).env("OCAMBA_TOKEN", "any")).assert_fails(NOT_SENT, says);
    run(ocamba(&list).env("OCAMBA_HTTP_HOST", &host).env("OCAMBA_TOKEN", "any")).assert_fails(NOT_SENT, says);
}
