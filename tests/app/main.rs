//! The application, tested without a display and without a graphics card.

mod frame;
mod futures;
mod network;
mod panels;
mod pictures;
mod plant;
mod scrub;
mod twin;
