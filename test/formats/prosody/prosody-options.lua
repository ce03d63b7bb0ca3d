-- Loads Prosody configuration files with Prosody's own loader and prints what it makes of each, one JSON line a file.
-- Usage: lua prosody-options.lua SOURCE_DIR FILE... ; a file that does not load gives { "error": ... }.

local source_dir = table.remove(arg, 1)
package.path = source_dir .. "/?.lua;" .. package.path
package.cpath = source_dir .. "/?.so;" .. package.cpath

local configmanager = require "core.configmanager"

local function quoted(bytes)
	return '"' .. bytes:gsub('[%c"\\]', function(c)
		return ("\\u%04x"):format(c:byte())
	end) .. '"'
end

local function encoded(value)
	if type(value) == "string" then return quoted(value) end
	if type(value) == "number" then return ("%.17g"):format(value) end
	if type(value) == "boolean" then return tostring(value) end
	if type(value) ~= "table" then return quoted("<" .. type(value) .. ">") end
	local parts, length = {}, #value
	local keyed = false
	for key in pairs(value) do
		if type(key) ~= "number" then keyed = true end
	end
	if not keyed then
		for i = 1, length do parts[i] = encoded(value[i]) end
		return "[" .. table.concat(parts, ",") .. "]"
	end
	for key, entry in pairs(value) do
		parts[#parts + 1] = quoted(tostring(key)) .. ":" .. encoded(entry)
	end
	return "{" .. table.concat(parts, ",") .. "}"
end

for _, file in ipairs(arg) do
	local ok, kind, message = configmanager.load(file, "lua")
	if ok then
		print(encoded(configmanager.getconfig()))
	else
		print(encoded({ error = tostring(message or kind) }))
	end
end
