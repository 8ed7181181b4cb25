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

function envoy_on_request(handle)
  local headers = handle:headers()
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

function envoy_on_response(handle)
  local headers = handle:headers()
  local meta = handle:streamInfo():dynamicMetadata():get("anrf") or {}
  if meta.kind == "grpc-web" and not headers:get("content-type") then
    headers:replace("content-type", meta.content_type) -- an empty local reply lost it
  end
  if meta.kind == "connect-stream" and headers:get(":status") == "200" then
    headers:replace("content-type", meta.content_type)
  end
  if tonumber(headers:get(":status")) < 400 then return end
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
  if meta.kind == "connect" then
    local status = statuses[out:match('"code":"([a-z_]+)"') or ""]
    if status then headers:replace(":status", status) end
  end
  body:setBytes(out)
  headers:replace("content-length", tostring(#out))
end
`;
