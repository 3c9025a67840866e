//! What is known of Tryton.

use tieout_domain::failure::FailureClass;

use crate::{
    kit::Limit,
    sheet::{
        Address, Auth, Capabilities, ErrorRule, Fact, FormField, Idempotency, Limits, Needed, PeriodLocks,
        Permission, Permissions, Removals, ResourceSheet, Role, Sheet, Source, TIMEOUT, Tenant,
    },
    traits::Resource,
};

const TRIED: Source = Source::tried("Tryton 8.2.1 on PostgreSQL 15, running", "2026-11");
const CODE: Source = Source::documented("source of trytond 8.0 and its modules", "2026-11");

const BY_ID: &str = "search_read by rising id, 500 to an answer, the next above the last id";
const EACH_TIME: &str = "none: all of them each time";

const fn listed(
    resource: Resource,
    listed_at: &'static str,
    permission: &'static str,
    cursor: &'static str,
) -> ResourceSheet {
    ResourceSheet { resource, listed_at, permission, paging: BY_ID, cursor, source: TRIED }
}

const RESOURCES: [ResourceSheet; 5] = [
    listed(Resource::Periods, "account.period", "group Accounting", EACH_TIME),
    listed(Resource::Accounts, "account.account", "group Accounting", EACH_TIME),
    listed(
        Resource::LedgerCustomers,
        "party.party",
        "read parties; to create one: create parties",
        EACH_TIME,
    ),
    listed(
        Resource::Entries,
        "account.move, account.move.line",
        "group Accounting, with the journal's own access",
        "create_date and write_date, from the server's clock at the last scan, ten minutes back",
    ),
    listed(
        Resource::TrialBalance,
        "account.account: debit and credit, with each period and posted in the context",
        "group Accounting",
        EACH_TIME,
    ),
];

const GRANTED: [Permission; 3] = [
    Permission {
        area: "Groups",
        name: "Accounting",
        level: "member, with access to the journal that is posted to",
        needed: Needed::Read,
    },
    Permission { area: "Models", name: "Party", level: "read", needed: Needed::Read },
    Permission {
        area: "Models",
        name: "Party",
        level: "create",
        needed: Needed::Where("a posting names a customer that Tryton does not know"),
    },
];

/// By the exception's name and its words, in English whatever the user's language: it is asked for so.
const ERRORS: [ErrorRule; 5] = [
    ErrorRule {
        status: None,
        codes: &["ConcurrencyException"],
        texts: &[],
        class: FailureClass::Retryable,
        code: "concurrent_change",
        source: TRIED,
    },
    // A lost row lock rolled the transaction back. It comes as HTTP 503 in HTML.
    ErrorRule {
        status: None,
        codes: &[],
        texts: &[&["could not obtain lock"]],
        class: FailureClass::Retryable,
        code: "ledger_busy",
        source: TRIED,
    },
    ErrorRule {
        status: None,
        codes: &[],
        texts: &[
            &["closed journal-period"],
            &["closed period"],
            &["reopen the period"],
            &["for field \"period\" in record"],
        ],
        class: FailureClass::Terminal,
        code: "period_closed",
        source: TRIED,
    },
    // Someone deleted the draft, or an earlier attempt did: it is looked up.
    ErrorRule {
        status: None,
        codes: &[],
        texts: &[&["that don't exist"]],
        class: FailureClass::Unknown,
        code: "draft_missing",
        source: TRIED,
    },
    // An earlier attempt was there first: it is looked up.
    ErrorRule {
        status: None,
        codes: &[],
        texts: &[&["can not call \"post\""], &["cannot modify posted move"]],
        class: FailureClass::Unknown,
        code: "already_posted",
        source: TRIED,
    },
];

/// Tryton.
pub static TRYTON: Sheet = Sheet {
    vendor: "tryton",
    dialect: "tryton",
    marks: &[],
    name: "Tryton",
    role: Role::Erp,
    address: Address {
        help: "The address of the Tryton server: https, or http on this machine.",
        usual: None,
        hosts: &["the customer's own server; calls go to /DATABASE/rpc/"],
        source: CODE,
    },
    form: &[
        FormField::text("database", "Database", "The name of the database.").required(),
        FormField::whole("company", "Company", "Tryton's numeric id of the company.").required(),
        FormField::text("login", "User", "A user who may read and post moves.").required(),
        FormField::secret("password", "Password", "That user's password."),
        FormField::text("journal", "Journal", "Code of the journal that postings go to.")
            .usually("REV")
            .sent(),
        TIMEOUT,
    ],
    tenant: Tenant::Settings(&["database", "company"]),
    auth: &[Auth {
        how: "common.db.login with user and password, then Authorization: Session",
        life: "until the session times out; posting wants a fresh one, and a stale one is answered 401",
        source: CODE,
    }],
    permissions: Permissions {
        given_at: "Administration › Users, a user of its own",
        all: &GRANTED,
        source: TRIED,
    },
    resources: &RESOURCES,
    limits: Limits {
        // Moves are numbered under one row lock: concurrent posts only collide.
        usual: Limit::concurrency(1),
        settable: false,
        page: 500,
        longest_call: None,
        says: "none, but for logins (429)",
        source: TRIED,
    },
    idempotency: Some(Idempotency {
        how: "no unique field: a draft is made with our key in its description, all drafts of the key are \
              found, exactly one is posted by its id, and the others are deleted",
        window: None,
        in_doubt: "search by the description, which is never out of date",
        source: TRIED,
    }),
    errors: &ERRORS,
    periods: Some(PeriodLocks {
        read_from: "account.period: state open, closed or locked",
        levels: "the period, and a journal within an open period",
        trap: "a journal that is closed in an open period is told by the booking alone",
        source: TRIED,
    }),
    capabilities: Capabilities {
        posts: true,
        reads_changes: true,
        removals: Removals::FullRead,
        reread: None,
        test_or_live: None,
    },
    exponents: &[],
    checked_against: "A real Tryton 8.2 on PostgreSQL.",
    facts: &[
        Fact {
            says: "a posted move cannot be deleted, a draft can; nothing tells of it afterwards",
            source: TRIED,
        },
        Fact { says: "JSON floats are taken as amounts: a Decimal object is always sent", source: TRIED },
        Fact { says: "on SQLite concurrent posts got the same number twice: PostgreSQL only", source: TRIED },
        Fact { says: "two accounts may share a code: neither is posted to", source: CODE },
    ],
};
