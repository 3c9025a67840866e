//! A company's proxy that reads the traffic: it takes the connection, answers with a certificate of its own
//! authority, and passes on what it has read. And one that asks who is calling.
#![cfg(debug_assertions)]

use std::{
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex},
};

use base64::Engine as _;
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tieout_sandbox::company::{DEFAULT_AS_OF, Spec, generate};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

use super::{
    binary::{Bench, Ran, finish, text},
    company::{Served, as_of},
};

/// A host that only the proxy knows.
const HOST: &str = "billing.tieout.test";
const USER: &str = "desk";
const PASSWORD: &str = "canary-of-the-proxy-7781";

/// A proxy on loopback with an authority of its own.
struct Inspecting {
    port: u16,
    /// The authority's certificate, PEM.
    authority: String,
    /// The first line of each request that it was sent, and of each that it read inside a connection.
    heard: Arc<Mutex<Vec<String>>>,
}

/// The authority, and what signs with it.
fn authority() -> (Certificate, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "The company's own authority");
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap(), Issuer::new(params, key))
}

/// A certificate as text (RFC 7468).
fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

impl Inspecting {
    /// Before `server`; with `asks`, it lets nobody through who does not say who they are.
    async fn before(server: String, asks: bool) -> Self {
        let (certificate, issuer) = authority();
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec![HOST.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], key.serialize_der().try_into().unwrap())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let told = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, server, heard) = (acceptor.clone(), server.clone(), Arc::clone(&told));
                tokio::spawn(async move { serve(client, &acceptor, &server, asks, &heard).await });
            }
        });
        Self { port, authority: pem(certificate.der()), heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// What comes up to the end of a head.
async fn head(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    Some(bytes)
}

async fn serve(
    mut client: TcpStream,
    acceptor: &TlsAcceptor,
    server: &str,
    asks: bool,
    heard: &Mutex<Vec<String>>,
) -> Option<()> {
    let asked = String::from_utf8(head(&mut client).await?).unwrap();
    let first = asked.lines().next().unwrap_or_default().to_owned();
    heard.lock().unwrap().push(first.clone());
    // RFC 7617: the base64 of user, colon and password.
    let known = asked.lines().any(|line| {
        line.eq_ignore_ascii_case("proxy-authorization: Basic ZGVzazpjYW5hcnktb2YtdGhlLXByb3h5LTc3ODE=")
    });
    if asks && !known {
        let refused = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                       Proxy-Authenticate: Basic realm=\"company\"\r\n\
                       Content-Length: 0\r\nConnection: close\r\n\r\n";
        client.write_all(refused.as_bytes()).await.ok()?;
        return None;
    }
    if first != format!("CONNECT {HOST}:443 HTTP/1.1") {
        client
            .write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .await
            .ok()?;
        return None;
    }
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
    let mut inside = acceptor.accept(client).await.ok()?;
    let read = head(&mut inside).await?;
    let line = String::from_utf8_lossy(&read).lines().next().unwrap_or_default().to_owned();
    heard.lock().unwrap().push(line);
    let mut behind = TcpStream::connect(server).await.ok()?;
    behind.write_all(&read).await.ok()?;
    copy_bidirectional(&mut inside, &mut behind).await.ok()?;
    Some(())
}

/// A company's billing behind the proxy, and its ledger on loopback.
struct Behind {
    served: Served,
    proxy: Inspecting,
    bench: Bench,
    key: String,
    account: String,
}

impl Behind {
    fn new(asks: bool) -> Self {
        let spec = Spec { seed: 11, invoices: 20, as_of: DEFAULT_AS_OF, fault_rate: 0 };
        let served = Served::start(generate(&spec));
        let about = served.sandbox.describe();
        let server = text(&about["stripe"], "url").replace("http://", "");
        let one = &about["stripe"]["accounts"][0];
        let (key, account) = (text(one, "api_key"), text(one, "account"));
        let proxy = served.runtime.block_on(Inspecting::before(server, asks));
        Self { served, proxy, bench: Bench::new(), key, account }
    }

    /// A command of somebody whose computer has this proxy, with this user at it.
    fn command(&self, user: Option<&str>, args: &[&str]) -> Command {
        let mut command = self.bench.command(None, args.iter().copied());
        let user = user.map_or_else(String::new, |password| format!("{USER}:{password}@"));
        let address = format!("http://{user}127.0.0.1:{}", self.proxy.port);
        for name in ["http_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "no_proxy", "NO_PROXY"] {
            command.env_remove(name);
        }
        command.env("HTTPS_PROXY", &address).env("HTTP_PROXY", &address);
        command.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
        command.env("TIEOUT_CREDENTIAL_API_KEY", &self.key).env("TIEOUT_LOG", "trace");
        command
    }

    fn add(&self, trusting: Option<(&str, &PathBuf)>, user: Option<&str>) -> Ran {
        let (url, set) = (format!("https://{HOST}"), format!("account={}", self.account));
        let args = [
            "connection",
            "add",
            "behind",
            "--vendor",
            "stripe",
            "--url",
            &url,
            "--mode",
            "test",
            "--set",
            &set,
        ];
        let mut add = self.command(user, &args);
        if let Some((variable, file)) = trusting {
            add.env(variable, file);
        }
        self.quiet(finish(add, None))
    }

    fn sync(&self, trusting: Option<(&str, &PathBuf)>, user: Option<&str>) -> Ran {
        let mut sync = self.command(user, &["sync", "--as-of", &as_of()]);
        if let Some((variable, file)) = trusting {
            sync.env(variable, file);
        }
        self.quiet(finish(sync, None))
    }

    /// At its most talkative it told nobody's secret.
    #[track_caller]
    fn quiet(&self, ran: Ran) -> Ran {
        for secret in [PASSWORD, "ZGVzazpjYW5hcnkt", &self.key] {
            assert!(!ran.stderr.contains(secret) && !ran.stdout.contains(secret), "{secret} was told");
        }
        ran
    }

    /// The authority as the machine's policy names it, and as the system's own store has it.
    fn authorities(&self) -> [(&'static str, PathBuf); 2] {
        let pem = self.bench.file("authority.pem", &self.proxy.authority);
        let says = format!("version = 1\n[network]\ncertificate_authorities = \"{}\"\n", pem.display());
        let policy = self.bench.file("machine-policy.toml", &says);
        [("TIEOUT_DEBUG_POLICY", policy), ("SSL_CERT_FILE", pem)]
    }
}

#[test]
fn a_proxy_that_reads_the_traffic_works_where_its_authority_is_trusted_and_is_told_where_it_is_not() {
    let behind = Behind::new(false);
    let refused = behind.add(None, None).ok();
    let tried = &refused.one()["tried"];
    assert_eq!(tried["code"], "certificate_refused", "{tried}");
    let words = tried["message"].as_str().unwrap();
    for part in
        [HOST, "signed by nobody that this computer trusts", "certificate authority", "Nothing was sent"]
    {
        assert!(words.contains(part), "{words}");
    }
    let inside = |line: &String| !line.starts_with("CONNECT");
    assert!(!behind.proxy.heard().iter().any(inside), "nothing was sent: {:?}", behind.proxy.heard());
    let ran = behind.sync(None, None);
    assert!(ran.codes().contains(&"certificate_refused".to_owned()), "{:?}", ran.stdout);

    for (variable, file) in behind.authorities() {
        behind.proxy.heard.lock().unwrap().clear();
        behind.sync(Some((variable, &file)), None).ok();
        let heard = behind.proxy.heard();
        assert!(heard.iter().any(|line| line.starts_with("GET /v1/")), "{variable}: {heard:?}");
    }
    assert!(behind.served.sandbox.describe()["stripe"]["url"].is_string());

    // One that cannot be read closes the way, whoever answers.
    let none = behind.bench.file("no-authority.pem", "no certificate");
    let says = format!("version = 1\n[network]\ncertificate_authorities = \"{}\"\n", none.display());
    let policy = behind.bench.file("machine-policy.toml", &says);
    let ran = behind.sync(Some(("TIEOUT_DEBUG_POLICY", &policy)), None);
    assert_eq!(ran.status, 1);
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains("no-authority.pem"), "{ran:?}");
}

#[test]
fn a_proxy_that_asks_who_is_calling_is_told_and_what_it_refuses_is_told_in_plain_words() {
    let behind = Behind::new(true);
    let [(variable, file), _] = behind.authorities();
    for user in [None, Some("another-canary-than-it-knows")] {
        let refused = behind.add(Some((variable, &file)), user).ok().one();
        let tried = &refused["tried"];
        assert_eq!(tried["code"], "proxy_refused", "{tried}");
        assert!(tried["message"].as_str().unwrap().contains("HTTPS_PROXY"), "{tried}");
        assert!(!refused.to_string().contains("another-canary"), "{refused}");
        behind.bench.run(None, ["connection", "remove", "behind"]).ok();
    }
    let added = behind.add(Some((variable, &file)), Some(PASSWORD)).ok();
    assert!(added.one()["tried"]["code"].is_null(), "{}", added.stdout);
    behind.sync(Some((variable, &file)), Some(PASSWORD)).ok();
}

#[test]
fn what_is_on_this_machine_and_what_no_proxy_names_goes_past_the_proxy() {
    let behind = Behind::new(false);
    let about = behind.served.sandbox.describe();
    let url = text(&about["stripe"], "url");
    let args = ["connection", "add", "here", "--vendor", "stripe", "--url", &url, "--mode", "test"];
    finish(behind.command(None, &args), None).ok();
    behind.sync(None, None).ok();
    assert_eq!(behind.proxy.heard(), Vec::<String>::new());

    let address = format!("https://{HOST}");
    let args = ["connection", "add", "past", "--vendor", "stripe", "--url", &address, "--mode", "test"];
    let mut past = behind.command(None, &args);
    past.env("NO_PROXY", ".tieout.test");
    let tried = finish(past, None).ok().one()["tried"].clone();
    assert_eq!(tried["code"], "host_unknown", "asked of nobody but the system's own names: {tried}");
    assert_eq!(behind.proxy.heard(), Vec::<String>::new());
}
