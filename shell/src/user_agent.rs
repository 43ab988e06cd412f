//! The user agent of a realm.

use dom_websocket::{UserAgent, UserAgentBuilder};
use std::error::Error;

/// One that keeps cookies, and trusts the certificates of a file in place of the system's.
pub(crate) fn user_agent(ca_file: Option<&str>) -> Result<UserAgent, Box<dyn Error>> {
    let builder = trust(UserAgent::builder(), ca_file)?;
    #[cfg(feature = "cookies")]
    let builder = builder.cookie_jar(&dom_websocket::CookieJar::new());
    Ok(builder.build())
}

#[cfg(feature = "tls")]
fn trust(
    builder: UserAgentBuilder,
    ca_file: Option<&str>,
) -> Result<UserAgentBuilder, Box<dyn Error>> {
    Ok(match ca_file {
        Some(file) => builder.root_certificates(&std::fs::read(file)?)?,
        None => builder,
    })
}

#[cfg(not(feature = "tls"))]
fn trust(
    builder: UserAgentBuilder,
    ca_file: Option<&str>,
) -> Result<UserAgentBuilder, Box<dyn Error>> {
    match ca_file {
        Some(_) => Err("--ca-file needs the feature `tls`".into()),
        None => Ok(builder),
    }
}
