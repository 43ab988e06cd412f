# Action Cable with a channel that echoes, and nothing else of Rails.
require "logger"
require "action_cable"

class Connection < ActionCable::Connection::Base; end

class EchoChannel < ActionCable::Channel::Base
  def echo(data)
    transmit({ "text" => data["text"] })
  end
end

server = ActionCable::Server::Base.new
server.config.cable = { "adapter" => "async" }
server.config.connection_class = -> { Connection }
server.config.disable_request_forgery_protection = true
server.config.logger = Logger.new(nil)
map("/cable") { run server }
