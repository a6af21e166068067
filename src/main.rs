//! Parses the arguments, calls one function, returns its exit code.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Parser;
use parallax::cli::{self, Cli, Command};
#[cfg(feature = "app")]
use parallax::cli::{BenchArgs, BenchSubject};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(cli.verbose);
    let command = cli.command.unwrap_or_else(Command::default_demo);
    match command {
        #[cfg(feature = "app")]
        Command::Bench(BenchArgs {
            subject: BenchSubject::View(args),
        }) => programs::bench_view(&args),
        #[cfg(feature = "app")]
        Command::Bench(BenchArgs {
            subject: BenchSubject::Soak(args),
        }) => programs::bench_soak(args),
        Command::Bench(args) => cli::bench(&args),
        Command::Check(args) => cli::check(&args),
        Command::Campaign(args) => cli::campaign(&args),
        Command::Worker(args) => cli::worker(&args),
        Command::Simulate(args) => cli::simulate(&args),
        Command::Maintain(args) => cli::maintain(&args),
        Command::Hindcast(args) => cli::hindcast(&args),
        Command::Emulate(args) => cli::emulate(&args),
        Command::Estimate(args) => cli::estimate(&args),
        Command::Detect(args) => cli::detect(&args),
        Command::Health(args) => cli::health(&args),
        Command::Record(args) => cli::record(&args),
        Command::Export(args) => cli::export(&args),
        Command::Import(args) => cli::import(&args),
        Command::Store(args) => cli::store(&args),
        Command::Alarms(args) => cli::alarms(&args),
        Command::Report(args) => cli::report(&args),
        Command::Accounts(args) => cli::accounts(&args),
        Command::Audit(args) => cli::audit(&args),
        Command::Replay(args) if args.headless => cli::replay(&args),
        #[cfg(feature = "app")]
        Command::Demo(args) => programs::demo(args),
        #[cfg(feature = "app")]
        Command::Open(args) => programs::open(args),
        #[cfg(feature = "app")]
        Command::Replay(args) => programs::replay(args),
        #[cfg(feature = "app")]
        Command::Snapshot(args) => programs::snapshot(args),
        #[cfg(not(feature = "app"))]
        Command::Demo(_) | Command::Open(_) | Command::Replay(_) | Command::Snapshot(_) => {
            cli::could_not("this program was built without its window (feature `app`)")
        }
    }
}

/// Talk goes to stderr; stdout is for data. `RUST_LOG` overrules everything.
fn start_log(verbose: u8) {
    let default = match verbose {
        0 => "error,parallax=warn,rumqttd=off",
        1 => "warn,parallax=info,rumqttd=off",
        _ => "info,parallax=debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .init();
}

/// The commands that draw: from what was said on the command line to what the app takes.
#[cfg(feature = "app")]
mod programs {
    use std::path::PathBuf;
    use std::process::ExitCode;

    use parallax::app::bench::{self, Backend, ViewBench};
    use parallax::app::headless::{self, Headless, Sequence, Snapshot};
    use parallax::app::launch::{Launch, LaunchError, StoreChoice};
    use parallax::app::soak::{self, Soak};
    use parallax::app::viewport::Look;
    use parallax::app::window;
    use parallax::cli::{
        self, BenchBackend, DemoArgs, HeadlessArgs, OpenArgs, ReplayArgs, SnapshotArgs,
        SoakBenchArgs, ViewBenchArgs,
    };
    use parallax::session::FeedPlan;

    /// The size of a picture on the sheet of shapes.
    const TILE: (u32, u32) = (170, 144);

    pub(crate) fn bench_view(args: &ViewBenchArgs) -> ExitCode {
        let plan = ViewBench {
            assets: args.assets,
            changing: args.changing,
            moving: args.moving,
            frames: args.frames as usize,
            backend: match args.backend {
                BenchBackend::Noop => Backend::Noop,
                BenchBackend::Default => Backend::Default,
            },
            rests: args.rest,
            panels: args.panels,
        };
        match bench::measure(&plan) {
            Ok(measured) => {
                cli::print_json(&measured);
                ExitCode::SUCCESS
            }
            Err(error) => cli::could_not(error),
        }
    }

    pub(crate) fn bench_soak(args: SoakBenchArgs) -> ExitCode {
        if args.plant {
            return match soak::plant::play(&args.scene) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => cli::could_not(error),
            };
        }
        let wall = args
            .wall
            .unwrap_or_else(|| args.plant_time.div_f64(soak::SPEED));
        let plan = Soak {
            scene: args.scene,
            wall,
            cycles: args.cycles.map(|cycles| cycles as usize),
            size: args.size,
        };
        match soak::soak(&plan) {
            Ok(report) => {
                cli::print_json(&report);
                match report.failures.is_empty() {
                    true => ExitCode::SUCCESS,
                    false => ExitCode::FAILURE,
                }
            }
            Err(error) => cli::could_not(error),
        }
    }

    pub(crate) fn demo(args: DemoArgs) -> ExitCode {
        let feed = FeedPlan::Demo {
            past: args.past,
            seed: args.seed,
        };
        let store = args.store.map_or(StoreChoice::None, StoreChoice::At);
        let launch = Launch::prepare(&PathBuf::from(args.name), feed);
        show(
            launch.map(|launch| launch.with_store(store)),
            &args.headless,
            args.kiosk,
        )
    }

    pub(crate) fn open(args: OpenArgs) -> ExitCode {
        let feed = FeedPlan::Sources {
            broker: args.broker,
        };
        let store = match args.store {
            Some(place) => StoreChoice::At(place),
            None if args.no_store => StoreChoice::None,
            None => StoreChoice::Usual,
        };
        let launch = Launch::prepare(&args.scene, feed);
        show(
            launch.map(|launch| launch.with_store(store)),
            &args.headless,
            args.kiosk,
        )
    }

    pub(crate) fn replay(args: ReplayArgs) -> ExitCode {
        let feed = FeedPlan::Replay {
            files: args.files,
            speed: args.speed.into(),
            broker: args.broker,
        };
        exit(
            Launch::prepare(&args.scene, feed)
                .and_then(|launch| window::run(launch, false))
                .map(|_| ()),
        )
    }

    pub(crate) fn snapshot(args: SnapshotArgs) -> ExitCode {
        let feed = match args.broker {
            Some(broker) => FeedPlan::Sources {
                broker: Some(broker),
            },
            None => FeedPlan::Demo {
                past: args.past,
                seed: 1,
            },
        };
        let look = if args.present {
            Look::Present
        } else {
            Look::Operate
        };
        let Some(scene) = args.scene else {
            let out = args.out.unwrap_or_default();
            return exit(headless::contact_sheet(&out, look, TILE));
        };
        let lapse = args.time_lapse.as_deref().and_then(|ends| match ends {
            [from, to] => Some(Sequence::TimeLapse {
                from: *from,
                to: *to,
                frames: args.frames,
            }),
            _ => None,
        });
        let turntable = args.turntable.map(|frames| Sequence::Turntable { frames });
        let plan = Snapshot {
            at: args.at,
            ahead: args.ahead,
            scenario: args.scenario,
            bookmark: args.bookmark,
            select: args.select,
            size: args.size,
            look,
            view_only: args.view_only || args.transparent,
            actions: args.actions,
            story: args.story,
            transparent: args.transparent,
            sequence: turntable.or(lapse),
            heat: args.heat,
            legend: args.legend,
            out: args.out,
        };
        let done = Launch::prepare(&scene, feed).and_then(|mut launch| {
            let is_demo = matches!(launch.feed, FeedPlan::Demo { .. });
            if is_demo && launch.opened.plant.is_empty() {
                // Nothing can be emulated: the plant is drawn without values.
                launch.feed = FeedPlan::Sources { broker: None };
            }
            headless::snapshot(launch, &plan)
        });
        exit(done)
    }

    fn show(launch: Result<Launch, LaunchError>, args: &HeadlessArgs, kiosk: bool) -> ExitCode {
        if !args.headless {
            let shown = launch.and_then(|launch| window::run(launch, kiosk));
            return exit(shown.map(|_| ()));
        }
        let plan = Headless {
            duration: args.duration,
            out: args.out.clone(),
            size: args.size,
        };
        match launch.and_then(|launch| headless::run(launch, &plan)) {
            Ok(summary) => {
                cli::print_json(&summary);
                eprintln!("Pictures and summary.json are in {}", plan.out.display());
                ExitCode::SUCCESS
            }
            Err(error) => cli::could_not(error),
        }
    }

    fn exit(done: Result<(), LaunchError>) -> ExitCode {
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => cli::could_not(error),
        }
    }
}
