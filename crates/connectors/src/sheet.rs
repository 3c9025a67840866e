//! The vocabulary of a vendor's *sheet*: what is known of the vendor, as data. The form of a connection, the
//! check of its settings, its limits and the meaning of the vendor's errors are read from it; each fact says
//! where it comes from and when it was read there.

use std::time::Duration;

use tieout_domain::{Currency, failure::FailureClass};

use crate::{kit::Limit, traits::Resource};

/// How well a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The vendor's own document, specification or source.
    Documented,
    /// Seen in a running copy of the vendor's software.
    Tried,
    /// Somebody else's code or words.
    SecondHand,
    /// Held open: nobody has confirmed it.
    Unconfirmed,
}

/// Where a fact comes from, and when it was read there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The document, or what was tried.
    pub from: &'static str,
    /// Year and month (`2026-11`).
    pub read: &'static str,
    /// How well it is known.
    pub trust: Trust,
}

impl Source {
    /// From the vendor's own documents.
    #[must_use]
    pub const fn documented(from: &'static str, read: &'static str) -> Self {
        Self { from, read, trust: Trust::Documented }
    }

    /// Seen in a running copy.
    #[must_use]
    pub const fn tried(from: &'static str, read: &'static str) -> Self {
        Self { from, read, trust: Trust::Tried }
    }

    /// From others.
    #[must_use]
    pub const fn second_hand(from: &'static str, read: &'static str) -> Self {
        Self { from, read, trust: Trust::SecondHand }
    }

    /// Held open.
    #[must_use]
    pub const fn unconfirmed(from: &'static str, read: &'static str) -> Self {
        Self { from, read, trust: Trust::Unconfirmed }
    }
}

/// What a vendor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Documents come from it.
    Billing,
    /// Entries come from it, and postings go to it.
    Erp,
}

impl Role {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Billing => "billing",
            Role::Erp => "erp",
        }
    }
}

/// The address of a vendor's API.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// What address the form asks for.
    pub help: &'static str,
    /// The usual one, where all accounts share it.
    pub usual: Option<&'static str>,
    /// The hosts under which the vendor answers, as patterns for people.
    pub hosts: &'static [&'static str],
    /// Where that comes from.
    pub source: Source,
}

/// What a field of the form takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// A whole number above 0.
    Whole,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A credential: it goes to the secrets and is never shown again.
    Secret,
}

/// One field of the form that connects the vendor.
#[derive(Clone, Copy, Debug)]
pub struct FormField {
    /// The setting's or credential's name.
    pub name: &'static str,
    /// What the form calls it.
    pub label: &'static str,
    /// Where to find it, and what it is for.
    pub help: &'static str,
    /// What it takes.
    pub kind: FieldKind,
    /// True where the connection cannot do without it (a credential: where [`FormField::with`] holds).
    pub required: bool,
    /// What it is where nothing is given.
    pub usual: Option<&'static str>,
    /// What a new connection has where nothing is given, where that is another than an older one means by it.
    pub proposed: Option<&'static str>,
    /// With what it goes: it is neither asked for nor taken where another field has another value.
    pub with: Option<(&'static str, &'static str)>,
    /// True where it is part of what a posting sends, and so of what is approved.
    pub sent: bool,
}

impl FormField {
    const fn new(name: &'static str, label: &'static str, help: &'static str, kind: FieldKind) -> Self {
        Self {
            name,
            label,
            help,
            kind,
            required: false,
            usual: None,
            proposed: None,
            with: None,
            sent: false,
        }
    }

    /// A text.
    #[must_use]
    pub const fn text(name: &'static str, label: &'static str, help: &'static str) -> Self {
        Self::new(name, label, help, FieldKind::Text)
    }

    /// A whole number above 0.
    #[must_use]
    pub const fn whole(name: &'static str, label: &'static str, help: &'static str) -> Self {
        Self::new(name, label, help, FieldKind::Whole)
    }

    /// A credential. Every one that goes with the chosen way to sign in is needed.
    #[must_use]
    pub const fn secret(name: &'static str, label: &'static str, help: &'static str) -> Self {
        Self { required: true, ..Self::new(name, label, help, FieldKind::Secret) }
    }

    /// One of few values, the first of which is the usual one.
    #[must_use]
    pub const fn choice(
        name: &'static str,
        label: &'static str,
        help: &'static str,
        of: &'static [&'static str],
    ) -> Self {
        let usual = of.first().copied();
        Self { usual, ..Self::new(name, label, help, FieldKind::Choice(of)) }
    }

    /// The same, needed.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same, as part of what a posting sends.
    #[must_use]
    pub const fn sent(self) -> Self {
        Self { sent: true, ..self }
    }

    /// The same with what it is where nothing is given.
    #[must_use]
    pub const fn usually(self, value: &'static str) -> Self {
        Self { usual: Some(value), ..self }
    }

    /// The same with what a new connection has where nothing is given.
    #[must_use]
    pub const fn proposing(self, value: &'static str) -> Self {
        Self { proposed: Some(value), ..self }
    }

    /// The same, only where `field` has `value`.
    #[must_use]
    pub const fn with(self, field: &'static str, value: &'static str) -> Self {
        Self { with: Some((field, value)), ..self }
    }

    /// True for a credential.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, FieldKind::Secret)
    }

    /// The only possible values, where there are few.
    #[must_use]
    pub const fn choices(&self) -> &'static [&'static str] {
        match self.kind {
            FieldKind::Choice(of) => of,
            FieldKind::Text | FieldKind::Whole | FieldKind::Secret => &[],
        }
    }
}

/// How long a call may stay without an answer: every vendor's form has it.
pub const TIMEOUT: FormField =
    FormField::whole("timeout", "Seconds to wait", "How long a call may stay without an answer.")
        .usually("60");

/// What the tenant of a connection (the vendor's account, part of every posting key) is made of.
#[derive(Clone, Copy, Debug)]
pub enum Tenant {
    /// These settings, all needed, joined by a slash.
    Settings(&'static [&'static str]),
    /// This setting, or the connection's name.
    SettingOrName(&'static str),
}

/// A way to prove who we are.
#[derive(Clone, Copy, Debug)]
pub struct Auth {
    /// What travels.
    pub how: &'static str,
    /// How long it is good for, and what ends it.
    pub life: &'static str,
    /// Where that comes from.
    pub source: Source,
}

/// What is known of one resource.
#[derive(Clone, Copy, Debug)]
pub struct ResourceSheet {
    /// The resource.
    pub resource: Resource,
    /// Where the vendor lists it.
    pub listed_at: &'static str,
    /// The least permission that reads it.
    pub permission: &'static str,
    /// How its pages follow each other.
    pub paging: &'static str,
    /// From where the next sync starts, and how far back that reaches.
    pub cursor: &'static str,
    /// Where that comes from.
    pub source: Source,
}

/// For what a permission is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// To read at all.
    Read,
    /// To post, beside what reading needs.
    Post,
    /// Only where this holds.
    Where(&'static str),
}

/// One permission of the least that the key, role or user of a connection needs. All else stays withheld.
#[derive(Clone, Copy, Debug)]
pub struct Permission {
    /// Where the vendor's own screen lists it.
    pub area: &'static str,
    /// What it is called there.
    pub name: &'static str,
    /// How much of it, in the vendor's words.
    pub level: &'static str,
    /// For what.
    pub needed: Needed,
}

/// The least that a connection needs at the vendor.
#[derive(Clone, Copy, Debug)]
pub struct Permissions {
    /// Where they are given.
    pub given_at: &'static str,
    /// Each of them.
    pub all: &'static [Permission],
    /// Where that comes from.
    pub source: Source,
}

/// How much the vendor takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// What a connection uses where its settings say nothing.
    pub usual: Limit,
    /// True where the settings `rate` and `concurrency` change it.
    pub settable: bool,
    /// Items to a page at most.
    pub page: u32,
    /// How long the vendor works on one call at most, where it says.
    pub longest_call: Option<Duration>,
    /// What the vendor says.
    pub says: &'static str,
    /// Where that comes from.
    pub source: Source,
}

/// How a posting is kept from being booked twice.
#[derive(Clone, Copy, Debug)]
pub struct Idempotency {
    /// What is unique there, or what is done instead.
    pub how: &'static str,
    /// For how long a key is remembered; `None` for ever, or where there is no such key.
    pub window: Option<Duration>,
    /// How an unknown outcome is looked up.
    pub in_doubt: &'static str,
    /// Where that comes from.
    pub source: Source,
}

/// What the vendor's locks of periods are.
#[derive(Clone, Copy, Debug)]
pub struct PeriodLocks {
    /// Where the state of a period is read.
    pub read_from: &'static str,
    /// What can be locked by itself.
    pub levels: &'static str,
    /// What to beware of.
    pub trap: &'static str,
    /// Where that comes from.
    pub source: Source,
}

/// What of a vendor's failure tells which it is. A rule fits where its status fits and, beyond that, one of
/// its codes or texts.
#[derive(Clone, Copy, Debug)]
pub struct ErrorRule {
    /// HTTP status, from and to; `None` any (a dialect whose errors come within 200).
    pub status: Option<(u16, u16)>,
    /// Parts of the vendor's own code.
    pub codes: &'static [&'static str],
    /// Words of the vendor's message in small letters: one group whose words all stand in it.
    pub texts: &'static [&'static [&'static str]],
    /// What may be done next.
    pub class: FailureClass,
    /// Our stable code.
    pub code: &'static str,
    /// Where that comes from.
    pub source: Source,
}

/// What a vendor said of a failure.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// HTTP status.
    pub status: u16,
    /// Its own code, empty where it gave none.
    pub code: &'a str,
    /// Its words.
    pub message: &'a str,
}

/// The first rule that fits.
#[must_use]
pub fn rule_for<'r>(rules: &'r [ErrorRule], said: &Said<'_>) -> Option<&'r ErrorRule> {
    let lower = said.message.to_lowercase();
    rules.iter().find(|rule| {
        let status = rule.status.is_none_or(|(from, to)| (from..=to).contains(&said.status));
        let by_code = !said.code.is_empty() && rule.codes.iter().any(|part| said.code.contains(part));
        let by_text = rule.texts.iter().any(|words| words.iter().all(|word| lower.contains(word)));
        status && (by_code || by_text)
    })
}

/// When the removal of an item is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removals {
    /// By the next full read.
    FullRead,
    /// By the next read of changes where the account lets us see what was deleted, else by the next full one.
    Changes,
}

/// What the adapter can do.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// It books entries.
    pub posts: bool,
    /// A later sync reads only what changed.
    pub reads_changes: bool,
    /// When an entry or document that was deleted there is noticed.
    pub removals: Removals,
    /// How one document is read again by its id before an entry of it is sent; `None` where there are no
    /// documents.
    pub reread: Option<&'static str>,
    /// How a test account is told from a live one; `None` where the vendor does not tell.
    pub test_or_live: Option<&'static str>,
}

/// A fact that fits nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// What it says.
    pub says: &'static str,
    /// Where that comes from.
    pub source: Source,
}

/// What is known of a vendor.
#[derive(Debug)]
pub struct Sheet {
    /// The stable name by which it is connected.
    pub vendor: &'static str,
    /// The stable name under which connections are kept: several vendors may speak one dialect.
    pub dialect: &'static str,
    /// Settings that tell its connections from others of the dialect; they are kept with each.
    pub marks: &'static [(&'static str, &'static str)],
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub role: Role,
    /// Where it is reached.
    pub address: Address,
    /// The form, in its order.
    pub form: &'static [FormField],
    /// What the tenant is made of.
    pub tenant: Tenant,
    /// The ways to sign in.
    pub auth: &'static [Auth],
    /// The least that a connection needs there.
    pub permissions: Permissions,
    /// What it lists, in the order in which it should be read.
    pub resources: &'static [ResourceSheet],
    /// How much it takes.
    pub limits: Limits,
    /// How a posting is kept from being booked twice; `None` where nothing is posted.
    pub idempotency: Option<Idempotency>,
    /// What its failures mean, the first that fits; others are judged by their status alone.
    pub errors: &'static [ErrorRule],
    /// Its locks of periods; `None` where it has no periods.
    pub periods: Option<PeriodLocks>,
    /// What the adapter can do.
    pub capabilities: Capabilities,
    /// Digits after the point in its amounts, for the currencies where it differs from ISO 4217.
    pub exponents: &'static [(&'static str, u32)],
    /// Against what this adapter has been checked, and against what it has not.
    pub checked_against: &'static str,
    /// What else is known.
    pub facts: &'static [Fact],
}

impl Sheet {
    /// Digits after the point in the vendor's amounts of this currency.
    #[must_use]
    pub fn exponent(&self, currency: Currency) -> u32 {
        let own = self.exponents.iter().find(|(code, _)| *code == currency.code());
        own.map_or_else(|| currency.exponent(), |(_, exponent)| *exponent)
    }

    /// The field of the form of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static FormField> {
        self.form.iter().find(|field| field.name == name)
    }

    /// Every source that the sheet names.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        let mut all = vec![self.address.source, self.limits.source, self.permissions.source];
        all.extend(self.auth.iter().map(|auth| auth.source));
        all.extend(self.resources.iter().map(|resource| resource.source));
        all.extend(self.idempotency.iter().map(|idempotency| idempotency.source));
        all.extend(self.errors.iter().map(|rule| rule.source));
        all.extend(self.periods.iter().map(|periods| periods.source));
        all.extend(self.facts.iter().map(|fact| fact.source));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: ErrorRule = ErrorRule {
        status: Some((400, 499)),
        codes: &["DUP_"],
        texts: &[&["period", "closed"], &["already exists"]],
        class: FailureClass::Terminal,
        code: "x",
        source: Source::unconfirmed("nowhere", "2026-11"),
    };

    #[track_caller]
    fn check(status: u16, code: &str, message: &str, fits: bool) {
        let found = rule_for(&[RULE], &Said { status, code, message });
        assert_eq!(found.is_some(), fits, "{status} {code} {message}");
    }

    #[test]
    fn a_rule_fits_by_its_status_and_one_code_or_one_whole_group_of_words() {
        check(400, "DUP_RCRD", "", true);
        check(500, "DUP_RCRD", "", false);
        check(400, "USER_ERROR", "The Period of June is CLOSED.", true);
        check(400, "USER_ERROR", "This record already exists.", true);
        check(400, "USER_ERROR", "The period is open.", false);
        check(400, "", "", false);
    }
}
