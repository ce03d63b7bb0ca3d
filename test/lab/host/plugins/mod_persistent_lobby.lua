-- Stands in for Jitsi's mod_persistent_lobby in a lab: keeps a room alive while guests wait outside it.
local main_muc = module:get_option_string("main_muc");
local lobby_muc = module:get_option_string("lobby_muc");

if main_muc == nil then
	module:log("error", "main_muc not configured. Cannot proceed.");
	return;
end

if lobby_muc == nil then
	module:log("error", "lobby not enabled missing lobby_muc config");
	return;
end

module:hook_global("create-persistent-lobby-room", function (event)
	-- mod_muc_lobby_rooms answers this; without it nobody waits.
	prosody.events.fire_event("create-lobby-room", event);
	event.room:set_persistent(true);
end);

-- The lobby of the lab holds nobody, so a room that everybody has left is of no use to anybody.
local function watch_rooms()
	module:context(main_muc):hook("muc-occupant-left", function (event)
		if not event.room:has_occupant() then
			event.room:set_persistent(false);
		end
	end);
end

if prosody.hosts[main_muc] then
	watch_rooms();
else
	module:hook_global("host-activated", function (host)
		if host == main_muc then
			watch_rooms();
		end
	end);
end
