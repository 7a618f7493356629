-- Asks for one path over and over, each time with the next headers of a file, and prints one line:
-- requests, microseconds in all, microseconds at the 50th and 99th percentile, failures.
--
--   wrk -s wrk.lua URL -- FILE      each line of FILE is `name: value`, several with tabs between, or empty

local requests, last = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local headers = {}
    for name, value in line:gmatch("([^\t]-): ([^\t]*)") do headers[name] = value end
    requests[#requests + 1] = wrk.format("GET", nil, headers)
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary, latency)
  local failed = summary.errors
  local failures = failed.connect + failed.read + failed.write + failed.timeout + failed.status
  io.write(string.format("\nmeasured %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), failures))
end
