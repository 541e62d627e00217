//! How files come into the compose box: chosen, taken with the camera, pasted, dropped anywhere on the conversation, recorded.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Blob, Element, File, FileList, HtmlInputElement};

use super::boxes::{FileBox, stand};
use super::tray::note_refused;
use super::uploads::whole;
use super::{AttachmentKind, FileName, FileProblem, KeptFile, Whose, whose, without_notes};
use crate::api::{ApiError, Client};
use crate::browser::{now_ms, random_key};
use crate::conversations::Opened;
use crate::now::{Now, use_now};

/// The most bytes of a file.
pub(super) const MAX_BYTES: f64 = 25_000_000.0;

/// What a conversation wears while files are dragged over it.
const DROPPING: &str = "is-dropping";

/// Sees to the input of that id, and to the conversation around it, for as long as the box stands.
pub(crate) fn tend(opened: Opened, input_id: &str) {
    let Some(input) = document()
        .get_element_by_id(input_id)
        .and_then(|input| input.dyn_into::<HtmlInputElement>().ok())
    else {
        return;
    };
    let chosen = move |event: web_sys::Event| {
        if let Some(input) = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        {
            take_from(opened, &input);
        }
    };
    listen(&input, "change", chosen);
    // What was chosen before the script came.
    take_from(opened, &input);
    if let Ok(Some(pane)) = input.closest(".conversation") {
        let now = use_now();
        listen(&pane, "paste", move |event| pasted(opened, now, &event));
        let place = pane.clone();
        listen(&pane, "dragover", move |event| {
            if has_files(&event) {
                // Allows the drop.
                event.prevent_default();
                mark_place(&place, untrack(move || opened.is_open()));
            }
        });
        let place = pane.clone();
        listen(&pane, "dragleave", move |event| {
            if is_leaving(&place, &event) {
                mark_place(&place, false);
            }
        });
        let place = pane.clone();
        listen(&pane, "drop", move |event| {
            mark_place(&place, false);
            dropped(opened, &event);
        });
        let button = input.clone();
        listen(&pane, "keydown", move |event| {
            if is_shortcut(&event) {
                // The browser would show where the page comes from.
                event.prevent_default();
                button.click();
            }
        });
    }
    stand(opened);
}

/// Goes to the control that takes files: where the next one would come from, and no keyboard comes up.
pub(super) fn focus() {
    let control = document().query_selector(".compose__attach input");
    if let Some(control) = control
        .ok()
        .flatten()
        .and_then(|control| control.dyn_into::<HtmlInputElement>().ok())
    {
        let _ = control.focus();
    }
}

/// Hears an event of an element until the owner goes.
fn listen(element: &Element, name: &'static str, heard: impl Fn(web_sys::Event) + 'static) {
    let callback = Closure::<dyn Fn(web_sys::Event)>::new(heard);
    let _ = element.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
    let held = StoredValue::new_local(Some((element.clone(), callback)));
    on_cleanup(move || {
        if let Some(Some((element, callback))) = held.try_update_value(Option::take) {
            let _ = element.remove_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        }
    });
}

/// Takes what an input was given.
pub(super) fn take_from(opened: Opened, input: &HtmlInputElement) {
    let files = input.files().map(|files| listed(&files)).unwrap_or_default();
    // The same file may be chosen again, and the plain form would send it once more.
    input.set_value("");
    take(opened, files, None);
}

fn listed(files: &FileList) -> Vec<File> {
    (0..files.length()).filter_map(|index| files.get(index)).collect()
}

fn pasted(opened: Opened, now: Now, event: &web_sys::Event) {
    let data = event
        .dyn_ref::<web_sys::ClipboardEvent>()
        .and_then(web_sys::ClipboardEvent::clipboard_data);
    let files = data
        .and_then(|data| data.files())
        .map(|files| listed(&files))
        .unwrap_or_default();
    if files.is_empty() {
        return;
    }
    // Text that came along is the picture's address or its markup.
    event.prevent_default();
    take(opened, files, Some(pasted_name(now)));
}

/// "capture-2026-11-22-14h05".
fn pasted_name(now: Now) -> String {
    let civil = untrack(|| now.civil(now_ms()));
    format!(
        "capture-{:04}-{:02}-{:02}-{:02}h{:02}",
        civil.year, civil.month, civil.day, civil.hour, civil.minute
    )
}

fn dropped(opened: Opened, event: &web_sys::Event) {
    let data = event
        .dyn_ref::<web_sys::DragEvent>()
        .and_then(web_sys::DragEvent::data_transfer);
    let files = data
        .and_then(|data| data.files())
        .map(|files| listed(&files))
        .unwrap_or_default();
    if !files.is_empty() {
        event.prevent_default();
        take(opened, files, None);
    }
}

/// Shows where what is dragged would go.
fn mark_place(pane: &Element, is_here: bool) {
    let _ = pane.class_list().toggle_with_force(DROPPING, is_here);
}

/// Whether a drag leaves the conversation, and not one piece of it for another.
fn is_leaving(pane: &Element, event: &web_sys::Event) -> bool {
    let onto = event
        .dyn_ref::<web_sys::DragEvent>()
        .and_then(|drag| drag.related_target())
        .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    !pane.contains(onto.as_ref())
}

/// Control or command, and U.
///
/// Source: ux §3.2.
fn is_shortcut(event: &web_sys::Event) -> bool {
    event.dyn_ref::<web_sys::KeyboardEvent>().is_some_and(|press| {
        (press.ctrl_key() || press.meta_key())
            && !press.shift_key()
            && !press.alt_key()
            && press.key().eq_ignore_ascii_case("u")
    })
}

/// Whether files are being dragged, and not words.
fn has_files(event: &web_sys::Event) -> bool {
    event
        .dyn_ref::<web_sys::DragEvent>()
        .and_then(web_sys::DragEvent::data_transfer)
        .is_some_and(|data| data.types().iter().any(|kind| kind == "Files"))
}

/// The way into one box. Its screen may go while a file is on it.
#[derive(Clone)]
struct Door {
    own: FileBox,
    client: Client,
    whose: Whose,
    wants_files: RwSignal<bool>,
}

impl Door {
    fn of(opened: Opened) -> Self {
        Self {
            own: FileBox::of(opened),
            client: opened.client(),
            whose: whose(opened),
            wants_files: opened.wants_files,
        }
    }
}

/// Takes files into the box, in their order; `called` names what has no name of its own.
fn take(opened: Opened, files: Vec<File>, called: Option<String>) {
    if files.is_empty() || !untrack(move || opened.is_open()) {
        return;
    }
    let door = Door::of(opened);
    door.wants_files.set(true);
    leptos::task::spawn_local(async move {
        for file in files {
            let told = named(&file, called.as_deref());
            let taken = match door.check(&file, &told) {
                Ok((name, kind)) => door.take_one(file.into(), name, kind).await,
                Err(error) => Err(error),
            };
            match taken {
                // The next one is in the box before this one rests.
                Ok(resting) => leptos::task::spawn_local(resting),
                Err(error) => note_refused(door.whose, told, error),
            }
        }
    });
}

fn named(file: &File, called: Option<&str>) -> String {
    let own = file.name();
    match called {
        // Browsers call every pasted picture the same.
        Some(called) if own == "image.png" || own.is_empty() => format!("{called}.png"),
        _ => own,
    }
}

/// Takes a recording into the box, under the name it was given.
///
/// # Errors
/// As for a file that was chosen.
pub(super) async fn take_sound(opened: Opened, bytes: Blob, told: &str) -> Result<(), ApiError> {
    let door = Door::of(opened);
    let (name, _) = door.check(&bytes, told)?;
    door.wants_files.set(true);
    // A browser's recording may end in `.webm`, as films do.
    door.take_one(bytes, name, AttachmentKind::Audio).await?.await;
    Ok(())
}

impl Door {
    /// What can be told before a byte is read.
    fn check(&self, file: &Blob, told: &str) -> Result<(FileName, AttachmentKind), ApiError> {
        let name = FileName::parse(told)?;
        let known = name.file_type()?;
        if file.size() < 1.0 {
            return Err(ApiError::File(FileProblem::Empty));
        }
        if file.size() > MAX_BYTES {
            return Err(ApiError::TooLarge);
        }
        if self.own.n_free() == 0 {
            return Err(ApiError::File(FileProblem::TooMany));
        }
        Ok((name, known.kind))
    }

    /// A picture leaves what its camera wrote behind. One that may be changed stays on this device until its message is sent, so
    /// that what it was never travels; other files go at once, and hear at once if they are refused.
    async fn take_one(
        &self,
        file: Blob,
        name: FileName,
        kind: AttachmentKind,
    ) -> Result<impl Future<Output = ()> + use<>, ApiError> {
        let (bytes, is_held) = if kind == AttachmentKind::Image {
            cleaned(file).await?
        } else {
            (file, false)
        };
        // Others may have come in while it was read.
        if self.own.n_free() == 0 {
            return Err(ApiError::File(FileProblem::TooMany));
        }
        let file = KeptFile {
            key: random_key(),
            name,
            size: size_of(&bytes),
            kind,
            is_held,
            description: String::new(),
        };
        Ok(self.own.put(&self.client, file, bytes))
    }
}

/// A picture without what its camera wrote into it; and whether it is one that can be changed here.
///
/// # Errors
/// `File` when it cannot be read.
pub(super) async fn cleaned(picture: Blob) -> Result<(Blob, bool), ApiError> {
    let Some(clean) = without_notes(&whole(&picture).await?) else {
        return Ok((picture, false));
    };
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(&clean[..]));
    let clean = Blob::new_with_u8_array_sequence(&parts);
    Ok((clean.map_err(|_| ApiError::File(FileProblem::Unreadable))?, true))
}

/// How many bytes it has.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most 25 MB"
)]
pub(super) fn size_of(bytes: &Blob) -> u64 {
    bytes.size() as u64
}
