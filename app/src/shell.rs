//! The HTML document around the app, as the server sends it.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::boot::Boot;
use crate::root::App;

/// The hashed names of the front end's files, below `/pkg/`.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    /// The script.
    pub script: String,
    /// The script that loads the chunks.
    pub link_script: String,
    /// The WebAssembly module.
    pub wasm: String,
    /// The chunk of the page that is shown.
    pub chunk: Option<String>,
    /// The style sheet of every page.
    pub style: String,
    /// What most pages wear besides; on the others `chunks.js` brings it with the first code that is for it.
    pub second_style: String,
    /// Whether the page that is shown wears it.
    pub wears_second_style: bool,
}

/// Begins to fetch the page's code, for `chunks.js` to take: as early as a link for preloading would, but only where there
/// are scripts, and behind what the first picture of the page needs. Whoever takes one learns how it ended; the time that
/// it has is the loader's.
fn begin(files: &[String]) -> String {
    let options = r#"{priority:"low",signal:AbortSignal.timeout?.(60000)}"#;
    format!("begun={{}};for(const file of {files:?})(begun[file]=fetch(file,{options})).catch(()=>{{}})")
}

/// The document. Everything that is linked is ours; its scripts carry the page's nonce.
pub fn shell() -> impl IntoView {
    let boot = use_context::<Boot>();
    let assets = use_context::<Assets>().unwrap_or_default();
    let lang = boot.as_ref().map(|boot| boot.language).unwrap_or_default().tag();
    let build = boot.map(|boot| boot.build).unwrap_or_default();
    let script = format!("/pkg/{}", assets.script);
    let link_script = format!("/pkg/{}", assets.link_script);
    let files: Vec<String> = [Some(assets.wasm), assets.chunk]
        .into_iter()
        .flatten()
        .map(|file| format!("/pkg/{file}"))
        .collect();
    let style = format!("/pkg/{}", assets.style);
    let second_style = format!("/pkg/{}", assets.second_style);
    let worn = assets.wears_second_style.then(|| second_style.clone());
    view! {
        <!DOCTYPE html>
        <html lang=lang data-build=build data-style=second_style>
            <head>
                <meta charset="utf-8"/>
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
                />
                <meta name="description" content="Pli : messages directs entre cliniciens"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#FFFFFF"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1B1823"/>
                <meta name="format-detection" content="telephone=no"/>
                // Before the style, which a script waits for.
                <script nonce=use_nonce() inner_html=begin(&files)></script>
                <link rel="stylesheet" href=style/>
                {worn.map(|sheet| view! { <link rel="stylesheet" href=sheet/> })}
                <link rel="modulepreload" href=script.clone() nonce=use_nonce()/>
                <link rel="modulepreload" href=link_script nonce=use_nonce()/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="icon" href="/logo-mark.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <script type="module" src=script nonce=use_nonce()></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
