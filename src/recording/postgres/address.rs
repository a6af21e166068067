//! Where a server is, and how to get there safely.

use std::env;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::error::SqlState;
use postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::password::Passwords;
use super::{PostgresError, tls, words};

/// How long a connection may take to come about, if the URL does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server may leave what was sent without an answer of its network.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(60);

/// A URL, understood.
pub(super) struct Address {
    config: Config,
    encryption: Encryption,
}

enum Encryption {
    None,
    /// By the authorities of a file, or of the system.
    Checked(Option<PathBuf>),
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, PostgresError> {
        let Some(("postgres" | "postgresql", rest)) = url.split_once("://") else {
            return Err(PostgresError::Url("it does not begin so".to_owned()));
        };
        let user = rest.rsplit_once('@').map_or("", |(user, _)| user);
        if user.contains(':') {
            return Err(PostgresError::SecretInUrl);
        }
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut mode = None;
        let mut authorities = None;
        let mut others = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("password", _)) => return Err(PostgresError::SecretInUrl),
                Some(("sslmode", value)) => mode = Some(value.to_owned()),
                Some(("sslrootcert", file)) => authorities = Some(PathBuf::from(file)),
                _ => others.push(pair),
            }
        }
        let plain = format!("postgres://{place}?{}", others.join("&"));
        let mut config: Config = plain
            .parse()
            .map_err(|error| PostgresError::Url(words(&error)))?;
        if config.get_password().is_some() {
            return Err(PostgresError::SecretInUrl);
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(PostgresError::Url("no host is named".to_owned()));
        }
        if config.get_user().is_none() {
            let user = env::var("PGUSER")
                .map_err(|_| PostgresError::Url("no user is named".to_owned()))?;
            config.user(&user);
        }
        config
            .application_name("parallax")
            .tcp_user_timeout(NETWORK_TIMEOUT);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        let mut address = Self {
            config,
            encryption: Encryption::None,
        };
        address.encryption = match mode.as_deref() {
            Some("disable") => Encryption::None,
            None if authorities.is_none() && address.is_local() => Encryption::None,
            // The weaker ones of these are taken as the strongest.
            None | Some("require" | "verify-ca" | "verify-full") => {
                Encryption::Checked(authorities)
            }
            Some(mode) => {
                let (mode, server) = (mode.to_owned(), address.server());
                return Err(PostgresError::Insecure { mode, server });
            }
        };
        Ok(address)
    }

    /// `host:port/database`, as a person finds it.
    pub(super) fn server(&self) -> String {
        let ports = self.config.get_ports();
        let named = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        });
        let numbered = self.config.get_hostaddrs().iter().map(IpAddr::to_string);
        let hosts: Vec<_> = named.chain(numbered).collect();
        let port = ports.first().copied().unwrap_or(5432);
        format!("{}:{port}/{}", hosts.join(","), self.database())
    }

    pub(super) fn connect(mut self, passwords: &Passwords) -> Result<Client, PostgresError> {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            _ => "localhost".to_owned(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let user = self.config.get_user().unwrap_or_default().to_owned();
        if let Some(password) = passwords.find(&host, port, &self.database(), &user)? {
            self.config.password(password);
        }
        let connected = match &self.encryption {
            Encryption::None => self.config.ssl_mode(SslMode::Disable).connect(NoTls),
            Encryption::Checked(authorities) => {
                let tls = tls::client_config(authorities.as_deref())?;
                let tls = MakeRustlsConnect::new(tls);
                self.config.ssl_mode(SslMode::Require).connect(tls)
            }
        };
        let refused = |error: postgres::Error| PostgresError::Connect {
            reason: reason_of(&error),
            server: self.server(),
        };
        let mut client = connected.map_err(refused)?;
        // Days of partitions are days of UTC, whatever the server's zone.
        client
            .batch_execute("SET TIME ZONE 'UTC'")
            .map_err(refused)?;
        Ok(client)
    }

    fn database(&self) -> String {
        let user = self.config.get_user();
        let database = self.config.get_dbname().or(user);
        database.unwrap_or_default().to_owned()
    }

    /// True if nothing leaves this machine.
    fn is_local(&self) -> bool {
        let is_loopback = |address: &IpAddr| address.is_loopback();
        let local = |host: &Host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => {
                name == "localhost" || name.parse().is_ok_and(|address| is_loopback(&address))
            }
        };
        self.config.get_hostaddrs().iter().all(is_loopback)
            && self.config.get_hosts().iter().all(local)
    }
}

/// Why there is no connection, and how to mend it.
fn reason_of(error: &postgres::Error) -> String {
    let told = words(error);
    let hint = match error.code() {
        Some(code)
            if *code == SqlState::INVALID_PASSWORD
                || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION =>
        {
            "check the user, and the password in PGPASSWORD or ~/.pgpass"
        }
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => "create it, or check its name",
        Some(_) => return told,
        None if told.contains("password missing") => {
            "the server wants a password; set PGPASSWORD, or write it to ~/.pgpass"
        }
        None if told.contains("does not support TLS") => {
            "switch on `ssl` in its postgresql.conf, or write sslmode=disable"
        }
        None if told.contains("certificate") => {
            "check sslrootcert, and that the certificate is for this host name"
        }
        None => "check the host and the port, and that the server runs",
    };
    format!("{told}; {hint}")
}
