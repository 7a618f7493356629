-- Takes permits of one client's window, or looks how many are left.
-- KEYS[1]: the client's. ARGV: how many a window gives, how many are wanted (0 to look), how many milliseconds it lasts.
-- Answers: given, left, the window (the millisecond it ends, 0 if there is none), milliseconds until it ends.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local max, wanted, length = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local window = redis.call('HMGET', KEYS[1], 'taken', 'ends')
local taken, ends = tonumber(window[1]) or 0, tonumber(window[2]) or 0
-- One that ends too late was left behind by a clock that was set back.
local is_open = now < ends and ends <= now + length
if not is_open then
  if wanted == 0 then
    return {0, max, 0, length}
  end
  taken, ends = 0, now + length
end
local left = math.max(0, max - taken)
local given = math.min(wanted, math.max(1, math.floor(left / 8)), left)
if given > 0 then
  redis.call('HSET', KEYS[1], 'taken', taken + given, 'ends', string.format('%.0f', ends))
  if not is_open then
    redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', ends))
  end
end
return {given, left - given, ends, ends - now}
