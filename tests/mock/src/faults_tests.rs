//! The table of faults and its text form.

use super::*;

#[test]
fn each_row_and_parameter_survives_its_text_form() {
    for row in FAULTS {
        let bare: Fault = row.name.parse().expect(row.name);
        assert_eq!(
            (bare.row(), Fault::new(row.kind)),
            (row, bare.clone()),
            "two rows share a kind or a name"
        );
        for param in row.params {
            let value = param.default.unwrap_or("7");
            let fault = bare.clone().with(param.name, value).expect("a default conforms");
            assert_eq!(fault.to_string().parse(), Ok(fault.clone()));
            assert_eq!(fault.text(param.name), Some(value));
        }
    }
}

#[test]
fn a_value_after_the_name_sets_the_first_parameter() {
    let date = "status = 503 ; retry_after=Wed, 21 Oct 2015 07:28:00 GMT;body=html;";
    let fault: Fault = date.parse().unwrap();
    assert_eq!(fault.to_string(), "status;code=503;body=html;retry_after=Wed, 21 Oct 2015 07:28:00 GMT");
    assert_eq!((fault.number("code"), fault.number("retry_after_ms")), (Some(503), None));
    assert_eq!("cut".parse::<Fault>().unwrap().number("after"), Some(3));
}

#[test]
fn what_is_wrong_is_said() {
    let says = |text: &str, words: &str| {
        let message = text.parse::<Fault>().expect_err(text).to_string();
        assert!(message.contains(words), "{text}: {message}");
    };
    says("", "known are: status, reset-before-head");
    says("cut;before=3", "it has: after");
    says("html=1", "it has: none");
    says("cut;after", "key=value");
    says("cut=3;after=4", "twice");
    says("cut=-1", "whole number from 0");
    says("status=99", "from 200 to 599");
    says("status;body=xml", "one of own");
    says("redirect;to=http://x/\u{7f}y", "fits in a header");
}

#[test]
fn a_step_is_ok_or_a_fault() {
    assert_eq!(" ok ".parse(), Ok(Step::Ok));
    let step: Step = "cut=1".parse().unwrap();
    assert_eq!((step.to_string().as_str(), Step::Ok.to_string().as_str()), ("cut;after=1", "ok"));
}

#[test]
fn the_list_names_every_fault() {
    let list = list_faults();
    assert!(FAULTS.iter().all(|row| list.contains(row.name) && list.contains(row.about)));
}
