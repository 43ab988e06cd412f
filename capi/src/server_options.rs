//! A server's settings.

use crate::error::{Error, Fault, guard};
use crate::limits::{CompressionOptions, set_limit, set_timeout};
use crate::object::{Object, Thread, give, release};
use crate::options::{Options, change};
use crate::socket::Edition;
use crate::string::Bytes;
use crate::user_agent_options::ActiveClose;
use dom_websocket::{
    ActiveClose as DomActiveClose, Compression, Edition as DomEdition, EventLoop, Limits, Server,
    ServerBuilder, Timeouts,
};
use std::rc::Rc;

/// Options of servers. They are read when one is made, and can be changed and used again; they belong to the thread
/// that makes them.
pub struct ServerOptions(Options<Settings>);

#[derive(Clone)]
struct Settings {
    edition: Option<DomEdition>,
    limits: Limits,
    timeouts: Timeouts,
    compression: Option<Compression>,
    active_close: DomActiveClose,
    half_open: bool,
    reuse_port: bool,
    secure: bool,
    #[cfg(feature = "tls")]
    tls: Option<(Vec<u8>, Vec<u8>)>,
}

impl Object for ServerOptions {
    const NAME: &'static str = "options";

    fn thread(&self) -> Thread {
        self.0.thread()
    }
}

impl AsRef<Options<Settings>> for ServerOptions {
    fn as_ref(&self) -> &Options<Settings> {
        &self.0
    }
}

impl ServerOptions {
    pub(crate) fn builder<'a>(
        &self,
        event_loop: &'a EventLoop,
    ) -> Result<ServerBuilder<'a>, Fault> {
        let settings = self.0.settings();
        let mut builder = Server::builder(event_loop);
        builder
            .limits(settings.limits)
            .timeouts(settings.timeouts)
            .active_close(settings.active_close)
            .half_open(settings.half_open)
            .reuse_port(settings.reuse_port)
            .secure(settings.secure);
        match settings.compression {
            Some(compression) => builder.compression_options(compression),
            None => builder.compression(false),
        };
        if let Some(edition) = settings.edition {
            builder.edition(edition);
        }
        #[cfg(feature = "tls")]
        if let Some((chain, key)) = &settings.tls {
            let known = builder.tls(chain, key);
            known.map_err(|error| Fault::argument(error.to_string()))?;
        }
        Ok(builder)
    }
}

/// The defaults. NULL where that fails. To be given back by `domws_server_options_release`. Thread: any, whose it is
/// then. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_new(error: *mut Error) -> *mut ServerOptions {
    // SAFETY: as the header has it.
    unsafe {
        guard(error, std::ptr::null_mut(), || {
            Ok(give(Rc::new(ServerOptions(Options::new(Settings {
                edition: None,
                limits: Limits::of_server(),
                timeouts: Timeouts::of_server(),
                compression: Some(Compression::default()),
                active_close: DomActiveClose::default(),
                half_open: false,
                reuse_port: false,
                secure: false,
                #[cfg(feature = "tls")]
                tls: None,
            })))))
        })
    }
}

/// Gives options back; servers that were made with them stay as they are. NULL: nothing is done. Thread: their own.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_release(options: *mut ServerOptions) {
    // SAFETY: as the header has it.
    unsafe { release(options) };
}

/// Accepts clients of this edition only. Default: of both, on the same port. False where it fails. Thread: the
/// options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_set_edition(
    options: *mut ServerOptions,
    edition: crate::EditionArgument,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.edition = Some(Edition::of(edition)?);
            Ok(())
        })
    }
}

/// How much memory one connection may cost; see `domws_limit`. INVALID_ARGUMENT for another one. False where it
/// fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_set_limit(
    options: *mut ServerOptions,
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

/// How long a wait on a client lasts at the most, in milliseconds, or `DOMWS_FOREVER` where that can be; see
/// `domws_timeout`. INVALID_ARGUMENT for another one. False where it fails. Thread: the options'. `error` may be
/// NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_set_timeout(
    options: *mut ServerOptions,
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

/// Whether permessage-deflate is agreed to. Default: yes. False where it fails. Thread: the options'. `error` may be
/// NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_set_compression(
    options: *mut ServerOptions,
    compression: bool,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.compression = compression.then(Compression::default);
            Ok(())
        })
    }
}

/// How permessage-deflate is agreed to. What is out of range is brought inside. False where it fails. Thread: the
/// options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_set_compression_options(
    options: *mut ServerOptions,
    compression: CompressionOptions,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.compression = Some(compression.into());
            Ok(())
        })
    }
}

/// Who ends TCP first; see `domws_active_close`. INVALID_ARGUMENT for another one. False where it fails. Thread: the
/// options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_set_active_close(
    options: *mut ServerOptions,
    active_close: crate::ActiveCloseArgument,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.active_close = ActiveClose::of(active_close)?;
            Ok(())
        })
    }
}

/// Whether sockets are half open once a client has finished, as `domws_socket_options_set_half_open` has it. Default:
/// no. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_set_half_open(
    options: *mut ServerOptions,
    half_open: bool,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.half_open = half_open;
            Ok(())
        })
    }
}

/// Whether other servers that say so too may listen at the same address (`SO_REUSEPORT`): one for each loop, on a
/// thread of its own. Default: no. False where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_set_reuse_port(
    options: *mut ServerOptions,
    reuse_port: bool,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.reuse_port = reuse_port;
            Ok(())
        })
    }
}

/// Whether clients reach this server by `wss:`, through something in front of it that ends TLS. Default: no. False
/// where it fails. Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_set_secure(
    options: *mut ServerOptions,
    secure: bool,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            settings.secure = secure;
            Ok(())
        })
    }
}

/// Serves `wss:` with this certificate (PEM: its own first, then those that vouch for it) and its key. They are
/// copied; whether they fit each other is seen when a server is made. UNSUPPORTED without TLS. False where it fails.
/// Thread: the options'. `error` may be NULL.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_server_options_set_tls(
    options: *mut ServerOptions,
    chain: Bytes,
    key: Bytes,
    error: *mut Error,
) -> bool {
    // SAFETY: as the header has it.
    unsafe {
        change(options, error, move |settings| {
            with_feature!("tls", [settings, chain, key], {
                settings.tls = Some((chain.read()?.to_vec(), key.read()?.to_vec()));
                Ok(())
            })
        })
    }
}
