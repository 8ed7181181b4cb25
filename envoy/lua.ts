import { Code } from "#platform/rpc/codes.ts";
import { connectStatuses } from "./replies.ts";

/**
 * The script of the Lua filter. On the way in it names the protocol in x-anrf-kind, which local replies and the way
 * back need: later filters rewrite the headers that would tell. On the way back it gives the errors of the transcoder
 * and of the Connect bridge the shapes that the other gateway has.
 */
export function luaScript(): string {
  return `${names()}\n${statuses()}\n${REQUEST}\n${RESPONSE}`;
}

function names(): string {
  const rows = Object.entries(Code).filter(([, code]) => code !== Code.OK);
  return `local names = { ${rows.map(([name, code]) => `[${code}] = "${name}"`).join(", ")} }`;
}

function statuses(): string {
  const rows = Object.entries(connectStatuses());
  return `local statuses = { ${rows.map(([name, status]) => `${name} = "${status}"`).join(", ")} }`;
}

const REQUEST = `
local function kind_of(headers)
  local content_type = headers:get("content-type") or ""
  if content_type:find("^application/grpc%-web") then return "grpc-web" end
  if content_type:find("^application/grpc") then return "grpc" end
  if content_type:find("^application/connect%+") then return "connect-stream" end
  if headers:get("connect-protocol-version") or headers:get(":path"):find("[?&]connect=v1") then return "connect" end
  return "rest"
end

-- HTTP allows names that gRPC does not: a service would complain of each in its log.
local function drop_odd_names(headers)
  local odd = {}
  for name in pairs(headers) do
    if name:find("[^%w%-_.:]") then odd[#odd + 1] = name end
  end
  for _, name in ipairs(odd) do headers:remove(name) end
end

function envoy_on_request(handle)
  local headers = handle:headers()
  drop_odd_names(headers)
  local kind = kind_of(headers)
  headers:replace("x-anrf-kind", kind)
  -- The way back cannot see request headers.
  local metadata = handle:streamInfo():dynamicMetadata()
  metadata:set("anrf", "kind", kind)
  metadata:set("anrf", "content_type", headers:get("content-type") or "")
  metadata:set("anrf", "request_id", headers:get("x-request-id") or "")
end
`;

const RESPONSE = String.raw`
-- The bridge percent-encodes messages; what decodes to a character that JSON escapes is escaped again.
local function unescape(hex)
  local char = string.char(tonumber(hex, 16))
  if char == '"' or char == "\\" then return "\\" .. char end
  if char:find("%c") then return string.format("\\u%04x", char:byte()) end
  return char
end

-- {"code":5,"message":"…","details":[…]} of the transcoder, always in this order.
local function transcoded(text, meta)
  local code, rest = text:match('^{"code":(%d+),(.*)}$')
  if not code then return nil end
  local message, details = rest:match('^"message":(".-"),"details":(%[.*%])$')
  if not message then message, details = rest:match('^"message":(".*")$') or '""', "[]" end
  local name = names[tonumber(code)] or "UNKNOWN"
  if meta.kind == "connect" then
    local lower = name == "CANCELLED" and "canceled" or name:lower()
    return string.format('{"code":"%s","message":%s}', lower, message)
  end
  return string.format('{"error":%s,"code":"%s","details":%s,"requestId":"%s"}', message, name, details, meta.request_id or "")
end

-- The last frame of a Connect stream, flag 2: the bridge makes it in one piece. Clients find no details by the long name.
local function repair_end(chunk)
  local size = chunk:length()
  if size < 16 or chunk:getBytes(0, 1) ~= "\2" then return end
  local frame = chunk:getBytes(0, size)
  if not frame:find('^\2....{"error"') then return end
  local json = frame:sub(6):gsub('"type":"type%.googleapis%.com/', '"type":"'):gsub("%%(%x%x)", unescape)
  local n = #json
  local length = string.char(math.floor(n / 16777216) % 256, math.floor(n / 65536) % 256, math.floor(n / 256) % 256, n % 256)
  chunk:setBytes("\2" .. length .. json)
end

-- What RetryInfo says, as the header that every client knows: whole seconds, at least one.
local function retry_after(headers, text)
  local seconds = tonumber(text:match('"retryDelay":"([%d.]+)s"') or "")
  if seconds and not headers:get("retry-after") then
    headers:replace("retry-after", tostring(math.max(1, math.ceil(seconds))))
  end
end

function envoy_on_response(handle)
  local headers = handle:headers()
  local meta = handle:streamInfo():dynamicMetadata():get("anrf") or {}
  if meta.kind == "grpc-web" and not headers:get("content-type") then
    headers:replace("content-type", meta.content_type) -- an empty local reply lost it
  end
  if meta.kind == "connect-stream" and headers:get(":status") == "200" then
    headers:replace("content-type", meta.content_type)
    for chunk in handle:bodyChunks() do repair_end(chunk) end
    return
  end
  if tonumber(headers:get(":status")) < 400 then
    local content_type = handle:metadata():get("content_type") -- of the route
    if content_type and (headers:get("content-type") or ""):find("^application/json") then
      headers:replace("content-type", content_type)
    end
    return
  end
  if not (headers:get("content-type") or ""):find("^application/json") then return end
  local body = handle:body()
  if not body then return end
  headers = handle:headers() -- body() may have waited, and objects taken before it are dead
  local text = body:getBytes(0, body:length())
  local out = transcoded(text, meta)
  if not out and meta.kind == "connect" then
    out = text:gsub('"type":"type%.googleapis%.com/', '"type":"'):gsub("%%(%x%x)", unescape)
  end
  if not out then return end
  if meta.kind == "rest" then retry_after(headers, out) end
  if meta.kind == "connect" then
    local status = statuses[out:match('"code":"([a-z_]+)"') or ""]
    if status then headers:replace(":status", status) end
  end
  body:setBytes(out)
  headers:replace("content-length", tostring(#out))
end
`;
