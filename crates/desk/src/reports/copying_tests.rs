use super::*;

fn view() -> ExceptionView {
    let at = "2026-03-31T23:59:00Z".parse().unwrap();
    let text = |text: &str| text.to_owned();
    ExceptionView {
        id: text("exc_1"),
        kind: text("unposted"),
        kind_name: text("Not posted"),
        kind_gravity: tieout_domain::exception::Gravity::Routine,
        queue: text("unposted"),
        queues: Vec::new(),
        group: text("unposted:x"),
        external_ref: text("000123"),
        document: None,
        vendor_id: None,
        noun: None,
        worth: None,
        backlog: false,
        customer: Some(text("=cmd|' /C calc'!A0")),
        entity: None,
        period: Some(text("2026-03")),
        dated: Some(text("2026-03-05")),
        currency: text("GBP"),
        amount_minor: -123_456_750,
        amount: text("-1234567.50"),
        variance_minor: 0,
        variance: text("0.00"),
        severity: text("low"),
        owner: text("integration"),
        assignee: None,
        opened_at: at,
        due_at: at,
        overdue: false,
        state: text("open"),
        why: text("a <b>\tand\r\n\"c\" & d"),
        said: Vec::new(),
        in_the_way: text("AR locked"),
        gravity: tieout_domain::exception::Gravity::Blocked,
        late: None,
    }
}

fn columns(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn style(tag: &str, negative: &str, date: &str) -> CopyStyle {
    CopyStyle { number_format: tag.into(), negative: negative.into(), date_format: date.into() }
}

#[track_caller]
fn check(ids: &[&str], style: &CopyStyle, text: &str) {
    assert_eq!(clip(&[view()], &columns(ids), style, false).text, format!("{text}\r\n"));
}

#[test]
fn numbers_keep_every_digit_in_the_form_of_the_person_s_spreadsheet() {
    check(&["amount"], &style("en-GB", "minus", ""), "-1234567.50");
    check(&["amount"], &style("de-DE", "minus", ""), "-1234567,50");
    check(&["amount"], &style("de-CH", "minus", ""), "-1234567.50");
    check(&["amount"], &style("pt-BR", "parentheses", ""), "(1234567,50)");
    check(&["amount"], &style("en-ZA", "minus", ""), "-1234567,50");
    check(&["amount"], &style("", "", ""), "-1234567.50");
    let mut long = view();
    long.amount = "92233720368547758.07".into();
    let clip = clip(&[long], &columns(&["amount"]), &style("fr-FR", "minus", ""), false);
    assert_eq!(clip.text, "92233720368547758,07\r\n");
    assert!(
        clip.html.contains(r#"<td style='mso-number-format:"\@"'>92233720368547758,07</td>"#),
        "{}",
        clip.html
    );
}

#[test]
fn references_stay_text_and_dates_are_dates() {
    let clip = clip(
        &[view()],
        &columns(&["document", "dated", "amount"]),
        &style("de", "minus", "d MMM yyyy"),
        true,
    );
    assert_eq!(clip.text, "Document\tDated\tAmount\r\n000123\t2026-03-05\t-1234567,50\r\n");
    assert_eq!(clip.rows, 1);
    assert!(clip.html.contains(r#"<td style='mso-number-format:"\@"'>000123</td>"#), "{}", clip.html);
    assert!(
        clip.html.contains(r#"<td style='mso-number-format:"d\ mmm\ yyyy"'>2026-03-05</td>"#),
        "{}",
        clip.html
    );
    assert!(clip.html.contains(r#"x:num="-1234567.50">-1234567,50</td>"#), "{}", clip.html);
    check(&["dated", "due"], &style("", "", "dd/MM/yyyy"), "05/03/2026\t31/03/2026");
    check(&["dated"], &style("", "", "MM/dd/yyyy"), "03/05/2026");
}

#[test]
fn nothing_that_somebody_wrote_is_a_formula_or_breaks_the_table() {
    check(&["customer", "why"], &style("", "", ""), "'=cmd|' /C calc'!A0\ta <b> and  \"c\" & d");
    let clip = clip(&[view()], &columns(&["customer", "why"]), &style("", "", ""), false);
    assert!(clip.html.contains(">'=cmd|' /C calc'!A0</td>"), "{}", clip.html);
    assert!(clip.html.contains("a &lt;b&gt; and  &quot;c&quot; &amp; d"), "{}", clip.html);
}

#[test]
fn an_unknown_column_is_left_out() {
    check(&["document", "no such", "entity"], &style("", "", ""), "000123\t");
}
