//! The way to the server.

#[cfg(feature = "proxies")]
use super::ProxyUse;
use super::UserAgentOptions;
use crate::error::{Error, Fault};
use crate::options::change;
use crate::string::Text;

#[cfg(feature = "proxies")]
unsafe fn proxy(url: Text) -> Result<dom_websocket::Proxy, Fault> {
    // SAFETY: as the caller promises.
    let proxy = dom_websocket::Proxy::new(&unsafe { url.read() }?);
    proxy.map_err(|error| Fault::argument(error.to_string()))
}

/// Goes through this proxy, in place of any that were set: `http://host:port`, `https://...` or `socks5://...`, with
/// `user:password@` before the host where it wants that. INVALID_ARGUMENT where it is none. UNSUPPORTED without
/// proxies. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_proxy(
    options: *mut UserAgentOptions,
    url: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("proxies", [settings, url], {
                settings.proxies = proxy(url)?.into();
                Ok(())
            })
        })
    }
}

/// Sets the proxy that is configured for one kind of connection; see `domws_proxy_use`. Otherwise as
/// `domws_user_agent_options_set_proxy`. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_proxy_for(
    options: *mut UserAgentOptions,
    proxy_use: crate::ProxyUseArgument,
    url: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("proxies", [settings, proxy_use, url], {
                let proxy = proxy(url)?;
                let proxies = settings.proxies.clone();
                settings.proxies = match proxy_use {
                    given if given == ProxyUse::Socks as u32 => proxies.socks(proxy),
                    given if given == ProxyUse::Https as u32 => proxies.https(proxy),
                    given if given == ProxyUse::Http as u32 => proxies.http(proxy),
                    _ => return Err(Fault::argument("there is no such use")),
                };
                Ok(())
            })
        })
    }
}

/// The hosts that are reached without a proxy, in the manner of `NO_PROXY`: names (with all below them), addresses,
/// networks, or `*`, between commas or spaces. UNSUPPORTED without proxies. False where it fails. Thread: the options'. `error`
/// may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_proxy_bypass(
    options: *mut UserAgentOptions,
    hosts: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("proxies", [settings, hosts], {
                settings.proxies = settings.proxies.clone().bypass(&hosts.read()?);
                Ok(())
            })
        })
    }
}

/// Takes proxies and what is reached without from the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` and the
/// like), as it is now. INVALID_ARGUMENT where one of them is none. UNSUPPORTED without proxies. False where it
/// fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_proxies_from_environment(
    options: *mut UserAgentOptions,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("proxies", [settings], {
                let proxies = dom_websocket::Proxies::from_environment();
                settings.proxies = proxies.map_err(|error| Fault::argument(error.to_string()))?;
                Ok(())
            })
        })
    }
}
