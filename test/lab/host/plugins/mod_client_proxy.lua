-- Stands in for Jitsi's mod_client_proxy in a lab, and for the jicofo behind it: nobody talks over video, but whoever asks
-- for a conference finds its room open. The answer's focusjid says that it comes from a stand-in.
local jid = require "util.jid";
local st = require "util.stanza";
local sessionmanager = require "core.sessionmanager";
local log = require "util.logger".init("focus-stand-in");

local focus_namespace = "http://jitsi.org/protocol/focus";
local muc_namespace = "http://jabber.org/protocol/muc";
local resource = "stand-in";
-- How long jicofo stays in a room that nobody joins.
local start_timeout = 15;

local focus, auth_host = jid.split(module:get_option_string("target_address"));

-- A session without a connection: other modules look for the session of whoever is in a room.
local function bind_session()
	local session = { type = "c2s_unauthed"; host = auth_host; secure = true; id = module.name; log = log; };
	function session.send(stanza)
		if stanza.attr.type == "error" then
			log("warn", "%s", stanza);
		end
		return true;
	end
	function session.close()
		sessionmanager.destroy_session(session);
	end
	assert(sessionmanager.make_authenticated(session, focus));
	assert(sessionmanager.bind_resource(session, resource));
	return session;
end

local function session_of_focus()
	return prosody.full_sessions[jid.join(focus, auth_host, resource)] or bind_session();
end

local function send_presence(room_jid, kind, content)
	local session = session_of_focus();
	local presence = st.presence({ from = session.full_jid; to = room_jid .. "/focus"; type = kind; });
	module:send(content and presence:add_child(content) or presence, session);
end

local function is_in(room)
	return room ~= nil and room:get_occupant_by_nick(room.jid .. "/focus") ~= nil;
end

-- Jicofo does not stay alone. Looked at once the stanza in hand has been dealt with.
local function leave_when_alone(muc, room_jid, after)
	module:add_timer(after, function ()
		local room = muc.get_room_from_jid(room_jid);
		if not is_in(room) then
			return;
		end
		for nick in room:each_occupant() do
			if nick ~= room.jid .. "/focus" then
				return;
			end
		end
		send_presence(room_jid, "unavailable");
	end);
end

local watched = {};
local function watch(muc_host, muc)
	if watched[muc_host] then
		return;
	end
	watched[muc_host] = true;
	module:context(muc_host):hook("muc-occupant-left", function (event)
		leave_when_alone(muc, event.room.jid, 0);
	end);
end

local function open_room(room_jid)
	local muc_host = jid.host(room_jid);
	local component = prosody.hosts[muc_host];
	local muc = component and component.modules.muc;
	if not muc then
		return nil;
	end
	watch(muc_host, muc);
	if not is_in(muc.get_room_from_jid(room_jid)) then
		send_presence(room_jid, nil, st.stanza("x", { xmlns = muc_namespace }));
		leave_when_alone(muc, room_jid, start_timeout);
	end
	return is_in(muc.get_room_from_jid(room_jid));
end

module:hook("iq-set/host/" .. focus_namespace .. ":conference", function (event)
	local origin, stanza = event.origin, event.stanza;
	local room_jid = jid.prep(stanza.tags[1].attr.room);
	if not room_jid or not jid.node(room_jid) or not prosody.hosts[auth_host] then
		origin.send(st.error_reply(stanza, "modify", "bad-request"));
		return true;
	end
	local ready = open_room(room_jid);
	if ready == nil then
		origin.send(st.error_reply(stanza, "cancel", "item-not-found"));
		return true;
	end
	origin.send(st.reply(stanza)
		:tag("conference", {
			xmlns = focus_namespace;
			room = room_jid;
			ready = tostring(ready);
			focusjid = jid.join("focus-stand-in", auth_host);
		})
		:tag("property", { name = "authentication"; value = "false" }));
	return true;
end);
