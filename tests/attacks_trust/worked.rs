//! A desk after some days of work, made once: something of every kind that is evidence.

use std::sync::OnceLock;

use crate::{
    binary::text,
    scene::{Desk, ONE, Scene, mapping},
};

/// What was done.
pub struct Worked {
    pub scene: Scene,
    /// Proposed by Ana, approved by Carl, booked and shown by the ledger.
    pub settled: String,
    /// Proposed by Ana, rerouted by Cora, waiting for approval.
    pub rerouted: String,
    /// Held by Ana, who commented on it.
    pub held: String,
    /// Dismissed by Carl.
    pub dismissed: String,
    /// A mapping that Ana brought in and nobody decided on.
    pub inert: String,
}

/// The desk; copy it before anything is done to it.
pub fn worked() -> &'static Worked {
    static WORKED: OnceLock<Worked> = OnceLock::new();
    WORKED.get_or_init(|| {
        let scene = Scene::open(ONE, &["US01"]);
        let sales: Vec<_> = (1..=4).map(|n| scene.sale("US01", 10_000 * n)).collect();
        scene.sync();
        let of = |n: usize| scene.exception(&sales[n].reference, "unposted");
        let [first, second, held, dismissed] = [of(0), of(1), of(2), of(3)];

        let settled = scene.propose("ana", &first);
        scene.approve("carl", &settled).ok();
        scene.post().ok();
        scene.sync();
        assert_eq!(scene.posting(&settled)["state"], "settled");

        let proposed = scene.propose("ana", &second);
        let reroute =
            ["reroute", &proposed, "--date", "2026-11-18", "--reason", "on the day of the contract"];
        let rerouted = text(&scene.run("cora", reroute).ok().one(), "posting");
        scene.run("ana", ["comment", &held, "--text", "the customer disputes it"]).ok();
        scene.run("ana", ["hold", &held, "--reason", "waiting for the customer"]).ok();
        scene.run("carl", ["dismiss", &dismissed, "--reason", "booked by hand elsewhere"]).ok();

        let other = std::fs::read_to_string(mapping()).unwrap();
        let other = other.replacen("deferred_revenue = \"2400\"", "deferred_revenue = \"2460\"", 1);
        let file = scene.bench.file("inert.toml", &other);
        let inert = text(&scene.run("ana", ["import", "mapping", file.to_str().unwrap()]).ok().one(), "id");

        // A row that cannot be read, kept aside.
        let billing = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
                       F-1,A,Good,1,2026-11-10 09:00:00,20.00,17,United Kingdom\n\
                       F-2,A,Bad,one,2026-11-10 09:00:00,20.00,17,United Kingdom\n";
        let file = scene.bench.file("billing.csv", billing);
        let map = crate::small::map("billing");
        let args = ["import", "billing", file.to_str().unwrap(), "--map", map.to_str().unwrap()];
        let imported = scene.plainly(args).ok().one();
        assert_eq!(imported["rejected_rows"], 1, "{imported}");
        Worked { scene, settled, rerouted, held, dismissed, inert }
    })
}

/// A copy of the worked desk.
pub fn copied() -> (Desk, &'static Worked) {
    let worked = worked();
    (worked.scene.copy(), worked)
}
