//! The HTTP/2 connections of a user agent.

use super::origin::Origin;
use crate::event_loop::Shared;
use crate::protocol::url::UrlComponents;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use url::Url;

/// So many origins are remembered.
const MOST: usize = 1024;

/// By what sockets have to have in common. A user agent's proxies are chosen by host and port: so those are of one proxy, too.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    event_loop: *const Shared,
    secure: bool,
    host: String,
    port: u16,
    /// A name and a password of the URL's: who shares a connection may be taken for one client.
    credentials: (String, Option<String>),
}

#[derive(Default)]
pub(crate) struct Pool {
    origins: RefCell<HashMap<Key, Rc<Origin>>>,
}

impl Pool {
    /// Where the sockets of an event loop to this URL find their connections.
    pub(super) fn origin(
        &self,
        event_loop: &Weak<Shared>,
        record: &Url,
        url: &UrlComponents,
    ) -> Rc<Origin> {
        let key = Key {
            event_loop: event_loop.as_ptr(),
            secure: url.secure,
            host: url.host.clone(),
            port: url.port,
            credentials: (
                record.username().to_owned(),
                record.password().map(str::to_owned),
            ),
        };
        let mut origins = self.origins.borrow_mut();
        if let Some(origin) = origins.get(&key) {
            return origin.clone();
        }
        if origins.len() >= MOST {
            origins.retain(|_, origin| !origin.is_unused());
        }
        // The weak reference in it keeps the loop's address from being another's.
        let origin = Rc::new(Origin::new(event_loop.clone()));
        origins.insert(key, origin.clone());
        origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::http2::{Http2Client, Http2Options};
    use crate::protocol::url::parse_bare;
    use futures::io::Cursor;

    #[test]
    fn origins_whose_connections_have_ended_are_not_remembered_for_good() {
        let (pool, event_loop) = (Pool::default(), crate::EventLoop::new());
        let event_loop = Rc::downgrade(event_loop.shared());
        let connect = |origin: &Rc<Origin>| {
            let transport = Box::new(Box::pin(Cursor::new(Vec::new())));
            let options = Http2Options::default();
            let begun = Http2Client::begin(transport, &options, 1024, origin.queue());
            let (client, driving) = futures::executor::block_on(begun).unwrap();
            origin.add(client.clone());
            (client, driving)
        };
        let (record, url) = parse_bare("ws://connected.example/").unwrap();
        let connected = pool.origin(&event_loop, &record, &url);
        let _connection = connect(&connected);
        for port in 1..=3 * u16::try_from(MOST).unwrap() {
            let (record, url) = parse_bare(&format!("ws://127.0.0.1:{port}/")).unwrap();
            let origin = pool.origin(&event_loop, &record, &url);
            connect(&origin).0.retire();
        }
        assert!(pool.origins.borrow().len() <= MOST);
        let still = pool.origin(&event_loop, &record, &url);
        assert!(Rc::ptr_eq(&still, &connected), "it is connected");
    }
}
