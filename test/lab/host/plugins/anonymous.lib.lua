-- Stands in for what Jitsi's two authentication providers share, in a lab: SASL ANONYMOUS that may say no.
local generate_uuid = require "util.uuid".generate;
local sasl = require "util.sasl";

-- Prosody's own ANONYMOUS asks for another name until one is accepted; a refusal would make it ask for ever.
sasl.registerMechanism("ANONYMOUS", { "anonymous" }, function (self)
	local username = generate_uuid();
	local accepted, condition, text = self.profile.anonymous(self, username, self.realm);
	if not accepted then
		return "failure", condition, text;
	end
	self.username = self.username or username;
	return "success";
end);

local function no_passwords()
	return nil, "this host has no passwords";
end

-- decide(session) gives true, or false with a SASL condition and a text.
local function new_provider(host, decide)
	local provider = {
		test_password = no_passwords;
		set_password = no_passwords;
		create_user = no_passwords;
		delete_user = no_passwords;
		get_password = function () return nil; end;
		user_exists = function () return nil; end;
	};
	function provider.get_sasl_handler(session)
		return sasl.new(host, {
			anonymous = function () return decide(session); end;
		});
	end
	return provider;
end

return { new_provider = new_provider };
