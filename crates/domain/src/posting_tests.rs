use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::*;
use crate::{
    AccountCode, ChangeId, Currency, DocumentId, EntityCode, Money,
    basis::{DocumentBasis, KeptEntry, ReversedEntry, Routing},
    calendar::PeriodKey,
    destination::{Customer, Destination, DestinationError},
    entry::{EntryDraft, JournalEntry, JournalLine},
    key::{KeyScope, PostingKey, Slot},
    ledger::{EntityRef, EntryKind, EntryStatus, LedgerEntry, LedgerLine},
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn draft(minor: i64) -> EntryDraft {
    let line = |account: &str, minor| JournalLine {
        account: account.parse().unwrap(),
        transaction: Money::new(minor, Currency::USD),
        functional: Money::new(minor * 79 / 100, Currency::GBP),
        memo: "INV-1".to_owned(),
    };
    EntryDraft {
        entity: "GB01".parse().unwrap(),
        document_date: day("2026-03-02"),
        posting_date: day("2026-03-02"),
        period: PeriodKey::new("2026-03"),
        reference: "INV-1".to_owned(),
        customer: None,
        rate: Some("0.79".parse().unwrap()),
        lines: vec![line("1100", minor), line("4000", -minor)],
    }
}

fn destination() -> Destination {
    Destination {
        entity_erp_id: "2".to_owned(),
        accounts: [("1100", "119"), ("4000", "54")]
            .map(|(code, id)| (code.parse::<AccountCode>().unwrap(), id.to_owned()))
            .into(),
        customer: Some(Customer::New { external_id: "cus_1".to_owned(), name: "Ada".to_owned() }),
        options: BTreeMap::new(),
    }
}

fn posting() -> Posting {
    let scope = KeyScope { tenant: "T", entity_erp_id: "2", reference: "INV-1" };
    Posting {
        id: PostingId::derive(&["1"]),
        exception: ExceptionId::derive(&["1"]),
        connection: ConnectionId::derive(&["erp"]),
        reference: "INV-1".to_owned(),
        version: 1,
        origin: Origin::Manual,
        preparer: Some(PersonId::derive(&["ana"])),
        reason: None,
        basis: Some(Basis {
            document: Some(DocumentBasis { id: DocumentId::derive(&["in_1"]), version: "v1".to_owned() }),
            mapping: Some(ChangeId::derive(&["mapping"])),
            policy: None,
            reversed: vec![ReversedEntry {
                erp_id: "17".to_owned(),
                posting_date: day("2026-03-02"),
                period: PeriodKey::new("2026-03"),
                changed_at: None,
            }],
            kept: vec![KeptEntry { erp_id: "16".to_owned(), content: "as it was".to_owned() }],
            routing: None,
            within: None,
        }),
        steps: vec![PostingStep {
            number: 1,
            key: PostingKey::derive(scope, &Slot::Raise, &[]),
            entry: JournalEntry::new(draft(12_000)).unwrap(),
            reverses: None,
            destination: Some(destination()),
        }],
        proposed_at: "2026-04-01T08:00:00Z".parse().unwrap(),
    }
}

type Change = fn(&mut Posting);

fn basis(posting: &mut Posting) -> &mut Basis {
    posting.basis.as_mut().unwrap()
}

fn to(posting: &mut Posting) -> &mut Destination {
    posting.steps[0].destination.as_mut().unwrap()
}

fn redraft(posting: &mut Posting, change: fn(&mut EntryDraft)) {
    let mut draft = posting.steps[0].entry.clone().into_draft();
    change(&mut draft);
    posting.steps[0].entry = JournalEntry::new(draft).unwrap();
}

fn routing(held: bool) -> Routing {
    Routing {
        rule: Some("L3".to_owned()),
        says: "up to 5,000, next open period".to_owned(),
        version: 4,
        held,
        own: PeriodKey::new("2026-03"),
        own_was: "AR closed 7 Apr".to_owned(),
        into: PeriodKey::new("2026-04"),
        customer: None,
        gross_minor: 12_000,
    }
}

#[test]
fn a_late_rule_is_part_of_what_is_approved_and_whether_it_held_it() {
    let mut sent = posting();
    basis(&mut sent).routing = Some(routing(false));
    let mut held = posting();
    basis(&mut held).routing = Some(routing(true));
    assert_ne!(sent.content_hash(), held.content_hash());
    // What was prepared before there were such rules is read as it was, with its hash.
    let text = serde_json::to_string(&posting()).unwrap();
    assert!(!text.contains("routing"));
    assert_eq!(serde_json::from_str::<Posting>(&text).unwrap().content_hash(), posting().content_hash());
}

/// Everything that the ERP is sent, one change each.
const SENT: &[(&str, Change)] = &[
    ("connection", |p| p.connection = ConnectionId::derive(&["other"])),
    ("reference", |p| p.reference = "INV-2".to_owned()),
    ("reverses", |p| p.steps[0].reverses = Some("17".to_owned())),
    ("entity there", |p| to(p).entity_erp_id = "3".to_owned()),
    ("account there", |p| {
        to(p).accounts.insert("1100".parse().unwrap(), "120".to_owned());
    }),
    ("customer's name", |p| {
        to(p).customer = Some(Customer::New { external_id: "cus_1".to_owned(), name: "Bo".to_owned() });
    }),
    ("customer's external id", |p| {
        to(p).customer = Some(Customer::New { external_id: "cus_2".to_owned(), name: "Ada".to_owned() });
    }),
    ("customer there", |p| to(p).customer = Some(Customer::Known { erp_id: "cus_1".to_owned() })),
    ("no customer", |p| to(p).customer = None),
    ("option", |p| {
        to(p).options.insert("journal".to_owned(), "REV".to_owned());
    }),
    ("entity", |p| redraft(p, |d| d.entity = "DE01".parse::<EntityCode>().unwrap())),
    ("document date", |p| redraft(p, |d| d.document_date = day("2026-03-03"))),
    ("posting date", |p| redraft(p, |d| d.posting_date = day("2026-03-03"))),
    ("period", |p| redraft(p, |d| d.period = PeriodKey::new("2026-04"))),
    ("rate", |p| redraft(p, |d| d.rate = Some("0.8".parse().unwrap()))),
    ("memo", |p| redraft(p, |d| d.lines[0].memo = "other".to_owned())),
    ("account", |p| redraft(p, |d| d.lines[1].account = "4100".parse().unwrap())),
    ("amount", |p| redraft(p, |d| d.lines = draft(12_001).lines)),
    ("currency", |p| {
        redraft(p, |d| {
            d.lines.iter_mut().for_each(|l| {
                l.transaction = Money::new(l.transaction.minor(), Currency::EUR);
            });
        });
    }),
];

#[test]
fn the_content_hash_covers_everything_that_is_sent_and_where() {
    let (content, sent) = (posting().content_hash(), posting().sent_hash());
    for (what, change) in SENT {
        let mut changed = posting();
        change(&mut changed);
        assert_ne!(changed.content_hash(), content, "{what}");
        assert_ne!(changed.sent_hash(), sent, "{what}");
    }
}

#[test]
fn the_content_hash_also_covers_the_basis_and_who_prepared_it_and_these_are_not_sent() {
    let changes: &[(&str, Change)] = &[
        ("key", |p| {
            let scope = KeyScope { tenant: "T", entity_erp_id: "2", reference: "INV-1" };
            p.steps[0].key = PostingKey::derive(scope, &Slot::Raise, &["5".to_owned()]);
        }),
        ("version", |p| p.version = 2),
        ("document version", |p| basis(p).document.as_mut().unwrap().version = "v2".to_owned()),
        ("document", |p| basis(p).document = None),
        ("mapping", |p| basis(p).mapping = None),
        ("policy", |p| basis(p).policy = Some(ChangeId::derive(&["policy"]))),
        ("reversed entry", |p| basis(p).reversed[0].posting_date = day("2026-03-09")),
        ("kept entry", |p| basis(p).kept[0].erp_id = "15".to_owned()),
        ("kept entry's content", |p| basis(p).kept[0].content = "otherwise".to_owned()),
        ("no kept entry", |p| basis(p).kept.clear()),
        ("late rule", |p| basis(p).routing = Some(routing(false))),
        ("preparer", |p| p.preparer = None),
        ("origin", |p| p.origin = Origin::Policy),
        ("reason", |p| p.reason = Some("because".to_owned())),
        ("exception", |p| p.exception = ExceptionId::derive(&["2"])),
    ];
    for (what, change) in changes {
        let mut changed = posting();
        change(&mut changed);
        assert_ne!(changed.content_hash(), posting().content_hash(), "{what}");
        assert_eq!(changed.sent_hash(), posting().sent_hash(), "{what}");
    }
}

#[test]
fn what_an_earlier_version_prepared_is_read_with_its_hash_and_is_not_whole() {
    let mut value = serde_json::to_value(posting()).unwrap();
    value.as_object_mut().unwrap().remove("basis");
    value["steps"][0].as_object_mut().unwrap().remove("destination");
    let earlier: Posting = serde_json::from_value(value).unwrap();
    assert!(!earlier.is_whole(0) && posting().is_whole(0));
    assert_ne!(earlier.content_hash(), posting().content_hash());
    // As version 0.1 computed it: it stands in that version's logs and decisions.
    assert_eq!(earlier.content_hash(), "ef1068aa1b066d0f58374f5ffe0502cc91c93ee58d8beb729612d4ac97482d9c");
    let mut half = posting();
    half.steps[0].destination = None;
    assert!(!half.is_whole(0) && half.is_whole(1), "what is booked is not sent any more");
}

#[test]
fn what_is_stored_comes_back_as_it_was() {
    let text = serde_json::to_string(&posting()).unwrap();
    let read: Posting = serde_json::from_str(&text).unwrap();
    assert_eq!((read.content_hash(), read), (posting().content_hash(), posting()));
}

#[test]
fn a_destination_names_every_account_and_the_same_customer() {
    let entry = |customer: Option<&str>| {
        JournalEntry::new(EntryDraft { customer: customer.map(str::to_owned), ..draft(12_000) }).unwrap()
    };
    assert_eq!(destination().covers(&entry(None)), Ok(()));
    assert_eq!(destination().covers(&entry(Some("c9"))), Err(DestinationError::OtherCustomer));
    let known = Destination { customer: Some(Customer::Known { erp_id: "c9".to_owned() }), ..destination() };
    assert_eq!(known.covers(&entry(Some("c9"))), Ok(()));
    assert_eq!(known.covers(&entry(None)), Err(DestinationError::OtherCustomer));
    let mut short = destination();
    let account: AccountCode = "4000".parse().unwrap();
    short.accounts.remove(&account);
    assert_eq!(short.covers(&entry(None)), Err(DestinationError::NoAccount(account)));
}

#[test]
fn a_basis_without_entries_that_stay_is_stored_and_hashed_as_before_there_were_any() {
    let mut earlier = posting();
    basis(&mut earlier).kept.clear();
    let stored = serde_json::to_value(&earlier).unwrap();
    assert!(stored["basis"].get("kept").is_none(), "{stored}");
    // As it was computed before there were any: approvals of it hold.
    let hash = "87149b3bbdd5dba5a0b8eb50d155f0133b422e9feeed605c3be93a4c71e4a235";
    assert_eq!(earlier.content_hash(), hash);
}

#[test]
fn an_entry_that_is_to_stay_is_lost_where_it_is_gone_undone_or_changed() {
    let entry = reversed([("1100", 12_000, 9480), ("4000", -12_000, -9480)]);
    let was = KeptEntry::of(&entry);
    let lost = |now: Option<&LedgerEntry>, stands: bool| was.lost(now, |_| stands);
    assert_eq!(lost(Some(&entry), true), None);
    // A revaluation or another text is no other entry.
    let revalued = reversed([("1100", 12_000, 9500), ("4000", -12_000, -9500)]);
    assert_eq!(lost(Some(&LedgerEntry { memo: Some("seen".to_owned()), ..revalued }), true), None);
    assert_eq!(lost(None, false).unwrap(), "entry 17, which was to stay, is gone");
    assert_eq!(lost(Some(&entry), false).unwrap(), "entry 17, which was to stay, does not stand any more");
    let others = [
        reversed([("1100", 12_001, 9480), ("4000", -12_001, -9480)]),
        reversed([("1100", 12_000, 9480), ("4100", -12_000, -9480)]),
        LedgerEntry { period: PeriodKey::new("2026-04"), ..entry.clone() },
        LedgerEntry { posting_date: day("2026-03-05"), ..entry.clone() },
        LedgerEntry { currency: Currency::EUR, ..entry.clone() },
    ];
    for other in others {
        assert_eq!(
            lost(Some(&other), true).unwrap(),
            "entry 17, which was to stay, was changed",
            "{other:?}"
        );
    }
}

/// The entry that the step of [`posting`] would undo if it were a reversal.
fn reversed(amounts: [(&str, i64, i64); 2]) -> LedgerEntry {
    let line = |(account, transaction_minor, functional_minor): (&str, i64, i64)| LedgerLine {
        account: account.parse().unwrap(),
        transaction_minor,
        functional_minor,
        memo: None,
    };
    LedgerEntry {
        erp_id: "17".to_owned(),
        number: None,
        external_id: None,
        reference: None,
        entity: EntityRef::ErpId("2".to_owned()),
        posting_date: day("2026-03-02"),
        period: PeriodKey::new("2026-03"),
        kind: EntryKind::Journal,
        part_of: None,
        status: EntryStatus::Booked,
        currency: Currency::USD,
        functional_currency: Currency::GBP,
        rate: None,
        reverses: None,
        created_at: None,
        changed_at: None,
        memo: None,
        names: Vec::new(),
        counterpart: None,
        lines: amounts.map(line).into(),
    }
}

#[test]
fn an_entry_to_be_reversed_is_compared_with_what_was_approved() {
    let posting = posting();
    let (step, was) = (&posting.steps[0], &posting.basis.as_ref().unwrap().reversed[0]);
    let same = reversed([("1100", -12_000, -9480), ("4000", 12_000, 9480)]);
    assert_eq!(was.differences(step, &same), Vec::<String>::new());
    assert_eq!(ReversedEntry::of(&same), *was);
    // The ERP rounded each line by itself.
    let rounded = reversed([("1100", -12_000, -9481), ("4000", 12_000, 9480)]);
    assert_eq!(was.differences(step, &rounded), Vec::<String>::new());
    let revalued = reversed([("1100", -12_000, -9500), ("4000", 12_000, 9500)]);
    assert_eq!(was.differences(step, &revalued).len(), 2);
    let amount = reversed([("1100", -13_000, -9480), ("4000", 13_000, 9480)]);
    assert_eq!(was.differences(step, &amount)[0], "account 1100 held -12000 and holds -13000 (minor units)");
    let account = reversed([("1100", -12_000, -9480), ("4100", 12_000, 9480)]);
    assert_eq!(was.differences(step, &account).len(), 2);
    let elsewhere = LedgerEntry { entity: EntityRef::ErpId("3".into()), ..same.clone() };
    assert_eq!(was.differences(step, &elsewhere), ["its entity was GB01 and is 3"]);
    let moved = LedgerEntry { posting_date: day("2026-03-05"), ..same.clone() };
    assert_eq!(was.differences(step, &moved), ["its date was 2026-03-02 and is 2026-03-05"]);
    let void = LedgerEntry { status: EntryStatus::Void, ..same.clone() };
    assert_eq!(was.differences(step, &void), ["its status was booked and is void"]);
    let money = LedgerEntry { currency: Currency::EUR, ..same };
    assert_eq!(was.differences(step, &money), ["its currency was USD and is EUR"]);
}

/// The entry that the step of [`posting`] books, as the ledger shows it.
fn shown() -> LedgerEntry {
    reversed([("1100", 12_000, 9480), ("4000", -12_000, -9480)])
}

#[test]
fn a_step_is_shown_by_the_entry_that_it_books_and_by_no_other() {
    let posting = posting();
    let step = &posting.steps[0];
    assert!(step.is_shown_by(&shown()));
    // The ERP rounds functional amounts by itself, and may not say what an entry undoes.
    assert!(step.is_shown_by(&reversed([("1100", 12_000, 9481), ("4000", -12_000, -9481)])));
    let undoing = PostingStep { reverses: Some("9".to_owned()), ..step.clone() };
    assert!(undoing.is_shown_by(&shown()));
    assert!(undoing.is_shown_by(&LedgerEntry { reverses: Some("9".to_owned()), ..shown() }));
    assert!(!undoing.is_shown_by(&LedgerEntry { reverses: Some("8".to_owned()), ..shown() }));
    let mut washed = shown();
    let line = washed.lines[0].clone();
    washed.lines.push(LedgerLine { transaction_minor: 50, functional_minor: 40, ..line.clone() });
    washed.lines.push(LedgerLine { transaction_minor: -50, functional_minor: -40, ..line });
    for (what, other) in [
        ("entity", LedgerEntry { entity: EntityRef::ErpId("3".into()), ..shown() }),
        ("date", LedgerEntry { posting_date: day("2026-03-05"), ..shown() }),
        ("period", LedgerEntry { period: PeriodKey::new("2026-04"), ..shown() }),
        ("draft", LedgerEntry { status: EntryStatus::Unbooked, ..shown() }),
        ("currency", LedgerEntry { currency: Currency::EUR, ..shown() }),
        ("amount", reversed([("1100", 12_001, 9480), ("4000", -12_001, -9480)])),
        ("side", reversed([("1100", -12_000, -9480), ("4000", 12_000, 9480)])),
        ("account", reversed([("1100", 12_000, 9480), ("4100", -12_000, -9480)])),
        ("undoes", LedgerEntry { reverses: Some("9".to_owned()), ..shown() }),
        ("more on both sides", washed),
    ] {
        assert!(!step.is_shown_by(&other), "{what}");
    }
}
