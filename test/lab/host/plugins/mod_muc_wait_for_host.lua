-- Stands in for Jitsi's mod_muc_wait_for_host in a lab: guests wait until somebody with a token has joined the room.
local jid = require "util.jid";
local is_admin = require "core.usermanager".is_admin;

local domain_base = module:get_option_string("muc_mapper_domain_base");
if not domain_base then
	module:log("warn", "No 'muc_mapper_domain_base' option set, disabling module");
	return;
end

local function is_host(session, bare_jid)
	return session.auth_token ~= nil or (session.username ~= nil and jid.host(bare_jid) == domain_base);
end

module:hook("muc-occupant-pre-join", function (event)
	local room, occupant, session = event.room, event.occupant, event.origin;
	-- jicofo is the first in every room and counts as nobody.
	if room.has_host or is_admin(occupant.bare_jid, module.host) then
		return;
	end
	if is_host(session, occupant.bare_jid) then
		room.has_host = true;
		room:set_members_only(false);
		room:set_persistent(false);
		occupant.role = room:get_default_role(room:get_affiliation(occupant.bare_jid)) or "participant";
		module:log("info", "Host %s arrived in %s.", occupant.bare_jid, room.jid);
	elseif not room:get_members_only() then
		module:log("info", "Will wait for host in %s.", room.jid);
		prosody.events.fire_event("create-persistent-lobby-room", { room = room });
	end
end);

module:hook("muc-occupant-joined", function (event)
	local room, occupant, session = event.room, event.occupant, event.origin;
	if not is_admin(occupant.bare_jid, module.host) and is_host(session, occupant.bare_jid) then
		room:set_affiliation(true, occupant.bare_jid, "owner");
	end
end, 2);
