//! What the reader has in sight: marks it as read, counts what waits below and above, and asks for more at either end.

use leptos::prelude::*;

use super::MarkRead;
use super::opened::Opened;
use super::scroll::{Scroller, Sight};
use super::timeline::Timeline;
use crate::chunk::when_whole;

/// What is seen is told to the server after this long, in one call.
///
/// Source: ux R3.
const MARK_AFTER: std::time::Duration = std::time::Duration::from_millis(500);
/// What could not be told is told again after this pause.
const TOLD_AGAIN_AFTER: std::time::Duration = std::time::Duration::from_secs(5);

/// How the reader stands in the history. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    opened: Opened,
    /// Of the history.
    pub(super) scroller: Scroller,
    /// What came while the reader was further up.
    pub(super) n_below: RwSignal<u64>,
    /// The newest message is out of sight.
    pub(super) is_up: RwSignal<bool>,
    /// New messages above that were jumped over.
    pub(super) n_above: RwSignal<u64>,
    /// Everything up to here has been in sight.
    seen_to: StoredValue<u64>,
    /// To be told to the server, or being told.
    wanted: StoredValue<u64>,
    is_scheduled: StoredValue<bool>,
}

impl Reading {
    /// A reader at the place where the conversation opens.
    pub(super) fn new(opened: Opened) -> Self {
        let (read, new_from) = opened
            .timeline
            .with_untracked(|timeline| (timeline.read_position(), timeline.new_from()));
        Self {
            opened,
            scroller: Scroller::new(),
            n_below: RwSignal::new(0),
            is_up: RwSignal::new(false),
            n_above: RwSignal::new(0),
            seen_to: StoredValue::new(new_from.map_or(read, |from| from.saturating_sub(1))),
            wanted: StoredValue::new(0),
            is_scheduled: StoredValue::new(false),
        }
    }

    /// Goes to the newest message.
    pub(super) fn to_bottom(self) {
        if self.opened.timeline.with_untracked(Timeline::has_newer) {
            self.opened.read_newest();
        }
        self.scroller.to_bottom();
        self.look();
    }

    /// Goes to the message at this position, which is held, and gives it the focus.
    pub(super) fn show(self, position: u64) {
        // The page may be about to draw it.
        request_animation_frame(move || {
            request_animation_frame(move || {
                self.scroller.show(position);
                self.look();
            });
        });
    }

    /// Goes to the first message that was jumped over.
    pub(super) fn to_first_unseen(self) {
        self.scroller.to_position(self.seen_to.get_value() + 1);
        self.look();
    }

    /// Goes to a message that was looked for, and gives it the focus.
    pub(super) fn show_found(self, position: u64) {
        self.scroller.show(position);
        self.look();
    }

    /// The friend's message has just come.
    pub(super) fn arrived(self) {
        if self.scroller.is_at_bottom() && !self.opened.timeline.with_untracked(Timeline::has_newer) {
            self.scroller.note();
        } else {
            self.n_below.update(|count| *count += 1);
        }
    }

    /// The reader has moved.
    pub(super) fn moved(self) {
        self.scroller.note();
        self.look();
        if self.scroller.is_near_top() {
            self.opened.read_older();
        }
        if self.scroller.is_at_bottom() {
            self.opened.read_newer();
        }
    }

    /// Takes in what is on the screen.
    pub(super) fn look(self) {
        let is_at_end =
            self.scroller.is_at_bottom() && !self.opened.timeline.with_untracked(Timeline::has_newer);
        set_if_other(self.is_up, !is_at_end);
        if is_at_end {
            set_if_other(self.n_below, 0);
        }
        let Some(sight) = self.scroller.sight() else {
            return;
        };
        self.seen_to.update_value(|seen| *seen = seen_after(*seen, sight));
        let seen = self.seen_to.get_value();
        let (n_above, mark) = self.opened.timeline.with_untracked(|timeline| {
            let n_above = timeline
                .new_from()
                .map_or(0, |_| timeline.count_from_friend(seen, sight.first));
            let mark = timeline
                .last_from_friend(sight.last)
                .filter(|mark| *mark > timeline.read_position());
            (n_above, mark)
        });
        set_if_other(self.n_above, n_above);
        if self.opened.timeline.with_untracked(Timeline::is_put_off) {
            self.wanted.set_value(0);
            return;
        }
        if let Some(mark) = mark.filter(|_| is_attended()) {
            self.mark(mark);
        }
    }

    /// Looks once more, if the screen is still there.
    fn look_again(self) {
        if self.wanted.try_get_value().is_some() {
            self.look();
        }
    }

    fn mark(self, position: u64) {
        if position <= self.wanted.get_value() {
            return;
        }
        self.wanted.set_value(position);
        if self.is_scheduled.get_value() {
            return;
        }
        self.is_scheduled.set_value(true);
        set_timeout(move || when_whole(move || self.tell()), MARK_AFTER);
    }

    fn tell(self) {
        let Some(position) = self.wanted.try_get_value() else {
            return;
        };
        self.is_scheduled.set_value(false);
        if self.opened.timeline.try_with_untracked(Timeline::is_put_off) == Some(true) {
            self.wanted.set_value(0);
            return;
        }
        let call = self.opened.client().call(MarkRead {
            conversation: self.opened.id,
            position,
        });
        leptos::task::spawn_local(async move {
            match call.await {
                Ok(_) => {
                    let _ = self.opened.timeline.try_update(|timeline| {
                        if !timeline.is_put_off() {
                            timeline.i_have_read(position);
                        }
                    });
                    // From here on the read position says what was told; it may be taken back.
                    self.wanted.try_update_value(|wanted| {
                        if *wanted == position {
                            *wanted = 0;
                        }
                    });
                }
                Err(error) => {
                    self.opened.session().notice(&error);
                    // Not told: the next look tells it again, at the latest soon.
                    self.wanted.try_update_value(|wanted| *wanted = 0);
                    set_timeout(move || self.look_again(), TOLD_AGAIN_AFTER);
                }
            }
        });
    }
}

/// What has been in sight without a leap, after one more look.
fn seen_after(seen: u64, sight: Sight) -> u64 {
    if sight.first <= seen + 1 {
        seen.max(sight.last)
    } else {
        seen
    }
}

fn set_if_other<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|held| *held != value) {
        signal.set(value);
    }
}

/// Whether somebody looks: the tab is shown and has the focus.
fn is_attended() -> bool {
    #[cfg(feature = "hydrate")]
    {
        let document = document();
        document.visibility_state() == web_sys::VisibilityState::Visible
            && document.has_focus().unwrap_or(false)
    }
    #[cfg(not(feature = "hydrate"))]
    false
}

#[cfg(test)]
mod tests {
    use super::{Sight, seen_after};

    #[test]
    fn what_is_jumped_over_is_not_seen() {
        let seen = seen_after(10, Sight { first: 8, last: 14 });
        assert_eq!(seen, 14);
        assert_eq!(seen_after(seen, Sight { first: 40, last: 50 }), 14, "a leap");
        assert_eq!(
            seen_after(seen, Sight { first: 15, last: 20 }),
            20,
            "the next screen"
        );
        assert_eq!(seen_after(20, Sight { first: 1, last: 9 }), 20, "back up");
    }
}
