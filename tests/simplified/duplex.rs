//! Both ends of ours, and both directions.

use crate::{MIB, after_the_end, both, pattern, read_all, run};
use dom_websocket::EventLoop;
use futures::future::join4;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use std::time::Duration;
use support::{bounded, bounded_by};

#[test]
fn all_that_is_sent_after_the_peers_end_arrives() {
    bounded_by(Duration::from_secs(60), || {
        let event_loop = EventLoop::new();
        let (client, server) = both(&event_loop);
        run(&event_loop, after_the_end(client, server, 16 * MIB));
        let (client, server) = both(&event_loop);
        run(&event_loop, after_the_end(server, client, 16 * MIB));
    });
}

#[test]
fn both_directions_are_full_at_once() {
    bounded_by(Duration::from_secs(60), || {
        let event_loop = EventLoop::new();
        let (client, server) = both(&event_loop);
        let all = pattern(32 * MIB);
        run(&event_loop, async move {
            let (mut client_reads, mut client_writes) = client.split();
            let (mut server_reads, mut server_writes) = server.split();
            let (came_up, came_down, ..) = join4(
                read_all(&mut server_reads),
                read_all(&mut client_reads),
                async {
                    client_writes.write_all(&all).await.unwrap();
                    client_writes.close().await.unwrap();
                },
                async {
                    server_writes.write_all(&all).await.unwrap();
                    server_writes.close().await.unwrap();
                },
            )
            .await;
            assert!(came_up == all && came_down == all);
        });
    });
}

#[test]
fn what_is_read_has_nothing_to_do_with_what_was_written_at_once() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (mut client, mut server) = both(&event_loop);
        run(&event_loop, async move {
            for byte in b"in twelve pieces" {
                client.write_all(&[*byte]).await.unwrap();
            }
            client.flush().await.unwrap();
            let mut some = [0; 3];
            for expected in [b"in ", b"twe", b"lve"] {
                server.read_exact(&mut some).await.unwrap();
                assert_eq!(&some, expected);
            }
            client.close().await.unwrap();
            assert_eq!(read_all(&mut server).await, b" pieces");
            assert_eq!(server.read(&mut some).await.unwrap(), 0, "still");
        });
    });
}
