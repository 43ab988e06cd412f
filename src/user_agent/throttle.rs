//! One opening handshake at a time for each IP address, or, through a proxy, for each host name
//! (hixie-76 section 4.1 step 1, RFC 6455 section 4.1 step 2).

use futures::channel::oneshot;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::rc::Rc;

/// So many sockets of a user agent wait for one host; more than these fail at once.
pub(super) const MAX_WAITING: usize = 16_384;

/// A remote host, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Remote {
    Address(IpAddr),
    /// The proxy resolves it: each name is taken for a host of its own.
    #[cfg(feature = "proxies")]
    Name(String),
}

/// Who is connecting, and who waits for them, first come first served.
#[derive(Default)]
pub(super) struct Throttle {
    connecting: RefCell<HashMap<Remote, VecDeque<oneshot::Sender<Permit>>>>,
}

/// The right to be the one connection to a host that is running through its opening handshake.
/// Dropping it passes it on.
pub(super) struct Permit {
    throttle: Rc<Throttle>,
    remote: Remote,
}

/// [`MAX_WAITING`] others wait already.
#[derive(Debug)]
pub(super) struct TooManyWaiting;

impl Throttle {
    /// Waits for the permit for this host.
    pub(super) async fn permit(self: Rc<Self>, remote: Remote) -> Result<Permit, TooManyWaiting> {
        let waiting = {
            let mut connecting = self.connecting.borrow_mut();
            let queue = connecting.get_mut(&remote);
            queue.map(line_up).transpose()?
        };
        if let Some(Ok(permit)) = match waiting {
            Some(receiver) => Some(receiver.await),
            None => None,
        } {
            return Ok(permit);
        }
        let mut connecting = self.connecting.borrow_mut();
        connecting.entry(remote.clone()).or_default();
        drop(connecting);
        Ok(Permit {
            throttle: self,
            remote,
        })
    }
}

fn line_up(
    queue: &mut VecDeque<oneshot::Sender<Permit>>,
) -> Result<oneshot::Receiver<Permit>, TooManyWaiting> {
    if queue.len() >= MAX_WAITING {
        queue.retain(|waiting| !waiting.is_canceled());
        if queue.len() >= MAX_WAITING {
            return Err(TooManyWaiting);
        }
    }
    let (sender, receiver) = oneshot::channel();
    queue.push_back(sender);
    Ok(receiver)
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut connecting = self.throttle.connecting.borrow_mut();
        let Some(queue) = connecting.get_mut(&self.remote) else {
            return;
        };
        // One who has given up meanwhile is passed over.
        while let Some(next) = queue.pop_front() {
            if next.is_canceled() {
                continue;
            }
            let permit = Permit {
                throttle: self.throttle.clone(),
                remote: self.remote.clone(),
            };
            drop(connecting);
            // Should the receiver be gone after all, the permit comes back here and goes on.
            drop(next.send(permit));
            return;
        }
        connecting.remove(&self.remote);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const A: Remote = Remote::Address(IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1)));
    const B: Remote = Remote::Address(IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2)));

    #[test]
    fn permits_are_passed_on_in_order_and_for_each_address() {
        let throttle = Rc::new(Throttle::default());
        let permit = |remote| Box::pin(throttle.clone().permit(remote));
        let first = permit(A).now_or_never().expect("nobody is connecting");
        assert!(permit(B).now_or_never().is_some(), "another address");
        let mut second = permit(A);
        let mut given_up = permit(A);
        let mut third = permit(A);
        for waiting in [&mut second, &mut given_up, &mut third] {
            assert!(waiting.as_mut().now_or_never().is_none());
        }
        drop(given_up);
        drop(first);
        assert!(third.as_mut().now_or_never().is_none());
        drop(second.now_or_never().expect("its turn"));
        drop(third.now_or_never().expect("past the one who gave up"));
        assert!(throttle.connecting.borrow().is_empty());
    }

    #[test]
    fn a_permit_that_was_received_and_not_taken_goes_on() {
        let throttle = Rc::new(Throttle::default());
        let permit = || Box::pin(throttle.clone().permit(A));
        let first = permit().now_or_never().unwrap();
        let mut second = permit();
        let mut third = permit();
        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        drop(second);
        assert!(third.now_or_never().is_some());
    }

    #[test]
    fn the_queue_has_a_bound_and_those_who_left_are_not_in_it() {
        let throttle = Rc::new(Throttle::default());
        let permit = || Box::pin(throttle.clone().permit(A));
        let _first = permit().now_or_never().unwrap();
        let mut waiting: Vec<_> = (0..MAX_WAITING).map(|_| permit()).collect();
        for waiting in &mut waiting {
            assert!(waiting.as_mut().now_or_never().is_none());
        }
        assert!(permit().now_or_never().is_some_and(|p| p.is_err()));
        assert!(throttle.clone().permit(B).now_or_never().is_some());
        waiting.pop();
        let mut next = permit();
        assert!(next.as_mut().now_or_never().is_none(), "there is room");
    }
}
