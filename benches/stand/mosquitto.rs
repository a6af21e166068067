//! A broker of nobody here, on a free loopback port.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A running mosquitto that drops nothing.
pub(crate) struct Mosquitto {
    process: Child,
    pub(crate) url: String,
    _config: tempfile::NamedTempFile,
}

impl Mosquitto {
    /// `None` where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0")
            .ok()?
            .local_addr()
            .ok()?
            .port();
        let config = tempfile::NamedTempFile::new().ok()?;
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\n"
        );
        std::fs::write(config.path(), text).ok()?;
        let start = |program| {
            Command::new(program)
                .arg("-c")
                .arg(config.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
        };
        let process = start("mosquitto")
            .or_else(|_| start("/usr/sbin/mosquitto"))
            .ok()?;
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if began.elapsed() > Duration::from_secs(5) {
                return None;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Some(Self {
            process,
            url: format!("mqtt://127.0.0.1:{port}"),
            _config: config,
        })
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
