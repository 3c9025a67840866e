//! NetSuite's two signers against independent implementations: PyPI `oauthlib` and `PyJWT`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod kit_world;

use chrono::{DateTime, Utc};
use kit_world::{python, run_python};
use tieout_connectors::{
    kit::Secret,
    vendors::netsuite::{M2m, M2mAlgorithm, TokenAuth, assertion, tba_header},
};

/// Signs with oauthlib what we sign, and prints its header.
const OAUTHLIB: &str = r#"
import json, sys
from oauthlib.oauth1 import Client
q = json.load(sys.stdin)
c = Client(q["ck"], client_secret=q["cs"], resource_owner_key=q["tk"], resource_owner_secret=q["ts"],
           signature_method="HMAC-SHA256", realm=q["realm"], nonce=q["nonce"], timestamp=q["at"])
_, headers, _ = c.sign(q["url"], http_method=q["method"])
print(headers["Authorization"])
"#;

/// The parameters of an `OAuth …` header, sorted; an absent version means 1.0.
fn parameters(header: &str) -> Vec<(String, String)> {
    let rest = header.trim().strip_prefix("OAuth ").unwrap();
    let mut found: Vec<_> = rest
        .split(',')
        .map(|part| part.trim().split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()))
        .collect();
    found.sort();
    found
}

#[track_caller]
fn check(method: &str, url: &str) {
    let Some(python) = python() else { return };
    let token = TokenAuth {
        consumer_key: Secret::new("ck-1"),
        consumer_secret: Secret::new("c s&+/%ü"),
        token_id: Secret::new("tk-1"),
        token_secret: Secret::new("t-s~_."),
    };
    let ours =
        tba_header("1234567_SB1", &token, method, &url.parse().unwrap(), "0f3a9c", 1_795_176_000).unwrap();
    let question = format!(
        r#"{{"ck":"ck-1","cs":"c s&+/%ü","tk":"tk-1","ts":"t-s~_.","realm":"1234567_SB1","nonce":"0f3a9c",
            "at":"1795176000","method":"{method}","url":"{url}"}}"#
    );
    let theirs = run_python(&python, OAUTHLIB, &question);
    assert_eq!(parameters(ours.expose()), parameters(&theirs), "{method} {url}");
}

#[test]
fn a_token_signature_equals_oauthlibs() {
    let host = "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest";
    check("POST", &format!("{host}/record/v1/journalEntry"));
    check("GET", &format!("{host}/record/v1/journalEntry/eid:T-a_b"));
    check("POST", &format!("{host}/query/v1/suiteql?limit=1000&offset=2000"));
    check(
        "GET",
        &format!("{host}/record/v1/customer?q=email%20IS%20%22a%2Bb%40c.example%22&z=1&a=%C3%BC&a=2"),
    );
    check("GET", "http://127.0.0.1:8123/services/rest/record/v1/journalEntry/7?expandSubResources=true");
}

/// Makes a key pair of the wanted kind: private PKCS #8 PEM, then public PEM.
const KEYS: &str = r#"
import json, sys
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives import serialization as s
elliptic = sys.stdin.read() == "ES256"
key = ec.generate_private_key(ec.SECP256R1()) if elliptic else rsa.generate_private_key(65537, 3072)
private = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
public = key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)
print(json.dumps([private.decode(), public.decode()]))
"#;

/// Verifies with PyJWT at the instant of signing, and prints header and claims.
const PYJWT: &str = r#"
import json, sys, jwt
q = json.load(sys.stdin)
claims = jwt.decode(q["jwt"], q["public"], algorithms=[q["alg"]], audience=q["aud"], issuer=q["iss"],
                    options={"verify_exp": False, "verify_iat": False,
                             "require": ["exp", "iat", "iss", "aud"]})
print(json.dumps([jwt.get_unverified_header(q["jwt"]), claims], sort_keys=True))
"#;

#[track_caller]
fn check_assertion(algorithm: M2mAlgorithm, name: &str) {
    let Some(python) = python() else { return };
    let keys: [String; 2] = serde_json::from_str(&run_python(&python, KEYS, name)).unwrap();
    let [private, public] = keys;
    let m2m = M2m {
        client_id: "client-1".into(),
        certificate_id: "cert-1".into(),
        algorithm,
        private_key_pem: Secret::new(private),
    };
    let url = "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token";
    let now: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().unwrap();
    let jwt = assertion(&m2m, url, now).unwrap();
    let ask = |jwt: &str| {
        serde_json::json!({"jwt": jwt, "public": public, "alg": name, "aud": url, "iss": "client-1"})
            .to_string()
    };
    let seen: [serde_json::Value; 2] =
        serde_json::from_str(&run_python(&python, PYJWT, &ask(jwt.expose()))).unwrap();
    assert_eq!(
        (&seen[0]["alg"], &seen[0]["kid"], &seen[0]["typ"]),
        (&name.into(), &"cert-1".into(), &"JWT".into())
    );
    assert_eq!(seen[1]["scope"], "rest_webservices");
    let (iat, exp) = (seen[1]["iat"].as_i64().unwrap(), seen[1]["exp"].as_i64().unwrap());
    assert_eq!(iat, now.timestamp());
    assert!(exp > iat && exp - iat < 3600, "NetSuite allows less than an hour");
    // The verifier must be able to say no: another claim under the same signature.
    let parts: Vec<&str> = jwt.expose().split('.').collect();
    let forged = format!("{}.{}.{}", parts[0], "eyJpc3MiOiJjbGllbnQtMSJ9", parts[2]);
    let refused = std::panic::catch_unwind(|| run_python(&python, PYJWT, &ask(&forged)));
    assert!(refused.is_err(), "a forged assertion was accepted");
}

#[test]
fn an_es256_assertion_is_verified_by_pyjwt() {
    check_assertion(M2mAlgorithm::Es256, "ES256");
}

#[test]
fn a_ps256_assertion_is_verified_by_pyjwt() {
    check_assertion(M2mAlgorithm::Ps256, "PS256");
}

#[test]
fn a_key_that_does_not_fit_the_algorithm_is_said_without_showing_it() {
    let m2m = M2m {
        client_id: "client-1".into(),
        certificate_id: "cert-1".into(),
        algorithm: M2mAlgorithm::Ps256,
        private_key_pem: Secret::new("-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----"),
    };
    let failure = assertion(&m2m, "https://x.example", Utc::now()).map(|_| ()).unwrap_err();
    assert_eq!(failure.code, "bad_credential");
    assert!(!failure.message.contains("canary"));
}
