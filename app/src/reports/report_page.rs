//! The page on which a person is reported: `/signaler/<account>`.
//!
//! Two steps: choose, then see everything that will be handed over, and send it. Without a script the first step is a plain
//! form whose answer is the second one; the second one leads to this page with the key of the report, and what the server
//! has under that key decides whether the page says that it was sent.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::choosing::Choosing;
use super::review::Review;
use super::{
    GetReportState, PreviewReport, ReportAccount, ReportPreview, ReportReason, ReportState, ReportedMessage,
};
use crate::api::{AccountId, ApiError, Client, InvalidReason, Operation, ReportKey, json};
use crate::asked::ask_with;
use crate::boot::{Posted, set_page_status, use_boot};
use crate::contacts::{GetProfile, Profile};
use crate::conversations::{ReadTimeline, TimelinePage};
use crate::i18n::{error_words, use_language, words::reports as t};
use crate::root::NotFound;
use crate::ui::{Icon, IconName, Notice, PageHeader, SkeletonRows, Tone};

/// So many of the last messages can be chosen from: the most of one page of a timeline. Some short ones bury nothing.
const N_OFFERED: u32 = 200;

/// Where the address of the page holds the key of a report that a plain form has sent.
pub(super) const SENT: &str = "envoi";

/// What the page starts from: the person, how their report stands, the last messages with them, and what a plain form has
/// asked to see.
type Start = (
    Profile,
    ReportState,
    Option<TimelinePage>,
    Option<Result<ReportPreview, ApiError>>,
);

/// The page of the reporter.
#[component]
pub fn ReportPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let account = Memo::new(move |_| {
        params.with(|params| params.get("person").and_then(|id| id.parse::<AccountId>().ok()))
    });
    let sent =
        use_query_map().with_untracked(|query| query.get(SENT).and_then(|key| key.parse::<ReportKey>().ok()));
    let posted = take_posted();
    let wish = posted.clone();
    let start = ask_with::<Start>(
        move || {
            account
                .get()
                .map(|account| account.to_string())
                .unwrap_or_default()
        },
        move |client, _| {
            let wish = wish.clone();
            Box::pin(read(client, account.get_untracked(), sent, wish))
        },
    );
    let drawn = move || {
        let posted = posted.clone();
        Suspend::new(async move {
            match start.answer().await {
                Ok((profile, state, page, shown)) => {
                    view! { <Reporting profile state page shown posted/> }.into_any()
                }
                Err(ApiError::NotFound) => view! { <NotFound/> }.into_any(),
                Err(error) => {
                    set_page_status(error.status());
                    view! { <Notice title=error_words(language, &error) tone=Tone::Danger/> }.into_any()
                }
            }
        })
    };
    view! {
        // Whom it is about stays out of the browser's history.
        <Title text=t::page(language)/>
        <div class="page">
            <Suspense fallback=move || view! { <SkeletonRows label=t::loading(language)/> }>{drawn}</Suspense>
        </div>
    }
}

/// What a plain form of either step has posted to this page. It counts once.
fn take_posted() -> Option<Posted> {
    let boot = use_boot();
    let posted = boot.with_value(|boot| {
        let either = [PreviewReport::NAME, ReportAccount::NAME];
        either.iter().find_map(|name| boot.posted_by(name)).cloned()
    });
    if posted.is_some() {
        Effect::new(move |_| boot.update_value(|boot| boot.posted = None));
    }
    posted
}

async fn read(
    client: Client,
    account: Option<AccountId>,
    sent: Option<ReportKey>,
    posted: Option<Posted>,
) -> Result<String, ApiError> {
    let account = account.ok_or(ApiError::NotFound)?;
    let profile = client.ask(&GetProfile { account }).await?;
    let known: Profile = json::read(&profile)?;
    let state = client.ask(&GetReportState { account, key: sent }).await?;
    let page = match known.person.conversation {
        Some(conversation) => {
            let wish = ReadTimeline {
                conversation,
                before: None,
                after: None,
                around: None,
                limit: Some(N_OFFERED),
            };
            client.ask(&wish).await?
        }
        None => "null".to_owned(),
    };
    let shown = match posted {
        Some(posted) => Some(show(&client, account, &posted).await),
        None => None,
    };
    Ok(format!("[{profile},{state},{page},{}]", json::write(&shown)?))
}

/// Asks to see what a plain form would hand over; why it was refused, if it was.
async fn show(client: &Client, account: AccountId, posted: &Posted) -> Result<ReportPreview, ApiError> {
    client.call(wish_of(account, posted)?).await
}

/// What a plain form of either step wishes.
fn wish_of(account: AccountId, posted: &Posted) -> Result<PreviewReport, ApiError> {
    let reason = posted.field("reason").and_then(ReportReason::from_name);
    Ok(PreviewReport {
        account,
        reason: reason.ok_or_else(|| ApiError::invalid("reason", InvalidReason::Empty))?,
        words: posted.field("words").unwrap_or_default().to_owned(),
        messages: chosen(posted),
    })
}

/// The positions that a plain form has ticked.
pub(super) fn chosen(posted: &Posted) -> Vec<u64> {
    let ticked = posted.fields.iter().filter(|(name, _)| name == "messages");
    ticked.filter_map(|(_, value)| value.parse().ok()).collect()
}

/// Both steps, and that it is done.
#[component]
fn Reporting(
    profile: Profile,
    state: ReportState,
    page: Option<TimelinePage>,
    shown: Option<Result<ReportPreview, ApiError>>,
    posted: Option<Posted>,
) -> impl IntoView {
    let language = use_language();
    let person = profile.person;
    let account = person.id;
    let name = StoredValue::new(person.name.clone());
    let is_done = RwSignal::new(state.is_sent);
    let (preview, refused) = match shown {
        Some(Ok(preview)) => (
            Some(preview),
            posted.as_ref().and_then(|posted| posted.error.clone()),
        ),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    if let Some(error) = &refused {
        set_page_status(error.status());
    }
    let preview = RwSignal::new(preview);
    let refused = RwSignal::new(refused);
    // While the second step is shown in a live page, the first one waits unseen with what was typed.
    let is_live = RwSignal::new(false);
    Effect::new(move |_| is_live.set(true));
    let is_first_hidden = move || is_done.get() || (is_live.get() && preview.with(Option::is_some));
    // What was typed while there still was a reader stays.
    let is_unread = !state.has_reader && !state.is_sent && posted.is_none();
    let messages = offered(page);
    let key = posted
        .as_ref()
        .and_then(|posted| posted.field("key")?.parse().ok());
    let back = StoredValue::new(format!("/reseau/{account}"));
    view! {
        <div class="page__back">
            <a class="button button--quiet" href=back.get_value()>
                <Icon name=IconName::ArrowLeft small=true/>
                {t::back(language)}
            </a>
        </div>
        <PageHeader
            title=t::title(language, &name.get_value())
            sub=t::sub(language).to_owned()
        />
        <div aria-live="polite">
            {move || is_done.get().then(|| {
                view! {
                    <Notice title=t::done(language) text=Some(t::done_text(language).to_owned()) tone=Tone::Success>
                        <a class="button button--outline" href=back.get_value()>{t::back(language)}</a>
                    </Notice>
                }
            })}
        </div>
        {if is_unread {
            view! { <Notice title=t::unread(language) text=Some(t::unread_text(language).to_owned()) tone=Tone::Warn/> }
                .into_any()
        } else {
            view! {
                {move || {
                    preview
                        .get()
                        .filter(|_| !is_done.get())
                        .map(|shown| view! { <Review shown name=name.get_value() key preview refused is_done/> })
                }}
                <div hidden=is_first_hidden>
                    <Choosing account name=name.get_value() messages posted preview refused/>
                </div>
            }
            .into_any()
        }}
    }
}

/// The messages that can be chosen.
fn offered(page: Option<TimelinePage>) -> Vec<ReportedMessage> {
    let messages = page.map(|page| page.messages).unwrap_or_default();
    let shown = messages.into_iter().filter(|message| !message.body.is_withheld());
    shown
        .map(|message| ReportedMessage {
            position: message.position,
            author: message.author,
            sent_at: message.sent_at,
            edited_at: message.marks.read().edited_at,
            body: message.body,
            // Shown by the second step, as the server reads it.
            earlier: Vec::new(),
        })
        .collect()
}
