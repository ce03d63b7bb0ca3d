-- Stands in for Jitsi's mod_auth_jitsi-anonymous in a lab: lets everybody in, and forgets a token that came along.
module:depends("jitsi_session");

local new_provider = module:require "anonymous".new_provider;

module:provides("auth", new_provider(module.host, function (session)
	session.auth_token = nil;
	return true;
end));
