//! Messages of permessage-deflate, each in a context of its own.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

/// RFC 7692 section 7.2.1.
pub fn deflate(message: &[u8]) -> Vec<u8> {
    let mut deflated = Vec::with_capacity(message.len() + 1024);
    Compress::new(Compression::best(), false)
        .compress_vec(message, &mut deflated, FlushCompress::Sync)
        .unwrap();
    assert!(
        deflated.ends_with(b"\0\0\xff\xff"),
        "there was room for all"
    );
    deflated.truncate(deflated.len() - 4);
    deflated
}

/// RFC 7692 section 7.2.2, for a message that is no longer than this.
pub fn inflate(payload: &[u8], at_most: usize) -> Vec<u8> {
    let mut message = Vec::with_capacity(at_most + 1024);
    Decompress::new(false)
        .decompress_vec(
            &[payload, b"\0\0\xff\xff"].concat(),
            &mut message,
            FlushDecompress::Sync,
        )
        .unwrap();
    message
}
