//! The colours of `style/tokens.css` against WCAG 2.2: every ink on every ground it meets, in every theme.
//!
//! Criteria 1.4.3 (text, 4.5:1), 1.4.6 (text read at length, 7:1) and 1.4.11 (borders and rings, 3:1). The ratios are
//! computed from the sheet itself, so that a colour changed by a shade shows here first.

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../style/tokens.css");

/// Ink, the grounds it stands on, the least ratio on each. Names are purposes without their `--color-`.
const PAIRS: &[(&str, &[&str], f64)] = &[
    (
        "text",
        &["page", "surface", "surface-sunken", "surface-raised", "hover"],
        7.0,
    ),
    ("text", &["bubble-in", "bubble-out", "bubble-quote"], 7.0),
    (
        "text",
        &["danger-soft", "warn-soft", "success-soft", "point-soft"],
        7.0,
    ),
    ("on-bubble", &["bubble-in", "bubble-out"], 7.0),
    (
        "text-secondary",
        &["page", "surface", "surface-sunken", "surface-raised"],
        7.0,
    ),
    (
        "text-secondary",
        &[
            "bubble-in",
            "bubble-out",
            "bubble-quote",
            "action-soft",
            "danger-soft",
        ],
        4.5,
    ),
    (
        "text-meta",
        &[
            "page",
            "surface",
            "surface-sunken",
            "hover",
            "bubble-in",
            "bubble-quote",
        ],
        4.5,
    ),
    ("action", &["surface", "page", "surface-sunken"], 4.5),
    ("on-action", &["action"], 7.0),
    ("on-action", &["action-hover", "action-press", "send"], 4.5),
    ("on-action-soft", &["action-soft", "action-soft-hover"], 7.0),
    (
        "link",
        &["page", "surface", "bubble-in", "bubble-out", "bubble-quote"],
        4.5,
    ),
    ("line-strong", &["surface", "page", "surface-sunken"], 3.0),
    ("focus", &["surface", "page"], 3.0),
    ("danger", &["surface", "page", "danger-soft"], 4.5),
    ("on-danger", &["danger", "danger-hover"], 4.5),
    ("success", &["surface", "success-soft"], 4.5),
    ("warn", &["surface", "warn-soft"], 4.5),
    ("point", &["surface", "page"], 3.0),
    ("point-text", &["surface", "point-soft"], 4.5),
    ("on-point", &["point-fill"], 4.5),
    ("on-toast", &["toast"], 7.0),
    ("toast-action", &["toast"], 4.5),
];

/// Initials on their tint: least ratio, and how many tints there are.
const TINTS: (f64, u8) = (4.5, 8);

const LIGHT: &[&str] = &[":root"];
const DARK_BY_SYSTEM: &[&str] = &[
    "@media (prefers-color-scheme: dark)",
    ":root:not([data-theme=\"light\"])",
];
const DARK_BY_CHOICE: &[&str] = &[":root[data-theme=\"dark\"]"];
const CONTRAST: &str = "@media (prefers-contrast: more)";
const CONTRAST_DARK: &str = "@media (prefers-contrast: more) and (prefers-color-scheme: dark)";

type Colours = BTreeMap<String, String>;

/// The themes a person can meet, each with the blocks that make it, in the order of the cascade.
fn themes(sheet: &str) -> Vec<(&'static str, Colours)> {
    let more = [CONTRAST, ":root"];
    let more_by_choice = [CONTRAST, DARK_BY_CHOICE[0]];
    let more_by_system = [CONTRAST_DARK, DARK_BY_SYSTEM[1]];
    vec![
        ("light", theme(sheet, &[LIGHT])),
        ("dark, by the system", theme(sheet, &[LIGHT, DARK_BY_SYSTEM])),
        ("dark, by choice", theme(sheet, &[LIGHT, DARK_BY_CHOICE])),
        ("light, more contrast", theme(sheet, &[LIGHT, &more])),
        (
            "dark by the system, more contrast",
            theme(sheet, &[LIGHT, DARK_BY_SYSTEM, &more_by_system]),
        ),
        (
            "dark by choice, more contrast",
            theme(sheet, &[LIGHT, DARK_BY_CHOICE, &more, &more_by_choice]),
        ),
    ]
}

/// Every pair of a sheet that misses its minimum, told for a person.
fn faults(sheet: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (theme, colours) in themes(sheet) {
        let mut check = |ink: &str, ground: &str, least: f64| {
            let ratio = ratio(colour(&colours, ink), colour(&colours, ground));
            if ratio < least {
                faults.push(format!(
                    "{theme}: {ink} on {ground} is {ratio:.2}, at least {least}"
                ));
            }
        };
        for (ink, grounds, least) in PAIRS {
            for ground in *grounds {
                check(&format!("--color-{ink}"), &format!("--color-{ground}"), *least);
            }
        }
        let (least, n_tints) = TINTS;
        for n in 1..=n_tints {
            check(&format!("--tint-{n}-ink"), &format!("--tint-{n}"), least);
        }
    }
    faults
}

#[test]
fn every_ink_can_be_read_on_every_ground_in_every_theme() {
    let faults = faults(TOKENS);

    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_ratios_are_those_of_the_design_s_table() {
    let themes = themes(TOKENS);
    let of = |theme: usize, ink, ground| {
        let colours = &themes[theme].1;
        (ratio(colour(colours, ink), colour(colours, ground)) * 100.0).round() / 100.0
    };

    let measured = [
        of(0, "--color-text", "--color-page"),
        of(1, "--color-text", "--color-page"),
        of(0, "--color-link", "--color-bubble-out"),
        of(1, "--color-link", "--color-bubble-out"),
    ];

    assert_eq!(format!("{measured:?}"), "[16.35, 16.59, 5.76, 5.15]");
}

#[test]
fn the_person_s_dark_is_the_system_s_dark() {
    assert_eq!(declared(TOKENS, DARK_BY_SYSTEM), declared(TOKENS, DARK_BY_CHOICE));
}

#[test]
fn a_shade_too_pale_is_found() {
    let paler = TOKENS.replace(
        "--color-text-meta: var(--ink-42)",
        "--color-text-meta: var(--ink-55)",
    );
    assert_ne!(paler, TOKENS, "the sheet still declares the meta ink this way");

    let faults = faults(&paler);

    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("light: --color-text-meta on --color-page")),
        "{faults:?}"
    );
}

#[test]
fn black_on_white_is_twenty_one_to_one() {
    assert!((ratio("#000000", "#FFFFFF") - 21.0).abs() < 1e-9);
}

/// The custom properties of the blocks laid one over the other.
fn theme(sheet: &str, blocks: &[&[&str]]) -> Colours {
    let mut colours = Colours::new();
    for block in blocks {
        let declared = declared(sheet, block);
        assert!(!declared.is_empty(), "the sheet has no block {block:?}");
        colours.extend(declared);
    }
    colours
}

/// The custom properties declared in the layer by blocks nested exactly as `wanted`, outermost first.
fn declared(sheet: &str, wanted: &[&str]) -> Colours {
    let mut found = Colours::new();
    let mut open: Vec<String> = Vec::new();
    let mut words = String::new();
    for character in without_comments(sheet).chars() {
        match character {
            '{' => open.push(std::mem::take(&mut words).trim().to_owned()),
            ';' | '}' => {
                let is_wanted = open.iter().skip(1).map(String::as_str).eq(wanted.iter().copied());
                if let Some((name, value)) = words.split_once(':').filter(|_| is_wanted) {
                    found.insert(name.trim().to_owned(), value.trim().to_owned());
                }
                words.clear();
                if character == '}' {
                    open.pop();
                }
            }
            _ => words.push(character),
        }
    }
    found
}

fn without_comments(sheet: &str) -> String {
    let mut parts = sheet.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| {
        kept + part.split_once("*/").map_or("", |(_, rest)| rest)
    })
}

/// The colour behind a name, through as many `var()` as it takes.
fn colour<'a>(colours: &'a Colours, name: &str) -> &'a str {
    let value = colours
        .get(name)
        .unwrap_or_else(|| panic!("the sheet does not declare `{name}`"));
    match value.strip_prefix("var(").and_then(|rest| rest.strip_suffix(')')) {
        Some(next) => colour(colours, next.trim()),
        None => value,
    }
}

/// Contrast ratio of two colours. Source: WCAG 2.2, definition of *contrast ratio*.
fn ratio(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance of `#RRGGBB`. Source: WCAG 2.2, definition of *relative luminance*.
fn luminance(colour: &str) -> f64 {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6);
    let digits = digits.unwrap_or_else(|| panic!("`{colour}` is not written #RRGGBB"));
    let channel = |at: usize| {
        let byte = u8::from_str_radix(&digits[at..at + 2], 16).expect("six hexadecimal digits follow the #");
        let share = f64::from(byte) / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}
