//! What all calls of a client hold together, so that none of them can fill the sandbox for the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::types::{Error, ErrorKind, Phase};

/// The bytes that are held, and how many may be. Shared by a client and its calls.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    bytes: Arc<AtomicU64>,
    max_bytes: u64,
}

/// What one holder has of them; it gives them back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    held: Held,
    bytes: u64,
}

impl Held {
    pub(crate) fn new(max_bytes: u64) -> Self {
        Self { bytes: Arc::default(), max_bytes }
    }

    /// A holder of nothing.
    pub(crate) fn share(&self) -> Share {
        Share { held: self.clone(), bytes: 0 }
    }
}

impl Share {
    /// Holds so many bytes from now on. Less is always fine.
    ///
    /// # Errors
    /// `too-large`, and what was held before stays held.
    pub(crate) fn set(&mut self, bytes: u64) -> Result<(), Error> {
        // Only a client's own calls count here, one after the other; the atomic is for hosts that move calls to threads.
        let before = match bytes.checked_sub(self.bytes) {
            Some(more) => self.held.bytes.fetch_add(more, Ordering::Relaxed),
            None => self.held.bytes.fetch_sub(self.bytes - bytes, Ordering::Relaxed),
        };
        let more = bytes.saturating_sub(self.bytes);
        if more > 0 && before.saturating_add(more) > self.held.max_bytes {
            self.held.bytes.fetch_sub(more, Ordering::Relaxed);
            let message = format!(
                "the calls of this client hold {before} bytes together and this one needs {more} more, max_held_bytes is {}: \
                 end other calls first, hand large media over as blobs, or raise the limit",
                self.held.max_bytes
            );
            return Err(Error::new(ErrorKind::TooLarge, message).in_phase(Phase::Body));
        }
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.held.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_share_one_bound_and_give_back() {
        let held = Held::new(100);
        let (mut a, mut b) = (held.share(), held.share());
        assert!(a.set(60).is_ok());
        let error = b.set(41).unwrap_err();
        assert!(error.message.contains("60 bytes together and this one needs 41 more"), "{error}");
        assert!(b.set(40).is_ok());
        assert!(a.set(10).is_ok());
        assert!(b.set(90).is_ok());
        drop(a);
        assert!(b.set(100).is_ok());
        drop(b);
        assert_eq!(held.bytes.load(Ordering::Relaxed), 0);
    }
}
