//! What this library is.

use std::ffi::{CStr, c_char};

/// What a library can be built with, or without.
#[repr(C)]
pub enum Feature {
    /// `wss:`, certificates.
    Tls = 0,
    /// Proxies.
    Proxies = 1,
    /// Answers to 401 and 407.
    Credentials = 2,
    /// Cookie jars.
    Cookies = 3,
}

/// The library's version, such as "0.1.0". Thread: any. It stays for ever.
#[unsafe(no_mangle)]
pub extern "C" fn domws_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    match CStr::from_bytes_with_nul(VERSION.as_bytes()) {
        Ok(version) => version.as_ptr(),
        Err(_) => c"".as_ptr(),
    }
}

/// Whether the library was built with a feature; false for one that it does not know. Functions of one that is
/// missing are there, and fail (UNSUPPORTED). Thread: any.
#[unsafe(no_mangle)]
pub extern "C" fn domws_has(feature: crate::FeatureArgument) -> bool {
    match feature {
        feature if feature == Feature::Tls as u32 => cfg!(feature = "tls"),
        feature if feature == Feature::Proxies as u32 => cfg!(feature = "proxies"),
        feature if feature == Feature::Credentials as u32 => cfg!(feature = "credentials"),
        feature if feature == Feature::Cookies as u32 => cfg!(feature = "cookies"),
        _ => false,
    }
}
