//! Who is trusted, and how this end is known.

use super::UserAgentOptions;
use crate::error::{Error, Fault};
use crate::options::change;
use crate::string::{Bytes, Text};

/// Trusts the certificates in this PEM text in place of the system's roots; more calls add more. INVALID_ARGUMENT
/// where there is none in it, or one that can't vouch for others. UNSUPPORTED without TLS. False where it fails.
/// Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_add_root_certificates(
    options: *mut UserAgentOptions,
    pem: Bytes,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("tls", [settings, pem], {
                let trusted = settings.builder.root_certificates(pem.read()?);
                trusted.map_err(|error| Fault::argument(error.to_string()))?;
                Ok(())
            })
        })
    }
}

/// `domws_user_agent_options_add_root_certificates` of what is in a file, which is read now. IO where it can't be.
/// False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_add_root_certificate_file(
    options: *mut UserAgentOptions,
    path: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("tls", [settings, path], {
                let pem = std::fs::read(path.read_path()?).map_err(|error| Fault::io(&error))?;
                let trusted = settings.builder.root_certificates(&pem);
                trusted.map_err(|error| Fault::argument(error.to_string()))?;
                Ok(())
            })
        })
    }
}

/// Shows this certificate, with those that vouch for it, to whoever asks for one; both are PEM. INVALID_ARGUMENT
/// where one is missing, or they don't belong together. UNSUPPORTED without TLS. False where it fails. Thread: the
/// options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_client_certificate(
    options: *mut UserAgentOptions,
    chain: Bytes,
    key: Bytes,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("tls", [settings, chain, key], {
                let known = settings
                    .builder
                    .client_certificate(chain.read()?, key.read()?);
                known.map_err(|error| Fault::argument(error.to_string()))?;
                Ok(())
            })
        })
    }
}

/// **Believes whoever answers.** For tests. UNSUPPORTED without TLS. False where it fails. Thread: the options'.
/// `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_dangerously_accept_any_certificate(
    options: *mut UserAgentOptions,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("tls", [settings], {
                settings.builder.dangerously_accept_any_certificate();
                Ok(())
            })
        })
    }
}
