# websocket-driver as a draft-76 server: ruby-echo.rb PORT
# The library ends at its own FF 00 and wants TCP closed then; it knows no subprotocol in draft 76.
# It answers FF 00 itself, and would send nothing any more.
require 'socket'
require 'websocket/driver'

def serve(tcp)
  driver = WebSocket::Driver.server(tcp)
  driver.on(:connect) { driver.start }
  driver.on(:message) do |event|
    case event.data
    when 'goodbye' then driver.close
    when 'much' then 256.downto(1) { |left| driver.text(format('%65535d', left)) }
    else driver.text(event.data)
    end
  end
  driver.on(:close) { tcp.close }
  driver.parse(tcp.readpartial(65_536)) until tcp.closed?
rescue EOFError, SystemCallError => e
  warn e.message
ensure
  tcp.close
end

Socket.tcp_server_loop('127.0.0.1', ARGV[0]) { |tcp, _| Thread.new { serve(tcp) } }
