//! A proxy before a server, which breaks exchanges on demand.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// One exchange with a server.
pub async fn exchange(address: &str, request: &[u8]) -> Vec<u8> {
    let mut server = TcpStream::connect(address).await.unwrap();
    server.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await.unwrap();
    answer
}

/// What the next exchange that fits meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429 with `Retry-After: 1`; the server hears nothing.
    TooMany,
    /// Half of the answer.
    CutAnswer,
    /// 401; the server hears nothing.
    Refuse,
    /// Another word where the first one of the proxy's two was.
    Malform,
    /// The server does it; no answer comes.
    SilentAfter,
    /// The server does it; the connection is cut.
    CutAfter,
    /// The server hears nothing; the connection is cut.
    CutBefore,
}

/// A proxy that breaks one exchange when told to.
pub struct Proxy {
    pub url: String,
    next: Arc<Mutex<Option<(&'static str, Fault)>>>,
    refused: Arc<AtomicU64>,
}

impl Proxy {
    /// Before `server` (`127.0.0.1:PORT`). A malformed answer has the second of `words` wherever the first
    /// was.
    pub async fn before(server: String, words: (&'static str, &'static str)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let next: Arc<Mutex<Option<(&'static str, Fault)>>> = Arc::default();
        let refused: Arc<AtomicU64> = Arc::default();
        let (mine, count) = (Arc::clone(&next), Arc::clone(&refused));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (next, count, server) = (Arc::clone(&mine), Arc::clone(&count), server.clone());
                tokio::spawn(async move { serve(client, (&server, words), &next, &count).await });
            }
        });
        Self { url, next, refused }
    }

    /// The next request that holds `part` meets `fault`.
    pub fn break_next(&self, part: &'static str, fault: Fault) {
        *self.next.lock().unwrap() = Some((part, fault));
    }

    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::SeqCst)
    }
}

type Next = Mutex<Option<(&'static str, Fault)>>;

async fn serve(
    mut client: TcpStream,
    (server, words): (&str, (&str, &str)),
    next: &Next,
    refused: &AtomicU64,
) {
    let Some(request) = read_request(&mut client).await else { return };
    let text = String::from_utf8_lossy(&request);
    let fault = next.lock().unwrap().take_if(|(part, _)| text.contains(*part)).map(|(_, fault)| fault);
    match fault {
        Some(Fault::CutBefore) => return,
        Some(Fault::TooMany) => {
            refused.fetch_add(1, Ordering::SeqCst);
            let answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\
                          Connection: close\r\n\r\n";
            let _ = client.write_all(answer.as_bytes()).await;
            return;
        }
        Some(Fault::Refuse) => {
            let answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = client.write_all(answer.as_bytes()).await;
            return;
        }
        _ => {}
    }
    let mut answer = exchange(server, &request).await;
    match fault {
        Some(Fault::CutAfter) => return,
        Some(Fault::SilentAfter) => {
            // Until the caller gives up.
            let _ = client.read_u8().await;
            return;
        }
        Some(Fault::CutAnswer) => answer.truncate(answer.len() - answer.len() / 3),
        Some(Fault::Malform) => {
            let text = String::from_utf8(answer).unwrap().replace(words.0, words.1);
            answer = text.into_bytes();
        }
        _ => {}
    }
    let _ = client.write_all(&answer).await;
}

/// One request; the proxy's answers all close the connection. Asks the server to do the same.
async fn read_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut block = [0_u8; 8192];
    loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                let mut request = format!("{head}\r\nConnection: close").into_bytes();
                request.extend_from_slice(&bytes[end..]);
                return Some(request);
            }
        }
        let n = client.read(&mut block).await.ok()?;
        if n == 0 {
            return None;
        }
        bytes.extend_from_slice(&block[..n]);
    }
}
