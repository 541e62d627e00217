//! A picture comes onto the desk, and leaves it: as a new file, or as it was.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::acts::Work;
use super::canvas::{Canvas, decoded, focus_soon};
use super::desk::{Desk, Stage};
use super::replace::{found, replaced};
use crate::api::ApiError;
use crate::attachments::FileProblem;

impl Desk {
    pub(super) fn shown(self) -> Result<Canvas, JsValue> {
        let element = self.canvas.get_untracked().ok_or(JsValue::NULL)?;
        Canvas::on(JsValue::from(element))
    }

    /// A picture that is not what it should be must not leave.
    pub(super) fn must(self, done: Result<(), JsValue>) {
        if done.is_err() {
            self.stage.set(Stage::Broken);
            self.trouble.set(Some(ApiError::File(FileProblem::Unreadable)));
        }
    }

    /// Brings the picture that is to be changed onto the desk.
    pub(super) fn open_wanted(self) {
        let Some(key) = self.editing.get_untracked() else {
            return;
        };
        self.stage.set(Stage::Opening);
        self.trouble.set(None);
        self.said.hush();
        let is_wanted = self.still();
        leptos::task::spawn_local(async move {
            let read = async {
                let (_, url) = found(self.opened, key).await.ok_or(JsValue::NULL)?;
                decoded(&url).await
            };
            let read = read.await;
            // It may have been shut meanwhile.
            if !is_wanted() {
                if let Ok(first) = read {
                    first.empty();
                }
                return;
            }
            match read {
                Ok(first) => {
                    self.work.set(Work::new(first.size()));
                    self.first.set_value(Some(first));
                    self.stage.set(Stage::Ready);
                    self.paint_anew();
                }
                Err(_) => self.must(Err(JsValue::NULL)),
            }
        });
    }

    /// Makes the new picture, and shuts. Nothing was done: then the file stays what it is.
    pub(super) fn finish(self) {
        if self.stage.get_untracked() != Stage::Ready {
            return;
        }
        self.apply_pick();
        let key = self.editing.get_untracked();
        let (Some(key), true) = (key, self.has_work()) else {
            self.leave();
            return;
        };
        // A picture that could not be changed as it was asked for stays here.
        if self.stage.get_untracked() != Stage::Ready {
            return;
        }
        self.stage.set(Stage::Writing);
        let is_wanted = self.still();
        leptos::task::spawn_local(async move {
            let written = match self.shown() {
                Ok(canvas) => replaced(self.opened, key, &canvas, is_wanted).await,
                Err(_) => Err(ApiError::File(FileProblem::Unreadable)),
            };
            // It may have been shut meanwhile, and opened on another picture.
            if !is_wanted() {
                return;
            }
            match written {
                Ok(None) => {}
                Ok(Some(key)) => {
                    self.leave();
                    // The chip is another one now.
                    focus_soon(format!("modifier-{key}"));
                }
                Err(error) => {
                    let _ = self.trouble.try_set(Some(error));
                    let _ = self.stage.try_set(Stage::Ready);
                }
            }
        });
    }

    /// Whether the picture that is here now still is, each time that it is asked.
    fn still(self) -> impl Fn() -> bool + Copy + 'static {
        let n_left = self.n_left.get_value();
        move || self.n_left.try_get_value() == Some(n_left)
    }

    /// Shuts: no pixel of the picture stays here.
    pub(super) fn leave(self) {
        self.n_left.update_value(|n| *n = n.wrapping_add(1));
        if let Ok(shown) = self.shown() {
            shown.empty();
        }
        if let Some(first) = self.first.try_update_value(Option::take).flatten() {
            first.empty();
        }
        self.drop_pick();
        self.work.set(Work::default());
        self.stage.set(Stage::Opening);
        self.editing.set(None);
    }
}
