-- Stands in for Jitsi's mod_auth_token in a lab: lets in who brings a token that token/util accepts.
local tokens = module:require "token/util".new(module);
if tokens == nil then
	return;
end

module:depends("jitsi_session");

local new_provider = module:require "anonymous".new_provider;

module:provides("auth", new_provider(module.host, function (session)
	local accepted, condition, text = tokens:process_and_verify_token(session);
	if not accepted then
		module:log("warn", "Error verifying token err:%s, reason:%s", condition, text);
		session.auth_token = nil;
	end
	return accepted, condition, text;
end));
