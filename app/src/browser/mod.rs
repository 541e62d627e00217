//! What only a browser can do: post, listen to the stream, keep words on the device, look at the clock. Everything here is absent on the server.

mod device;
mod page;
pub mod passkeys;
mod stream;
mod transport;
pub mod voice;

pub use device::{Device, Refused};
pub use page::{now_ms, random_key, register_service_worker, run_on_return, set_cookie};
pub use stream::EventStream;
pub use transport::Fetch;
