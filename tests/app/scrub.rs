//! Same question, same answer: scrubbing to an instant shows what playing to it shows.

use parallax::app::action::Action;
use parallax::signal::{Quality, Sample, SignalId};
use parallax::timeline::TimelineCommand;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::twin::{FRAME, Twin, secs, tanks};

/// What was measured in a random plant: late, out of order, with gaps and bad values.
struct RandomPlant {
    tanks: usize,
    samples: Vec<(SignalId, Sample)>,
    generator: ChaCha8Rng,
}

impl RandomPlant {
    fn new(seed: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let tanks = generator.random_range(1..6);
        let count = generator.random_range(20..300);
        let mut samples: Vec<_> = (0..count)
            .map(|_| {
                let signal = SignalId(generator.random_range(0..tanks as u32 * 2));
                let at = secs(generator.random_range(0..1_200));
                let quality = match generator.random_range(0..10) {
                    0 => Quality::BadSensorFailure,
                    1 => Quality::Uncertain,
                    _ => Quality::Good,
                };
                (
                    signal,
                    Sample {
                        quality,
                        ..Sample::good(at, generator.random_range(0.0..10.0))
                    },
                )
            })
            .collect();
        samples.push((SignalId(0), Sample::good(secs(1_200), 1.0)));
        samples.shuffle(&mut generator);
        Self {
            tanks,
            samples,
            generator,
        }
    }

    /// A twin that has seen all of it, in pieces, frame by frame.
    fn twin(&mut self) -> Twin {
        let mut twin = Twin::of(tanks(self.tanks));
        let piece = self.generator.random_range(1..50);
        for samples in self.samples.chunks(piece) {
            twin.send(samples);
            twin.update();
        }
        twin
    }
}

#[test]
fn scrubbing_to_an_instant_equals_playing_to_it() {
    for seed in 0..48 {
        let mut plant = RandomPlant::new(seed);
        let from = plant.generator.random_range(0..600);
        let frames = plant.generator.random_range(1..60);
        let speed = [1.0, 10.0, 100.0][plant.generator.random_range(0..3)];

        let mut played = plant.twin();
        played.steer(TimelineCommand::Seek(secs(from)));
        played.steer(TimelineCommand::SetSpeed(speed));
        played.steer(TimelineCommand::Play);
        for _ in 1..frames {
            played.update();
        }
        let reached = played.timeline().playhead();
        let expected = secs(from).plus_secs(speed * FRAME.as_secs_f64() * f64::from(frames));
        assert!(
            reached == expected || reached == secs(1_200),
            "seed {seed}: {reached}"
        );

        let mut scrubbed = plant.twin();
        for _ in 0..plant.generator.random_range(0..5) {
            let elsewhere = plant.generator.random_range(0..1_200);
            scrubbed.steer(TimelineCommand::Seek(secs(elsewhere)));
        }
        scrubbed.steer(TimelineCommand::Seek(reached));
        assert_eq!(played.readings(), scrubbed.readings(), "seed {seed}");
    }
}

#[test]
fn late_data_equal_early_data() {
    for seed in 100..132 {
        let mut plant = RandomPlant::new(seed);
        // Of two samples of one instant the first to arrive is kept, so keep only one.
        plant
            .samples
            .sort_by_key(|(signal, sample)| (*signal, sample.at));
        plant
            .samples
            .dedup_by_key(|(signal, sample)| (*signal, sample.at));
        let at = secs(plant.generator.random_range(0..1_200));

        let mut early = plant.twin();
        early.steer(TimelineCommand::Seek(at));

        // The other twin looks at the instant first, and the samples come while it looks.
        let mut late = Twin::of(tanks(plant.tanks));
        late.steer(TimelineCommand::Seek(at));
        plant.samples.shuffle(&mut plant.generator);
        let newest = (SignalId(0), Sample::good(secs(1_200), 1.0));
        late.send(&[newest]);
        for samples in plant.samples.chunks(7) {
            late.send(samples);
            late.update();
        }
        late.act(Action::Timeline(TimelineCommand::Seek(at)));
        assert_eq!(early.readings(), late.readings(), "seed {seed}");
    }
}
