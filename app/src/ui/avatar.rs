//! A person's picture in a circle: the photo, or initials on one of eight tints.

use leptos::{either::Either, prelude::*};

use super::classes::joined;
use crate::api::PhotoForm;

/// Number of tints in `style/tokens.css`, `--tint-1` to `--tint-8`.
const N_TINTS: u8 = 8;

/// Titles that stand before a name and say nothing of the person's initials.
const TITLES: &[&str] = &[
    "dr", "dre", "pr", "pre", "prof", "m", "mme", "me", "mr", "mrs", "ms",
];

/// Side of an avatar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AvatarSize {
    /// 32 px: beside a bubble, in a bar.
    Small,
    /// 44 px: in a row.
    Medium,
    /// 48 px: in the list of conversations.
    #[default]
    Regular,
    /// 72 px: at the head of a dialog.
    Large,
    /// 112 px: on a profile.
    Huge,
}

impl AvatarSize {
    const fn class(self) -> &'static str {
        match self {
            Self::Small => " avatar--small",
            Self::Medium => " avatar--medium",
            Self::Regular => "",
            Self::Large => " avatar--large",
            Self::Huge => " avatar--huge",
        }
    }

    /// The address of the photo in the form that this size needs: the whole one is many times as heavy.
    fn form_of(self, url: &str) -> String {
        match self {
            Self::Small | Self::Medium | Self::Regular => PhotoForm::Small.of(url),
            Self::Large | Self::Huge => PhotoForm::Card.of(url),
        }
    }

    const fn side_px(self) -> &'static str {
        match self {
            Self::Small => "32",
            Self::Medium => "44",
            Self::Regular => "48",
            Self::Large => "72",
            Self::Huge => "112",
        }
    }
}

/// The picture of the person called `name`; the name itself stands beside it, so screen readers skip the picture.
#[component]
pub fn Avatar(
    /// The person's name as shown, title included.
    #[prop(into)]
    name: String,
    /// The account's id as a number (`id.0.as_u128()`): the same person has the same tint everywhere.
    tint_seed: u128,
    /// Address of the photo; initials without one. Its lighter forms are enough.
    #[prop(optional_no_strip, into)]
    photo_url: Option<String>,
    /// Side of the picture.
    #[prop(optional)]
    size: AvatarSize,
    /// More classes, for instance `avatar--square`.
    #[prop(optional)]
    class: &'static str,
    /// What sits on the edge, such as `<span class="avatar__presence"></span>`.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let own = format!("avatar avatar--tint-{}{}", tint(tint_seed), size.class());
    let picture = match photo_url {
        Some(url) => Either::Left(view! {
            <img
                class="avatar__photo"
                src=size.form_of(&url)
                alt=""
                width=size.side_px()
                height=size.side_px()
                decoding="async"
            />
        }),
        None => Either::Right(view! {
            <span class="avatar__initials" aria-hidden="true">
                {initials(&name)}
            </span>
        }),
    };
    view! { <span class=joined(&own, class)>{picture} {children.map(|children| children())}</span> }
}

/// First letters of the first and of the last word of a name, in capitals, without the title: "Dre Anne Roy" → "AR".
///
/// A single word gives one letter, a name without letters none.
pub fn initials(name: &str) -> String {
    let words: Vec<&str> = name
        .split_whitespace()
        .filter(|word| letter(word).is_some())
        .collect();
    let named = match words.as_slice() {
        [title, rest @ ..] if !rest.is_empty() && is_title(title) => rest,
        all => all,
    };
    let first = named.first();
    let last = named.last().filter(|_| named.len() > 1);
    first
        .into_iter()
        .chain(last)
        .filter_map(|word| letter(word))
        .flat_map(char::to_uppercase)
        .collect()
}

/// The first letter or digit of a word, past a quotation mark or a bracket.
fn letter(word: &str) -> Option<char> {
    word.chars().find(|character| character.is_alphanumeric())
}

fn is_title(word: &str) -> bool {
    let bare = word.trim_end_matches('.');
    TITLES.iter().any(|title| title.eq_ignore_ascii_case(bare))
}

/// The tint of an id, from 1 to 8.
///
/// All bytes count, because the first half of a time-ordered id is nearly the same for people who joined together.
pub fn tint(seed: u128) -> u8 {
    seed.to_be_bytes().into_iter().fold(0, u8::wrapping_add) % N_TINTS + 1
}

#[cfg(test)]
mod tests {
    use super::{N_TINTS, initials, tint};

    #[test]
    fn initials_are_those_of_the_first_and_last_words_without_title() {
        let cases = [
            ("Dre Anne Roy", "AR"),
            ("Dr. Minh Nguyen", "MN"),
            ("Étienne Lavoie", "ÉL"),
            ("Marie-Josée Paquin-Desrosiers", "MP"),
            ("Jean de la Fontaine", "JF"),
            ("  camille   tremblay ", "CT"),
            ("Cher", "C"),
            ("Dre", "D"),
            ("", ""),
            ("« Anne » (Roy)", "AR"),
            ("李 小龙", "李小"),
        ];

        for (name, expected) in cases {
            assert_eq!(initials(name), expected, "{name}");
        }
    }

    #[test]
    fn a_person_keeps_the_same_tint() {
        let id = 0x0198_f2a4_7c1e_7b3a_9d5f_1122_3344_5566;

        assert_eq!(tint(id), tint(id));
    }

    #[test]
    fn every_tint_is_one_of_the_eight_and_all_serve() {
        let mut seen = [false; N_TINTS as usize];

        for seed in 0..1000_u128 {
            let tint = tint(seed);
            assert!((1..=N_TINTS).contains(&tint), "{tint}");
            seen[usize::from(tint) - 1] = true;
        }

        assert_eq!(seen, [true; N_TINTS as usize]);
    }
}
