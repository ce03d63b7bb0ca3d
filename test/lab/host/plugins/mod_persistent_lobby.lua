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
