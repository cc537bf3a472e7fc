-- The load: fixed requests, read from a file of "Name: value" lines, an empty line and the body.
-- A header "Authorization: Bearer A,B" with several keys makes one request of each key, in turn.
-- Answers are not looked at here (that would cost the client more than the request); sizes, the
-- status, samples and the ledger are checked outside.

local requests = {}
local turn = 0

local function add(headers, body)
  requests[#requests + 1] = wrk.format("POST", nil, headers, body)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local text = file:read("*a")
  file:close()
  local head, body = text:match("^(.-)\n\n(.*)$")
  local headers, keys = {}, nil
  for name, value in head:gmatch("([^:\n]+): ([^\n]*)") do
    headers[name] = value
    keys = value:match("^Bearer (.*)$") or keys
  end
  if keys == nil then
    add(headers, body)
    return
  end
  for key in keys:gmatch("[^,]+") do
    headers["Authorization"] = "Bearer " .. key
    add(headers, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format(
    'found {"requests":%d,"duration_us":%d,"bytes":%d,"p50_us":%d,"p90_us":%d,"p99_us":%d,' ..
    '"max_us":%d,"errors":{"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50),
    latency:percentile(90), latency:percentile(99), latency.max, e.status, e.connect, e.read,
    e.write, e.timeout))
end
