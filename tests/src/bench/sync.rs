//! Five connections, one of them slow: read side by side, beside each read alone.

use std::{path::Path, time::Duration, time::Instant};

use tieout_desk::{
    Context,
    base::workspace,
    intake::{connections, sync::SyncRequest},
    settlement::by_policy,
};
use tieout_sandbox::{
    company::{DEFAULT_AS_OF, Spec},
    netsuite::ServerOptions,
    serve::{Options, Sandbox},
};
use tieout_vault::Backend;

use crate::{
    figures::{Line, Outcome, Series, require},
    import::micros,
    place::Place,
    posting::{connect, passphrases, session},
};

/// How long each call to the slow one, the ERP, takes at least.
const LATENCY: Duration = Duration::from_millis(400);

/// Measures first reads in new workspaces, and a second read that finds nothing new.
///
/// # Errors
/// A sync that fails, or what went wrong.
pub fn run(place: &Place, rounds: usize) -> Outcome<Vec<Line>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let netsuite = ServerOptions { latency: LATENCY, ..ServerOptions::default() };
    let spec = Spec { seed: 11, invoices: 2_000, as_of: DEFAULT_AS_OF, fault_rate: 100 };
    let sandbox = runtime.block_on(Sandbox::start(&spec, Options { netsuite, ..Options::default() }))?;
    let [mut together, mut again, mut slow, mut sum]: [Series; 4] = Default::default();
    for _ in 0..rounds {
        let desk = desk(&place.fresh("together")?, &sandbox)?;
        together.push(read(&desk, None)?);
        again.push(read(&desk, None)?);
        let mut all = 0;
        for connection in connections::connections(&desk)? {
            let desk = self::desk(&place.fresh("alone")?, &sandbox)?;
            let took = read(&desk, Some(&connection.name))?;
            all += took;
            if connection.name == "netsuite" {
                slow.push(took);
            }
        }
        sum.push(all);
    }
    runtime.block_on(sandbox.shutdown());
    Ok(vec![
        Line::seconds("five connections for the first time, side by side", &together),
        Line::seconds("the slow one alone", &slow),
        Line::seconds("each alone, added up", &sum),
        Line::ratio("side by side over the slow one alone", &together.over(&slow)).aim("≤ 1.2"),
        Line::seconds("all five again, with nothing new", &again),
    ])
}

fn desk(folder: &Path, sandbox: &Sandbox) -> Outcome<Context> {
    let path = folder.join("w.tieoutdb");
    workspace::init(&path, Backend::Vault, "Benchmark", true, &passphrases("admin"))?;
    let desk = workspace::open(&path, session("admin", None))?;
    connect(&desk, sandbox)?;
    Ok(desk)
}

/// Microseconds that a sync takes.
fn read(desk: &Context, connection: Option<&str>) -> Outcome<u64> {
    let as_of = chrono::DateTime::from_timestamp(DEFAULT_AS_OF, 0).map(|at| at.to_rfc3339());
    let request = SyncRequest { connection: connection.map(str::to_owned), as_of, ..SyncRequest::default() };
    let start = Instant::now();
    let views = by_policy::sync(desk, &request)?;
    let took = micros(start);
    let failed = views.iter().find(|view| view.state != "complete");
    require(failed.is_none() && !views.is_empty(), || format!("{failed:?}"))?;
    Ok(took)
}
