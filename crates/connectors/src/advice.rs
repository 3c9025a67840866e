//! What to do about a failed connection, by the failure's stable code, whoever the vendor is.

/// What a person can do about a failure of this code of `connection`.
#[must_use]
pub fn advice(code: &str, connection: &str) -> String {
    match code {
        "auth_failed" | "bad_credential" | "credential_missing" => format!(
            "Rotate the credentials of {connection}, then test it. The vendor shows which keys are valid."
        ),
        "rate_limited" => {
            "Nothing to do: it goes on by itself. If it lasts, other integrations use the same \
                           allowance; lower the calls at once."
                .to_owned()
        }
        "permission_missing" => {
            format!("Give the key or role of {connection} that permission at the vendor, then sync again.")
        }
        "certificate_refused" => {
            "Nothing was sent. See that the address is the vendor's own; then ask who runs it, or your IT."
                .to_owned()
        }
        "proxy_refused" => {
            "Nothing was sent. Ask your IT, with these words, to let this computer through.".to_owned()
        }
        "host_unknown" => {
            format!("Correct the address of {connection}, or bring this computer online, then sync again.")
        }
        "connect_failed" | "timed_out" | "connection_dropped" => {
            "Check network, proxy and address, then sync again. It goes on where it stopped.".to_owned()
        }
        "vendor_unavailable" | "vendor_error" => {
            "The vendor has trouble: look at its status page and sync again later; it goes on from there."
                .to_owned()
        }
        "redirected" | "bad_address" | "insecure_address" | "not_found" => {
            format!("Correct the address of {connection}: it must be the vendor's own, with https.")
        }
        "test_live_mismatch" => {
            "The account is of the other kind: use a test account here, or add a live connection.".to_owned()
        }
        "schema_drift" | "answer_too_large" => {
            "The vendor answers in another shape than this version reads. What could not be read is kept \
             aside; update Tieout, or report the drift with the kept payload."
                .to_owned()
        }
        "mapping_required" | "entity_unmapped" => {
            "Import an account mapping that knows the ERP's entities; another person approves it.".to_owned()
        }
        "setting_missing" | "setting_bad" | "bad_json" => format!(
            "Correct {connection}: remove it and add it again with the right settings, or rotate its \
             credentials where those are wrong."
        ),
        "listing_moves" => {
            "Much is being deleted there right now: sync again when it is done; it goes on from there."
                .to_owned()
        }
        _ => {
            "Read the vendor's words, mend the cause there, and sync again; it goes on from there.".to_owned()
        }
    }
}
