//! One function per verb: arguments in, a request to the desk, the answer printed.

use std::{
    io::{self, BufRead as _, Write as _},
    path::PathBuf,
    sync::Arc,
};

use tieout_desk::{
    Desk, DeskError, DeskResult,
    change_text::ChangeMark,
    changes::ImportChangeRequest,
    connections::AddConnectionRequest,
    decide::DecideRequest,
    exceptions::{ExceptionsRequest, Work, WorkRequest},
    export::{Review, review},
    imports::{ImportFileRequest, ImportPeriodsRequest},
    log_view::LogRequest,
    people::parse_role,
    post::PostRequest,
    posting_views::PostingsRequest,
    propose::{ProposeRequest, RerouteRequest, ReverseRequest},
    secrets::Backend,
    sync::SyncRequest,
    tie_out::TieOutRequest,
    views::Outcome,
};

use crate::{
    Failure,
    args::{
        Cli, ConnectionVerb, ExceptionsArgs, ExportWhat, Format, ImportVerb, MappedFile, PersonVerb,
        RerouteArgs, SecretsArg, Verb,
    },
    bar::Bars,
    prompt,
    render::{self, number, text},
};

type Ran = Result<(), Failure>;

/// Runs the command line.
pub fn run(cli: Cli) -> Ran {
    let Cli { workspace, acting, format, no_progress, command } = cli;
    match command {
        Verb::Review { file } => return print_review(format, &review(&file)?),
        Verb::Demo { invoices, seed, keep } => {
            return Ok(tieout_desk::demo::play(invoices, seed, keep.as_deref(), &mut |line| {
                println!("{line}")
            })?);
        }
        Verb::Init { secrets, name } => {
            let path = need(workspace)?;
            let made = Desk::init(&path, backend(secrets), &name, false, &prompt::Prompt)?;
            return Ok(render::object(format, &made)?);
        }
        Verb::Restore { file, secrets } => {
            let path = need(workspace)?;
            let made = Desk::restore(&file, &path, backend(secrets), &prompt::Prompt)?;
            return Ok(render::object(format, &made)?);
        }
        _ => {}
    }
    let mut desk = Desk::open(&need(workspace)?, prompt::session(acting))?;
    if Bars::visible() && !no_progress {
        desk = desk.with_progress(Arc::new(Bars::default()));
    }
    let ran = in_workspace(&desk, format, command);
    // The log's head is kept with the secrets whether the command succeeded or was refused: both log.
    desk.anchor()?;
    ran
}

fn need(workspace: Option<PathBuf>) -> DeskResult<PathBuf> {
    workspace.ok_or_else(|| {
        DeskError::new("workspace_missing", "say which workspace: --workspace PATH, or TIEOUT_WORKSPACE")
    })
}

fn backend(secrets: SecretsArg) -> Backend {
    match secrets {
        SecretsArg::Keyring => Backend::Keyring,
        SecretsArg::Vault => Backend::Vault,
    }
}

fn in_workspace(desk: &Desk, format: Format, command: Verb) -> Ran {
    match command {
        Verb::Person(verb) => person(desk, format, verb),
        Verb::Connection(verb) => connection(desk, format, verb),
        Verb::Import(verb) => import(desk, format, verb),
        Verb::Sync { connection, as_of, full } => {
            sync(desk, format, &SyncRequest { connection, as_of, full })
        }
        Verb::Exceptions(args) => exceptions(desk, format, args),
        Verb::Show { id } if id.starts_with("chg_") => change_text(desk, format, &id),
        Verb::Show { id } => Ok(render::object(format, &desk.show(&id)?)?),
        Verb::Assign { ids, to } => work(desk, format, ids, Work::Assign(to)),
        Verb::Comment { ids, text } => work(desk, format, ids, Work::Comment(text)),
        Verb::Hold { ids, release: true, .. } => work(desk, format, ids, Work::Release),
        Verb::Hold { ids, reason, .. } => work(desk, format, ids, Work::Hold(reason.unwrap_or_default())),
        Verb::Dismiss { ids, reason } => work(desk, format, ids, Work::Dismiss(reason)),
        Verb::Propose { ids, dry_run, reason } => {
            outcomes(format, &desk.propose(&ProposeRequest { ids: given(ids)?, dry_run, reason })?)
        }
        Verb::Approve { ids } => {
            let ids = given(ids)?;
            let request = DecideRequest { ids, approve: true, reason: None, dry_run: false };
            outcomes(format, &desk.decide(&request)?)
        }
        Verb::Reject { ids, reason } => {
            let request =
                DecideRequest { ids: given(ids)?, approve: false, reason: Some(reason), dry_run: false };
            outcomes(format, &desk.decide(&request)?)
        }
        Verb::Reroute(args) => reroute(desk, format, args),
        Verb::Replay { ids, dry_run } => outcomes(format, &desk.replay(&given(ids)?, dry_run)?),
        Verb::Reverse { ids, reason, dry_run } => {
            outcomes(format, &desk.reverse(&ReverseRequest { ids: given(ids)?, reason, dry_run })?)
        }
        Verb::Post { list: true, .. } => postings(desk, format),
        Verb::Post { cancel, .. } if !cancel.is_empty() => outcomes(format, &desk.cancel(&given(cancel)?)?),
        Verb::Post { connection, wait, .. } => post(desk, format, connection, wait),
        Verb::TieOut { entity, period, account, as_of } => tie_out(
            desk,
            format,
            &TieOutRequest { entity, period, account, as_of, ..TieOutRequest::default() },
        ),
        Verb::Flows { as_of } => flows(desk, format, as_of.as_deref()),
        Verb::Verify => verify(desk, format),
        Verb::Export { what, to, force } => export(desk, what, &to, force),
        Verb::Backup { to } => {
            desk.backup(&to)?;
            eprintln!("Backed up to {}", to.display());
            Ok(())
        }
        Verb::Init { .. } | Verb::Restore { .. } | Verb::Review { .. } | Verb::Demo { .. } => Ok(()),
    }
}

/// A text is for people as it stands; for programs each line is a row.
fn change_text(desk: &Desk, format: Format, id: &str) -> Ran {
    let text = desk.change_text(id)?;
    if format != Format::Table {
        return Ok(render::rows(format, &[], &text.lines)?);
    }
    let mut out = io::stdout().lock();
    for line in &text.lines {
        let mark = match line.mark {
            ChangeMark::Same => ' ',
            ChangeMark::Added => '+',
            ChangeMark::Removed => '-',
        };
        writeln!(out, "{mark} {}", line.text)?;
    }
    if let Some(against) = &text.against {
        eprintln!("Compared with the one in force, sha256 {against}");
    }
    Ok(())
}

fn sync(desk: &Desk, format: Format, request: &SyncRequest) -> Ran {
    let report = desk.sync(request)?;
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
    let failed = report.iter().filter(|r| r.state != "complete").count();
    if failed == 0 { Ok(()) } else { Err(Failure::SomeRefused(failed)) }
}

fn flows(desk: &Desk, format: Format, as_of: Option<&str>) -> Ran {
    let columns = [
        text("name", "Flow"),
        text("start", "From"),
        text("finish", "To"),
        number("sla_hours", "Hours"),
        number("done", "Done"),
        number("in_time", "In time"),
        number("late", "Late"),
        text("note", ""),
    ];
    Ok(render::rows(format, &columns, &desk.flows(as_of)?)?)
}

fn verify(desk: &Desk, format: Format) -> Ran {
    let verified = desk.verify()?;
    render::object(format, &verified)?;
    match verified.faults.first() {
        None => Ok(()),
        Some(first) => Err(DeskError::new("log_not_sound", first.clone()).into()),
    }
}

fn person(desk: &Desk, format: Format, verb: PersonVerb) -> Ran {
    let columns = [
        text("name", "Name"),
        text("role", "Role"),
        text("os_account", "OS account"),
        text("secret", "Secret"),
        text("active", "Active"),
        text("id", "Id"),
    ];
    match verb {
        PersonVerb::Add { name, role, os_account } => {
            let role = parse_role(&role)?;
            let secret = match os_account {
                Some(_) => None,
                None => prompt::new_person_passphrase(&name),
            };
            let added = desk.add_person(&name, role, os_account.as_deref(), secret)?;
            Ok(render::object(format, &added)?)
        }
        PersonVerb::Role { person, role } => {
            Ok(render::object(format, &desk.set_role(&person, parse_role(&role)?)?)?)
        }
        PersonVerb::Remove { person } => Ok(render::object(format, &desk.remove_person(&person)?)?),
        PersonVerb::Enrol { person } => Ok(render::object(format, &desk.enrol(&person)?)?),
        PersonVerb::List => Ok(render::rows(format, &columns, &desk.people()?)?),
    }
}

fn connection(desk: &Desk, format: Format, verb: ConnectionVerb) -> Ran {
    let columns = [
        text("name", "Name"),
        text("vendor", "Vendor"),
        text("role", "Role"),
        text("mode", "Mode"),
        text("tenant", "Tenant"),
        text("complete_through", "Seen through"),
        text("last_error", "Last error"),
    ];
    match verb {
        ConnectionVerb::Add { name, vendor, url, mode, options } => {
            let settings = options.iter().map(|pair| equals(pair)).collect::<DeskResult<_>>()?;
            let credentials = std::collections::BTreeMap::new();
            let request = AddConnectionRequest { name, vendor, url, mode, settings, credentials };
            Ok(render::object(format, &desk.add_connection(&request, &prompt::credential)?)?)
        }
        ConnectionVerb::Test { name } => Ok(render::object(format, &desk.test_connection(&name)?)?),
        ConnectionVerb::Rotate { name } => {
            Ok(render::object(format, &desk.rotate_connection(&name, &prompt::credential)?)?)
        }
        ConnectionVerb::Remove { name } => Ok(render::object(format, &desk.connection_remove(&name)?)?),
        ConnectionVerb::List => Ok(render::rows(format, &columns, &desk.connections()?)?),
    }
}

fn import(desk: &Desk, format: Format, verb: ImportVerb) -> Ran {
    let change_columns = [
        text("id", "Id"),
        text("kind", "Kind"),
        text("name", "Name"),
        text("state", "State"),
        text("author", "Author"),
        text("approved_by", "Approved by"),
        text("hash", "SHA-256"),
    ];
    match verb {
        ImportVerb::Billing(mapped) => imported(format, &desk.import_billing(&file(mapped))?),
        ImportVerb::Gl(mapped) => imported(format, &desk.import_gl(&file(mapped))?),
        ImportVerb::Periods { file } => {
            imported(format, &desk.import_periods(&ImportPeriodsRequest { file })?)
        }
        ImportVerb::Mapping { file } => {
            Ok(render::object(format, &desk.import_mapping(&ImportChangeRequest { file })?)?)
        }
        ImportVerb::Policy { file } => {
            Ok(render::object(format, &desk.import_policy(&ImportChangeRequest { file })?)?)
        }
        ImportVerb::Changes => Ok(render::rows(format, &change_columns, &desk.changes()?)?),
    }
}

fn file(mapped: MappedFile) -> ImportFileRequest {
    let MappedFile { file, map, connection, as_of } = mapped;
    ImportFileRequest { file, map, connection, as_of }
}

fn imported(format: Format, report: &tieout_desk::imports::ImportView) -> Ran {
    for rejected in &report.rejections {
        eprintln!("{}: {}: {}", rejected.code, rejected.place, rejected.message);
    }
    Ok(render::object(format, report)?)
}

fn exceptions(desk: &Desk, format: Format, args: ExceptionsArgs) -> Ran {
    let request = ExceptionsRequest {
        queue: args.queue,
        kind: args.kind,
        entity: args.entity,
        period: args.period,
        state: Some(args.state),
        search: args.search,
        as_of: args.as_of,
        limit: None,
    };
    if args.groups {
        let columns = [
            text("kind", "Kind"),
            number("count", "Count"),
            number("variance", "Variance"),
            text("currency", ""),
            text("due_at", "Due"),
            text("group", "Root cause"),
        ];
        return Ok(render::rows(format, &columns, &desk.exception_groups(&request)?)?);
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
    let rows = desk.exceptions(&request)?;
    render::rows(format, &columns, &rows)?;
    if format == Format::Table {
        eprintln!("{} exceptions", rows.len());
    }
    Ok(())
}

fn work(desk: &Desk, format: Format, ids: Vec<String>, work: Work) -> Ran {
    outcomes(format, &desk.work(&WorkRequest { ids: given(ids)?, work, dry_run: false })?)
}

fn reroute(desk: &Desk, format: Format, args: RerouteArgs) -> Ran {
    let accounts = args.accounts.iter().map(|pair| equals(pair)).collect::<DeskResult<_>>()?;
    let request = RerouteRequest {
        ids: given(args.ids)?,
        date: args.date,
        period: args.period,
        accounts,
        entity: args.entity,
        mapping: args.mapping,
        reason: args.reason,
        dry_run: args.dry_run,
    };
    outcomes(format, &desk.reroute(&request)?)
}

fn post(desk: &Desk, format: Format, connection: Option<String>, wait_seconds: u32) -> Ran {
    let columns = [
        text("connection", "Connection"),
        number("booked", "Booked"),
        number("refused", "Refused"),
        number("in_doubt", "In doubt"),
        number("waiting", "Waiting"),
        number("dead_letter", "Dead letter"),
        text("message", "Message"),
    ];
    let report = desk.post(&PostRequest { connection, wait_seconds })?;
    render::rows(format, &columns, &report)?;
    let troubled = report.iter().filter(|r| r.code.is_some()).count();
    if troubled == 0 { Ok(()) } else { Err(Failure::SomeRefused(troubled)) }
}

fn postings(desk: &Desk, format: Format) -> Ran {
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
    Ok(render::rows(format, &columns, &desk.postings()?)?)
}

fn tie_out(desk: &Desk, format: Format, request: &TieOutRequest) -> Ran {
    let columns = [
        text("entity", "Entity"),
        text("currency", ""),
        text("period", "Period"),
        text("account", "Account"),
        text("account_name", "Name"),
        number("billing", "Billing"),
        number("ledger", "Ledger"),
        number("variance", "Variance"),
        number("unexplained", "Unexplained"),
        number("open_exceptions", "Open"),
    ];
    desk.detect(request.as_of.as_deref())?;
    let request = TieOutRequest { as_of: None, ..request.clone() };
    Ok(render::rows(format, &columns, &desk.tie_out(&request)?)?)
}

fn export(desk: &Desk, what: ExportWhat, to: &std::path::Path, force: bool) -> Ran {
    let rows = match what {
        ExportWhat::Exceptions => desk.export_exceptions(to, force),
        ExportWhat::TieOut => {
            desk.detect(None)?;
            desk.export_tie_out(&TieOutRequest::default(), to, force)
        }
        ExportWhat::Postings => desk.export_postings(&PostingsRequest::default(), to, force),
        ExportWhat::Log => desk.export_log(&LogRequest::default(), to, force),
    }?;
    eprintln!("{rows} rows written to {}", to.display());
    Ok(())
}

fn print_review(format: Format, review: &Review) -> Ran {
    if format == Format::Table {
        render::object(format, review)?;
        println!();
    }
    let rows: Vec<serde_json::Map<String, serde_json::Value>> = review
        .rows
        .iter()
        .map(|row| review.columns.iter().cloned().zip(row.iter().map(|c| c.clone().into())).collect())
        .collect();
    let columns: Vec<render::Column> = review
        .columns
        .iter()
        .map(|name| render::Column { field: leak(name), title: leak(name), number: false })
        .collect();
    render::rows(format, &columns, &rows)?;
    if review.unchanged {
        return Ok(());
    }
    let message = format!(
        "the rows are not those that were written at {}: somebody changed the file",
        review.written_at
    );
    Err(DeskError::new("export_changed", message).into())
}

/// Headings that are known only at run time live as long as the process, which ends with the command.
fn leak(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}

/// Ids as given, or one a line from standard input where `-` is given.
fn given(ids: Vec<String>) -> Result<Vec<String>, Failure> {
    if ids != ["-"] {
        return Ok(ids);
    }
    let lines: Vec<String> = io::stdin().lock().lines().collect::<Result<_, _>>()?;
    Ok(lines.iter().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect())
}

fn equals(pair: &str) -> DeskResult<(String, String)> {
    let split = pair.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    split.ok_or_else(|| DeskError::new("bad_pair", format!("\"{pair}\": write it as NAME=VALUE")))
}

/// Outcomes whose message says the rule and who could too, which have no column of their own.
fn said(outcomes: &[Outcome]) -> Vec<Outcome> {
    let said = |outcome: &Outcome| {
        let mut outcome = outcome.clone();
        if let Some(rule) = &outcome.rule {
            let who = render::who_could(&outcome.who_could);
            outcome.message = format!("{} (rule {rule}; who could: {who})", outcome.message);
        }
        outcome
    };
    outcomes.iter().map(said).collect()
}

fn outcomes(format: Format, outcomes: &[Outcome]) -> Ran {
    let columns = [
        text("id", "Id"),
        text("reference", "Document"),
        text("result", "Result"),
        text("code", "Code"),
        text("posting", "Posting"),
        text("message", "Message"),
    ];
    match format {
        Format::Json => render::rows(format, &columns, outcomes)?,
        Format::Table | Format::Csv => render::rows(format, &columns, &said(outcomes))?,
    }
    if format == Format::Table {
        for preview in outcomes.iter().filter_map(|o| o.preview.as_ref()) {
            render::object(format, preview)?;
        }
    }
    let refused = outcomes.iter().filter(|o| o.result == "refused").count();
    if refused == 0 { Ok(()) } else { Err(Failure::SomeRefused(refused)) }
}
