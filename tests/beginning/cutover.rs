//! A cutover: what is dated before is an opening item, and the difference of both sides is signed by two.

use crate::{
    binary::{Ran, text},
    house::{House, journal, mapping, right},
};

fn show(house: &House) -> serde_json::Value {
    house.bench.run(None, ["cutover", "show", "GB01"]).ok().one()
}

fn sign(house: &House, person: &str) -> Ran {
    let hash = text(&show(house), "hash");
    house.bench.run(Some(person), ["cutover", "sign", "GB01", "--content", &hash])
}

fn from(day: &str) -> String {
    mapping(&format!("books_from = \"{day}\""), "")
}

#[test]
fn documents_before_the_cutover_are_not_expected_and_their_settlement_is_no_error() {
    let later = [journal("1002", "2011-01-06", "1100", "4000", "20.00")];
    let house = House::new(&later);
    house.govern(&mapping("", ""));
    assert_eq!(house.open(), ["1001 unposted"]);
    house.govern(&from("2011-01-06"));
    assert_eq!(house.open(), Vec::<String>::new());
    let paid = [later[0].clone(), journal("1001", "2011-01-20", "1200", "1100", "10.00")];
    house.ledger(&paid);
    assert_eq!(house.open(), Vec::<String>::new(), "it settles an opening item");
    let cell = house.cell();
    assert_eq!((text(&cell, "settled"), text(&cell, "unexplained")), ("-10.00".into(), "0.00".into()));
    // And what is booked before that day is none of this desk's either, whatever it is.
    let old = [later[0].clone(), journal("OLD", "2011-01-02", "1100", "4000", "44.00")];
    house.ledger(&old);
    assert_eq!(house.open(), Vec::<String>::new());
    assert_eq!(text(&house.cell(), "opening"), "44.00");
    house.govern(&mapping("", ""));
    assert_eq!(house.open(), ["1001 unposted", "OLD orphan_journal"], "without a cutover all of it counts");
}

#[test]
fn the_difference_of_both_sides_is_signed_by_two_and_carried_until_it_clears() {
    let house = House::new(&[journal("1002", "2011-01-06", "1100", "4000", "20.00")]);
    house.bench.run(None, ["cutover", "show", "GB01"]).refused("mapping_required");
    house.govern(&from("2011-01-06"));
    let shown = show(&house);
    assert_eq!(text(&shown, "state"), "open");
    assert_eq!(shown["items"][0]["billing"], "10.00", "{shown:#}");
    assert_eq!(shown["difference"][0]["amount"], "-10.00");
    assert_eq!(house.lines(), ["opening_difference cutover of 2011-01-06, not signed yet -10.00"]);

    house.bench.run(Some("carl"), ["cutover", "sign", "GB01"]).refused("content_not_shown");
    assert_eq!(text(&sign(&house, "carl").ok().one(), "state"), "proposed");
    sign(&house, "carl").refused("author_of_a_change_does_not_decide_it");
    sign(&house, "ana").refused("role_may_not");
    let signed = sign(&house, "cora").ok().one();
    assert_eq!((text(&signed, "state").as_str(), &signed["signed_by"][1]), ("signed", &"cora".into()));
    assert_eq!(house.lines(), ["opening_difference cutover of 2011-01-06, signed -10.00"]);
    sign(&house, "carl").refused("nothing_to_decide");

    // The invoice is booked late, in the ERP: the difference clears.
    house.ledger(&[
        journal("1002", "2011-01-06", "1100", "4000", "20.00"),
        journal("1001", "2011-01-15", "1100", "4000", "10.00"),
    ]);
    assert_eq!(house.open(), Vec::<String>::new());
    assert_eq!(house.lines(), ["opening opening items 10.00"]);
    assert_eq!(text(&house.cell(), "variance"), "0.00");

    // Another day begins anew.
    house.govern(&from("2011-01-07"));
    assert_eq!(text(&show(&house), "state"), "open");
    assert_eq!(house.bench.run(None, ["verify"]).ok().one()["sound"], true);
}

#[test]
fn a_file_of_open_items_counts_in_the_place_of_what_was_read_and_moved_figures_are_refused() {
    let house = House::new(&right());
    house.govern(&from("2011-01-06"));
    let shown = show(&house);
    assert_eq!(text(&shown, "ledger_from"), "ledger");
    sign(&house, "carl").ok();
    let items = house.bench.file("ageing.csv", "Customer,Currency,Amount\n17,GBP,6.00\n17,GBP,1.50\n");
    let import =
        |person: &str| house.bench.run(Some(person), ["cutover", "import", "GB01", items.to_str().unwrap()]);
    let taken = import("carl").ok().one();
    assert_eq!(
        (text(&taken, "ledger_from").as_str(), &taken["difference"][0]["amount"]),
        ("file", &"-2.50".into())
    );
    sign(&house, "cora").refused("figures_moved");
    sign(&house, "carl").ok();
    sign(&house, "cora").ok();
    let lines = house.lines();
    assert_eq!(lines.last().unwrap(), "opening_difference cutover of 2011-01-06, signed -2.50", "{lines:?}");
    let bad = house.bench.file("bad.csv", "Customer,Currency,Amount\n17,GBP,six\n");
    house.bench.run(Some("carl"), ["cutover", "import", "GB01", bad.to_str().unwrap()]).refused("bad_amount");
}
