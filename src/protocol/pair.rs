//! For tests: a client and a server with nothing between them but time.

use super::{
    Acceptor, Answer, Closure, Failure, Feedback, Limits, Message, Protocol, ServerOptions,
    Timeouts,
};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::io::IoSlice;
use std::time::Instant;

pub(crate) struct Pair {
    pub(crate) client: Box<dyn Protocol>,
    pub(crate) server: Box<dyn Protocol>,
    pub(crate) now: Instant,
    /// How many bytes cross at once.
    pub(crate) step: usize,
}

impl Pair {
    pub(crate) fn new(client: impl Protocol + 'static, limits: Limits, step: usize) -> Self {
        let options = ServerOptions {
            edition: None,
            secure: false,
            compression: true,
            limits,
            timeouts: Timeouts::default(),
        };
        let mut pair = Self {
            client: Box::new(client),
            server: Box::new(Acceptor::new(options, StdRng::seed_from_u64(2))),
            now: Instant::now(),
            step,
        };
        pair.client.handle_start(pair.now);
        pair.server.handle_start(pair.now);
        pair
    }

    /// With the opening handshake behind it.
    pub(crate) fn established(client: impl Protocol + 'static, limits: Limits) -> Self {
        let mut pair = Self::new(client, limits, usize::MAX);
        pair.exchange();
        pair.server.answer(Answer::accept_with("sample"), pair.now);
        pair.exchange();
        assert!(pair.client.is_established() && pair.server.is_established());
        feedback(&mut *pair.client);
        feedback(&mut *pair.server);
        pair
    }

    /// Carries bytes both ways until nothing more comes.
    pub(crate) fn exchange(&mut self) {
        loop {
            let up = transmit(&mut *self.client, self.now);
            let down = transmit(&mut *self.server, self.now);
            for piece in up.chunks(self.step.min(up.len()).max(1)) {
                self.server.handle_input(piece, self.now);
            }
            for piece in down.chunks(self.step.min(down.len()).max(1)) {
                self.client.handle_input(piece, self.now);
            }
            if up.is_empty() && down.is_empty() {
                return;
            }
        }
    }
}

/// Takes all that an engine wants to send.
pub(crate) fn transmit(engine: &mut dyn Protocol, now: Instant) -> Vec<u8> {
    let mut slices = [IoSlice::new(&[]); 64];
    let filled = engine.poll_transmit(&mut slices);
    let bytes: Vec<u8> = slices[..filled].iter().flat_map(|s| s.to_vec()).collect();
    engine.handle_transmitted(bytes.len(), now);
    bytes
}

/// Takes all that an engine has to say, but for the response, which script does not see.
pub(crate) fn feedback(engine: &mut dyn Protocol) -> Vec<Feedback> {
    let mut all: Vec<_> = std::iter::from_fn(|| engine.poll_feedback())
        .filter(|feedback| !matches!(feedback, Feedback::Responded(_)))
        .collect();
    for feedback in &mut all {
        if let Feedback::Established { response, .. } = feedback {
            *response = None;
        }
    }
    all
}

pub(crate) fn text(text: &str) -> Feedback {
    Feedback::Message(Message::Text(text.into()))
}

pub(crate) fn established(protocol: Option<&str>, extensions: &str) -> Feedback {
    Feedback::Established {
        protocol: protocol.map(str::to_owned),
        extensions: extensions.into(),
        response: None,
    }
}

pub(crate) fn closed(cleanly: bool) -> Feedback {
    Feedback::Closed(if cleanly {
        Closure::clean()
    } else {
        Closure::failed(Failure::Cancelled)
    })
}
