//! Texts with many mistakes, texts that are too large, and texts that are no scenes at all.

use parallax::scene;
use proptest::prelude::*;

use super::{PLANT, listed};

#[test]
fn everything_wrong_is_told_at_once_in_the_order_of_its_lines() {
    let text = PLANT
        .replace("heading: 90", "heading: inf")
        .replace("unit: \"L/s\"", "unit: \"gallons\"")
        .replace("members: 20", "members: 0")
        .replace("period: \"2s\"", "period: \"soon\"");
    let problems = scene::parse(&text).expect_err("a broken scene");
    let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines.len(), 4, "{}", listed(&problems));
    assert!(lines.is_sorted(), "{lines:?}");
}

#[test]
fn problems_without_number_are_counted_not_listed() {
    let assets = "(tag: \"\", type: \"nothing\"),".repeat(2_000);
    let text = format!("(format: 1, name: \"x\", types: {{}}, assets: [{assets}])");
    let problems = scene::parse(&text).expect_err("a broken scene");
    let last = problems.last().expect("some problems");
    assert!(problems.len() < 2_000);
    assert!(last.message.ends_with("more problems"), "{}", last.message);
}

#[test]
fn what_is_too_large_is_refused() {
    let long = " ".repeat(scene::MAX_BYTES + 1);
    let problems = scene::parse(&long).expect_err("too long");
    assert!(
        problems[0].message.contains("MiB long"),
        "{}",
        listed(&problems)
    );

    let assets = "(tag:\"\",type:\"\"),".repeat(1_000_001);
    let text = format!("(format: 1, name: \"x\", types: {{}}, assets: [{assets}])");
    let problems = scene::parse(&text).expect_err("too many");
    assert_eq!(problems.len(), 1, "{}", listed(&problems));
    assert!(
        problems[0].message.contains("1000001 assets"),
        "{}",
        listed(&problems)
    );
}

/// A change of the plant's text: from a place on, some characters go and others come.
fn change() -> impl Strategy<Value = (usize, usize, String)> {
    let tokens = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "'",
        "/*",
        "//",
        "\n",
        "r#\"",
        "Some(",
        "-",
        "1e400",
        "NaN",
        "inf",
        "0",
        "-1",
        "18446744073709551616",
        "\\",
        "é",
        "\0",
        "#![enable(",
        "..",
    ]);
    let text = prop_oneof![
        tokens.prop_map(str::to_owned),
        (0..PLANT.len(), 0..80_usize).prop_map(|(from, length)| cut(from, length)),
    ];
    (0..PLANT.len(), 0..40_usize, text)
}

fn cut(from: usize, length: usize) -> String {
    PLANT.chars().skip(from).take(length).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,300}") {
        prop_assert!(scene::parse(&text).is_err());
    }

    #[test]
    fn a_changed_scene_is_read_or_its_problems_lie_inside_it(changes in prop::collection::vec(change(), 1..4)) {
        let mut text: Vec<char> = PLANT.chars().collect();
        for (from, gone, new) in changes {
            let from = from.min(text.len());
            let to = (from + gone).min(text.len());
            text.splice(from..to, new.chars());
        }
        let text: String = text.into_iter().collect();
        if let Err(problems) = scene::parse(&text) {
            let lines = text.matches('\n').count() as u32 + 1;
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(problem.line.is_none_or(|line| (1..=lines).contains(&line)), "{problem:?}");
                prop_assert!(!problem.message.is_empty());
            }
        }
    }
}
