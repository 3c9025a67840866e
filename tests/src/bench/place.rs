//! Where the benchmark finds its data and keeps its scratch files, and a desk of its own.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use tieout_desk::{
    Context, Session,
    base::workspace,
    intake::{
        import_periods::{self, ImportPeriodsRequest},
        imports::{self, ImportFileRequest, ImportLedgerRequest, ImportView},
    },
};
use tieout_vault::{Backend, Passphrase, PassphraseFor, SecretError};

use crate::figures::{Outcome, require};

/// What opens the scratch vaults. They hold public data and live as long as the run.
pub const PASSPHRASE: &str = "the passphrase of a scratch vault";

/// Data, programs and scratch.
pub struct Place {
    retail: PathBuf,
    root: PathBuf,
    /// The Python with pandas and DuckDB.
    pub python: PathBuf,
    /// `tieout`, optimised.
    pub tieout: PathBuf,
    /// Files of this run; removed at its end.
    pub scratch: tempfile::TempDir,
}

impl Place {
    /// Looks everything up.
    ///
    /// # Errors
    /// What is missing, and how to get it.
    pub fn find() -> Outcome<Self> {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let shared = std::env::var_os("TIEOUT_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
        let retail = shared.join("data/retail");
        require(retail.join("billing.csv.gz").exists(), || {
            format!("{} does not hold the retail case: set TIEOUT_SHARED", retail.display())
        })?;
        let here = std::env::current_exe()?;
        let tieout = built("tieout")?;
        let python = std::env::var_os("TIEOUT_PYTHON").map_or_else(|| "python3".into(), PathBuf::from);
        // Not /tmp, which may be memory: what is measured includes durable commits.
        let target = here.parent().unwrap_or(&root);
        let scratch = tempfile::Builder::new().prefix("bench-").tempdir_in(target)?;
        Ok(Self { retail, root, python, tieout, scratch })
    }

    /// A folder of its own.
    ///
    /// # Errors
    /// The system's.
    pub fn fresh(&self, name: &str) -> Outcome<PathBuf> {
        let folder = self.scratch.path().join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// A program of this build.
    ///
    /// # Errors
    /// That it is missing, and how to get it.
    pub fn built(&self, name: &str) -> Outcome<PathBuf> {
        built(name)
    }

    /// The folder of the UI.
    pub fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// A file of the retail case.
    pub fn retail(&self, name: &str) -> PathBuf {
        self.retail.join(name)
    }

    /// The retail case's folder.
    pub fn retail_folder(&self) -> &Path {
        &self.retail
    }

    /// A column map of the retail case: `billing` or `gl`.
    pub fn map(&self, kind: &str) -> PathBuf {
        self.root.join(format!("fixtures/maps/online-retail-{kind}.toml"))
    }

    /// A peer's Python script.
    pub fn script(&self, name: &str) -> PathBuf {
        self.root.join("tests/peers").join(name)
    }

    /// The billing file, or one of `copies` times its documents under numbers of their own. With it: how
    /// many documents and rows it has, counted here and not by Tieout.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn billing(&self, copies: u32) -> Outcome<(PathBuf, u64, u64)> {
        let original = self.retail("billing.csv.gz");
        let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(&original)?));
        let header = reader.byte_headers()?.clone();
        let records = reader.byte_records().collect::<Result<Vec<_>, _>>()?;
        let numbers: BTreeSet<&[u8]> = records.iter().filter_map(|r| r.get(0)).collect();
        let documents = numbers.len() as u64 * u64::from(copies);
        let rows = records.len() as u64 * u64::from(copies);
        if copies == 1 {
            return Ok((original, documents, rows));
        }
        let path = self.scratch.path().join(format!("billing-{copies}.csv.gz"));
        let gzip = GzEncoder::new(BufWriter::new(File::create(&path)?), Compression::fast());
        let mut writer = csv::Writer::from_writer(gzip);
        writer.write_byte_record(&header)?;
        for copy in 1..=copies {
            let tail = format!("-{copy}");
            for record in &records {
                let mut cells: Vec<Vec<u8>> = record.iter().map(<[u8]>::to_vec).collect();
                cells[0].extend_from_slice(tail.as_bytes());
                writer.write_record(&cells)?;
            }
        }
        let gzip = writer.into_inner().map_err(|e| e.to_string())?;
        gzip.finish()?.flush()?;
        Ok((path, documents, rows))
    }
}

fn passphrases(_: &PassphraseFor) -> Result<Passphrase, SecretError> {
    Ok(Passphrase::new(PASSPHRASE.to_owned()))
}

/// A new workspace in `folder`, with a vault.
///
/// # Errors
/// The desk's.
pub fn init(folder: &Path) -> Outcome<PathBuf> {
    let path = folder.join("w.tieoutdb");
    workspace::init(&path, Backend::Vault, "Benchmark", false, &passphrases)?;
    Ok(path)
}

/// The open desk over a workspace.
///
/// # Errors
/// The desk's.
pub fn open(workspace: &Path) -> Outcome<Context> {
    let session = Session { acting: None, passphrases: Box::new(passphrases), enrolment: Box::new(|_| None) };
    Ok(workspace::open(workspace, session)?)
}

/// Imports `file` by `map` as billing.
///
/// # Errors
/// The desk's.
pub fn import_billing(desk: &Context, file: &Path, map: &Path) -> Outcome<ImportView> {
    Ok(imports::import_billing(desk, &request(file, map))?)
}

/// Imports `file` by `map` as a ledger.
///
/// # Errors
/// The desk's.
pub fn import_gl(desk: &Context, file: &Path, map: &Path) -> Outcome<ImportView> {
    let request = ImportLedgerRequest { file: request(file, map), replaces: None };
    Ok(imports::import_gl(desk, &request)?)
}

/// Imports the periods.
///
/// # Errors
/// The desk's.
pub fn import_periods(desk: &Context, file: &Path) -> Outcome<()> {
    import_periods::import_periods(desk, &ImportPeriodsRequest { file: file.to_owned() })?;
    Ok(())
}

fn request(file: &Path, map: &Path) -> ImportFileRequest {
    ImportFileRequest { file: file.to_owned(), map: map.to_owned(), connection: None, as_of: None }
}

/// A program that was built with this one.
fn built(name: &str) -> Outcome<PathBuf> {
    let here = std::env::current_exe()?;
    let program = here.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    require(program.exists(), || {
        format!("{} is missing: run `cargo xtask bench`, which builds it", program.display())
    })?;
    Ok(program)
}

/// Copies a folder's files.
///
/// # Errors
/// The system's.
pub fn copy_folder(from: &Path, to: &Path) -> Outcome<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
