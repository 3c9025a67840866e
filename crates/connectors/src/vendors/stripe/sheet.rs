//! What is known of Stripe, and of the stand-in that speaks its older dialect.

use tieout_domain::failure::FailureClass;

use crate::{
    kit::Limit,
    sheet::{
        Address, Auth, Capabilities, ErrorRule, Fact, FormField, Limits, Removals, ResourceSheet, Role,
        Sheet, Source, TIMEOUT, Tenant,
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
const GONE: Source =
    Source::second_hand("an answer of api.stripe.com quoted in stripe-go issue 1030", "2026-11");
const LOCAL: Source = Source::tried("localstripe 1.15.10, running", "2026-11");

const NEWEST_FIRST: &str = "limit 1-100, starting_after, has_more; newest first";
const BY_EVENTS: &str =
    "events since the last scan began (30 days back, by Stripe's clock), each object read again";

const BY_ID: &str = "GET of the object; of a payment also its balance transaction and, where listed, \
                     its disputes (charge=ID)";

const fn listed(
    resource: Resource,
    listed_at: &'static str,
    permission: &'static str,
    cursor: &'static str,
) -> ResourceSheet {
    ResourceSheet { resource, listed_at, permission, paging: NEWEST_FIRST, cursor, source: API }
}

/// Every resource also needs read access to events, which tell what changed.
const RESOURCES: [ResourceSheet; 9] = [
    listed(Resource::Customers, "/v1/customers", "Core: customers, read", BY_EVENTS),
    listed(
        Resource::Subscriptions,
        "/v1/subscriptions?status=all",
        "Billing: subscriptions, read",
        BY_EVENTS,
    ),
    listed(Resource::Invoices, "/v1/invoices", "Billing: invoices, read", BY_EVENTS),
    listed(Resource::CreditNotes, "/v1/credit_notes", "Billing: credit notes, read", BY_EVENTS),
    listed(Resource::Payments, "/v1/charges, /v1/invoice_payments", "Core: charges, read", BY_EVENTS),
    listed(Resource::Refunds, "/v1/refunds", "Core: charges and refunds, read", BY_EVENTS),
    listed(Resource::Disputes, "/v1/disputes", "Core: disputes, read", BY_EVENTS),
    listed(
        Resource::Fees,
        "/v1/balance_transactions",
        "Core: balance transaction sources, read",
        "created[gte]: a balance transaction never changes and has no events",
    ),
    ResourceSheet {
        resource: Resource::Usage,
        listed_at: "/v1/billing/meters/ID/event_summaries, a customer at a time",
        permission: "Billing: meters, read",
        paging: "limit 1-100, starting_after, has_more; whole days",
        cursor: "the first day that was not read, less three days for late usage",
        source: METERS,
    },
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
        FormField::secret(
            "api_key",
            "Restricted key",
            "Developers › API keys › Create restricted key, with read access to Core, Billing and Connect. \
             Nothing is ever written to Stripe.",
        ),
        FormField::text(
            "account",
            "Account id",
            "acct_…, shown under Settings › Account details: the tenant.",
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
