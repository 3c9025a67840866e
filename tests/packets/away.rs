//! The other installation: a workspace of its own in a home of its own, whose only person reviews.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    binary::{Bench, Ran, finish, text},
    scene::{Desk, ONE, Scene},
};

/// Remy's own machine.
pub struct Away {
    pub bench: Bench,
}

impl Away {
    /// A fresh installation.
    pub fn new() -> Self {
        let away = Self { bench: Bench::empty() };
        away.run(["init", "--secrets", "vault", "--name", "Remy's own"]).ok();
        away
    }

    /// Runs a command there, in a home of its own.
    pub fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Ran {
        let mut command = self.bench.command(None, args);
        command.env("HOME", self.bench.folder.path());
        finish(command, None)
    }

    /// A file there.
    pub fn file(&self, name: &str) -> String {
        self.bench.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// What the packet holds.
    #[track_caller]
    pub fn show(&self, packet: &str) -> Value {
        self.run(["packet", "show", packet]).ok().one()
    }

    /// Approves an item as it was shown.
    pub fn approve(&self, packet: &str, posting: &str) -> Ran {
        let shown = self.show(packet);
        let item = shown["items"].as_array().unwrap().iter().find(|one| one["posting"] == posting);
        let content = text(item.expect("the packet has the posting"), "content_hash");
        self.run(["packet", "decide", packet, posting, "--approve", "--content", &content])
    }

    /// Writes the decisions for the way back.
    #[track_caller]
    pub fn decisions(&self, packet: &str, name: &str) -> String {
        let to = self.file(name);
        self.run(["packet", "decisions", packet, "--to", &to, "--force"]).ok();
        to
    }
}

/// A file in the desk's folder.
pub fn file_of(desk: &Desk, name: &str) -> String {
    desk.bench.folder.path().join(name).to_str().unwrap().to_owned()
}

/// Remy is added at the desk, makes a key on a machine of their own, which Olga brings over and Carl
/// confirms; the roster that Olga signs is taken in there.
pub fn introduce(desk: &Desk, away: &Away) {
    desk.run("olga", ["person", "add", "remy", "--role", "controller"]).ok();
    let card = away.file("remy.tieoutperson");
    let key = text(&away.run(["person", "key", "new", &card]).ok().one(), "key");
    let brought = desk.run("olga", ["person", "key", "add", "remy", &card]).ok().one();
    assert_eq!((&brought["key"], &brought["unconfirmed"]), (&Value::from(key), &Value::from(true)));
    desk.run("olga", ["person", "confirm", "remy"]).refused("issuer_does_not_confirm");
    desk.run("carl", ["person", "confirm", "remy"]).ok();
    share_roster(desk, away);
}

/// Olga signs the roster as it is, and it is taken in on the other machine.
pub fn share_roster(desk: &Desk, away: &Away) {
    let roster = file_of(desk, "books.tieoutroster");
    desk.run("olga", ["roster", "export", &roster, "--force"]).ok();
    away.run(["roster", "import", &roster]).ok();
}

/// A desk with Remy's key, so many postings of Ana's that wait, and Remy's own machine.
pub fn met(sales: i64) -> (Scene, Vec<String>, Away) {
    let scene = Scene::open(ONE, &["US01"]);
    let invoices: Vec<_> = (1..=sales).map(|n| scene.sale("US01", 10_000 * n)).collect();
    scene.sync();
    let propose = |invoice: &crate::scene::Invoice| {
        scene.propose("ana", &scene.exception(&invoice.reference, "unposted"))
    };
    let postings = invoices.iter().map(propose).collect();
    let away = Away::new();
    introduce(&scene.desk, &away);
    (scene, postings, away)
}

/// Ana writes a packet of these postings for somebody.
#[track_caller]
pub fn sent(desk: &Desk, postings: &[String], reviewer: &str) -> String {
    let to = file_of(desk, "review.tieout");
    let mut args = vec!["packet", "export", "--for", reviewer, "--to", &to, "--force"];
    args.extend(postings.iter().map(String::as_str));
    desk.run("ana", args).ok();
    to
}

/// What `packet import` answers of each posting: its result and its code.
pub fn outcomes(ran: &Ran) -> BTreeMap<String, (String, String)> {
    let all = ran.lines();
    all.iter().map(|one| (text(one, "id"), (text(one, "result"), text(one, "code")))).collect()
}

/// The parts of a packed file.
pub fn unpack(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut parts = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
        parts.insert(name, bytes);
    }
    parts
}

/// A file of these parts.
pub fn pack(path: &Path, parts: &BTreeMap<String, Vec<u8>>) -> PathBuf {
    let mut writer = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, bytes) in parts {
        writer.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, bytes).unwrap();
    }
    writer.finish().unwrap();
    path.to_owned()
}
