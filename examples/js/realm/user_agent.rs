//! The user agent of a realm.

use dom_websocket::{UserAgent, UserAgentBuilder};
use std::error::Error;

/// One that keeps cookies, and trusts the certificates of a file in place of the system's.
pub(crate) fn user_agent(ca_file: Option<&str>) -> Result<UserAgent, Box<dyn Error>> {
    let mut builder = UserAgent::builder();
    trust(&mut builder, ca_file)?;
    #[cfg(feature = "cookies")]
    builder.cookie_jar(&dom_websocket::CookieJar::new());
    Ok(builder.build())
}

#[cfg(feature = "tls")]
fn trust(builder: &mut UserAgentBuilder, ca_file: Option<&str>) -> Result<(), Box<dyn Error>> {
    if let Some(file) = ca_file {
        builder.root_certificates(&std::fs::read(file)?)?;
    }
    Ok(())
}

#[cfg(not(feature = "tls"))]
fn trust(_: &mut UserAgentBuilder, ca_file: Option<&str>) -> Result<(), Box<dyn Error>> {
    match ca_file {
        Some(_) => Err("--ca-file needs the feature `tls`".into()),
        None => Ok(()),
    }
}
