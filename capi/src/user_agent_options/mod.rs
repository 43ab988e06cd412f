//! A user agent's settings.

pub mod certificates;
pub mod credentials;
pub mod proxies;

use crate::error::{Error, Fault, guard};
use crate::limits::{CompressionOptions, set_limit, set_timeout};
use crate::object::{Object, Thread, give, release};
use crate::observation::{ObserverCallback, observer};
use crate::options::{Options, change};
use crate::string::{Text, Utf16};
use crate::user_data::{Destroy, UserData};
use dom_websocket::{ActiveClose as DomActiveClose, Limits, Timeouts, UserAgent, UserAgentBuilder};
use std::ffi::c_void;
use std::rc::Rc;
use std::time::Duration;

/// Options of user agents. They are read when one is made, and can be changed and used again; they belong to the
/// thread that makes them.
pub struct UserAgentOptions(Options<Settings>);

#[derive(Clone)]
struct Settings {
    builder: UserAgentBuilder,
    limits: Limits,
    timeouts: Timeouts,
    #[cfg(feature = "proxies")]
    proxies: dom_websocket::Proxies,
}

/// Who ends TCP first, and so keeps the connection in TIME_WAIT.
#[repr(C)]
pub enum ActiveClose {
    /// As the wire's text has it.
    Standard = 0,
    /// This end, at once.
    Ours = 1,
    /// The peer; this end follows.
    Peers = 2,
}

/// Which connections a proxy is configured for. Of those that are set the first in this order is used, for all.
#[repr(C)]
pub enum ProxyUse {
    /// SOCKS.
    Socks = 0,
    /// HTTPS.
    Https = 1,
    /// HTTP.
    Http = 2,
}

impl ActiveClose {
    pub(crate) fn of(active_close: u32) -> Result<DomActiveClose, Fault> {
        match active_close {
            given if given == Self::Standard as u32 => Ok(DomActiveClose::Standard),
            given if given == Self::Ours as u32 => Ok(DomActiveClose::Ours),
            given if given == Self::Peers as u32 => Ok(DomActiveClose::Peers),
            _ => Err(Fault::argument("there is no such way to close")),
        }
    }
}

impl Object for UserAgentOptions {
    const NAME: &'static str = "options";

    fn thread(&self) -> Thread {
        self.0.thread()
    }
}

impl AsRef<Options<Settings>> for UserAgentOptions {
    fn as_ref(&self) -> &Options<Settings> {
        &self.0
    }
}

impl UserAgentOptions {
    pub(crate) fn build(&self) -> UserAgent {
        let mut settings = self.0.settings();
        settings
            .builder
            .limits(settings.limits)
            .timeouts(settings.timeouts);
        #[cfg(feature = "proxies")]
        settings.builder.proxies(settings.proxies);
        settings.builder.build()
    }
}

/// The defaults. NULL where that fails. To be given back by `domws_user_agent_options_release`. Thread: any, whose it
/// is then. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_new(error: *mut Error) -> *mut UserAgentOptions {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            Ok(give(Rc::new(UserAgentOptions(Options::new(Settings {
                builder: UserAgent::builder(),
                limits: Limits::default(),
                timeouts: Timeouts::default(),
                #[cfg(feature = "proxies")]
                proxies: dom_websocket::Proxies::new(),
            })))))
        })
    }
}

/// Gives options back; user agents that were made with them stay as they are. NULL: nothing is done. Thread: their
/// own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_release(options: *mut UserAgentOptions) {
    // SAFETY: as the header has it.
    unsafe { release(options) };
}

/// How much memory one connection may cost; see `domws_limit`. INVALID_ARGUMENT for another one. False where it
/// fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_limit(
    options: *mut UserAgentOptions,
    limit: crate::LimitArgument,
    value: usize,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            set_limit(&mut settings.limits, limit, value)?;
            Ok(())
        })
    }
}

/// How long a wait on a peer lasts at the most, in milliseconds, or `DOMWS_FOREVER` where that can be; see
/// `domws_timeout`. INVALID_ARGUMENT for another one. False where it fails. Thread: the options'. `error` may be
/// NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_timeout(
    options: *mut UserAgentOptions,
    timeout: crate::TimeoutArgument,
    milliseconds: i64,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            set_timeout(&mut settings.timeouts, timeout, milliseconds)?;
            Ok(())
        })
    }
}

/// Adds a field to the request of every socket, `User-Agent` for one. INVALID_ARGUMENT where the name is no token,
/// the value has a control character, or the field is the handshake's own. False where it fails. Thread: the
/// options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_add_header(
    options: *mut UserAgentOptions,
    name: Text,
    value: Text,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            let added = settings.builder.header(&name.read()?, &value.read()?);
            added.map_err(|error| Fault::argument(error.to_string()))?;
            Ok(())
        })
    }
}

/// Whether permessage-deflate is offered, in the living edition. Default: yes. False where it fails. Thread: the
/// options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_compression(
    options: *mut UserAgentOptions,
    compression: bool,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.builder.compression(compression);
            Ok(())
        })
    }
}

/// How permessage-deflate is offered, in the living edition. What is out of range is brought inside. False where it
/// fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_compression_options(
    options: *mut UserAgentOptions,
    compression: CompressionOptions,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.builder.compression_options(compression.into());
            Ok(())
        })
    }
}

/// The `count` ports that no socket may connect to, in place of those of Fetch. 80 and 443 are never blocked. They
/// are copied. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_blocked_ports(
    options: *mut UserAgentOptions,
    ports: *const u16,
    count: usize,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            let ports = Utf16 {
                data: ports,
                len: count,
            };
            let ports = ports.read()?;
            settings.builder.blocked_ports(ports.iter().copied());
            Ok(())
        })
    }
}

/// Whether a document with an `https:` origin is kept from opening `ws:` URLs. Default: yes. False where it fails.
/// Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_block_mixed_content(
    options: *mut UserAgentOptions,
    block: bool,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.builder.block_mixed_content(block);
            Ok(())
        })
    }
}

/// Follows so many redirects of one handshake. Default: none, as the standards have it. False where it fails. Thread:
/// the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_follow_redirects(
    options: *mut UserAgentOptions,
    count: usize,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.builder.follow_redirects(count);
            Ok(())
        })
    }
}

/// Has the system ask idle peers whether they are there, first after so many milliseconds. Default: no. False where
/// it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_tcp_keep_alive(
    options: *mut UserAgentOptions,
    milliseconds: u32,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            let idle = Duration::from_millis(milliseconds.into());
            settings.builder.tcp_keep_alive(idle);
            Ok(())
        })
    }
}

/// Who ends TCP first; see `domws_active_close`. INVALID_ARGUMENT for another one. False where it fails. Thread: the
/// options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_active_close(
    options: *mut UserAgentOptions,
    active_close: crate::ActiveCloseArgument,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings
                .builder
                .active_close(ActiveClose::of(active_close)?);
            Ok(())
        })
    }
}

/// Writes each failed connection with its cause on a line of standard error, as a browser's console does: nothing else
/// says why, but an observer. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_log_failures(
    options: *mut UserAgentOptions,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, |settings| {
            settings.builder.log_failures();
            Ok(())
        })
    }
}

/// Calls this with each step of each socket's connection, and with the real cause of its failure: all that is kept
/// from script. It replaces the one before; NULL: there is none. `data` is destroyed with the options and the last
/// user agent made with them. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_user_agent_options_set_observer(
    options: *mut UserAgentOptions,
    callback: ObserverCallback,
    data: *mut c_void,
    destroy: Destroy,
    error: *mut Error,
) -> bool {
    let data = UserData::new(data, destroy);
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            match callback {
                Some(callback) => settings.builder.observer(observer(callback, data)),
                None => settings.builder.observer(|_| {}),
            };
            Ok(())
        })
    }
}
