//! Files in a bubble: pictures in place, in the room that they take, other files in rows; on their way, how far they are.

use leptos::context::Provider;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::views::{PdfRow, VideoRow};
use super::voice::{Sound, Source};
use super::words::{kind, name, size};
use super::{Attachment, AttachmentKind, Attachments, FileNote, KeptFile};
use crate::accounts::Language;
use crate::api::{AttachmentId, MessageKey};
use crate::chunk::{Beside, Page};
use crate::conversations::{MessageRow, Opened};
use crate::i18n::{format, use_language, words};
use crate::session::use_me;
use crate::ui::{Icon, IconName};

/// Where the bytes of a file are.
pub(super) fn file_url(id: AttachmentId) -> String {
    format!("/api/v1/attachments/{id}")
}

/// The files of a message. While they are on their way they stand as this device has them.
pub(crate) fn draw_files(opened: Opened, id: u128, row: Memo<Option<MessageRow>>) -> AnyView {
    view! { <Files opened id row/> }.into_any()
}

#[component]
fn Files(opened: Opened, id: u128, row: Memo<Option<MessageRow>>) -> impl IntoView {
    let stored = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.attachments.clone())));
    move || match stored.get() {
        None => view! { <Going opened id/> }.into_any(),
        // The message was deleted, and they went with it.
        Some(attachments) if attachments.is_empty() => ().into_any(),
        Some(attachments) => view! { <Stored opened id row attachments/> }.into_any(),
    }
}

/// The bubble that a viewer belongs to: several may have one, and one is open.
#[derive(Clone, Copy)]
pub(super) struct Home(u128);

impl Home {
    /// What is looked at from here, as `Opened::viewed` has it.
    pub(super) fn viewed(self, id: &str) -> String {
        format!("{}/{id}", self.0)
    }

    /// The file that is looked at, if it is from here.
    pub(super) fn file(self, viewed: &str) -> Option<&str> {
        let (home, id) = viewed.split_once('/')?;
        (home.parse() == Ok(self.0)).then_some(id)
    }
}

/// Files that are on the server.
#[component]
fn Stored(
    opened: Opened,
    id: u128,
    row: Memo<Option<MessageRow>>,
    attachments: Attachments,
) -> impl IntoView {
    let language = use_language();
    let files = attachments.list();
    // The viewer comes when a picture is first pressed, and stays with this bubble.
    provide_context(opened);
    let home = Home(id);
    provide_context(home);
    let wants_viewer = RwSignal::new(false);
    let who = row.with_untracked(|row| row.as_ref().map(|row| sender(language, opened, row)));
    let who = who.unwrap_or_default();
    let view_picture = move |press: &MouseEvent, id: AttachmentId| {
        // With a key held a link is the browser's.
        if press.ctrl_key() || press.meta_key() || press.shift_key() {
            return;
        }
        press.prevent_default();
        opened.viewed.set(home.viewed(&id.to_string()));
        wants_viewer.set(true);
    };
    let files = files.into_iter().map(|file| {
        if file.width.is_some() {
            let id = file.id;
            let alt = file.description.clone().unwrap_or_else(|| who.clone());
            view! { <Picture file alt on_press=move |press| view_picture(&press, id)/> }.into_any()
        } else {
            match file.kind {
                AttachmentKind::Audio => view! { <SoundRow file/> }.into_any(),
                AttachmentKind::Video => view! { <VideoRow file/> }.into_any(),
                AttachmentKind::Pdf => view! { <PdfRow file/> }.into_any(),
                AttachmentKind::Image | AttachmentKind::Document => view! { <FileRow file/> }.into_any(),
            }
        }
    });
    view! {
        {files.collect_view()}
        <Beside page=Page::VIEWER wanted=wants_viewer/>
    }
}

/// "Photo envoyée par Dre Roy, 14 h 05".
pub(super) fn sender(language: Language, opened: Opened, row: &MessageRow) -> String {
    let name = if row.is_mine {
        use_me().with_untracked(|me| me.as_ref().map(|me| me.name.clone()).unwrap_or_default())
    } else {
        opened.friend_name()
    };
    words::attachments::picture_by(language, &name, &format::time(language, row.civil))
}

/// A picture, as large as it is known to be before it has come.
#[component]
fn Picture(file: Attachment, alt: String, on_press: impl Fn(MouseEvent) + 'static) -> impl IntoView {
    let language = use_language();
    let url = file_url(file.id);
    let label = words::attachments::enlarge(language, &alt);
    view! {
        <a
            class="picture"
            href=url.clone()
            download=file.name.as_str().to_owned()
            rel="external"
            aria-label=label
            on:click=on_press
        >
            <img
                src=format!("{url}/thumbnail")
                alt=alt
                width=file.width.unwrap_or_default()
                height=file.height.unwrap_or_default()
                loading="lazy"
                decoding="async"
            />
        </a>
    }
}

/// Any other file: what it is called, what it is, how large, and a way to have it.
#[component]
pub(super) fn FileRow(file: Attachment) -> impl IntoView {
    let language = use_language();
    let shown = name(language, &file.name);
    let about = about(language, &file);
    let note = file.note.map(|note| note_words(language, note));
    view! {
        <a
            class="file"
            href=file_url(file.id)
            download=file.name.as_str().to_owned()
            rel="external"
            aria-label=words::attachments::download(language, &shown, &about)
        >
            <span class=kind_class(file.kind)>
                <Icon name=icon(file.kind)/>
            </span>
            <span class="file__text">
                <span class="file__name" dir="auto">{shown.clone()}</span>
                <span class="file__size">{about.clone()}</span>
                {note.map(|note| view! { <span class="file__note">{note}</span> })}
            </span>
            <Icon name=IconName::Download small=true/>
        </a>
    }
}

/// A sound: a file as any other, and below it its player, once the page is whole.
#[component]
fn SoundRow(file: Attachment) -> impl IntoView {
    let language = use_language();
    let sound = Sound {
        name: name(language, &file.name),
        size: file.size,
        source: Source::Attachment(file.id),
    };
    view! {
        <div class="sound">
            <FileRow file/>
            <Provider value=sound>
                <Beside page=Page::PLAYER wanted=true/>
            </Provider>
        </div>
    }
}

/// "PDF · 1,2 Mo".
fn about(language: Language, file: &Attachment) -> String {
    format!("{} · {}", kind(language, file.kind), size(language, file.size))
}

fn note_words(language: Language, note: FileNote) -> &'static str {
    match note {
        FileNote::KeptAsFile => words::attachments::note::kept_as_file(language),
        FileNote::HasScripts => words::attachments::note::has_scripts(language),
    }
}

pub(super) fn icon(kind: AttachmentKind) -> IconName {
    match kind {
        AttachmentKind::Image => IconName::Image,
        AttachmentKind::Pdf => IconName::Pdf,
        AttachmentKind::Audio => IconName::Microphone,
        AttachmentKind::Video => IconName::Play,
        AttachmentKind::Document => IconName::File,
    }
}

fn kind_class(kind: AttachmentKind) -> &'static str {
    if kind == AttachmentKind::Pdf {
        "file__kind"
    } else {
        "file__kind file__kind--other"
    }
}

/// Files on their way.
#[component]
fn Going(opened: Opened, id: u128) -> impl IntoView {
    let language = use_language();
    let key = MessageKey(uuid::Uuid::from_u128(id));
    let files = Memo::new(move |_| opened.outbox().files_of(opened.id, key));
    move || {
        KeptFile::list(&files.get())
            .into_iter()
            .map(|file| {
                let shown = name(language, &file.name);
                view! {
                    <div class="file file--going">
                        <span class=kind_class(file.kind)>{preview(&file)}</span>
                        <span class="file__text">
                            <span class="file__name" dir="auto">{shown}</span>
                            <span class="file__size">{how_far(language, &file)}</span>
                        </span>
                    </div>
                }
            })
            .collect_view()
    }
}

/// What this device still has of a picture, or what stands for it.
pub(super) fn preview(file: &KeptFile) -> AnyView {
    #[cfg(feature = "hydrate")]
    if file.kind == AttachmentKind::Image
        && let Some(url) = super::uploads::preview_url(file.key)
    {
        return view! { <img class="file__preview" src=url alt=""/> }.into_any();
    }
    view! { <Icon name=icon(file.kind)/> }.into_any()
}

/// What became of a file, once it is decided: a screen reader hears this, and not each step before.
pub(super) fn what_became(language: Language, file: &KeptFile) -> AnyView {
    #[cfg(feature = "hydrate")]
    {
        use super::uploads::{Progress, progress_of};
        let progress = progress_of(file.key);
        let ready = format!("{} · {}", kind(language, file.kind), size(language, file.size));
        (move || match progress.get() {
            Progress::Finished(_) => ready.clone(),
            Progress::Waiting(error) | Progress::Failed(error) => crate::i18n::error_words(language, &error),
            Progress::Going(_) | Progress::None => String::new(),
        })
        .into_any()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (language, file);
        ().into_any()
    }
}

/// How far a file has come, in words that follow it.
pub(super) fn how_far(language: Language, file: &KeptFile) -> AnyView {
    let whole = size(language, file.size);
    #[cfg(feature = "hydrate")]
    {
        use super::uploads::{Progress, progress_of};
        let progress = progress_of(file.key);
        let (size, file_kind, is_held) = (file.size, file.kind, file.is_held);
        (move || match progress.get() {
            Progress::Finished(_) => format!("{} · {whole}", kind(language, file_kind)),
            Progress::Going(n_bytes) => {
                let percent = n_bytes.saturating_mul(100).checked_div(size).unwrap_or(0);
                words::attachments::going(language, &percent.to_string())
            }
            Progress::Waiting(error) | Progress::Failed(error) => crate::i18n::error_words(language, &error),
            // It may be changed still: nothing of it has left.
            Progress::None if is_held => format!("{} · {whole}", kind(language, file_kind)),
            Progress::None => words::attachments::waiting(language).to_owned(),
        })
        .into_any()
    }
    #[cfg(not(feature = "hydrate"))]
    whole.into_any()
}
