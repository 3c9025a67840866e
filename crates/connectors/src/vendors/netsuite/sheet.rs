//! What is known of NetSuite.

use std::time::Duration;

use tieout_domain::failure::FailureClass;

use crate::{
    kit::Limit,
    sheet::{
        Address, Auth, Capabilities, ErrorRule, Fact, FormField, Idempotency, Limits, Needed, PeriodLocks,
        Permission, Permissions, Removals, ResourceSheet, Role, Sheet, Source, TIMEOUT, Tenant,
    },
    traits::Resource,
};

/// The code of a query over a table that the account does not have, or that the role may not see.
pub(super) const UNKNOWN_TABLE: &str = "unknown_table";

const REST: Source = Source::documented("Oracle help 156570709583: SuiteTalk REST web services", "2026-11");
const SUITEQL: Source = Source::documented("Oracle help 157909186990: SuiteQL over REST", "2026-11");
const BROWSER: Source = Source::documented("NetSuite REST API Browser 2026.1", "2026-11");
const M2M: Source =
    Source::documented("Oracle help: OAuth 2.0 client credentials flow; checked against PyJWT", "2026-11");
const TBA: Source =
    Source::documented("Oracle help: token-based authentication; checked against oauthlib", "2026-11");
const TBA_ENDS: Source = Source::second_hand("a release note quoted by Apideck, October 2026", "2026-11");
const GOVERNANCE: Source = Source::documented("Oracle help: web services concurrency governance", "2026-11");
const LOCKS: Source = Source::documented("Oracle help N1452163: period locks", "2026-11");
const DELETED: Source =
    Source::second_hand("timdietrich.me: a query of DeletedRecord; streamed by public taps", "2026-11");
const DELETED_PERMISSION: Source =
    Source::documented("Oracle help N3497592: getDeleted and its permission", "2026-11");
const PUBLIC_CODE: Source = Source::second_hand("texts in public integration code", "2026-11");
const SOAP: Source = Source::documented("SOAP schema: faults of transactions", "2026-11");
const PERMISSIONS: Source = Source::unconfirmed(
    "Oracle help: permissions of roles for SuiteTalk REST; put together, not tried",
    "2026-11",
);
const POPULATION: Source = Source::unconfirmed(
    "Oracle help 157909186990 and the Records Catalog; not run against NetSuite",
    "2026-11",
);
const BALANCES: Source =
    Source::unconfirmed("Oracle help 157909186990: SuiteQL's GROUP BY; not run against NetSuite", "2026-11");
const FEATURES: Source = Source::second_hand("error texts in public integration code", "2026-11");
const APPROVALS: Source =
    Source::documented("Oracle help N1469586; REST API Browser 2026.1: journalEntry.approved", "2026-11");
const ORDER: Source = Source::second_hand("NetSuite support, quoted in salto pull request 2181", "2026-11");

const BY_ID: &str = "at most 1,000 rows to an answer, the next above the last id; offsets are not used";
const BY_CHANGE: &str = "lastmodifieddate, in the account's own time, ten minutes back";

const RESOURCES: [ResourceSheet; 5] = [
    ResourceSheet {
        resource: Resource::Periods,
        listed_at: "SuiteQL accountingperiod",
        permission: "Manage Accounting Periods, view",
        paging: BY_ID,
        cursor: "none: all of them each time",
        source: BROWSER,
    },
    ResourceSheet {
        resource: Resource::Accounts,
        listed_at: "SuiteQL account",
        permission: "Accounts, view",
        paging: BY_ID,
        cursor: "none: all of them each time",
        source: SUITEQL,
    },
    ResourceSheet {
        resource: Resource::LedgerCustomers,
        listed_at: "SuiteQL customer",
        permission: "Customers, view; to create one: Customers, create",
        paging: BY_ID,
        cursor: BY_CHANGE,
        source: SUITEQL,
    },
    ResourceSheet {
        resource: Resource::Entries,
        listed_at: "SuiteQL transaction (every type), transactionline, transactionaccountingline; \
                    deletedrecord",
        permission: "Find Transaction, and view of each type that is to be read (Invoice, Credit Memo, \
                     Customer Payment, Customer Refund, Customer Deposit, Make Deposit, Make Journal Entry, \
                     …); to post: Make Journal Entry, create; to see deletions at once: Deleted Records",
        paging: BY_ID,
        cursor: BY_CHANGE,
        source: SUITEQL,
    },
    ResourceSheet {
        resource: Resource::TrialBalance,
        listed_at: "SuiteQL transactionaccountingline, grouped by account, period and subsidiary",
        permission: "as for entries",
        paging: "at most 1,000 rows to an answer, the next above the last account and period",
        cursor: "none: all of it each time",
        source: BALANCES,
    },
];

const fn granted(area: &'static str, name: &'static str, level: &'static str, needed: Needed) -> Permission {
    Permission { area, name, level, needed }
}

const LIST: &str = "Lists";
const SETUP: &str = "Setup";
const TRANSACTIONS: &str = "Transactions";

const GRANTED: [Permission; 20] = [
    granted(SETUP, "REST Web Services", "full", Needed::Read),
    granted(SETUP, "SuiteAnalytics Workbook", "view", Needed::Read),
    granted(
        SETUP,
        "Log in using OAuth 2.0 Access Tokens",
        "full",
        Needed::Where("it signs in with a certificate (auth=m2m)"),
    ),
    granted(SETUP, "Access Tokens", "full", Needed::Where("it signs in with a token (auth=tba)")),
    granted(SETUP, "Manage Accounting Periods", "view", Needed::Read),
    granted(
        SETUP,
        "Deleted Records",
        "view",
        Needed::Where("deletions are to be seen at once, and not by the next full read"),
    ),
    granted(LIST, "Accounts", "view", Needed::Read),
    granted(LIST, "Customers", "view", Needed::Read),
    granted(LIST, "Subsidiaries", "view", Needed::Where("the account has subsidiaries (OneWorld)")),
    granted(LIST, "Currency", "view", Needed::Where("the account has Multiple Currencies")),
    granted(TRANSACTIONS, "Find Transaction", "view", Needed::Read),
    granted(TRANSACTIONS, "Invoice", "view", Needed::Read),
    granted(TRANSACTIONS, "Credit Memo", "view", Needed::Read),
    granted(TRANSACTIONS, "Customer Payment", "view", Needed::Read),
    granted(TRANSACTIONS, "Customer Refund", "view", Needed::Read),
    granted(TRANSACTIONS, "Customer Deposit", "view", Needed::Read),
    granted(TRANSACTIONS, "Make Deposit", "view", Needed::Read),
    granted(TRANSACTIONS, "Make Journal Entry", "view", Needed::Read),
    granted(TRANSACTIONS, "Make Journal Entry", "create", Needed::Post),
    granted(LIST, "Customers", "create", Needed::Where("the desk makes customers (customers=create)")),
];

const REFUSED: Option<(u16, u16)> = Some((400, 499));

/// The codes alone do not tell a closed period or a duplicate from other user errors.
const ERRORS: [ErrorRule; 7] = [
    ErrorRule {
        status: REFUSED,
        codes: &["TRAN_PERIOD_CLOSED", "TRAN_PRD_CLOSED"],
        texts: &[],
        class: FailureClass::Terminal,
        code: "period_closed",
        source: SOAP,
    },
    ErrorRule {
        status: REFUSED,
        codes: &[],
        texts: &[
            &["not within the date range of your accounting period"],
            &["period", "closed"],
            &["period", "locked"],
        ],
        class: FailureClass::Terminal,
        code: "period_closed",
        source: PUBLIC_CODE,
    },
    // Not a failure of ours: an earlier attempt, or another desk, was there first. It is looked up.
    ErrorRule {
        status: REFUSED,
        codes: &["DUP_RCRD", "DUP_ENTITY"],
        texts: &[&["record already exists"], &["entity already exists"]],
        class: FailureClass::Unknown,
        code: "duplicate_external_id",
        source: PUBLIC_CODE,
    },
    ErrorRule {
        status: REFUSED,
        codes: &["LIMIT_EXCEEDED"],
        texts: &[],
        class: FailureClass::Retryable,
        code: "rate_limited",
        source: REST,
    },
    ErrorRule {
        status: Some((400, 400)),
        codes: &["INVALID_KEY_OR_REF"],
        texts: &[],
        class: FailureClass::Terminal,
        code: "unknown_reference",
        source: BROWSER,
    },
    ErrorRule {
        status: REFUSED,
        codes: &["INSUFFICIENT_PERMISSION"],
        texts: &[],
        class: FailureClass::Terminal,
        code: "permission_missing",
        source: SOAP,
    },
    // A table that the account does not have, or that the role may not see.
    ErrorRule {
        status: Some((400, 400)),
        codes: &[],
        texts: &[&["record '", "was not found"]],
        class: FailureClass::Terminal,
        code: UNKNOWN_TABLE,
        source: PUBLIC_CODE,
    },
];

const FORM: [FormField; 21] = [
    FormField::text("account", "Account id", "Setup › Company › Company Information: 1234567_SB1.")
        .required(),
    FormField::choice(
        "auth",
        "Way to sign in",
        "m2m: OAuth 2.0 with a certificate, which ends after two years at most: note when to renew it. tba: \
         token-based (four values); NetSuite takes no new integrations of that kind as of 2027.1. The role: \
         SuiteAnalytics Workbook, REST Web Services and Log in using OAuth 2.0 Access Tokens (or Access \
         Tokens), Find Transaction and view of the transactions to be read, Accounts, Customers, \
         Subsidiaries, Currency and accounting periods, view; to post also Make Journal Entry, create.",
        &["tba", "m2m"],
    )
    .proposing("m2m"),
    FormField::secret("consumer_key", "Consumer key", "From the integration record.").with("auth", "tba"),
    FormField::secret("consumer_secret", "Consumer secret", "From the integration record.")
        .with("auth", "tba"),
    FormField::secret("token_id", "Token id", "From the access token.").with("auth", "tba"),
    FormField::secret("token_secret", "Token secret", "From the access token.").with("auth", "tba"),
    FormField::secret("client_id", "Client id", "From the integration record.").with("auth", "m2m"),
    FormField::secret("certificate_id", "Certificate id", "From the certificate's mapping.")
        .with("auth", "m2m"),
    FormField::secret("private_key", "Private key (PEM)", "Of the certificate.").with("auth", "m2m"),
    FormField::choice("algorithm", "Signature", "That of the certificate.", &["ES256", "PS256"])
        .with("auth", "m2m"),
    FormField::choice(
        "approve",
        "Send journals as approved",
        "true: a journal counts at once. false: NetSuite's own approval routing decides, and one that waits \
         there is not booked. legacy: as true, in an account that has Require Approvals on Journal Entries \
         (the connection's test says which way yours approves).",
        &["false", "true", "legacy"],
    )
    .sent(),
    FormField::choice(
        "customers",
        "Customers that NetSuite does not know",
        "known: a posting that names one is not prepared until the customer that NetSuite has got billing's \
         id as its external id. create: it is made there, as part of what is approved.",
        &["create", "known"],
    )
    .proposing("known"),
    FormField::text("department", "Department", "Its id on every line, where journals need one.").sent(),
    FormField::text("class", "Class", "Its id on every line, where journals need one.").sent(),
    FormField::text("location", "Location", "Its id on every line, where journals need one.").sent(),
    FormField::text(
        "name_fields",
        "Fields with names",
        "Ids of custom fields on transactions that hold the documents' numbers or ids, separated by commas: \
         custbody_invoice_number.",
    ),
    FormField::text(
        "time_zone",
        "Time zone of the account",
        "Setup › Company › Company Information: Europe/Berlin. Times without a zone, and the end of the day \
         on which a period was closed, are of it.",
    )
    .usually("UTC"),
    FormField::text(
        "home_currency",
        "Home currency",
        "Only where the account has no subsidiaries or no Multiple Currencies: USD.",
    ),
    FormField::whole(
        "concurrency",
        "Calls at once",
        "The account's limit is shared by all integrations; the base tier has 5.",
    )
    .usually("4"),
    FormField::whole("rate", "Calls a second", "Where the account has such a limit."),
    TIMEOUT,
];

/// NetSuite.
pub static NETSUITE: Sheet = Sheet {
    vendor: "netsuite",
    dialect: "netsuite",
    marks: &[],
    name: "NetSuite",
    role: Role::Erp,
    address: Address {
        help: "The account's SuiteTalk address: https://ACCOUNT.suitetalk.api.netsuite.com",
        usual: None,
        hosts: &["ACCOUNT.suitetalk.api.netsuite.com; a sandbox's account in small letters, 1234567-sb1"],
        source: REST,
    },
    form: &FORM,
    tenant: Tenant::Settings(&["account"]),
    auth: &[
        Auth {
            how: "tba: OAuth 1.0 with HMAC-SHA256, signed for each call, query parameters too",
            life: "until the token is revoked; no new integrations as of 2027.1, tentative end 2028.2",
            source: TBA,
        },
        Auth {
            how: "m2m: OAuth 2.0 client credentials, an assertion signed with ES256 or PS256",
            life: "a token for an hour, a certificate for two years; a refreshed sandbox loses its mapping",
            source: M2M,
        },
    ],
    permissions: Permissions {
        given_at: "Setup › Users/Roles › Manage Roles, a role of its own; and view of any other type of \
                   transaction that is booked on accounts in scope",
        all: &GRANTED,
        source: PERMISSIONS,
    },
    resources: &RESOURCES,
    limits: Limits {
        // One less than the base tier, which other integrations spend from as well.
        usual: Limit::concurrency(4),
        settable: true,
        page: 1000,
        longest_call: Some(Duration::from_secs(15 * 60)),
        says: "calls at once for an account: 5 on the base tier and 10 more for each SuiteCloud Plus; \
               100,000 rows to a query",
        source: GOVERNANCE,
    },
    idempotency: Some(Idempotency {
        how: "an external id, unique among journals. The idempotency key is documented for asynchronous \
              calls only, and a PUT by external id would edit a posted journal: neither is used",
        window: None,
        in_doubt: "GET journalEntry/eid:KEY, which is no search index",
        source: REST,
    }),
    errors: &ERRORS,
    periods: Some(PeriodLocks {
        read_from: "accountingperiod: closed, alllocked, arlocked, aplocked",
        levels: "all, receivables, payables; by subsidiary, which the record does not show",
        trap: "a preference may book into the next open period without an error: the period is named in the \
               call and read back",
        source: LOCKS,
    }),
    capabilities: Capabilities {
        posts: true,
        reads_changes: true,
        removals: Removals::Changes,
        reread: None,
        test_or_live: Some("an account id of digits alone is production"),
    },
    exponents: &[],
    checked_against: "A simulated NetSuite after its published documents, with faults; the signatures also \
                      against oauthlib and PyJWT. It has not been run against NetSuite itself.",
    facts: &[
        Fact { says: "an order needs ASC said aloud, or rows go missing", source: ORDER },
        Fact {
            says: "a deletion changes no lastmodifieddate. deletedrecord has recordid and deleteddate; ids \
                   of other records are among them: each is asked for again before it is taken for gone",
            source: DELETED,
        },
        Fact { says: "deletedrecord needs the permission Deleted Records", source: DELETED_PERMISSION },
        Fact { says: "no new integrations by token as of 2027.1", source: TBA_ENDS },
        Fact {
            says: "a certificate of OAuth 2.0 client credentials is good for two years at most; then the \
                   connection's test fails until a new one is uploaded",
            source: M2M,
        },
        Fact {
            says: "entries of every type are read of transaction, with foreignamount of transactionline and \
                   amount of transactionaccountingline as debits less credits (documented, unverified: only \
                   our own sandbox has judged it)",
            source: POPULATION,
        },
        Fact {
            says: "sums by account, period and subsidiary come of a grouped query over \
                   transactionaccountingline (documented, unverified: only our own sandbox has judged it)",
            source: BALANCES,
        },
        Fact {
            says: "an account without OneWorld answers that record subsidiary was not found, one without \
                   Multiple Currencies the same of currency",
            source: FEATURES,
        },
        Fact {
            says: "Require Approvals on Journal Entries uses the flag approved and no approvalStatus",
            source: APPROVALS,
        },
        Fact { says: "closedOnDate is a date without a time", source: BROWSER },
        Fact {
            says: "an unknown property is ignored unless X-NetSuite-PropertyNameValidation says error",
            source: REST,
        },
    ],
};
