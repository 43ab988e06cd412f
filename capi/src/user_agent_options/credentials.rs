//! Who this end says it is: credentials and cookies.

use super::UserAgentOptions;
use crate::challenge::CredentialsCallback;
#[cfg(feature = "credentials")]
use crate::challenge::provider;
use crate::cookie_jar::CookieJar;
use crate::error::Error;
#[cfg(not(all(feature = "credentials", feature = "cookies")))]
use crate::error::Fault;
use crate::options::change;
use crate::user_data::{Destroy, UserData};
use std::ffi::c_void;

/// Asks this for credentials when a proxy wants some (407, or SOCKS5's) and does not take those of its URL; again
/// each time that they are refused. The time that it takes does not count against the handshake's. It replaces the
/// one before; NULL: nobody is asked. `data` goes as an observer's. UNSUPPORTED without credentials. False where it
/// fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_proxy_credentials(
    options: *mut UserAgentOptions,
    callback: CredentialsCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("credentials", [settings, callback, data], {
                match callback {
                    Some(callback) => settings.builder.proxy_credentials(provider(callback, data)),
                    None => settings.builder.proxy_credentials(async |_| None),
                };
                Ok(())
            })
        })
    }
}

/// Asks this for credentials when a server answers 401, and does not take those of the URL; again each time that they
/// are refused. The time that it takes does not count against the handshake's. It replaces the one before; NULL:
/// nobody is asked. `data` goes as an observer's. UNSUPPORTED without credentials. False where it fails. Thread: the
/// options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_server_credentials(
    options: *mut UserAgentOptions,
    callback: CredentialsCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("credentials", [settings, callback, data], {
                match callback {
                    Some(callback) => settings
                        .builder
                        .server_credentials(provider(callback, data)),
                    None => settings.builder.server_credentials(async |_| None),
                };
                Ok(())
            })
        })
    }
}

/// Sends and keeps cookies: the options keep the jar. UNSUPPORTED without cookies. False where it fails. Thread: the
/// options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_cookie_jar(
    options: *mut UserAgentOptions,
    jar: *mut CookieJar,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("cookies", [settings, jar], {
                settings.builder.cookie_jar(&crate::object::take(jar)?.jar);
                Ok(())
            })
        })
    }
}
