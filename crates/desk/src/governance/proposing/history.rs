//! What the entries that name documents show: which account each role's amount stands on, where the revenue
//! of each product goes, whose books billing's documents are in. Only amounts that fit to the minor unit
//! count.

use std::collections::{BTreeMap, BTreeSet};

use tieout_domain::{
    AccountCode, Currency,
    document::{Document, DocumentKind, DocumentLine, DocumentStatus, Nature},
    ledger::EntityRef,
    mapping::Role,
};
use tieout_store::{BookedDocument, BookedEntry};

/// Amounts by currency: none adds two.
pub(super) type Amounts = BTreeMap<Currency, i128>;

/// How often something was seen, and for how much (signs left out).
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// How many documents.
    pub(super) documents: u64,
    /// For how much, tax excluded where it is of lines.
    pub(super) amounts: Amounts,
}

impl Seen {
    fn add(&mut self, currency: Currency, minor: i128) {
        self.documents += 1;
        add(&mut self.amounts, currency, minor);
    }
}

/// Adds an amount without its sign.
fn add(amounts: &mut Amounts, currency: Currency, minor: i128) {
    *amounts.entry(currency).or_default() += i128::try_from(minor.unsigned_abs()).unwrap_or(i128::MAX >> 8);
}

/// Adds amounts to others.
pub(super) fn join(amounts: &mut Amounts, more: &Amounts) {
    for (currency, minor) in more {
        *amounts.entry(*currency).or_default() += minor;
    }
}

/// Which account, how often.
pub(super) type Votes = BTreeMap<AccountCode, Seen>;

/// Whose books, as a ledger names them: the ERP connection and the entity there.
pub(super) type Book = (String, String);

/// By what a document could be given to an entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    pub(super) connection: String,
    /// The entity that the source itself says.
    pub(super) said: Option<String>,
    pub(super) country: Option<String>,
    pub(super) currency: Currency,
}

/// The documents of one way.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// How many raise what customers owe, and for how much, tax included.
    pub(super) billed: Seen,
    /// Those of them with tax.
    pub(super) taxed: Seen,
    /// How many there are at all.
    pub(super) documents: u64,
    /// Net amounts by product.
    pub(super) products: BTreeMap<Option<String>, Seen>,
    /// In whose books the entries stand that name them, by document.
    pub(super) books: BTreeMap<Book, u64>,
}

/// All that the documents of a year show.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) groups: BTreeMap<Way, Group>,
    /// By books and role.
    pub(super) roles: BTreeMap<(Book, Role), Votes>,
    /// By books and product.
    pub(super) products: BTreeMap<(Book, Option<String>), Votes>,
    /// Tax by account, in tenths of a percent of the net amount.
    pub(super) tax_rates: BTreeMap<(Book, AccountCode), BTreeSet<i128>>,
    /// Which kinds of money there are: what they need an account for is missing without.
    pub(super) kinds: BTreeSet<DocumentKind>,
    /// True where a payment costs a fee.
    pub(super) fees: bool,
}

/// How the books of an entry are named.
pub(super) fn book(connection: &str, entity: &EntityRef) -> Book {
    let name = match entity {
        EntityRef::Code(code) => code.to_string(),
        EntityRef::ErpId(id) => format!("erp:{id}"),
    };
    (connection.to_owned(), name)
}

impl History {
    /// Takes in a document.
    pub(super) fn learn(&mut self, booked: &BookedDocument) {
        let document = &booked.document;
        let way = Way {
            connection: booked.connection.clone(),
            said: document.entity.as_ref().map(ToString::to_string),
            country: document.country.clone(),
            currency: document.currency(),
        };
        self.kinds.insert(document.kind);
        self.fees |= booked.facts.fee_minor != 0;
        let group = self.groups.entry(way).or_default();
        group.documents += 1;
        let books: BTreeSet<Book> = booked.entries.iter().map(|e| book(&e.connection, &e.entity)).collect();
        for one in &books {
            *group.books.entry(one.clone()).or_default() += 1;
        }
        if document.kind.nature() == Nature::Raises {
            let (currency, total) = (document.currency(), i128::from(document.total.minor()));
            group.billed.add(currency, total);
            if document.tax_minor != 0 {
                group.taxed.add(currency, total);
            }
            for (product, minor) in nets_by_product(document) {
                group.products.entry(product).or_default().add(currency, minor);
            }
        }
        for entry in &booked.entries {
            match document.kind.nature() {
                Nature::Raises if document.status == DocumentStatus::WrittenOff => {
                    self.written_off(document, entry);
                }
                Nature::Raises => self.raised(document, entry),
                Nature::Settles => self.settled(booked, entry),
                Nature::Moves => self.moved(booked, entry),
            }
        }
    }

    fn vote(&mut self, entry: &BookedEntry, role: Role, account: &AccountCode, document: &Document) {
        let key = (book(&entry.connection, &entry.entity), role);
        let seen = self.roles.entry(key).or_default().entry(account.clone()).or_default();
        seen.add(document.currency(), i128::from(document.total.minor()));
    }

    /// An invoice or a credit note: the receivable takes the total, one account the tax, the rest is revenue.
    fn raised(&mut self, document: &Document, entry: &BookedEntry) {
        let (total, tax) = (i128::from(document.total.minor()), i128::from(document.tax_minor));
        let Some(receivable) = only(entry, total, &[]) else { return };
        self.vote(entry, Role::Receivable, &receivable, document);
        let mut taken = vec![receivable];
        if tax != 0 {
            let Some(account) = only(entry, -tax, &taken) else { return };
            self.vote(entry, Role::TaxPayable, &account, document);
            if let Some(rate) = (tax * 1000 * 2 + (total - tax)).checked_div(2 * (total - tax)) {
                let key = (book(&entry.connection, &entry.entity), account.clone());
                self.tax_rates.entry(key).or_default().insert(rate);
            }
            taken.push(account);
        }
        let rest: BTreeMap<&AccountCode, i128> = entry
            .nets
            .iter()
            .filter(|(account, _)| !taken.contains(account))
            .map(|(account, net)| (account, i128::from(*net)))
            .collect();
        if rest.values().sum::<i128>() != tax - total {
            return;
        }
        let products = nets_by_product(document);
        let mut said: Vec<(Option<String>, &AccountCode, i128)> = Vec::new();
        for (product, net) in &products {
            let fitting: Vec<&AccountCode> = match rest.len() {
                1 => rest.keys().copied().collect(),
                _ => rest.iter().filter(|(_, on)| **on == -net).map(|(account, _)| *account).collect(),
            };
            let alike = products.values().filter(|other| *other == net).count();
            if let ([account], true) = (fitting.as_slice(), rest.len() == 1 || alike == 1) {
                said.push((product.clone(), account, *net));
            }
        }
        for (product, account, net) in said {
            let key = (book(&entry.connection, &entry.entity), product);
            let seen = self.products.entry(key).or_default().entry(account.clone()).or_default();
            seen.add(document.currency(), net);
        }
    }

    /// A write-off under the invoice's name: what the receivable loses stands as a loss.
    fn written_off(&mut self, document: &Document, entry: &BookedEntry) {
        let total = i128::from(document.total.minor());
        if let (Some(lost), Some(receivable)) = (only(entry, total, &[]), only(entry, -total, &[])) {
            // The invoice itself reads the same with its accounts changed about; which of them is the loss is
            // told by what else stands on them.
            self.vote(entry, Role::BadDebt, &lost, document);
            self.vote(entry, Role::BadDebt, &receivable, document);
        }
    }

    /// A payment, a refund, a dispute: the receivable stands against the processor's balance and its fee.
    fn settled(&mut self, booked: &BookedDocument, entry: &BookedEntry) {
        let (document, fee) = (&booked.document, i128::from(booked.facts.fee_minor));
        let total = i128::from(document.total.minor());
        let Some(receivable) = only(entry, total, &[]) else { return };
        self.vote(entry, Role::Receivable, &receivable, document);
        let mut taken = vec![receivable];
        let mut paid_in = -total;
        if fee != 0
            && let Some(account) = only(entry, fee, &taken)
        {
            self.vote(entry, Role::Fees, &account, document);
            taken.push(account);
            paid_in -= fee;
        }
        if let Some(account) = only(entry, paid_in, &taken) {
            let role = if document.outside { Role::Bank } else { Role::Clearing };
            self.vote(entry, role, &account, document);
        }
    }

    /// A payout, a fee: what leaves the processor's balance.
    fn moved(&mut self, booked: &BookedDocument, entry: &BookedEntry) {
        let document = &booked.document;
        let total = i128::from(document.total.minor());
        let other = match document.kind {
            DocumentKind::Payout | DocumentKind::TopUp => Role::Bank,
            DocumentKind::Fee => Role::Fees,
            _ => return,
        };
        if let (Some(clearing), Some(account)) = (only(entry, -total, &[]), only(entry, total, &[])) {
            self.vote(entry, Role::Clearing, &clearing, document);
            self.vote(entry, other, &account, document);
        }
    }
}

/// The only account of an entry with just this net amount, of those that are not taken.
fn only(entry: &BookedEntry, minor: i128, taken: &[AccountCode]) -> Option<AccountCode> {
    let mut fitting = entry
        .nets
        .iter()
        .filter(|(account, net)| i128::from(**net) == minor && !taken.contains(account))
        .map(|(account, _)| account);
    let first = fitting.next()?;
    (minor != 0 && fitting.next().is_none()).then(|| first.clone())
}

/// What a document bills of each product, tax excluded. A line whose amount only the total rounds is rounded
/// half to even here.
fn nets_by_product(document: &Document) -> BTreeMap<Option<String>, i128> {
    let mut nets: BTreeMap<Option<String>, i128> = BTreeMap::new();
    for line in &document.lines {
        *nets.entry(line.product.clone()).or_default() += net_of(document, line);
    }
    if document.lines.is_empty() {
        let net = i128::from(document.total.minor()) - i128::from(document.tax_minor);
        nets.insert(None, net);
    }
    nets.retain(|_, net| *net != 0);
    nets
}

fn net_of(document: &Document, line: &DocumentLine) -> i128 {
    use tieout_domain::{Money, Rounding};
    if let Some(minor) = line.amount_minor {
        return i128::from(minor);
    }
    let exact = line.quantity.checked_mul(line.unit_price);
    let money = exact.and_then(|e| Money::from_decimal(e, document.currency(), Rounding::HalfEven).ok());
    money.map_or(0, |money| i128::from(money.minor()))
}
