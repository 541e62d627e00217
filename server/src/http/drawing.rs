//! The time that drawing a page may take.
//!
//! The library that draws waits for the answers of a page through a graph of signals, and now and then it misses the last
//! one: that drawing never ends, although the same page begun anew takes two milliseconds. Seen five times in some 900
//! drawings of a closed conversation whose plain form was refused, and never in 2,400 that were merely opened; the version
//! used here has the fix of August 2026 for what looks like it (leptos pull request 4853). Drawing changes nothing, so it
//! may be begun as often as one likes.

use std::time::Duration;

use app::api::ApiError;
use axum::response::Response;

use crate::error::Result;

/// How long one drawing may take. A page takes 2 ms; this is beyond what a busy server makes of it.
const LONGEST: Duration = Duration::from_secs(3);
/// How often a page is begun before its reader is told to come back.
const MAX_TRIES: u32 = 2;

/// Draws the page at `path`, anew if it takes too long.
///
/// # Errors
/// `Busy` when no drawing has ended in time.
pub(super) async fn draw<D>(path: &str, mut begin: impl FnMut() -> D) -> Result<Response>
where
    D: Future<Output = Response>,
{
    for number in 1..=MAX_TRIES {
        if let Ok(page) = tokio::time::timeout(LONGEST, begin()).await {
            return Ok(page);
        }
        tracing::warn!(path, number, "a page was not drawn in time");
    }
    Err(ApiError::Busy { retry_after_s: 1 }.into())
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use futures::future::Either;

    use super::*;

    /// Draws a page of which the first `n_lost` drawings never end; answers whether it came, and how many were begun.
    async fn draw_after(n_lost: u32) -> (bool, u32) {
        let mut n_begun = 0;
        let drawn = draw("/accueil", || {
            n_begun += 1;
            if n_begun <= n_lost {
                Either::Left(std::future::pending())
            } else {
                Either::Right(std::future::ready("page".into_response()))
            }
        });
        let is_drawn = drawn.await.is_ok();
        (is_drawn, n_begun)
    }

    #[tokio::test(start_paused = true)]
    async fn a_drawing_that_does_not_end_is_begun_anew() {
        assert_eq!(draw_after(0).await, (true, 1));
        assert_eq!(draw_after(1).await, (true, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_page_that_cannot_be_drawn_is_told() {
        assert_eq!(draw_after(u32::MAX).await, (false, MAX_TRIES));
    }
}
