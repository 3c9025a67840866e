//! A sheet as a Parquet file, for whoever reads it with a data tool: the columns of the CSV file, typed.
//! Amounts are exact decimals, days are dates, instants are in UTC. The file's metadata says what the first
//! rows of a CSV file say, signed over the same texts.

use std::sync::Arc;

use chrono::NaiveDate;
use parquet::{
    basic::{LogicalType, Repetition, TimeUnit, Type as Physical},
    data_type::{ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};
use rust_decimal::Decimal;
use tieout_vault::ExportKey;

use crate::{
    base::{
        code::Code,
        error::{DeskError, DeskResult},
    },
    reports::sheet::{Cell, Sheet},
};

/// Digits of a decimal column: as many as sixteen bytes hold.
const PRECISION: i32 = 38;

/// Bytes of such a decimal.
const DECIMAL_BYTES: i32 = 16;

/// What a column holds.
enum Values {
    Text(Vec<ByteArray>),
    /// Unscaled, and how many digits stand behind the point.
    Decimal(Vec<i128>, u32),
    /// Days since 1970; `None` where the cell holds nothing.
    Date(Vec<Option<i32>>),
    /// Microseconds since 1970, UTC.
    At(Vec<i64>),
}

impl Values {
    /// Of these cells: what all of them are, else text.
    fn of(cells: &[&Cell]) -> Self {
        let text = || {
            let bytes = |cell: &&Cell| ByteArray::from(cell.exact().as_bytes().to_vec());
            Values::Text(cells.iter().map(bytes).collect())
        };
        match cells.iter().find(|cell| !matches!(cell, Cell::Text(text) if text.is_empty())) {
            Some(Cell::Number(_)) => decimals(cells).unwrap_or_else(text),
            Some(Cell::Date(_)) => dates(cells).unwrap_or_else(text),
            Some(Cell::At(_)) => instants(cells).unwrap_or_else(text),
            Some(Cell::Text(_) | Cell::Code(_)) | None => text(),
        }
    }

    fn column(&self, name: &str) -> Result<Type, ParquetError> {
        let (physical, logical) = match self {
            Values::Text(_) => (Physical::BYTE_ARRAY, LogicalType::String),
            Values::Decimal(_, scale) => {
                let scale = i32::try_from(*scale).unwrap_or(PRECISION);
                (Physical::FIXED_LEN_BYTE_ARRAY, LogicalType::decimal(scale, PRECISION))
            }
            Values::Date(_) => (Physical::INT32, LogicalType::Date),
            Values::At(_) => (Physical::INT64, LogicalType::timestamp(true, TimeUnit::MICROS)),
        };
        let repetition = match self {
            Values::Date(_) => Repetition::OPTIONAL,
            Values::Text(_) | Values::Decimal(..) | Values::At(_) => Repetition::REQUIRED,
        };
        let mut builder = Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_logical_type(Some(logical));
        if let Values::Decimal(_, scale) = self {
            builder = builder
                .with_length(DECIMAL_BYTES)
                .with_precision(PRECISION)
                .with_scale(i32::try_from(*scale).unwrap_or(PRECISION));
        }
        builder.build()
    }

    fn write(&self, group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>) -> Result<(), ParquetError> {
        let Some(mut column) = group.next_column()? else {
            return Err(ParquetError::General("a column too many".to_owned()));
        };
        match self {
            Values::Text(texts) => column.typed::<ByteArrayType>().write_batch(texts, None, None)?,
            Values::Decimal(numbers, _) => {
                let bytes = |number: &i128| FixedLenByteArray::from(number.to_be_bytes().to_vec());
                let all: Vec<FixedLenByteArray> = numbers.iter().map(bytes).collect();
                column.typed::<FixedLenByteArrayType>().write_batch(&all, None, None)?
            }
            Values::Date(days) => {
                let there: Vec<i16> = days.iter().map(|day| i16::from(day.is_some())).collect();
                let held: Vec<i32> = days.iter().flatten().copied().collect();
                column.typed::<Int32Type>().write_batch(&held, Some(&there), None)?
            }
            Values::At(instants) => column.typed::<Int64Type>().write_batch(instants, None, None)?,
        };
        column.close()
    }
}

fn decimals(cells: &[&Cell]) -> Option<Values> {
    let number = |cell: &&Cell| match cell {
        Cell::Number(text) => text.parse::<Decimal>().ok(),
        Cell::Text(_) | Cell::Code(_) | Cell::Date(_) | Cell::At(_) => None,
    };
    let numbers: Vec<Decimal> = cells.iter().map(number).collect::<Option<_>>()?;
    let scale = numbers.iter().map(Decimal::scale).max().unwrap_or(0);
    let unscaled =
        |number: Decimal| 10_i128.checked_pow(scale - number.scale())?.checked_mul(number.mantissa());
    Some(Values::Decimal(numbers.into_iter().map(unscaled).collect::<Option<_>>()?, scale))
}

fn dates(cells: &[&Cell]) -> Option<Values> {
    let days =
        |day: NaiveDate| i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).ok();
    let date = |cell: &&Cell| match cell {
        Cell::Date(day) => days(*day).map(Some),
        Cell::Text(text) if text.is_empty() => Some(None),
        Cell::Text(_) | Cell::Code(_) | Cell::Number(_) | Cell::At(_) => None,
    };
    Some(Values::Date(cells.iter().map(date).collect::<Option<_>>()?))
}

fn instants(cells: &[&Cell]) -> Option<Values> {
    let instant = |cell: &&Cell| match cell {
        Cell::At(at) => Some(at.timestamp_micros()),
        Cell::Text(_) | Cell::Code(_) | Cell::Number(_) | Cell::Date(_) => None,
    };
    Some(Values::At(cells.iter().map(instant).collect::<Option<_>>()?))
}

/// The file's bytes and its signature.
///
/// # Errors
/// `export_failed`.
pub(super) fn bytes(sheet: &Sheet, key: &ExportKey) -> DeskResult<(Vec<u8>, String)> {
    let failed = |e: ParquetError| DeskError::new(Code::ExportFailed, e.to_string());
    let places = sheet.fields();
    let columns: Vec<String> = places.iter().map(|at| sheet.columns[*at].field.to_owned()).collect();
    let exact = |row: &Vec<Cell>| row.iter().map(|cell| cell.exact().into_owned()).collect::<Vec<_>>();
    let mut about: Vec<Vec<String>> = sheet.about().iter().map(exact).collect();
    let proof = Sheet::proof(key, &about, &columns, &sheet.texts(&places, Cell::exact));
    let signature = proof[1][1].clone();
    about.extend(proof);
    let told = |row: &Vec<String>| KeyValue::new(row[0].clone(), row[1].clone());
    let properties =
        WriterProperties::builder().set_key_value_metadata(Some(about.iter().map(told).collect())).build();

    let cells = |at: &usize| Values::of(&sheet.rows.iter().map(|row| &row[*at]).collect::<Vec<_>>());
    let values: Vec<Values> = places.iter().map(cells).collect();
    let write = || -> Result<Vec<u8>, ParquetError> {
        let fields = values.iter().zip(&columns).map(|(of, name)| Ok(Arc::new(of.column(name)?)));
        let fields = fields.collect::<Result<Vec<_>, ParquetError>>()?;
        let schema = Type::group_type_builder(sheet.kind).with_fields(fields).build()?;
        let mut bytes = Vec::new();
        let mut file = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))?;
        let mut group = file.next_row_group()?;
        values.iter().try_for_each(|of| of.write(&mut group))?;
        group.close()?;
        file.close()?;
        Ok(bytes)
    };
    Ok((write().map_err(failed)?, signature))
}
