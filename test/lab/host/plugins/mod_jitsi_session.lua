-- Stands in for Jitsi's mod_jitsi_session in a lab: takes the token and the room from a web client's URL.
module:set_global();

local formdecode = require "util.http".formdecode;

local function take_parameters(event)
	local session, request = event.session, event.request;
	local query = request.url.query and formdecode(request.url.query) or {};
	local bearer = (request.headers.authorization or ""):match("^Bearer (.+)$");
	-- Nothing is checked here: that is the authentication provider's work.
	session.auth_token = query.token or bearer;
	session.previd = query.previd;
	session.jitsi_web_query_room = query.room;
	session.jitsi_web_query_prefix = query.prefix or "";
end

module:hook_global("bosh-session", take_parameters);
module:hook_global("websocket-session", take_parameters);
