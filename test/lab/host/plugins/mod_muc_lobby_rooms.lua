-- Stands in for Jitsi's mod_muc_lobby_rooms in a lab: a room with a lobby is a room for members only.
module:hook_global("create-lobby-room", function (event)
	event.room:set_members_only(true);
end);
