//! The actions of one message as plain forms: the page of a message (`?message=`), and the message that a new one answers
//! (`?repondre=`). Drawn by the server alone, for whoever has no script; a live page has the menu.

use leptos::prelude::*;

use super::opened::Opened;

/// The forms of the message that the address names, above the compose box.
pub(super) fn message_forms(opened: Opened) -> AnyView {
    #[cfg(feature = "ssr")]
    return drawn::message_forms(opened).into_any();
    #[cfg(not(feature = "ssr"))]
    {
        let _ = opened;
        ().into_any()
    }
}

/// What the form of the compose box answers, if the address says so.
pub(super) fn reply_field(opened: Opened) -> AnyView {
    #[cfg(feature = "ssr")]
    return drawn::reply_field(opened).into_any();
    #[cfg(not(feature = "ssr"))]
    {
        let _ = opened;
        ().into_any()
    }
}

#[cfg(feature = "ssr")]
mod drawn {
    use leptos::prelude::*;
    use leptos_router::hooks::use_query_map;

    use super::super::acting::act_refusal;
    use super::super::marks_view::{author_name, quote_words, reaction_word, reply_label};
    use super::super::opened::Opened;
    use super::super::rows::MessageRow;
    use super::super::{
        DeleteMessage, EditMessage, Marks, Message, PinMessage, Quote, ReactToMessage, Reaction, SendMessage,
        StarMessage,
    };
    use crate::api::Operation;
    use crate::boot::use_boot;
    use crate::i18n::{use_language, words};
    use crate::now::use_now;
    use crate::ui::{Icon, IconName};

    /// What a form needs besides its own fields.
    #[derive(Clone)]
    struct Forms {
        opened: Opened,
        message: Message,
        marks: Marks,
        key: String,
    }

    pub(super) fn message_forms(opened: Opened) -> Option<AnyView> {
        use words::conversations::actions as t;
        let language = use_language();
        let Some((message, row)) = named(opened, "message") else {
            // The message may be gone since: why it was refused is shown all the same.
            return refusal().map(|why| view! { <section class="closed-bar">{why}</section> }.into_any());
        };
        let forms = Forms {
            opened,
            marks: message.marks.read(),
            key: use_boot().with_value(|boot| boot.form_key.0.to_string()),
            message,
        };
        let author = author_name(opened, language, forms.message.author);
        let quote = Quote::of(&forms.message);
        let is_open = opened.is_open();
        // What was typed and refused is shown, whatever became of the message meanwhile.
        let was_typed = use_boot().with_value(|boot| boot.posted_by(EditMessage::NAME).is_some());
        let may_edit = was_typed || is_open && row.may_edit(use_now().get());
        let position = forms.message.position;
        let label = if row.is_mine {
            t::label_mine(language).to_owned()
        } else {
            t::label(language, &author)
        };
        Some(view! {
            <section class="closed-bar" id="message" aria-label=label tabindex="-1">
                <p class="quote">
                    <span class="quote__author">{author}</span>
                    <span class="quote__text" dir="auto">{quote_words(language, &quote)}</span>
                </p>
                {refusal()}
                {is_open.then(|| forms.reactions())}
                {may_edit.then(|| forms.edit())}
                <div class="closed-bar__actions">
                    {is_open.then(|| view! {
                        <a class="button" href=format!("/messages/{}?repondre={position}#ecrire", opened.id)>
                            <Icon name=IconName::Reply small=true/>
                            {t::reply(language)}
                        </a>
                    })}
                    {is_open.then(|| forms.pin())}
                    {forms.star()}
                    <a class="button button--quiet" href=format!("/messages/{}", opened.id)>
                        {t::close(language)}
                    </a>
                </div>
                {(row.is_mine && is_open).then(|| forms.delete())}
            </section>
        }.into_any())
    }

    pub(super) fn reply_field(opened: Opened) -> Option<impl IntoView> {
        use words::conversations::reply as t;
        let language = use_language();
        let id = opened.id.to_string();
        // Where a message was refused, what it answered stands again in the form.
        let posted = use_boot().with_value(|boot| {
            let posted = boot.posted_by(SendMessage::NAME)?;
            let is_here = posted.field("conversation") == Some(&id);
            posted.field("reply_to").filter(|_| is_here)?.parse().ok()
        });
        let message = match posted {
            Some(posted) => opened.timeline.with_untracked(|timeline| {
                let held = timeline.messages().iter().find(|message| message.id == posted);
                held.cloned()
            }),
            None => named(opened, "repondre").map(|(message, _)| message),
        }?;
        let quote = Quote::of(&message);
        let author = author_name(opened, language, quote.author);
        Some(view! {
            <div class="compose__reply" role="group" aria-label=reply_label(opened, language, &quote)>
                <input type="hidden" name="reply_to" value=quote.id.to_string()/>
                <p class="quote">
                    <span class="quote__author">{author.clone()}</span>
                    <span class="quote__text">{quote_words(language, &quote)}</span>
                </p>
                <a class="button button--icon" href=format!("/messages/{id}") aria-label=t::cancel(language)>
                    <Icon name=IconName::Close/>
                </a>
            </div>
        })
    }

    /// The message that the address names by its position, if there is something to do with it.
    fn named(opened: Opened, field: &str) -> Option<(Message, MessageRow)> {
        let query = use_query_map();
        let position = query.with_untracked(|query| query.get(field)?.parse::<u64>().ok())?;
        let row = opened.row_of(position)?;
        let message = opened.message_of(row)?;
        let row = opened
            .rows
            .with_untracked(|rows| rows.messages.get(&row).cloned())?;
        (!row.is_deleted()).then_some((message, row))
    }

    /// Why what a form asked was refused.
    fn refusal() -> Option<impl IntoView> {
        let language = use_language();
        let names = [
            EditMessage::NAME,
            DeleteMessage::NAME,
            ReactToMessage::NAME,
            PinMessage::NAME,
            StarMessage::NAME,
        ];
        let words = use_boot().with_value(|boot| {
            let refused = names
                .into_iter()
                .find_map(|name| boot.posted_by(name)?.error.as_ref());
            refused.map(|error| act_refusal(language, error))
        });
        words.map(|words| {
            view! {
                <p class="compose__problem" role="alert">
                    <Icon name=IconName::Warning small=true/>
                    {words}
                </p>
            }
        })
    }

    impl Forms {
        fn fields(&self, operation: &'static str) -> impl IntoView + use<> {
            view! {
                <input type="hidden" name="operation" value=operation/>
                <input type="hidden" name="message" value=self.message.id.to_string()/>
            }
        }

        fn reactions(&self) -> impl IntoView + use<> {
            let language = use_language();
            let me = self.opened.me();
            let mine = self.marks.reactions.iter().find(|reacted| reacted.account == me);
            let words: Vec<_> = Reaction::ALL
                .into_iter()
                .filter(|reaction| mine.is_none_or(|mine| mine.reaction != *reaction))
                .map(|reaction| {
                    let (word, icon) = reaction_word(language, reaction);
                    view! {
                        <button class="chip chip--press" name="reaction" value=reaction.name()>
                            <Icon name=icon/>
                            {word}
                        </button>
                    }
                })
                .collect();
            let removal = mine.map(|mine| {
                let (word, _) = reaction_word(language, mine.reaction);
                view! {
                    <form method="post">
                        {self.fields(ReactToMessage::NAME)}
                        <input type="hidden" name="key" value=self.key.clone()/>
                        <button class="button button--quiet">
                            {words::conversations::reaction::remove(language, word)}
                        </button>
                    </form>
                }
            });
            view! {
                <form
                    class="closed-bar__actions"
                    method="post"
                    aria-label=words::conversations::actions::react(language)
                >
                    {self.fields(ReactToMessage::NAME)}
                    <input type="hidden" name="key" value=self.key.clone()/>
                    {words}
                </form>
                {removal}
            }
        }

        fn edit(&self) -> impl IntoView + use<> {
            use words::conversations::edit as t;
            let language = use_language();
            let (posted, key) = use_boot().with_value(|boot| {
                let posted = boot.posted_by(EditMessage::NAME);
                let typed = posted.and_then(|posted| posted.field("body").map(ToOwned::to_owned));
                // After a failure nobody knows what was stored: the same key changes once, whatever happened.
                let is_open = posted.is_some_and(|posted| {
                    posted
                        .error
                        .as_ref()
                        .is_some_and(crate::api::ApiError::is_transient)
                });
                let key = posted
                    .filter(|_| is_open)
                    .and_then(|posted| posted.field("key").map(ToOwned::to_owned));
                (typed, key)
            });
            let text = posted.unwrap_or_else(|| self.message.body.as_str().to_owned());
            view! {
                <form class="act-form" method="post" aria-label=t::title(language)>
                    {self.fields(EditMessage::NAME)}
                    <input type="hidden" name="key" value=key.unwrap_or_else(|| self.key.clone())/>
                    <textarea
                        class="field__control act-form__text"
                        name="body"
                        rows="3"
                        aria-label=t::text(language)
                        dir="auto"
                        inner_html=super::super::compose::escaped(&text)
                    ></textarea>
                    <p class="section__note">{t::note(language, &self.opened.friend_name())}</p>
                    <button class="button button--primary">{t::save(language)}</button>
                </form>
            }
        }

        fn pin(&self) -> impl IntoView + use<> {
            use words::conversations::actions as t;
            let language = use_language();
            let is_pinned = self.marks.pinned_at.is_some();
            view! {
                <form method="post">
                    {self.fields(PinMessage::NAME)}
                    <input type="hidden" name="key" value=self.key.clone()/>
                    <input type="hidden" name="pinned" value=(!is_pinned).to_string()/>
                    <button class="button button--quiet">
                        {if is_pinned { t::unpin(language) } else { t::pin(language) }}
                    </button>
                </form>
            }
        }

        fn star(&self) -> impl IntoView + use<> {
            use words::conversations::actions as t;
            let language = use_language();
            let is_starred = self.marks.is_starred;
            view! {
                <form method="post">
                    {self.fields(StarMessage::NAME)}
                    <input type="hidden" name="key" value=self.key.clone()/>
                    <input type="hidden" name="starred" value=(!is_starred).to_string()/>
                    <button class="button button--quiet">
                        {if is_starred { t::unstar(language) } else { t::star(language) }}
                    </button>
                </form>
            }
        }

        /// Behind one more press, for want of a question that a script would ask.
        fn delete(&self) -> impl IntoView + use<> {
            use words::conversations::delete as t;
            let language = use_language();
            view! {
                <details>
                    <summary class="button button--danger-quiet">{t::title(language)}</summary>
                    <form class="act-form" method="post">
                        {self.fields(DeleteMessage::NAME)}
                        <p>{t::text(language, &self.opened.friend_name())}</p>
                        <button class="button button--danger">{t::word(language)}</button>
                    </form>
                </details>
            }
        }
    }
}
