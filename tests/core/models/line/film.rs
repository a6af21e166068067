//! The factory as a film: who is where at any instant, where each has been, and what flows.

use std::collections::BTreeMap;
use std::time::Duration;

use super::factory::{opened, plan};
use parallax::population::{Flows, PopulationFrame, PopulationId};
use parallax::session::Opened;
use parallax::simulation::{Film, Run};
use parallax::time::Timestamp;

const TRAYS: PopulationId = PopulationId(0);
const VEHICLES: PopulationId = PopulationId(1);

fn film(opened: &Opened, seed: u64) -> Film {
    Film::start(&plan(opened, seed), 0, Duration::from_secs(1)).expect("a film")
}

fn millis(millis: i64) -> Timestamp {
    Timestamp::from_nanos(millis * 1_000_000)
}

/// The frame of an instant, however long it takes to come there.
#[track_caller]
fn frame(film: &mut Film, population: PopulationId, at: Timestamp) -> PopulationFrame {
    assert!(
        film.seek(at, usize::MAX).expect("a film"),
        "it never comes to {at}"
    );
    film.frame(population, at).expect("a frame")
}

#[test]
fn scrubbing_to_an_instant_equals_playing_to_it() {
    let opened = opened();
    let instants = [
        1_500, 1_740_250, 600_000, 601_000, 600_999, 0, 3_599_900, 17_000, 1_740_250,
    ];
    let mut scrubbed = film(&opened, 9);
    let seen: Vec<_> = instants
        .iter()
        .map(|at| (*at, frame(&mut scrubbed, TRAYS, millis(*at))))
        .collect();
    let mut played = film(&opened, 9);
    let mut in_order = instants;
    in_order.sort_unstable();
    for at in in_order {
        let frame = frame(&mut played, TRAYS, millis(at));
        for (_, seen) in seen.iter().filter(|(other, _)| *other == at) {
            assert!(*seen == frame, "the frames of {at} ms differ");
        }
    }
    let (trail, other) = (scrubbed.trail(TRAYS), played.trail(TRAYS));
    let moves = |trail: Option<&parallax::population::Trail>| {
        let moves = trail
            .expect("a trail")
            .moves(Timestamp::MIN, millis(3_599_000));
        moves.copied().collect::<Vec<_>>()
    };
    assert!(moves(trail).len() > 10_000);
    assert!(moves(trail) == moves(other), "going back changed the trail");
}

#[test]
fn a_film_shows_the_run_that_it_is_of() {
    let opened = opened();
    let mut run = Run::start(plan(&opened, 4).into(), 0).expect("a start");
    let mut film = film(&opened, 4);
    for minute in [1, 10, 55] {
        let at = Timestamp::from_secs(minute * 60);
        run.advance_to(at).expect("a run");
        for population in [TRAYS, VEHICLES] {
            assert!(frame(&mut film, population, at) == run.population(population));
        }
    }
    assert_eq!(
        film.frame(TRAYS, Timestamp::from_secs(30)),
        None,
        "not sought"
    );
    assert_eq!(film.frame(TRAYS, Timestamp::from_secs(-1)), None);
    let (first, last) = film.span();
    assert_eq!(last.secs_since(first), 8.0 * 3_600.0);
}

#[test]
fn a_long_way_is_gone_in_pieces_that_a_frame_can_afford() {
    let opened = opened();
    let mut film = film(&opened, 2);
    let at = Timestamp::from_secs(1_000);
    let pieces = (1..).find(|_| film.seek(at, 50).expect("a film"));
    // Ticks 0 to 1001.
    assert_eq!(pieces, Some(21));
}

/// The trays, the pallets and the vehicles: what the trail says is what the frames show.
#[test]
fn trails_end_where_the_frames_show_their_members() {
    let opened = opened();
    let mut film = film(&opened, 6);
    let infos: Vec<_> = opened.plant.populations().cloned().collect();
    for at in [700, 2_900].map(Timestamp::from_secs) {
        for population in [TRAYS, VEHICLES] {
            let info = &infos[population.0 as usize];
            let frame = frame(&mut film, population, at);
            assert!(!frame.rows().is_empty());
            let trail = film.trail(population).expect("a trail");
            for row in frame.rows() {
                let visits = trail.visits(row.id, at);
                let last = visits.last().expect("a visit");
                let name = |place: u32| &info.places[place as usize];
                let place = row.place.expect("a place");
                assert_eq!(name(last.place), name(place), "{} {}", info.name, row.id);
                assert_eq!(last.until, None);
                assert!(visits.is_sorted_by(|one, next| one.until == Some(next.from)));
                assert!(usize::from(row.kind) < info.kinds.len());
            }
        }
    }
    assert_eq!(infos[0].kinds, ["tray", "pallet"]);
    assert_eq!(infos[1].kinds, ["AGVS"]);
}

#[test]
fn a_tray_goes_through_the_machines_in_their_order() {
    let opened = opened();
    let mut film = film(&opened, 6);
    let at = Timestamp::from_secs(3_600);
    let frame = frame(&mut film, TRAYS, at);
    let trail = film.trail(TRAYS).expect("a trail");
    let info = opened.plant.populations().next().expect("trays");
    let name = |place: u32| info.places[place as usize].as_str();
    let packed = frame
        .rows()
        .iter()
        .find(|row| row.place.map(name) == Some("CV-106"));
    let visits = trail.visits(packed.expect("a tray before the palletiser").id, at);
    let names: Vec<_> = visits.iter().map(|visit| name(visit.place)).collect();
    assert_eq!(
        names,
        [
            "HP-101", "BM-101", "CV-101", "RN-102", "CV-102", "FL-103", "CV-103", "CP-104",
            "CV-104", "LB-105", "CV-105", "PK-106", "CV-106"
        ]
    );
}

#[test]
fn what_flows_in_and_out_of_every_place_is_what_changes_there() {
    let opened = opened();
    let mut film = film(&opened, 11);
    let (from, until) = (Timestamp::from_secs(900), Timestamp::from_secs(4_500));
    let info = opened.plant.populations().next().expect("trays").clone();
    let levels = |frame: &PopulationFrame| {
        let mut levels: BTreeMap<u32, i64> = BTreeMap::new();
        for row in frame.rows() {
            *levels.entry(row.place.expect("a place")).or_default() += 1;
        }
        levels
    };
    let before = levels(&frame(&mut film, TRAYS, from));
    let after = levels(&frame(&mut film, TRAYS, until));
    let flows = Flows::of(film.trail(TRAYS).expect("a trail"), from, until);
    let mut checked = 0;
    for (place, stock) in &flows.stocks {
        let name = info.places[*place as usize].as_str();
        if ["WH-01", "REJ"].contains(&name) {
            continue; // what is stored or thrown away is not drawn
        }
        let level = |levels: &BTreeMap<u32, i64>| levels.get(place).copied().unwrap_or(0);
        assert_eq!(stock.change(), level(&after) - level(&before), "{name}");
        checked += 1;
    }
    assert!(checked >= 34, "{checked} places");
    // Who feeds whom: the filler the capper by its belt, some 1000 trays an hour.
    let place = |tag: &str| {
        let place = info.places.iter().position(|place| place == tag);
        place.expect("a place") as u32
    };
    let an_hour = |from: &str, to: &str| 3_600.0 * flows.rate(place(from), place(to));
    assert!((600.0..1_100.0).contains(&an_hour("FL-103", "CV-103")));
    assert_eq!(an_hour("CV-103", "FL-103"), 0.0);
    // Forty trays become a pallet.
    let robot = flows.stocks[&place("RC-107")];
    assert_eq!(robot.used, 40 * robot.made);
    assert!(robot.made > 10);
}
