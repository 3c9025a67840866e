-- A company of :count documents and about as many entries, nearly all of it right: seven of ten documents are
-- booked by an entry each, two in batches of 300 that a rule of the mapping names (a connection of its own, a
-- day, an entity), one in three parts. Of every thousand one is not booked, one is booked with another
-- amount, one lacks a part; every fiftieth batch is booked with another sum. The mapping is in force before.
-- Everything derives from the document's number, so that each run, and the peer, makes the same books
-- (`tests/peers/match_duckdb.py` says it again).

INSERT INTO connection (seq, id, name, vendor, role, mode, tenant, options, added_by, added_at)
VALUES (1, 'con_1', 'billing', 'stripe', 'billing', 'test', 't', '{}', 'x', 0),
       (2, 'con_2', 'ledger', 'netsuite', 'erp', 'test', 't', '{}', 'x', 0),
       (3, 'con_3', 'shop', 'stripe', 'billing', 'test', 's', '{}', 'x', 0);
INSERT INTO sync_state (connection_seq, resource, complete_through) VALUES (2, 'entries', :now);

INSERT INTO period (entity, key, starts, ends, status, ar_accepts, gl_accepts, read_at)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 71)
SELECT printf('E%02d', i % 6), printf('2025-%02d', i / 6 + 1), printf('2025-%02d-01', i / 6 + 1),
  date(printf('2025-%02d-01', i / 6 + 1), '+1 month', '-1 day'), 'open', 1, 1, 0
FROM n;

-- How each document is booked (0: alone, 1: in a batch, 2: in parts), and its batch.
CREATE TEMP TABLE made AS
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
SELECT i, CASE WHEN i % 10 < 7 THEN 0 WHEN i % 10 < 9 THEN 1 ELSE 2 END AS how,
  (i / 10 * 2 + i % 10 - 7) / 300 AS batch, i * 2654435761 % 5000000 + 100 AS minor
FROM n;
CREATE TEMP TABLE placed AS
SELECT i, how, batch, minor,
  CASE how WHEN 1 THEN printf('E%02d', batch % 6) ELSE printf('E%02d', i % 6) END AS entity,
  CASE how WHEN 1 THEN date('2025-01-01', '+' || (batch / 6 % 365) || ' days')
    ELSE printf('2025-%02d-%02d', i * 31 % 12 + 1, i * 17 % 28 + 1) END AS day
FROM made;

INSERT INTO document (seq, id, connection_seq, kind, external_id, reference, status, date_local, currency,
  total_minor, tax_minor, customer, correlation, content_hash, version, page_seq, first_seen_at)
SELECT i, 'doc_' || i, CASE how WHEN 1 THEN 3 ELSE 1 END, 'invoice', 'in_' || i, printf('INV-%07d', i),
  'final', day, 'GBP', minor, 0, 'cus_' || (i % 20000), 'c', 'h', 1, 0, 0
FROM placed;

INSERT INTO expectation (document_seq, source, entity, document_date, period, own_period, late, currency,
  control, tax_account, control_minor, books, booked_before_minor, due_at, mapping_hash)
SELECT i, 'derived', entity, day, substr(day, 1, 7), substr(day, 1, 7), 0, 'GBP', '1100', '2200', minor, 1,
  minor, :now - 86400000, 'm'
FROM placed;
INSERT INTO expected_line (document_seq, account, amount_minor) SELECT i, '1100', minor FROM placed;
INSERT INTO expected_line (document_seq, account, amount_minor) SELECT i, '4000', 0 - minor FROM placed;

-- What books them: an entry each, three parts each (an eighth, an eighth, the rest), an entry for each batch.
CREATE TEMP TABLE booked AS
SELECT i AS seq, printf('INV-%07d', i) AS reference, entity, day,
  CASE WHEN i % 1000 = 15 THEN minor - 7 ELSE minor END AS minor
FROM placed WHERE how = 0 AND i % 1000 <> 5
UNION ALL
SELECT :count + 3 * i + p.part, printf('INV-%07d', i), entity, day,
  CASE p.part WHEN 2 THEN minor - minor / 8 * 2 ELSE minor / 8 END
FROM placed CROSS JOIN (SELECT 0 AS part UNION ALL SELECT 1 UNION ALL SELECT 2) p
WHERE how = 2 AND NOT (p.part = 2 AND i % 1000 = 29)
UNION ALL
SELECT 5 * :count + batch, 'SUM-' || batch, min(entity), min(day),
  sum(minor) - CASE WHEN batch % 50 = 49 THEN 13 ELSE 0 END
FROM placed WHERE how = 1 GROUP BY batch;

INSERT INTO entry (seq, id, connection_seq, erp_id, reference, entity, posting_date, period, status, currency,
  functional_currency, created_at, page_seq)
SELECT seq, 'ent_' || seq, 2, 'je' || seq, reference, entity, day, substr(day, 1, 7), 'booked', 'GBP', 'GBP',
  :now - 86400000, 0
FROM booked ORDER BY seq;
INSERT INTO entry_line (entry_seq, line_no, account, transaction_minor, functional_minor)
SELECT seq, 0, '1100', minor, minor FROM booked ORDER BY seq;
INSERT INTO entry_line (entry_seq, line_no, account, transaction_minor, functional_minor)
SELECT seq, 1, '4000', 0 - minor, 0 - minor FROM booked ORDER BY seq;
DROP TABLE booked;
DROP TABLE placed;
DROP TABLE made;
