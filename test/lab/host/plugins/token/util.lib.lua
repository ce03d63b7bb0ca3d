-- Stands in for Jitsi's token/util in a lab: RS256 tokens against keys that Prosody fetches from cache_keys_url.
-- The order of the checks and every text follow what the real plugin was seen to answer.
local basexx = require "basexx";
local json = require "cjson.safe";
local inspect = require "inspect";
local digest = require "openssl.digest";
local pkey = require "openssl.pkey";
local bignum = require "openssl.bignum";
local http = require "net.http";
local timer = require "util.timer";

local attempts_in_a_row = 3;
local pause_after_failures = 30;
local refresh_interval = 6 * 60 * 60;

local function public_key_of(jwk)
	if jwk.kty ~= "RSA" then
		return nil;
	end
	local key = pkey.new({ type = "RSA", bits = 1024 });
	key:setParameters({
		n = bignum.fromBinary(basexx.from_url64(jwk.n));
		e = bignum.fromBinary(basexx.from_url64(jwk.e));
	});
	return pkey.new(key:toPEM("public"));
end

local function refuse(text)
	return false, "not-allowed", text;
end

local function is_among(value, accepted)
	for _, one in ipairs(accepted) do
		-- Compared as it is: a list of audiences is never equal to a string.
		if one == "*" or one == value then
			return true;
		end
	end
	return false;
end

local Tokens = {};
Tokens.__index = Tokens;

function Tokens.new(context)
	local self = setmetatable({
		app_id = context:get_option_string("app_id");
		keys_url = context:get_option_string("cache_keys_url");
		key_server = context:get_option_string("asap_key_server");
		allow_empty = context:get_option_boolean("allow_empty_token");
		require_room = context:get_option_boolean("asap_require_room_claim", true);
		audiences = context:get_option_array("asap_accepted_audiences", { "*" });
		keys = {};
	}, Tokens);
	if self.app_id == nil then
		module:log("error", "'app_id' must not be empty");
		return nil;
	end
	if context:get_option_string("app_secret") == nil and self.key_server == nil and self.keys_url == nil then
		module:log("error", "'app_secret', 'asap_key_server or 'cacheKeysUrl' must be specified");
		return nil;
	end
	self.issuers = context:get_option_array("asap_accepted_issuers", { self.app_id });
	if self.keys_url then
		self:fetch_keys(1);
	end
	return self;
end

function Tokens:fetch_keys(attempt)
	http.request(self.keys_url, {}, function (body, code)
		local jwks = code == 200 and json.decode(body) or nil;
		if jwks then
			local keys = {};
			for _, jwk in ipairs(jwks.keys or {}) do
				keys[jwk.kid] = public_key_of(jwk);
			end
			self.keys = keys;
			timer.add_task(refresh_interval, function () self:fetch_keys(1); end);
		elseif attempt < attempts_in_a_row then
			self:fetch_keys(attempt + 1);
		else
			module:log("warn", "Failed to retrieve cached public keys code:%s", code);
			timer.add_task(pause_after_failures, function () self:fetch_keys(1); end);
		end
	end);
end

function Tokens:process_and_verify_token(session)
	local token = session.auth_token;
	if token == nil then
		if self.allow_empty then
			return true;
		end
		return refuse("token required");
	end
	local head, body, signature = token:match("^([^.]+)%.([^.]+)%.([^.]*)$");
	if head == nil then
		return refuse("Invalid token");
	end
	local header = json.decode(basexx.from_url64(head) or "");
	if type(header) ~= "table" then
		return refuse("bad token format");
	end
	if header.kid == nil then
		return refuse("'kid' claim is missing");
	end
	if header.alg == nil then
		return refuse("'alg' claim is missing");
	end
	if header.alg:sub(1, 2) ~= "RS" then
		return refuse("'kid' claim only support with RS family");
	end
	local key = self.keys[header.kid];
	if key == nil then
		-- The real plugin fails here with a traceback as well, and the client waits for an answer that never comes.
		error("no public key has the id " .. inspect(header.kid));
	end
	if header.typ ~= "JWT" then
		return refuse("Invalid typ");
	end
	if header.alg ~= "RS256" then
		return refuse("Invalid or incorrect alg");
	end
	local signed = digest.new("sha256"):update(head .. "." .. body);
	if not key:verify(basexx.from_url64(signature) or "", signed) then
		return refuse("Invalid signature");
	end
	return self:check_claims(session, json.decode(basexx.from_url64(body) or "") or {});
end

function Tokens:check_claims(session, claims)
	local now = os.time();
	if claims.exp and now >= claims.exp then
		local validity = claims.iat and (", valid for:" .. tostring(claims.exp - claims.iat) .. " sec") or "";
		return refuse("Not acceptable by exp (" .. tostring(now - claims.exp) .. " sec since expired" .. validity .. ")");
	end
	if claims.nbf and now < claims.nbf then
		return refuse("Not acceptable by nbf");
	end
	if claims.iss == nil then
		return refuse("'iss' claim is missing");
	end
	if not is_among(claims.iss, self.issuers) then
		return refuse("invalid 'iss' claim");
	end
	if claims.aud == nil then
		return refuse("'aud' claim is missing");
	end
	if not is_among(claims.aud, self.audiences) then
		return refuse("invalid 'aud' claim");
	end
	if self.require_room and claims.room == nil then
		return false, "not-authorized", "room claim is missing";
	end
	if claims.sub == nil then
		return false, "not-authorized", "sub claim is missing";
	end
	session.jitsi_meet_room = claims.room;
	session.jitsi_meet_domain = claims.sub;
	session.jitsi_meet_context_user = claims.context and claims.context.user;
	return true;
end

return Tokens;
