//! Small marks: a count, a word in a pill.

use leptos::prelude::*;

use super::{
    classes::joined,
    icon::{Icon, IconName},
};

/// Above this the exact number helps nobody: "99+".
const MOST: u32 = 99;

/// A count in a violet pill.
///
/// Screen readers skip it: words nearby (`visually-hidden`, or the target of `aria-describedby`) say what is counted.
#[component]
pub fn Badge(
    /// How many; nothing is drawn at zero.
    #[prop(into)]
    count: Signal<u32>,
    /// More classes, for instance `badge--ring main-nav__badge`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let classes = joined("badge", class);
    move || {
        let n = count.get();
        (n > 0).then(|| {
            view! {
                <span class=classes.clone() aria-hidden="true">
                    {capped(n)}
                </span>
            }
        })
    }
}

fn capped(n: u32) -> String {
    if n > MOST {
        format!("{MOST}+")
    } else {
        n.to_string()
    }
}

/// What a chip means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChipTone {
    /// A plain fact.
    #[default]
    Plain,
    /// Present, verified.
    Success,
    /// Degraded, declared but not verified.
    Warn,
    /// Urgent.
    Urgent,
    /// Something the product vouches for.
    Action,
}

impl ChipTone {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "chip",
            Self::Success => "chip chip--success",
            Self::Warn => "chip chip--warn",
            Self::Urgent => "chip chip--urgent",
            Self::Action => "chip chip--action",
        }
    }
}

/// A word or two in a pill, with an icon if one helps; the colour never says it alone.
#[component]
pub fn Chip(
    /// A word or two.
    #[prop(into)]
    text: String,
    /// What they mean.
    #[prop(optional)]
    tone: ChipTone,
    /// A drawing before them.
    #[prop(optional)]
    icon: Option<IconName>,
) -> impl IntoView {
    view! { <span class=tone.class()>{icon.map(|name| view! { <Icon name /> })} {text}</span> }
}

#[cfg(test)]
mod tests {
    use super::capped;

    #[test]
    fn a_count_is_exact_up_to_ninety_nine() {
        assert_eq!([capped(1), capped(99), capped(100)], ["1", "99", "99+"]);
    }
}
