//! Which certificates we trust.
//!
//! The platform's, as an operator expects who installed the company's own authority. An image without any (a
//! container built `FROM scratch`) would leave HTTPS unusable, so there Mozilla's list serves, built in
//! (`webpki-roots`). The cryptography is *ring*: it builds without cmake, and nothing is set for the whole process.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

/// A TLS configuration that offers HTTP/2 and HTTP/1.1. Reads the platform's store, so it takes some milliseconds.
pub(crate) fn config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let mut config = match Verifier::new(provider) {
        // "Dangerous" is any verifier that is not rustls' own; this one is rustls' for the platform.
        Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)),
        Err(_) => {
            builder.with_root_certificates(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
        }
    }
    .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
