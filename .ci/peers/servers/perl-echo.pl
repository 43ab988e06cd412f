# Protocol::WebSocket as a draft-76 server: perl-echo.pl PORT
# The library turns bytes into frames and back; TCP is this script's.
use strict;
use warnings;
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
    my $closing = 0;
    while (sysread $tcp, my $bytes, 65536) {
        $input->append($bytes);
        while (defined(my $text = $input->next)) {
            my $end = $input->is_close;
            if ($end || $text eq 'goodbye') {
                print $tcp $handshake->build_frame(type => 'close')->to_bytes unless $closing;
                $closing = 1;
                return if $end;
            }
            elsif (!$closing) {
                print $tcp $handshake->build_frame(buffer => $text)->to_bytes;
            }
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
