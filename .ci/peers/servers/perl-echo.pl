# Protocol::WebSocket as a draft-76 server: perl-echo.pl PORT
# The library turns bytes into frames and back; TCP is this script's.
use strict;
use warnings;
use Digest::MD5 'md5_hex';
use IO::Socket::INET;
use Protocol::WebSocket::Handshake::Server;

sub serve {
    my ($tcp) = @_;
    my $handshake = Protocol::WebSocket::Handshake::Server->new;
    until ($handshake->is_done) {
        sysread $tcp, my $bytes, 65536 or return;
        $handshake->parse($bytes) or return warn $handshake->error, "\n";
    }
    my $wanted = $handshake->req->subprotocol // '';
    $handshake->res->subprotocol('chat') if $wanted eq 'chat';
    print $tcp $handshake->to_string;

    my $input   = $handshake->build_frame;
    my $send    = sub { print $tcp $handshake->build_frame(@_)->to_bytes };
    my $closing = 0;
    my $is_much_due;
    my @heard;
    while (sysread $tcp, my $bytes, 65536) {
        $input->append($bytes);
        while (defined(my $text = $input->next)) {
            if ($input->is_close) {
                if ($is_much_due) { $send->(buffer => sprintf '%65535d', $_) for reverse 1 .. 256 }
                $send->(type => 'close') unless $closing;
                my $heard = join '', @heard;
                print join(' ', 'heard', scalar @heard, length $heard, md5_hex($heard)), "\n" if $closing;
                return;
            }
            if    ($closing)           { push @heard, $text }
            elsif ($text eq 'goodbye') { $send->(type => 'close'); $closing = 1 }
            elsif ($text eq 'much')    { $is_much_due = 1 }
            else                       { $send->(buffer => $text) }
        }
    }
}

my $listener = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 16, ReuseAddr => 1,
) or die "port $ARGV[0]: $@\n";
$SIG{CHLD} = 'IGNORE';
while (my $tcp = $listener->accept) {
    next if fork;
    $tcp->autoflush(1);
    serve($tcp);
    exit;
}
