// netty as a draft-76 client: NettyClient URL close-first|server-closes
// It closes TCP itself once both sides have sent FF 00.
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import java.net.URI;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class NettyClient {
    // What the network thread tells the conversation, besides texts.
    private enum Sign { OPEN, PEER_CLOSES, END }

    // So that the report comes before the caller ends this.
    private static final long DEADLINE = System.nanoTime() + TimeUnit.SECONDS.toNanos(200);

    private static final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private static WebSocketClientHandshaker handshaker;
    private static int echoed = 0;

    // netty's own decoder loses bytes of a text that comes in more than one read.
    private static class WholeFrames extends ByteToMessageDecoder {
        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            int last = in.getUnsignedByte(in.writerIndex() - 1);
            if (last == 0xFF || last == 0x00) {
                out.add(in.readRetainedSlice(in.readableBytes()));
            }
        }
    }

    private static class Events extends SimpleChannelInboundHandler<Object> {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            handshaker.handshake(context.channel());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, Object message) {
            if (message instanceof FullHttpResponse response) {
                handshaker.finishHandshake(context.channel(), response);
                context.pipeline().addFirst(new WholeFrames());
                events.add(Sign.OPEN);
            } else if (message instanceof TextWebSocketFrame frame) {
                events.add(frame.text());
            } else if (message instanceof CloseWebSocketFrame) {
                events.add(Sign.PEER_CLOSES);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            events.add(Sign.END);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            System.err.println(cause);
            context.close();
        }
    }

    /** The next event, or null at the deadline. */
    private static Object next() throws InterruptedException {
        return events.poll(DEADLINE - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private static String failure(Object event) {
        return event == null ? "timeout" : event == Sign.END ? "unclean" : "wrong echo";
    }

    // Not sync(): the peer may have closed TCP with its own FF 00, and that is no failure.
    private static void close(Channel channel) throws InterruptedException {
        handshaker.close(channel, new CloseWebSocketFrame()).await();
    }

    /** How the connection ended. */
    private static String talk(Channel channel, boolean closeFirst) throws InterruptedException {
        if (next() != Sign.OPEN) {
            return "no connection";
        }
        List<String> texts = closeFirst
            ? List.of("hello", "Grüße, 世界 🎉", "", "añb€".repeat(29258))
            : List.of("hello");
        for (String text : texts) {
            channel.writeAndFlush(new TextWebSocketFrame(text));
            Object echo = next();
            if (!text.equals(echo)) {
                return failure(echo);
            }
            echoed++;
        }
        if (closeFirst) {
            close(channel);
        } else {
            channel.writeAndFlush(new TextWebSocketFrame("goodbye"));
        }
        Object end = next();
        if (end != Sign.PEER_CLOSES) {
            return failure(end);
        }
        if (!closeFirst) {
            close(channel);
        }
        channel.close().await();
        return "clean";
    }

    public static void main(String[] arguments) throws Exception {
        URI url = new URI(arguments[0]);
        handshaker = WebSocketClientHandshakerFactory.newHandshaker(
            url, WebSocketVersion.V00, "chat", false,
            new DefaultHttpHeaders().add("Origin", "http://example.com"), 1 << 20);
        NioEventLoopGroup group = new NioEventLoopGroup(1);
        Channel channel = new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .handler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(
                        new HttpClientCodec(), new HttpObjectAggregator(8192), new Events());
                }
            })
            .connect(url.getHost(), url.getPort())
            .addListener(connecting -> {
                if (!connecting.isSuccess()) {
                    System.err.println(connecting.cause());
                    events.add(Sign.END);
                }
            })
            .channel();
        String closed = talk(channel, arguments[1].equals("close-first"));
        String subprotocol = handshaker.actualSubprotocol();
        System.out.printf("{\"echoed\": %d, \"closed\": \"%s\", \"subprotocol\": %s}%n",
            echoed, closed, subprotocol == null ? null : '"' + subprotocol + '"');
        System.exit(closed.equals("clean") ? 0 : 1);
    }
}
