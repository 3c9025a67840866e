//! Decisions written into the packet's sheet, as anybody can: taken in and signed on the reviewer's machine.

use crate::{
    away::{Away, met, outcomes, sent},
    binary::text,
    sheet_cells::write,
};

fn taken_out(away: &Away, packet: &str) -> String {
    let sheet = away.file("review.xlsx");
    away.run(["packet", "show", packet, "--sheet", &sheet, "--force"]).ok();
    sheet
}

#[test]
fn decisions_in_the_sheet_are_signed_on_the_reviewer_s_machine_and_applied() {
    let (scene, postings, away) = met(3);
    let packet = sent(&scene.desk, &postings, "remy");
    let sheet = taken_out(&away, &packet);
    write(&sheet, "A2", "approve");
    write(&sheet, "A3", " Rejected ");
    write(&sheet, "B3", "booked twice");
    let decided = away.run(["packet", "decide", &packet, "--sheet", &sheet]).ok().lines();
    let said: Vec<_> = decided.iter().map(|one| one["decision"].as_str().unwrap_or("-")).collect();
    assert_eq!(said, ["approve", "reject", "-"]);
    let back = away.decisions(&packet, "back.tieout");
    let taken = outcomes(&scene.run("ana", ["packet", "import", &back]).ok());
    assert_eq!(taken.len(), 2, "{taken:?}");
    assert_eq!(taken[&postings[0]].1, "queued");
    assert_eq!(taken[&postings[1]].1, "rejected");
    assert_eq!(scene.posting(&postings[2])["state"], "proposed");
    scene.post().ok();
    assert_eq!(scene.booked(&text(&scene.posting(&postings[0]), "reference")).len(), 1);
}

#[test]
fn a_sheet_in_which_anything_else_was_changed_decides_nothing() {
    let (scene, postings, away) = met(2);
    let packet = sent(&scene.desk, &postings, "remy");
    let decide = |sheet: &str| away.run(["packet", "decide", &packet, "--sheet", sheet]);
    let sheet = taken_out(&away, &packet);
    decide(&sheet).refused("nothing_to_decide");
    write(&sheet, "A2", "perhaps");
    decide(&sheet).refused("packet_sheet_unfit");
    write(&sheet, "A2", "no");
    decide(&sheet).refused("reason_missing");
    write(&sheet, "A2", "approve");
    // The amount that the reviewer saw is another; so is the posting.
    write(&sheet, "F2", "1.00");
    decide(&sheet).refused("packet_sheet_unfit");
    let sheet = taken_out(&away, &packet);
    write(&sheet, "A2", "approve");
    write(&sheet, "N2", "pst_none");
    decide(&sheet).refused("packet_item_unknown");
    // That of another packet.
    let other = sent(&scene.desk, &postings, "remy");
    let sheet = taken_out(&away, &other);
    std::fs::copy(&other, away.file("other.tieout")).unwrap();
    let first = sent(&scene.desk, &postings, "remy");
    write(&sheet, "A2", "approve");
    away.run(["packet", "decide", &first, "--sheet", &sheet]).refused("packet_of_another");
    away.run(["packet", "decide", &away.file("other.tieout"), "--sheet", &sheet]).ok();
}
