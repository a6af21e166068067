//! TLS for PostgreSQL: whom we trust.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::PostgresError;

/// A client that checks certificates by the authorities of a file, or of the system.
pub(super) fn client_config(authorities: Option<&Path>) -> Result<ClientConfig, PostgresError> {
    let place = authorities.map_or_else(
        || "the system's authorities".to_owned(),
        |file| file.display().to_string(),
    );
    let unusable = |reason: String| PostgresError::Certificates {
        reason,
        place: place.clone(),
    };
    let mut roots = RootCertStore::empty();
    match authorities {
        Some(file) => {
            let certificates: Result<Vec<_>, _> =
                CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
            for certificate in certificates.map_err(|error| unusable(error.to_string()))? {
                roots
                    .add(certificate)
                    .map_err(|error| unusable(error.to_string()))?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
        }
    }
    if roots.is_empty() {
        return Err(unusable("there are none".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
