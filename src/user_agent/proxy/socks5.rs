//! SOCKS5 (RFC 1928), with a name and a password (RFC 1929).

use crate::net::Stream;
use crate::user_agent::{Credentials, ProxyFailure};
use std::io;
use std::net::IpAddr;
use tokio_socks::io::Compat;
use tokio_socks::tcp::Socks5Stream;
use tokio_socks::{Error, TargetAddr};

/// Asks for a connection to the server; a name is resolved by the proxy.
pub(in crate::user_agent) async fn socks5(
    stream: Box<dyn Stream>,
    host: &str,
    port: u16,
    credentials: Option<&Credentials>,
) -> Result<Box<dyn Stream>, ProxyFailure> {
    // Section 5: its length is one byte.
    if host.len() > 255 {
        return Err(ProxyFailure::Refused(io::ErrorKind::InvalidInput.into()));
    }
    let stream = Compat::new(stream);
    let target = match host.parse::<IpAddr>() {
        Ok(address) => TargetAddr::Ip((address, port).into()),
        Err(_) => TargetAddr::Domain(host.into(), port),
    };
    let connected = match credentials {
        None => Socks5Stream::connect_with_socket(stream, target).await,
        Some(credentials) => {
            Socks5Stream::connect_with_password_and_socket(
                stream,
                target,
                credentials.user(),
                credentials.password(),
            )
            .await
        }
    };
    Ok(connected.map_err(failure)?.into_inner().into_inner())
}

fn failure(error: Error) -> ProxyFailure {
    match error {
        Error::Io(error) => ProxyFailure::Transport(error.into()),
        Error::NoAcceptableAuthMethods
        | Error::PasswordAuthFailure(_)
        | Error::AuthorizationRequired
        | Error::InvalidAuthValues(_) => ProxyFailure::Unauthorized,
        Error::InvalidResponseVersion
        | Error::UnknownAuthMethod
        | Error::InvalidReservedByte
        | Error::UnknownAddressType => ProxyFailure::Malformed,
        refused => {
            let kind = match refused {
                Error::ConnectionRefused => io::ErrorKind::ConnectionRefused,
                Error::HostUnreachable => io::ErrorKind::HostUnreachable,
                Error::NetworkUnreachable => io::ErrorKind::NetworkUnreachable,
                Error::TtlExpired => io::ErrorKind::TimedOut,
                Error::ConnectionNotAllowedByRuleset => io::ErrorKind::PermissionDenied,
                _ => io::ErrorKind::Other,
            };
            ProxyFailure::Refused(io::Error::new(kind, refused.to_string()).into())
        }
    }
}
