//! permessage-deflate (RFC 7692 section 7.2).
//!
//! A context is the last window of plain bytes, and all else of a machine can be set up from it. So the machines are
//! [shared](Resources): a connection remembers what it has received, as far as the peer may refer to it, and a little of
//! what it has sent. It holds a machine itself only while a message is under way.

use super::Violation;
use crate::protocol::opening::{DeflateParameters, MIN_DEFLATE_WINDOW_BITS, Role};
use crate::protocol::resources::{DeflateMachine, Resources, Tenant};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::collections::VecDeque;

/// What a deflated message ends with, and what is left out of it.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// Messages below this size hardly get smaller by it.
const SMALLEST: usize = 16;
/// So much of what was sent is remembered at the most. A machine is set up from it in 2 us, and from a whole window in
/// 30; the messages are a seventh longer.
const HISTORY: usize = 1024;
/// A machine that waits keeps so much room for what comes of it.
const KEPT_ROOM: usize = 32 * 1024;

/// Compresses messages.
pub(super) struct Deflater {
    resources: Resources,
    tenant: Tenant,
    level: u8,
    window_bits: u8,
    keeps_context: bool,
    /// The end of what the peer's window holds. It may be forgotten at any time.
    history: Vec<u8>,
    /// Between [`deflate`](Self::deflate) and [`finish`](Self::finish).
    machine: Option<Box<DeflateMachine>>,
}

impl Deflater {
    /// For what this end sends.
    pub(super) fn new(parameters: &DeflateParameters, role: Role, resources: &Resources) -> Self {
        let (window_bits, keeps_context) = parameters.of_sender(role);
        Self {
            resources: resources.clone(),
            tenant: resources.tenant(),
            level: parameters.level(),
            window_bits,
            keeps_context,
            history: Vec::new(),
            machine: None,
        }
    }

    /// Section 7.2.1. `None`: the message would not get smaller, and goes out as it is. To be followed by
    /// [`finish`](Self::finish).
    pub(super) fn deflate(&mut self, message: &[u8]) -> Option<&[u8]> {
        if message.len() < SMALLEST || self.window_bits < MIN_DEFLATE_WINDOW_BITS {
            return None;
        }
        let mut machine = self.machine()?;
        if compress(&mut machine, message).is_none() {
            // The peer never sees what the window holds by now.
            self.put_back(machine, Tenant::NOBODY);
            return None;
        }
        self.remember(message);
        let machine = self.machine.insert(machine);
        Some(&machine.deflated)
    }

    /// The message has been copied.
    pub(super) fn finish(&mut self) {
        if let Some(machine) = self.machine.take() {
            let tenant = if self.keeps_context {
                self.tenant
            } else {
                Tenant::NOBODY
            };
            self.put_back(machine, tenant);
        }
    }

    /// A machine whose context is this connection's.
    fn machine(&self) -> Option<Box<DeflateMachine>> {
        let taken = self.resources.deflaters().take(self.tenant, self.size());
        let (mut machine, is_own) = match taken {
            Some((mut machine, is_own)) => {
                if !is_own {
                    machine.compress.reset();
                }
                (machine, is_own)
            }
            None => {
                let level = Compression::new(u32::from(self.level));
                let compress = Compress::new_with_window_bits(level, false, self.window_bits);
                let deflated = Vec::new();
                (Box::new(DeflateMachine { compress, deflated }), false)
            }
        };
        if !is_own && !self.history.is_empty() {
            machine.compress.set_dictionary(&self.history).ok()?;
        }
        Some(machine)
    }

    fn put_back(&self, mut machine: Box<DeflateMachine>, tenant: Tenant) {
        if machine.deflated.capacity() > KEPT_ROOM {
            machine.deflated = Vec::new();
        }
        let deflaters = self.resources.deflaters();
        deflaters.put(tenant, self.size(), machine);
    }

    /// Machines of one size can do each other's work.
    fn size(&self) -> u8 {
        self.level << 4 | self.window_bits
    }

    fn remember(&mut self, message: &[u8]) {
        if !self.keeps_context {
            return;
        }
        let most = HISTORY.min(1 << self.window_bits);
        let message = &message[message.len().saturating_sub(most)..];
        let over = (self.history.len() + message.len()).saturating_sub(most);
        self.history.drain(..over);
        let wanted = self.history.len() + message.len();
        if wanted > self.history.capacity() {
            let more = most.min(2 * wanted) - self.history.len();
            self.history.reserve_exact(more);
        }
        self.history.extend_from_slice(message);
    }

    /// Starts afresh with the next message: until then nothing is held.
    pub(super) fn rest(&mut self) {
        self.history = Vec::new();
        self.resources.deflaters().forget(self.tenant);
    }
}

impl Drop for Deflater {
    fn drop(&mut self) {
        self.rest();
    }
}

/// `None`: it would not get smaller.
fn compress(machine: &mut DeflateMachine, message: &[u8]) -> Option<()> {
    let DeflateMachine { compress, deflated } = machine;
    deflated.clear();
    let start = compress.total_in();
    loop {
        let consumed = (compress.total_in() - start) as usize;
        deflated.reserve((message.len() - consumed) / 2 + 64);
        let rest = &message[consumed..];
        let status = compress.compress_vec(rest, deflated, FlushCompress::Sync);
        let is_done = (compress.total_in() - start) as usize == message.len()
            && deflated.len() < deflated.capacity();
        if status.is_err() || is_done {
            break;
        }
    }
    let len = deflated.strip_suffix(&TAIL)?.len();
    deflated.truncate(len);
    (len < message.len()).then_some(())
}

/// Decompresses messages.
pub(super) struct Inflater {
    resources: Resources,
    tenant: Tenant,
    keeps_context: bool,
    /// The end of all that was inflated, as far as the peer may refer to it.
    window: VecDeque<u8>,
    window_len: usize,
    /// While a message is under way.
    machine: Option<Box<Decompress>>,
    /// It was stopped: more comes of what it has got.
    is_stopped: bool,
    /// How much of the tail it has got.
    tail: usize,
}

impl Inflater {
    /// For what this end receives.
    pub(super) fn new(parameters: &DeflateParameters, role: Role, resources: &Resources) -> Self {
        let (window_bits, keeps_context) = parameters.of_sender(role.peer());
        Self {
            resources: resources.clone(),
            tenant: resources.tenant(),
            keeps_context,
            window: VecDeque::new(),
            window_len: 1 << window_bits,
            machine: None,
            is_stopped: false,
            tail: 0,
        }
    }

    /// Section 7.2.2: inflates a piece of a message and hands on what comes of it, bit by bit, so that
    /// `take` can stop it. It stops by itself where the budget is used up, which is counted in inflated bytes. How
    /// much of the piece it has taken.
    pub(super) fn inflate(
        &mut self,
        piece: &[u8],
        budget: &mut usize,
        mut take: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<usize, Violation> {
        let mut machine = match self.machine.take() {
            Some(machine) => machine,
            None => self.machine()?,
        };
        let mut inflated = [0; 16 * 1024];
        let mut taken = 0;
        self.is_stopped = loop {
            let rest = &piece[taken..];
            let room = inflated.len().min(*budget);
            if room == 0 {
                break self.is_stopped || !rest.is_empty();
            }
            let (read, written) = (machine.total_in(), machine.total_out());
            let status = machine.decompress(rest, &mut inflated[..room], FlushDecompress::Sync);
            let read = (machine.total_in() - read) as usize;
            let written = (machine.total_out() - written) as usize;
            taken += read;
            *budget -= written;
            let inflated = &inflated[..written];
            // What came ahead of an error is heard first, in whatever pieces it came.
            take(inflated)?;
            let status = status.map_err(|_| Violation::InvalidData)?;
            self.remember(inflated);
            if status == Status::StreamEnd {
                // Section 7.2.3.4: a block with BFINAL set is followed by others.
                self.set_up(&mut machine)?;
            }
            self.is_stopped = written == room;
            if (read == rest.len() && !self.is_stopped) || (read == 0 && written == 0) {
                if read < rest.len() {
                    return Err(Violation::InvalidData);
                }
                break false;
            }
        };
        self.machine = Some(machine);
        Ok(taken)
    }

    /// The message is complete. False where the budget was used up: then again.
    pub(super) fn finish(
        &mut self,
        budget: &mut usize,
        take: impl FnMut(&[u8]) -> Result<(), Violation>,
    ) -> Result<bool, Violation> {
        self.tail += self.inflate(&TAIL[self.tail..], budget, take)?;
        if self.is_stopped {
            return Ok(false);
        }
        self.tail = 0;
        if let Some(machine) = self.machine.take() {
            let tenant = if self.keeps_context {
                self.tenant
            } else {
                Tenant::NOBODY
            };
            self.resources.inflaters().put(tenant, 0, machine);
        }
        Ok(true)
    }

    /// More comes of what it has got.
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// A machine whose context is this connection's.
    fn machine(&self) -> Result<Box<Decompress>, Violation> {
        let (mut machine, is_own) = match self.resources.inflaters().take(self.tenant, 0) {
            Some(taken) => taken,
            None => (Box::new(Decompress::new(false)), false),
        };
        if !is_own {
            self.set_up(&mut machine)?;
        }
        Ok(machine)
    }

    fn set_up(&self, machine: &mut Decompress) -> Result<(), Violation> {
        machine.reset(false);
        let (first, second) = self.window.as_slices();
        for part in [first, second] {
            machine
                .set_dictionary(part)
                .map_err(|_| Violation::InvalidData)?;
        }
        Ok(())
    }

    fn remember(&mut self, inflated: &[u8]) {
        if !self.keeps_context {
            return;
        }
        let inflated = &inflated[inflated.len().saturating_sub(self.window_len)..];
        let over = (self.window.len() + inflated.len()).saturating_sub(self.window_len);
        self.window.drain(..over);
        let wanted = self.window.len() + inflated.len();
        if wanted > self.window.capacity() {
            let more = self.window_len.min(2 * wanted) - self.window.len();
            self.window.reserve_exact(more);
        }
        self.window.extend(inflated);
    }

    /// Holds no more than what the peer may refer to, and the machine of a message that is under way.
    pub(super) fn rest(&mut self) {
        self.window.shrink_to_fit();
        self.resources.inflaters().forget(self.tenant);
    }
}

impl Drop for Inflater {
    fn drop(&mut self) {
        self.resources.inflaters().forget(self.tenant);
    }
}

#[cfg(test)]
mod tests;
