//! Samples to and from a real PostgreSQL, started for the test in a folder of its own.

use std::cell::Cell;
use std::env;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use parallax::recording::exchange::{ExchangeError, Imported, RowSink, Selection};
use parallax::recording::postgres::{
    Exported, Partitions, Passwords, PostgresError, PostgresTable,
};
use parallax::recording::{Names, Row, SeriesIndex};
use parallax::signal::Sample;
use parallax::time::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

use super::rows::{Collected, all_told, any_rows, edge_rows, names};
use crate::telemetry::{eventually, skip};

const PASSWORD: &str = "hunter2: open \\ sesame";

/// A running PostgreSQL. It never touches one that the machine may run of its own.
struct Server {
    folder: TempDir,
    port: u16,
    child: Child,
}

/// Whom the server runs as: it refuses to run as root.
#[derive(Clone, Copy)]
struct User {
    user: u32,
    group: u32,
}

impl Server {
    /// Starts one with these further settings, or skips `test`.
    fn start(test: &str, prepare: impl FnOnce(&Path) -> String) -> Option<Self> {
        let Some(programs) = programs() else {
            skip(test, "PostgreSQL is not installed");
            return None;
        };
        let folder = TempDir::new().expect("a folder");
        let root = folder.path();
        let about = fs::metadata(root).expect("there");
        let user = (about.uid() == 0).then(nobody);
        fs::write(root.join("password"), PASSWORD).expect("written");
        let settings = prepare(root);
        own(root, user);
        let made = as_user(user, &programs.join("initdb"), root)
            .args([
                "-D",
                "data",
                "-U",
                "operator",
                "-A",
                "scram-sha-256",
                "--no-sync",
            ])
            .args(["--pwfile", "password", "-E", "UTF8", "--locale", "C"])
            .output()
            .expect("initdb starts");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = free.local_addr().expect("bound").port();
        drop(free);
        let sockets = root.display();
        let text = format!(
            "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{sockets}'\n\
             fsync = off\nshared_buffers = 16MB\nmax_wal_size = 256MB\ntimezone = 'Asia/Kathmandu'\n{settings}\n"
        );
        fs::write(root.join("data/postgresql.conf"), text).expect("written");
        let log = fs::File::create(root.join("log")).expect("a file");
        let child = as_user(user, &programs.join("postgres"), root)
            .args(["-D", "data"])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("postgres starts");
        let mut server = Self {
            folder,
            port,
            child,
        };
        eventually("PostgreSQL answers", || {
            let ended = server.child.try_wait().expect("asked");
            assert!(ended.is_none(), "{}", server.log());
            server.open("ready").is_ok()
        });
        Some(server)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn url(&self) -> String {
        format!("postgres://operator@127.0.0.1:{}/postgres", self.port)
    }

    fn open(&self, table: &str) -> Result<PostgresTable, PostgresError> {
        PostgresTable::connect_with(&self.url(), table, &passwords())
    }

    /// A new table.
    fn table(&self, name: &str, partitions: Partitions) -> PostgresTable {
        let mut table = self.open(name).expect("a connection");
        table.create(partitions).expect("created");
        table
    }

    /// Asks by the program that comes with PostgreSQL.
    fn sql(&self, sql: &str) -> String {
        let programs = programs().expect("it runs");
        let psql = Command::new(programs.join("psql"))
            .args([
                "-X",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                &self.url(),
                "-c",
                sql,
            ])
            .env("PGPASSWORD", PASSWORD)
            .output()
            .expect("psql starts");
        assert!(
            psql.status.success(),
            "{}",
            String::from_utf8_lossy(&psql.stderr)
        );
        String::from_utf8_lossy(&psql.stdout).trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its helpers see that it is gone, and go too.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The folder of the programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let installed = versions.flatten().map(|version| version.path().join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    let all: Vec<_> = installed.chain(env::split_paths(&path)).collect();
    let whole = |folder: &&PathBuf| {
        ["initdb", "postgres", "psql"]
            .iter()
            .all(|name| folder.join(name).exists())
    };
    all.iter().find(whole).cloned()
}

/// The user without any rights.
fn nobody() -> User {
    let id = |flag| {
        let told = Command::new("id")
            .args([flag, "nobody"])
            .output()
            .expect("id starts");
        let text = String::from_utf8_lossy(&told.stdout).trim().to_owned();
        text.parse().expect("a number")
    };
    User {
        user: id("-u"),
        group: id("-g"),
    }
}

fn as_user(user: Option<User>, program: &Path, folder: &Path) -> Command {
    let mut command = match user {
        None => Command::new(program),
        Some(User { user, group }) => {
            let mut command = Command::new("setpriv");
            command
                .arg(format!("--reuid={user}"))
                .arg(format!("--regid={group}"));
            // Nothing is left running, not even where this test is killed.
            command
                .args(["--clear-groups", "--pdeathsig=KILL", "--"])
                .arg(program);
            command
        }
    };
    command.current_dir(folder);
    command
}

/// Gives a folder, and what is in it, to a user.
fn own(folder: &Path, user: Option<User>) {
    let Some(User { user, group }) = user else {
        return;
    };
    let inside = fs::read_dir(folder)
        .expect("listed")
        .flatten()
        .map(|entry| entry.path());
    for path in inside.chain([folder.to_owned()]) {
        chown(path, Some(user), Some(group)).expect("given");
    }
}

fn passwords() -> Passwords {
    Passwords {
        password: Some(PASSWORD.to_owned()),
        file: None,
    }
}

fn put(table: &mut PostgresTable, names: &Names, rows: &[Row]) -> Exported {
    let mut export = table.export().expect("a table of samples");
    for rows in rows.chunks(97) {
        export.rows(names, rows).expect("taken");
    }
    export.finish().expect("sent")
}

fn get(table: &mut PostgresTable, selection: &Selection) -> (Imported, Collected) {
    let mut collected = Collected::default();
    let imported = table.import(selection, &mut collected).expect("readable");
    assert_eq!(imported.rows, collected.rows.len() as u64);
    (imported, collected)
}

#[test]
fn rows_come_back_bit_for_bit_and_are_never_there_twice() {
    let test = "rows_come_back_bit_for_bit_and_are_never_there_twice";
    let Some(server) = Server::start(test, |_| String::new()) else {
        return;
    };
    let (names, rows) = (names(), edge_rows());
    let count = rows.len() as u64;
    let expected = all_told(&names, &rows);
    for (name, partitions) in [
        ("daily", Partitions::Daily),
        ("monthly", Partitions::Monthly),
        ("plain", Partitions::None),
    ] {
        let mut table = server.table(name, partitions);
        assert_eq!(
            put(&mut table, &names, &rows),
            Exported {
                rows: count,
                added: count
            }
        );
        let (imported, collected) = get(&mut table, &Selection::default());
        assert_eq!(imported.faults.first, [], "{name}");
        let states = collected.states("Pümpe_2", "läuft%");
        assert_eq!(states, ["off", "on", "a, \"b\""], "{name}");
        assert_eq!(collected.sorted(), expected, "{name}");
        assert_eq!(
            put(&mut table, &names, &rows),
            Exported {
                rows: count,
                added: 0
            }
        );
        // Another who knows nothing of it, with half of it new.
        let mut more = rows[..20].to_vec();
        for (row, secs) in more[..10].iter_mut().zip(1..) {
            row.at = Timestamp::from_secs(secs);
        }
        let mut other = server.open(name).expect("a connection");
        other.create(partitions).expect("there already");
        assert_eq!(
            put(&mut other, &names, &more),
            Exported {
                rows: 20,
                added: 10
            }
        );
        assert_eq!(
            server.sql(&format!("SELECT count(*) FROM {name}")),
            (count + 10).to_string()
        );
    }
    // A day of UTC, though the server's zone is another.
    let bound =
        "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'daily_20261118'";
    server.sql("ALTER ROLE operator SET timezone = 'UTC'");
    assert_eq!(
        server.sql(bound),
        "FOR VALUES FROM ('2026-11-18 00:00:00+00') TO ('2026-11-19 00:00:00+00')"
    );
    assert_eq!(
        server.sql("SELECT source_time, quality, lost FROM plain WHERE source_ns = 77"),
        "1970-01-01 00:00:00+00|2156527616|t"
    );
}

#[test]
fn any_rows_come_back() {
    let Some(server) = Server::start("any_rows_come_back", |_| String::new()) else {
        return;
    };
    let names = names();
    let number = Cell::new(0);
    // Its failures tell the rows.
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(24)
    });
    let strategy = (any_rows(300), any::<prop::sample::Index>());
    let checked = runner.run(&strategy, |(rows, cut)| {
        number.set(number.get() + 1);
        let mut table = server.table(&format!("t_{}", number.get()), Partitions::Daily);
        let cut = cut.index(rows.len() + 1);
        let first = put(&mut table, &names, &rows[..cut]);
        prop_assert_eq!(first.added, cut as u64);
        let second = put(&mut table, &names, &rows);
        prop_assert_eq!(second.added, (rows.len() - cut) as u64);
        let (_, collected) = get(&mut table, &Selection::default());
        prop_assert_eq!(collected.sorted(), all_told(&names, &rows));
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

#[test]
fn of_equal_rows_the_first_counts_and_a_batch_may_hold_both() {
    let test = "of_equal_rows_the_first_counts_and_a_batch_may_hold_both";
    let Some(server) = Server::start(test, |_| String::new()) else {
        return;
    };
    let mut table = server.table("samples", Partitions::Daily);
    let at = Timestamp::from_secs(1_795_000_000);
    let row = |value| Row::new(SeriesIndex(0), Sample::good(at, value));
    let exported = put(
        &mut table,
        &names(),
        &[row(1.0), row(2.0), Row::lost(SeriesIndex(0), at)],
    );
    assert_eq!(exported, Exported { rows: 3, added: 2 });
    let (_, collected) = get(&mut table, &Selection::default());
    let values: Vec<_> = collected.sorted().iter().map(|row| row.value).collect();
    assert_eq!(values, [None, Some(1.0_f64.to_bits())]);
}

#[test]
fn large_exports_go_in_batches_and_two_at_once_add_each_row_once() {
    let test = "large_exports_go_in_batches_and_two_at_once_add_each_row_once";
    let Some(server) = Server::start(test, |_| String::new()) else {
        return;
    };
    server.table("samples", Partitions::Daily);
    let names = names();
    let rows: Vec<_> = (0..300_000)
        .map(|number| {
            let at = Timestamp::from_secs(1_795_000_000 + i64::from(number / 5));
            Row::new(SeriesIndex(number % 5), Sample::good(at, f64::from(number)))
        })
        .collect();
    let added: u64 = std::thread::scope(|scope| {
        let exports = [0, 1].map(|_| {
            scope.spawn(|| {
                put(
                    &mut server.open("samples").expect("a connection"),
                    &names,
                    &rows,
                )
                .added
            })
        });
        exports
            .map(|export| export.join().expect("no panic"))
            .iter()
            .sum()
    });
    assert_eq!(added, 300_000);
    let (_, collected) = get(
        &mut server.open("samples").expect("a connection"),
        &Selection::default(),
    );
    assert!(collected.sorted() == all_told(&names, &rows));
}

#[test]
fn what_is_selected_is_what_matches() {
    let Some(server) = Server::start("what_is_selected_is_what_matches", |_| String::new()) else {
        return;
    };
    let (names, rows) = (names(), edge_rows());
    let mut table = server.table("samples", Partitions::Daily);
    put(&mut table, &names, &rows);
    let nanos = Timestamp::from_nanos;
    for (from, to) in [
        (Timestamp::MIN, Timestamp::MAX),
        (nanos(-1), nanos(999)),
        (nanos(990), nanos(998)),
        (
            nanos(1_795_000_000_123_456_780),
            nanos(1_795_000_000_123_456_785),
        ),
        (nanos(5), nanos(4)),
    ] {
        for signals in [
            &[][..],
            &["*"],
            &["P-101.*", "*%"],
            &["*_2.*"],
            &["P_101.flow"],
            &["*'; \\~*"],
            &["*\"1\"*a"],
        ] {
            let signals = signals.iter().map(|&text| text.to_owned()).collect();
            let selection = Selection { from, to, signals };
            let wanted = |row: &&Row| {
                selection.covers(row.at) && selection.wants(&names.get(row.series).name)
            };
            let expected: Vec<_> = rows.iter().filter(wanted).copied().collect();
            let (_, collected) = get(&mut table, &selection);
            assert_eq!(
                collected.sorted(),
                all_told(&names, &expected),
                "{selection:?}"
            );
        }
    }
}

#[test]
fn rows_of_others_with_a_mistake_are_told() {
    let Some(server) = Server::start("rows_of_others_with_a_mistake_are_told", |_| String::new())
    else {
        return;
    };
    let mut table = server.table("samples", Partitions::None);
    server.sql(
        "INSERT INTO samples (source_time, source_ns, receive_ns, value, quality, tag, signal, origin, unit, clock) VALUES \
         ('epoch', 0, 0, 2.5, 0, 'P-1', 'pressure', 'measured', 'bar', 'source'), \
         ('epoch', 1, 0, 'NaN', 0, 'P-1', 'pressure', 'measured', 'bar', 'source'), \
         ('epoch', 2, 0, 1, -5, 'P-1', 'pressure', 'measured', 'bar', 'source'), \
         ('epoch', 3, 0, 1, 0, 'P-1', 'pressure', 'guessed', 'bar', 'source'), \
         ('epoch', 4, 0, 1, 0, 'P-1', 'pressure', 'measured', 'bar', 'sundial')",
    );
    let (imported, collected) = get(&mut table, &Selection::default());
    assert_eq!((imported.rows, imported.faults.count), (1, 4));
    assert!(
        imported.faults.first[0]
            .message
            .starts_with("samples, row 2: the value is not")
    );
    assert_eq!(
        (&*collected.rows[0].unit, collected.rows[0].value),
        ("Pa", Some(250_000.0_f64.to_bits()))
    );
}

#[test]
fn what_cannot_be_used_is_refused_in_words_without_the_secret() {
    let test = "what_cannot_be_used_is_refused_in_words_without_the_secret";
    let Some(server) = Server::start(test, |_| String::new()) else {
        return;
    };
    let wrong = Passwords {
        password: Some("swordfish".to_owned()),
        file: None,
    };
    let none = Passwords::default();
    let with = |url: &str, table: &str, passwords: &Passwords| {
        PostgresTable::connect_with(url, table, passwords)
            .err()
            .expect("an error")
            .to_string()
    };
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let closed = free.local_addr().expect("bound").port();
    drop(free);
    let (url, port) = (server.url(), server.port);
    server.sql("CREATE TABLE orders (id bigint, tag text)");
    server.sql("CREATE TABLE twice (LIKE orders)");
    let mut foreign = server.open("orders").expect("a connection");
    let place = format!("127.0.0.1:{port}/postgres");
    for (error, words) in [
        (with(&url, "samples", &wrong), "PGPASSWORD or ~/.pgpass"),
        (
            with(&url, "samples", &none),
            "wants a password; set PGPASSWORD",
        ),
        (
            with(
                &format!("postgres://operator@127.0.0.1:{closed}/postgres"),
                "samples",
                &wrong,
            ),
            "check the host and the port",
        ),
        (
            with(
                &format!("postgres://operator@127.0.0.1:{port}/plant"),
                "samples",
                &passwords(),
            ),
            "create it, or check its name",
        ),
        (
            with(
                &format!("postgres://operator:swordfish@127.0.0.1:{port}/postgres"),
                "samples",
                &wrong,
            ),
            "must not hold a password",
        ),
        (
            with(&format!("{url}?password=swordfish"), "samples", &wrong),
            "must not hold a password",
        ),
        (
            with("mysql://operator@db/plant", "samples", &wrong),
            "write postgres://",
        ),
        (
            with("postgres://operator@db:port/plant", "samples", &wrong),
            "write postgres://",
        ),
        (
            with(
                "postgres://operator@db.invalid/plant?sslmode=prefer",
                "samples",
                &wrong,
            ),
            "in the clear",
        ),
        (
            with(
                &format!("{url}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem"),
                "samples",
                &wrong,
            ),
            "/nowhere/ca.pem",
        ),
        (
            with(&url, "samples; DROP TABLE orders", &passwords()),
            "cannot name a table",
        ),
        (
            foreign
                .create(Partitions::Daily)
                .expect_err("foreign")
                .to_string(),
            "is not one of samples: it has no column",
        ),
        (
            foreign.export().err().expect("foreign").to_string(),
            "is not one of samples",
        ),
        (
            server
                .open("none")
                .expect("a connection")
                .export()
                .err()
                .expect("none")
                .to_string(),
            &*format!("no table `none`; create it first, or check its name: {place}"),
        ),
    ] {
        assert!(error.contains(words), "{error}");
        assert!(
            !error.contains("swordfish") && !error.contains("hunter2"),
            "{error}"
        );
    }
    // All columns, but nothing that keeps rows from being there twice.
    server.table("samples", Partitions::None);
    server.sql("CREATE TABLE loose (LIKE samples INCLUDING GENERATED)");
    let error = server
        .open("loose")
        .expect("a connection")
        .export()
        .err()
        .expect("foreign");
    assert!(error.to_string().contains("it is not UNIQUE"), "{error}");
    // A text that PostgreSQL has no way to hold.
    let mut zero = Names::default();
    let mut series = names().get(SeriesIndex(0)).clone();
    series.unit = "\0".into();
    zero.add(series);
    let mut table = server.open("samples").expect("a connection");
    let mut export = table.export().expect("a table");
    let error = export.rows(&zero, &[Row::lost(SeriesIndex(0), Timestamp::default())]);
    let Err(ExchangeError::Sink(error)) = error else {
        panic!("{error:?}")
    };
    assert!(error.to_string().contains("zero character"), "{error}");
}

#[test]
fn a_server_that_goes_away_is_an_error_and_what_was_sent_stays() {
    let test = "a_server_that_goes_away_is_an_error_and_what_was_sent_stays";
    let Some(server) = Server::start(test, |_| String::new()) else {
        return;
    };
    let mut table = server.table("samples", Partitions::Daily);
    let rows: Vec<_> = edge_rows();
    put(&mut table, &names(), &rows[..10]);
    let mut export = table.export().expect("a table");
    export.rows(&names(), &rows[10..]).expect("taken");
    server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parallax'");
    let error = export.finish().expect_err("gone").to_string();
    assert!(
        error.contains(&format!("127.0.0.1:{}", server.port)),
        "{error}"
    );
    let mut again = server.open("samples").expect("a connection");
    let exported = put(&mut again, &names(), &rows);
    assert_eq!(exported.added, rows.len() as u64 - 10);
}

#[test]
fn a_password_file_is_read_if_only_its_owner_may() {
    let Some(server) = Server::start("a_password_file_is_read_if_only_its_owner_may", |_| {
        String::new()
    }) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("pgpass");
    let escaped = PASSWORD.replace('\\', "\\\\");
    fs::write(
        &file,
        format!("# ours\n127.0.0.1:{}:*:operator:{escaped}\n", server.port),
    )
    .expect("written");
    let passwords = Passwords {
        password: None,
        file: Some(file.clone()),
    };
    let connect = || PostgresTable::connect_with(&server.url(), "samples", &passwords);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("set");
    let error = connect().err().expect("refused").to_string();
    assert!(error.contains("chmod 600"), "{error}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("set");
    connect().expect("a connection");
    // The socket of a server on this machine needs no network.
    let socket = server
        .folder
        .path()
        .display()
        .to_string()
        .replace('/', "%2F");
    let url = format!("postgres://operator@{socket}:{}/postgres", server.port);
    PostgresTable::connect_with(&url, "samples", &self::passwords()).expect("a connection");
}

/// Writes an authority, and a certificate for `localhost` that it signed.
fn certify(folder: &Path) -> String {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    fs::write(
        folder.join("ca.pem"),
        params.self_signed(&key).expect("signed").pem(),
    )
    .expect("written");
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &issuer).expect("signed");
    fs::write(folder.join("server.pem"), certificate.pem()).expect("written");
    let private = folder.join("server.key");
    fs::write(&private, key.serialize_pem()).expect("written");
    fs::set_permissions(&private, fs::Permissions::from_mode(0o600)).expect("set");
    let at = folder.display();
    format!("ssl = on\nssl_cert_file = '{at}/server.pem'\nssl_key_file = '{at}/server.key'")
}

#[test]
fn connections_are_encrypted_and_certificates_checked() {
    let test = "connections_are_encrypted_and_certificates_checked";
    let Some(server) = Server::start(test, certify) else {
        return;
    };
    let trusted = server.folder.path().join("ca.pem");
    let other = TempDir::new().expect("a folder");
    certify(other.path());
    let connect = |host: &str, authorities: &Path| {
        let (port, file) = (server.port, authorities.display());
        let url = format!(
            "postgres://operator@{host}:{port}/postgres?sslmode=require&sslrootcert={file}"
        );
        PostgresTable::connect_with(&url, "samples", &passwords())
    };
    let mut table = connect("localhost", &trusted).expect("a connection");
    table.create(Partitions::Daily).expect("created");
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'parallax'";
    assert_eq!(server.sql(encrypted), "t");
    put(&mut table, &names(), &edge_rows());
    // Signed by another, or for another host.
    for error in [
        connect("localhost", &other.path().join("ca.pem")),
        connect("127.0.0.1", &trusted),
    ] {
        let error = error.err().expect("not trusted").to_string();
        assert!(error.contains("check sslrootcert"), "{error}");
    }
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_wanted() {
    let test = "a_server_without_tls_is_refused_where_it_is_wanted";
    let folder = TempDir::new().expect("a folder");
    certify(folder.path());
    let Some(server) = Server::start(test, |_| String::new()) else {
        return;
    };
    let file = folder.path().join("ca.pem");
    let url = format!("{}?sslrootcert={}", server.url(), file.display());
    let error = PostgresTable::connect_with(&url, "samples", &passwords()).err();
    let error = error.expect("refused").to_string();
    assert!(error.contains("or write sslmode=disable"), "{error}");
}
