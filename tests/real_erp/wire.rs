//! HTTP on bare sockets: a client of the test's own, and a proxy that drops connections now and then, before
//! or after what it carries was done.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
};

/// Sends a request; status and body of the answer.
pub fn send(address: &str, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    let answer = exchange(address, format!("{head}{body}").as_bytes()).unwrap();
    let text = String::from_utf8(answer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    (status, body.to_owned())
}

fn exchange(address: &str, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(request)?;
    read_message(&mut stream)
}

/// One HTTP message with a content length, or all that comes.
fn read_message(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut chunk = [0_u8; 16 * 1024];
    loop {
        if let Some(end) = message.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&message[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length = length.and_then(|text| text.trim().parse::<usize>().ok());
            if length.is_some_and(|length| message.len() >= end + 4 + length) {
                return Ok(message);
            }
        }
        match stream.read(&mut chunk)? {
            0 => return Ok(message),
            n => message.extend_from_slice(&chunk[..n]),
        }
    }
}

/// Reproducible randomness (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// When a connection is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// The request is lost.
    Before,
    /// It is done, and its answer is lost.
    After,
}

struct Shared {
    to: String,
    dice: Mutex<Dice>,
    /// Of a hundred changing requests so many are cut on each side; of reads a fourth of that.
    share: AtomicU64,
    cut: AtomicU64,
    seen: Mutex<Sender<()>>,
}

/// A proxy on a loopback port of its own.
pub struct Proxy {
    address: String,
    shared: Arc<Shared>,
    /// A message for every request, as it arrives.
    pub requests: Receiver<()>,
}

impl Proxy {
    /// Forwards to `to`, and cuts nothing at first.
    pub fn start(to: String, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (seen, requests) = channel();
        let shared = Arc::new(Shared {
            to,
            dice: Mutex::new(Dice(seed)),
            share: AtomicU64::new(0),
            cut: AtomicU64::new(0),
            seen: Mutex::new(seen),
        });
        let own = Arc::clone(&shared);
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let shared = Arc::clone(&own);
                std::thread::spawn(move || {
                    while serve(&mut client, &shared).unwrap_or(false) {}
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        Self { address, shared, requests }
    }

    /// Its address, as a connection needs it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on so many of a hundred changing requests are cut on each side.
    pub fn cuts(&self, share: u64) {
        self.shared.share.store(share, Ordering::SeqCst);
    }

    /// How many connections were cut so far.
    pub fn cut(&self) -> u64 {
        self.shared.cut.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn fate(&self, request: &[u8]) -> Option<Cut> {
        let text = String::from_utf8_lossy(request);
        let changes = ["move.create", "move.post", "move.delete", "party.create"];
        let changes = changes.iter().any(|part| text.contains(part));
        let share = self.share.load(Ordering::SeqCst) * if changes { 4 } else { 1 };
        let drawn = self.dice.lock().unwrap().below(400);
        let fate = match drawn {
            n if n < share => Some(Cut::Before),
            n if n < 2 * share => Some(Cut::After),
            _ => None,
        };
        self.cut.fetch_add(u64::from(fate.is_some()), Ordering::SeqCst);
        fate
    }
}

/// One request of a client's connection; true when another may follow.
fn serve(client: &mut TcpStream, shared: &Shared) -> std::io::Result<bool> {
    let request = read_message(client)?;
    if request.is_empty() {
        return Ok(false);
    }
    let _ = shared.seen.lock().unwrap().send(());
    let fate = shared.fate(&request);
    if fate == Some(Cut::Before) {
        return Ok(false);
    }
    let answer = exchange(&shared.to, &request)?;
    if fate == Some(Cut::After) {
        return Ok(false);
    }
    client.write_all(&answer)?;
    Ok(true)
}
