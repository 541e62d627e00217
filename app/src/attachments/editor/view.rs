//! The editor's dialog: the picture, what is being drawn over it, and the tools. All of it works by mouse, finger, pen and
//! keys.

use leptos::ev::{Event, KeyboardEvent, MouseEvent, PointerEvent};
use leptos::{html, prelude::*};

use super::acts::{Pick, Tool, edge, outline};
use super::desk::{Desk, Editing, Stage};
use super::geometry::{Area, Point};
use super::said;
use crate::conversations::Opened;
use crate::i18n::{error_words, use_language, words::attachments::editor as t};
use crate::ui::{Icon, IconName};

/// As far as a finger is from what it means, in pixels of the screen: half of what it needs.
const REACH: f64 = 22.0;
/// One press on larger or smaller.
const STEP: f64 = 1.2;
const TITLE_ID: &str = "retouche-titre";
const HINT_ID: &str = "retouche-aide";
const PICK_ID: &str = "retouche-zone";
const WORDS_ID: &str = "retouche-mots";
const CANCEL_ID: &str = "retouche-annuler";

/// The editor of the compose box around it; shut while no picture is being changed.
#[component]
pub fn Editor() -> impl IntoView {
    let language = use_language();
    let desk = Desk::new(expect_context::<Opened>(), expect_context::<Editing>());
    let node = NodeRef::<html::Dialog>::new();
    show_when(node, desk);
    let is_ready = move || desk.stage.get() == Stage::Ready;
    let trouble = move || {
        let error = desk.trouble.get()?;
        Some(view! { <p class="editor__trouble" role="alert">{error_words(language, &error)}</p> })
    };
    view! {
        <dialog
            class="editor"
            aria-labelledby=TITLE_ID
            on:cancel=move |event: Event| cancelled(desk, &event)
            on:close=move |_| closed(desk)
            on:keydown=move |press| pressed(desk, &press)
            // A press in here is none on the box behind.
            on:click=move |press: MouseEvent| press.stop_propagation()
            node_ref=node
        >
            <div class="editor__head">
                <button
                    id=CANCEL_ID
                    class="button button--quiet"
                    type="button"
                    // What is being written cannot be called back half way.
                    disabled=move || desk.stage.get() == Stage::Writing
                    on:click=move |_| leave(desk)
                >
                    {t::cancel(language)}
                </button>
                <h2 class="editor__title" id=TITLE_ID dir="auto">
                    {move || t::title(language, &desk.name().unwrap_or_default())}
                </h2>
                <button
                    class="button button--primary"
                    type="button"
                    disabled=move || !is_ready()
                    on:click=move |_| finish(desk)
                >
                    {t::done(language)}
                </button>
            </div>
            <Easel desk/>
            {trouble}
            <p class="editor__hint" class:editor__hint--warns=move || desk.warns() id=HINT_ID>
                {move || match desk.pick.with(|pick| pick.as_ref().map(|pick| pick.tool)) {
                    _ if desk.warns() => t::unsaved(language),
                    None => t::promise(language),
                    Some(Tool::Blur) => t::hint_blur(language),
                    Some(Tool::Text) => t::hint_text(language),
                    Some(_) => t::hint(language),
                }}
            </p>
            <Options desk/>
            <Tools desk/>
            <p class="visually-hidden" role="status">{move || desk.said.get()}</p>
        </dialog>
    }
}

/// The picture, and over it what is being drawn: both are fitted into the same room in the same way.
#[component]
fn Easel(desk: Desk) -> impl IntoView {
    let language = use_language();
    let node = NodeRef::<html::Div>::new();
    let down = move |press: PointerEvent| {
        if press.button() == 0
            && let Some((at, reach)) = place(node, desk, &press)
        {
            hold(node, press.pointer_id());
            desk.down(press.pointer_id(), at, reach);
        }
    };
    let moved = move |press: PointerEvent| {
        if let Some((at, reach)) = place(node, desk, &press) {
            desk.moved(press.pointer_id(), at, reach);
        }
    };
    // Each tool draws in its own way.
    let tool = Memo::new(move |_| desk.pick.with(|pick| pick.as_ref().map(|pick| pick.tool)));
    view! {
        <div
            class="editor__easel"
            class:editor__easel--drawing=move || tool.get().is_some()
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=move |press| desk.up(press.pointer_id())
            on:pointercancel=move |press| desk.lost(press.pointer_id())
            node_ref=node
        >
            <canvas class="editor__picture" role="img" aria-label=t::picture(language) node_ref=desk.canvas></canvas>
            {move || (desk.stage.get() == Stage::Opening).then(|| view! { <span class="spinner" aria-hidden="true"></span> })}
            {move || tool.get().map(|tool| view! { <Drawing desk tool/> })}
        </div>
    }
}

/// What is being drawn, in the picture's own pixels.
#[component]
fn Drawing(desk: Desk, tool: Tool) -> impl IntoView {
    let language = use_language();
    let label = move || {
        let size = desk.size();
        let place = |pick: &Pick| said::place(language, pick, size);
        desk.pick
            .with(|pick| pick.as_ref().map(place).unwrap_or_default())
    };
    let box_of = move || {
        let size = desk.size();
        format!("0 0 {} {}", size.width, size.height)
    };
    // With Shift the second corner goes, and the first one stays.
    let pressed = move |press: KeyboardEvent| {
        let (across, down) = match press.key().as_str() {
            "ArrowLeft" => (-1.0, 0.0),
            "ArrowRight" => (1.0, 0.0),
            "ArrowUp" => (0.0, -1.0),
            "ArrowDown" => (0.0, 1.0),
            "Enter" => {
                press.prevent_default();
                apply(desk);
                return;
            }
            "Delete" | "Backspace" => {
                press.prevent_default();
                desk.drop_pick();
                focus(tool_id(tool));
                return;
            }
            _ => return,
        };
        press.prevent_default();
        desk.nudge(across, down, press.shift_key());
    };
    focus(if tool == Tool::Text { WORDS_ID } else { PICK_ID });
    view! {
        <svg class="editor__over" role="none" viewBox=box_of preserveAspectRatio="xMidYMid meet">
            <g
                id=PICK_ID
                class="editor__pick"
                tabindex="0"
                role="group"
                aria-label=label
                aria-describedby=HINT_ID
                on:keydown=pressed
            >
                {inside(desk, tool)}
                {(tool != Tool::Arrow).then(|| frame(desk))}
                <path class="editor__grip editor__grip--edge" d=move || grips(desk)></path>
                <path class="editor__grip" d=move || grips(desk)></path>
            </g>
        </svg>
    }
}

/// How it will look, nearly: the means of a blur are not known before it is one.
fn inside(desk: Desk, tool: Tool) -> AnyView {
    let corner = move || area(desk);
    let (left, top) = (move || corner().left, move || corner().top);
    let (width, height) = (move || corner().size.width, move || corner().size.height);
    match tool {
        Tool::Crop => view! { <path class="editor__outside" fill-rule="evenodd" d=move || outside(desk)></path> }.into_any(),
        Tool::Blur => {
            view! { <rect class="editor__blur" x=left y=top width=width height=height></rect> }.into_any()
        }
        Tool::Bar => view! { <rect x=left y=top width=width height=height fill="#000000"></rect> }.into_any(),
        Tool::Arrow => {
            let points = move || {
                let size = desk.size();
                let points = desk
                    .pick
                    .with(|pick| pick.as_ref().map_or_else(Vec::new, |pick| outline(pick.span, size)));
                let points = points.into_iter().map(|Point { x, y }| format!("{x:.1},{y:.1}"));
                points.collect::<Vec<_>>().join(" ")
            };
            view! {
                <polygon
                    points=points
                    fill="#ffffff"
                    stroke="#000000"
                    stroke-linejoin="round"
                    stroke-width=move || edge(desk.size()).to_string()
                    paint-order="stroke"
                ></polygon>
            }
            .into_any()
        }
        Tool::Text => view! {
            <text
                class="editor__words"
                x=left
                y=top
                fill="#ffffff"
                stroke="#000000"
                stroke-linejoin="round"
                stroke-width=move || (f64::from(height()) / 6.0).to_string()
                paint-order="stroke"
                font-size=height
                dominant-baseline="hanging"
            >
                {move || desk.pick.with(|pick| pick.as_ref().map(|pick| pick.words.clone()).unwrap_or_default())}
            </text>
        }
        .into_any(),
    }
}

/// The edge of an area.
fn frame(desk: Desk) -> AnyView {
    let corner = move || area(desk);
    let (left, top) = (move || corner().left, move || corner().top);
    let (width, height) = (move || corner().size.width, move || corner().size.height);
    view! {
        <rect class="editor__frame editor__frame--edge" x=left y=top width=width height=height></rect>
        <rect class="editor__frame" x=left y=top width=width height=height></rect>
    }
    .into_any()
}

fn area(desk: Desk) -> Area {
    let size = desk.size();
    desk.pick.with(|pick| {
        let whole = || size.part((0.0, 0.0), (1.0, 1.0)).area(size);
        pick.as_ref().map_or_else(whole, |pick| pick.area(size))
    })
}

/// All of the picture but the area.
fn outside(desk: Desk) -> String {
    let size = desk.size();
    let Area { left, top, size: own } = area(desk);
    format!(
        "M0 0H{}V{}H0ZM{left} {top}h{}v{}h-{}Z",
        size.width, size.height, own.width, own.height, own.width
    )
}

/// The ends of an arrow, or the corners of an area: each a line of no length, which is drawn as a dot.
fn grips(desk: Desk) -> String {
    let ends = desk.pick.with(|pick| {
        pick.as_ref()
            .filter(|pick| pick.tool == Tool::Arrow)
            .map(|Pick { span, .. }| [(span.from.x, span.from.y), (span.to.x, span.to.y)])
    });
    let dot = |(x, y): (f64, f64)| format!("M{x:.1} {y:.1}h0");
    if let Some(ends) = ends {
        return ends.map(dot).concat();
    }
    let Area { left, top, size } = area(desk);
    let (left, top) = (f64::from(left), f64::from(top));
    let (right, bottom) = (left + f64::from(size.width), top + f64::from(size.height));
    [(left, top), (right, top), (left, bottom), (right, bottom)]
        .map(dot)
        .concat()
}

/// What can be done with what is being drawn.
#[component]
fn Options(desk: Desk) -> impl IntoView {
    let language = use_language();
    let tool = Memo::new(move |_| desk.pick.with(|pick| pick.as_ref().map(|pick| pick.tool)));
    move || {
        let tool = tool.get()?;
        let words = (tool == Tool::Text).then(|| {
            view! {
                <input
                    id=WORDS_ID
                    class="field__control editor__field"
                    type="text"
                    maxlength="120"
                    autocomplete="off"
                    dir="auto"
                    aria-label=t::words(language)
                    placeholder=t::words(language)
                    on:input=move |event| desk.word(event_target_value(&event))
                    on:keydown=move |press| {
                        // The form around it would send the message.
                        if press.key() == "Enter" && !is_composing(&press) {
                            press.prevent_default();
                            apply(desk);
                        }
                    }
                />
            }
        });
        Some(view! {
            <div class="editor__options">
                {words}
                <button class="button button--outline" type="button" on:click=move |_| desk.scale(1.0 / STEP)>
                    {t::smaller(language)}
                </button>
                <button class="button button--outline" type="button" on:click=move |_| desk.scale(STEP)>
                    {t::larger(language)}
                </button>
                <button class="button button--soft" type="button" on:click=move |_| apply(desk)>
                    {t::apply(language)}
                </button>
            </div>
        })
    }
}

/// The tools.
#[component]
fn Tools(desk: Desk) -> impl IntoView {
    let language = use_language();
    let is_ready = move || desk.stage.get() == Stage::Ready;
    let tool = move |tool: Tool, icon: IconName| {
        let is_taken = Memo::new(move |_| {
            desk.pick
                .with(|pick| pick.as_ref().is_some_and(|pick| pick.tool == tool))
        });
        view! {
            <button
                id=tool_id(tool)
                class="editor__tool"
                type="button"
                aria-pressed=move || is_taken.get().to_string()
                disabled=move || !is_ready()
                on:click=move |_| desk.take(tool)
            >
                <Icon name=icon/>
                {said::name(language, tool)}
            </button>
        }
    };
    view! {
        <div class="editor__tools" role="group" aria-label=t::tools(language)>
            {tool(Tool::Crop, IconName::Crop)}
            <button
                class="editor__tool"
                type="button"
                disabled=move || !is_ready()
                on:click=move |_| desk.turn()
            >
                <Icon name=IconName::Refresh/>
                {t::turn(language)}
            </button>
            {tool(Tool::Blur, IconName::Blur)}
            {tool(Tool::Bar, IconName::Bar)}
            {tool(Tool::Arrow, IconName::ArrowRight)}
            {tool(Tool::Text, IconName::Letter)}
            <button
                class="editor__tool"
                type="button"
                disabled=move || !is_ready() || !desk.can_undo()
                on:click=move |_| desk.undo()
            >
                <Icon name=IconName::Reply/>
                {t::undo(language)}
            </button>
        </div>
    }
}

fn tool_id(tool: Tool) -> &'static str {
    match tool {
        Tool::Crop => "retouche-rogner",
        Tool::Blur => "retouche-flouter",
        Tool::Bar => "retouche-barre",
        Tool::Arrow => "retouche-fleche",
        Tool::Text => "retouche-texte",
    }
}

/// What is being drawn counts; the next one begins where this one did.
fn apply(desk: Desk) {
    if let Some(tool) = desk.apply_pick() {
        focus(tool_id(tool));
    }
}

/// Keys of the whole dialog. None of them is one of the page behind.
fn pressed(desk: Desk, press: &KeyboardEvent) {
    press.stop_propagation();
    match press.key().as_str() {
        "Escape" if !is_composing(press) => {
            // The browser would shut it, whatever was done.
            press.prevent_default();
            if desk.stage.get_untracked() == Stage::Writing {
                return;
            }
            let tool = desk
                .pick
                .with_untracked(|pick| pick.as_ref().map(|pick| pick.tool));
            if desk.drop_pick() {
                if let Some(tool) = tool {
                    focus(tool_id(tool));
                }
            } else if desk.has_work() {
                warn(desk);
            } else {
                leave(desk);
            }
        }
        "z" | "Z" if press.ctrl_key() || press.meta_key() => {
            let writes = desk
                .pick
                .with_untracked(|pick| pick.as_ref().is_some_and(|pick| pick.tool == Tool::Text));
            if !writes && desk.stage.get_untracked() == Stage::Ready {
                press.prevent_default();
                desk.undo();
            }
        }
        _ => {}
    }
}

/// The key is one of a word that is being composed. 229: an input method keeps it, in browsers that do not say so.
fn is_composing(press: &KeyboardEvent) -> bool {
    press.is_composing() || press.key_code() == 229
}

/// The browser is about to shut the dialog: Back on a phone, a gesture.
fn cancelled(desk: Desk, event: &Event) {
    if desk.stage.get_untracked() == Stage::Writing {
        event.prevent_default();
    } else if desk.would_lose() {
        event.prevent_default();
        warn(desk);
    }
}

/// Says what would be lost, and shows the way to lose it.
fn warn(desk: Desk) {
    desk.said.say(t::unsaved(desk.language));
    focus(CANCEL_ID);
}

/// The dialog has shut. Where nobody asked for it, it was the browser: a second gesture, a second Escape.
fn closed(desk: Desk) {
    if untrack(|| desk.is_wanted()) {
        leave(desk);
    }
}

fn leave(desk: Desk) {
    #[cfg(feature = "hydrate")]
    desk.leave();
    #[cfg(not(feature = "hydrate"))]
    let _ = desk;
}

fn finish(desk: Desk) {
    #[cfg(feature = "hydrate")]
    desk.finish();
    #[cfg(not(feature = "hydrate"))]
    let _ = desk;
}

/// Where in the picture the pointer is, and how far a finger reaches there.
fn place(node: NodeRef<html::Div>, desk: Desk, press: &PointerEvent) -> Option<(Point, f64)> {
    #[cfg(feature = "hydrate")]
    {
        let room = node.get_untracked()?.get_bounding_client_rect();
        let at = (
            f64::from(press.client_x()) - room.x(),
            f64::from(press.client_y()) - room.y(),
        );
        let size = untrack(|| desk.size());
        let (point, scale) = size.seen((room.width(), room.height()), at)?;
        Some((point, REACH / scale))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (node, desk, press, REACH);
        None
    }
}

/// The pointer stays with the picture, wherever it goes.
fn hold(node: NodeRef<html::Div>, pointer: i32) {
    if let Some(easel) = node.get_untracked() {
        let _ = easel.set_pointer_capture(pointer);
    }
}

fn focus(id: &'static str) {
    #[cfg(feature = "hydrate")]
    super::canvas::focus_soon(id.to_owned());
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

/// Opens the element over the page while a picture is being changed.
fn show_when(node: NodeRef<html::Dialog>, desk: Desk) {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if !desk.is_wanted() {
            dialog.close();
        } else if !dialog.open() {
            let _ = dialog.show_modal();
            desk.open_wanted();
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (node, desk);
}
