//! Credentials are really verified: each good one opens, each way of being wrong does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod netsuite_client;

use std::time::Duration;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PSS_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use netsuite_client::{Answer, Bench, JOURNAL, SUITEQL, Signer, invoice};
use reqwest::Method;
use serde_json::{Value, json};
use tieout_sandbox::fault::{FaultKind, FaultPlan, Faults, ScriptedFault};
use tieout_sandbox::netsuite::{M2mClient, ServerOptions, TOKEN_PATH};

#[tokio::test]
async fn token_based_authentication_opens_only_with_everything_right() {
    type Wrong = fn(&mut Signer);
    let cases: [(&str, Wrong, u16); 11] = [
        ("all right", |_| (), 404),
        ("lower-case realm", |s| s.realm = "1234567_sb1".into(), 401),
        ("realm of the host", |s| s.realm = "1234567-SB1".into(), 401),
        ("other consumer", |s| s.consumer_key = "ck-other".into(), 401),
        ("other token", |s| s.token = "tk-other".into(), 401),
        ("wrong consumer secret", |s| s.consumer_secret.push('x'), 401),
        ("wrong token secret", |s| s.token_secret.push('x'), 401),
        ("HMAC-SHA1", |s| s.method = "HMAC-SHA1".into(), 401),
        ("clock ten minutes slow", |s| s.clock = -600, 401),
        ("clock ten minutes fast", |s| s.clock = 600, 401),
        ("clock a minute slow", |s| s.clock = -60, 404),
    ];
    let mut bench = Bench::new().await;
    for (what, spoil, status) in cases {
        bench.signer = Signer::default();
        spoil(&mut bench.signer);
        let answer = bench.get(&format!("{JOURNAL}/1")).await;
        assert_eq!(answer.status, status, "{what}");
        if status == 401 {
            assert_eq!(
                (answer.code(), &answer.body["title"]),
                ("INVALID_LOGIN", &json!("Unauthorized")),
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn the_query_is_part_of_the_signature_and_a_nonce_counts_once() {
    let mut bench = Bench::new().await;
    let query = "SELECT id FROM account";
    assert_eq!(bench.suiteql("?limit=10&offset=0", query).await.status, 200);
    bench.signer.signs_query = false;
    assert_eq!(bench.suiteql("?limit=10&offset=0", query).await.status, 401);
    bench.signer.signs_query = true;
    bench.signer.nonce = Some("once".into());
    assert_eq!(bench.suiteql("", query).await.status, 200);
    assert_eq!(bench.suiteql("", query).await.status, 401);
    let signed_for_other = bench.signer.header("GET", &format!("{}{SUITEQL}", bench.server.url()));
    let url = format!("{}{JOURNAL}/1", bench.server.url());
    let sent = bench.client.get(url).header("Authorization", signed_for_other).send().await;
    assert_eq!(Answer::of(sent).await.status, 401);
}

/// Keys of a registered client, and how it signs.
enum Key {
    Es256(EcdsaKeyPair),
    Ps256(RsaKeyPair),
}

impl Key {
    fn es256() -> Self {
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Self::Es256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap())
    }

    fn ps256() -> Self {
        Self::Ps256(RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap())
    }

    fn alg(&self) -> &'static str {
        match self {
            Self::Es256(_) => "ES256",
            Self::Ps256(_) => "PS256",
        }
    }

    fn pem(&self) -> String {
        let der: Vec<u8> = match self {
            Self::Es256(pair) => {
                AsDer::<aws_lc_rs::encoding::PublicKeyX509Der<'_>>::as_der(pair.public_key())
                    .unwrap()
                    .as_ref()
                    .to_vec()
            }
            Self::Ps256(pair) => {
                AsDer::<aws_lc_rs::encoding::PublicKeyX509Der<'_>>::as_der(pair.public_key())
                    .unwrap()
                    .as_ref()
                    .to_vec()
            }
        };
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let random = SystemRandom::new();
        let signature = match self {
            Self::Es256(pair) => pair.sign(&random, signed.as_bytes()).unwrap().as_ref().to_vec(),
            Self::Ps256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
                signature
            }
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn m2m_bench(key: &Key, faults: Faults, lifetime: Duration) -> Bench {
    let client = M2mClient {
        client_id: "client-1".into(),
        certificate_id: "cert-1".into(),
        public_key_pem: key.pem(),
    };
    let options = ServerOptions { m2m: vec![client], token_lifetime: lifetime, ..ServerOptions::default() };
    Bench::with(options, faults).await
}

fn claims(bench: &Bench) -> Value {
    let now = chrono::Utc::now().timestamp();
    let aud = format!("{}{TOKEN_PATH}", bench.server.url());
    json!({"iss": "client-1", "scope": "rest_webservices", "aud": aud, "iat": now, "exp": now + 600})
}

async fn ask(bench: &Bench, assertion: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
    ];
    Answer::of(bench.client.post(format!("{}{TOKEN_PATH}", bench.server.url())).form(&form).send().await)
        .await
}

async fn with_bearer(bench: &Bench, token: &str) -> u16 {
    let url = format!("{}{JOURNAL}/1", bench.server.url());
    bench.client.request(Method::GET, url).bearer_auth(token).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_signed_assertion_gives_a_token_that_opens() {
    for key in [Key::es256(), Key::ps256()] {
        let bench = m2m_bench(&key, Faults::none(), Duration::from_secs(3600)).await;
        let header = json!({"alg": key.alg(), "typ": "JWT", "kid": "cert-1"});
        let answer = ask(&bench, &key.sign(&header, &claims(&bench))).await;
        assert_eq!(answer.status, 200, "{}", key.alg());
        assert_eq!(
            (&answer.body["expires_in"], &answer.body["token_type"]),
            (&json!("3600"), &json!("bearer"))
        );
        let token = answer.body["access_token"].as_str().unwrap();
        assert_eq!(with_bearer(&bench, token).await, 404);
        assert_eq!(with_bearer(&bench, "forged").await, 401);
    }
}

#[tokio::test]
async fn a_wrong_assertion_gives_no_token() {
    type Wrong = fn(&mut Value, &mut Value);
    let cases: [(&str, Wrong); 10] = [
        ("other certificate", |h, _| h["kid"] = json!("cert-2")),
        ("other client", |_, c| c["iss"] = json!("client-2")),
        ("other audience", |_, c| c["aud"] = json!("https://example.com/token")),
        ("no scope", |_, c| c["scope"] = json!("restlets")),
        ("expired", |_, c| {
            c["iat"] = json!(1_000);
            c["exp"] = json!(2_000);
        }),
        ("lives too long", |_, c| c["exp"] = json!(c["iat"].as_i64().unwrap() + 3_601)),
        ("from the future", |_, c| {
            c["iat"] = json!(c["iat"].as_i64().unwrap() + 1_000);
            c["exp"] = json!(c["iat"].as_i64().unwrap() + 1_600);
        }),
        ("no exp", |_, c| {
            c.as_object_mut().unwrap().remove("exp");
        }),
        ("alg none", |h, _| h["alg"] = json!("none")),
        ("alg of the other key", |h, _| h["alg"] = json!("PS256")),
    ];
    let key = Key::es256();
    let bench = m2m_bench(&key, Faults::none(), Duration::from_secs(3600)).await;
    for (what, spoil) in cases {
        let mut header = json!({"alg": "ES256", "typ": "JWT", "kid": "cert-1"});
        let mut claims = claims(&bench);
        spoil(&mut header, &mut claims);
        let answer = ask(&bench, &key.sign(&header, &claims)).await;
        assert_eq!((answer.status, &answer.body["error"]), (401, &json!("invalid_client")), "{what}");
    }
    let stranger = Key::es256();
    let header = json!({"alg": "ES256", "typ": "JWT", "kid": "cert-1"});
    assert_eq!(ask(&bench, &stranger.sign(&header, &claims(&bench))).await.status, 401);
    let form = [("grant_type", "password")];
    let url = format!("{}{TOKEN_PATH}", bench.server.url());
    assert_eq!(bench.client.post(url).form(&form).send().await.unwrap().status().as_u16(), 400);
}

#[tokio::test]
async fn an_access_token_ends_by_time_by_the_server_and_by_a_fault() {
    let key = Key::es256();
    let header = json!({"alg": "ES256", "typ": "JWT", "kid": "cert-1"});
    let short = m2m_bench(&key, Faults::none(), Duration::ZERO).await;
    let token = ask(&short, &key.sign(&header, &claims(&short))).await.body["access_token"].clone();
    assert_eq!(with_bearer(&short, token.as_str().unwrap()).await, 401);

    let plan = FaultPlan::script([ScriptedFault::nth(2, JOURNAL, FaultKind::ExpiredToken)]);
    let bench = m2m_bench(&key, Faults::new(plan), Duration::from_secs(3600)).await;
    let token = ask(&bench, &key.sign(&header, &claims(&bench))).await.body["access_token"].clone();
    let token = token.as_str().unwrap();
    let statuses = [
        with_bearer(&bench, token).await,
        with_bearer(&bench, token).await,
        with_bearer(&bench, token).await,
    ];
    assert_eq!(statuses, [404, 401, 401], "the fault ended the token for good");
    let token = ask(&bench, &key.sign(&header, &claims(&bench))).await.body["access_token"].clone();
    assert_eq!(with_bearer(&bench, token.as_str().unwrap()).await, 404);
    bench.server.expire_access_tokens();
    assert_eq!(with_bearer(&bench, token.as_str().unwrap()).await, 401);
    assert_eq!(bench.server.faults().injected_of(FaultKind::ExpiredToken), 1);
}

#[tokio::test]
async fn a_key_can_be_registered_as_the_certificate_that_holds_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=desk", "-days", "2"])
        .args(["-keyout", &path("key.pem"), "-out", &path("certificate.pem")])
        .output()
        .unwrap();
    assert!(made.status.success());
    let pem = std::fs::read_to_string(path("key.pem")).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = Key::Ps256(RsaKeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap());
    let client = M2mClient {
        client_id: "client-1".into(),
        certificate_id: "cert-1".into(),
        public_key_pem: std::fs::read_to_string(path("certificate.pem")).unwrap(),
    };
    let options = ServerOptions { m2m: vec![client], ..ServerOptions::default() };
    let bench = Bench::with(options, Faults::none()).await;
    let header = json!({"alg": "PS256", "typ": "JWT", "kid": "cert-1"});
    assert_eq!(ask(&bench, &key.sign(&header, &claims(&bench))).await.status, 200);
}

#[tokio::test]
async fn nothing_is_booked_without_a_credential() {
    let bench = Bench::new().await;
    let url = format!("{}{JOURNAL}", bench.server.url());
    let sent = bench.client.post(url).json(&invoice("K1", "INV-1", "2026-11-03", "10")).send().await.unwrap();
    assert_eq!(sent.status().as_u16(), 401);
    assert_eq!(bench.book().count().unwrap(), 0);
}
