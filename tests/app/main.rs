//! The application, tested without a display and without a graphics card.

mod frame;
mod scrub;
mod twin;
