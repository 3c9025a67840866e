//! A case of four invoices in files, small enough to be read here.
#![allow(dead_code)]

use std::path::PathBuf;

use super::binary::{Bench, Ran, root};

const BILLING: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
    1001,A,Clean,2,2011-01-05 09:00:00,5.00,17,United Kingdom\n\
    1002,B,Never posted,1,2011-01-06 09:00:00,20.00,17,United Kingdom\n\
    1003,C,Posted too low,3,2011-01-07 09:00:00,10.00,18,Germany\n\
    =2+3,D,\"A number that Excel would work out, never posted\",1,2011-01-08 09:00:00,7.50,,France\n";
const GL_HEADER: &str = "Journal No,External Ref,Entity,Posting Date,Period,Account,Account Name,\
    Debit,Credit,Currency,Memo,Status\n";
const PERIODS: &str = "Entity,Period,Starts,Ends,Status\n\
    GB01,2011-01,2011-01-01,2011-01-31,Open\n\
    EU01,2011-01,2011-01-01,2011-01-31,Open\n";

/// As of when the case is looked at.
pub const AS_OF: &str = "2011-02-28";

/// The column map of this kind (`billing`, `gl`).
pub fn map(kind: &str) -> PathBuf {
    root().join(format!("fixtures/maps/online-retail-{kind}.toml"))
}

/// The ledger's file: 1001 right, 1003 with this amount, the others missing.
pub fn ledger(amount_of_1003: &str) -> String {
    let pair = |journal: &str, reference: &str, entity: &str, amount: &str| {
        let start = format!("{journal},{reference},{entity},2011-01-10,2011-01");
        format!(
            "{start},1100,Accounts receivable,{amount},,GBP,,Posted\n\
             {start},4000,Product revenue,,{amount},GBP,,Posted\n"
        )
    };
    let (right, other) = (pair("J1", "1001", "GB01", "10.00"), pair("J3", "1003", "EU01", amount_of_1003));
    format!("{GL_HEADER}{right}{other}")
}

/// Imports this ledger.
pub fn import_ledger(bench: &Bench, amount_of_1003: &str) -> Ran {
    let gl = bench.file("gl.csv", &ledger(amount_of_1003));
    let gl = gl.to_str().unwrap().to_owned();
    bench.run(None, ["import", "gl", &gl, "--map", map("gl").to_str().unwrap(), "--as-of", AS_OF])
}

/// A workspace with the case in it.
pub fn workspace() -> Bench {
    let bench = Bench::new();
    let periods = bench.file("periods.csv", PERIODS);
    bench.run(None, ["import", "periods", periods.to_str().unwrap()]).ok();
    let billing = bench.file("billing.csv", BILLING);
    let billing = billing.to_str().unwrap();
    bench.run(None, ["import", "billing", billing, "--map", map("billing").to_str().unwrap()]).ok();
    import_ledger(&bench, "29.00").ok();
    bench
}
