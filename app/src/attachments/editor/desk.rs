//! The editor's state, and what each press does to it.
//!
//! Promises: what is seen is what is sent. Whoever finishes applies what is still being drawn; an act that the browser refuses
//! stops everything; shutting gives up the picture's pixels.

use leptos::{html, prelude::*};

use super::acts::{Act, Grip, Pick, Tool, Work};
use super::geometry::{Point, Size, Span};
use super::said::{Said, place};
use crate::accounts::Language;
use crate::api::{ApiError, MessageKey};
use crate::conversations::Opened;
use crate::i18n::{use_language, words::attachments::editor as t};

/// The file of the box that is being changed, if one is.
#[derive(Clone, Copy)]
pub(in crate::attachments) struct Editing(pub(in crate::attachments) RwSignal<Option<MessageKey>>);

/// How far the editor has come with a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "hydrate"),
    expect(dead_code, reason = "a browser alone gets so far")
)]
pub(super) enum Stage {
    /// There is no picture yet.
    Opening,
    /// It can be changed.
    Ready,
    /// The new picture is being made.
    Writing,
    /// There is nothing to be done with it.
    Broken,
}

/// How far a finger moves before it draws, in reaches.
const STILL: f64 = 0.2;

/// How a pointer holds what is being drawn.
#[derive(Clone, Copy)]
struct Held {
    pointer: i32,
    grip: Grip,
    /// Where that began.
    began: Point,
    has_moved: bool,
}

impl Held {
    fn new(pointer: i32, grip: Grip, began: Point) -> Self {
        Self {
            pointer,
            grip,
            began,
            has_moved: false,
        }
    }
}

/// All that the editor knows. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    pub(super) opened: Opened,
    pub(super) language: Language,
    pub(super) editing: RwSignal<Option<MessageKey>>,
    /// The picture as it will be sent.
    pub(super) canvas: NodeRef<html::Canvas>,
    /// The picture as it was chosen.
    #[cfg(feature = "hydrate")]
    pub(super) first: StoredValue<Option<super::canvas::Canvas>, LocalStorage>,
    /// How often it was shut: what had begun before is not wanted after.
    #[cfg(feature = "hydrate")]
    pub(super) n_left: StoredValue<u32>,
    pub(super) stage: RwSignal<Stage>,
    pub(super) trouble: RwSignal<Option<ApiError>>,
    pub(super) work: RwSignal<Work>,
    pub(super) pick: RwSignal<Option<Pick>>,
    held: StoredValue<Option<Held>>,
    /// What a screen reader is told of it all.
    pub(super) said: Said,
}

impl Desk {
    pub(super) fn new(opened: Opened, Editing(editing): Editing) -> Self {
        Self {
            opened,
            language: use_language(),
            editing,
            canvas: NodeRef::new(),
            #[cfg(feature = "hydrate")]
            first: StoredValue::new_local(None),
            #[cfg(feature = "hydrate")]
            n_left: StoredValue::new(0),
            stage: RwSignal::new(Stage::Opening),
            trouble: RwSignal::new(None),
            work: RwSignal::new(Work::default()),
            pick: RwSignal::new(None),
            held: StoredValue::new(None),
            said: Said::new(),
        }
    }

    /// What the file is called; a view that reads it follows.
    pub(super) fn name(self) -> Option<String> {
        let key = self.editing.get()?;
        let files = self
            .opened
            .chosen
            .with(|chosen| crate::attachments::KeptFile::list(chosen));
        let file = files.into_iter().find(|file| file.key == key)?;
        Some(file.name.as_str().to_owned())
    }

    /// Whether a picture is to be changed.
    pub(super) fn is_wanted(self) -> bool {
        self.editing.with(Option::is_some)
    }

    /// How large the picture is now; a view that reads it follows.
    pub(super) fn size(self) -> Size {
        self.work.with(Work::size)
    }

    fn size_now(self) -> Size {
        self.work.with_untracked(Work::size)
    }

    /// Whether there is something to undo.
    pub(super) fn can_undo(self) -> bool {
        self.pick.with(Option::is_some) || self.work.with(|work| !work.acts().is_empty())
    }

    /// Whether anything was done.
    pub(super) fn has_work(self) -> bool {
        self.work.with_untracked(|work| !work.acts().is_empty())
    }

    /// Whether anything would be lost: done, or placed and not applied yet.
    pub(super) fn would_lose(self) -> bool {
        self.has_work()
            || self
                .pick
                .with_untracked(|pick| pick.as_ref().is_some_and(|pick| pick.is_placed))
    }

    /// Whether what would be lost was said last; a view that reads it follows.
    pub(super) fn warns(self) -> bool {
        self.said.is(t::unsaved(self.language))
    }

    // ── What is being drawn ────────────────────────────────────────────────────────────────────────

    /// Takes a tool up, or lays it down. What was placed with the one before counts.
    pub(super) fn take(self, tool: Tool) {
        let was = self
            .pick
            .with_untracked(|pick| pick.as_ref().map(|pick| pick.tool));
        self.said.hush();
        self.lay_down();
        if was != Some(tool) {
            self.pick.set(Some(Pick::new(tool, self.size_now())));
        }
    }

    fn lay_down(self) {
        if let Some(pick) = self.take_pick().filter(|pick| pick.is_placed) {
            self.apply(&pick);
        }
    }

    fn take_pick(self) -> Option<Pick> {
        self.held.set_value(None);
        self.pick.try_update(Option::take).flatten()
    }

    /// What is being drawn counts. Answers with which tool that was.
    pub(super) fn apply_pick(self) -> Option<Tool> {
        let pick = self.take_pick()?;
        self.apply(&pick);
        Some(pick.tool)
    }

    fn apply(self, pick: &Pick) {
        if let Some(act) = pick.act(self.size_now()) {
            self.act(act);
            self.said.say(t::applied(self.language));
        }
    }

    /// What is being drawn is given up; answers whether there was anything.
    pub(super) fn drop_pick(self) -> bool {
        self.take_pick().is_some()
    }

    fn place(self, change: impl FnOnce(&Pick, Size) -> Span) {
        let size = self.size_now();
        self.pick.update(|pick| {
            if let Some(pick) = pick {
                pick.span = change(pick, size);
                pick.is_placed = true;
            }
        });
    }

    /// Moves it by a step, in steps of a hundredth of the picture; or its second corner alone.
    pub(super) fn nudge(self, across: f64, down: f64, is_corner: bool) {
        self.place(|pick, size| {
            let step = (f64::from(size.longer()) / 100.0).max(1.0);
            if is_corner {
                pick.stretched(across * step, down * step, size)
            } else {
                pick.seen(size).moved(across * step, down * step, size)
            }
        });
        self.tell_place();
    }

    /// Larger, or smaller.
    pub(super) fn scale(self, by: f64) {
        self.place(|pick, size| pick.seen(size).scaled(by, size));
        self.tell_place();
    }

    fn tell_place(self) {
        self.said.say_at_rest(move || {
            let size = self.work.try_with_untracked(Work::size)?;
            let pick = self.pick.try_get_untracked().flatten()?;
            Some(place(self.language, &pick, size))
        });
    }

    /// The words to be written.
    pub(super) fn word(self, words: String) {
        self.pick.update(|pick| {
            if let Some(pick) = pick {
                pick.is_placed = true;
                pick.words = words;
            }
        });
    }

    // ── The pointer ────────────────────────────────────────────────────────────────────────────────

    /// It goes down: it takes hold of what is being drawn, or begins another one. The one before counts then.
    pub(super) fn down(self, pointer: i32, at: Point, reach: f64) {
        let Some(pick) = self.pick.get_untracked() else {
            return;
        };
        // A second finger holds nothing.
        if self.held.get_value().is_some_and(|held| held.pointer != pointer) {
            return;
        }
        let size = self.size_now();
        let Some((span, grip)) = pick.grab(at, reach, size) else {
            let leaves_one = matches!(pick.tool, Tool::Blur | Tool::Bar | Tool::Arrow);
            if pick.is_placed && leaves_one {
                self.lay_down();
                self.pick.set(Some(Pick::new(pick.tool, size)));
            }
            self.held.set_value(Some(Held::new(pointer, Grip::New(at), at)));
            return;
        };
        self.pick.set(Some(Pick { span, ..pick }));
        self.held.set_value(Some(Held::new(pointer, grip, at)));
    }

    /// It moves.
    pub(super) fn moved(self, pointer: i32, at: Point, reach: f64) {
        let Some(held) = self.held_by(pointer) else {
            return;
        };
        if !held.has_moved && held.began.distance(at) < reach * STILL {
            return;
        }
        self.place(|pick, size| pick.dragged(held.grip, at, size));
        let grip = match held.grip {
            Grip::Whole(_) => Grip::Whole(at.inside(self.size_now())),
            other => other,
        };
        self.held.set_value(Some(Held {
            grip,
            has_moved: true,
            ..held
        }));
    }

    /// It goes up. A press that did not move puts the thing where it was: nobody has to drag.
    ///
    /// Source: WCAG 2.2, 2.5.7 (dragging movements).
    pub(super) fn up(self, pointer: i32) {
        let held = self.held_by(pointer);
        self.lost(pointer);
        if let Some(Held {
            grip: Grip::New(at),
            has_moved: false,
            ..
        }) = held
        {
            self.place(|pick, size| pick.seen(size).centred(at, size));
        }
    }

    /// The browser takes it away, for a gesture of its own: that was no press.
    pub(super) fn lost(self, pointer: i32) {
        if self.held_by(pointer).is_some() {
            self.held.set_value(None);
        }
    }

    fn held_by(self, pointer: i32) -> Option<Held> {
        self.held.get_value().filter(|held| held.pointer == pointer)
    }

    // ── The picture ────────────────────────────────────────────────────────────────────────────────

    /// A quarter turn.
    pub(super) fn turn(self) {
        self.lay_down();
        self.act(Act::Turn);
        self.said.say(t::turned(self.language));
    }

    /// Takes back what is being drawn, or else the last act.
    pub(super) fn undo(self) {
        if !self.drop_pick() {
            self.work.update(Work::undo);
            self.paint_anew();
        }
        self.said.say(t::undone(self.language));
    }

    fn act(self, act: Act) {
        if self.stage.get_untracked() != Stage::Ready {
            return;
        }
        #[cfg(feature = "hydrate")]
        self.must(self.shown().and_then(|canvas| canvas.apply(&act)));
        self.work.update(|work| work.push(act));
    }

    #[cfg_attr(
        not(feature = "hydrate"),
        expect(clippy::unused_self, reason = "pixels are a browser's")
    )]
    pub(super) fn paint_anew(self) {
        #[cfg(feature = "hydrate")]
        {
            let paint = || {
                let canvas = self.shown()?;
                let first = self.first.get_value().ok_or(wasm_bindgen::JsValue::NULL)?;
                canvas.copy(&first)?;
                let acts = self.work.with_untracked(|work| work.acts().to_vec());
                acts.iter().try_for_each(|act| canvas.apply(act))
            };
            self.must(paint());
        }
    }
}
