-- Reads chunks of Lua from standard input, each as its length in decimal, a line feed and that many bytes.
-- "syntax" prints for each whether it compiles; "value" runs `return` chunks and prints what they return, in hex.

local compile = loadstring or load

local function hex(bytes)
	return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local function shown(value)
	if type(value) == "string" then return "s" .. hex(value) end
	if type(value) ~= "table" then return tostring(value) end
	local parts = {}
	for i = 1, #value do parts[i] = shown(value[i]) end
	return "{" .. table.concat(parts, ",") .. "}"
end

for length in function() return io.read("*l") end do
	local chunk = compile(io.read(tonumber(length)) or "", "=chunk")
	if arg[1] == "syntax" then
		print(chunk and "ok" or "no")
	else
		print(chunk and shown(chunk()) or "no")
	end
end
