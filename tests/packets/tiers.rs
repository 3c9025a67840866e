//! Limits and tiers hold for a decision by packet as for any other.

use crate::{
    away::{Away, introduce, outcomes, sent},
    scene::{Scene, TWO},
};

#[test]
fn an_approval_by_packet_is_one_of_two_where_the_tier_asks_for_two() {
    let scene = Scene::open(TWO, &["US01"]);
    let invoice = scene.sale("US01", 10_000);
    scene.sync();
    let posting = scene.propose("ana", &scene.exception(&invoice.reference, "unposted"));
    let away = Away::new();
    introduce(&scene.desk, &away);
    let packet = sent(&scene.desk, std::slice::from_ref(&posting), "remy");
    away.approve(&packet, &posting).ok();
    // Somebody else approves meanwhile: that is no change of what Remy saw.
    scene.approve("carl", &posting).ok();
    let back = away.decisions(&packet, "back.tieout");
    let taken = scene.run("ana", ["packet", "import", &back]).ok();
    assert_eq!(outcomes(&taken)[&posting].1, "queued");
    let mut by: Vec<String> = scene.posting(&posting)["approved_by"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap().to_owned())
        .collect();
    by.sort();
    assert_eq!(by, ["carl", "remy"]);
    scene.post().ok();
    assert_eq!(scene.booked(&invoice.reference).len(), 1);
    assert_eq!(scene.verify()["sound"], true);
}
