//! What only a browser can do: post, listen to the stream, look at the clock. Everything here is absent on the server.

mod page;
mod stream;
mod transport;

pub use page::{now_ms, random_key, register_service_worker, run_on_return, set_cookie};
pub use stream::EventStream;
pub use transport::Fetch;
