//! The application, tested without a display and without a graphics card.

mod alarm_desk;
mod alarm_panels;
mod anomalies;
mod curves;
mod flows;
mod frame;
mod futures;
mod health;
mod network;
mod orders;
mod panels;
mod pictures;
mod plant;
mod recorder;
mod roles;
mod scrub;
mod second_view;
mod shift_report;
mod sign_in;
mod small_screens;
mod soak;
mod topics;
mod trends;
mod twin;
mod view_tools;
