//! Part 6: whoever has the file and its key changes one thing by SQL, and leaves the log as it is: `verify`
//! tells. Each change is as clean as SQL alone can make it.

use rusqlite::Connection;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    tamper::{Forged, append_log, changed, tamper, value},
    worked::{Worked, copied},
};

/// The change is made to a copy of the worked desk, and told.
#[track_caller]
fn told(change: impl FnOnce(&Connection, &Worked)) {
    let (desk, worked) = copied();
    tamper(&desk.bench, |database| change(database, worked));
    let answer = desk.verify();
    let faults = answer["faults"].as_array().map_or(0, Vec::len);
    assert!(answer["sound"] == false && faults > 0, "verify reads it as sound: {answer}");
}

/// One statement for [`told`].
#[track_caller]
fn told_of(sql: &str) {
    told(|database, _| changed(database, sql));
}

#[test]
fn what_nobody_changed_is_sound() {
    let (desk, _) = copied();
    let answer = desk.verify();
    assert_eq!((&answer["sound"], &answer["faults"]), (&Value::from(true), &serde_json::json!([])));
    // A second look, which the first one may have logged, finds the same.
    assert_eq!(desk.verify()["sound"], true);
}

#[test]
fn a_posting_that_was_deleted_is_told() {
    told(|database, worked| {
        let seq = format!("(SELECT seq FROM posting WHERE id = '{}')", worked.settled);
        for table in ["outbox", "attempt", "posting_step"] {
            database.execute(&format!("DELETE FROM {table} WHERE posting_seq = {seq}"), []).unwrap();
        }
        changed(database, &format!("DELETE FROM posting WHERE id = '{}'", worked.settled));
    });
}

#[test]
fn a_decision_that_was_deleted_is_told() {
    told_of("DELETE FROM decision WHERE posting_id IS NOT NULL");
}

#[test]
fn an_approval_that_was_given_to_somebody_else_is_told() {
    told_of(
        "UPDATE decision SET person = (SELECT id FROM person WHERE name = 'cora')
         WHERE posting_id IS NOT NULL",
    );
}

#[test]
fn the_text_of_a_mapping_that_was_replaced_is_told() {
    told_of(
        "UPDATE change SET content = replace(content, '\"2400\"', '\"1990\"')
         WHERE kind = 'mapping' AND state = 'in_force'",
    );
}

#[test]
fn the_text_of_a_policy_that_was_replaced_together_with_its_hash_is_told() {
    told(|database, _| {
        let old: String =
            value(database, "SELECT content FROM change WHERE kind = 'policy' AND state = 'in_force'");
        let new = old.replace("approvals = \"one\"", "approvals = \"none\"");
        assert_ne!(new, old);
        let done = database.execute(
            "UPDATE change SET content = ?1, hash = ?2 WHERE kind = 'policy' AND state = 'in_force'",
            [&new, &hex::encode(Sha256::digest(new.as_bytes()))],
        );
        assert_eq!(done.unwrap(), 1);
    });
}

#[test]
fn an_approval_of_a_mapping_that_was_forged_is_told() {
    told(|database, worked| {
        changed(
            database,
            "UPDATE change SET state = 'superseded' WHERE kind = 'mapping' AND state = 'in_force'",
        );
        changed(
            database,
            &format!(
                "UPDATE change SET state = 'in_force', decided_at = proposed_at,
                   decided_by = (SELECT id FROM person WHERE name = 'carl') WHERE id = '{}'",
                worked.inert
            ),
        );
    });
}

#[test]
fn an_author_of_a_mapping_who_was_replaced_is_told() {
    told_of(
        "UPDATE change SET author = (SELECT id FROM person WHERE name = 'aud')
         WHERE kind = 'mapping' AND state = 'in_force'",
    );
}

#[test]
fn a_role_that_was_raised_is_told() {
    told_of("UPDATE person SET role = 'controller' WHERE name = 'ana'");
}

#[test]
fn a_person_who_was_added_is_told() {
    told_of(
        "INSERT INTO person (id, name, os_account, role, active, verifying_key, secret_kind, added_by,
           added_at)
         SELECT substr(id, 1, length(id) - 3) || 'aaa', 'mallory', NULL, 'controller', 1, verifying_key,
           secret_kind, added_by, added_at FROM person WHERE name = 'ana'",
    );
}

#[test]
fn a_person_who_was_brought_back_or_taken_away_is_told() {
    told_of("UPDATE person SET active = 0 WHERE name = 'cora'");
}

#[test]
fn two_people_whose_names_were_exchanged_are_told() {
    told(|database, _| {
        for (from, to) in [("ana", "nobody"), ("carl", "ana"), ("nobody", "carl")] {
            changed(database, &format!("UPDATE person SET name = '{to}' WHERE name = '{from}'"));
        }
    });
}

#[test]
fn an_os_account_that_was_given_to_another_person_is_told() {
    told_of(
        "UPDATE person SET os_account = (SELECT os_account FROM person WHERE os_account IS NOT NULL)
         WHERE name = 'carl'",
    );
}

#[test]
fn the_key_of_somebody_who_never_signed_anything_that_was_replaced_is_told() {
    told_of(
        "UPDATE person SET verifying_key = (SELECT verifying_key FROM person WHERE name = 'ana')
         WHERE name = 'olga'",
    );
}

#[test]
fn an_edit_of_a_posting_that_was_removed_is_told() {
    told(|database, worked| {
        let sql = format!(
            "DELETE FROM posting_edit WHERE posting_id = '{}'
               AND person = (SELECT id FROM person WHERE name = 'ana')",
            worked.rerouted
        );
        changed(database, &sql);
    });
}

#[test]
fn an_amount_by_which_a_posting_is_judged_that_was_lowered_is_told() {
    told(|database, worked| {
        let sql = format!("UPDATE posting SET gross_minor = 1 WHERE id = '{}'", worked.rerouted);
        changed(database, &sql);
    });
}

#[test]
fn a_basis_of_a_posting_that_was_replaced_is_told() {
    told(|database, worked| {
        let sql = format!(
            "UPDATE posting SET mapping_change = '{}' WHERE id = '{}'",
            worked.inert, worked.rerouted
        );
        changed(database, &sql);
    });
}

#[test]
fn a_state_of_a_posting_that_was_set_is_told() {
    told(|database, worked| {
        let sql = format!("UPDATE posting SET state = 'cancelled' WHERE id = '{}'", worked.rerouted);
        changed(database, &sql);
    });
}

#[test]
fn the_entry_that_a_step_says_the_erp_booked_and_was_replaced_is_told() {
    told_of("UPDATE posting_step SET erp_id = '1' WHERE erp_id IS NOT NULL");
}

#[test]
fn an_attempt_that_was_removed_is_told() {
    told_of("DELETE FROM attempt");
}

#[test]
fn what_an_attempt_came_to_that_was_changed_is_told() {
    told_of("UPDATE attempt SET outcome = 'terminal', code = 'refused', erp_id = NULL");
}

#[test]
fn an_event_of_an_exception_that_was_removed_is_told() {
    told_of("DELETE FROM exception_event WHERE what = 'comment'");
}

#[test]
fn a_comment_that_was_rewritten_is_told() {
    told_of("UPDATE exception_event SET detail = 'the customer agrees' WHERE what = 'comment'");
}

#[test]
fn an_exception_that_was_dismissed_is_told() {
    told(|database, worked| {
        // Into the cell where it belongs then; the figures of both cells are kept right.
        let of = |what: &str, id: &str| format!("(SELECT {what} FROM exception WHERE id = '{id}')");
        for (cell, sign) in [(of("cell", &worked.dismissed), "+"), (of("cell", &worked.held), "-")] {
            let amount = of("amount_minor", &worked.held);
            let sql = format!(
                "UPDATE exception_cell SET held = held {sign} 1, high = high {sign} ({amount} >> 32),
                   low = low {sign} ({amount} & 4294967295),
                   gross_high = gross_high {sign} (abs({amount}) >> 32),
                   gross_low = gross_low {sign} (abs({amount}) & 4294967295) WHERE id = {cell}"
            );
            changed(database, &sql);
        }
        let sql = format!(
            "UPDATE exception SET state = 'dismissed', live = 0, cell = {} WHERE id = '{}'",
            of("cell", &worked.dismissed),
            worked.held
        );
        changed(database, &sql);
    });
}

#[test]
fn a_dismissed_exception_that_was_deleted_is_told() {
    told(|database, worked| {
        let seq = format!("(SELECT seq FROM exception WHERE id = '{}')", worked.dismissed);
        let cell = format!("(SELECT cell FROM exception WHERE id = '{}')", worked.dismissed);
        changed(database, &format!("DELETE FROM exception_event WHERE exception_seq = {seq}"));
        changed(database, &format!("DELETE FROM exception_cell WHERE id = {cell} AND held = 1"));
        changed(database, &format!("DELETE FROM exception WHERE id = '{}'", worked.dismissed));
    });
}

#[test]
fn a_payload_that_was_replaced_is_told() {
    told_of(
        "UPDATE payload SET (size, zstd) = (SELECT o.size, o.zstd FROM payload o ORDER BY o.size LIMIT 1)
         WHERE hash = (SELECT hash FROM payload ORDER BY size DESC LIMIT 1)",
    );
}

#[test]
fn a_document_whose_amount_was_changed_is_told() {
    told(|database, worked| {
        let of = format!("(SELECT document_seq FROM posting WHERE id = '{}')", worked.rerouted);
        changed(database, &format!("UPDATE document SET total_minor = total_minor - 9000 WHERE seq = {of}"));
    });
}

#[test]
fn an_entry_of_the_ledger_whose_lines_were_changed_is_told() {
    told_of(
        "UPDATE entry_line SET transaction_minor = transaction_minor * 2,
           functional_minor = functional_minor * 2
         WHERE entry_seq = (SELECT min(seq) FROM entry)",
    );
}

#[test]
fn an_expectation_that_was_changed_is_told() {
    told_of("UPDATE expectation SET control_minor = 0, books = 0 WHERE control_minor <> 0");
}

#[test]
fn a_period_that_was_opened_again_is_told() {
    told_of(
        "UPDATE period SET status = 'open', ar_accepts = 1, gl_accepts = 1, closed_at = NULL
         WHERE key = '2026-07'",
    );
}

#[test]
fn a_connection_that_was_turned_to_another_address_is_told() {
    told_of(
        "UPDATE connection SET options = replace(options, '127.0.0.1', '10.11.12.13')
         WHERE vendor = 'netsuite'",
    );
}

#[test]
fn a_connection_that_was_made_a_live_one_is_told() {
    told_of("UPDATE connection SET mode = 'live' WHERE vendor = 'netsuite'");
}

#[test]
fn a_workspace_that_was_made_a_demo_where_everybody_is_anybody_is_told() {
    told_of("UPDATE workspace SET demo = 1");
}

#[test]
fn what_the_worker_remembers_of_a_posting_that_was_emptied_is_told() {
    told_of("UPDATE outbox SET memo = '{}' WHERE memo <> '{}'");
}

#[test]
fn a_row_kept_aside_that_was_deleted_is_told() {
    told_of("DELETE FROM rejected_item");
}

/// Appends an unsigned entry to the log, in its right place in the chain, so long after the last one.
fn append_after(database: &Connection, milliseconds: i64) {
    let last: i64 = value(database, "SELECT at FROM log ORDER BY number DESC LIMIT 1");
    let entry = Forged {
        at: last + milliseconds,
        actor: "desk",
        what: "synced",
        subject: "workspace",
        detail: r#"{"cancelled":false,"failed":0,"settled":0}"#,
    };
    append_log(database, &entry);
}

#[test]
fn times_of_the_log_that_run_backwards_are_told() {
    told(|database, _| append_after(database, -2 * 86_400_000));
}

#[test]
fn times_of_the_log_that_stand_still_or_go_on_are_sound() {
    let (desk, _) = copied();
    tamper(&desk.bench, |database| {
        append_after(database, 0);
        append_after(database, 2_000);
    });
    let answer = desk.verify();
    assert_eq!(answer["sound"], true, "{answer}");
}
