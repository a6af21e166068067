//! Encryption and credentials between the machines.

use std::fs;
use std::process::Stdio;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use tempfile::TempDir;

use super::{Nodes, Process, free_ports, program, said};
use crate::campaign::plan_file;

/// A token of NATS: what `issuer` says of `subject`.
fn token(issuer: &KeyPair, subject: &KeyPair, name: &str, rights: serde_json::Value) -> String {
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&serde_json::json!({ "typ": "JWT", "alg": "ed25519-nkey" }));
    let body = part(&serde_json::json!({
        "jti": name, "iat": 1_767_225_600, "iss": issuer.public_key(), "name": name,
        "sub": subject.public_key(), "nats": rights,
    }));
    let signed = format!("{head}.{body}");
    let signature = issuer.sign(signed.as_bytes()).expect("a key that signs");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn encryption_and_credentials_are_needed_and_suffice() {
    let test = "encryption_and_credentials_are_needed_and_suffice";
    let folder = TempDir::new().expect("a folder");
    let within = |name: &str| folder.path().join(name);
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let certified = certified.expect("a certificate");
    fs::write(within("cert.pem"), certified.cert.pem()).expect("written");
    fs::write(within("key.pem"), certified.signing_key.serialize_pem()).expect("written");
    let (operator, account) = (KeyPair::new_operator(), KeyPair::new_account());
    let (system, user) = (KeyPair::new_account(), KeyPair::new_user());
    let all = |stored: i64| {
        serde_json::json!({ "type": "account", "version": 2, "limits": {
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "conn": -1,
            "leaf": -1, "wildcards": true, "mem_storage": stored, "disk_storage": stored,
            "streams": stored, "consumer": stored,
        }})
    };
    let own = serde_json::json!({ "type": "operator", "version": 2 });
    let rights = serde_json::json!({
        "type": "user", "version": 2, "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1,
    });
    let port = free_ports(1)[0];
    let config = format!(
        "server_name: n0\nlisten: 127.0.0.1:{port}\n\
         tls {{ cert_file: {:?}, key_file: {:?} }}\n\
         operator: {}\nsystem_account: {system}\nresolver: MEMORY\n\
         resolver_preload {{ {account}: {}, {system}: {} }}\n",
        within("cert.pem"),
        within("key.pem"),
        token(&operator, &operator, "operator", own),
        token(&operator, &account, "account", all(-1)),
        token(&operator, &system, "system", all(0)),
        system = system.public_key(),
        account = account.public_key(),
    );
    let creds = format!(
        "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        token(&account, &user, "user", rights),
        user.seed().expect("a seed"),
    );
    fs::write(within("user.creds"), creds).expect("written");
    let urls = format!("tls://localhost:{port}");
    let servers = TempDir::new().expect("a folder");
    let Some(cluster) = Nodes::start_with(test, servers, vec![config], urls) else {
        return;
    };
    let plan = plan_file(folder.path(), crate::campaign::SWEEP)
        .display()
        .to_string();
    let run = |out: &str, urls: &str, with: &[(&str, &str)]| {
        let out = within(out).display().to_string();
        let mut command = program(&["campaign", &plan, "--out", &out, "--nats", urls]);
        for (name, file) in with {
            command.env(name, within(file));
        }
        command.output().expect("it runs")
    };
    let (ca, key) = (
        ("PARALLAX_NATS_CA", "cert.pem"),
        ("PARALLAX_NATS_CREDS", "user.creds"),
    );
    let mut helper = program(&["worker", "--nats", &cluster.urls, "--slots", "1"]);
    helper.env(ca.0, within(ca.1)).env(key.0, within(key.1));
    let _worker = Process(helper.stdout(Stdio::null()).spawn().expect("it starts"));
    let done = run("all", &cluster.urls, &[ca, key]);
    assert!(done.status.success(), "{}", said(&done));
    for (out, with) in [("no-key", [ca].as_slice()), ("no-ca", &[key])] {
        let done = run(out, &cluster.urls, with);
        assert_eq!(done.status.code(), Some(2), "{out}: {}", said(&done));
        assert!(
            said(&done).contains("NATS refuses"),
            "{out}: {}",
            said(&done)
        );
    }
    let done = run("plain", "nats://192.0.2.1:4222", &[ca, key]);
    assert!(said(&done).contains("write tls://"), "{}", said(&done));
}
