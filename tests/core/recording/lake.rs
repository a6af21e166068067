//! Depots of every kind do the same; what goes wrong in the cloud is told without secrets.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Barrier};
use std::thread;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use parallax::recording::depot::{Depot, Folder, Lake, open};
use tempfile::TempDir;

const SEGMENT: &str = "samples/date=2026-11-22/hour=13/part-main-00000000000002a7.parquet";

/// Puts a file into a depot by the back door.
type Sneak = Box<dyn Fn(&str, &[u8])>;

/// Each kind of depot, with a name and a way past it.
fn check(what: impl Fn(&str, &dyn Depot, &Sneak)) {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path().to_owned();
    let sneak: Sneak = Box::new(move |path, bytes| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("made");
        std::fs::write(path, bytes).expect("written");
    });
    what("folder", &Folder::new(folder.path()), &sneak);

    let folder = TempDir::new().expect("a folder");
    let local = LocalFileSystem::new_with_prefix(folder.path()).expect("a store");
    for (name, store, prefix) in [
        ("local", Arc::new(local) as Arc<dyn ObjectStore>, ""),
        ("memory", Arc::new(InMemory::new()), ""),
        (
            "memory below a prefix",
            Arc::new(InMemory::new()),
            "plants/north/",
        ),
    ] {
        let lake = Lake::over(Arc::clone(&store), prefix, "lake://").expect("a lake");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let sneak: Sneak = Box::new(move |path, bytes| {
            let path = object_store::path::Path::parse(format!("{prefix}{path}")).expect("a path");
            let put = store.put(&path, PutPayload::from(bytes.to_vec()));
            runtime.block_on(put).expect("put");
        });
        what(name, &lake, &sneak);
    }
}

fn listed(depot: &dyn Depot, folder: &str) -> Vec<(String, u64)> {
    let entries = depot.list(folder).expect("listed").into_iter();
    let mut entries: Vec<_> = entries.map(|entry| (entry.path, entry.bytes)).collect();
    entries.sort();
    entries
}

#[test]
fn a_file_is_put_listed_read_in_pieces_and_removed() {
    check(|name, depot, _| {
        assert_eq!(listed(depot, ""), [], "{name}");
        assert_eq!(listed(depot, "samples"), [], "{name}");
        depot
            .put(SEGMENT, Bytes::from_static(b"0123456789"))
            .expect("put");
        depot.put("store.ron", Bytes::new()).expect("put");
        let segment = (SEGMENT.to_owned(), 10);
        assert_eq!(
            listed(depot, ""),
            [segment.clone(), ("store.ron".to_owned(), 0)],
            "{name}"
        );
        for folder in [
            "samples",
            "samples/date=2026-11-22",
            "samples/date=2026-11-22/hour=13",
        ] {
            assert_eq!(
                listed(depot, folder),
                std::slice::from_ref(&segment),
                "{name}"
            );
        }
        // A folder is not all that begins as it does.
        assert_eq!(listed(depot, "sam"), [], "{name}");
        assert_eq!(listed(depot, "samples/date=2026-11-2"), [], "{name}");
        let piece = depot.open(SEGMENT).expect("there");
        assert_eq!((piece.len(), piece.is_empty()), (10, false), "{name}");
        for (range, bytes) in [
            (0..10, "0123456789"),
            (3..5, "34"),
            (9..10, "9"),
            (4..4, ""),
            (10..10, ""),
        ] {
            assert_eq!(
                piece.read(range.clone()).expect("read"),
                bytes,
                "{name} {range:?}"
            );
        }
        assert!(depot.open("store.ron").expect("there").is_empty(), "{name}");
        depot.remove(SEGMENT).expect("removed");
        assert_eq!(listed(depot, "samples"), [], "{name}");
        depot.remove(SEGMENT).expect("gone already");
    });
}

#[test]
fn a_range_that_ends_behind_the_file_is_an_error() {
    check(|name, depot, _| {
        depot.put("a", Bytes::from_static(b"0123")).expect("put");
        let piece = depot.open("a").expect("there");
        for range in [0..5, 4..5, 9..10] {
            let error = piece.read(range).expect_err("too long");
            assert_eq!(
                error.source.kind(),
                ErrorKind::UnexpectedEof,
                "{name}: {error}"
            );
            assert!(error.place.ends_with('a'), "{name}: {error}");
        }
    });
}

#[test]
fn what_is_not_there_is_told_so() {
    check(|name, depot, _| {
        let error = depot.open("samples/none").err().expect("an error");
        assert_eq!(error.source.kind(), ErrorKind::NotFound, "{name}: {error}");
        assert!(error.place.ends_with("samples/none"), "{name}: {error}");
    });
}

#[test]
fn a_file_that_is_put_over_another_replaces_it() {
    check(|name, depot, _| {
        for text in ["first", "second, longer", "3"] {
            depot.put("a/b", Bytes::from(text)).expect("put");
            let piece = depot.open("a/b").expect("there");
            assert_eq!(piece.read(0..piece.len()).expect("read"), text, "{name}");
            assert_eq!(
                listed(depot, "a"),
                [("a/b".to_owned(), text.len() as u64)],
                "{name}"
            );
        }
    });
}

#[test]
fn drafts_are_not_listed() {
    check(|name, depot, sneak| {
        sneak("samples/.part-main-1.parquet.7-0.part", b"half");
        sneak(".trash/part", b"gone");
        sneak("samples/whole", b"whole");
        assert_eq!(
            listed(depot, ""),
            [("samples/whole".to_owned(), 5)],
            "{name}"
        );
    });
}

#[test]
fn a_file_larger_than_one_request_is_whole() {
    check(|name, depot, _| {
        let bytes: Vec<u8> = (0..(20 << 20) + 3)
            .map(|place: u32| (place >> 9) as u8)
            .collect();
        depot.put("large", Bytes::from(bytes.clone())).expect("put");
        let piece = depot.open("large").expect("there");
        assert!(piece.read(0..piece.len()).expect("read") == bytes, "{name}");
    });
}

#[test]
fn several_threads_use_one_lake_at_once() {
    let lake = Arc::new(Lake::open("memory:///shared").expect("a lake"));
    let together = Arc::new(Barrier::new(8));
    let threads = (0..8_u8).map(|number| {
        let (lake, together) = (Arc::clone(&lake), Arc::clone(&together));
        thread::spawn(move || {
            together.wait();
            for turn in 0..50_u8 {
                let path = format!("{number}/{turn}");
                lake.put(&path, Bytes::from(vec![number, turn]))
                    .expect("put");
                let piece = lake.open(&path).expect("there");
                assert_eq!(piece.read(0..2).expect("read"), [number, turn][..]);
            }
        })
    });
    for thread in threads.collect::<Vec<_>>() {
        thread.join().expect("no panic");
    }
    assert_eq!(listed(&*lake, "").len(), 400);
}

#[test]
fn a_place_is_opened_by_its_name() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().display().to_string();
    for place in [path.clone(), format!("file://{path}")] {
        open(&place)
            .expect("a depot")
            .put(&place, Bytes::new())
            .ok();
    }
    let depot = open(&path).expect("a depot");
    depot.put("a", Bytes::from_static(b"x")).expect("put");
    for same in [
        open(&format!("file://{path}")).expect("a depot"),
        Box::new(Lake::open(&format!("file://{path}")).expect("a lake")),
    ] {
        assert!(listed(&*same, "").contains(&("a".to_owned(), 1)));
    }
    assert!(
        open("memory:///")
            .expect("a depot")
            .list("")
            .expect("listed")
            .is_empty()
    );
}

/// An S3 that gives every request the same answer. What it was asked comes back.
fn server(status: &'static str, body: &'static str) -> (u16, thread::JoinHandle<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let serving = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let mut reader = BufReader::new(stream);
        let (mut asked, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a request");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a number");
            }
            asked.push_str(&line);
            if line.trim().is_empty() {
                break;
            }
        }
        let mut content = vec![0; length];
        reader.read_exact(&mut content).expect("the content");
        asked.push_str(&String::from_utf8_lossy(&content));
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\netag: \"1\"\r\n\r\n{body}",
            body.len()
        );
        reader
            .get_mut()
            .write_all(answer.as_bytes())
            .expect("answered");
        asked
    });
    (port, serving)
}

fn lake_at(port: u16) -> Lake {
    let settings = [
        ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
        ("AWS_ALLOW_HTTP", "true".to_owned()),
        ("AWS_ACCESS_KEY_ID", "the-key".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "hunter2".to_owned()),
        ("AWS_REGION", "eu-north-1".to_owned()),
        ("UNRELATED", "x".to_owned()),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value));
    Lake::open_with("s3://plant/north", settings).expect("a lake")
}

#[test]
fn a_bucket_is_asked_by_the_protocol_of_s3() {
    let (port, serving) = server("200 OK", "");
    lake_at(port)
        .put(SEGMENT, Bytes::from_static(b"content"))
        .expect("put");
    let asked = serving.join().expect("served");
    let first = asked.lines().next().unwrap_or_default();
    assert!(
        first.starts_with("PUT /plant/north/samples/date%3D2026-11-22/hour%3D13/part-main"),
        "{first}"
    );
    assert!(
        asked.contains("AWS4-HMAC-SHA256 Credential=the-key/"),
        "{asked}"
    );
    assert!(asked.ends_with("content"));
    assert!(!asked.contains("hunter2"));

    let list = "<?xml version=\"1.0\"?><ListBucketResult><Name>plant</Name><IsTruncated>false</IsTruncated>\
        <Contents><Key>north/samples/date=2026-11-22/hour=13/part</Key><Size>7</Size>\
        <LastModified>2026-11-22T13:00:00.000Z</LastModified><ETag>\"1\"</ETag></Contents></ListBucketResult>";
    let (port, serving) = server("200 OK", list);
    let entries = listed(&lake_at(port), "samples");
    assert_eq!(
        entries,
        [("samples/date=2026-11-22/hour=13/part".to_owned(), 7)]
    );
    let asked = serving.join().expect("served");
    assert!(
        asked.contains("list-type=2&prefix=north%2Fsamples%2F"),
        "{asked}"
    );
}

#[test]
fn a_refusal_of_the_cloud_is_told_without_the_secret() {
    let (port, serving) = server("403 Forbidden", "<Error><Code>AccessDenied</Code></Error>");
    let lake = lake_at(port);
    let error = lake
        .put("a", Bytes::from_static(b"x"))
        .expect_err("refused");
    serving.join().expect("served");
    assert_eq!(error.source.kind(), ErrorKind::PermissionDenied);
    let text = error.to_string();
    assert!(
        text.contains("check the credentials in the environment"),
        "{text}"
    );
    assert!(text.ends_with("s3://plant/north/a"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_cloud_that_is_away_is_given_up() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let error = lake_at(port).open("a").err().expect("an error");
    assert!(error.to_string().contains("s3://plant/north/a"), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
