-- A company of :count documents, most of them in trouble: about half are not in the ledger, a quarter lack a
-- mapping, a fifth are booked with another amount. Everything derives from the document's number, so that
-- each run makes the same file. Detection does the rest, as it does for a customer.

INSERT INTO connection (seq, id, name, vendor, role, mode, tenant, options, added_by, added_at)
VALUES (1, 'con_1', 'billing', 'stripe', 'billing', 'test', 't', '{}', 'x', 0),
       (2, 'con_2', 'ledger', 'netsuite', 'erp', 'test', 't', '{}', 'x', 0);
INSERT INTO sync_state (connection_seq, resource, complete_through) VALUES (2, 'entries', :now);

INSERT INTO period (entity, key, starts, ends, status, ar_accepts, gl_accepts, read_at)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 71)
SELECT printf('E%02d', i % 6), printf('2025-%02d', i / 6 + 1), printf('2025-%02d-01', i / 6 + 1),
  printf('2025-%02d-28', i / 6 + 1), CASE WHEN i / 6 < 9 THEN 'closed' ELSE 'open' END, i / 6 >= 9, 1, 0
FROM n;

INSERT INTO customer (id, connection_seq, external_id, name, created_at, deleted, page_seq)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19999)
SELECT 'cus_row_' || i, 1, 'cus_' || i,
  CASE i % 5 WHEN 0 THEN 'Acme ' WHEN 1 THEN 'Borealis ' WHEN 2 THEN 'Cobalt ' WHEN 3 THEN 'Delta '
    ELSE 'Ember ' END || (i * 7919 % 20000) || ' Ltd', 0, 0, 0
FROM n;

INSERT INTO document (seq, id, connection_seq, kind, external_id, reference, status, date_local, currency,
  total_minor, tax_minor, customer, correlation, content_hash, version, page_seq, first_seen_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
SELECT i, 'doc_' || i, 1, CASE WHEN i % 7 = 0 THEN 'payment' ELSE 'invoice' END, 'in_' || i,
  printf('INV-%07d', i * 7919 % 10000019), 'final',
  printf('2025-%02d-%02d', i * 31 % 12 + 1, i * 17 % 28 + 1),
  CASE WHEN i % 20 < 10 THEN 'GBP' WHEN i % 20 < 16 THEN 'EUR' WHEN i % 20 < 19 THEN 'USD' ELSE 'JPY' END,
  i * 2654435761 % 5000000 + 100, 0, 'cus_' || (i * 104729 % 20000), 'c', 'h', 1, 0, 0
FROM n;

INSERT INTO expectation (document_seq, source, entity, document_date, period, own_period, late, currency,
  control, tax_account, control_minor, books, booked_before_minor, gap_fingerprint, gap_message, due_at,
  mapping_hash)
SELECT seq, 'derived', printf('E%02d', seq % 6), date_local, substr(date_local, 1, 7),
  substr(date_local, 1, 7), seq % 13 = 0, currency,
  CASE WHEN seq % 4 = 0 THEN NULL ELSE '1100' END, '2200',
  CASE WHEN seq % 4 = 0 THEN 0 ELSE total_minor END, seq % 4 <> 0, total_minor,
  CASE WHEN seq % 4 = 0 THEN 'product:p' || (seq / 4 % 40) END,
  CASE WHEN seq % 4 = 0 THEN 'no revenue account for product “P' || (seq / 4 % 40) || '”' END,
  :now - (seq * 40503 % 31104000) * 1000, 'm'
FROM document;

INSERT INTO expected_line (document_seq, account, amount_minor)
SELECT seq, '1100', total_minor FROM document WHERE seq % 4 <> 0;
INSERT INTO expected_line (document_seq, account, amount_minor)
SELECT seq, '4000', 0 - total_minor FROM document WHERE seq % 4 <> 0;

INSERT INTO entry (seq, id, connection_seq, erp_id, reference, entity, posting_date, period, status, currency,
  functional_currency, created_at, page_seq)
SELECT seq, 'ent_' || seq, 2, 'je' || seq, reference, printf('E%02d', seq % 6), date_local,
  substr(date_local, 1, 7), 'booked', currency, currency, :now - (seq * 40503 % 31104000) * 1000, 0
FROM document WHERE seq % 5 = 1 AND seq % 4 <> 0;
INSERT INTO entry_line (entry_seq, line_no, account, transaction_minor, functional_minor)
SELECT d.seq, 0, '1100', d.total_minor - 7, 0 FROM document d WHERE d.seq % 5 = 1 AND d.seq % 4 <> 0;
INSERT INTO entry_line (entry_seq, line_no, account, transaction_minor, functional_minor)
SELECT d.seq, 1, '4000', 7 - d.total_minor, 0 FROM document d WHERE d.seq % 5 = 1 AND d.seq % 4 <> 0;
