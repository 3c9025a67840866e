//! One function per verb: arguments in, a command of the list, the answer printed.

use std::{
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Map, Value, json};
use tieout_desk::{
    Context, DeskError, DeskResult,
    access::{
        actor,
        restoring::{self, Restored},
    },
    base::{code::Code, workspace},
    reports::review::review,
    settlement::renew::renew_postings,
};
use tieout_vault::{Backend, PassphraseFor};

use crate::{
    about,
    answers::{call, given, listed, object, rows},
    approve,
    args::{Cli, ExceptionsArgs, Format, HalfBookedArgs, RerouteArgs, SecretsArg, Verb},
    backup, bank,
    bar::Bars,
    beginning, closing, delegations, exports,
    failure::{Failure, Ran},
    handover, importing, inspecting, mapping, matching, outcomes, overrides, periods, pilot, policies,
    posting, prompt,
    render::{self, number, text},
    standing, travel, updating,
    verbs::{AttachmentVerb, ConnectionVerb, PersonVerb, SecretsVerb},
};

/// Runs the command line.
pub fn run(cli: Cli) -> Ran {
    let Cli { workspace, acting, format, no_progress, command } = cli;
    match command {
        Verb::About => return about::about(format),
        Verb::Connection(ConnectionVerb::Permissions { vendor, .. }) => {
            return about::permissions(format, vendor.as_deref());
        }
        Verb::Update(verb) => return updating::run(format, &verb),
        Verb::Inspect(args) => return inspecting::inspect(format, &args),
        Verb::Review { file, key } => return exports::print_review(format, &review(&file, key.as_deref())?),
        Verb::Backup(args) if args.to_check().is_some() => {
            let file = args.to_check().unwrap_or(Path::new(""));
            return backup::check(format, file, workspace.as_deref(), acting);
        }
        Verb::Demo { invoices, seed, keep } => {
            return Ok(tieout_demo::play(invoices, seed, keep.as_deref(), &mut |line| println!("{line}"))?);
        }
        Verb::Init { secrets, name } => {
            let path = need(workspace)?;
            let made = workspace::init(&path, backend(secrets), &name, false, &prompt::Prompt)?;
            return Ok(render::object(format, &made)?);
        }
        Verb::Restore { file, secrets } => {
            let path = need(workspace)?;
            return restore(format, &restoring::restore(&file, &path, backend(secrets), &prompt::Prompt)?);
        }
        _ => {}
    }
    let (path, session) = (need(workspace)?, prompt::session(acting));
    let mut ctx = match &command {
        Verb::Backup(_) => workspace::open_to_back_up(&path, session)?,
        _ => workspace::open(&path, session)?,
    };
    if Bars::visible() && !no_progress {
        ctx = ctx.with_progress(Arc::new(Bars::default()));
    }
    renew_postings(&ctx)?;
    let ran = in_workspace(&ctx, format, command);
    // The log's head is kept with the secrets whether the command succeeded or was refused: both log.
    workspace::anchor(&ctx)?;
    ran
}

/// What a restore made. What is not as it should be is told apart from the answer too: it is easily passed
/// over.
fn restore(format: Format, restored: &Restored) -> Ran {
    render::object(format, restored)?;
    for fault in &restored.faults {
        eprintln!("not as it should be: {fault}");
    }
    if format == Format::Table && !restored.enrolment_codes.is_empty() {
        eprintln!(
            "Give each person their code, which is told this once: with `tieout person enrol` they set a new \
             secret. It counts once somebody else has said `tieout person confirm`."
        );
    }
    Ok(())
}

fn need(workspace: Option<PathBuf>) -> DeskResult<PathBuf> {
    workspace.ok_or_else(|| {
        DeskError::new(Code::WorkspaceMissing, "say which workspace: --workspace PATH, or TIEOUT_WORKSPACE")
    })
}

fn backend(secrets: SecretsArg) -> Backend {
    match secrets {
        SecretsArg::Keyring => Backend::Keyring,
        SecretsArg::Vault => Backend::Vault,
    }
}

/// Refuses postings or governed changes, each with its own outcome.
fn reject(
    ctx: &Context,
    format: Format,
    ids: Vec<String>,
    (reason, in_place_of): (String, Option<String>),
) -> Ran {
    let ids = given(ids)?;
    let request = json!({ "ids": ids, "approve": false, "reason": reason, "in_place_of": in_place_of });
    outcomes(ctx, format, "decide", request)
}

fn in_workspace(ctx: &Context, format: Format, command: Verb) -> Ran {
    match command {
        Verb::Call { name, request } => any(ctx, format, &name, request),
        Verb::Person(verb) => person(ctx, format, verb),
        Verb::Roster(_) | Verb::Packet(_) | Verb::Binder(_) => travel::run(ctx, format, command),
        Verb::Secrets(SecretsVerb::ChangePassphrase) => change_passphrase(ctx),
        Verb::Connection(verb) => connection(ctx, format, verb),
        Verb::Import(verb) => importing::import(ctx, format, verb),
        Verb::Mapping(verb) => mapping::run(ctx, format, verb),
        Verb::Bank(verb) => bank::run(ctx, format, verb),
        Verb::Close(verb) => closing::run(ctx, format, verb),
        Verb::Match(verb) => matching::run(ctx, format, verb),
        Verb::Delegation(verb) => delegations::run(ctx, format, verb),
        Verb::Period(verb) => periods::run(ctx, format, verb),
        Verb::Override(verb) => overrides::run(ctx, format, verb),
        Verb::Policy(verb) => policies::run(ctx, format, verb),
        Verb::Sync { connection, as_of, full } => sync(ctx, format, connection, as_of, full),
        Verb::Exceptions(args) => exceptions(ctx, format, args),
        Verb::Show { id } if id.starts_with("chg_") => change_text(ctx, format, &id),
        Verb::Show { id } => object(ctx, format, "show", json!({ "id": id })),
        Verb::Assign { ids, to } => work(ctx, format, ids, json!({ "assign": to })),
        Verb::Comment { ids, text } => work(ctx, format, ids, json!({ "comment": text })),
        Verb::Attach { id, files } => attach(ctx, format, &id, &files),
        Verb::Attachment(verb) => attachment(ctx, format, verb),
        Verb::Hold { ids, release, reason } => hold(ctx, format, ids, (release, reason)),
        Verb::Dismiss { ids, reason } => work(ctx, format, ids, json!({ "dismiss": reason })),
        Verb::BookedElsewhere { ids, reason } => handover::elsewhere(ctx, format, ids, &reason),
        Verb::Handover(verb) => handover::run(ctx, format, verb),
        Verb::Propose { ids, document, dry_run, reason } => {
            let request = json!({ "ids": given(ids)?, "reason": reason, "document": document });
            act(ctx, format, "propose", request, dry_run)
        }
        Verb::Approve { ids, content, note, in_place_of } => {
            approve::approve(ctx, format, ids, content, (note, in_place_of))
        }
        Verb::Reject { ids, reason, in_place_of } => reject(ctx, format, ids, (reason, in_place_of)),
        Verb::Reroute(args) => reroute(ctx, format, args),
        Verb::Replay { ids, dry_run } => act(ctx, format, "replay", json!({ "ids": given(ids)? }), dry_run),
        Verb::Finish { sets, leave } => finish(ctx, format, sets, leave),
        Verb::TakeBack(sets) => half_booked(ctx, format, "take_back", sets),
        Verb::Reverse { ids, reason, dry_run } => reverse(ctx, format, ids, (reason, dry_run)),
        Verb::Post { list: true, .. } => postings(ctx, format),
        Verb::Post { cancel, .. } if !cancel.is_empty() => withdraw(ctx, format, cancel),
        Verb::Post { connection, wait, .. } => post(ctx, format, connection, wait),
        Verb::Cutover(verb) => beginning::cutover(ctx, format, verb),
        Verb::Explain { ids, category, note, take_back } => {
            beginning::explain(ctx, format, given(ids)?, [category, note, take_back])
        }
        Verb::TieOut { entity, period, account, as_of, lines, clearing, through } => {
            call(ctx, "refresh", json!({ "as_of": as_of }))?;
            let asked = json!({ "entity": entity, "period": period, "account": account });
            tied_out(ctx, format, (lines, clearing), through.as_ref(), asked)
        }
        Verb::Pilot(args) => pilot::pilot(ctx, format, args),
        Verb::Flows { breaches: true, from, through, .. } => standing::breaches(ctx, format, (from, through)),
        Verb::Flows { as_of, .. } => standing::flows(ctx, format, as_of),
        Verb::Verify => verify(ctx, format),
        Verb::Export { what, to, force } => exports::export(ctx, what, &to, force),
        Verb::Backup(args) => backup::run(ctx, format, &args),
        Verb::Init { .. }
        | Verb::Restore { .. }
        | Verb::About
        | Verb::Update(_)
        | Verb::Review { .. }
        | Verb::Inspect(_)
        | Verb::Demo { .. } => Ok(()),
    }
}

fn reverse(ctx: &Context, format: Format, ids: Vec<String>, (reason, dry_run): (String, bool)) -> Ran {
    act(ctx, format, "reverse", json!({ "ids": given(ids)?, "reason": reason }), dry_run)
}

fn withdraw(ctx: &Context, format: Format, postings: Vec<String>) -> Ran {
    outcomes(ctx, format, "cancel", json!({ "ids": given(postings)? }))
}

fn change_passphrase(ctx: &Context) -> Ran {
    let request = prompt::change(&PassphraseFor::Vault, &PassphraseFor::NextVault)?;
    changed(ctx, "secrets_change_passphrase", request, "The vault's passphrase was changed")
}

/// Any command of the list by its name, its request as JSON (`-`: from standard input).
fn any(ctx: &Context, format: Format, name: &str, request: Option<String>) -> Ran {
    let text = match request.as_deref() {
        None => "{}".to_owned(),
        Some("-") => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            text
        }
        Some(given) => given.to_owned(),
    };
    let request = serde_json::from_str(&text)
        .map_err(|e| DeskError::new(Code::BadRequest, format!("the request of {name} is no JSON: {e}")))?;
    match call(ctx, name, request)? {
        Value::Array(rows) => {
            render::rows(format, &[], &rows)?;
            outcomes::some_refused(&rows)
        }
        Value::Null => Ok(()),
        one => Ok(render::object(format, &one)?),
    }
}

/// The answer as an object, printed.
/// A text is for people as it stands; for programs each line is a row.
fn change_text(ctx: &Context, format: Format, id: &str) -> Ran {
    let text = call(ctx, "change_text", json!({ "id": id }))?;
    let lines = text["lines"].as_array().map_or(&[][..], Vec::as_slice);
    if format != Format::Table {
        return Ok(render::rows(format, &[], lines)?);
    }
    let mut out = io::stdout().lock();
    let says = text["says"].as_array().map_or(&[][..], Vec::as_slice);
    for sentence in says {
        writeln!(out, "{}", sentence.as_str().unwrap_or_default())?;
    }
    if !says.is_empty() {
        writeln!(out)?;
    }
    for line in lines {
        let mark = match line["mark"].as_str() {
            Some("added") => '+',
            Some("removed") => '-',
            _ => ' ',
        };
        writeln!(out, "{mark} {}", line["text"].as_str().unwrap_or_default())?;
    }
    if let Some(against) = text["against"].as_str() {
        eprintln!("Compared with the one in force, sha256 {against}");
    }
    if text["change"]["kind"] == "mapping" && text["change"]["state"] == "inert" {
        eprintln!("What it would change in the tie-out: tieout mapping preview {id}");
    }
    Ok(())
}

fn sync(ctx: &Context, format: Format, connection: Option<String>, as_of: Option<String>, full: bool) -> Ran {
    let request = json!({ "connection": connection, "as_of": as_of, "full": full });
    let report = listed(ctx, "sync", request)?;
    let columns = [
        text("connection", "Connection"),
        text("resource", "Resource"),
        number("pages", "Pages"),
        number("items", "Items"),
        number("rejected", "Rejected"),
        text("state", "State"),
        text("message", "Message"),
    ];
    render::rows(format, &columns, &report)?;
    let failed = report.iter().filter(|r| r["state"] != "complete").count();
    if failed == 0 { Ok(()) } else { Err(Failure::SomeRefused(failed)) }
}

fn verify(ctx: &Context, format: Format) -> Ran {
    let verified = call(ctx, "verify", json!({}))?;
    render::object(format, &verified)?;
    match verified["faults"][0].as_str() {
        None => Ok(()),
        Some(first) => Err(DeskError::new(Code::LogNotSound, first).into()),
    }
}

fn person(ctx: &Context, format: Format, verb: PersonVerb) -> Ran {
    let columns = [
        text("name", "Name"),
        text("role", "Role"),
        text("os_account", "OS account"),
        text("secret", "Secret"),
        text("unconfirmed", "Unconfirmed"),
        text("active", "Active"),
        text("id", "Id"),
    ];
    match verb {
        PersonVerb::Add { name, role, os_account } => {
            let passphrase = match os_account {
                Some(_) => None,
                None => prompt::new_person_passphrase(&name)?,
            };
            let request = json!({
                "name": name, "role": role, "os_account": os_account, "passphrase": passphrase,
            });
            object(ctx, format, "person_add", request)
        }
        PersonVerb::Role { person, role } => {
            object(ctx, format, "person_role", json!({ "person": person, "role": role }))
        }
        PersonVerb::Remove { person } => object(ctx, format, "person_remove", json!({ "id": person })),
        PersonVerb::Enrol { person } => object(ctx, format, "person_enrol", json!({ "id": person })),
        PersonVerb::Confirm { person } => object(ctx, format, "person_confirm", json!({ "id": person })),
        PersonVerb::ChangePassphrase => {
            let person = actor::acting_person(ctx)?.id;
            let (own, next) = (PassphraseFor::Person(person.clone()), PassphraseFor::NextPerson(person));
            let request = prompt::change(&own, &next)?;
            changed(ctx, "person_change_passphrase", request, "Your passphrase was changed")
        }
        PersonVerb::Key(verb) => travel::key(ctx, format, verb),
        PersonVerb::List => rows(ctx, format, &columns, "people", json!({})),
        PersonVerb::Review { conflicts, sign } => standing::review_access(ctx, format, conflicts, sign),
    }
}

/// Sends what is missing of half-booked sets, or leaves it with a reason.
fn finish(ctx: &Context, format: Format, sets: HalfBookedArgs, leave: Option<String>) -> Ran {
    match leave {
        Some(why) => {
            act(ctx, format, "finish", json!({ "ids": given(sets.ids)?, "leave": why }), sets.dry_run)
        }
        None => half_booked(ctx, format, "finish", sets),
    }
}

fn attachment(ctx: &Context, format: Format, verb: AttachmentVerb) -> Ran {
    match verb {
        AttachmentVerb::List { id } => {
            let columns = [
                text("id", "Id"),
                text("name", "Name"),
                number("size", "Bytes"),
                text("by", "By"),
                text("at", "At"),
            ];
            rows(ctx, format, &columns, "attachments", json!({ "id": id }))
        }
        AttachmentVerb::Save { id, to, force } => {
            object(ctx, format, "attachment_save", json!({ "id": id, "path": to, "force": force }))
        }
    }
}

/// Each file is kept or refused by itself; the first that is refused ends it, and says which were kept.
fn attach(ctx: &Context, format: Format, id: &str, files: &[PathBuf]) -> Ran {
    let mut kept = Vec::new();
    for file in files {
        match call(ctx, "attach", json!({ "id": id, "file": file })) {
            Ok(one) => kept.push(one),
            Err(refused) => {
                render::rows(format, &[], &kept)?;
                return Err(refused.into());
            }
        }
    }
    Ok(render::rows(format, &[text("id", "Id"), text("name", "Name"), text("sha256", "SHA-256")], &kept)?)
}

/// A command that answers nothing, and what it did, for people.
fn changed(ctx: &Context, name: &str, request: Value, done: &str) -> Ran {
    call(ctx, name, request)?;
    eprintln!("{done}");
    Ok(())
}

fn connection(ctx: &Context, format: Format, verb: ConnectionVerb) -> Ran {
    let columns = [
        text("name", "Name"),
        text("vendor", "Vendor"),
        text("role", "Role"),
        text("mode", "Mode"),
        text("tenant", "Tenant"),
        text("posts", "Posting"),
        text("complete_through", "Seen through"),
        text("last_error", "Last error"),
    ];
    match verb {
        ConnectionVerb::Add { name, vendor, url, mode, options, untried } => {
            let settings = options.iter().map(|pair| equals(pair)).collect::<DeskResult<Map<_, _>>>()?;
            let credentials = credentials(&wanted(ctx, &vendor, &settings)?)?;
            let request = json!({
                "name": name, "vendor": vendor, "url": url, "mode": mode,
                "settings": settings, "credentials": credentials,
                "trying": if untried { "untried" } else { "tell" },
            });
            let added = call(ctx, "connection_add", request)?;
            render::object(format, &added)?;
            let tried = &added["tried"];
            if tried["code"].is_string() {
                let says = |field: &str| tried[field].as_str().unwrap_or_default().to_owned();
                eprintln!("{name} was added, but it did not answer: {}. {}", says("message"), says("advice"));
            }
            Ok(())
        }
        ConnectionVerb::Permissions { .. } => Ok(()),
        ConnectionVerb::Test { name } => object(ctx, format, "connection_test", json!({ "id": name })),
        ConnectionVerb::Rotate { name } => {
            let known = listed(ctx, "connections", json!({}))?;
            let named = known.iter().find(|c| c["name"] == name || c["id"] == name);
            let fields = named.and_then(|c| c["credentials"].as_array()).cloned().unwrap_or_default();
            let fields: Vec<String> = fields.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            let request = json!({ "id": name, "credentials": credentials(&fields)? });
            object(ctx, format, "connection_rotate", request)
        }
        ConnectionVerb::Remove { name } => object(ctx, format, "connection_remove", json!({ "id": name })),
        ConnectionVerb::List => {
            let mut all = listed(ctx, "connections", json!({}))?;
            all.iter_mut().for_each(posting::flattened);
            Ok(render::rows(format, &columns, &all)?)
        }
        ConnectionVerb::Posting(verb) => posting::posting(ctx, format, verb),
    }
}

/// The credentials that a vendor needs with these settings, as the list of vendors says it.
fn wanted(ctx: &Context, vendor: &str, settings: &Map<String, Value>) -> DeskResult<Vec<String>> {
    let vendors = listed(ctx, "vendors", json!({}))?;
    let fields = vendors.iter().find(|v| v["vendor"] == vendor).and_then(|v| v["fields"].as_array());
    let fields = fields.cloned().unwrap_or_default();
    let value_of = |name: &str| {
        let usual = || fields.iter().find(|f| f["name"] == name).map(|f| f["default"].clone());
        settings.get(name).cloned().or_else(usual).unwrap_or_default()
    };
    let applies = |field: &Value| match field["with"]["field"].as_str() {
        Some(other) => value_of(other) == field["with"]["value"],
        None => true,
    };
    let secret = fields.iter().filter(|f| f["secret"] == true && applies(f));
    Ok(secret.filter_map(|f| f["name"].as_str()).map(str::to_owned).collect())
}

/// What was given of them; the desk says which it lacks.
fn credentials(fields: &[String]) -> DeskResult<Map<String, Value>> {
    let mut given = Map::new();
    for field in fields {
        given.extend(prompt::credential(field)?.map(|value| (field.clone(), value.into())));
    }
    Ok(given)
}

fn exceptions(ctx: &Context, format: Format, args: ExceptionsArgs) -> Ran {
    let request = json!({
        "queue": args.queue, "kind": args.kind, "entity": args.entity, "period": args.period,
        "state": args.state, "search": args.search, "as_of": args.as_of,
    });
    if args.groups {
        let columns = [
            text("kind", "Kind"),
            number("count", "Count"),
            number("variance", "Variance"),
            text("currency", ""),
            text("due_at", "Due"),
            text("group", "Root cause"),
        ];
        return rows(ctx, format, &columns, "exception_causes", request);
    }
    let columns = [
        text("id", "Id"),
        text("kind", "Kind"),
        text("external_ref", "Reference"),
        text("entity", "Entity"),
        text("period", "Period"),
        number("amount", "Amount"),
        number("variance", "Variance"),
        text("currency", ""),
        text("severity", "Severity"),
        text("state", "State"),
        text("assignee", "Assignee"),
    ];
    let rows = listed(ctx, "exceptions", request)?;
    render::rows(format, &columns, &rows)?;
    if format == Format::Table {
        eprintln!("{} exceptions", rows.len());
    }
    Ok(())
}

fn hold(ctx: &Context, format: Format, ids: Vec<String>, (release, reason): (bool, Option<String>)) -> Ran {
    let aside = json!({ "hold": reason.unwrap_or_default() });
    work(ctx, format, ids, if release { json!("release") } else { aside })
}

fn work(ctx: &Context, format: Format, ids: Vec<String>, work: Value) -> Ran {
    outcomes(ctx, format, "work", json!({ "ids": given(ids)?, "work": work }))
}

fn half_booked(ctx: &Context, format: Format, name: &str, args: HalfBookedArgs) -> Ran {
    let request = json!({ "ids": given(args.ids)?, "reason": args.reason });
    act(ctx, format, name, request, args.dry_run)
}

fn reroute(ctx: &Context, format: Format, args: RerouteArgs) -> Ran {
    let accounts = args.accounts.iter().map(|pair| equals(pair)).collect::<DeskResult<Map<_, _>>>()?;
    let request = json!({
        "ids": given(args.ids)?, "date": args.date, "period": args.period, "accounts": accounts,
        "entity": args.entity, "mapping": args.mapping, "reason": args.reason,
    });
    act(ctx, format, "reroute", request, args.dry_run)
}

fn post(ctx: &Context, format: Format, connection: Option<String>, wait: u32) -> Ran {
    let columns = [
        text("connection", "Connection"),
        number("booked", "Booked"),
        number("refused", "Refused"),
        number("in_doubt", "In doubt"),
        number("waiting", "Waiting"),
        number("dead_letter", "Dead letter"),
        text("message", "Message"),
    ];
    let report = listed(ctx, "post", json!({ "connection": connection, "wait_seconds": wait }))?;
    render::rows(format, &columns, &report)?;
    let troubled = report.iter().filter(|r| !r["code"].is_null()).count();
    if troubled == 0 { Ok(()) } else { Err(Failure::SomeRefused(troubled)) }
}

fn postings(ctx: &Context, format: Format) -> Ran {
    let columns = [
        text("id", "Id"),
        text("reference", "Reference"),
        text("state", "State"),
        number("amount", "Amount"),
        text("currency", ""),
        text("preparer", "Prepared by"),
        text("approved_by", "Approved by"),
        text("failure", "Failure"),
    ];
    rows(ctx, format, &columns, "postings", json!({}))
}

/// The tie-out, or what stands beside it.
fn tied_out(
    ctx: &Context,
    format: Format,
    (lines, clearing): (bool, bool),
    through: Option<&String>,
    asked: Value,
) -> Ran {
    match (lines, clearing) {
        (true, _) => beginning::lines(ctx, format),
        (_, true) => beginning::clearing(ctx, format, json!({ "through": through })),
        _ => tie_out(ctx, format, asked),
    }
}

fn tie_out(ctx: &Context, format: Format, request: Value) -> Ran {
    let columns = [
        text("entity", "Entity"),
        text("currency", ""),
        text("period", "Period"),
        text("account", "Account"),
        text("account_name", "Name"),
        number("billing", "Billing"),
        number("settled", "Settled"),
        number("not_ours", "Not ours"),
        number("noted", "Noted"),
        number("tolerated", "Tolerated"),
        number("opening", "Opening"),
        number("ledger", "Ledger"),
        number("variance", "Variance"),
        number("unexplained", "Unexplained"),
        number("open_exceptions", "Open"),
    ];
    rows(ctx, format, &columns, "tie_out", request)
}

fn equals(pair: &str) -> DeskResult<(String, Value)> {
    let split = pair.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().into()));
    split.ok_or_else(|| DeskError::new(Code::BadPair, format!("\"{pair}\": write it as NAME=VALUE")))
}

/// The command of this name, or a preview of what it would do.
fn act(ctx: &Context, format: Format, name: &str, mut request: Value, dry_run: bool) -> Ran {
    if !dry_run {
        return outcomes(ctx, format, name, request);
    }
    request["action"] = name.into();
    outcomes(ctx, format, "preview", request)
}

/// What became of each, printed; it ends with 1 where one was refused.
fn outcomes(ctx: &Context, format: Format, name: &str, request: Value) -> Ran {
    outcomes::print(format, &listed(ctx, name, request)?)
}
