"""The peer of the match benchmark: the same answers from DuckDB, over its own stored tables or files.

usage: match_duckdb.py books COUNT DATABASE        makes the books of tests/src/bench/books.sql, stored
       match_duckdb.py match DATABASE ANSWERS      classifies them
       match_duckdb.py files BILLING GL DATABASE ANSWERS   loads both files into the database, then classifies

Answers are CSV of external_ref and kind. Prints microseconds and the peak memory of the process in KiB; of
`files`,
the microseconds of the load and of all. Amounts are whole pennies.
"""
import resource
import sys
import time

import duckdb

BOOKS = """
CREATE TABLE document AS
SELECT i, printf('INV-%07d', i) AS reference, how, batch, minor,
  CASE how WHEN 1 THEN printf('E%02d', batch % 6) ELSE printf('E%02d', i % 6) END AS entity,
  CASE how WHEN 1 THEN DATE '2025-01-01' + CAST(batch // 6 % 365 AS INTEGER)
    ELSE make_date(2025, i * 31 % 12 + 1, i * 17 % 28 + 1) END AS day
FROM (SELECT i, CASE WHEN i % 10 < 7 THEN 0 WHEN i % 10 < 9 THEN 1 ELSE 2 END AS how,
        (i // 10 * 2 + i % 10 - 7) // 300 AS batch, i * 2654435761 % 5000000 + 100 AS minor
      FROM range(1, {count} + 1) n (i));
CREATE TABLE entry AS
SELECT i AS seq, reference, entity, day, CASE WHEN i % 1000 = 15 THEN minor - 7 ELSE minor END AS minor
FROM document WHERE how = 0 AND i % 1000 <> 5
UNION ALL
SELECT {count} + 3 * i + part, reference, entity, day,
  CASE part WHEN 2 THEN minor - minor // 8 * 2 ELSE minor // 8 END
FROM document CROSS JOIN range(3) p (part) WHERE how = 2 AND NOT (part = 2 AND i % 1000 = 29)
UNION ALL
SELECT 5 * {count} + batch, 'SUM-' || batch, min(entity), min(day),
  sum(minor) - CASE WHEN batch % 50 = 49 THEN 13 ELSE 0 END
FROM document WHERE how = 1 GROUP BY batch;
"""

ALONE = """
SELECT d.reference AS external_ref,
  CASE WHEN e.minor IS NULL THEN 'unposted' ELSE 'amount_mismatch' END AS kind
FROM document d LEFT JOIN (SELECT reference, sum(minor) AS minor FROM entry GROUP BY reference) e
  USING (reference)
WHERE {which} e.minor IS DISTINCT FROM d.minor
"""

BATCHES = """
SELECT 'daily ' || d.day || ' ' || d.entity || ' GBP' AS external_ref, 'batch_mismatch' AS kind
FROM (SELECT entity, day, sum(minor) AS minor FROM document WHERE how = 1 GROUP BY ALL) d
JOIN (SELECT entity, day, sum(minor) AS minor FROM entry WHERE starts_with(reference, 'SUM-') GROUP BY ALL) e
  USING (entity, day)
WHERE d.minor <> e.minor
"""

FILES = """
CREATE TABLE document AS
SELECT "InvoiceNo" AS reference, CAST(CAST("UnitPrice" AS DECIMAL(18, 2)) * 100 AS BIGINT) AS minor,
  CAST("InvoiceDate" AS DATE) AS day
FROM read_csv('{billing}', all_varchar = true);
CREATE TABLE line AS SELECT * FROM read_csv('{gl}', all_varchar = true);
CREATE TABLE entry AS
SELECT "Journal No" AS journal, any_value("External Ref") AS reference,
  CAST(sum(CAST(coalesce("Debit", '0') AS DECIMAL(18, 2))
    - CAST(coalesce("Credit", '0') AS DECIMAL(18, 2))) * 100 AS BIGINT) AS minor
FROM line WHERE "Account" = '1100' GROUP BY "Journal No";
CHECKPOINT;
"""


def write(db, query, answers):
    db.execute(f"COPY ({query}) TO '{answers}' (HEADER)")


def main(what, *words):
    if what == "books":
        count, database = words
        db = duckdb.connect(database)
        db.execute(BOOKS.format(count=count))
        db.execute("CHECKPOINT")
        return
    if what == "match":
        database, answers = words
        db = duckdb.connect(database)
        start = time.perf_counter()
        write(db, f"{ALONE.format(which='d.how <> 1 AND')} UNION ALL {BATCHES}", answers)
        took = [time.perf_counter() - start]
    else:
        billing, gl, database, answers = words
        start = time.perf_counter()
        db = duckdb.connect(database)
        db.execute(FILES.format(billing=billing, gl=gl))
        loaded = time.perf_counter() - start
        write(db, ALONE.format(which=""), answers)
        took = [loaded, time.perf_counter() - start]
    print(*[int(one * 1e6) for one in took], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


main(*sys.argv[1:])
