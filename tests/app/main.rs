//! The application, tested without a display and without a graphics card.

mod curves;
mod frame;
mod futures;
mod network;
mod panels;
mod pictures;
mod plant;
mod recorder;
mod scrub;
mod trends;
mod twin;
mod view_tools;
