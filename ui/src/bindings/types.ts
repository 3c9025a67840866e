// Generated from crates/app by `cargo xtask bindings`; do not edit.
// Money is decimal text beside its currency. Instants are RFC 3339 in UTC, dates YYYY-MM-DD.

/**
 * A decision on a note.
 */
export type AcceptRequest = { 
/**
 * The note's id.
 */
id: string, 
/**
 * False refuses it.
 */
accept: boolean, 
/**
 * The hash of what the person saw; who accepts has to give it.
 */
content: string | null, 
/**
 * Why it is refused.
 */
reason: string | null, 
/**
 * The instant or date by which timing is judged; now without one.
 */
as_of: string | null, };

/**
 * Who may do what, and where duties came together.
 */
export type AccessReview = { 
/**
 * Everybody, those who left too, by name.
 */
people: Array<AccessRow>, 
/**
 * The conflicts; none is the aim.
 */
conflicts: Array<ConflictRow>, 
/**
 * Who decides in whose place, now or later.
 */
delegations: Array<DelegationView>, 
/**
 * What a signature is under, as text: who has which rights, who decides in whose place, and the
 * conflicts.
 */
text: string, 
/**
 * SHA-256 of the text.
 */
content_hash: string, 
/**
 * The last signature; `None` where nobody signed yet.
 */
signed: SignedReview | null, 
/**
 * Every signature, the last first.
 */
signatures: Array<SignedReview>, 
/**
 * What may be done with it now.
 */
actions: Array<ActionView>, };

/**
 * A person and what they may do.
 */
export type AccessRow = { 
/**
 * The name.
 */
person: string, 
/**
 * The role.
 */
role: Role, 
/**
 * False once they left.
 */
active: boolean, 
/**
 * Since when they have this role.
 */
since: string, 
/**
 * Who gave it to them.
 */
given_by: string, 
/**
 * When they last did anything that is logged; `None` where they never did.
 */
last_used: string | null, 
/**
 * How many log entries are theirs.
 */
entries: number, 
/**
 * Their OS account, if they have their own.
 */
os_account: string | null, 
/**
 * keyring, passphrase, or not set yet.
 */
secret: string, 
/**
 * Who confirmed that it is them; empty where nobody had to or nobody did yet.
 */
confirmed_by: string, };

/**
 * An account to choose.
 */
export type AccountChoice = { 
/**
 * Its code.
 */
code: string, 
/**
 * Its name; empty where the ledger says none.
 */
name: string, 
/**
 * Its type, where the chart says it.
 */
kind: string, 
/**
 * The ledger.
 */
connection: string, };

/**
 * The account that a connection's credentials open.
 */
export type AccountIdentity = { 
/**
 * The vendor's account, tenant or company id.
 */
tenant: string, 
/**
 * Its name, where there is one.
 */
name: string | null, 
/**
 * True for a production account, where the vendor tells.
 */
live: boolean | null, 
/**
 * What the account has and lacks, where the adapter looks.
 */
capabilities: Array<Capability>, };

/** Closed: AccountRole. */
export type AccountRole = "receivable" | "revenue" | "tax_payable" | "clearing" | "fees" | "bank" | "bad_debt";

/**
 * The accounts of a role; the first is booked on.
 */
export type Accounts = Array<string>;

/** Closed: ActionName. */
export type ActionName = "assign" | "comment" | "propose" | "approve" | "reject" | "reroute" | "replay" | "finish" | "take_back" | "hold" | "release" | "dismiss" | "reverse" | "cancel" | "booked_elsewhere" | "hand_over" | "confirm_handover" | "confirm_match" | "reject_match" | "undo_match" | "manage_people" | "confirm_person" | "manage_connections" | "import_files" | "keep_views" | "soft_close_period" | "reopen_period" | "sign_access_review" | "propose_change" | "prepare_sign_off" | "review_sign_off" | "approve_change";

/**
 * What may be done now, and for what may not, why and who could.
 */
export type ActionView = { 
/**
 * The action's stable name.
 */
action: ActionName, 
/**
 * True where the acting person may do it now.
 */
allowed: boolean, 
/**
 * The code of the refusal: a rule's, or that of a state that does not allow it.
 */
code: Code | null, 
/**
 * The refusal in words.
 */
message: string | null, 
/**
 * The same in pieces, for a page; nothing where it is words alone.
 */
pieces?: Array<Said>, 
/**
 * The rule, where a duty refuses.
 */
rule: string | null, 
/**
 * Names of those who could.
 */
who_could: Array<string>, };

/**
 * What acts.
 */
export type ActorKind = "person" | "os_account" | "desk" | "policy" | "worker" | "unknown";

/**
 * Who or what did something.
 */
export type ActorView = { 
/**
 * The person's name, or the account's; else as it is written down.
 */
name: string, 
/**
 * What it is.
 */
kind: ActorKind, };

/**
 * A connection to add.
 */
export type AddConnectionRequest = { 
/**
 * Its name, unique in the workspace.
 */
name: string, 
/**
 * The stable name of a vendor of the registry (`vendors` lists them).
 */
vendor: string, 
/**
 * The base address.
 */
url: string, 
/**
 * test or live.
 */
mode: string, 
/**
 * Vendor settings.
 */
settings: { [key in string]: string }, 
/**
 * Credentials by the name of their field; they go straight to the secrets. The command line asks for
 * them instead.
 */
credentials: { [key in string]: SecretText }, 
/**
 * Whether it is tried as it is added, and what follows from that.
 */
trying: Trying, };

/**
 * A person to add.
 */
export type AddPersonRequest = { 
/**
 * The name.
 */
name: string, 
/**
 * analyst, controller, administrator or auditor.
 */
role: Role, 
/**
 * Their OS account, if they have their own.
 */
os_account: string | null, 
/**
 * The passphrase that they typed themselves; without it the answer has an enrolment code.
 */
passphrase: SecretText | null, };

/**
 * A connection that was added, and what came of trying it.
 */
export type AddedView = { 
/**
 * What came of trying it; `None` where it was not tried.
 */
tried: TriedView | null, 
/**
 * Its id.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * The stable name of the vendor.
 */
vendor: string, 
/**
 * The vendor's own name.
 */
vendor_name: string, 
/**
 * billing or erp.
 */
role: SystemRole, 
/**
 * test or live.
 */
mode: string, 
/**
 * The vendor's account, tenant or company.
 */
tenant: string, 
/**
 * True while it is neither read nor posted to.
 */
paused: boolean, 
/**
 * Everything up to this instant has been seen, in every resource.
 */
complete_through: string | null, 
/**
 * What last went wrong, in the vendor's own words.
 */
last_error: string | null, 
/**
 * The stable code of it, where it concerns the whole connection and no resource of it can be read.
 */
error_code: string | null, 
/**
 * What to do about that.
 */
advice: string | null, 
/**
 * Its base address; empty for files.
 */
url: string, 
/**
 * When any of its resources was last tried.
 */
last_attempt_at: string | null, 
/**
 * Documents (of billing) or entries (of an ERP) that came by it.
 */
documents: number, 
/**
 * What it lists, and how far each has been read.
 */
resources: Array<ResourceView>, 
/**
 * How much of the vendor's allowance it uses.
 */
rate: RateView, 
/**
 * The names of the credentials that it has; what they are is never told.
 */
credentials: Array<string>, 
/**
 * Whether approved postings are sent to it.
 */
posting: PostingSwitch, };

/**
 * Open exceptions of one age.
 */
export type AgeBucket = { 
/**
 * The bucket, in words.
 */
label: string, 
/**
 * Days since their document's date (since they were found, where there is none), at least.
 */
from_days: number, 
/**
 * How many.
 */
count: number, 
/**
 * How many of them are past due.
 */
overdue: number, 
/**
 * How many of the others fall due within a day.
 */
soon: number, 
/**
 * Their amounts per currency.
 */
sums: Array<Sum>, };

/**
 * What a ledger's texts call a customer.
 */
export type AliasRow = { 
/**
 * The billing connection.
 */
connection: string, 
/**
 * The customer.
 */
customer: string, 
/**
 * The words.
 */
called: string, };

/**
 * How things stand.
 */
export type AppState = { 
/**
 * Counts the times that somebody looked: of two answers the one with the higher number was seen later,
 * whichever arrives first.
 */
look: number, 
/**
 * The version of Tieout.
 */
version: string, 
/**
 * The workspace on the desk.
 */
workspace: WorkspaceState | null, 
/**
 * Workspaces that were open here, the last one first.
 */
recent: Array<RecentWorkspace>, 
/**
 * How the desk looks and behaves.
 */
settings: Settings, 
/**
 * Whether this session has a keyring.
 */
keyring: KeyringState, 
/**
 * What is being opened because the program was started with it, while nothing is open yet.
 */
opening: string | null, 
/**
 * Why that could not be opened, until something else is.
 */
start_error: DeskError | null, 
/**
 * True while a link waits for its workspace to be opened.
 */
link_waits: boolean, 
/**
 * What a link or file asked to be shown while it could not be: told once.
 */
open: OpenEvent | null, };

/**
 * The approval of posting to a connection, by who saw these figures.
 */
export type ApprovePostingRequest = { 
/**
 * The connection's id or name.
 */
id: string, 
/**
 * The hash of the figures that the person saw.
 */
content: string | null, };

/**
 * As of when.
 */
export type AsOfRequest = { 
/**
 * An instant or date; now without one.
 */
as_of: string | null, };

/**
 * Whose items are meant.
 */
export type AsideRequest = { 
/**
 * The connection's name.
 */
connection: string, 
/**
 * Those that people have set aside, in the place of those that wait.
 */
settled: boolean, };

/**
 * An item or a row of a file that could not be read.
 */
export type AsideView = { 
/**
 * By which it is settled.
 */
id: number, 
/**
 * What it is of: invoices, entries …
 */
resource: string, 
/**
 * The stable code.
 */
code: string, 
/**
 * Where it stands.
 */
place: string, 
/**
 * What is wrong and what would make it readable.
 */
message: string, 
/**
 * Its document or journal, where that is known.
 */
item: string | null, 
/**
 * What the source sent, as text; its first part where it is very long.
 */
raw: string, 
/**
 * When it was put aside, UTC.
 */
at: string, 
/**
 * Why a second person must say that it is to be set aside; none where one is enough, or once it is.
 */
second: string | null, 
/**
 * Who said so first, where a second person must too.
 */
proposed_by: string | null, 
/**
 * By whose word it is set aside; none while it waits.
 */
settled_by: string | null, 
/**
 * Why it is set aside.
 */
reason: string | null, };

/**
 * A file to put to an exception.
 */
export type AttachRequest = { 
/**
 * The exception's id, or its reference where only one is open.
 */
id: string, 
/**
 * The file's path.
 */
file: string, };

/**
 * A file that somebody put to an exception.
 */
export type AttachmentView = { 
/**
 * Its id.
 */
id: string, 
/**
 * What it was called.
 */
name: string, 
/**
 * How many bytes it has.
 */
size: number, 
/**
 * SHA-256 of its bytes, as the log has it.
 */
sha256: string, 
/**
 * Who attached it, by name.
 */
by: string, 
/**
 * When.
 */
at: string, };

/** Closed: AttemptAction. */
export type AttemptAction = "ensure_customer" | "create_draft" | "post_draft" | "delete_draft" | "create_booked";

/** Closed: AttemptEnd. */
export type AttemptEnd = "done" | "terminal" | "retryable" | "unknown";

/**
 * One call that changed, or was to change, something in the ERP.
 */
export type AttemptView = { 
/**
 * Its number within the posting, from 1.
 */
number: number, 
/**
 * The step.
 */
step: number, 
/**
 * What was called.
 */
action: AttemptAction, 
/**
 * The key.
 */
key: string, 
/**
 * When it began.
 */
started_at: string, 
/**
 * When its end was known.
 */
finished_at: string | null, 
/**
 * done, terminal, retryable or unknown.
 */
outcome: AttemptEnd | null, 
/**
 * The failure's stable code.
 */
code: string | null, 
/**
 * Its words.
 */
message: string | null, 
/**
 * The ERP's id of the entry.
 */
erp_id: string | null, 
/**
 * The vendor's request id.
 */
request_id: string | null, 
/**
 * The same in its parts.
 */
exchange: ExchangeView | null, };

/**
 * Where secrets are kept. Chosen once, by the user; never changed behind their back.
 */
export type Backend = "keyring" | "vault";

/**
 * A backup to write.
 */
export type BackupRequest = { 
/**
 * The file to make.
 */
path: string, 
/**
 * The new recovery passphrase.
 */
passphrase: SecretText, };

/**
 * A file of a bank's statements.
 */
export type BankImportRequest = { 
/**
 * The file: CAMT.053, MT940, or a list in CSV with the balance after each row.
 */
file: string, 
/**
 * The ledger's account that the bank account stands for. It is kept with the bank account, so that its
 * next file needs none.
 */
account?: string, 
/**
 * The legal entity whose account it is; kept likewise.
 */
entity?: string, 
/**
 * Of a list that does not say it: the bank account's number.
 */
number?: string, 
/**
 * Of a list that does not say it: the currency.
 */
currency?: string, 
/**
 * Judge what is due as of this instant or date.
 */
as_of?: string, };

/**
 * What became of a file of statements.
 */
export type BankImported = { 
/**
 * The file.
 */
file: string, 
/**
 * SHA-256 of its bytes.
 */
sha256: string, 
/**
 * What it is: `camt.053`, `mt940` or `csv`.
 */
format: string, 
/**
 * True where the same bytes were taken before: nothing was done.
 */
known: boolean, 
/**
 * Its statements.
 */
statements: Array<BankTaken>, 
/**
 * What became of it, in words.
 */
message: string, };

/**
 * Something by which bank and ledger differ.
 */
export type BankItem = { 
/**
 * What it is.
 */
kind: BankItemKind, 
/**
 * Its day: the bank's, or the ledger's date of posting.
 */
date: string | null, 
/**
 * What it puts on the account; of a payout that differs what the bank shows beyond the ledger.
 */
amount: string, 
/**
 * Who paid or was paid.
 */
counterparty: string | null, 
/**
 * What names it: the bank's reference, or the number of the entry.
 */
reference: string, 
/**
 * The words of the bank, or of the entry.
 */
text: string, };

/** Closed: BankItemKind. */
export type BankItemKind = "not_booked" | "in_transit" | "differs" | "entry";

/**
 * What the statements say of the payouts of an account's entity and currency.
 */
export type BankPayouts = { 
/**
 * There, as they were paid out.
 */
received: number, 
/**
 * Not there, although statements cover their days.
 */
missing: number, 
/**
 * There with another amount.
 */
differs: number, 
/**
 * Matched to nothing, because several lines or payouts could belong together.
 */
unclear: number, 
/**
 * Not there, and no statement covers their days yet.
 */
awaited: number, };

/**
 * Which bank accounts, and as of when.
 */
export type BankRequest = { 
/**
 * Only of this legal entity.
 */
entity: string | null, 
/**
 * Only this account of the ledger, or of this number at the bank.
 */
account: string | null, 
/**
 * By the last statement that ends on this day or before; without, by the last one.
 */
through: string | null, 
/**
 * In place of a day: through the end of this period of the entity.
 */
period: string | null, };

/** Closed: BankState. */
export type BankState = "agrees" | "explained" | "differs";

/**
 * One statement beside the ledger on its last day. Major units, positive where money is on the account.
 */
export type BankStatementView = { 
/**
 * The bank's own name of it.
 */
id: string, 
/**
 * The first day.
 */
from: string, 
/**
 * The last day.
 */
to: string, 
/**
 * What stood there before.
 */
opening: string, 
/**
 * What stood there after.
 */
closing: string, 
/**
 * What the ledger holds on the account on the last day.
 */
ledger: string, 
/**
 * What the bank shows beyond the ledger.
 */
difference: string, 
/**
 * Lines in it.
 */
lines: number, 
/**
 * The file that it came in.
 */
file: string, };

/**
 * One statement that was taken.
 */
export type BankTaken = { 
/**
 * The bank's own name of it.
 */
id: string, 
/**
 * The bank account's number.
 */
number: string, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The ledger's account.
 */
account: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The first day.
 */
from: string, 
/**
 * The last day.
 */
to: string, 
/**
 * What stood there before, major units.
 */
opening: string, 
/**
 * What stood there after, major units.
 */
closing: string, 
/**
 * Lines in it.
 */
lines: number, 
/**
 * Lines that no earlier statement had brought.
 */
new_lines: number, 
/**
 * Lines that the bank announces and has not booked; they are left out.
 */
announced: number, 
/**
 * What is missing before it, in words.
 */
gap: string | null, };

/**
 * A bank account beside the ledger's. Major units, positive where money is on the account.
 */
export type BankView = { 
/**
 * The bank's number of it.
 */
number: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The ledger's account.
 */
account: string, 
/**
 * What the ERP calls that, where its chart was read.
 */
account_name: string | null, 
/**
 * The day by which both are compared: the last of a statement.
 */
through: string, 
/**
 * What the bank says.
 */
closing: string, 
/**
 * What the ledger holds.
 */
ledger: string, 
/**
 * What the bank shows beyond the ledger.
 */
difference: string, 
/**
 * Of it: lines that nothing in the ledger books.
 */
not_booked: string, 
/**
 * Of it: payouts that the ledger books and no line shows, positive; they are taken off.
 */
in_transit: string, 
/**
 * The rest.
 */
unexplained: string, 
/**
 * Of the rest: what they differed by before the first statement.
 */
opening_difference: string, 
/**
 * Of the rest: what statements that are missing would bring.
 */
missing_statements: string, 
/**
 * Of the rest: entries besides payouts that no line shows, positive; they are taken off.
 */
other_entries: string, 
/**
 * Of the rest: payouts that the ledger books with another amount than the bank.
 */
payout_differences: string, 
/**
 * How they stand.
 */
state: BankState, 
/**
 * True where every entry of the account is read. Else entries that do not concern billing may be
 * missing in the ledger's figure.
 */
ledger_whole: boolean, 
/**
 * The payouts.
 */
payouts: BankPayouts, 
/**
 * What they differ by, one by one.
 */
items: Array<BankItem>, 
/**
 * The statements, the newest first.
 */
statements: Array<BankStatementView>, };

/**
 * A posting that a batch would approve, as it is now: the approval is bound to it.
 */
export type BatchApproval = { 
/**
 * The id that was asked for.
 */
id: string, 
/**
 * How people name the document.
 */
reference: string, 
/**
 * The document's amount in major units.
 */
amount: string, 
/**
 * Its currency.
 */
currency: string, 
/**
 * Each place where an entry would go, entity and period.
 */
places: Array<BatchPlace>, 
/**
 * The hash of its content, to be handed back with the approval.
 */
content_hash: string, };

/**
 * Late items of a batch that go the same way.
 */
export type BatchLate = { 
/**
 * Where they go, by which rule of which policy, or who put them there.
 */
says: string, 
/**
 * How many.
 */
count: number, 
/**
 * Their documents' amounts per currency.
 */
sums: Array<Sum>, };

/**
 * What a batch would put into one period.
 */
export type BatchPeriod = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * Its status, in words; `not known` where it was never read.
 */
status: string, 
/**
 * The same, named.
 */
state: PeriodState, 
/**
 * The documents' amounts per currency.
 */
sums: Array<Sum>, 
/**
 * How many postings have an entry there.
 */
count: number, };

/**
 * Where an entry goes.
 */
export type BatchPlace = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, };

/**
 * What would become of a batch.
 */
export type BatchPreview = { 
/**
 * The action.
 */
action: ActionName, 
/**
 * How many would be done.
 */
count: number, 
/**
 * How many of these would still need another person's approval.
 */
halfway: number, 
/**
 * Their documents' amounts per currency.
 */
sums: Array<Sum>, 
/**
 * Where entries would go.
 */
periods: Array<BatchPeriod>, 
/**
 * Late items among them, by the way that they go.
 */
late: Array<BatchLate>, 
/**
 * What would be approved, each as it is now; empty for other actions.
 */
approvals: Array<BatchApproval>, 
/**
 * What would be refused, each with the rule and who could.
 */
refusals: Array<Outcome>, };

/**
 * What is to be done with several exceptions or postings.
 */
export type BatchRequest = { "action": "propose", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "approve", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, } | { "action": "reject", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, } | { "action": "reroute", 
/**
 * Postings or exceptions.
 */
ids: Array<string>, 
/**
 * Under this date.
 */
date: string | null, 
/**
 * Into this period.
 */
period: string | null, } | { "action": "replay", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, } | { "action": "finish", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, } | { "action": "take_back", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, } | { "action": "reverse", 
/**
 * Postings or exceptions.
 */
ids: Array<string>, } | { "action": "assign", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "comment", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "hold", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "release", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "dismiss", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "booked_elsewhere", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "cancel", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, };

/**
 * Documents that the ledger books together.
 */
export type BatchRow = { 
/**
 * Its name.
 */
name: string, 
/**
 * The billing connection.
 */
connection: string, 
/**
 * Which kinds of documents.
 */
kinds?: Array<string>, 
/**
 * day or month.
 */
by: string, 
/**
 * The only entity that books so.
 */
entity?: string | null, 
/**
 * With what the entry begins.
 */
begins_with?: string | null, };

/**
 * Whose the file is.
 */
export type BelongsView = { 
/**
 * The legal entity.
 */
entity: Choosing, 
/**
 * The currency of its books.
 */
currency: Choosing, 
/**
 * `day-first`, `month-first`, or that no date leaves it open.
 */
dates: Choosing, 
/**
 * The mark of decimals, where no number says it.
 */
decimal: Choosing, 
/**
 * The entity's time zone.
 */
time_zone: Choosing, 
/**
 * The accounts that the ledger is held against; empty where a mapping says them.
 */
expect: Array<ExpectView>, 
/**
 * Accounts that are known, of this file and of ledgers.
 */
accounts: Array<KnownAccount>, };

/**
 * A binder that was written.
 */
export type BinderMade = { 
/**
 * The file.
 */
path: string, 
/**
 * When it was made.
 */
made_at: string, 
/**
 * Exceptions in it.
 */
exceptions: number, 
/**
 * Postings in it.
 */
postings: number, 
/**
 * Decisions in it, each proved by its entry of the log.
 */
decisions: number, 
/**
 * Entries of the log in it, each proved to stand there.
 */
entries: number, 
/**
 * The key that it is signed with, hex: whoever gets it asks for this another way.
 */
key: string, };

/**
 * Whose binder to write.
 */
export type BinderRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * The file.
 */
path: string, 
/**
 * In place of a file that is there.
 */
force: boolean, };

/**
 * Open exceptions of one kind that keep the period from being ready.
 */
export type BlockerView = { 
/**
 * Their kind.
 */
kind: string, 
/**
 * In words.
 */
label: string, 
/**
 * How many.
 */
count: number, 
/**
 * The customers of the largest, or what they are about.
 */
about: Array<string>, 
/**
 * How many more customers there are.
 */
more: number, 
/**
 * Their amounts without signs, per currency, major units.
 */
sums: Array<Sum>, 
/**
 * The same together in the reporting currency; `None` where a rate is missing.
 */
worth: string | null, 
/**
 * Who works them; empty: nobody.
 */
owners: Array<string>, 
/**
 * How many nobody works.
 */
unowned: number, 
/**
 * Since when the oldest is open.
 */
since: string, 
/**
 * How many are past their time.
 */
overdue: number, 
/**
 * The exception of the largest.
 */
exception: string, };

/**
 * What was booked in the ledger by hand.
 */
export type BookedElsewhereRequest = { 
/**
 * The exceptions that it settles.
 */
ids: Array<string>, 
/**
 * Why, and where: what the next reader has to know.
 */
reason: string, };

/**
 * Of which days breaches are told.
 */
export type BreachRequest = { 
/**
 * Due on this day (UTC) or later; without it from the beginning.
 */
from: string | null, 
/**
 * Due on this day (UTC) or earlier; without it until now.
 */
to: string | null, 
/**
 * Only of this flow.
 */
flow: string | null, };

/**
 * Something that was finished after its time, or is late.
 */
export type BreachView = { 
/**
 * The flow's stable name.
 */
flow: string, 
/**
 * The flow's name.
 */
flow_name: string, 
/**
 * What it is, of whom, since when.
 */
item: FlowItemView, 
/**
 * The limit that holds for it now, in words.
 */
limit: string, 
/**
 * When it was finished; `None` while it is not.
 */
finished_at: string | null, 
/**
 * By how much it was late, or is by now: whole hours by the clock.
 */
hours_late: number, };

/**
 * A card to bring over.
 */
export type BringKeyRequest = { 
/**
 * Whose: name or id.
 */
person: string, 
/**
 * The card.
 */
file: string, };

/**
 * A fiscal calendar.
 */
export type CalendarRow = { 
/**
 * monthly, 4-4-5 or custom.
 */
kind: string, 
/**
 * Of 4-4-5, the month near whose first day the year starts.
 */
month?: number | null, 
/**
 * And the weekday.
 */
weekday?: number | null, };

/**
 * What an account of the vendor has or lacks.
 */
export type Capability = { 
/**
 * What: subsidiaries, currencies, approvals, deletions …
 */
what: string, 
/**
 * here, absent (the connection does without), missing (somebody has to give it) or unknown.
 */
state: CapabilityState, 
/**
 * What that means; where something is missing, which permission or preference to ask for.
 */
says: string, };

/** Closed: CapabilityState. */
export type CapabilityState = "here" | "absent" | "missing" | "unknown";

/**
 * Where a card is written.
 */
export type CardRequest = { 
/**
 * The file.
 */
path: string, 
/**
 * In place of a file that is there.
 */
force: boolean, };

/**
 * A card that was written.
 */
export type CardView = { 
/**
 * The file.
 */
path: string, 
/**
 * Whose it is.
 */
name: string, 
/**
 * The public key, hex: whoever confirms it asks its person for it.
 */
key: string, };

/**
 * Exceptions of one root cause.
 */
export type CauseRecord = { 
/**
 * The root cause.
 */
group: string, 
/**
 * The kind of its exceptions.
 */
kind: string, 
/**
 * The currency; a group of two currencies is listed once for each.
 */
currency: string, 
/**
 * How many.
 */
count: number, 
/**
 * The same in major units.
 */
variance: string, 
/**
 * When the first of them should be settled.
 */
due_at: string, 
/**
 * The first one's sentence.
 */
why: string, };

/**
 * What one reference puts into a cell, debit-positive, major units.
 */
export type CellDocument = { 
/**
 * The reference, or the number of an entry without one.
 */
reference: string, 
/**
 * Our id of the document, where billing has one.
 */
document: string | null, 
/**
 * What its documents expect here.
 */
billing: string, 
/**
 * What its entries hold here.
 */
ledger: string, 
/**
 * Ledger minus billing, corrections and what is settled.
 */
variance: string, 
/**
 * The open exception that stands on it.
 */
exception: string | null, 
/**
 * Its kind.
 */
kind: string | null, };

/**
 * A window of a cell, the largest differences first.
 */
export type CellDocuments = { 
/**
 * How many references the cell has.
 */
total: number, 
/**
 * The first one's place.
 */
start: number, 
/**
 * The references.
 */
rows: Array<CellDocument>, };

/**
 * A cell of the tie-out before and after, debit-positive.
 */
export type CellPreview = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * The account.
 */
account: string, 
/**
 * What the ledger calls it.
 */
account_name: string | null, 
/**
 * The currency; no figure adds two.
 */
currency: string, 
/**
 * What documents expect now.
 */
billing_before: string, 
/**
 * And by the proposed mapping.
 */
billing_after: string, 
/**
 * What is booked now.
 */
ledger_before: string, 
/**
 * And as the proposed mapping counts it.
 */
ledger_after: string, 
/**
 * The difference now.
 */
variance_before: string, 
/**
 * And then.
 */
variance_after: string, };

/**
 * One cell of the tie-out, and which of its references.
 */
export type CellRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The period.
 */
period: string, 
/**
 * The account.
 */
account: string, 
/**
 * The first one's place in the list.
 */
start: number, 
/**
 * At most so many.
 */
limit: number, };

/** Closed: ChangeKind. */
export type ChangeKind = "mapping" | "policy" | "duty" | "column_map" | "expectation" | "posting" | "cutover" | "simulation" | "open_items" | "explanation" | "variance_note" | "sign_off" | "checklist" | "task_done" | "soft_close" | "soft_close_lift" | "lock_exception" | "override" | "delegation";

/**
 * One line of it.
 */
export type ChangeLine = { 
/**
 * How it stands to the text in force.
 */
mark: ChangeMark, 
/**
 * The line, without its end.
 */
text: string, };

/**
 * How a line stands to the text in force.
 */
export type ChangeMark = "same" | "added" | "removed";

/**
 * A passphrase to change.
 */
export type ChangePassphraseRequest = { 
/**
 * The present one.
 */
passphrase: SecretText, 
/**
 * The next one.
 */
new_passphrase: SecretText, };

/** Closed: ChangeState. */
export type ChangeState = "inert" | "in_force" | "superseded" | "rejected";

/**
 * The text of a mapping, policy or column map.
 */
export type ChangeText = { 
/**
 * Whose.
 */
change: ChangeView, 
/**
 * SHA-256 of the text in force that it would replace, with which it is compared; none where it waits
 * for nothing, or nothing is in force.
 */
against: string | null, 
/**
 * What changes, as sentences: of a mapping or a policy, against what is in force where it waits, else
 * all that it says.
 */
says: Array<string>, 
/**
 * Its lines, and in their places those that would go.
 */
lines: Array<ChangeLine>, };

/**
 * A governed change in a list.
 */
export type ChangeView = { 
/**
 * Its id.
 */
id: string, 
/**
 * mapping, policy, column_map or posting.
 */
kind: ChangeKind, 
/**
 * Its name; a newer one of the same kind and name replaces it.
 */
name: string, 
/**
 * SHA-256 of its text.
 */
hash: string, 
/**
 * Who or what brought it in.
 */
by: ActorView, 
/**
 * inert, in_force, superseded or rejected.
 */
state: ChangeState, 
/**
 * Who approved it so far.
 */
approved_by: Array<string>, 
/**
 * When it was brought in.
 */
imported_at: string, 
/**
 * What it still waits for, in words; empty where nothing.
 */
needs: string, 
/**
 * What may be done with it now; empty once it was decided.
 */
actions: Array<ActionView>, };

/**
 * Event `changed`: something in the workspace changed; what is shown should be asked for again.
 */
export type ChangedEvent = { 
/**
 * Counts the changes.
 */
generation: number, };

/**
 * One check of a dry run.
 */
export type CheckView = { 
/**
 * What was checked.
 */
check: string, 
/**
 * True when it stands in nobody's way.
 */
passed: boolean, 
/**
 * What was found.
 */
found: string, };

/**
 * Whose checklist.
 */
export type ChecklistRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * The instant or date by which tasks are overdue; now without one.
 */
as_of: string | null, };

/**
 * The checklist of a close.
 */
export type ChecklistView = { 
/**
 * Its tasks, in the file's order.
 */
tasks: Array<TaskView>, 
/**
 * How many are done.
 */
done: number, 
/**
 * How many are overdue.
 */
overdue: number, 
/**
 * The next one that can be done.
 */
next: string | null, };

/**
 * A word of the format, and what people call it.
 */
export type Choice = { 
/**
 * As the file has it.
 */
word: string, 
/**
 * As people say it.
 */
name: string, };

/**
 * A choice that a person makes, and what it stands at.
 */
export type Choosing = { 
/**
 * What it is now; nothing where it has to be said.
 */
value: string | null, 
/**
 * Why it is that.
 */
why: string, 
/**
 * What it could be; empty where anything may be typed.
 */
options: Array<string>, };

/**
 * Through when.
 */
export type ClearingRequest = { 
/**
 * Balances through the end of this day (UTC); without, all that was read.
 */
through: string | null, };

/** Closed: ClearingState. */
export type ClearingState = "agrees" | "explained" | "differs" | "not_proven";

/**
 * A clearing account of an entity in one currency. Debit-positive, major units.
 */
export type ClearingView = { 
/**
 * The entity.
 */
entity: string, 
/**
 * The account.
 */
account: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The processor's balance; none where no movement of it was read, or where entities share it.
 */
balance: string | null, 
/**
 * What the documents of its movements put on the account: the processor's balance, where all of them
 * have their place in the mapping.
 */
documents: string, 
/**
 * What the ledger holds on the account.
 */
ledger: string, 
/**
 * What the ledger holds beyond the processor's balance.
 */
difference: string | null, 
/**
 * The part of what the ledger holds beyond the documents that open exceptions explain.
 */
explained: string, 
/**
 * The part that is still on its way.
 */
in_transit: string, 
/**
 * The part that rules, notes, tolerances, cutovers and receipts of the ERP account for.
 */
apart: string, 
/**
 * The part that nothing explains.
 */
unexplained: string, 
/**
 * Whether both agree, differ by what is on its way or set apart alone, or otherwise, or it is not
 * proven.
 */
state: ClearingState, };

/**
 * How ready one period of one entity is to be closed.
 */
export type CloseCell = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * Its status, in words.
 */
status: string, 
/**
 * Receivables: open, soft-closed, locked or closed.
 */
ar: string, 
/**
 * The general ledger: the same.
 */
gl: string, 
/**
 * Open exceptions.
 */
open: number, 
/**
 * Those that keep it from being closed: all but low ones.
 */
blocking: number, 
/**
 * Documents still on their way, in time.
 */
in_transit: number, 
/**
 * True where nothing keeps it from being closed.
 */
ready: boolean, 
/**
 * All that in one sentence.
 */
says: string, };

/**
 * One item that differs.
 */
export type CloseItem = { 
/**
 * The reference, or an entry's number with its id.
 */
item: string, 
/**
 * The account.
 */
account: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The item's own period.
 */
period: string, 
/**
 * Its day.
 */
dated: string, 
/**
 * How many days old it is.
 */
age_days: number, 
/**
 * What its documents expect.
 */
expected: string, 
/**
 * What its entries hold.
 */
ledger: string, 
/**
 * What it differs by.
 */
difference: string, 
/**
 * The part of the difference that it is of.
 */
part: DifferencePart, 
/**
 * What is known of it, in words.
 */
says: string, 
/**
 * By when it clears.
 */
clears: string | null, 
/**
 * An open exception of it.
 */
exception: string | null, 
/**
 * The note that holds for it.
 */
note: string | null, };

/**
 * An account whose items are asked for.
 */
export type CloseItemsRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * The account; all without one.
 */
account: string | null, 
/**
 * Only this part.
 */
part: string | null, 
/**
 * The instant or date by which timing is judged; now without one.
 */
as_of: string | null, };

/**
 * What an entity's close is held against, in its functional currency.
 */
export type CloseLimitsRow = { 
/**
 * How much may stay open of an account that is signed, by role, account or range.
 */
tolerance?: { [key in string]: string }, 
/**
 * Up to which amount what moves after a sign-off is listed and signed at the end.
 */
clearly_trivial?: string | null, };

/**
 * Which close.
 */
export type CloseRequest = { 
/**
 * The legal entity; the mapping's first without one.
 */
entity: string | null, 
/**
 * The period; the one that is being closed without one.
 */
period: string | null, 
/**
 * The instant or date by which timing is judged; now without one.
 */
as_of: string | null, };

/**
 * An account and currency: expected − ledger = difference = its parts. Debit-positive, major units.
 */
export type CloseRow = { 
/**
 * What it is: an account that is signed, one opposite, all others, or earlier periods.
 */
kind: CloseRowKind, 
/**
 * The account; empty of several together.
 */
account: string, 
/**
 * What the ERP calls it, where its chart was read.
 */
account_name: string | null, 
/**
 * The currency.
 */
currency: string, 
/**
 * What billing, and what is known beside it, says that the ledger should hold.
 */
expected: string, 
/**
 * What earlier periods left in the ledger.
 */
opening: string, 
/**
 * What the period moved in it.
 */
movement: string, 
/**
 * What it holds.
 */
ledger: string, 
/**
 * Expected less ledger.
 */
difference: string, 
/**
 * What clears by a stated date.
 */
timing: string, 
/**
 * The last such date.
 */
clears: string | null, 
/**
 * What is unrecorded.
 */
to_book: string, 
/**
 * What signatures or the mapping accept.
 */
accepted: string, 
/**
 * What earlier periods left open.
 */
brought_forward: string, 
/**
 * What nothing accounts for.
 */
unexplained: string, 
/**
 * To book and unexplained together.
 */
open: string, 
/**
 * Up to which that may stay, in the functional currency; `None` of what is not signed.
 */
tolerance: string | null, 
/**
 * True where the account is over it.
 */
over: boolean, 
/**
 * Whether the ERP's own trial balance agrees with what was read; `None` where it says nothing.
 */
proven: boolean | null, };

/** Closed: CloseRowKind. */
export type CloseRowKind = "signed" | "opposite" | "other" | "earlier";

/**
 * The close of one entity and period.
 */
export type CloseView = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * Its name.
 */
entity_name: string, 
/**
 * The period.
 */
period: string, 
/**
 * As a sentence names it.
 */
period_name: string, 
/**
 * Its last day.
 */
ends: string | null, 
/**
 * What its ledger takes in it, in words; `None` where no ledger says it.
 */
says: string | null, 
/**
 * The functional currency, in which tolerances are.
 */
currency: string, 
/**
 * The day by which timing was judged.
 */
today: string, 
/**
 * True where every account is reviewed and no blocker is open.
 */
ready: boolean, 
/**
 * What is missing, in words.
 */
lacks: Array<string>, 
/**
 * The same in pieces, for a page.
 */
lacks_said: Array<Array<Said>>, 
/**
 * The accounts.
 */
rows: Array<CloseRow>, 
/**
 * The proof, one row for each currency.
 */
proof: Array<ProofRow>, 
/**
 * The sign-offs, by account.
 */
accounts: Array<SignOffView>, 
/**
 * Small movements since; `None` where there are none.
 */
movements: SignOffView | null, 
/**
 * What blocks, by kind, the worthiest first.
 */
blockers: Array<BlockerView>, 
/**
 * How many they are.
 */
blocker_count: number, 
/**
 * Their worth together in the reporting currency.
 */
blocker_worth: string | null, 
/**
 * The reporting currency.
 */
reporting: string | null, 
/**
 * When nothing will block it any more; `None` where nothing does.
 */
forecast: ForecastView | null, 
/**
 * Journals by hand on revenue accounts that no document explains.
 */
manual_journals: Array<CloseItem>, 
/**
 * Notes that are in force or wait.
 */
notes: Array<NoteView>, 
/**
 * The entities that the mapping lists.
 */
entities: Array<string>, 
/**
 * The periods of this one, the oldest first.
 */
periods: Array<string>, };

/**
 * The period that is being closed.
 */
export type Closing = { 
/**
 * Its name, `2026-11`.
 */
period: string, 
/**
 * The same as a sentence says it: `November 2026`.
 */
name: string, 
/**
 * Its last day.
 */
ends: string, 
/**
 * True once that day is past.
 */
ended: boolean, 
/**
 * The entities whose receivables it still takes.
 */
open: Array<string>, 
/**
 * The entities whose receivables it takes no more.
 */
closed: Array<string>, };

/**
 * What went wrong, for programs. The texts are stable: scripts and the page rest on them.
 */
export type Code = "account_not_in_chart" | "account_not_in_entry" | "account_over_tolerance" | "already_approved_by_you" | "already_exists" | "already_in_ledger" | "already_posted" | "already_reversed" | "ambiguous" | "amount_differs" | "amount_needs_currency" | "amount_out_of_range" | "answer_too_large" | "approval_ran_out" | "approvals_missing" | "auditor_reads_only" | "auth_failed" | "author_of_a_change_does_not_decide_it" | "author_of_the_basis_is_not_approver" | "backup_folder" | "backup_not_removed" | "backup_unusable" | "bad_address" | "bad_amount" | "bad_cell" | "bad_credential" | "bad_cursor" | "bad_date" | "bad_id" | "bad_instant" | "bad_json" | "bad_name" | "bad_pair" | "bad_request" | "bad_shape" | "bank_account_unknown" | "bank_file_ambiguous" | "bank_file_unknown" | "bank_file_unreadable" | "bank_statement_unbalanced" | "basis_moved" | "batch_document_needed" | "billing_not_read" | "binder_empty" | "booked_after_all" | "booked_twice" | "cancelled" | "card_taken" | "certificate_refused" | "change_already_decided" | "checklist_bad_task" | "checklist_syntax" | "clipboard_unusable" | "column_unknown" | "command_unknown" | "concurrent_change" | "connect_failed" | "connection_observes" | "connection_unfit" | "connection_used" | "content_changed" | "content_not_shown" | "credential_missing" | "customer_differs" | "customer_in_doubt" | "customer_missing" | "date_moved" | "decided_in_the_close" | "decided_meanwhile" | "delegated_to_self" | "delegation_too_long" | "demo_failed" | "demo_has_no_secrets" | "demo_sandbox_failed" | "destination_no_account" | "destination_other_customer" | "document_changed" | "document_gone" | "document_has_live_posting" | "draft_left" | "draft_missing" | "duplicate_external_id" | "duplicate_period" | "earlier_attempt_unproven" | "earlier_version" | "editor_is_not_approver" | "empty_line" | "enrolment_code_missing" | "enrolment_code_wrong" | "entity_differs" | "entity_unmapped" | "entry_empty_line" | "entry_mixed_functional" | "entry_too_few_lines" | "entry_unbalanced" | "entry_unbalanced_transaction" | "erp_ambiguous" | "erp_is_a_file" | "exception_not_open" | "exception_state" | "exception_too_long" | "export_changed" | "export_exists" | "export_failed" | "export_format" | "export_too_long" | "export_unknown" | "figures_moved" | "file_ambiguous_columns" | "file_ambiguous_dates" | "file_ambiguous_numbers" | "file_ambiguous_signs" | "file_ambiguous_tax" | "file_changed" | "file_duplicate_column" | "file_empty" | "file_io" | "file_known_elsewhere" | "file_missing_columns" | "file_needs_entity" | "file_needs_expect" | "file_no_header" | "file_not_chosen" | "file_not_recognised" | "file_not_text" | "file_of_another_kind" | "file_several_sheets" | "file_too_large" | "file_truncated" | "file_unbalanced" | "file_unclosed_quote" | "file_unusable" | "file_workbook" | "file_wrong_map" | "fixed_by_administrator" | "flow_part_unknown" | "flow_unknown" | "handover_differs" | "handover_not_shown" | "handover_option" | "handover_unfit" | "host_unknown" | "import_in_use" | "import_overlaid" | "import_stopped" | "import_undone" | "insecure_address" | "internal" | "interrupted" | "issuer_does_not_confirm" | "journal_unbalanced" | "judgement_impossible" | "key_holds_other_content" | "key_voided_in_erp" | "keyring_failed" | "keyring_locked" | "keyring_unavailable" | "kind_unknown" | "late_reopen_asked" | "late_rule" | "ledger_busy" | "ledger_changed" | "ledger_not_read" | "listing_lags" | "listing_moves" | "locked" | "log_bad_signature" | "log_broken_link" | "log_carried_twice" | "log_decision_differs" | "log_edited" | "log_gap" | "log_not_sound" | "log_rewritten" | "log_seal_broken" | "log_seal_wrong" | "log_time_runs_back" | "log_truncated" | "log_unknown_signer" | "log_unsigned_decision" | "machine_policy_unusable" | "map_bad_value" | "map_conflict" | "map_expect" | "map_key_later" | "map_missing" | "map_schema" | "map_syntax" | "map_wrong_column" | "map_wrong_kind" | "mapping_bad_names" | "mapping_bad_rate" | "mapping_bad_value" | "mapping_changed" | "mapping_disagrees" | "mapping_duplicate_batch" | "mapping_duplicate_entity" | "mapping_key_too_new" | "mapping_no_deferred_account" | "mapping_required" | "mapping_schema" | "mapping_syntax" | "mapping_unknown_entity" | "match_unfit" | "missing_mapping" | "missing_value" | "mixed_currencies" | "mode_unknown" | "money_currency_mismatch" | "money_not_a_number" | "money_overflow" | "money_too_precise" | "money_unknown_currency" | "no_client" | "no_cutover" | "no_erp" | "no_open_period" | "no_progress" | "no_workspace" | "nobody_acts" | "nobody_changes_their_own_role" | "nobody_confirms_themselves" | "not_an_export" | "not_booked_in_erp" | "not_delegated" | "not_found" | "not_offered" | "not_seen_after_send" | "nothing_to_decide" | "nothing_to_explain" | "nothing_to_override" | "nothing_to_post" | "nothing_to_propose" | "nothing_to_reroute" | "nothing_to_reverse" | "outbox_contract_broken" | "outbox_store_failed" | "override_reason_unknown" | "owner_unknown" | "packet_expired" | "packet_item_changed" | "packet_item_decided" | "packet_item_unknown" | "packet_not_for_you" | "packet_of_another" | "packet_roster_old" | "packet_roster_unknown" | "packet_sheet_unfit" | "packet_signer_unknown" | "packet_tampered" | "packet_unknown" | "packet_unreadable" | "packet_wrong_time" | "passphrase_missing" | "passphrase_reused" | "passphrase_weak" | "payload_unreadable" | "period_closed" | "period_differs" | "period_moved" | "period_unknown" | "permission_missing" | "permit_other_connection" | "permit_other_content" | "permit_other_entity" | "permit_other_period" | "permit_other_posting" | "permit_other_step" | "permit_unavailable" | "person_inactive" | "person_key_set" | "person_name_unusable" | "person_secret_exists" | "person_secret_foreign" | "person_secret_missing" | "person_secret_needed" | "person_secret_needs_passphrase" | "person_secret_slowed" | "person_secret_wrong" | "person_unconfirmed" | "person_unknown" | "policy_approvals_last" | "policy_bad_amount" | "policy_bad_currency" | "policy_built_in" | "policy_cannot_be_evaluated" | "policy_cedar_duplicate_id" | "policy_cedar_invalid" | "policy_cedar_permit" | "policy_cedar_syntax" | "policy_cedar_template" | "policy_changed" | "policy_duplicate_tier" | "policy_late_rule" | "policy_missing" | "policy_override_reason" | "policy_schema" | "policy_sla" | "policy_syntax" | "policy_tier_order" | "policy_unknown_entity" | "policy_unknown_kind" | "posting_already_approved" | "posting_already_booked" | "posting_already_final" | "posting_being_sent" | "posting_content_changed" | "posting_content_damaged" | "posting_elsewhere" | "posting_handed_over" | "posting_in_doubt" | "posting_in_progress" | "posting_key_conflict" | "posting_not_approved" | "posting_not_being_sent" | "posting_not_failed" | "posting_off" | "posting_rejected" | "preparer_does_not_review" | "preparer_is_not_approver" | "propose_needs_mapping" | "proxy_refused" | "queue_unknown" | "rate_limited" | "rates_unreadable" | "read_back_differs" | "reason_missing" | "recovery_key_damaged" | "recovery_passphrase_wrong" | "redirected" | "reversed_entry_changed" | "reversed_entry_missing" | "reversed_entry_not_booked" | "reversed_entry_unknown" | "reverses_a_reversal" | "role_may_not" | "role_unknown" | "roster_old" | "roster_own" | "roster_signer_unknown" | "row_continues" | "runtime_failed" | "schema_drift" | "second_approver_is_another" | "second_confirmer_is_another" | "secret_damaged" | "secret_file_exposed" | "secret_name_invalid" | "secret_seal_failed" | "secrets_already_set_up" | "secrets_have_no_passphrase" | "secrets_io" | "secrets_marker_damaged" | "secrets_not_set_up" | "secrets_system" | "selection_too_long" | "set_half_booked" | "set_not_restorable" | "set_nothing_booked" | "set_restorable" | "setting_bad" | "setting_missing" | "severity_unknown" | "shared_account_needs_an_administrator" | "soft_close_holds" | "soft_close_needs_a_controller" | "soft_close_takes_two" | "standing_unknown" | "state_unknown" | "store_busy" | "store_corrupt" | "store_disk_full" | "store_exists" | "store_io" | "store_newer_schema" | "store_not_found" | "store_read_only" | "store_sql" | "store_wrong_key" | "subject_does_not_fit" | "table_differs" | "task_waits" | "test_and_live_cross" | "test_live_mismatch" | "timing_needs_a_date" | "total_differs" | "unknown_account" | "unknown_company" | "unknown_currency" | "unknown_entity" | "unknown_period" | "unknown_person" | "unknown_reference" | "unknown_table" | "unsupported_entry" | "update_unreachable" | "update_untrusted" | "update_unusable" | "vault_damaged" | "vault_foreign" | "vault_missing" | "vault_passphrase_needed" | "vault_passphrase_wrong" | "vendor_unknown" | "view_changed" | "view_name_taken" | "view_unusable" | "view_version" | "waiting_unknown" | "who_gains_does_not_approve" | "who_has_a_part_does_not_override" | "who_hands_over_does_not_confirm" | "who_worked_on_items_does_not_review" | "worker_died" | "workspace_key_missing" | "workspace_mismatch" | "workspace_missing" | "workspace_policy" | "workspace_rolled_back";

/**
 * A column, and the role that a person gives it.
 */
export type ColumnChoice = { 
/**
 * The column, counted from 0.
 */
column: number, 
/**
 * The role, as a column map names it; nothing for a column that is not read.
 */
role: ColumnRole | null, };

/** Closed: ColumnRole. */
export type ColumnRole = "account" | "account_name" | "account_type" | "amount" | "contra_account" | "country" | "created_at" | "credit" | "currency" | "customer" | "date" | "debit" | "description" | "entity" | "external_id" | "fee" | "fee_currency" | "finalized_at" | "flag" | "functional_amount" | "functional_credit" | "functional_debit" | "invoice" | "journal" | "kind" | "line_memo" | "memo" | "number" | "object" | "period" | "posting_date" | "product" | "quantity" | "rate" | "reference" | "refunded" | "reverses" | "service_ends" | "service_starts" | "status" | "tax" | "tax_code" | "type" | "unit_price";

/**
 * Billing and ledger side by side.
 */
export type Compare = { 
/**
 * The billing connection's name.
 */
billing_name: string | null, 
/**
 * The ERP connection's name.
 */
ledger_name: string | null, 
/**
 * The currency of money lines.
 */
currency: string, 
/**
 * The lines.
 */
lines: Array<CompareLine>, };

/**
 * One line of billing against ledger. Texts are ready to show.
 */
export type CompareLine = { 
/**
 * What is compared.
 */
what: string, 
/**
 * Billing's side; `None` where it has none.
 */
billing: string | null, 
/**
 * The ledger's side.
 */
ledger: string | null, 
/**
 * True where this is the difference.
 */
differs: boolean, 
/**
 * True where both are decimal text in the comparison's currency.
 */
money: boolean, };

/**
 * Why duties conflict.
 */
export type Conflict = "shared_account" | "approver_issued_the_code" | "preparer_issued_the_code" | "administrator_approves" | "limit_lifted";

/**
 * Duties that came together.
 */
export type ConflictRow = { 
/**
 * Why.
 */
conflict: Conflict, 
/**
 * In a sentence.
 */
says: string, 
/**
 * Who approved.
 */
approver: string, 
/**
 * Who prepared.
 */
preparer: string, 
/**
 * How many postings.
 */
count: number, 
/**
 * Their documents, the newest approval first; at most fifty are named.
 */
items: Array<string>, };

/**
 * A connection in a list.
 */
export type ConnectionView = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * The stable name of the vendor.
 */
vendor: string, 
/**
 * The vendor's own name.
 */
vendor_name: string, 
/**
 * billing or erp.
 */
role: SystemRole, 
/**
 * test or live.
 */
mode: string, 
/**
 * The vendor's account, tenant or company.
 */
tenant: string, 
/**
 * True while it is neither read nor posted to.
 */
paused: boolean, 
/**
 * Everything up to this instant has been seen, in every resource.
 */
complete_through: string | null, 
/**
 * What last went wrong, in the vendor's own words.
 */
last_error: string | null, 
/**
 * The stable code of it, where it concerns the whole connection and no resource of it can be read.
 */
error_code: string | null, 
/**
 * What to do about that.
 */
advice: string | null, 
/**
 * Its base address; empty for files.
 */
url: string, 
/**
 * When any of its resources was last tried.
 */
last_attempt_at: string | null, 
/**
 * Documents (of billing) or entries (of an ERP) that came by it.
 */
documents: number, 
/**
 * What it lists, and how far each has been read.
 */
resources: Array<ResourceView>, 
/**
 * How much of the vendor's allowance it uses.
 */
rate: RateView, 
/**
 * The names of the credentials that it has; what they are is never told.
 */
credentials: Array<string>, 
/**
 * Whether approved postings are sent to it.
 */
posting: PostingSwitch, };

/**
 * A line of the control totals.
 */
export type ControlLine = { 
/**
 * What it is.
 */
label: string, 
/**
 * True for what is put aside.
 */
aside: boolean, 
/**
 * True for what a person typed, which proves nothing.
 */
typed: boolean, 
/**
 * True for the part of one currency of several.
 */
part: boolean, 
/**
 * The currency; nothing where the file does not say one.
 */
currency: string | null, 
/**
 * Lines.
 */
lines: number | null, 
/**
 * Debits, or the sum of documents.
 */
debits: string | null, 
/**
 * Credits.
 */
credits: string | null, 
/**
 * Whether it agrees with what it stands for; nothing where that cannot be told.
 */
agrees: boolean | null, };

/**
 * What was copied.
 */
export type Copied = { 
/**
 * How many rows.
 */
rows: number, };

/**
 * What to copy.
 */
export type CopyRequest = { 
/**
 * The rows.
 */
selection: Selection, 
/**
 * The columns by their ids, in order; ids that do not exist are left out.
 */
columns: Array<string>, 
/**
 * With a first row of headings.
 */
headings: boolean, 
/**
 * Plain numbers with a dot and a minus, whatever the settings.
 */
raw: boolean, };

/**
 * Within which entity and period to count.
 */
export type CountsRequest = { 
/**
 * Only this entity.
 */
entity: string | null, 
/**
 * Only this period.
 */
period: string | null, };

/**
 * A workspace to make.
 */
export type CreateWorkspaceRequest = { 
/**
 * The file to make.
 */
path: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Where its secrets are kept.
 */
backend: Backend, 
/**
 * The vault's new passphrase.
 */
passphrase: SecretText | null, };

/**
 * An amount in a currency, major units.
 */
export type CurrencyAmount = { 
/**
 * The currency.
 */
currency: string, 
/**
 * The amount.
 */
amount: string, };

/**
 * The customer that an entry names.
 */
export type CustomerView = { 
/**
 * The ERP's id; `None` where the ERP is not known to have the customer: it is made there first.
 */
erp_id: string | null, 
/**
 * Billing's id, under which it is made.
 */
external_id: string | null, 
/**
 * Its name, under which it is made or as it is known.
 */
name: string | null, };

/**
 * A cut-off test.
 */
export type CutOff = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * Its last day.
 */
ends: string, 
/**
 * How many days on each side.
 */
days: number, 
/**
 * The accounts over which it was made.
 */
accounts: Array<string>, 
/**
 * Up to the end.
 */
before: CutOffSide, 
/**
 * After it.
 */
after: CutOffSide, 
/**
 * What needs a look, or all; what is worst first.
 */
rows: Array<CutOffRow>, };

/**
 * Which test.
 */
export type CutOffRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period that ends.
 */
period: string, 
/**
 * How many days on each side of its end, 1 to 31; 5 without it.
 */
days: number | null, 
/**
 * Every document and entry that was looked at; else only what needs a look.
 */
each: boolean, 
/**
 * The instant or date by which timing is judged; now without one.
 */
as_of: string | null, };

/**
 * A document, or an entry without one, near the end of a period.
 */
export type CutOffRow = { 
/**
 * The document's reference, or the entry's number.
 */
item: string, 
/**
 * Its day.
 */
dated: string, 
/**
 * True of a day after the end.
 */
after: boolean, 
/**
 * The period that it belongs to.
 */
belongs: string, 
/**
 * The periods in which the ledger holds it.
 */
booked: Array<string>, 
/**
 * The currency.
 */
currency: string, 
/**
 * What it expects on receivables, major units.
 */
expected: string, 
/**
 * What the ledger holds of it there.
 */
ledger: string, 
/**
 * How it stands.
 */
state: CutOffState, 
/**
 * The exception that is open on it.
 */
exception: string | null, };

/**
 * One side of the end.
 */
export type CutOffSide = { 
/**
 * How many documents and entries were looked at.
 */
tested: number, 
/**
 * How many of them need a look.
 */
wrong: number, 
/**
 * How many are not booked and within their time.
 */
in_time: number, };

/**
 * How something stands at the end of a period.
 */
export type CutOffState = "another_period" | "dated_outside" | "not_booked" | "differs" | "no_document" | "in_time" | "moved" | "right";

/**
 * One entity's cutover.
 */
export type CutoverRequest = { 
/**
 * The entity's code.
 */
entity: string, };

/** Closed: CutoverState. */
export type CutoverState = "open" | "proposed" | "signed";

/**
 * A cutover as it stands.
 */
export type CutoverView = { 
/**
 * The entity.
 */
entity: string, 
/**
 * The first day of its books here.
 */
books_from: string, 
/**
 * open, proposed or signed.
 */
state: CutoverState, 
/**
 * Where the ledger's side comes from: `ledger` as it was read, or `file`.
 */
ledger_from: OpenItemsFrom, 
/**
 * Both sides, customer by customer.
 */
items: Array<OpenItemView>, 
/**
 * The difference per currency: what is carried on a line of the tie-out.
 */
difference: Array<CurrencyAmount>, 
/**
 * Who signed so far.
 */
signed_by: Array<string>, 
/**
 * The governed change that was signed or waits.
 */
change: string | null, 
/**
 * The hash of the figures as they are now: what a signature is under.
 */
hash: string, 
/**
 * What may be done with it now.
 */
actions: Array<ActionView>, };

/**
 * How a date looks.
 */
export type DateFormat = "d MMM yyyy" | "yyyy-MM-dd" | "dd/MM/yyyy" | "MM/dd/yyyy";

/**
 * Which of day and month the file's dates have first, where none of them says it.
 */
export type DateOrder = "day-first" | "month-first";

/**
 * Postings or governed changes to decide on.
 */
export type DecideRequest = { 
/**
 * Posting, exception or change ids.
 */
ids: Array<string>, 
/**
 * True to approve, false to refuse.
 */
approve: boolean, 
/**
 * Why: needed for a refusal, kept as a note with an approval.
 */
reason: string | null, 
/**
 * By id, the hash of the content that the person saw: a posting is approved only as it was shown.
 */
content: { [key in string]: string }, 
/**
 * In whose place, by name or id, where a delegation lets the acting person: postings alone.
 */
in_place_of?: string, };

/**
 * A part of a document that is deferred.
 */
export type DeferredLineView = { 
/**
 * What was sold, where the line says it.
 */
product: string | null, 
/**
 * The account that it becomes revenue on; none where the mapping leaves it on deferred revenue.
 */
revenue: string | null, 
/**
 * By what its term is shared out, in words: "by day".
 */
rule: string, 
/**
 * The first day of service; none where nothing says a term.
 */
starts: string | null, 
/**
 * The last.
 */
ends: string | null, 
/**
 * What is deferred of it, major units; negative for what is taken back.
 */
amount: string, 
/**
 * How many periods release something of it.
 */
periods: number, 
/**
 * The smallest amount that a period releases of it, by its size.
 */
least: string | null, 
/**
 * The largest.
 */
most: string | null, };

/**
 * A delegation, to be approved. It is in the place of whoever asks.
 */
export type DelegationRequest = { 
/**
 * Who is to decide, by name or id.
 */
to: string, 
/**
 * For postings of these entities; none for all.
 */
entities: Array<string>, 
/**
 * From when: an instant, or the end of a day in UTC; at once where it is left out.
 */
since?: string, 
/**
 * Until when: an instant, or the end of a day in UTC.
 */
until: string, 
/**
 * Why.
 */
reason: string, };

/**
 * Where a delegation stands.
 */
export type DelegationState = "asked" | "to_come" | "holds" | "ran_out" | "over";

/**
 * A delegation.
 */
export type DelegationView = { 
/**
 * The governed change.
 */
id: string, 
/**
 * In whose place.
 */
from: string, 
/**
 * Who decides.
 */
to: string, 
/**
 * For postings of these entities; none for all.
 */
entities: Array<string>, 
/**
 * From when.
 */
since: string, 
/**
 * Until when.
 */
until: string, 
/**
 * Why.
 */
why: string, 
/**
 * Who approved it.
 */
approved_by: Array<string>, 
/**
 * Where it stands.
 */
state: DelegationState, 
/**
 * The hash of its text: what an approval is under.
 */
hash: string, };

/**
 * The height of rows.
 */
export type Density = "compact" | "standard" | "comfortable";

/**
 * A refusal or failure: a stable code for programs, and words that say what, where and what to do next.
 * Never holds a secret.
 */
export type DeskError = { 
/**
 * The stable code.
 */
code: Code, 
/**
 * The code that a system behind the desk gave, where it is none of ours.
 */
vendor_code?: string, 
/**
 * What is wrong, where, and what to do.
 */
message: string, 
/**
 * The same in pieces, for a page; nothing where it is words alone.
 */
pieces?: Array<Said>, 
/**
 * The rule that refused, where a duty did.
 */
rule?: string, 
/**
 * Names of the people who could do it.
 */
who_could?: Array<string>, };

/**
 * Event `desk`: the desk itself changed; its state should be asked for again.
 */
export type DeskEvent = { 
/**
 * What happened.
 */
reason: DeskReason, };

/**
 * What happened to the desk.
 */
export type DeskReason = "start" | "locked" | "opened" | "closed" | "seat" | "settings";

/** Closed: DifferencePart. */
export type DifferencePart = "timing" | "to_book" | "accepted" | "brought_forward" | "unexplained";

/**
 * One thing to do first.
 */
export type DoFirst = { 
/**
 * It; of a root cause, its largest.
 */
exception: ExceptionView, 
/**
 * What to do, its verb first.
 */
act: string, 
/**
 * What is in the way, as a sentence without its dot.
 */
why: string, 
/**
 * How many it settles, itself included.
 */
frees: number, 
/**
 * Worth of all that it settles in the reporting currency, without signs; `None` where a rate is
 * missing.
 */
worth: string | null, 
/**
 * How much of all blockers that is, in whole percent.
 */
share: number | null, 
/**
 * Beside its entity's materiality, where the mapping says one.
 */
materiality: Materiality | null, 
/**
 * True where it is given to the person who acts.
 */
yours: boolean, };

/** Closed: DocumentKind. */
export type DocumentKind = "invoice" | "credit_note" | "payment" | "refund" | "dispute" | "customer_balance" | "fee" | "payout" | "top_up" | "transfer" | "reserve" | "adjustment" | "conversion" | "movement";

/**
 * The revenue schedule of a document.
 */
export type DocumentSchedule = { 
/**
 * The document's id.
 */
document: string, 
/**
 * Its reference.
 */
reference: string, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * Where remainders go, in words.
 */
remainder: string, 
/**
 * How many days after a period's end its releases are due.
 */
due_days: number, 
/**
 * The reference of the invoice by whose terms a credit note goes.
 */
credits: string | null, 
/**
 * True where it is void: what was released until then is given back in the void's period.
 */
void: boolean, 
/**
 * What it defers, part by part.
 */
lines: Array<DeferredLineView>, 
/**
 * Period by period, with what is booked.
 */
rows: Array<ScheduleRow>, };

/**
 * Which document.
 */
export type DocumentScheduleRequest = { 
/**
 * Its id.
 */
document: string, };

/** Closed: DocumentStatus. */
export type DocumentStatus = "draft" | "final" | "void" | "written_off" | "pending" | "failed";

/**
 * A document as billing has it.
 */
export type DocumentView = { 
/**
 * Our id.
 */
id: string, 
/**
 * The billing connection's name.
 */
connection: string, 
/**
 * The kind of document (`invoice`, `payment`, `payout`).
 */
kind: DocumentKind, 
/**
 * The vendor's id.
 */
external_id: string, 
/**
 * How an ERP entry names it.
 */
reference: string, 
/**
 * Where it stands in billing.
 */
status: DocumentStatus, 
/**
 * The signed amount in major units.
 */
amount: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * When billing made it final.
 */
finalized_at: string | null, 
/**
 * Its content version.
 */
version: number, 
/**
 * What ties usage, subscription, invoice, posting, journal and payment together.
 */
correlation: string, 
/**
 * Accounts and amounts that the ledger should hold for it.
 */
expected: Array<ExpectedLine>, 
/**
 * The period in which it belongs.
 */
expected_period: string | null, };

/**
 * A file to compare with what is there.
 */
export type EffectRequest = { 
/**
 * Of a ledger, what the file is the whole of: `all`, a month or some days.
 */
replaces?: string, 
/**
 * What it is read as: a built-in profile's name, or `general`.
 */
profile?: string, 
/**
 * Columns whose role they change.
 */
columns: Array<ColumnChoice>, 
/**
 * The row that is the header, by its number in the file.
 */
header?: number, 
/**
 * What rows begin with that are no lines.
 */
banner: Array<string>, 
/**
 * What rows begin with that add up others.
 */
totals: Array<string>, 
/**
 * The mark of decimals, where no number of the file says it: `.` or `,`.
 */
decimal?: string, 
/**
 * The file connection's name; by default what the file is recognised as, with its entity.
 */
connection?: string, 
/**
 * The file.
 */
file: string, 
/**
 * What kind of file it is.
 */
kind?: FileKind, 
/**
 * The legal entity whose file it is.
 */
entity?: string, 
/**
 * The currency of the entity's books.
 */
currency?: string, 
/**
 * The entity's time zone, such as `Europe/Berlin`.
 */
time_zone?: string, 
/**
 * Accounts by their role: `receivable=1100`.
 */
expect: Array<string>, 
/**
 * The sheet of a workbook.
 */
sheet?: string, 
/**
 * Which of day and month comes first.
 */
dates?: DateOrder, 
/**
 * Judge as of this instant or date.
 */
as_of?: string, };

/**
 * What an import would change.
 */
export type EffectView = { 
/**
 * Documents or journals that are not there yet.
 */
new: number, 
/**
 * Those that would change.
 */
changed: number, 
/**
 * Those that stay as they are.
 */
same: number, 
/**
 * Those that would be gone, where the file is the whole of its months.
 */
removed: number, 
/**
 * The connection that has most of it already, and how many.
 */
known_as: string | null, 
/**
 * The same in words.
 */
message: string, };

/**
 * A delegation to end before its time.
 */
export type EndDelegationRequest = { 
/**
 * The delegation's id (chg_…).
 */
id: string, 
/**
 * Why.
 */
reason: string, };

/**
 * An exception to end before its time.
 */
export type EndExceptionRequest = { 
/**
 * The exception's id (chg_…).
 */
id: string, 
/**
 * Why.
 */
reason: string, };

/**
 * One person's one-time code.
 */
export type EnrolmentCode = { 
/**
 * Their name.
 */
person: string, 
/**
 * Their role, as the log has it.
 */
role: Role, 
/**
 * The code.
 */
code: string, };

/**
 * How many of an entity.
 */
export type EntityCount = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * How many.
 */
count: number, };

/**
 * A legal entity.
 */
export type EntityRow = { 
/**
 * Its code.
 */
code: string, 
/**
 * Its name.
 */
name?: string, 
/**
 * The currency of its books.
 */
functional_currency: string, 
/**
 * Its time zone.
 */
time_zone?: string, 
/**
 * How its year is cut; calendar months without.
 */
calendar?: CalendarRow | null, 
/**
 * The ERP's own id of it.
 */
erp_id?: string | null, 
/**
 * The connection that keeps its books.
 */
erp_connection?: string | null, 
/**
 * The customer that takes what billing does not name.
 */
sundry_customer?: string | null, 
/**
 * The first day of its books here.
 */
books_from?: string | null, 
/**
 * The source of its rates.
 */
rates?: string | null, 
/**
 * Up to which difference amounts are taken as equal.
 */
tolerance?: ToleranceCell | null, 
/**
 * From which amount on what is unexplained matters.
 */
materiality?: string | null, 
/**
 * What its close is held against.
 */
close?: CloseLimitsRow, 
/**
 * How its deferred revenue is released.
 */
schedules?: SchedulesRow | null, 
/**
 * Which side knows every receipt.
 */
receipts_master?: string | null, 
/**
 * Whether money is given back only with a credit note.
 */
credit_notes?: string | null, 
/**
 * Its accounts by role: the one that is booked on, then further ones.
 */
accounts: { [key in string]: Accounts }, 
/**
 * Scopes that are other than the usual ones.
 */
scopes?: { [key in string]: string }, 
/**
 * Segments of what is booked.
 */
segments?: { [key in string]: SegmentCell }, };

/**
 * Which documents are whose.
 */
export type EntityRuleRow = { 
/**
 * Only those of this connection.
 */
connection?: string | null, 
/**
 * Only those of this country.
 */
country?: string | null, 
/**
 * Only those in this currency.
 */
currency?: string | null, 
/**
 * Whose they are.
 */
entity: string, };

/**
 * How one entity stands.
 */
export type EntityStands = { 
/**
 * Its code.
 */
entity: string, 
/**
 * Its name, where the mapping has it.
 */
name: string | null, 
/**
 * What keeps its period from being closed.
 */
blockers: Load, 
/**
 * The period that is being closed and those before it, the newest first.
 */
periods: Array<PeriodStands>, };

/**
 * A rule about entries.
 */
export type EntryRuleRow = { 
/**
 * Its name.
 */
name: string, 
/**
 * Of an explanation, its category.
 */
category?: string | null, 
/**
 * Only entries of this connection.
 */
connection?: string | null, 
/**
 * Only entries of this entity.
 */
entity?: string | null, 
/**
 * Only entries of these kinds.
 */
kinds?: Array<string>, 
/**
 * Only entries that begin with this.
 */
begins_with?: string | null, 
/**
 * Only entries of these customers.
 */
customers?: Array<string>, 
/**
 * Only entries with a line on one of these accounts.
 */
accounts?: Array<string>, };

/** Closed: EntryStatus. */
export type EntryStatus = "booked" | "unbooked" | "void" | "removed";

/**
 * Something that happened. What scripts read as text (`who`, `what`, `detail`) the page has only in parts.
 */
export type EventView = { 
/**
 * When.
 */
at: string, 
/**
 * Who or what did it.
 */
by: ActorView, 
/**
 * What happened.
 */
happening: Happening, 
/**
 * To whom it was given; `None` for nobody, and where something else happened.
 */
to: ActorView | null, 
/**
 * The kinds that it was and became, by their names for people.
 */
kinds: KindsView | null, 
/**
 * What a person wrote, or the desk says of it.
 */
words: string | null, };

/**
 * Everything about one exception.
 */
export type ExceptionDetail = { 
/**
 * The exception.
 */
exception: ExceptionView, 
/**
 * The name of its legal entity, where the mapping has it.
 */
entity_name: string | null, 
/**
 * A short title.
 */
title: string, 
/**
 * What happened, in one or two plain sentences.
 */
sentence: string, 
/**
 * The same in pieces, for a page.
 */
said: Array<Said>, 
/**
 * usage → contract → invoice → posting → journal → payment.
 */
trail: Array<TrailStep>, 
/**
 * Billing against ledger.
 */
compare: Compare, 
/**
 * Billing's side.
 */
billing: DocumentView | null, 
/**
 * The ledger's side.
 */
ledger: Array<HeldView>, 
/**
 * True where the document's revenue is released by a schedule.
 */
scheduled: boolean, 
/**
 * What ties both sides where it is more than one document and its entries: a match that people
 * confirmed, or a batch.
 */
tie: MatchView | null, 
/**
 * The document's own period, where it belongs, and what it posts, or would post, into.
 */
periods: PeriodsView, 
/**
 * What would be booked, by the same code that proposes.
 */
would_post: Preview | null, 
/**
 * What the rule of the policy covers that it falls under; `None` where none covers it.
 */
rule: string | null, 
/**
 * True where the policy prepares and sends it without a person.
 */
by_itself: boolean, 
/**
 * Or why nothing would.
 */
would_post_refusal: DeskError | null, 
/**
 * Postings of it, newest last.
 */
postings: Array<PostingView>, 
/**
 * Files that were put to it, the first first.
 */
attachments: Array<AttachmentView>, 
/**
 * What happened, oldest first.
 */
history: Array<EventView>, 
/**
 * What may be done now.
 */
actions: Array<ActionView>, };

/**
 * A window of a view.
 */
export type ExceptionPage = { 
/**
 * The first row, from 0.
 */
start: number, 
/**
 * The rows.
 */
rows: Array<ExceptionView>, 
/**
 * Changes whenever rows may have moved.
 */
generation: number, };

/**
 * Which exceptions, and in which order. What is absent asks for everything.
 */
export type ExceptionQuery = { 
/**
 * Shown in this queue.
 */
queue: string | null, 
/**
 * Of these kinds.
 */
kinds: Array<string>, 
/**
 * Of this entity; empty: of none.
 */
entity: string | null, 
/**
 * Of this period; empty: of none.
 */
period: string | null, 
/**
 * open, one state, or all.
 */
state: StateAsked, 
/**
 * A person's id, "me", "nobody", or anyone.
 */
assignee: string | null, 
/**
 * Of this team.
 */
owner: string | null, 
/**
 * Of these severities.
 */
severity: Array<Severity>, 
/**
 * Only those past their time.
 */
overdue: boolean, 
/**
 * In this currency.
 */
currency: string | null, 
/**
 * Decimal text: the absolute amount is at least this, in `currency`.
 */
amount_from: string | null, 
/**
 * approval or in_doubt: what a posting waits for.
 */
waiting: "approval" | "in_doubt" | null, 
/**
 * Of this customer; empty: of none.
 */
customer: string | null, 
/**
 * new: but for what was already open when its period closed; backlog: only that; absent: both.
 */
standing: "new" | "backlog" | null, 
/**
 * Of a view by rank, where a window of it is asked for: first, then or backlog.
 */
rank: "first" | "then" | "backlog" | null, 
/**
 * Of this root cause.
 */
group: string | null, 
/**
 * Of this business flow.
 */
flow: string | null, 
/**
 * Whose document's date lies so many days back (UTC) or more; without a date, when it was found.
 */
age_from_days: number | null, 
/**
 * Whose document's date lies less than so many days back.
 */
age_to_days: number | null, 
/**
 * Whose reference, customer or root cause contains this, or whose id begins with it.
 */
search: string | null, 
/**
 * The order; the most urgent first where nothing is said.
 */
sort: Array<SortKey>, };

/** Closed: ExceptionState. */
export type ExceptionState = "open" | "in_progress" | "on_hold" | "dismissed" | "closed";

/**
 * An exception as screens and scripts read it. The names of the fields are a promise to scripts.
 */
export type ExceptionView = { 
/**
 * The exception's id.
 */
id: string, 
/**
 * What is wrong.
 */
kind: string, 
/**
 * The same in plain words.
 */
kind_name: string, 
/**
 * How bad that is by itself.
 */
kind_gravity: "blocked" | "doubtful" | "routine", 
/**
 * The queue that lists it.
 */
queue: string, 
/**
 * Every queue that shows it.
 */
queues: Array<string>, 
/**
 * Exceptions of one root cause have the same group.
 */
group: string, 
/**
 * The document's number (or the orphan entry's reference, the customer's id …).
 */
external_ref: string, 
/**
 * Billing's own id of the document, where there is one.
 */
vendor_id: string | null, 
/**
 * Our id of the document, where there is one.
 */
document: string | null, 
/**
 * The customer's name, or the id where billing gives no name.
 */
customer: string | null, 
/**
 * What the document is called, where there is one: what concerns no customer is known by it.
 */
noun: string | null, 
/**
 * The legal entity.
 */
entity: string | null, 
/**
 * The period.
 */
period: string | null, 
/**
 * The document's date.
 */
dated: string | null, 
/**
 * The currency.
 */
currency: string, 
/**
 * The document's signed amount, major units; for an orphan the journal's debit minus credit on the
 * control account.
 */
amount: string, 
/**
 * The amount in the reporting currency, major units; `None` where no rate is known.
 */
worth: string | null, 
/**
 * Ledger minus billing, major units.
 */
variance: string, 
/**
 * low, medium, high or critical.
 */
severity: Severity, 
/**
 * The owning team.
 */
owner: string, 
/**
 * The person who works it.
 */
assignee: string | null, 
/**
 * When it was found, UTC.
 */
opened_at: string, 
/**
 * When it should be settled, UTC.
 */
due_at: string, 
/**
 * True when that is past.
 */
overdue: boolean, 
/**
 * open, in_progress, on_hold, dismissed or closed.
 */
state: ExceptionState, 
/**
 * True when it was already open when its period closed.
 */
backlog: boolean, 
/**
 * What happened, in one sentence.
 */
why: string, 
/**
 * The same in pieces, for a page.
 */
said: Array<Said>, 
/**
 * What is in the way, in two or three words.
 */
in_the_way: string, 
/**
 * How bad that is.
 */
gravity: "blocked" | "doubtful" | "routine", 
/**
 * Of a late item, where it goes by which rule of which policy, or who it waits for; `None` of others,
 * and where the policy has no rules for them.
 */
late: string | null, };

/**
 * Which exceptions to list.
 */
export type ExceptionsRequest = { 
/**
 * Shown in this queue.
 */
queue: string | null, 
/**
 * Of this kind.
 */
kind: string | null, 
/**
 * Of this entity.
 */
entity: string | null, 
/**
 * Of this period.
 */
period: string | null, 
/**
 * open (open, in progress and on hold), one state, or all.
 */
state: StateAsked | null, 
/**
 * Whose reference contains this.
 */
search: string | null, 
/**
 * Judge what is due as of this instant or date.
 */
as_of: string | null, 
/**
 * At most so many.
 */
limit: number | null, };

/**
 * What was sent and what came back, word for word.
 */
export type ExchangeView = { 
/**
 * The request: its line and its body.
 */
request: string, 
/**
 * The HTTP status of the answer; `None` where none came.
 */
status: number | null, 
/**
 * The answer: its status line, and what followed.
 */
response: string | null, };

/**
 * An account that the ledger is held against.
 */
export type ExpectView = { 
/**
 * The role: `receivable`, `revenue` …
 */
role: AccountRole, 
/**
 * In words.
 */
label: string, 
/**
 * The account.
 */
account: string | null, 
/**
 * Why it is that.
 */
why: string, 
/**
 * True where nothing is imported without it.
 */
needed: boolean, };

/**
 * One expected account.
 */
export type ExpectedLine = { 
/**
 * The account.
 */
account: string, 
/**
 * Debit-positive, major units.
 */
amount: string, };

/**
 * Entries to explain.
 */
export type ExplainRequest = { 
/**
 * Exceptions about entries without a document, or entries, by their ids.
 */
ids: Array<string>, 
/**
 * Under what they stand in the tie-out, in the house's own word.
 */
category: string, 
/**
 * Why.
 */
note: string, };

/**
 * What a note is about, as it was brought in.
 */
export type ExplainedView = { 
/**
 * The governed change that it is.
 */
change: ChangeView, 
/**
 * Under what it stands.
 */
category: string, 
/**
 * How many entries it explains.
 */
entries: number, };

/**
 * What to export.
 */
export type ExportRequest = { 
/**
 * exceptions, tie_out, postings, log, breaches, access or conflicts.
 */
what: string, 
/**
 * Which exceptions; all open ones without.
 */
query: ExceptionQuery | null, 
/**
 * What of the tie-out; all of it without.
 */
tie_out: TieOutRequest | null, 
/**
 * Which postings, whatever the place and number of the rows; all without.
 */
postings: PostingsRequest | null, 
/**
 * What of the log, likewise; all of it without.
 */
log: LogRequest | null, 
/**
 * Of which days breaches are told, likewise.
 */
breaches: BreachRequest | null, 
/**
 * The file: `.csv` or `.parquet` for machines, `.xlsx` for people.
 */
path: string, 
/**
 * In place of a file that is there.
 */
force: boolean, };

/**
 * A file that was written.
 */
export type Exported = { 
/**
 * Where it is.
 */
path: string, 
/**
 * How many rows it has.
 */
rows: number, };

/**
 * A value of a field with choices.
 */
export type FieldValue = { 
/**
 * The field's name.
 */
field: string, 
/**
 * The value.
 */
value: string, };

/**
 * A column of the file.
 */
export type FileColumn = { 
/**
 * What it is called.
 */
heading: string, 
/**
 * The roles it plays, as a column map names them.
 */
roles: Array<string>, };

/**
 * What kind of file it is.
 */
export type FileKind = "billing" | "gl";

/**
 * What the file comes to in one currency: decimals in major units.
 */
export type FileTotal = { 
/**
 * The currency.
 */
currency: string, 
/**
 * Debits of a ledger, or the sum of billing's documents.
 */
debits: string, 
/**
 * Credits of a ledger.
 */
credits: string | null, };

/**
 * What a file is, and how it would be read. Nothing is written.
 */
export type FileView = { 
/**
 * The file.
 */
file: string, 
/**
 * SHA-256 of its bytes.
 */
sha256: string, 
/**
 * What kind of file it is.
 */
kind: FileKind, 
/**
 * What it was recognised as: a built-in profile's name, or `general`.
 */
profile: string, 
/**
 * The same in words.
 */
title: string, 
/**
 * `built_in` for a known program's export, `headings` where its headings and rows say what it is.
 */
certainty: string, 
/**
 * How its text is encoded; none of a workbook.
 */
encoding: string | null, 
/**
 * What separates its cells; none of a workbook.
 */
delimiter: string | null, 
/**
 * The sheet of a workbook.
 */
sheet: string | null, 
/**
 * The row of the header.
 */
header_row: number, 
/**
 * Its columns, and what they are read as.
 */
columns: Array<FileColumn>, 
/**
 * The roles of the cells of `lines`.
 */
shown: Array<string>, 
/**
 * The first lines as they would be read.
 */
lines: Array<Array<string>>, 
/**
 * Lines, without header, banners, headings, balances and totals that agree.
 */
rows: number, 
/**
 * Documents or journals.
 */
items: number, 
/**
 * Lines that would be put aside.
 */
rejected_rows: number, 
/**
 * What it comes to.
 */
totals: Array<FileTotal>, 
/**
 * What a person should know before importing it.
 */
notes: Array<string>, 
/**
 * The lines that would be put aside, and why.
 */
rejections: Array<RejectionView>, 
/**
 * The column map that it would be read by (TOML).
 */
map: string, };

/**
 * Where a row stands in a view.
 */
export type FindRequest = { 
/**
 * The query.
 */
query: ExceptionQuery, 
/**
 * The exception.
 */
id: string, };

/**
 * Half-booked sets to finish.
 */
export type FinishRequest = { 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, 
/**
 * Why, in a person's words.
 */
reason: string | null, 
/**
 * Send nothing more, and end them as they are, where they cannot be taken back; why.
 */
leave?: string, };

/**
 * The first rows of a list or of a group: a page of them, or all where there are fewer.
 */
export type FirstRows = { 
/**
 * The group's key; none for a plain list.
 */
key: string | null, 
/**
 * The rows.
 */
rows: Array<ExceptionView>, };

/**
 * One thing that a workspace needs.
 */
export type FirstStep = { 
/**
 * Its stable name: billing, ledger, mapping, compared, people, policy, pilot or posting.
 */
step: string, 
/**
 * What it is, its verb first.
 */
title: string, 
/**
 * Why, in a sentence.
 */
says: string, 
/**
 * Who is still needed for it besides whoever acts; empty where nobody is, or it is done.
 */
needs: string, 
/**
 * Whether it is done.
 */
done: boolean, 
/**
 * The screen on which it is done.
 */
screen: string, };

/**
 * How a flow stands in one legal entity.
 */
export type FlowEntityView = { 
/**
 * The entity; empty for what is of none.
 */
entity: string, 
/**
 * Its time limit, in words.
 */
limit: string, 
/**
 * Finished.
 */
done: number, 
/**
 * Under way and in time.
 */
in_time: number, 
/**
 * Of those: about to be late.
 */
soon: number, 
/**
 * Under way and late.
 */
late: number, 
/**
 * Of those: come to the lead.
 */
escalated: number, 
/**
 * The lead; `None` where nothing escalates.
 */
lead: string | null, };

/**
 * Something that a flow began and did not finish.
 */
export type FlowItemView = { 
/**
 * The document's number, or billing's id of the customer, usage summary or subscription.
 */
reference: string, 
/**
 * The customer's name, or billing's id where it has none.
 */
customer: string | null, 
/**
 * The legal entity; `None` for what is of none.
 */
entity: string | null, 
/**
 * When the flow began; `None` where only the day is known.
 */
since: string | null, 
/**
 * When it should have ended.
 */
due_at: string, };

/**
 * A window of items, the first due first.
 */
export type FlowItems = { 
/**
 * How many there are.
 */
total: number, 
/**
 * The first one's place.
 */
start: number, 
/**
 * The items.
 */
rows: Array<FlowItemView>, };

/**
 * Which items of which flow.
 */
export type FlowItemsRequest = { 
/**
 * The flow's stable name.
 */
flow: string, 
/**
 * soon, late or escalated.
 */
part: string, 
/**
 * Only of this legal entity, and of none.
 */
entity: string | null, 
/**
 * The first one's place in the list.
 */
start: number, 
/**
 * At most so many.
 */
limit: number, };

/**
 * How one of the five flows stands.
 */
export type FlowView = { 
/**
 * Its stable name.
 */
flow: string, 
/**
 * Its name.
 */
name: string, 
/**
 * The event that starts it.
 */
start: string, 
/**
 * The event that finishes it.
 */
finish: string, 
/**
 * Its time limit where no entity has one of its own, in words: `24 h`, `16 business h`.
 */
limit: string, 
/**
 * Finished; `None` where no source lets us see.
 */
done: number | null, 
/**
 * Under way and in time.
 */
in_time: number | null, 
/**
 * Of those: about to be late.
 */
soon: number | null, 
/**
 * Under way and late.
 */
late: number | null, 
/**
 * Of those: late for so long that they have come to the lead.
 */
escalated: number | null, 
/**
 * Open exceptions of its documents that are no mere lateness.
 */
broken: number | null, 
/**
 * What is missing, where the flow cannot be seen.
 */
note: string, 
/**
 * The same by legal entity, where there is more than one limit or entity.
 */
entities: Array<FlowEntityView>, };

/**
 * When nothing will block a close any more.
 */
export type ForecastView = { 
/**
 * In a sentence.
 */
says: string, 
/**
 * At the pace of the better days; `None` where no day can be said.
 */
earliest: string | null, 
/**
 * At the pace of all days.
 */
likely: string | null, 
/**
 * At the pace of the other days.
 */
latest: string | null, };

/**
 * A choice that a form needs.
 */
export type FormOptionView = { 
/**
 * Its stable name.
 */
name: string, 
/**
 * What it is, for people.
 */
label: string, 
/**
 * True where there is no usual value.
 */
needed: boolean, 
/**
 * The usual value.
 */
usual: string | null, };

/**
 * A form of journal files.
 */
export type FormView = { 
/**
 * Its stable name.
 */
name: string, 
/**
 * What it is, for people.
 */
title: string, 
/**
 * What whoever imports it has to know.
 */
note: string, 
/**
 * Where it is documented.
 */
sources: Array<string>, 
/**
 * What it has to be told.
 */
options: Array<FormOptionView>, };

/**
 * Its place.
 */
export type Found = { 
/**
 * From 0; none where it is not in the view.
 */
index: number | null, };

/**
 * By what a view is put into groups.
 */
export type GroupBy = "cause" | "customer" | "entity" | "rank";

/**
 * Exceptions that have something in common.
 */
export type GroupView = { 
/**
 * What a query names them by; empty where nothing is known.
 */
key: string, 
/**
 * What they have in common, in words.
 */
label: string, 
/**
 * The team, where it is one.
 */
owner: string | null, 
/**
 * How many.
 */
count: number, 
/**
 * Their amounts by currency.
 */
sums: Array<Sum>, 
/**
 * Their amounts without signs in the reporting currency; `None` where a rate is missing.
 */
gross: string | null, 
/**
 * When the first of them should be settled.
 */
due_at: string | null, };

/**
 * The groups of a view, the largest first.
 */
export type GroupsView = { 
/**
 * By what.
 */
by: GroupBy, 
/**
 * The groups.
 */
groups: Array<GroupView>, 
/**
 * Groups that are not listed.
 */
more: number, 
/**
 * Changes whenever rows may have moved.
 */
generation: number, };

/**
 * Something that a file could be.
 */
export type GuessView = { 
/**
 * A built-in profile's name, or `general`.
 */
profile: string, 
/**
 * The same in words.
 */
title: string, 
/**
 * How sure that is, in percent.
 */
sure: number, };

/**
 * Half-booked sets to bring to their end.
 */
export type HalfBookedRequest = { 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, 
/**
 * Why, in a person's words.
 */
reason: string | null, };

/**
 * A journal file that was written.
 */
export type HandedOver = { 
/**
 * Its id.
 */
id: string, 
/**
 * Where it is.
 */
file: string, 
/**
 * SHA-256 of its bytes.
 */
sha256: string, 
/**
 * How many bytes it has.
 */
size: number, 
/**
 * The ledger's connection.
 */
connection: string, 
/**
 * The name of its form.
 */
format: string, 
/**
 * How many postings are in it.
 */
count: number, 
/**
 * What became of each that was to be written.
 */
outcomes: Array<Outcome>, 
/**
 * In words: what is in it, and what whoever imports it has to know.
 */
message: string, };

/**
 * A posting of a journal file.
 */
export type HandedView = { 
/**
 * The posting.
 */
posting: string, 
/**
 * The exception that it settles.
 */
exception: string, 
/**
 * The document's reference.
 */
reference: string, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period that it posts into.
 */
period: string, 
/**
 * The control amount in major units.
 */
amount: string, 
/**
 * Its currency.
 */
currency: string, 
/**
 * Where it stands.
 */
state: PostingState, 
/**
 * What the ledger's files showed of it: waiting, shown, differs or not_shown.
 */
outcome: HandoverOutcome, 
/**
 * The same in words; empty while nothing is known.
 */
words: string, 
/**
 * Why it was written once more.
 */
again: string | null, 
/**
 * True in the last file that it was written into.
 */
current: boolean, };

/**
 * A journal file to be confirmed.
 */
export type HandoverConfirmRequest = { 
/**
 * Its id.
 */
id: string, 
/**
 * SHA-256 of the file, as the person saw it.
 */
content?: string, };

/**
 * What confirming a journal file came to.
 */
export type HandoverConfirmed = { 
/**
 * Its id.
 */
id: string, 
/**
 * The file's name.
 */
file: string, 
/**
 * Postings that are settled by it: the ledger's last file shows them.
 */
settled: number, 
/**
 * Postings that wait for the ledger's next file.
 */
waiting: number, 
/**
 * In words.
 */
message: string, };

/**
 * A journal file that was written.
 */
export type HandoverFile = { 
/**
 * Its id.
 */
id: string, 
/**
 * The ledger's connection.
 */
connection: string, 
/**
 * The name of its form.
 */
format: string, 
/**
 * What the form is, for people.
 */
title: string, 
/**
 * The file's name.
 */
file: string, 
/**
 * SHA-256 of its bytes.
 */
sha256: string, 
/**
 * How many bytes it has.
 */
size: number, 
/**
 * Who handed it over.
 */
by: string, 
/**
 * When.
 */
at: string, 
/**
 * Who confirmed it.
 */
confirmed_by: string | null, 
/**
 * When.
 */
confirmed_at: string | null, 
/**
 * Its postings.
 */
postings: Array<HandedView>, 
/**
 * Whether the acting person may confirm it; nothing where somebody has.
 */
actions: Array<ActionView>, };

/**
 * A ledger that is read from files.
 */
export type HandoverLedger = { 
/**
 * The connection's name.
 */
connection: string, 
/**
 * True where approved postings may be handed over to it.
 */
on: boolean, 
/**
 * The form of its own files.
 */
usual: string, 
/**
 * What waits.
 */
waiting: Array<WaitingView>, 
/**
 * Whether the acting person may hand over.
 */
action: ActionView, };

/** Closed: HandoverOutcome. */
export type HandoverOutcome = "waiting" | "shown" | "differs" | "not_shown";

/**
 * Everything about journal files.
 */
export type HandoverView = { 
/**
 * Ledgers that are read from files.
 */
ledgers: Array<HandoverLedger>, 
/**
 * The forms that there are, the plain one first.
 */
forms: Array<FormView>, 
/**
 * Journal files, the newest first.
 */
files: Array<HandoverFile>, };

/**
 * Approved postings to be written into a journal file.
 */
export type HandoverWriteRequest = { 
/**
 * The ledger's connection; may be left out where only one is read from files.
 */
connection?: string, 
/**
 * The form, by its name; by default that of the ledger's own files.
 */
format?: string, 
/**
 * The file to write.
 */
to: string, 
/**
 * In place of a file that is there.
 */
force: boolean, 
/**
 * Postings or their exceptions; all that wait without any.
 */
ids: Array<string>, 
/**
 * Why those that are in a file already are written once more.
 */
again?: string, 
/**
 * What the form has to be told, by the option's name.
 */
options: { [key in string]: string }, };

/**
 * What happened to an exception.
 */
export type Happening = "opened" | "updated" | "kind_changed" | "reopened" | "closed" | "assigned" | "comment" | "mentioned" | "attached" | "held" | "released" | "dismissed" | "proposed" | "amended" | "released_by_policy" | "approved_in_part" | "approved" | "approvals_void" | "reject" | "cancel" | "replay" | "finish" | "removed" | "queued" | "sending" | "in_doubt" | "booked" | "handed_over" | "handover_shown" | "handover_differs" | "handover_not_shown" | "booked_elsewhere" | "settled" | "refused" | "dead_letter" | "rejected" | "cancelled" | "other";

/**
 * An entry that the ERP already holds.
 */
export type HeldView = { 
/**
 * The ERP's id.
 */
erp_id: string, 
/**
 * Its number there.
 */
number: string | null, 
/**
 * Its external id.
 */
external_id: string | null, 
/**
 * booked, unbooked, void, or removed (the ERP has it no more).
 */
status: EntryStatus, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The date under which it is booked.
 */
posting_date: string, 
/**
 * The period.
 */
period: string, 
/**
 * The reference of the document that it settles under that name, rather than books.
 */
settles?: string, 
/**
 * When it was last known to be there, where it is there no more.
 */
last_seen_at?: string, 
/**
 * When a read showed that it is there no more.
 */
removed_at?: string, };

/**
 * Everything that the first screen says.
 */
export type Home = { 
/**
 * The period that is being closed; `None` where no ledger said any.
 */
closing: Closing | null, 
/**
 * In which currency totals are, and by which rates; `None` where there is no one currency.
 */
reporting: ReportingView | null, 
/**
 * What keeps it from being closed: open exceptions of it and of earlier open periods, and those of
 * none.
 */
blockers: Load, 
/**
 * How many of them are past their time.
 */
overdue: number, 
/**
 * New exceptions of later periods.
 */
later: Load, 
/**
 * What was already open when its period closed; it is in no other figure.
 */
backlog: Load, 
/**
 * What to do first, at most five.
 */
first: Array<DoFirst>, 
/**
 * Those five together.
 */
first_load: Load, 
/**
 * The other blockers together.
 */
then: Load, 
/**
 * The largest of the others: its customer (or reference) and its worth in the reporting currency.
 */
largest: [string, string] | null, 
/**
 * What waits for the person who acts; their own work is not in it.
 */
waits: Array<WaitsForYou>, 
/**
 * What the next sending takes, and what still needs somebody's approval.
 */
posts: Array<PostsNext>, 
/**
 * How each entity stands.
 */
entities: Array<EntityStands>, 
/**
 * What a workspace needs before it can tie anything out, with what of it is done. Empty once all is.
 */
steps: Array<FirstStep>, 
/**
 * As of when exceptions were last judged.
 */
checked_at: string | null, };

/**
 * What of it is asked for.
 */
export type HomeRequest = { 
/**
 * One legal entity's part. What waits for the person who acts, and what the next sending takes, is told
 * of all: neither is narrowed.
 */
entity: string | null, };

/**
 * Ids in the order of a view.
 */
export type Ids = { 
/**
 * The ids.
 */
ids: Array<string>, };

/**
 * Which ids of a view.
 */
export type IdsRequest = { 
/**
 * The query.
 */
query: ExceptionQuery, 
/**
 * The first row, from 0.
 */
start: number, 
/**
 * So many rows.
 */
limit: number, };

/**
 * A mapping or policy file to bring in.
 */
export type ImportChangeRequest = { 
/**
 * The file.
 */
file: string, };

/**
 * A checklist file to bring in.
 */
export type ImportChecklistRequest = { 
/**
 * The file.
 */
file: string, };

/**
 * A file to import as it was shown.
 */
export type ImportChosenRequest = { 
/**
 * Of a ledger, what the file is the whole of: `all`, a month or some days.
 */
replaces?: string, 
/**
 * What the next such file is called, which is then read without asking; nothing keeps it from being
 * known again.
 */
title?: string, 
/**
 * SHA-256 of the bytes that were shown, hex: another file is refused.
 */
shown?: string, 
/**
 * What it is read as: a built-in profile's name, or `general`.
 */
profile?: string, 
/**
 * Columns whose role they change.
 */
columns: Array<ColumnChoice>, 
/**
 * The row that is the header, by its number in the file.
 */
header?: number, 
/**
 * What rows begin with that are no lines.
 */
banner: Array<string>, 
/**
 * What rows begin with that add up others.
 */
totals: Array<string>, 
/**
 * The mark of decimals, where no number of the file says it: `.` or `,`.
 */
decimal?: string, 
/**
 * The file connection's name; by default what the file is recognised as, with its entity.
 */
connection?: string, 
/**
 * The file.
 */
file: string, 
/**
 * What kind of file it is.
 */
kind?: FileKind, 
/**
 * The legal entity whose file it is.
 */
entity?: string, 
/**
 * The currency of the entity's books.
 */
currency?: string, 
/**
 * The entity's time zone, such as `Europe/Berlin`.
 */
time_zone?: string, 
/**
 * Accounts by their role: `receivable=1100`.
 */
expect: Array<string>, 
/**
 * The sheet of a workbook.
 */
sheet?: string, 
/**
 * Which of day and month comes first.
 */
dates?: DateOrder, 
/**
 * Judge as of this instant or date.
 */
as_of?: string, };

/**
 * A file that needs a column map.
 */
export type ImportFileRequest = { 
/**
 * The file.
 */
file: string, 
/**
 * The column map.
 */
map: string, 
/**
 * The file connection's name; by default the column map's file name.
 */
connection?: string, 
/**
 * Judge what is due as of this instant or date.
 */
as_of?: string, };

/**
 * A file of ledger detail.
 */
export type ImportLedgerRequest = { 
/**
 * What the file is the whole of: `all` the ledger, a month (`2026-10`) or some days
 * (`2026-10-05..2026-10-31`) of the accounts that it holds. What of it the file no longer has is gone
 * from the ledger. Without it a file only adds and changes.
 */
replaces?: string, 
/**
 * The file.
 */
file: string, 
/**
 * The column map.
 */
map: string, 
/**
 * The file connection's name; by default the column map's file name.
 */
connection?: string, 
/**
 * Judge what is due as of this instant or date.
 */
as_of?: string, };

/**
 * A file of periods.
 */
export type ImportPeriodsRequest = { 
/**
 * The file.
 */
file: string, };

/**
 * A file to import without a column map.
 */
export type ImportRecognisedRequest = { 
/**
 * The file connection's name; by default what the file was recognised as, with its entity.
 */
connection?: string, 
/**
 * Of a ledger, what the file is the whole of, as in `ImportLedgerRequest`.
 */
replaces?: string, 
/**
 * The file.
 */
file: string, 
/**
 * What kind of file it is.
 */
kind?: FileKind, 
/**
 * The legal entity whose file it is.
 */
entity?: string, 
/**
 * The currency of the entity's books.
 */
currency?: string, 
/**
 * The entity's time zone, such as `Europe/Berlin`.
 */
time_zone?: string, 
/**
 * Accounts by their role: `receivable=1100`.
 */
expect: Array<string>, 
/**
 * The sheet of a workbook.
 */
sheet?: string, 
/**
 * Which of day and month comes first.
 */
dates?: DateOrder, 
/**
 * Judge as of this instant or date.
 */
as_of?: string, };

/**
 * What an import came to.
 */
export type ImportView = { 
/**
 * The file.
 */
file: string, 
/**
 * SHA-256 of its bytes.
 */
sha256: string, 
/**
 * The file connection.
 */
connection: string, 
/**
 * Rows read, the header excluded.
 */
rows: number, 
/**
 * Documents, journals or periods made of them.
 */
items: number, 
/**
 * New or changed ones among them.
 */
changed: number, 
/**
 * Rows kept aside.
 */
rejected_rows: number, 
/**
 * Rows kept aside, once more under the name that all work has for them.
 */
rejected: number, 
/**
 * Journals that the ledger no longer has.
 */
removed: number, 
/**
 * What became of it, in words.
 */
message: string, 
/**
 * Why, row by row (the first thousand).
 */
rejections: Array<RejectionView>, 
/**
 * By which the import can be taken back; nothing where it changed nothing.
 */
import: string | null, };

/**
 * A file that was imported.
 */
export type ImportedFile = { 
/**
 * By which it is taken back: `imp_…`.
 */
id: string, 
/**
 * The file's name.
 */
file: string, 
/**
 * SHA-256 of its bytes, hex.
 */
sha256: string, 
/**
 * What it was read as: a profile's name, or nothing where a map of one's own names none.
 */
profile: string, 
/**
 * The connection that it came by.
 */
connection: string, 
/**
 * Its control totals, in words.
 */
totals: string, 
/**
 * What it was the whole of.
 */
replaced: string | null, 
/**
 * Who imported it.
 */
by: string, 
/**
 * When, UTC.
 */
at: string, 
/**
 * Lines that were read.
 */
rows: number, 
/**
 * Documents or journals.
 */
items: number, 
/**
 * Lines that were put aside.
 */
rejected_rows: number, 
/**
 * Items that were not there before.
 */
new: number, 
/**
 * Items that it changed.
 */
changed: number, 
/**
 * Items that it showed to be gone.
 */
removed: number, 
/**
 * Who took it back, where somebody did.
 */
undone_by: string | null, 
/**
 * When, UTC.
 */
undone_at: string | null, };

/**
 * A file, and what a person says of it.
 */
export type InspectRequest = { 
/**
 * The file.
 */
file: string, 
/**
 * What kind of file it is.
 */
kind?: FileKind, 
/**
 * The legal entity whose file it is.
 */
entity?: string, 
/**
 * The currency of the entity's books.
 */
currency?: string, 
/**
 * The entity's time zone, such as `Europe/Berlin`.
 */
time_zone?: string, 
/**
 * Accounts by their role: `receivable=1100`.
 */
expect: Array<string>, 
/**
 * The sheet of a workbook.
 */
sheet?: string, 
/**
 * Which of day and month comes first.
 */
dates?: DateOrder, 
/**
 * Judge as of this instant or date.
 */
as_of?: string, };

/**
 * A job.
 */
export type JobRequest = { 
/**
 * Its name, as given to the command that it runs.
 */
job: string, };

/**
 * Whether this session has a keyring.
 */
export type KeyringState = { 
/**
 * True when it keeps secrets.
 */
available: boolean, 
/**
 * Why not, and what to do.
 */
message: string, };

/**
 * A kind with its name.
 */
export type KindName = { 
/**
 * Its stable name.
 */
kind: string, 
/**
 * Its name.
 */
name: string, };

/**
 * Open exceptions of one kind.
 */
export type KindPreview = { 
/**
 * The kind, by its stable name.
 */
kind: string, 
/**
 * Its name.
 */
name: string, 
/**
 * How many would appear.
 */
appear: number, 
/**
 * How many would close.
 */
close: number, };

/**
 * An exception's kind before and after.
 */
export type KindsView = { 
/**
 * What it was.
 */
from: string, 
/**
 * What it became.
 */
to: string, };

/**
 * An account that is known.
 */
export type KnownAccount = { 
/**
 * Its code.
 */
code: string, 
/**
 * What it is called.
 */
name: string, };

/**
 * How long invoices took to the ledger, of those booked on one day: from the document being final in billing
 * to its journal being made in the ERP, which is what the flow's time limit means.
 */
export type LagPoint = { 
/**
 * The day, UTC.
 */
day: string, 
/**
 * Half of them took no longer, in minutes.
 */
p50_minutes: number, 
/**
 * 95 of 100 took no longer, in minutes.
 */
p95_minutes: number, 
/**
 * How many there were.
 */
count: number, };

/** Closed: LateActionName. */
export type LateActionName = "own_period" | "next_open" | "hold" | "reopen";

/**
 * One rule.
 */
export type LateRuleView = { 
/**
 * Its name.
 */
rule: string, 
/**
 * What it says.
 */
says: string, 
/**
 * What it takes, in words.
 */
takes: string, 
/**
 * Up to where, in words; empty where it has no limit.
 */
limits: string, 
/**
 * The same in pieces, for a page.
 */
limits_said: Array<Said>, 
/**
 * What it does, in words.
 */
does: string, 
/**
 * none, one or two: how many have to approve it at least.
 */
approvals: string, 
/**
 * What it has sent into periods so far.
 */
used: Array<LateUsedView>, };

/**
 * What a policy says of late items.
 */
export type LateRulesView = { 
/**
 * The rules, in the order in which they are tried.
 */
rules: Array<LateRuleView>, 
/**
 * What it says of entities' years and tax periods, in sentences.
 */
books: Array<string>, 
/**
 * What it would have made of the late items when it was brought in; `None` where nothing was kept.
 */
simulation: Simulation | null, };

/**
 * What the rules for late items made of one.
 */
export type LateState = "routed" | "held" | "placed";

/**
 * What a rule has sent into one period.
 */
export type LateUsedView = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * How much, gross, in the entity's functional currency, major units.
 */
amount: string, 
/**
 * That currency.
 */
currency: string, 
/**
 * The rule's cap for a period; `None` where it has none.
 */
cap: string | null, 
/**
 * The same in pieces, for a page.
 */
cap_said: Array<Said>, };

/** Closed: LineKind. */
export type LineKind = "noted" | "not_ours" | "explained" | "before" | "opening" | "tolerance" | "opening_difference";

/**
 * One line of an entry, as it would be or was booked.
 */
export type LineView = { 
/**
 * The account.
 */
account: string, 
/**
 * What the ERP calls it, where its chart was read.
 */
name: string | null, 
/**
 * The ERP's id of the account, under which it is sent.
 */
account_erp_id: string | null, 
/**
 * Debit in the transaction currency, major units; empty for a credit.
 */
debit: string, 
/**
 * Credit in the transaction currency, major units; empty for a debit.
 */
credit: string, 
/**
 * The transaction currency.
 */
currency: string, 
/**
 * The line's text.
 */
memo: string, };

/**
 * How many, and how much.
 */
export type Load = { 
/**
 * How many.
 */
count: number, 
/**
 * Their amounts without signs per currency, major units.
 */
sums: Array<Sum>, 
/**
 * The same together in the reporting currency, major units; `None` where a rate is missing.
 */
worth: string | null, };

/**
 * An exception to a soft close, to be approved.
 */
export type LockExceptionRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * Whose postings it lets in, by name or id; none for everybody's.
 */
people: Array<string>, 
/**
 * Until when: an instant, or the end of a day in UTC.
 */
until: string, 
/**
 * Why.
 */
reason: string, };

/**
 * Where an exception to a soft close stands.
 */
export type LockExceptionState = "asked" | "holds" | "ran_out" | "over";

/**
 * An exception to a soft close.
 */
export type LockExceptionView = { 
/**
 * The governed change.
 */
id: string, 
/**
 * Whose postings it lets in, by name; none for everybody's.
 */
people: Array<string>, 
/**
 * Until when.
 */
until: string, 
/**
 * Why.
 */
why: string, 
/**
 * Who asked for it.
 */
asked_by: string, 
/**
 * Who approved it.
 */
approved_by: Array<string>, 
/**
 * Where it stands.
 */
state: LockExceptionState, 
/**
 * The hash of its text: what an approval is under.
 */
hash: string, };

/**
 * A period's lock.
 */
export type LockView = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * What it takes: the stricter of the ERP's word and the desk's own.
 */
state: PeriodState, 
/**
 * Whether the desk has closed it softly.
 */
soft_closed: boolean, 
/**
 * Who closed it softly; none where a file did.
 */
closed_by: string | null, 
/**
 * When.
 */
closed_at: string | null, 
/**
 * Why.
 */
why: string | null, 
/**
 * The governed change by which that is to be lifted, while it waits.
 */
lift: ChangeView | null, 
/**
 * The exceptions to it, the newest first.
 */
exceptions: Array<LockExceptionView>, };

/**
 * Somebody who acts in the log.
 */
export type LogActor = { 
/**
 * What the filter takes.
 */
id: string, 
/**
 * Who or what it is.
 */
by: ActorView, };

/**
 * One text of an entry's detail.
 */
export type LogField = { 
/**
 * What it is.
 */
name: string, 
/**
 * The text.
 */
value: string, };

/**
 * A window of the log.
 */
export type LogPage = { 
/**
 * How many entries the filters leave.
 */
total: number, 
/**
 * The first one's place.
 */
start: number, 
/**
 * The entries, newest first.
 */
rows: Array<LogRow>, 
/**
 * Every kind of entry there is.
 */
whats: Array<string>, 
/**
 * Everybody who acts.
 */
actors: Array<LogActor>, };

/**
 * Which log entries.
 */
export type LogRequest = { 
/**
 * By this actor (an id of [`LogPage::actors`]).
 */
actor: string | null, 
/**
 * Of this kind.
 */
what: string | null, 
/**
 * Containing this, or about a posting or an exception whose reference contains it.
 */
search: string | null, 
/**
 * From this instant or date on.
 */
from: string | null, 
/**
 * Until this instant, or through this date.
 */
to: string | null, 
/**
 * The first one's place in the list.
 */
start: number, 
/**
 * At most so many.
 */
limit: number, };

/**
 * One log entry.
 */
export type LogRow = { 
/**
 * Its number.
 */
number: number, 
/**
 * When.
 */
at: string, 
/**
 * Who or what did it.
 */
by: ActorView, 
/**
 * What was done.
 */
what: string, 
/**
 * To what: its id, or a person's name.
 */
subject: string, 
/**
 * The same as people name it: a document's reference, or a connection's name.
 */
reference: string | null, 
/**
 * The same where it is a person.
 */
person: ActorView | null, 
/**
 * The exception that it is about, also by way of its posting.
 */
exception: string | null, 
/**
 * More, as JSON text.
 */
detail: string, 
/**
 * What of it says something at a glance: its plain texts, but no hash or key.
 */
gist: Array<LogField>, 
/**
 * True where a person's own key signed it.
 */
signed: boolean, 
/**
 * Its hash.
 */
hash: string, };

/**
 * A file to look at, and which of its rows.
 */
export type LookRequest = { 
/**
 * The first row, folded ones counted as one.
 */
start: number, 
/**
 * How many rows, at most 500.
 */
limit: number, 
/**
 * How many lines alike stay before the others are folded.
 */
head: number, 
/**
 * The folds that are open, by the number of their first row.
 */
open: Array<number>, 
/**
 * Totals that the user typed from the report.
 */
typed: Array<TypedTotal>, 
/**
 * What it is read as: a built-in profile's name, or `general`.
 */
profile?: string, 
/**
 * Columns whose role they change.
 */
columns: Array<ColumnChoice>, 
/**
 * The row that is the header, by its number in the file.
 */
header?: number, 
/**
 * What rows begin with that are no lines.
 */
banner: Array<string>, 
/**
 * What rows begin with that add up others.
 */
totals: Array<string>, 
/**
 * The mark of decimals, where no number of the file says it: `.` or `,`.
 */
decimal?: string, 
/**
 * The file connection's name; by default what the file is recognised as, with its entity.
 */
connection?: string, 
/**
 * The file.
 */
file: string, 
/**
 * What kind of file it is.
 */
kind?: FileKind, 
/**
 * The legal entity whose file it is.
 */
entity?: string, 
/**
 * The currency of the entity's books.
 */
currency?: string, 
/**
 * The entity's time zone, such as `Europe/Berlin`.
 */
time_zone?: string, 
/**
 * Accounts by their role: `receivable=1100`.
 */
expect: Array<string>, 
/**
 * The sheet of a workbook.
 */
sheet?: string, 
/**
 * Which of day and month comes first.
 */
dates?: DateOrder, 
/**
 * Judge as of this instant or date.
 */
as_of?: string, };

/**
 * Several things, by their ids.
 */
export type ManyRequest = { 
/**
 * The ids.
 */
ids: Array<string>, };

/**
 * The mapping in force as a table, and what its cells can be.
 */
export type MappingEdit = { 
/**
 * The mapping in force; empty where none is.
 */
table: MappingTable, 
/**
 * SHA-256 of its text.
 */
in_force: string | null, 
/**
 * Mappings that wait for an approval.
 */
waiting: Array<ChangeView>, 
/**
 * The accounts of the ledgers.
 */
accounts: Array<AccountChoice>, 
/**
 * The roles, in their order.
 */
roles: Array<Choice>, 
/**
 * The connections by which documents come.
 */
billing: Array<string>, 
/**
 * The connections that are ledgers.
 */
ledgers: Array<string>, 
/**
 * The scopes.
 */
scopes: Array<Choice>, };

/**
 * What would change.
 */
export type MappingPreview = { 
/**
 * What it comes to, in a sentence.
 */
says: string, 
/**
 * What the mapping changes, as sentences.
 */
changes: Array<string>, 
/**
 * The cells of the tie-out that would be other than they are; at most [`MOST_CELLS`], the largest first.
 */
cells: Array<CellPreview>, 
/**
 * How many cells would be other than they are.
 */
cells_changed: number, 
/**
 * Open exceptions by kind: how many would appear, and how many would close.
 */
exceptions: Array<KindPreview>, };

/**
 * Which mapping: a change that waits, or its text.
 */
export type MappingPreviewRequest = { 
/**
 * The id of a change.
 */
change?: string, 
/**
 * The text itself.
 */
text?: string, };

/**
 * What a table would change.
 */
export type MappingSays = { 
/**
 * As sentences, against the mapping in force; empty where nothing would change, or it is no mapping yet.
 */
says: Array<string>, 
/**
 * What keeps it from being a mapping; empty where nothing does.
 */
problem: string, 
/**
 * Its file.
 */
text: string, };

/**
 * What a mapping file says.
 */
export type MappingSummary = { 
/**
 * The version of its format.
 */
version: number, 
/**
 * SHA-256 of its text.
 */
hash: string, 
/**
 * The codes of its entities.
 */
entities: Array<string>, 
/**
 * Rules that give documents to entities.
 */
entity_rules: number, 
/**
 * Revenue accounts by product.
 */
revenue: number, 
/**
 * Exchange rates.
 */
rates: number, 
/**
 * Documents that the ledger books together.
 */
batches: number, 
/**
 * Entries that are none of this billing's business.
 */
not_ours: number, 
/**
 * What explains entries.
 */
explanations: number, 
/**
 * What is worth another look, though it is no error.
 */
remarks: Array<string>, };

/**
 * A whole mapping.
 */
export type MappingTable = { 
/**
 * The version of its format.
 */
version: number, 
/**
 * The currency for reading.
 */
reporting_currency?: string | null, 
/**
 * The legal entities.
 */
entity?: Array<EntityRow>, 
/**
 * Which documents are whose.
 */
entity_rule?: Array<EntityRuleRow>, 
/**
 * Revenue accounts.
 */
revenue?: Array<RevenueRow>, 
/**
 * Exchange rates.
 */
rate?: Array<RateRow>, 
/**
 * Documents that the ledger books together.
 */
batch?: Array<BatchRow>, 
/**
 * Entries that are none of this billing's business.
 */
not_ours?: Array<EntryRuleRow>, 
/**
 * What explains entries.
 */
explanation?: Array<EntryRuleRow>, 
/**
 * How names of a ledger are read.
 */
names?: Array<NamesRow>, 
/**
 * What a ledger's texts call customers.
 */
alias?: Array<AliasRow>, };

/**
 * A table as it was edited.
 */
export type MappingTableRequest = { 
/**
 * The table.
 */
table: MappingTable, };

/**
 * Matches to be confirmed.
 */
export type MatchConfirmRequest = { 
/**
 * Suggestions, or matches that wait for a second person, by their ids.
 */
ids: Array<string>, 
/**
 * Or entries that a person chose, by their ids or numbers in the ERP.
 */
entries: Array<string>, 
/**
 * And the documents that they book, by their ids or references.
 */
documents: Array<string>, 
/**
 * Why; needed for what a person chose.
 */
reason: string, };

/**
 * Which of what nothing ties.
 */
export type MatchListRequest = { 
/**
 * Of this entity.
 */
entity: string | null, 
/**
 * In this currency.
 */
currency: string | null, 
/**
 * Whose number, reference, text or customer contains this.
 */
search: string | null, 
/**
 * The first one's place in each list.
 */
start: number, 
/**
 * At most so many of each list.
 */
limit: number | null, };

/**
 * Both sides of what nothing ties, and what could be.
 */
export type MatchListView = { 
/**
 * How many entries name no document.
 */
entries_total: number, 
/**
 * Those of the window, the largest first.
 */
entries: Array<UnmatchedEntryView>, 
/**
 * How many documents no entry books.
 */
documents_total: number, 
/**
 * Those of the window, the largest first.
 */
documents: Array<UnmatchedDocumentView>, 
/**
 * What could belong together, the best first, and before it what waits for a second person.
 */
suggestions: Array<MatchView>, 
/**
 * What people decided, the last first.
 */
decided: Array<MatchView>, };

/**
 * Entries and documents that a person thinks of as one.
 */
export type MatchLookRequest = { 
/**
 * Entries, by their ids or numbers in the ERP.
 */
entries: Array<string>, 
/**
 * Documents, by their ids or references.
 */
documents: Array<string>, };

/**
 * Matches to be rejected or undone.
 */
export type MatchRefuseRequest = { 
/**
 * By their ids.
 */
ids: Array<string>, 
/**
 * Why.
 */
reason: string, };

/** Closed: MatchRule. */
export type MatchRule = "amount" | "name" | "payout" | "customer" | "day" | "hand";

/** Closed: MatchState. */
export type MatchState = "suggested" | "proposed" | "confirmed" | "rejected" | "undone";

/**
 * Entries and documents that could be one, or that people said are, or are not.
 */
export type MatchView = { 
/**
 * Its id, by which it is confirmed, rejected or undone. With another amount it is another match.
 */
id: string, 
/**
 * suggested, proposed (one of two has confirmed it), confirmed, rejected or undone.
 */
state: MatchState, 
/**
 * By what it was found.
 */
rule: MatchRule, 
/**
 * How much speaks for it, out of a hundred; 0 for what people decided on.
 */
points: number, 
/**
 * What speaks for it, each reason in words.
 */
reasons: Array<string>, 
/**
 * What people said of it last.
 */
reason: string, 
/**
 * The entity.
 */
entity: string, 
/**
 * The transaction currency.
 */
currency: string, 
/**
 * The account on which most of it stands.
 */
account: string, 
/**
 * Its entries.
 */
entries: Array<UnmatchedEntryView>, 
/**
 * Its documents.
 */
documents: Array<UnmatchedDocumentView>, 
/**
 * What its documents come to on the account, debit positive, major units.
 */
documents_sum: string, 
/**
 * What its entries hold there.
 */
entries_sum: string, 
/**
 * What the entries hold beyond the documents.
 */
difference: string, 
/**
 * Why a second person must confirm it too, in words; none where one is enough.
 */
second: string | null, 
/**
 * Who confirmed it so far.
 */
confirmed_by: Array<ActorView>, 
/**
 * Who changed it last; none of a suggestion.
 */
changed_by: ActorView | null, 
/**
 * When; none of a suggestion.
 */
changed_at: string | null, 
/**
 * What may be done with it now.
 */
actions: Array<ActionView>, };

/**
 * An entity's materiality.
 */
export type Materiality = { 
/**
 * The amount, major units of the entity's currency.
 */
amount: string, 
/**
 * That currency.
 */
currency: string, 
/**
 * How many times that it is worth, in tenths: 25 are 2.5 times.
 */
tenths: number, };

/**
 * What the menu bar asks of the page, by the stable name of the page's own action.
 */
export type MenuAction = "go.import" | "backup";

/**
 * One item that is otherwise than it was signed.
 */
export type MovedView = { 
/**
 * The item; empty where only a figure or the tolerance moved.
 */
item: string, 
/**
 * What moved, in words.
 */
says: string, 
/**
 * By how much, without a sign, major units; `None` where no item moved.
 */
amount: string | null, 
/**
 * The currency.
 */
currency: string | null, 
/**
 * By whom or from where, as far as it is known.
 */
by: Array<string>, 
/**
 * Since when, as far as it is known.
 */
since: string | null, };

/**
 * How the names of an ERP connection are read.
 */
export type NamesRow = { 
/**
 * The ERP connection.
 */
connection: string, 
/**
 * What is taken off before a name.
 */
strip_prefix?: Array<string>, 
/**
 * What is taken off after it.
 */
strip_suffix?: Array<string>, 
/**
 * What billing has before it.
 */
add_prefix?: string | null, 
/**
 * ignored or counts.
 */
leading_zeros?: string | null, 
/**
 * ignored or counts.
 */
case?: string | null, };

/**
 * How an amount below zero looks.
 */
export type Negative = "parentheses" | "minus";

/** Closed: NoteCategory. */
export type NoteCategory = "timing" | "bank_fee" | "rounding" | "opening_item" | "reclassification";

/**
 * Items of a difference to explain.
 */
export type NoteRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period that is closed.
 */
period: string, 
/**
 * The items, by reference or entry number.
 */
items: Array<string>, 
/**
 * timing, bank_fee, rounding, opening_item or reclassification.
 */
category: NoteCategory, 
/**
 * Of timing, the day by which it clears.
 */
clears_by: string | null, 
/**
 * Why.
 */
note: string, 
/**
 * The instant or date by which timing is judged; now without one.
 */
as_of: string | null, };

/**
 * A note that explains items of a difference.
 */
export type NoteView = { 
/**
 * Its id, as a governed change.
 */
id: string, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period in whose close it was written.
 */
period: string, 
/**
 * Under what it explains.
 */
category: NoteCategory, 
/**
 * The day by which it clears.
 */
clears_by: string | null, 
/**
 * Why.
 */
note: string, 
/**
 * Its items, account by account.
 */
items: Array<NotedItemView>, 
/**
 * Who wrote it.
 */
author: string, 
/**
 * When.
 */
at: string, 
/**
 * Who accepted it.
 */
accepted_by: string | null, 
/**
 * How it stands.
 */
state: ChangeState, 
/**
 * What it waits for, in words; empty where nothing.
 */
needs: string, 
/**
 * The hash of its text.
 */
hash: string, 
/**
 * What may be done with it now.
 */
actions: Array<ActionView>, };

/**
 * What one item of a note differs by on one account.
 */
export type NotedItemView = { 
/**
 * The item.
 */
item: string, 
/**
 * The account.
 */
account: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The item's own period.
 */
period: string, 
/**
 * Expected less booked, major units.
 */
amount: string, };

/**
 * A request that asks for nothing in particular.
 */
export type Nothing = Record<symbol, never>;

/**
 * One thing, by its id (or a name or reference, where the command says so).
 */
export type OneRequest = { 
/**
 * The id.
 */
id: string, };

/**
 * Event `open`: a link, a file or the menu bar asks for something to be shown.
 */
export type OpenEvent = { 
/**
 * An exception's id.
 */
exception: string | null, 
/**
 * A workspace file.
 */
workspace: string | null, 
/**
 * A file to look at before it is imported.
 */
file: string | null, 
/**
 * An action of the page, which was chosen in the menu bar.
 */
action: MenuAction | null, };

/**
 * What one customer owed in one currency at the cutover, major units.
 */
export type OpenItemView = { 
/**
 * Billing's id of the customer where it is known, else the ERP's; empty where nobody says whose it is.
 */
customer: string, 
/**
 * The customer's name, where it is known.
 */
name: string | null, 
/**
 * The currency.
 */
currency: string, 
/**
 * By the ERP.
 */
ledger: string, 
/**
 * By billing.
 */
billing: string, 
/**
 * ERP less billing.
 */
difference: string, };

/** Closed: OpenItemsFrom. */
export type OpenItemsFrom = "ledger" | "file";

/**
 * Open items of the ledger, from a file.
 */
export type OpenItemsRequest = { 
/**
 * The entity's code.
 */
entity: string, 
/**
 * A CSV file with the columns Customer, Currency and Amount.
 */
file: string, };

/**
 * One accounting period.
 */
export type OpenPeriod = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * Its name.
 */
key: string, 
/**
 * First day.
 */
starts: string, 
/**
 * Last day, included.
 */
ends: string, 
/**
 * Its status, in words.
 */
status: string, 
/**
 * The same, named.
 */
state: PeriodState, 
/**
 * True where it takes entries of receivables.
 */
accepts: boolean, 
/**
 * What that means, in a sentence.
 */
says: string, };

/**
 * Which view, and how much of it is seen at first.
 */
export type OpenViewRequest = { 
/**
 * The query.
 */
query: ExceptionQuery, 
/**
 * Put into groups by this; without it a plain list.
 */
by: GroupBy | null, 
/**
 * Rows for at least so many lines, the headers of groups counted; 0 asks for none.
 */
lines: number, 
/**
 * At most so many rows of the list or of each group.
 */
page: number, };

/**
 * A workspace to open.
 */
export type OpenWorkspaceRequest = { 
/**
 * The file.
 */
path: string, 
/**
 * The vault's passphrase, where its secrets are in one.
 */
passphrase: SecretText | null, };

/**
 * A view with what is seen of it at first.
 */
export type OpenedView = { 
/**
 * The view as a whole.
 */
summary: ViewSummary, 
/**
 * Its groups, where it is put into some.
 */
groups: GroupsView | null, 
/**
 * The first rows: of the list, or of one group after the other.
 */
first: Array<FirstRows>, };

/**
 * What became of one of several things that a command was asked to do.
 */
export type Outcome = { 
/**
 * The id as given.
 */
id: string, 
/**
 * done or refused.
 */
result: "done" | "refused", 
/**
 * The state after it, or the code of the refusal.
 */
code: string, 
/**
 * The same without the reference; absent where there is no more to say than that it was done.
 */
said?: string, 
/**
 * How people name the document.
 */
reference: string | null, 
/**
 * The posting concerned.
 */
posting?: string, 
/**
 * The rule that refused.
 */
rule?: string, 
/**
 * Who could do it.
 */
who_could?: Array<string>, 
/**
 * What would be sent, for a dry run.
 */
preview?: Preview, };

/**
 * What keeps a posting from being approved and may be lifted.
 */
export type OverrideOption = { 
/**
 * The limits, by the policy's names; none where none keeps it.
 */
limits: Array<string>, 
/**
 * By which reasons they may be lifted; without any, nothing is.
 */
reasons: Array<OverrideReasonView>, 
/**
 * What was asked for it already, the newest first.
 */
overrides: Array<OverrideView>, };

/**
 * A posting that is waiting to be approved.
 */
export type OverrideOptionRequest = { 
/**
 * The posting (pst_…).
 */
posting: string, };

/**
 * A reason by which the policy lets limits be lifted.
 */
export type OverrideReasonView = { 
/**
 * Its code.
 */
code: string, 
/**
 * What it says.
 */
says: string, };

/**
 * A limit to lift for a posting.
 */
export type OverrideRequest = { 
/**
 * The posting (pst_…), or the exception that it settles.
 */
id: string, 
/**
 * By which reason, by its code in the policy.
 */
reason_code: string, 
/**
 * Why, in words.
 */
note: string, };

/**
 * Where an override stands.
 */
export type OverrideState = "asked" | "holds" | "lapsed" | "over";

/**
 * An override.
 */
export type OverrideView = { 
/**
 * The governed change.
 */
id: string, 
/**
 * The posting.
 */
posting: string, 
/**
 * The document that it books.
 */
reference: string, 
/**
 * The limits that it lifts, by the policy's names.
 */
limits: Array<string>, 
/**
 * The reason's code.
 */
reason: string, 
/**
 * Why.
 */
why: string, 
/**
 * Who asked for it.
 */
asked_by: string, 
/**
 * Who approved it.
 */
approved_by: Array<string>, 
/**
 * Since when it holds.
 */
since: string | null, 
/**
 * Where it stands.
 */
state: OverrideState, 
/**
 * The hash of its text: what an approval is under.
 */
hash: string, };

/**
 * Everything that the overview shows.
 */
export type Overview = { 
/**
 * The five flows.
 */
flows: Array<FlowView>, 
/**
 * Invoice to ledger, per day, over at most the last 90 days.
 */
lag: Array<LagPoint>, 
/**
 * The time limit of that flow, in minutes.
 */
lag_sla_minutes: number, 
/**
 * Open exceptions by age.
 */
ageing: Array<AgeBucket>, 
/**
 * Open exceptions by owner, the most first.
 */
owners: Array<OwnerCount>, 
/**
 * Close readiness.
 */
close: Array<CloseCell>, 
/**
 * Billing against the ledger.
 */
variance: Array<VarianceCell>, 
/**
 * As of when exceptions were last judged.
 */
checked_at: string | null, };

/**
 * Of what the overview is.
 */
export type OverviewRequest = { 
/**
 * Only of this legal entity.
 */
entity: string | null, 
/**
 * Only of this period; the flows are those of all periods.
 */
period: string | null, };

/**
 * Open exceptions of one owner.
 */
export type OwnerCount = { 
/**
 * The team.
 */
owner: string, 
/**
 * The person's name, or the team's where nobody has them.
 */
name: string, 
/**
 * The person's id.
 */
assignee: string | null, 
/**
 * How many.
 */
count: number, 
/**
 * How many of them are past due.
 */
overdue: number, };

/**
 * Decisions on a packet's items.
 */
export type PacketDecideRequest = { 
/**
 * The packet's file.
 */
file: string | null, 
/**
 * Or the id of one that was decided on here before.
 */
packet: string | null, 
/**
 * Postings or their references; those of the sheet without any.
 */
ids: Array<string>, 
/**
 * True to approve, false to refuse; what the sheet says otherwise.
 */
approve: boolean, 
/**
 * Why: needed for a refusal.
 */
reason: string | null, 
/**
 * By id, the hash of the content that was seen: an item is approved only as it was shown.
 */
content: { [key in string]: string }, 
/**
 * The packet's sheet, with its column of decisions filled in.
 */
sheet_file: string | null, };

/**
 * Decisions to write.
 */
export type PacketDecisionsRequest = { 
/**
 * The packet's file.
 */
file: string | null, 
/**
 * Or its id.
 */
packet: string | null, 
/**
 * The file to write.
 */
path: string, 
/**
 * In place of a file that is there.
 */
force: boolean, };

/**
 * Postings to send for review.
 */
export type PacketExportRequest = { 
/**
 * Postings, or the exceptions that they settle.
 */
ids: Array<string>, 
/**
 * Who is to decide: name or id.
 */
reviewer: string, 
/**
 * The file.
 */
path: string, 
/**
 * In place of a file that is there.
 */
force: boolean, 
/**
 * For how many days decisions are taken in; 14 without.
 */
days: number | null, 
/**
 * A few words for the reviewer.
 */
note: string | null, };

/**
 * A file of decisions to take in.
 */
export type PacketImportRequest = { 
/**
 * The file.
 */
file: string, };

/**
 * An item of a packet.
 */
export type PacketItemView = { 
/**
 * The posting.
 */
posting: string, 
/**
 * The document's reference.
 */
reference: string, 
/**
 * What is wrong, in words.
 */
kind: string, 
/**
 * What happened, in a sentence.
 */
why: string, 
/**
 * The amount, major units.
 */
amount: string, 
/**
 * Its currency.
 */
currency: string, 
/**
 * Who prepared it.
 */
preparer: string, 
/**
 * What a decision is bound to.
 */
content_hash: string, 
/**
 * How it and its surroundings stood, by name.
 */
facts: { [key in string]: string }, 
/**
 * What would be booked: each line of each of its entries.
 */
lines: Array<PacketLineView>, 
/**
 * approve, reject, or nothing yet.
 */
decision: "approve" | "reject" | null, 
/**
 * The reason that was given with it.
 */
reason: string | null, };

/**
 * A line that would be booked.
 */
export type PacketLineView = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * The date under which it is booked.
 */
posting_date: string, 
/**
 * The account.
 */
account: string, 
/**
 * The debit, major units; empty for a credit.
 */
debit: string, 
/**
 * The credit, major units; empty for a debit.
 */
credit: string, 
/**
 * The currency.
 */
currency: string, };

/**
 * A packet that was made.
 */
export type PacketMade = { 
/**
 * Its id.
 */
packet: string, 
/**
 * The file.
 */
path: string, 
/**
 * How many items it has.
 */
items: number, 
/**
 * Until when decisions are taken in.
 */
valid_until: string, 
/**
 * True where only the reviewer can read it.
 */
encrypted: boolean, };

/**
 * A packet in a list.
 */
export type PacketRow = { 
/**
 * Its id.
 */
packet: string, 
/**
 * sent or received.
 */
side: "sent" | "received", 
/**
 * The name of the workspace that it comes from.
 */
workspace: string, 
/**
 * Who made it.
 */
made_by: string, 
/**
 * Who is to decide.
 */
reviewer: string, 
/**
 * When it was made.
 */
made_at: string, 
/**
 * Until when decisions are taken in.
 */
valid_until: string, 
/**
 * How many items it has.
 */
items: number, 
/**
 * On how many of them a decision is known here.
 */
decided: number, };

/**
 * A packet to look at.
 */
export type PacketShowRequest = { 
/**
 * The packet's file.
 */
file: string | null, 
/**
 * Or its id, where it is known here.
 */
packet: string | null, 
/**
 * Writes its sheet to this file.
 */
sheet_to: string | null, 
/**
 * In place of a file that is there.
 */
force: boolean, };

/**
 * What became of decisions that were taken in.
 */
export type PacketTaken = { 
/**
 * The packet's id.
 */
packet: string, 
/**
 * Who decided.
 */
reviewer: string, 
/**
 * What became of each decision.
 */
outcomes: Array<Outcome>, };

/**
 * A packet with its items.
 */
export type PacketView = { 
/**
 * Its id.
 */
packet: string, 
/**
 * The hash by which it is named.
 */
hash: string, 
/**
 * The workspace that it comes from.
 */
workspace: string, 
/**
 * Who made it.
 */
made_by: string, 
/**
 * Who is to decide.
 */
reviewer: string, 
/**
 * When it was made.
 */
made_at: string, 
/**
 * Until when decisions are taken in.
 */
valid_until: string, 
/**
 * What its sender wrote.
 */
note: string | null, 
/**
 * Its items.
 */
items: Array<PacketItemView>, };

/**
 * Which window of a view.
 */
export type PageRequest = { 
/**
 * The query.
 */
query: ExceptionQuery, 
/**
 * The first row, from 0.
 */
start: number, 
/**
 * So many rows.
 */
limit: number, };

/**
 * The rates of one pair.
 */
export type PairView = { 
/**
 * From this currency …
 */
from: string, 
/**
 * … into this one.
 */
to: string, 
/**
 * How they come about: as published, the inverse of what is published, or across the euro.
 */
how: string, 
/**
 * How many days.
 */
days: number, 
/**
 * The last day's rate.
 */
last: string, };

/**
 * Rows that were pasted.
 */
export type PasteRequest = { 
/**
 * The text: rows of cells between tabs, commas or semicolons.
 */
text: string, };

/**
 * A connection to stop reading from and posting to, or to take up again.
 */
export type PauseRequest = { 
/**
 * The connection's id or name.
 */
id: string, 
/**
 * True to stop.
 */
paused: boolean, };

/**
 * What the source sent.
 */
export type Payload = { 
/**
 * Whose dialect it is in.
 */
vendor: string, 
/**
 * When it was received.
 */
received_at: string, 
/**
 * The object, indented; or the file's heading and rows.
 */
text: string, };

/**
 * Whose payload.
 */
export type PayloadRequest = { 
/**
 * Our id of the document.
 */
document: string, };

/**
 * How one period of an entity stands.
 */
export type PeriodStands = { 
/**
 * Its name.
 */
period: string, 
/**
 * What it takes, in words.
 */
says: string, 
/**
 * The day on which it was closed, where it is.
 */
closed: string | null, 
/**
 * What was open when it closed.
 */
backlog: number, };

/**
 * What a period takes, as far as receivables are concerned.
 */
export type PeriodState = "open" | "soft_closed" | "others_locked" | "locked" | "closed" | "not_known";

/**
 * Whose periods.
 */
export type PeriodsRequest = { 
/**
 * Only of this entity.
 */
entity: string | null, };

/**
 * The three periods of a document, labelled alike on every screen. Names of periods (`2026-10`).
 */
export type PeriodsView = { 
/**
 * The document's own period: the one that holds its date. `None` where there is no document.
 */
own: string | null, 
/**
 * Where it belongs for the tie-out: its own, or the first that was open when it arrived.
 */
belongs: string | null, 
/**
 * What it posts, or would post, into.
 */
posts_into: string | null, 
/**
 * In a sentence, where it does not go into its own period: of a late item with the rule and its policy.
 */
says: string | null, 
/**
 * The name of the rule for late items that took it.
 */
routed_by: string | null, 
/**
 * What that rule says.
 */
rule_says: string | null, 
/**
 * What became of it, of a late item; `None` of others, and where the policy has no rules for them.
 */
late: LateState | null, };

/**
 * A person in a list.
 */
export type PersonView = { 
/**
 * The id.
 */
id: string, 
/**
 * The name.
 */
name: string, 
/**
 * The role.
 */
role: Role, 
/**
 * Their OS account, if they have their own.
 */
os_account: string | null, 
/**
 * False once they left.
 */
active: boolean, 
/**
 * keyring, passphrase, elsewhere (on a machine of their own), or not set yet.
 */
secret: string, 
/**
 * The public half of their key, hex, where that is on a machine of their own: whoever confirms it asks
 * them for it.
 */
key?: string, 
/**
 * True while somebody else has to say that this is the person: until then their secret counts for
 * nothing.
 */
unconfirmed: boolean, 
/**
 * True where a restore started them anew: they set their secret with its code, from any OS account.
 */
restored: boolean, 
/**
 * Whether the acting person may change their role or take them off the desk, and confirm them where that
 * is to be done. Empty in the answer to such a change.
 */
actions: Array<ActionView>, 
/**
 * The one-time code with which they set their secret, told once, when they are added without one.
 */
enrolment_code?: string, };

/**
 * What a file dialog is for.
 */
export type PickPurpose = "open_workspace" | "new_workspace" | "backup" | "restore" | "import" | "bank_statement" | "attach" | "save_attachment" | "export_csv" | "export_xlsx" | "export_pdf" | "open_packet" | "save_packet" | "view" | "save_view";

/**
 * A file to choose.
 */
export type PickRequest = { 
/**
 * What for.
 */
purpose: PickPurpose, 
/**
 * A name to begin with.
 */
suggested: string | null, };

/**
 * The file that was chosen.
 */
export type Picked = { 
/**
 * Where it is; nothing when none was chosen.
 */
path: string | null, };

/**
 * One account in one currency.
 */
export type PilotAccount = { 
/**
 * The account.
 */
account: string, 
/**
 * Its name in the ledger's chart.
 */
account_name: string | null, 
/**
 * The currency.
 */
currency: string, 
/**
 * What billing says that the ledger should hold, major units, debit-positive.
 */
billing: string, 
/**
 * What it holds.
 */
ledger: string, 
/**
 * The difference.
 */
variance: string, 
/**
 * How many documents and entries agree.
 */
agree: number, 
/**
 * What they come to, major units.
 */
agrees: string, 
/**
 * How many do not.
 */
differ: number, 
/**
 * Why not, the largest difference first.
 */
reasons: Array<PilotReason>, 
/**
 * What is kept out of the difference, under its name.
 */
beside: Array<PilotPart>, };

/**
 * A period that a report can be of.
 */
export type PilotChoice = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * True where it takes no receivables any more.
 */
closed: boolean, };

/**
 * A document, or an entry without one, on which both sides differ.
 */
export type PilotItem = { 
/**
 * The reference, or the entry's number.
 */
reference: string, 
/**
 * What its documents expect here, major units.
 */
billing: string, 
/**
 * What its entries hold here.
 */
ledger: string, 
/**
 * The difference.
 */
variance: string, 
/**
 * The open exception that stands on it.
 */
exception: string | null, 
/**
 * Why, in a sentence.
 */
why: string, 
/**
 * The same in pieces, for a page.
 */
said: Array<Said>, };

/**
 * An amount that stands beside the difference, under its name.
 */
export type PilotPart = { 
/**
 * What it is.
 */
name: string, 
/**
 * How much, major units.
 */
amount: string, };

/**
 * Why some of an account differs.
 */
export type PilotReason = { 
/**
 * The kind of exception; `None` for what is on its way, and what the ledger alone has.
 */
kind: string | null, 
/**
 * The same for people.
 */
label: string, 
/**
 * What a person does about it; empty where nothing is to be done yet.
 */
act: string, 
/**
 * How many documents or entries.
 */
count: number, 
/**
 * What billing expects of them, major units.
 */
billing: string, 
/**
 * What the ledger holds of them.
 */
ledger: string, 
/**
 * The difference.
 */
variance: string, 
/**
 * The largest of them.
 */
items: Array<PilotItem>, };

/**
 * The pilot's report.
 */
export type PilotReport = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * Its name.
 */
entity_name: string, 
/**
 * The period.
 */
period: string, 
/**
 * The same, named.
 */
state: PeriodState, 
/**
 * As of when the ledgers were last compared.
 */
as_of: string | null, 
/**
 * What it comes to, in a sentence for each currency.
 */
says: Array<string>, 
/**
 * The same in pieces, for a page.
 */
said: Array<Array<Said>>, 
/**
 * Its accounts.
 */
accounts: Array<PilotAccount>, 
/**
 * What else a report can be of.
 */
choices: Array<PilotChoice>, };

/**
 * Which period of which entity.
 */
export type PilotRequest = { 
/**
 * The legal entity; by default the first.
 */
entity: string | null, 
/**
 * The period; by default the last that is closed, else the last that there is.
 */
period: string | null, };

/**
 * The pilot's report as a file.
 */
export type PilotWriteRequest = { 
/**
 * Of which period of which entity.
 */
of: PilotRequest, 
/**
 * The file: `.pdf` and `.xlsx` for people, `.csv` for machines.
 */
path: string, 
/**
 * In place of a file that is there.
 */
force: boolean, };

/**
 * Which of the proof.
 */
export type PopulationRequest = { 
/**
 * Only this entity.
 */
entity: string | null, 
/**
 * Only this period.
 */
period: string | null, 
/**
 * Only this account.
 */
account: string | null, };

/**
 * One account of one entity in one period: opening and what moved are the closing, and what moved was read.
 * Functional currency, debit-positive, major units. What is not listed is not proven.
 */
export type PopulationView = { 
/**
 * The name of the ERP's connection.
 */
connection: string, 
/**
 * The entity, by its code, or the ERP's id of one that no mapping names.
 */
entity: string, 
/**
 * The account.
 */
account: string, 
/**
 * What the ERP calls it, where its chart was read.
 */
account_name: string | null, 
/**
 * The period.
 */
period: string, 
/**
 * The functional currency.
 */
currency: string, 
/**
 * What the ERP says earlier periods left.
 */
opening: string, 
/**
 * What the ERP says was debited.
 */
debits: string, 
/**
 * What the ERP says was credited, positive.
 */
credits: string, 
/**
 * What the ERP says the period left.
 */
closing: string, 
/**
 * The sum of what was read of booked entries.
 */
read: string, 
/**
 * What the ERP has and was not read.
 */
gap: string, 
/**
 * True where nothing is missing.
 */
whole: boolean, };

/**
 * What to send.
 */
export type PostRequest = { 
/**
 * Only to this connection.
 */
connection: string | null, 
/**
 * How long to go on with what has to be tried or looked up again, in seconds.
 */
wait_seconds: number, };

/**
 * What became of one connection's outbox.
 */
export type PostView = { 
/**
 * The connection's name.
 */
connection: string, 
/**
 * Postings that the ERP booked during this run, by its own read-back.
 */
booked: number, 
/**
 * Postings that stand refused by the ERP or a rule.
 */
refused: number, 
/**
 * Postings whose outcome is not known yet.
 */
in_doubt: number, 
/**
 * Postings that wait for their turn, a retry or an approval in the ERP.
 */
waiting: number, 
/**
 * Postings that were tried as often as allowed.
 */
dead_letter: number, 
/**
 * Of what was sent during this run: the longest time from the moment at which the ledger began to be
 * looked through for it to the ERP's answer, in milliseconds. What others booked within it may not have
 * been seen.
 */
oldest_look_up_ms?: number, 
/**
 * Why the worker could not run, if it could not.
 */
code?: Code, 
/**
 * In words.
 */
message: string, };

/**
 * Everything about one posting.
 */
export type PostingDetail = { 
/**
 * The posting.
 */
posting: PostingView, 
/**
 * Its attempts, in order.
 */
attempts: Array<AttemptView>, 
/**
 * Attempts begun.
 */
tries: number, 
/**
 * Look-ups since its outcome became unknown.
 */
lookups: number, 
/**
 * Since when its outcome is unknown.
 */
doubt_since: string | null, 
/**
 * When it is tried or looked up next.
 */
next_try_at: string | null, 
/**
 * References of postings that must be booked first.
 */
waits_for: Array<string>, 
/**
 * What may be done with it now.
 */
actions: Array<ActionView>, };

/**
 * Switching posting to a connection off.
 */
export type PostingOffRequest = { 
/**
 * The connection's id or name.
 */
id: string, 
/**
 * Why.
 */
reason: string, };

/**
 * A posting in a list.
 */
export type PostingRow = { 
/**
 * Its id.
 */
id: string, 
/**
 * The exception that it settles.
 */
exception: string, 
/**
 * The document's reference.
 */
reference: string, 
/**
 * The customer's name, or the id where billing gives no name.
 */
customer: string | null, 
/**
 * Where it stands.
 */
state: PostingState, 
/**
 * The ERP connection's name.
 */
connection: string, 
/**
 * Where it comes from.
 */
origin: string, 
/**
 * Who prepared it.
 */
preparer: string | null, 
/**
 * Who approved this content.
 */
approved_by: Array<string>, 
/**
 * Whether the policy let it go, which asked for nobody's approval.
 */
released_by_policy: boolean, 
/**
 * The control amount in major units.
 */
amount: string, 
/**
 * Its currency.
 */
currency: string, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The document's own period, where it is known.
 */
own_period: string | null, 
/**
 * The period that it posts into.
 */
period: string, 
/**
 * What the rule of the policy that let it go covers; `None` where people decided or decide.
 */
rule: string | null, 
/**
 * Attempts begun.
 */
tries: number, 
/**
 * When it is tried or looked up next.
 */
next_try_at: string | null, 
/**
 * Why it stands still.
 */
failure: string | null, 
/**
 * When it was proposed.
 */
proposed_at: string, };

/** Closed: PostingState. */
export type PostingState = "proposed" | "queued" | "sending" | "in_doubt" | "booked" | "handed_over" | "settled" | "refused" | "dead_letter" | "rejected" | "cancelled";

/**
 * Whether approved postings are sent to a connection.
 */
export type PostingSwitch = { 
/**
 * never (nothing can be posted to it), observing, proposed or on.
 */
state: PostingSwitchState, 
/**
 * Since when it is on.
 */
since: string | null, 
/**
 * Who proposed what is on or waits.
 */
proposed_by: string | null, 
/**
 * Who approved it.
 */
approved_by: Array<string>, 
/**
 * The governed change that is on or waits.
 */
change: string | null, 
/**
 * The hash of the figures that it signs.
 */
hash: string | null, 
/**
 * What it still waits for, in words; empty where nothing.
 */
needs: string, 
/**
 * What may be done with it now: propose_change, approve and manage_connections (to switch it off).
 */
actions: Array<ActionView>, };

/** Closed: PostingSwitchState. */
export type PostingSwitchState = "never" | "observing" | "proposed" | "on";

/**
 * A posting: what will happen or happened, and who decided.
 */
export type PostingView = { 
/**
 * Its id.
 */
id: string, 
/**
 * The exception that it settles.
 */
exception: string, 
/**
 * The document's reference.
 */
reference: string, 
/**
 * proposed, queued, sending, in_doubt, booked, handed_over, settled, refused, dead_letter, rejected or
 * cancelled.
 */
state: PostingState, 
/**
 * The ERP connection's name.
 */
connection: string, 
/**
 * manual, policy, reroute, reversal or correction.
 */
origin: string, 
/**
 * Content version.
 */
version: number, 
/**
 * What decisions are bound to.
 */
content_hash: string, 
/**
 * Who prepared it.
 */
preparer: string | null, 
/**
 * Who approved this content.
 */
approved_by: Array<string>, 
/**
 * Whether the policy let it go, which asked for nobody's approval.
 */
released_by_policy: boolean, 
/**
 * The rule of the policy that did, in its own words.
 */
released_by_rule: string | null, 
/**
 * Approvals that the policy asks for: none, one or two.
 */
approvals_needed: string, 
/**
 * Why, in a person's words.
 */
reason: string | null, 
/**
 * The same in major units.
 */
amount: string, 
/**
 * The transaction currency.
 */
currency: string, 
/**
 * Why it stands still, where it failed: the ERP's own words.
 */
failure: string | null, 
/**
 * The code of that failure.
 */
failure_code: string | null, 
/**
 * When it was proposed.
 */
proposed_at: string, 
/**
 * Its document's own period, where it belongs, and what it posts into.
 */
periods: PeriodsView, 
/**
 * The steps.
 */
steps: Array<StepView>, };

/**
 * A window of postings, newest first.
 */
export type PostingsPage = { 
/**
 * How many the filters leave.
 */
total: number, 
/**
 * The first one's place.
 */
start: number, 
/**
 * The postings.
 */
rows: Array<PostingRow>, 
/**
 * How many there are in each state, whatever state was asked for.
 */
states: Array<StateCount>, };

/**
 * Which postings.
 */
export type PostingsRequest = { 
/**
 * In this state.
 */
state: PostingState | null, 
/**
 * To this connection, by name or id.
 */
connection: string | null, 
/**
 * Of this legal entity.
 */
entity: string | null, 
/**
 * Of documents of this period, or into it.
 */
period: string | null, 
/**
 * Containing this.
 */
search: string | null, 
/**
 * The first one's place in the list.
 */
start: number, 
/**
 * At most so many.
 */
limit: number, };

/**
 * Postings that go together.
 */
export type PostsNext = { 
/**
 * True where the next sending takes them; else they wait for an approval.
 */
ready: boolean, 
/**
 * What the rule of the policy that let them go covers; `None` where people decided or decide.
 */
rule: string | null, 
/**
 * How it is said.
 */
says: string, 
/**
 * The documents' own period; `None` where it is not known.
 */
from: string | null, 
/**
 * The period that they post into.
 */
to: string, 
/**
 * The entities.
 */
entities: Array<EntityCount>, 
/**
 * How many, and how much.
 */
load: Load, 
/**
 * Names of those who could approve; empty where nobody has to.
 */
approvers: Array<string>, 
/**
 * True where the person who acts could.
 */
yours: boolean, };

/**
 * What a dry run shows: the exact entry, its place, the checks, and what the ERP already holds.
 */
export type Preview = { 
/**
 * The steps, as they would be sent.
 */
steps: Array<StepView>, 
/**
 * The document's own period, where it belongs, and what this posts into.
 */
periods: PeriodsView, 
/**
 * Each check with its result.
 */
checks: Array<CheckView>, 
/**
 * What the ERP already holds for the reference or the keys.
 */
already_held: Array<HeldView>, 
/**
 * When the ERP was asked; `None` if it was not.
 */
looked_up_at: string | null, };

/**
 * A request that would act, to be previewed: the same, with the name of its command as `action`.
 */
export type PreviewRequest = { "action": "propose" } & ProposeRequest | { "action": "reroute" } & RerouteRequest | { "action": "replay" } & ManyRequest | { "action": "finish" } & FinishRequest | { "action": "take_back" } & HalfBookedRequest | { "action": "reverse" } & ReverseRequest;

/**
 * A file as the studio shows it.
 */
export type PreviewView = { 
/**
 * Its name.
 */
name: string, 
/**
 * How large it is, in bytes.
 */
size: number, 
/**
 * The sheets of its workbook.
 */
sheets: Array<string>, 
/**
 * The sheet that is shown.
 */
sheet: string | null, 
/**
 * How its text is encoded; none of a workbook.
 */
encoding: string | null, 
/**
 * What kind of file it is.
 */
kind: FileKind | null, 
/**
 * What it is.
 */
is: GuessView | null, 
/**
 * By which signs.
 */
signs: string, 
/**
 * What else it could be, the likeliest first.
 */
others: Array<GuessView>, 
/**
 * True where a person has to say what it is.
 */
undecided: boolean, 
/**
 * What such files are called here, where one was kept.
 */
known: string | null, 
/**
 * What the next one would be called.
 */
title: string, 
/**
 * Its columns.
 */
columns: Array<StudioColumn>, 
/**
 * The roles that a column may play.
 */
roles: Array<RoleView>, 
/**
 * What rows of their own say of the lines below them, in words.
 */
carried: string | null, 
/**
 * Whose it is.
 */
belongs: BelongsView, 
/**
 * The rows of the file.
 */
rows_read: number, 
/**
 * How many rows are shown, folded ones as one.
 */
total: number, 
/**
 * The first of `rows` among them.
 */
start: number, 
/**
 * The rows asked for.
 */
rows: Array<StudioRow>, 
/**
 * What to settle and to look at, the worst first.
 */
problems: Array<ProblemView>, 
/**
 * The control totals.
 */
controls: Array<ControlLine>, 
/**
 * What it comes to, by currency.
 */
totals: Array<FileTotal>, 
/**
 * Whether debits equal credits; nothing of billing.
 */
balanced: boolean | null, 
/**
 * How many lines an import takes.
 */
takes: number, 
/**
 * How many documents or journals those are.
 */
items: number, 
/**
 * What stays out, in words.
 */
stays_out: string | null, 
/**
 * Why nothing can be imported now.
 */
why: string | null, 
/**
 * The connection that it comes by.
 */
connection: string, 
/**
 * Of a ledger, the months of its days, of which it may be the whole.
 */
whole: WholeView | null, 
/**
 * The connection of the live ERP whose ledger it would be beside: then it is only compared.
 */
live: string | null, 
/**
 * The column map that it is read by (TOML).
 */
map: string | null, 
/**
 * SHA-256 of its bytes, hex, where it was read.
 */
sha256: string | null, };

/**
 * What settles a problem.
 */
export type ProblemAct = "leave_aside" | "right" | "say" | "use_connection";

/**
 * Something of the file that a person should know, or has to say.
 */
export type ProblemView = { 
/**
 * By which it is told from others as long as the file is the same.
 */
id: string, 
/**
 * The rows that it is about, as text; empty where it is about the whole file.
 */
rows: string, 
/**
 * The first of them.
 */
row: number | null, 
/**
 * True where it keeps something out, or the whole file.
 */
grave: boolean, 
/**
 * True where nothing is imported until it is settled.
 */
blocks: boolean, 
/**
 * What is wrong.
 */
message: string, 
/**
 * What settles it.
 */
act: ProblemAct, 
/**
 * The same as a button.
 */
label: string, 
/**
 * The field by which it is said.
 */
field: StudioField | null, };

/**
 * Event `progress`.
 */
export type ProgressEvent = { 
/**
 * The job, as the caller named it.
 */
job: string, 
/**
 * What is being done.
 */
what: string, 
/**
 * How much of it is done.
 */
done: number, 
/**
 * Out of how much, where that is known.
 */
total: number | null, };

/**
 * All rows of a currency together: nothing in every column, or the books do not net.
 */
export type ProofRow = { 
/**
 * The currency.
 */
currency: string, 
/**
 * Expected.
 */
expected: string, 
/**
 * Ledger.
 */
ledger: string, 
/**
 * Difference.
 */
difference: string, 
/**
 * Timing.
 */
timing: string, 
/**
 * To book.
 */
to_book: string, 
/**
 * Accepted.
 */
accepted: string, 
/**
 * Brought forward.
 */
brought_forward: string, 
/**
 * Unexplained.
 */
unexplained: string, 
/**
 * True where every column is nothing.
 */
nets: boolean, };

/**
 * Exceptions to prepare postings for.
 */
export type ProposeRequest = { 
/**
 * The exceptions.
 */
ids: Array<string>, 
/**
 * Why, in a person's words.
 */
reason: string | null, 
/**
 * Of an exception about entries that book many documents together: which of them is corrected, by number
 * or id. Where nobody says, it has to follow from what is booked.
 */
document?: string, };

/**
 * One thing that is proposed.
 */
export type ProposedLine = { 
/**
 * Where it stands in the table: `revenue 3`, `entity 0 accounts receivable`.
 */
place: string, 
/**
 * What it says.
 */
says: string, 
/**
 * What speaks for it.
 */
why: string, 
/**
 * False where something else could be meant.
 */
sure: boolean, 
/**
 * What it covers of what was billed in that year; empty where it is not about billed amounts.
 */
covers: Array<Share>, };

/**
 * A proposed mapping.
 */
export type ProposedMapping = { 
/**
 * What it comes to, in a sentence.
 */
says: string, 
/**
 * Each thing that is proposed; empty where nothing is to be added.
 */
lines: Array<ProposedLine>, 
/**
 * What nothing speaks for, and somebody has to say.
 */
missing: Array<string>, 
/**
 * The first day of the year that it rests on; empty where there are no documents.
 */
from: string, 
/**
 * The last.
 */
through: string, 
/**
 * Products in it.
 */
products: number, 
/**
 * Those of them that have an account.
 */
products_covered: number, 
/**
 * What of the billed amount lines without tax have an account for.
 */
covers: Array<Share>, 
/**
 * The mapping's file, with what is unsure marked in it.
 */
text: string, 
/**
 * Why the file cannot be brought in as it is; empty where it can.
 */
problem: string, 
/**
 * The same as a table, for an editor.
 */
table: MappingTable, };

/**
 * What a queue holds.
 */
export type QueueCount = { 
/**
 * Its stable name.
 */
queue: string, 
/**
 * Its name.
 */
name: string, 
/**
 * What it lists, in a sentence.
 */
about: string, 
/**
 * Open exceptions.
 */
count: number, 
/**
 * Those past their time.
 */
overdue: number, };

/**
 * Everything that stands beside the queues.
 */
export type QueueCounts = { 
/**
 * The queues.
 */
queues: Array<QueueCount>, 
/**
 * New open exceptions, each counted once: two queues may list one. The backlog is in no count but
 * its own.
 */
open: number, 
/**
 * Those past their time.
 */
overdue: number, 
/**
 * Open exceptions of the person who asks.
 */
assigned: number, 
/**
 * Those past their time.
 */
assigned_overdue: number, 
/**
 * Those that were already open when their periods closed.
 */
backlog: number, 
/**
 * Open exceptions whose posting waits for an approval.
 */
waiting_approval: number, 
/**
 * Open exceptions whose posting is in doubt.
 */
in_doubt: number, 
/**
 * Legal entities.
 */
entities: Array<string>, 
/**
 * Periods, the newest first.
 */
periods: Array<string>, 
/**
 * Currencies.
 */
currencies: Array<string>, 
/**
 * Kinds.
 */
kinds: Array<KindName>, 
/**
 * When detection last judged; none before the first time.
 */
checked_at: string | null, 
/**
 * Documents that were looked at.
 */
documents: number, 
/**
 * Entries that were looked at.
 */
entries: number, };

/**
 * An exchange rate.
 */
export type RateRow = { 
/**
 * From this currency …
 */
from: string, 
/**
 * … into this one.
 */
to: string, 
/**
 * First day.
 */
date: string, 
/**
 * The rate.
 */
rate: string, 
/**
 * Where it comes from.
 */
source?: string | null, };

/**
 * How much of the vendor's allowance a connection uses.
 */
export type RateView = { 
/**
 * Percent of the allowed rate in use now; `None` before the first call of this run.
 */
share_percent: number | null, 
/**
 * Calls under way.
 */
in_flight: number, 
/**
 * Nothing is sent before this, because the vendor asked for it.
 */
blocked_until: string | null, 
/**
 * What is allowed, in words.
 */
allowed: string, };

/**
 * A central bank's file.
 */
export type RatesRequest = { 
/**
 * The file.
 */
file: string, 
/**
 * Only rates of this day and later; by default from the last before the first document on.
 */
from?: string, };

/**
 * What a file of rates brings.
 */
export type RatesView = { 
/**
 * What the rates are called in the mapping.
 */
source: string, 
/**
 * The first day that is taken.
 */
from: string, 
/**
 * The last.
 */
through: string, 
/**
 * The pairs of currencies.
 */
pairs: Array<PairView>, 
/**
 * Pairs that are needed and that the file cannot give.
 */
missing: Array<string>, 
/**
 * How rates are rounded that had to be worked out.
 */
rounding: string, 
/**
 * How many rates are new.
 */
new: number, 
/**
 * The entities that would take their rates from this source from then on.
 */
entities: Array<string>, 
/**
 * The change that brings them; none where it was only asked, or nothing is new.
 */
change: ChangeView | null, };

/**
 * A file with a view.
 */
export type ReadViewRequest = { 
/**
 * The file.
 */
file: string, };

/**
 * A workspace that was open here.
 */
export type RecentWorkspace = { 
/**
 * The file.
 */
path: string, 
/**
 * Its name when it was last open.
 */
name: string, 
/**
 * When it was last opened, UTC.
 */
opened_at: string, 
/**
 * True when the file is not there now.
 */
missing: boolean, };

/**
 * A rejected row or item, as a command answers it.
 */
export type RejectionView = { 
/**
 * The stable code.
 */
code: string, 
/**
 * Where.
 */
place: string, 
/**
 * What is wrong and what to do.
 */
message: string, };

/**
 * In which currency totals over several are, and by which rates.
 */
export type ReportingView = { 
/**
 * The currency.
 */
currency: string, 
/**
 * From which day on the oldest of the rates holds, `YYYY-MM-DD`; `None` where none was needed.
 */
rates_of: string | null, 
/**
 * Currencies of open exceptions for which no rate is known: they are in no total over several.
 */
without_rate: Array<string>, };

/**
 * A posting placed elsewhere.
 */
export type RerouteRequest = { 
/**
 * Postings, or exceptions that have one or could have one.
 */
ids: Array<string>, 
/**
 * Book under this date.
 */
date: string | null, 
/**
 * Book into this period.
 */
period: string | null, 
/**
 * Book on other accounts, old to new.
 */
accounts: { [key in string]: string }, 
/**
 * The right entity, where the derived one is wrong.
 */
entity: string | null, 
/**
 * The corrected mapping file that derives it.
 */
mapping: string | null, 
/**
 * Why.
 */
reason: string, };

/**
 * How far one resource of a connection has been read.
 */
export type ResourceView = { 
/**
 * The resource.
 */
resource: string, 
/**
 * Everything up to this instant has been seen.
 */
complete_through: string | null, 
/**
 * The cursor from which the next sync starts, as the vendor's lists understand it.
 */
resume: string | null, 
/**
 * From when on the next sync reads what changed, where the cursor says an instant.
 */
since: string | null, 
/**
 * The same where it says a time of the vendor's own account, as the vendor writes it.
 */
since_there: string | null, 
/**
 * When the scan began that stopped before its end and goes on with the next sync.
 */
scanning_since: string | null, 
/**
 * When it was last tried.
 */
last_attempt_at: string | null, 
/**
 * Items that its kept pages listed.
 */
items: number, 
/**
 * Pages that are kept as evidence.
 */
pages: number, 
/**
 * Items kept aside because they cannot be read.
 */
rejected: number, 
/**
 * The vendor's API version, as its newest page says it.
 */
api_version: string | null, 
/**
 * The stable code of the last failure.
 */
error_code: string | null, 
/**
 * What last went wrong, in the vendor's own words.
 */
error: string | null, 
/**
 * What to do about it.
 */
advice: string | null, };

/**
 * A backup to make a workspace of.
 */
export type RestoreRequest = { 
/**
 * The backup.
 */
backup: string, 
/**
 * The workspace file to make.
 */
path: string, 
/**
 * The recovery passphrase that it was written with.
 */
recovery_passphrase: SecretText, 
/**
 * Where the secrets are kept here.
 */
backend: Backend, 
/**
 * The vault's new passphrase.
 */
passphrase: SecretText | null, };

/**
 * What a restore made.
 */
export type Restored = { 
/**
 * The workspace file.
 */
workspace: string, 
/**
 * Its id.
 */
id: string, 
/**
 * keyring or vault.
 */
secrets: string, 
/**
 * How many entries the backup's log has.
 */
entries: number, 
/**
 * With which code each person sets a new secret, told once. It counts once somebody else has confirmed
 * them. Nobody has one where the log does not hold.
 */
enrolment_codes: Array<EnrolmentCode>, 
/**
 * What is not as it should be, each in a sentence.
 */
faults: Array<string>, };

/**
 * How things stand after a restore, and what it made.
 */
export type RestoredState = { 
/**
 * How things stand: the restored workspace is open.
 */
app: AppState, 
/**
 * The codes with which its people start anew, told once, and what was found.
 */
restored: Restored, };

/**
 * A revenue account.
 */
export type RevenueRow = { 
/**
 * Entity or `*`.
 */
entity?: string, 
/**
 * Product or `*`.
 */
product: string, 
/**
 * Tax code or `*`.
 */
tax_code?: string, 
/**
 * The account.
 */
account: string, 
/**
 * at_once or over_time.
 */
recognition?: string, 
/**
 * How it is released, where otherwise than the entity's schedules say.
 */
schedule?: string | null, };

/**
 * Booked postings (or exceptions whose entries are booked) to undo.
 */
export type ReverseRequest = { 
/**
 * Postings or exceptions.
 */
ids: Array<string>, 
/**
 * Why.
 */
reason: string, };

/** Closed: Role. */
export type Role = "analyst" | "controller" | "administrator" | "auditor";

/**
 * The family of a role, which gives it its colour.
 */
export type RoleFamily = "where" | "when" | "what" | "who" | "money";

/**
 * A person and their new role.
 */
export type RoleRequest = { 
/**
 * Name or id.
 */
person: string, 
/**
 * analyst, controller, administrator or auditor.
 */
role: Role, };

/**
 * A role that a column of this kind of file may play.
 */
export type RoleView = { 
/**
 * As a column map names it.
 */
role: ColumnRole, 
/**
 * In words.
 */
label: string, 
/**
 * Its family.
 */
family: RoleFamily, };

/**
 * Where a roster is written.
 */
export type RosterExportRequest = { 
/**
 * The file.
 */
path: string, 
/**
 * In place of a file that is there.
 */
force: boolean, };

/**
 * A roster to take in.
 */
export type RosterImportRequest = { 
/**
 * The file.
 */
file: string, 
/**
 * The key that it must be signed with, hex, where its administrator told it another way.
 */
key: string | null, };

/**
 * A roster that is known here.
 */
export type RosterView = { 
/**
 * The workspace's id.
 */
workspace: string, 
/**
 * Its name.
 */
name: string, 
/**
 * True of this workspace's own.
 */
own: boolean, 
/**
 * When it was made.
 */
made_at: string, 
/**
 * The administrator who signed it.
 */
signed_by: string, 
/**
 * Their public key, hex: ask them for it, another way than the one that the file came.
 */
key: string, 
/**
 * How many people work there.
 */
people: number, 
/**
 * The hash by which packets name it.
 */
hash: string, 
/**
 * True where no earlier roster of that workspace was known here by which this one could be told.
 */
first: boolean, };

/**
 * New credentials of a connection.
 */
export type RotateRequest = { 
/**
 * The connection's id or name.
 */
id: string, 
/**
 * All its credentials by the name of their field.
 */
credentials: { [key in string]: SecretText }, };

/**
 * A rule that confirmed matches teach.
 */
export type RuleOfferView = { 
/**
 * Its id, by which it is proposed: the same pattern has the same one.
 */
id: string, 
/**
 * What it says, in a sentence.
 */
says: string, 
/**
 * How it stands in the mapping's file.
 */
rule: string, 
/**
 * The matches that teach it.
 */
matches: Array<string>, 
/**
 * The change of the mapping that would bring it and waits for an approval; none where nobody proposed
 * it.
 */
proposed: string | null, };

/**
 * Which rule to propose.
 */
export type RuleProposeRequest = { 
/**
 * The id of an offered rule.
 */
id: string, };

/**
 * A piece of a sentence.
 */
export type Said = { "text": string } | { "amount": { 
/**
 * Major units.
 */
amount: string, 
/**
 * In this currency.
 */
currency: string, } } | { "period": string } | { "instant": string };

/**
 * A file to write to the disk again.
 */
export type SaveAttachmentRequest = { 
/**
 * Its id (`fil_…`).
 */
id: string, 
/**
 * Where to write it.
 */
path: string, 
/**
 * Whether what stands there is overwritten.
 */
force: boolean, };

/**
 * A view to be saved.
 */
export type SaveViewRequest = { 
/**
 * The one it takes the place of; a new one without.
 */
id: string | null, 
/**
 * What people call it.
 */
name: string, 
/**
 * Which exceptions, and in which order.
 */
query: ExceptionQuery, 
/**
 * By what it is put into groups.
 */
group_by: GroupBy | null, 
/**
 * Its columns.
 */
columns: Array<string>, };

/**
 * A saved view.
 */
export type SavedView = { 
/**
 * Its id.
 */
id: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Which exceptions, and in which order.
 */
query: ExceptionQuery, 
/**
 * By what it is put into groups.
 */
group_by: GroupBy | null, 
/**
 * Its columns.
 */
columns: Array<string>, 
/**
 * How many exceptions it holds now; none where that cannot be said.
 */
count: number | null, };

/**
 * An account whose balance is held against revenue schedules.
 */
export type ScheduleAccount = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The deferred revenue account.
 */
account: string, 
/**
 * What its ERP calls it.
 */
account_name: string | null, };

/**
 * A page of them: those that differ first, then by what is released.
 */
export type ScheduleDocuments = { 
/**
 * How many there are.
 */
total: number, 
/**
 * The first one's place.
 */
start: number, 
/**
 * The documents' rows of the period.
 */
rows: Array<ScheduleRow>, };

/**
 * Documents whose schedules make up a period, by page.
 */
export type ScheduleDocumentsRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The deferred revenue account.
 */
account: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The period.
 */
period: string, 
/**
 * The first one's place.
 */
start: number, 
/**
 * At most so many.
 */
limit: number, };

/**
 * Deferred revenue of an entity, an account and a currency in a period: of all documents together, or of
 * one. Major units; what is owed in service is positive.
 */
export type ScheduleRow = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The deferred revenue account.
 */
account: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The period.
 */
period: string, 
/**
 * The document's reference; none of all together.
 */
document: string | null, 
/**
 * The document's id.
 */
document_id: string | null, 
/**
 * What was left at the end of the period before.
 */
opening: string, 
/**
 * What documents of this period defer.
 */
deferred: string, 
/**
 * What the schedules release in it.
 */
released: string, 
/**
 * What is left at its end.
 */
closing: string, 
/**
 * Of the closing, what says no service period.
 */
without_term: string, 
/**
 * What entries release in it; of a document, where entries name it.
 */
booked: string | null, 
/**
 * What the ledger has left at its end; none of a single document.
 */
ledger: string | null, 
/**
 * The ledger's closing less that of the schedules; of a document, what is booked less what is released.
 */
difference: string | null, 
/**
 * How it stands.
 */
state: ScheduleState, };

/** Closed: ScheduleState. */
export type ScheduleState = "agrees" | "differs" | "not_due" | "in_total";

/**
 * Which schedules.
 */
export type SchedulesRequest = { 
/**
 * Only this entity.
 */
entity: string | null, 
/**
 * Only this period; without, all of them.
 */
period: string | null, 
/**
 * Document by document, of this reference or id.
 */
document: string | null, 
/**
 * Document by document, of all.
 */
each: boolean, };

/**
 * How an entity's deferred revenue is released.
 */
export type SchedulesRow = { 
/**
 * daily, monthly, even_periods, prorated or period_rate.
 */
method: string, 
/**
 * spread, first, last or next_to_last.
 */
remainder?: string | null, 
/**
 * catch_up or prospective.
 */
credit_notes?: string | null, 
/**
 * How many days after a period's end its releases are due.
 */
due_days?: number | null, };

/**
 * Who sits at the desk.
 */
export type Seat = { 
/**
 * The person's id.
 */
id: string, 
/**
 * The person's name.
 */
name: string, 
/**
 * analyst, controller, administrator or auditor.
 */
role: Role, 
/**
 * keyring, passphrase, or not set yet.
 */
secret: string, 
/**
 * True while their own key is unlocked: decisions then need nothing more until the desk locks.
 */
unlocked: boolean, };

/**
 * A person who takes the seat.
 */
export type SeatRequest = { 
/**
 * Name or id.
 */
person: string, 
/**
 * Their own passphrase; without it they read, and are asked at their first decision.
 */
passphrase: SecretText | null, 
/**
 * The one-time code, where they set their passphrase now.
 */
enrolment_code: SecretText | null, 
/**
 * The passphrase that they set now.
 */
new_passphrase: SecretText | null, };

/**
 * A passphrase or credential in a request. It is wiped when dropped, prints as `…`, and cannot be
 * serialised.
 */
export type SecretText = string;

/**
 * A segment of every line, or those of the lines of a role.
 */
export type SegmentCell = string | { [key in string]: string };

/**
 * What a person picked: some rows, or all of a view but some.
 */
export type Selection = { 
/**
 * Their ids.
 */
ids: Array<string>, } | { 
/**
 * The query.
 */
query: ExceptionQuery, 
/**
 * The ids of those that were taken out.
 */
except: Array<string>, };

/**
 * Which selection.
 */
export type SelectionRequest = { 
/**
 * The selection.
 */
selection: Selection, };

/**
 * A selection as a whole.
 */
export type SelectionSummary = { 
/**
 * How many.
 */
count: number, 
/**
 * Their amounts by currency.
 */
sums: Array<Sum>, 
/**
 * Their amounts without signs in the reporting currency; `None` where a rate is missing.
 */
gross: string | null, };

/**
 * How the desk looks and behaves for the user of this machine.
 */
export type Settings = { 
/**
 * The colours.
 */
theme: Theme, 
/**
 * Percent, 80 to 150.
 */
text_size: number, 
/**
 * The height of rows.
 */
density: Density, 
/**
 * BCP 47 tag whose separators numbers have, whatever the language; empty follows the system.
 */
number_format: string, 
/**
 * How an amount below zero looks.
 */
negative: Negative, 
/**
 * How a date looks.
 */
date_format: DateFormat, 
/**
 * Minutes without input after which the desk locks; 0 is never.
 */
lock_after_minutes: number, 
/**
 * Whether the operating system tells what is newly yours or overdue.
 */
notifications: boolean, 
/**
 * Whether the program starts with the user's session.
 */
start_with_session: boolean, 
/**
 * Remapped shortcuts: action to key (`p`, `shift+a`, `mod+k`).
 */
shortcuts: { [key in string]: string }, };

/**
 * Settles items that wait to be read.
 */
export type SettleRequest = { 
/**
 * The connection's name.
 */
connection: string, 
/**
 * The items; empty: all that wait.
 */
ids: Array<number>, 
/**
 * Why nothing more is to come of them.
 */
reason: string, };

/**
 * What became of it.
 */
export type SettledView = { 
/**
 * How many were settled.
 */
settled: number, 
/**
 * How many wait for a second person to say so too.
 */
proposed: number, 
/**
 * The same in words.
 */
message: string, };

/** Closed: Severity. */
export type Severity = "low" | "medium" | "high" | "critical";

/**
 * A part of an amount, in one currency.
 */
export type Share = { 
/**
 * The currency.
 */
currency: string, 
/**
 * The part, signs left out.
 */
part: string, 
/**
 * The whole.
 */
of: string, 
/**
 * The part in percent of the whole, rounded down to a tenth.
 */
percent: string, };

/**
 * Everything about one exception.
 */
export type ShowView = { 
/**
 * The exception itself; its `why` is the sentence.
 */
exception: ExceptionView, 
/**
 * Billing's side.
 */
billing: DocumentView | null, 
/**
 * The ledger's side.
 */
ledger: Array<HeldView>, 
/**
 * Postings that settle it, newest last.
 */
postings: Array<PostingView>, 
/**
 * Its document's own period, where it belongs, and what it posts, or would post, into.
 */
periods: PeriodsView, 
/**
 * Its history, oldest first.
 */
history: Array<EventView>, };

/**
 * Which cells are worth a look.
 */
export type Shown = "variance" | "unexplained" | "material";

/**
 * A signature under a cutover's figures.
 */
export type SignCutoverRequest = { 
/**
 * The entity's code.
 */
entity: string, 
/**
 * The hash of the figures that the person saw.
 */
content: string | null, };

/** Closed: SignOffState. */
export type SignOffState = "open" | "prepared" | "reviewed" | "suspended";

/**
 * How an account's sign-off stands.
 */
export type SignOffView = { 
/**
 * The account, or `movements`.
 */
account: string, 
/**
 * What the ERP calls it, where its chart was read.
 */
account_name: string | null, 
/**
 * How it stands.
 */
state: SignOffState, 
/**
 * What is open of it, and what is in the way, in words; empty where nothing is.
 */
needs: string, 
/**
 * The same in pieces, for a page.
 */
needs_said: Array<Said>, 
/**
 * Who prepared it.
 */
prepared_by: string | null, 
/**
 * When.
 */
prepared_at: string | null, 
/**
 * Who reviewed it.
 */
reviewed_by: string | null, 
/**
 * When.
 */
reviewed_at: string | null, 
/**
 * The hash of what would be signed now.
 */
hash: string, 
/**
 * The hash of what was signed last.
 */
signed_hash: string | null, 
/**
 * The governed change that it is, as which the log has it.
 */
change: string | null, 
/**
 * How many items it is signed over.
 */
items: number, 
/**
 * How many of them are otherwise than they were signed.
 */
moved_count: number, 
/**
 * The first of them.
 */
moved: Array<MovedView>, 
/**
 * True where what moved is clearly trivial, so that it stands.
 */
trivial: boolean, 
/**
 * What may be done with it now.
 */
actions: Array<ActionView>, };

/**
 * An account of a period to sign.
 */
export type SignRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * The account; `movements` for what moved since, and is clearly trivial.
 */
account: string, 
/**
 * The hash of what the person saw; who reviews has to give it.
 */
content: string | null, 
/**
 * The instant or date by which timing is judged; now without one.
 */
as_of: string | null, };

/**
 * The review as it was seen.
 */
export type SignReviewRequest = { 
/**
 * Its hash, as the review said it.
 */
content: string, };

/**
 * What would be signed of an account, as its text.
 */
export type SignTextView = { 
/**
 * How it stands.
 */
sign_off: SignOffView, 
/**
 * The text that is signed: its figures, and its items with their versions.
 */
text: string, };

/**
 * A signature under a review.
 */
export type SignedReview = { 
/**
 * Who reviewed.
 */
by: string, 
/**
 * When.
 */
at: string, 
/**
 * The entry of the log that holds it.
 */
entry: number, 
/**
 * SHA-256 of what they signed.
 */
content_hash: string, 
/**
 * How many people it was about.
 */
people: number, 
/**
 * How many conflicts it told of.
 */
conflicts: number, 
/**
 * False once rights or conflicts are others than those that were signed.
 */
holds: boolean, };

/**
 * Which policy is tried, and over how many closed periods of each entity.
 */
export type SimulateRequest = { 
/**
 * A policy file.
 */
file: string | null, 
/**
 * Or a policy that was brought in, by its id; the one in force without either.
 */
change: string | null, 
/**
 * So many closed periods; three where nothing is said.
 */
periods: number | null, };

/**
 * One late item.
 */
export type SimulatedItem = { 
/**
 * How people name the document.
 */
reference: string, 
/**
 * Billing's id of its customer.
 */
customer: string | null, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * invoice, credit_note, payment or refund.
 */
kind: string, 
/**
 * The document's date.
 */
dated: string, 
/**
 * When it was final in billing.
 */
arrived: string | null, 
/**
 * The period of its date.
 */
own: string, 
/**
 * The document's amount, major units.
 */
amount: string, 
/**
 * Its currency.
 */
currency: string, 
/**
 * What counts in limits: its gross amount in the entity's functional currency, major units.
 */
gross: string, 
/**
 * That currency.
 */
functional_currency: string, 
/**
 * True where it waits now; false where it was booked, or is about to be.
 */
waits: boolean, 
/**
 * The rule that takes it.
 */
rule: string | null, 
/**
 * The period that it would go into; `None` where it is held.
 */
goes: string | null, 
/**
 * Where it went, or would go by the policy in force; `None` where it is held.
 */
went: string | null, 
/**
 * True where that is not the same.
 */
elsewhere: boolean, 
/**
 * In a sentence.
 */
says: string, };

/**
 * What would have been sent out of one period.
 */
export type SimulatedPeriod = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period of the documents' own dates.
 */
period: string, 
/**
 * How many a rule would have sent into another period.
 */
count: number, 
/**
 * Their amounts.
 */
sums: Array<SimulatedSum>, };

/**
 * What one rule, or none, would have taken.
 */
export type SimulatedRule = { 
/**
 * Its name; `None` for what no rule takes.
 */
rule: string | null, 
/**
 * What it says.
 */
says: string, 
/**
 * own_period, next_open, hold or reopen.
 */
action: LateActionName, 
/**
 * How many items.
 */
count: number, 
/**
 * How many of them went, or would go, elsewhere without this policy.
 */
elsewhere: number, 
/**
 * Their amounts.
 */
sums: Array<SimulatedSum>, };

/**
 * Amounts of one currency.
 */
export type SimulatedSum = { 
/**
 * The currency.
 */
currency: string, 
/**
 * How many documents.
 */
count: number, 
/**
 * Their amounts without sign, major units.
 */
amount: string, };

/**
 * What a policy would have made of the late items.
 */
export type Simulation = { 
/**
 * SHA-256 of the policy's text.
 */
policy: string, 
/**
 * As of when.
 */
at: string, 
/**
 * Over how many closed periods of each entity.
 */
periods: number, 
/**
 * How many items there were.
 */
count: number, 
/**
 * How many of them would have gone elsewhere.
 */
elsewhere: number, 
/**
 * By rule, in the policy's order, and last what no rule takes.
 */
rules: Array<SimulatedRule>, 
/**
 * By entity and period of the documents' own dates: what a rule would have sent elsewhere than there.
 */
by_period: Array<SimulatedPeriod>, 
/**
 * Each item, in the order in which they came.
 */
items: Array<SimulatedItem>, };

/**
 * A period to close softly, or to have that lifted.
 */
export type SoftCloseRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * Why.
 */
reason: string, };

/**
 * One key of an order.
 */
export type SortKey = { 
/**
 * By this: due, opened, document, customer …
 */
column: "due" | "opened" | "document" | "customer" | "entity" | "period" | "dated" | "amount" | "worth" | "variance" | "severity" | "kind" | "state" | "owner" | "assignee", 
/**
 * The greatest first.
 */
descending: boolean, };

/** Closed: StateAsked. */
export type StateAsked = "open" | "in_progress" | "on_hold" | "dismissed" | "closed" | "all";

/**
 * How many postings are in one state.
 */
export type StateCount = { 
/**
 * The state.
 */
state: PostingState, 
/**
 * How many.
 */
count: number, };

/**
 * One step of a posting.
 */
export type StepView = { 
/**
 * Position, from 1.
 */
number: number, 
/**
 * The key under which the ERP holds it.
 */
key: string, 
/**
 * The ERP's id of the entry that it undoes.
 */
reverses: string | null, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The ERP's id of the entity's company, in which it is booked.
 */
entity_erp_id: string | null, 
/**
 * The customer that it names; `None` where it names nobody.
 */
customer: CustomerView | null, 
/**
 * What the connection's options add to what is sent, by the option's name.
 */
options: { [key in string]: string }, 
/**
 * The document's own date.
 */
document_date: string, 
/**
 * The date under which it is booked.
 */
posting_date: string, 
/**
 * The period into which it is booked.
 */
period: string, 
/**
 * What it takes.
 */
period_state: PeriodState, 
/**
 * The ERP's id of what it booked, once read back.
 */
erp_id: string | null, 
/**
 * The entry.
 */
lines: Array<LineView>, 
/**
 * All debits in `currency`, major units.
 */
debit_total: string, 
/**
 * All credits in `currency`, major units.
 */
credit_total: string, 
/**
 * The entity's functional currency, in which the totals are.
 */
currency: string, };

/**
 * A column of the file.
 */
export type StudioColumn = { 
/**
 * What it is called; empty where the header does not name it.
 */
heading: string, 
/**
 * The role it plays first; nothing for one that is not read.
 */
role: ColumnRole | null, 
/**
 * True where its cells are amounts, and stand at the right.
 */
money: boolean, };

/**
 * The field by which a person says what is missing.
 */
export type StudioField = "profile" | "entity" | "currency" | "dates" | "decimal" | "time_zone" | "expect" | "sheet" | "columns";

/**
 * A row as it is shown.
 */
export type StudioRow = { 
/**
 * Its number in the file; of a fold that of its first row.
 */
number: number, 
/**
 * What it is.
 */
kind: StudioRowKind, 
/**
 * What stands in its cells.
 */
cells: Array<string>, 
/**
 * What a heading above says of it.
 */
carried: string | null, 
/**
 * What is to be said of it: how far a heading reaches, how many rows are folded.
 */
note: string | null, 
/**
 * The column that keeps it aside, counted from 0.
 */
bad: number | null, };

/**
 * What a row of the file is.
 */
export type StudioRowKind = "blank" | "banner" | "header" | "account" | "heading" | "balance" | "line" | "total" | "left_out" | "aside" | "fold";

/**
 * Exceptions of one currency: how many, and their amount together as exact decimal text.
 */
export type Sum = { 
/**
 * The currency.
 */
currency: string, 
/**
 * How many.
 */
count: number, 
/**
 * Major units.
 */
amount: string, };

/**
 * What to sync.
 */
export type SyncRequest = { 
/**
 * Only this connection.
 */
connection: string | null, 
/**
 * Judge what is due as of this instant or date.
 */
as_of: string | null, 
/**
 * Read everything again.
 */
full: boolean, };

/** Closed: SyncState. */
export type SyncState = "complete" | "failed" | "cancelled";

/**
 * What became of one resource of one connection.
 */
export type SyncView = { 
/**
 * The connection's name.
 */
connection: string, 
/**
 * The resource.
 */
resource: string, 
/**
 * Pages read.
 */
pages: number, 
/**
 * Items read.
 */
items: number, 
/**
 * Items kept aside because they could not be read.
 */
rejected: number, 
/**
 * Items that are no longer there.
 */
removed: number, 
/**
 * complete, failed or cancelled.
 */
state: SyncState, 
/**
 * The failure's code.
 */
code?: string, 
/**
 * The vendor's own words.
 */
message: string, };

/** Closed: SystemRole. */
export type SystemRole = "billing" | "erp";

/**
 * A note to take back.
 */
export type TakeBackNoteRequest = { 
/**
 * The note's id.
 */
id: string, 
/**
 * Why.
 */
reason: string, };

/**
 * A task that is done, or is to be done again.
 */
export type TaskRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * The task's id.
 */
task: string, 
/**
 * What was done, and where that is to be found; why it is to be done again.
 */
note: string, 
/**
 * True where it is to be done again.
 */
again: boolean, 
/**
 * The instant or date by which tasks are overdue; now without one.
 */
as_of: string | null, };

/** Closed: TaskState. */
export type TaskState = "open" | "waiting" | "overdue" | "done";

/**
 * One task of a close.
 */
export type TaskView = { 
/**
 * Its id.
 */
id: string, 
/**
 * What is to be done.
 */
name: string, 
/**
 * Who does it.
 */
owner: string, 
/**
 * The working day of the close.
 */
working_day: number, 
/**
 * That day.
 */
due: string | null, 
/**
 * How it stands.
 */
state: TaskState, 
/**
 * The tasks before it that are not done.
 */
waits_for: Array<string>, 
/**
 * True where it asks for a note that proves it.
 */
evidence: boolean, 
/**
 * Who signed that it is done.
 */
done_by: string | null, 
/**
 * When.
 */
done_at: string | null, 
/**
 * What they noted.
 */
note: string | null, };

/**
 * The colours of the window.
 */
export type Theme = "system" | "light" | "dark" | "contrast";

/**
 * One line, debit-positive, major units.
 */
export type TieOutLineView = { 
/**
 * What it is.
 */
kind: LineKind, 
/**
 * The rule, the category, or what it is called.
 */
name: string, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The period; empty for what is carried over periods.
 */
period: string, 
/**
 * The account.
 */
account: string, 
/**
 * The sum.
 */
amount: string, 
/**
 * How many entries or documents it adds up; 0 for what is carried.
 */
count: number, };

/**
 * Which cells.
 */
export type TieOutRequest = { 
/**
 * Only this entity.
 */
entity: string | null, 
/**
 * Only this period.
 */
period: string | null, 
/**
 * Only this account.
 */
account: string | null, 
/**
 * Only this currency.
 */
currency: string | null, 
/**
 * Only where this is not zero: variance, or unexplained.
 */
show: Shown | null, 
/**
 * Detect first, as of this instant or date; without it the state as last detected is shown.
 */
as_of: string | null, };

/**
 * One cell of the tie-out, debit-positive.
 */
export type TieOutView = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The currency; no total adds two.
 */
currency: string, 
/**
 * The period.
 */
period: string, 
/**
 * The account.
 */
account: string, 
/**
 * What the ERP calls it, where its chart was read.
 */
account_name: string | null, 
/**
 * Open exceptions that touch this cell.
 */
open_exceptions: number, 
/**
 * The billing total in major units.
 */
billing: string, 
/**
 * The ledger total in major units.
 */
ledger: string, 
/**
 * The variance in major units.
 */
variance: string, 
/**
 * The unexplained part in major units.
 */
unexplained: string, 
/**
 * The corrections in major units.
 */
corrections: string, 
/**
 * What settles documents in the ledger and billing does not know (receipts that the ERP is the master
 * of), in major units.
 */
settled: string, 
/**
 * What a rule keeps out as none of this billing's business, in major units.
 */
not_ours: string, 
/**
 * What signed notes and rules explain, in major units.
 */
noted: string, 
/**
 * Differences within the tolerance, in major units.
 */
tolerated: string, 
/**
 * What lies before the cutover or is booked for opening items, in major units.
 */
opening: string, 
/**
 * The variance in the mapping's reporting currency, at the rate of the period's end, major units.
 */
reporting: string | null, 
/**
 * True where what nothing explains reaches the entity's materiality.
 */
material: boolean, 
/**
 * The explained part in major units.
 */
explained: string, 
/**
 * The part on its way in major units.
 */
in_transit: string, };

/**
 * A tolerance: in the currency of the books, or by currency.
 */
export type ToleranceCell = string | { [key in string]: string };

/**
 * One stage of a document's way.
 */
export type TrailStep = { 
/**
 * usage, contract, invoice, posting, journal or payment.
 */
stage: "usage" | "contract" | "invoice" | "posting" | "journal" | "payment", 
/**
 * What it is called.
 */
label: string, 
/**
 * What is there, in a few words.
 */
text: string | null, 
/**
 * When.
 */
at: string | null, 
/**
 * done, trouble or missing.
 */
state: "done" | "trouble" | "missing", };

/**
 * What came of trying a connection: the account, or what stands in the way of it.
 */
export type TriedView = { 
/**
 * The account, where it answered.
 */
account: AccountIdentity | null, 
/**
 * The failure's stable code, where it did not.
 */
code: string | null, 
/**
 * What is wrong: the vendor's own words, or ours of what stands between.
 */
message: string, 
/**
 * What to do about it; empty where nothing is.
 */
advice: string, };

/** Closed: Trying. */
export type Trying = "tell" | "must_answer" | "untried";

/**
 * Whether two different people can prepare and approve here.
 */
export type TwoPeople = { 
/**
 * Who is lacking, as a sentence; nothing when nobody is.
 */
lacks: string | null, };

/**
 * A total that a person typed from the report: it proves nothing.
 */
export type TypedTotal = { 
/**
 * The debits, or the sum of the documents, as it was typed.
 */
debits: string, 
/**
 * The credits.
 */
credits?: string, };

/**
 * An import to take back.
 */
export type UndoImportRequest = { 
/**
 * Its id; `last` for the newest that stands.
 */
import: string, };

/**
 * What taking it back came to.
 */
export type UndoneView = { 
/**
 * The import.
 */
import: string, 
/**
 * The file's name.
 */
file: string, 
/**
 * Documents or journals that are gone.
 */
gone: number, 
/**
 * Those that are as they were before it.
 */
restored: number, 
/**
 * The same in words.
 */
message: string, };

/**
 * A note to take back.
 */
export type UnexplainRequest = { 
/**
 * The id of the governed change that is the note.
 */
id: string, 
/**
 * Why.
 */
reason: string, };

/**
 * The desk to unlock.
 */
export type UnlockRequest = { 
/**
 * The vault's passphrase; with the keyring, the seated person's own where they have one.
 */
passphrase: SecretText | null, };

/**
 * A document that should be booked and of which the ledger holds nothing.
 */
export type UnmatchedDocumentView = { 
/**
 * Its id.
 */
id: string, 
/**
 * How people name it.
 */
reference: string, 
/**
 * The name of its billing connection.
 */
connection: string, 
/**
 * What it is.
 */
kind: DocumentKind, 
/**
 * Its customer.
 */
customer: string | null, 
/**
 * The entity.
 */
entity: string, 
/**
 * The account on which it is compared.
 */
account: string, 
/**
 * What it expects there, debit positive, major units.
 */
amount: string, 
/**
 * The transaction currency.
 */
currency: string, 
/**
 * Its date.
 */
date: string, };

/**
 * An entry that names no document, by what it holds on one account on which documents are compared.
 */
export type UnmatchedEntryView = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its number in the ERP.
 */
number: string, 
/**
 * The name of the ERP's connection.
 */
connection: string, 
/**
 * What it is in the ERP.
 */
kind: string, 
/**
 * The reference that it bears, which is no document's.
 */
reference: string | null, 
/**
 * Its text.
 */
memo: string | null, 
/**
 * Whom it is about, as the ERP calls them.
 */
counterpart: string | null, 
/**
 * The entity.
 */
entity: string, 
/**
 * The account.
 */
account: string, 
/**
 * What it holds there, debit positive, major units.
 */
amount: string, 
/**
 * The transaction currency.
 */
currency: string, 
/**
 * Its posting date.
 */
date: string, };

/**
 * Billing against the ledger on the control accounts.
 */
export type VarianceCell = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The period.
 */
period: string, 
/**
 * What billing says, major units.
 */
billing: string, 
/**
 * What was corrected: in the ledger, and cancelling out over periods.
 */
corrections: string, 
/**
 * What settles documents in the ledger and billing does not know.
 */
settled: string, 
/**
 * What the ledger holds.
 */
ledger: string, 
/**
 * Ledger minus billing, corrections and what is settled.
 */
variance: string, 
/**
 * What nothing explains.
 */
unexplained: string, 
/**
 * Share of the largest absolute variance of its currency, 0 to 1000, for drawing.
 */
weight: number, };

/**
 * One field of a vendor's form: a setting, or a credential.
 */
export type VendorField = { 
/**
 * The setting's or credential's name.
 */
name: string, 
/**
 * What the form calls it.
 */
label: string, 
/**
 * Where to find it, and what it is for.
 */
help: string, 
/**
 * True for a credential: it goes to the secrets and is never shown again.
 */
secret: boolean, 
/**
 * True where the connection cannot do without it.
 */
required: boolean, 
/**
 * What it is where nothing is given.
 */
default: string | null, 
/**
 * The only possible values, where there are few.
 */
choices: Array<string>, 
/**
 * With what it goes: it is neither asked for nor taken where another field has another value. With that
 * value a credential is required.
 */
with: FieldValue | null, };

/**
 * A vendor, and the form that connects it.
 */
export type VendorView = { 
/**
 * The stable name that `connection_add` takes.
 */
vendor: string, 
/**
 * Its name.
 */
name: string, 
/**
 * billing or erp.
 */
role: SystemRole, 
/**
 * What address is needed.
 */
url_help: string, 
/**
 * The usual address, where there is one.
 */
url_default: string | null, 
/**
 * The fields, in the order of the form.
 */
fields: Array<VendorField>, 
/**
 * Against what this adapter has been checked, and against what it has not.
 */
checked_against: string, };

/**
 * What `verify` found.
 */
export type Verified = { 
/**
 * True when everything holds.
 */
sound: boolean, 
/**
 * Entries of the log.
 */
entries: number, 
/**
 * Signed ones among them.
 */
signed: number, 
/**
 * The number up to which the log agrees with the anchor kept with the secrets.
 */
anchored_to: number | null, 
/**
 * The key with which this workspace signs its exports, hex: what `review` tells of one should be the
 * same.
 */
export_key: string, 
/**
 * What does not hold, each in a sentence.
 */
faults: Array<string>, };

/**
 * A view, and the file it goes to.
 */
export type ViewFileRequest = { 
/**
 * The view.
 */
id: string, 
/**
 * The file.
 */
path: string, };

/**
 * A view as a whole.
 */
export type ViewSummary = { 
/**
 * How many exceptions.
 */
total: number, 
/**
 * How many of them are open and past their time.
 */
overdue: number, 
/**
 * Their amounts by currency.
 */
sums: Array<Sum>, 
/**
 * Their amounts without signs in the reporting currency; `None` where a rate is missing.
 */
gross: string | null, 
/**
 * The reporting currency, where there is one.
 */
reporting: ReportingView | null, 
/**
 * Changes whenever rows may have moved.
 */
generation: number, };

/**
 * What is to be done.
 */
export type WaitKind = "approve" | "change" | "decide" | "answer" | "escalated" | "hand_over" | "confirm_file" | "override";

/**
 * An approved posting that waits to be handed over.
 */
export type WaitingView = { 
/**
 * The posting.
 */
posting: string, 
/**
 * The exception that it settles.
 */
exception: string, 
/**
 * The document's reference.
 */
reference: string, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period that it posts into.
 */
period: string, 
/**
 * The control amount in major units.
 */
amount: string, 
/**
 * Its currency.
 */
currency: string, 
/**
 * Why it cannot leave now.
 */
refusal: DeskError | null, };

/**
 * One thing that waits for the person who acts.
 */
export type WaitsForYou = { 
/**
 * What is to be done.
 */
kind: WaitKind, 
/**
 * How many.
 */
count: number, 
/**
 * Whose it is or what: a customer, or the name of a change.
 */
what: string, 
/**
 * Entities with how many of each, or none.
 */
entities: Array<[string, number]>, 
/**
 * More, in words: who proposed, what was asked.
 */
says: string, 
/**
 * Its amounts without signs per currency, major units.
 */
sums: Array<Sum>, 
/**
 * The same in the reporting currency.
 */
worth: string | null, 
/**
 * Since when it waits.
 */
since: string | null, 
/**
 * The exception to open, where it is one.
 */
exception: string | null, 
/**
 * The flow whose late items to open, where it is one.
 */
flow: string | null, };

/**
 * The months that a ledger's file may be the whole of.
 */
export type WholeView = { 
/**
 * As `replaces` of an import takes it: a month or some days.
 */
value: string, 
/**
 * In words.
 */
label: string, 
/**
 * True where the last file of this connection was the whole of its months.
 */
as_last_time: boolean, };

/**
 * What is done.
 */
export type Work = { "assign": string } | { "comment": string } | { "hold": string } | "release" | { "dismiss": string };

/**
 * Something that is done with exceptions as such.
 */
export type WorkRequest = { 
/**
 * The exceptions.
 */
ids: Array<string>, 
/**
 * What is done.
 */
work: Work, };

/**
 * The workspace on the desk.
 */
export type WorkspaceState = { 
/**
 * The file.
 */
path: string, 
/**
 * Its name.
 */
name: string, 
/**
 * True for the simulated company: only there one may be each person.
 */
demo: boolean, 
/**
 * keyring or vault.
 */
secrets: string, 
/**
 * True while the desk is locked: then its name is all that is told.
 */
locked: boolean, 
/**
 * Who sits at the desk; nobody where no person belongs to this OS account and nobody took the seat.
 */
seat: Seat | null, 
/**
 * What they may do with the workspace as a whole: manage_people, manage_connections,
 * import_files. Empty while locked.
 */
actions: Array<ActionView>, };
