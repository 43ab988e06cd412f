//! The user agent of a realm.

use dom_websocket::{CookieJar, UserAgent, UserAgentBuilder};
use std::error::Error;

/// A builder of one that keeps cookies, trusts the certificates of a file in place of the system's, and offers compression or doesn't.
///
/// # Errors
///
/// A file that can't be read, or has no certificates.
pub fn user_agent(
    ca_file: Option<&str>,
    compression: bool,
) -> Result<UserAgentBuilder, Box<dyn Error>> {
    let mut builder = UserAgent::builder();
    builder
        .cookie_jar(&CookieJar::new())
        .compression(compression);
    if let Some(file) = ca_file {
        let certificates = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
        let trusted = builder.root_certificates(&certificates);
        trusted.map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(builder)
}
