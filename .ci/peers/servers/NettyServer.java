// netty as a draft-76 server: NettyServer PORT
// FF 00 is a message to its application, which answers when it likes to.
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.List;

class NettyServer {
    // netty's own decoder loses bytes of a text that comes in more than one read.
    private static class WholeFrames extends ByteToMessageDecoder {
        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            int end = in.readerIndex();
            for (int next = end; next != -1; next = endOfFrame(in, end)) {
                end = next;
            }
            if (end > in.readerIndex()) {
                out.add(in.readRetainedSlice(end - in.readerIndex()));
            }
        }

        /** Behind the frame that begins there, or -1 if it is not whole. */
        private static int endOfFrame(ByteBuf in, int start) {
            if (start == in.writerIndex()) {
                return -1;
            }
            if (in.getUnsignedByte(start) == 0xFF) {
                return start + 2 <= in.writerIndex() ? start + 2 : -1;
            }
            int last = in.indexOf(start, in.writerIndex(), (byte) 0xFF);
            return last == -1 ? -1 : last + 1;
        }
    }

    // The draft has the field's value in just this case; netty's is in lower case.
    private static class Upgrade extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (message instanceof FullHttpResponse response) {
                response.headers().set("Upgrade", "WebSocket");
            }
            context.write(message, promise);
        }
    }

    private static class Echo extends SimpleChannelInboundHandler<Object> {
        private WebSocketServerHandshaker handshaker;
        private boolean muchIsDue = false;
        private MessageDigest heard;
        private int messages = 0;
        private long bytes = 0;

        @Override
        protected void channelRead0(ChannelHandlerContext context, Object message) throws Exception {
            if (message instanceof FullHttpRequest request) {
                String url = "ws://" + request.headers().get("Host") + request.uri();
                handshaker = new WebSocketServerHandshakerFactory(url, "chat", false, 1 << 20)
                    .newHandshaker(request);
                handshaker.handshake(context.channel(), request);
                context.pipeline().addFirst(new WholeFrames());
            } else if (message instanceof CloseWebSocketFrame) {
                end(context);
            } else if (message instanceof TextWebSocketFrame frame) {
                hear(context, frame);
            }
        }

        private void hear(ChannelHandlerContext context, TextWebSocketFrame frame) throws Exception {
            String text = frame.text();
            if (heard != null) {
                byte[] utf8 = text.getBytes("UTF-8");
                messages++;
                bytes += utf8.length;
                heard.update(utf8);
            } else if (text.equals("goodbye")) {
                heard = MessageDigest.getInstance("MD5");
                handshaker.close(context.channel(), new CloseWebSocketFrame());
            } else if (text.equals("much")) {
                muchIsDue = true;
            } else {
                context.writeAndFlush(new TextWebSocketFrame(text));
            }
        }

        private void end(ChannelHandlerContext context) {
            if (heard != null) {
                System.out.printf("heard %d %d %032x%n", messages, bytes, new BigInteger(1, heard.digest()));
                context.close();
                return;
            }
            for (int left = 256; muchIsDue && left > 0; left--) {
                context.write(new TextWebSocketFrame(String.format("%65535d", left)));
            }
            handshaker.close(context.channel(), new CloseWebSocketFrame())
                .addListener(sent -> context.close());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            System.err.println(cause);
            context.close();
        }
    }

    public static void main(String[] arguments) throws Exception {
        new ServerBootstrap()
            .group(new NioEventLoopGroup(1))
            .channel(NioServerSocketChannel.class)
            .childHandler(new ChannelInitializer<SocketChannel>() {
                @Override
                protected void initChannel(SocketChannel channel) {
                    channel.pipeline().addLast(
                        new HttpServerCodec(), new HttpObjectAggregator(8192), new Upgrade(), new Echo());
                }
            })
            .bind("127.0.0.1", Integer.parseInt(arguments[0]))
            .sync().channel().closeFuture().sync();
    }
}
