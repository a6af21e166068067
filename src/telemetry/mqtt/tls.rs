//! TLS for brokers: whom we trust, who we are, and what a failure means.

use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore};

use super::endpoint::EndpointError;
use crate::scene::spec::MqttSpec;

/// The TLS side of `spec`, with files relative to `folder`.
pub(super) fn client_config(
    spec: &MqttSpec,
    folder: &Path,
) -> Result<Arc<ClientConfig>, EndpointError> {
    let roots = match &spec.ca_file {
        Some(file) => roots_of(&folder.join(file))?,
        None => system_roots()?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let config = match (&spec.client_cert, &spec.client_key) {
        (None, None) => builder.with_no_client_auth(),
        (Some(certificate), Some(key)) => {
            let certificates = certificates_of(&folder.join(certificate))?;
            let path = folder.join(key);
            let key =
                PrivateKeyDer::from_pem_file(&path).map_err(|error| bad_pem(&error, &path))?;
            builder.with_client_auth_cert(certificates, key)?
        }
        _ => return Err(EndpointError::HalfIdentity),
    };
    Ok(Arc::new(config))
}

/// What a failed connection means, if it failed over TLS.
pub(super) fn explain(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(failure) = tls_error(error) {
            return Some(in_words(failure));
        }
        cause = error.source();
    }
    None
}

fn tls_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    let inner = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    let wrapped = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
    wrapped.or_else(|| error.downcast_ref::<rustls::Error>())
}

fn in_words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "the broker's certificate is signed by no authority that we trust; check `ca_file`"
                    .to_owned()
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the broker's certificate has expired".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the broker's certificate is for another host name".to_owned()
            }
            other => format!("the broker's certificate is not valid: {other}"),
        },
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::HandshakeFailure,
        ) => format!("the broker refused our certificate ({error}); check `client_cert`"),
        rustls::Error::InvalidMessage(_) => "the broker does not speak TLS on this port".to_owned(),
        other => format!("TLS: {other}"),
    }
}

fn roots_of(path: &Path) -> Result<RootCertStore, EndpointError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates_of(path)? {
        roots.add(certificate)?;
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, EndpointError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let reason = found.errors.first().map(ToString::to_string);
        let reason = reason.unwrap_or_else(|| "it is empty".to_owned());
        return Err(EndpointError::NoSystemRoots(reason));
    }
    Ok(roots)
}

fn certificates_of(path: &Path) -> Result<Vec<CertificateDer<'static>>, EndpointError> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| bad_pem(&error, path))?;
    if certificates.is_empty() {
        return Err(bad_pem(&pem::Error::NoItemsFound, path));
    }
    Ok(certificates)
}

fn bad_pem(error: &pem::Error, path: &Path) -> EndpointError {
    EndpointError::BadPem {
        reason: error.to_string(),
        path: path.to_owned(),
    }
}
