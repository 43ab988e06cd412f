# Protocol::WebSocket as a draft-76 client: perl-client.pl URL close-first|server-closes
# The library turns bytes into frames and back; TCP is this script's. Once both
# sides have sent FF 00 it waits for the server to close TCP.
use strict;
use warnings;
use utf8;
use IO::Socket::INET;
use JSON::PP;
use Protocol::WebSocket::Frame;
use Protocol::WebSocket::Handshake::Client;

my ($url, $mode) = @ARGV;
my $draft = 'draft-ietf-hybi-00';
my @texts = $mode eq 'server-closes' ? 'hello' : ('hello', 'Grüße, 世界 🎉', '', 'añb€' x 29258);
my ($echoed, $closed, $tcp, $handshake) = (0, 'no connection');

sub receive {
    my $count = sysread $tcp, my $bytes, 65536;
    die "$!\n" unless defined $count;
    return $count ? $bytes : undef;
}

sub talk {
    $handshake = Protocol::WebSocket::Handshake::Client->new(url => $url, version => $draft);
    $handshake->req->origin('http://example.com');
    $handshake->req->subprotocol('chat');
    $tcp = IO::Socket::INET->new($handshake->req->host) or die "$@\n";
    $tcp->autoflush(1);
    print $tcp $handshake->to_string;
    my $input = Protocol::WebSocket::Frame->new(version => $draft);
    until ($handshake->is_done) {
        my $bytes = receive() // die "end in the handshake\n";
        $handshake->parse($bytes) or die $handshake->error, "\n";
        $input->append($bytes);
    }

    $closed = 'unclean';
    my $next = sub {    # The next frame: a text, or nothing for FF 00.
        while (1) {
            my $text = $input->next;
            return $input->is_close ? undef : $text if defined $text;
            $input->append(receive() // die "end without FF 00\n");
        }
    };
    my $send = sub { print $tcp Protocol::WebSocket::Frame->new(version => $draft, @_)->to_bytes };
    for my $text (@texts) {
        $send->(buffer => $text);
        my $echo = $next->();
        return 'wrong echo' unless defined $echo && $echo eq $text;
        $echoed++;
    }
    $mode eq 'close-first' ? $send->(type => 'close') : $send->(buffer => 'goodbye');
    return 'wrong echo' if defined $next->();
    $send->(type => 'close') unless $mode eq 'close-first';
    sysread $tcp, my $rest, 1 and die "bytes after FF 00\n";    # FIN and RST are both an end.
    return 'clean';
}

$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = sub { $closed = 'timeout'; die "timeout\n" };
alarm 200;    # So that the report comes before the caller ends this.
eval { $closed = talk(); 1 } or warn $@;
my $subprotocol = $handshake && $handshake->res->subprotocol;
print JSON::PP->new->canonical->encode(
    { echoed => $echoed, closed => $closed, subprotocol => $subprotocol }), "\n";
exit($closed eq 'clean' ? 0 : 1);
