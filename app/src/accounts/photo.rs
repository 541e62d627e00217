//! The own photo: choosing a file, framing it, sending it, removing it.
//!
//! The file's own bytes are sent, with the square to cut out; the server keeps the square alone.

use std::sync::Arc;

use leptos::ev::{Event, KeyboardEvent, PointerEvent};
use leptos::{html, prelude::*};

use super::asking::{Asking, FormError};
use super::crop::{Crop, MAX_ZOOM, Thousandths};
use super::{Me, RemovePhoto, SavePhoto};
use crate::api::{ApiError, InvalidReason};
use crate::contacts::photo_url;
use crate::form::OperationForm;
use crate::i18n::{use_language, words};
use crate::session::use_session;
use crate::ui::{Avatar, AvatarSize, Icon, IconName, Section, SubmitButton, use_toasts};

/// The largest file that the server takes.
#[cfg(feature = "hydrate")]
const MAX_BYTES: f64 = 8.0 * 1024.0 * 1024.0;
/// Id of the control that opens the device's file picker.
const CHOOSE_ID: &str = "choisir-photo";

/// A file that was chosen. Cheap to clone.
#[derive(Clone)]
struct Chosen {
    /// Where the page itself finds it.
    url: Arc<str>,
    /// Its bytes in base64.
    picture: Arc<str>,
}

/// The photo and what can be done with it.
#[component]
pub(super) fn PhotoSection() -> impl IntoView {
    use words::accounts::profile as t;
    let language = use_language();
    let chosen = RwSignal::new(None::<Chosen>);
    let leave = move || {
        chosen.set(None);
        focus(CHOOSE_ID);
    };
    view! {
        <Section id="photo" title=t::photo(language)>
            <div class="card card--pad">
                {move || match chosen.get() {
                    None => view! { <PresentPhoto on_choose=move |file| chosen.set(Some(file))/> }.into_any(),
                    Some(chosen) => view! { <Framing chosen on_leave=leave/> }.into_any(),
                }}
            </div>
        </Section>
    }
}

#[component]
fn PresentPhoto(#[prop(into)] on_choose: Callback<Chosen>) -> impl IntoView {
    use words::accounts::profile as t;
    let language = use_language();
    let session = use_session();
    let toasts = use_toasts();
    let has_photo = Memo::new(move |_| {
        session
            .me
            .with(|me| me.as_ref().is_some_and(|me| me.photo.is_some()))
    });
    let picture = move || {
        session.me.get().map(|me| {
            let url = photo_url(me.id, me.photo);
            view! { <Avatar name=me.bare_name tint_seed=me.id.0.as_u128() photo_url=url size=AvatarSize::Huge/> }
        })
    };
    let choose = move |event: Event| {
        read_file(&event, move |read| match read {
            Ok(file) => {
                let _ = on_choose.try_run(file);
            }
            Err(ApiError::TooLarge) => toasts.alert(t::too_large(language)),
            Err(error) => toasts.alert(crate::i18n::error_words(language, &error)),
        });
    };
    let removed = move |me: Me| {
        session.me.set(Some(me));
        toasts.say(t::removed(language));
        focus(CHOOSE_ID);
    };
    view! {
        <div class="photo">
            {picture}
            <div class="photo__text">
                <p class="section__note">{t::photo_text(language)}</p>
                <div class="photo__actions">
                    <label class="button button--outline photo__choose needs-script">
                        <Icon name=IconName::Camera small=true/>
                        {move || if has_photo.get() { t::replace(language) } else { t::choose(language) }}
                        <input
                            class="visually-hidden"
                            id=CHOOSE_ID
                            type="file"
                            accept="image/jpeg,image/png,image/webp"
                            on:change=choose
                        />
                    </label>
                    <Show when=move || has_photo.get()>
                        <OperationForm operation=RemovePhoto {} on_done=removed>
                            <button class="button button--danger-quiet" type="submit">{t::remove(language)}</button>
                        </OperationForm>
                    </Show>
                </div>
            </div>
        </div>
    }
}

#[component]
fn Framing(chosen: Chosen, on_leave: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    use words::accounts::profile as t;
    let language = use_language();
    let session = use_session();
    let toasts = use_toasts();
    let asking = Asking::new(&[], None);
    let crop = RwSignal::new(None::<Crop>);
    let loaded = move |event: Event| crop.set(picture_size(&event).and_then(|(w, h)| Crop::centred(w, h)));
    let failed = move |_| {
        asking
            .error()
            .set(Some(ApiError::invalid("picture", InvalidReason::Unreadable)));
    };
    let saved = move |me: Me| {
        session.me.set(Some(me));
        toasts.say(t::crop::saved(language));
        on_leave();
    };
    let picture = chosen.picture.clone();
    let save = move |_| {
        if let Some(crop) = crop.get_untracked() {
            let Thousandths { left, top, side } = crop.to_thousandths();
            asking.send(
                SavePhoto {
                    picture: picture.to_string(),
                    left,
                    top,
                    side,
                },
                saved,
            );
        }
    };
    let url = chosen.url.clone();
    on_cleanup(move || forget_url(&url));
    view! {
        <div class="form">
            <div>
                <h3>{t::crop::title(language)}</h3>
                <p class="section__note" id="cadrage-aide">{t::crop::text(language)}</p>
            </div>
            <div class="crop">
                <Window url=chosen.url.to_string() crop on_load=loaded on_error=failed/>
                <Sliders crop/>
            </div>
            <FormError asking/>
            <div class="form__actions">
                <button class="button button--quiet" type="button" on:click=move |_| on_leave()>
                    {t::crop::cancel(language)}
                </button>
                <span on:click=save>
                    <SubmitButton
                        label=t::crop::save(language)
                        pending_label=words::accounts::settings::saving(language).to_owned()
                        pending=asking.pending()
                    />
                </span>
            </div>
        </div>
    }
}

/// The window that shows the square: the picture behind it is dragged, or moved and zoomed by keys.
#[component]
fn Window(
    url: String,
    crop: RwSignal<Option<Crop>>,
    on_load: impl Fn(Event) + 'static,
    on_error: impl Fn(leptos::ev::ErrorEvent) + 'static,
) -> impl IntoView {
    let language = use_language();
    let node = NodeRef::<html::Div>::new();
    let held_at = StoredValue::new(None::<(i32, i32)>);
    let change = move |by: &dyn Fn(Crop) -> Crop| crop.update(|crop| *crop = crop.map(by));
    let grab = move |event: PointerEvent| {
        held_at.set_value(Some((event.client_x(), event.client_y())));
        hold(node, event.pointer_id());
    };
    let drag = move |event: PointerEvent| {
        let Some((x, y)) = held_at.get_value() else { return };
        let side = f64::from(window_side(node).max(1));
        held_at.set_value(Some((event.client_x(), event.client_y())));
        let (across, down) = (
            f64::from(x - event.client_x()) / side,
            f64::from(y - event.client_y()) / side,
        );
        change(&|crop| crop.moved_by(across, down));
    };
    let press = move |event: KeyboardEvent| {
        // The picture moves the way the arrow points, so the square moves the other way.
        let (across, down, zoom) = match event.key().as_str() {
            "ArrowLeft" => (0.05, 0.0, 1.0),
            "ArrowRight" => (-0.05, 0.0, 1.0),
            "ArrowUp" => (0.0, 0.05, 1.0),
            "ArrowDown" => (0.0, -0.05, 1.0),
            "+" | "=" => (0.0, 0.0, 1.1),
            "-" | "_" => (0.0, 0.0, 1.0 / 1.1),
            _ => return,
        };
        event.prevent_default();
        change(&|crop| crop.moved_by(across, down).zoomed_to(crop.zoom() * zoom));
    };
    let part = move |pick: fn((f64, f64, f64)) -> f64| {
        move || crop.get().map(|crop| format!("{}%", pick(crop.behind_window())))
    };
    Effect::new(move |_| {
        if let Some(window) = node.get() {
            let _ = window.focus();
        }
    });
    view! {
        <div
            class="crop__window"
            tabindex="0"
            role="group"
            aria-label=words::accounts::profile::crop::frame(language)
            aria-describedby="cadrage-aide"
            on:pointerdown=grab
            on:pointermove=drag
            on:pointerup=move |_| held_at.set_value(None)
            on:pointercancel=move |_| held_at.set_value(None)
            on:keydown=press
            node_ref=node
        >
            <img
                class="crop__picture"
                src=url
                alt=""
                draggable="false"
                style:width=part(|(width, _, _)| width)
                style:left=part(|(_, left, _)| left)
                style:top=part(|(_, _, top)| top)
                on:load=on_load
                on:error=on_error
            />
        </div>
    }
}

/// The same without dragging.
///
/// Source: WCAG 2.2, 2.5.7 (dragging movements).
#[component]
fn Sliders(crop: RwSignal<Option<Crop>>) -> impl IntoView {
    use words::accounts::profile::crop as t;
    let language = use_language();
    view! {
        <div class="crop__sliders">
            <Slider label=t::zoom(language) crop read=|crop| (crop.zoom() - 1.0) / (MAX_ZOOM - 1.0) write=|crop, share| {
                crop.zoomed_to(1.0 + share * (MAX_ZOOM - 1.0))
            }/>
            <Slider label=t::across(language) crop read=Crop::across write=Crop::put_across/>
            <Slider label=t::down(language) crop read=Crop::down write=Crop::put_down/>
        </div>
    }
}

#[component]
fn Slider(
    label: &'static str,
    crop: RwSignal<Option<Crop>>,
    read: fn(Crop) -> f64,
    write: fn(Crop, f64) -> Crop,
) -> impl IntoView {
    let value = move || {
        crop.get()
            .map_or(0.0, |crop| (read(crop) * 100.0).round())
            .to_string()
    };
    let slide = move |event: Event| {
        if let Ok(percent) = event_target_value(&event).parse::<f64>() {
            crop.update(|crop| *crop = crop.map(|crop| write(crop, percent / 100.0)));
        }
    };
    view! {
        <label class="crop__slider">
            <span class="field__label">{label}</span>
            <input type="range" min="0" max="100" prop:value=value on:input=slide/>
        </label>
    }
}

/// Reads the file that was just chosen.
fn read_file(event: &Event, then: impl Fn(Result<Chosen, ApiError>) + 'static) {
    #[cfg(feature = "hydrate")]
    {
        use leptos::wasm_bindgen::JsCast;
        use leptos::wasm_bindgen::closure::Closure;

        let input = event_target::<web_sys::HtmlInputElement>(event);
        let Some(file) = input.files().and_then(|files| files.get(0)) else {
            return;
        };
        // The same file may be chosen again.
        input.set_value("");
        if file.size() > MAX_BYTES {
            then(Err(ApiError::TooLarge));
            return;
        }
        let unreadable = || ApiError::invalid("picture", InvalidReason::Unreadable);
        let (Ok(reader), Ok(url)) = (
            web_sys::FileReader::new(),
            web_sys::Url::create_object_url_with_blob(&file),
        ) else {
            then(Err(unreadable()));
            return;
        };
        let done = Closure::once_into_js({
            let reader = reader.clone();
            move || {
                let text = reader
                    .result()
                    .ok()
                    .and_then(|data| data.as_string())
                    .unwrap_or_default();
                then(match text.split_once(',') {
                    Some((_, picture)) => Ok(Chosen {
                        url: url.into(),
                        picture: picture.into(),
                    }),
                    None => Err(unreadable()),
                });
            }
        });
        reader.set_onloadend(Some(done.unchecked_ref()));
        let _ = reader.read_as_data_url(&file);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (event, then);
}

fn forget_url(url: &str) {
    #[cfg(feature = "hydrate")]
    let _ = web_sys::Url::revoke_object_url(url);
    #[cfg(not(feature = "hydrate"))]
    let _ = url;
}

/// Width and height of the upright picture that has just loaded.
#[cfg_attr(
    feature = "hydrate",
    expect(clippy::unnecessary_wraps, reason = "on the server there is none")
)]
fn picture_size(event: &Event) -> Option<(f64, f64)> {
    #[cfg(feature = "hydrate")]
    {
        let image = event_target::<web_sys::HtmlImageElement>(event);
        Some((
            f64::from(image.natural_width()),
            f64::from(image.natural_height()),
        ))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = event;
        None
    }
}

/// The pointer stays with the window, wherever it goes.
fn hold(node: NodeRef<html::Div>, pointer: i32) {
    if let Some(window) = node.get_untracked() {
        let _ = window.set_pointer_capture(pointer);
    }
}

fn window_side(node: NodeRef<html::Div>) -> i32 {
    node.get_untracked().map_or(0, |window| window.client_width())
}

fn focus(id: &'static str) {
    #[cfg(feature = "hydrate")]
    request_animation_frame(move || {
        use leptos::wasm_bindgen::JsCast;

        let control = document().get_element_by_id(id);
        if let Some(control) = control.and_then(|control| control.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = control.focus();
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}
