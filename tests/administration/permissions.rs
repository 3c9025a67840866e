//! What the program needs at vendors, from the vendors' sheets: told by the program, and kept as a page.

use super::binary::{bare, finish, root};

#[test]
fn the_page_of_vendors_is_what_their_sheets_say() {
    let mut written = bare();
    written.args(["connection", "permissions", "--document"]);
    let now = finish(written, None).ok().stdout;
    let kept = std::fs::read_to_string(root().join("docs/vendors.md")).unwrap();
    assert!(now == kept, "write it anew: tieout connection permissions --document > docs/vendors.md");
    for part in
        ["api.stripe.com", "suitetalk.api.netsuite.com", "Make Journal Entry", "Balance transaction sources"]
    {
        assert!(now.contains(part), "{part}");
    }
}

#[test]
fn a_vendor_s_least_permissions_are_told_without_a_workspace() {
    let of = |vendor: &str| {
        let mut command = bare();
        command.args(["--format", "json", "connection", "permissions", vendor]);
        finish(command, None)
    };
    let netsuite = of("netsuite").ok().lines();
    let posts: Vec<_> = netsuite.iter().filter(|one| one["needed"] == "to post").collect();
    assert_eq!(posts.len(), 1, "{posts:?}");
    assert_eq!(
        (&posts[0]["permission"], &posts[0]["level"]),
        (&"Make Journal Entry".into(), &"create".into())
    );
    let stripe = of("stripe").ok().lines();
    assert!(stripe.iter().all(|one| one["level"] == "read"), "nothing is ever written there: {stripe:?}");
    of("sap").refused("vendor_unknown");
}
