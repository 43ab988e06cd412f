# mod_pywebsocket finds this handler by its file name and serves it at /echo.


def web_socket_do_extra_handshake(request):
    # The library would confirm whatever subprotocol the client names.
    if request.ws_protocol != 'chat':
        request.ws_protocol = None


def web_socket_transfer_data(request):
    while True:
        text = request.ws_stream.receive_message()
        if text is None:  # The client's FF 00; the library has answered it.
            return
        if text == u'goodbye':
            request.ws_stream.close_connection()
            return
        if text == u'much':
            # The library would answer FF 00 as soon as it receives it as a message.
            if request.ws_stream.receive_bytes(2) == '\xff\x00':
                for left in range(256, 0, -1):
                    request.ws_stream.send_message(u'%65535d' % left)
                request.ws_stream.close_connection()
            return
        request.ws_stream.send_message(text)
