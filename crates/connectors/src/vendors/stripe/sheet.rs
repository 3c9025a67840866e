//! What is known of Stripe, and of the stand-in that speaks its older dialect.

use tieout_domain::{document::DocumentKind, failure::FailureClass};

use crate::{
    kit::Limit,
    sheet::{
        Address, Auth, Capabilities, ErrorRule, Fact, FormField, Limits, Needed, Permission, Permissions,
        Removals, ResourceSheet, Role, Sheet, Source, TIMEOUT, Tenant,
    },
    traits::Resource,
};

/// The code of a list that cannot be gone on with: Stripe does not know the object that it should follow.
pub(super) const CURSOR_GONE: &str = "cursor_gone";

const API: Source = Source::documented("docs.stripe.com/api; stripe-node 23.1.0 types", "2026-11");
const RATE_LIMITS: Source = Source::documented("docs.stripe.com/rate-limits", "2026-11");
const EVENTS: Source = Source::documented("docs.stripe.com/api/events: kept for 30 days", "2026-11");
const KEYS: Source = Source::documented("docs.stripe.com/keys: restricted keys", "2026-11");
const METERS: Source = Source::documented("docs.stripe.com/api/billing/meter-event-summary", "2026-11");
const CURRENCIES: Source =
    Source::documented("docs.stripe.com/currencies: zero-decimal currencies and special cases", "2026-11");
const CATEGORIES_OF: Source = Source::documented("docs.stripe.com/reports/reporting-categories", "2026-11");
const GONE: Source =
    Source::second_hand("an answer of api.stripe.com quoted in stripe-go issue 1030", "2026-11");
const LOCAL: Source = Source::tried("localstripe 1.15.10, running", "2026-11");

/// The least that a restricted key needs, as the form says it; [`GRANTED`] lists the same.
const PERMISSIONS: &str = "Developers › API keys › Create restricted key, with Read for, under Core: \
    Balance, \
    Balance transaction sources, Charges and refunds, Customers, Disputes, Events, Payment records, Payouts; \
    under Billing: Credit notes, Invoices, Meters, Subscriptions (and Test clocks in a sandbox that has \
    them); \
    all else None. Nothing is ever written to Stripe.";

const fn read(area: &'static str, name: &'static str) -> Permission {
    Permission { area, name, level: "read", needed: Needed::Read }
}

const GRANTED: [Permission; 13] = [
    read("Core", "Balance"),
    read("Core", "Balance transaction sources"),
    read("Core", "Charges and refunds"),
    read("Core", "Customers"),
    read("Core", "Disputes"),
    read("Core", "Events"),
    read("Core", "Payment records"),
    read("Core", "Payouts"),
    read("Billing", "Credit notes"),
    read("Billing", "Invoices"),
    read("Billing", "Meters"),
    read("Billing", "Subscriptions"),
    Permission {
        area: "Billing",
        name: "Test clocks",
        level: "read",
        needed: Needed::Where("it is a sandbox that has test clocks"),
    },
];

const NEWEST_FIRST: &str = "limit 1-100, starting_after, has_more; newest first";
const BY_EVENTS: &str =
    "events since the last scan began (30 days back, by Stripe's clock), each object read again";

const BY_ID: &str = "GET of the object; of money also its balance transactions (source=ID)";

const fn listed(
    resource: Resource,
    listed_at: &'static str,
    permission: &'static str,
    cursor: &'static str,
) -> ResourceSheet {
    ResourceSheet { resource, listed_at, permission, paging: NEWEST_FIRST, cursor, source: API }
}

/// Every resource also needs read access to events, which tell what changed.
const RESOURCES: [ResourceSheet; 11] = [
    listed(
        Resource::Customers,
        "/v1/customers, of each test clock too",
        "Core: Customers, read; in a sandbox with test clocks also Billing: Test clocks, read",
        BY_EVENTS,
    ),
    listed(
        Resource::Subscriptions,
        "/v1/subscriptions?status=all, of each test clock too",
        "Billing: Subscriptions, read",
        BY_EVENTS,
    ),
    listed(
        Resource::Invoices,
        "/v1/invoices; /v1/customers/ID/balance_transactions where one used its customer's balance",
        "Billing: Invoices, read; Core: Customers, read",
        BY_EVENTS,
    ),
    listed(Resource::CreditNotes, "/v1/credit_notes", "Billing: Credit notes, read", BY_EVENTS),
    listed(
        Resource::Payments,
        "/v1/charges (expand balance_transaction), /v1/invoice_payments",
        "Core: Charges and refunds, read; Core: Balance transaction sources, read; Billing: Invoices, read",
        BY_EVENTS,
    ),
    listed(
        Resource::OutsidePayments,
        "/v1/invoice_payments?payment[type]=payment_record, /v1/payment_records/ID",
        "Billing: Invoices, read; Core: Payment records, read",
        BY_EVENTS,
    ),
    listed(
        Resource::Refunds,
        "/v1/refunds (expand balance_transaction)",
        "Core: Charges and refunds, read; Core: Balance transaction sources, read",
        BY_EVENTS,
    ),
    listed(Resource::Disputes, "/v1/disputes", "Core: Disputes, read", BY_EVENTS),
    listed(Resource::Payouts, "/v1/payouts", "Core: Payouts, read", BY_EVENTS),
    listed(
        Resource::Fees,
        "/v1/balance_transactions",
        "Core: Balance, read; Core: Balance transaction sources, read",
        "created[gte]: a balance transaction never changes and has no events",
    ),
    ResourceSheet {
        resource: Resource::Usage,
        listed_at: "/v1/billing/meters/ID/event_summaries, a customer at a time",
        permission: "Billing: Meters, read",
        paging: "limit 1-100, starting_after, has_more; whole days",
        cursor: "the first day that was not read, less three days for late usage",
        source: METERS,
    },
];

/// The version of the API whose shapes are read: pinned on every request, so that an account's default does
/// not
/// matter. Invoice payments and `total_taxes` came with 2025-03-31.basil; older shapes are read as well.
pub const VERSION: &str = "2026-10-28.endive";

/// The types of events that tell of a resource: at most 20 each, which is what one filter takes.
pub(super) const EVENTS_OF: [(Resource, &[&str]); 9] = [
    (Resource::Customers, &["customer.created", "customer.updated", "customer.deleted"]),
    (
        Resource::Subscriptions,
        &[
            "customer.subscription.created",
            "customer.subscription.updated",
            "customer.subscription.deleted",
            "customer.subscription.paused",
            "customer.subscription.resumed",
            "customer.subscription.pending_update_applied",
            "customer.subscription.pending_update_expired",
        ],
    ),
    (
        Resource::Invoices,
        &[
            "invoice.created",
            "invoice.updated",
            "invoice.deleted",
            "invoice.finalized",
            "invoice.finalization_failed",
            "invoice.marked_uncollectible",
            "invoice.overdue",
            "invoice.overpaid",
            "invoice.paid",
            "invoice.payment_action_required",
            "invoice.payment_attempt_required",
            "invoice.payment_failed",
            "invoice.payment_succeeded",
            "invoice.sent",
            "invoice.voided",
            "invoice.will_be_due",
        ],
    ),
    (Resource::CreditNotes, &["credit_note.created", "credit_note.updated", "credit_note.voided"]),
    (
        Resource::Payments,
        &[
            "charge.captured",
            "charge.expired",
            "charge.failed",
            "charge.pending",
            "charge.refunded",
            "charge.succeeded",
            "charge.updated",
            "invoice_payment.paid",
        ],
    ),
    (Resource::OutsidePayments, &["invoice_payment.paid"]),
    (
        Resource::Refunds,
        &["charge.refund.updated", "charge.refunded", "refund.created", "refund.failed", "refund.updated"],
    ),
    (
        Resource::Disputes,
        &[
            "charge.dispute.closed",
            "charge.dispute.created",
            "charge.dispute.funds_reinstated",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.updated",
        ],
    ),
    (
        Resource::Payouts,
        &[
            "payout.canceled",
            "payout.created",
            "payout.failed",
            "payout.paid",
            "payout.reconciliation_completed",
            "payout.updated",
        ],
    ),
];

/// What a category of movements is to the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    /// A customer's money: its payment, refund or dispute is the document.
    OfCustomer,
    /// A payout, or what returned of one: the payout is the document.
    OfPayout,
    /// A document of its own.
    Own(DocumentKind),
}

/// What Stripe's reporting categories are to the books; after them types, which tell a reserve from other
/// adjustments, or what an object without a category is. All that is not here is a movement by its own name.
pub(super) const CATEGORIES: &[(&str, Category)] = &[
    ("charge", Category::OfCustomer),
    ("charge_failure", Category::OfCustomer),
    ("partial_capture_reversal", Category::OfCustomer),
    ("refund", Category::OfCustomer),
    ("refund_failure", Category::OfCustomer),
    ("dispute", Category::OfCustomer),
    ("dispute_reversal", Category::OfCustomer),
    ("payout", Category::OfPayout),
    ("payout_reversal", Category::OfPayout),
    ("payout_minimum_balance_hold", Category::Own(DocumentKind::Reserve)),
    ("payout_minimum_balance_release", Category::Own(DocumentKind::Reserve)),
    ("fee", Category::Own(DocumentKind::Fee)),
    ("tax", Category::Own(DocumentKind::Fee)),
    ("network_cost", Category::Own(DocumentKind::Fee)),
    ("topup", Category::Own(DocumentKind::TopUp)),
    ("topup_reversal", Category::Own(DocumentKind::TopUp)),
    ("transfer", Category::Own(DocumentKind::Transfer)),
    ("transfer_reversal", Category::Own(DocumentKind::Transfer)),
    ("connect_collection_transfer", Category::Own(DocumentKind::Transfer)),
    ("connect_reserved_funds", Category::Own(DocumentKind::Reserve)),
    ("risk_reserved_funds", Category::Own(DocumentKind::Reserve)),
    ("other_adjustment", Category::Own(DocumentKind::Adjustment)),
    // Types.
    ("payment", Category::OfCustomer),
    ("payment_refund", Category::OfCustomer),
    ("payment_failure_refund", Category::OfCustomer),
    ("payment_reversal", Category::OfCustomer),
    ("payout_cancel", Category::OfPayout),
    ("payout_failure", Category::OfPayout),
    ("stripe_fee", Category::Own(DocumentKind::Fee)),
    ("stripe_fx_fee", Category::Own(DocumentKind::Fee)),
    ("tax_fee", Category::Own(DocumentKind::Fee)),
    ("transfer_cancel", Category::Own(DocumentKind::Transfer)),
    ("transfer_failure", Category::Own(DocumentKind::Transfer)),
    ("transfer_refund", Category::Own(DocumentKind::Transfer)),
    ("reserve_hold", Category::Own(DocumentKind::Reserve)),
    ("reserve_release", Category::Own(DocumentKind::Reserve)),
    ("reserve_transaction", Category::Own(DocumentKind::Reserve)),
    ("reserved_funds", Category::Own(DocumentKind::Reserve)),
    ("payment_network_reserve_hold", Category::Own(DocumentKind::Reserve)),
    ("payment_network_reserve_release", Category::Own(DocumentKind::Reserve)),
    ("adjustment", Category::Own(DocumentKind::Adjustment)),
];

/// MGA stands in Stripe's list of zero-decimal currencies, though ISO gives it two digits. ISK and UGX became
/// zero-decimal, but are still given with two digits, always 00.
const EXPONENTS: &[(&str, u32)] = &[("ISK", 2), ("MGA", 0), ("UGX", 2)];

/// The meaning of `param/code` and of the words; the status decides the rest.
const ERRORS: [ErrorRule; 1] = [ErrorRule {
    status: Some((400, 400)),
    // Whatever is wrong with it, the list cannot be gone on with from there.
    codes: &["starting_after/"],
    texts: &[],
    class: FailureClass::Terminal,
    code: CURSOR_GONE,
    source: GONE,
}];

/// Stripe.
pub static STRIPE: Sheet = Sheet {
    vendor: "stripe",
    dialect: "stripe",
    marks: &[],
    name: "Stripe",
    role: Role::Billing,
    address: Address {
        help: "Stripe's API; only a stand-in on this machine has another address.",
        usual: Some("https://api.stripe.com"),
        hosts: &["api.stripe.com, for test and live alike: the key tells which"],
        source: API,
    },
    form: &[
        FormField::secret("api_key", "Restricted key", PERMISSIONS),
        FormField::text(
            "account",
            "Account id",
            "acct_…, shown under Settings › Account details: the tenant.",
        ),
        FormField::text(
            "connected_account",
            "Connected account",
            "Only for a platform (Connect) that reads one of its accounts with its own key: acct_… of that \
             account, sent as Stripe-Account. Its id is the account id above, too.",
        ),
        FormField::whole("rate", "Calls a second", "At most this many calls a second.").usually("25"),
        FormField::whole("concurrency", "Calls at once", "At most this many calls at once.").usually("8"),
        TIMEOUT,
    ],
    tenant: Tenant::SettingOrName("account"),
    auth: &[Auth {
        how: "Authorization: Bearer, a secret (sk_) or restricted (rk_) key",
        life: "until it is rolled or deleted; _test_ or _live_ in it tells the kind of account",
        source: KEYS,
    }],
    permissions: Permissions {
        given_at: "Developers › API keys › Create restricted key",
        all: &GRANTED,
        source: KEYS,
    },
    resources: &RESOURCES,
    limits: Limits {
        usual: Limit::per_second(25, 8),
        settable: true,
        page: 100,
        longest_call: None,
        says: "100 calls a second live, 25 in a sandbox, 25 for one endpoint; 429 beyond",
        source: RATE_LIMITS,
    },
    idempotency: None,
    errors: &ERRORS,
    periods: None,
    capabilities: Capabilities {
        posts: false,
        reads_changes: true,
        removals: Removals::FullRead,
        reread: Some(BY_ID),
        test_or_live: Some("_test_ or _live_ in the key"),
    },
    exponents: EXPONENTS,
    checked_against: "Stripe's published fixtures, a simulated Stripe with faults, and localstripe 1.15.10. \
                      It has not been run against Stripe itself.",
    facts: &[
        Fact {
            says: "the version 2026-10-28.endive is sent as Stripe-Version on every request; an answer of \
                   another version is read as far as its shape is known",
            source: API,
        },
        Fact {
            says: "balance transactions are classified by reporting_category; a category that is not known \
            is a \
                   movement of that name, which needs the account of adjustments",
            source: CATEGORIES_OF,
        },
        Fact {
            says: "a fee is in the currency of the balance transaction. exchange_rate is there where the \
            money \
                   was converted: then the balance is a document of its own in its own currency",
            source: API,
        },
        Fact {
            says: "customers and subscriptions of a test clock are listed only with test_clock; an invoice \
            of \
                   theirs is listed as always",
            source: API,
        },
        Fact {
            says: "an event filter takes up to 20 types (types[]) and no wildcard; type takes one wildcard",
            source: API,
        },
        Fact {
            says: "words of status are open: a dispute or payout of an unknown one is read by its balance \
                   transactions, any other is kept aside",
            source: API,
        },
        Fact {
            says: "starting_after a deleted object: 400 resource_missing, param starting_after. The scan \
                   goes on from that object's second of creation",
            source: GONE,
        },
        Fact {
            says: "an event older than 30 days is neither listed nor a place to go on from",
            source: EVENTS,
        },
        Fact {
            says: "amounts are whole minor units by Stripe's own table. UGX stands in the list of \
                   zero-decimal currencies and among the special cases with two digits: an amount that is \
                   no whole shilling is kept aside",
            source: CURRENCIES,
        },
        Fact {
            says: "a draft can be deleted, and a customer; an issued document only with all data of a test \
                   account. On a live account an issued document that is not listed is not taken for gone",
            source: API,
        },
        Fact {
            says: "an event has the shape of the API version at its creation: only its id is used",
            source: EVENTS,
        },
    ],
};

/// `localstripe`, a stand-in for tests with the shapes of 2017.
pub static LOCALSTRIPE: Sheet = Sheet {
    vendor: "localstripe",
    dialect: "stripe",
    marks: &[("offer", "localstripe")],
    name: "localstripe (a stand-in for tests)",
    role: Role::Billing,
    address: Address {
        help: "The address of a running localstripe.",
        usual: Some("http://127.0.0.1:8420"),
        hosts: &["this machine"],
        source: LOCAL,
    },
    form: &[
        FormField::secret("api_key", "Key", "Any key that localstripe takes."),
        FormField::text("account", "Account name", "A name for the tenant."),
        TIMEOUT,
    ],
    tenant: Tenant::SettingOrName("account"),
    auth: &[Auth { how: "Authorization: Bearer, any key", life: "for ever", source: LOCAL }],
    permissions: Permissions { given_at: "nowhere: it has no permissions", all: &[], source: LOCAL },
    resources: &[
        unfiltered(Resource::Customers, "/v1/customers"),
        unfiltered(Resource::Subscriptions, "/v1/subscriptions?status=all"),
        unfiltered(Resource::Invoices, "/v1/invoices"),
        unfiltered(Resource::Payments, "/v1/charges"),
        unfiltered(Resource::Refunds, "/v1/refunds"),
        unfiltered(Resource::Fees, "/v1/balance_transactions"),
    ],
    limits: Limits {
        usual: Limit::per_second(25, 8),
        settable: false,
        page: 100,
        longest_call: None,
        says: "none",
        source: LOCAL,
    },
    idempotency: None,
    errors: &ERRORS,
    periods: None,
    capabilities: Capabilities {
        posts: false,
        reads_changes: false,
        removals: Removals::FullRead,
        reread: Some(BY_ID),
        test_or_live: Some("_test_ or _live_ in the key"),
    },
    exponents: EXPONENTS,
    checked_against: "localstripe 1.15.10. It lists no credit notes, disputes or usage.",
    facts: &[Fact { says: "customers are listed oldest first; created[gte] answers 500", source: LOCAL }],
};

const fn unfiltered(resource: Resource, listed_at: &'static str) -> ResourceSheet {
    ResourceSheet {
        resource,
        listed_at,
        permission: "none",
        paging: "limit, starting_after, has_more",
        cursor: "none: everything is read each time",
        source: LOCAL,
    }
}
