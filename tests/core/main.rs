//! The core, floors 0 to 5, tested at its borders. No Bevy, no display.

mod accounts;
mod alarm;
mod alarm_cascades;
mod alarm_report;
mod alarm_rules;
mod anomaly;
mod campaign;
mod cli;
#[cfg(feature = "cluster")]
mod cluster;
mod commands;
mod drawing;
mod estimate;
mod evidence;
mod exploration;
mod files;
mod floors;
mod forcing;
mod forecast;
mod health;
mod hindcast;
mod history;
mod history_archive;
mod history_trends;
mod import;
mod models;
mod mosquitto;
mod recording;
mod scenarios;
mod scene;
mod scenes;
mod shift_report;
mod simulation;
mod stories;
mod telemetry;
mod topics;
