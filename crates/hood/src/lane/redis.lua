-- The lane's rules, as in state.rs, where the state is in Redis and the time is its server's.
-- KEYS: requests by when they were counted at the latest; requests in flight by when they were let go; the rest.
local sent, flight, rest = KEYS[1], KEYS[2], KEYS[3]
local SECOND, BURST_MARGIN, STEADY_MARGIN = 1000000, 20000, 200000
local MAX_TRANSIT, MAX_FLIGHT, FLIGHT_POLL = 1000000, 60000000, 10000

local time = redis.call('TIME')
local now = time[1] * SECOND + time[2]

local function get(name) return tonumber(redis.call('HGET', rest, name) or 0) end
local function set(name, value) redis.call('HSET', rest, name, string.format('%.0f', value)) end
local function note_sent(number, at) redis.call('ZADD', sent, string.format('%.0f', at), number) end

-- Drops what no longer counts; the dead are taken to have been sent.
redis.call('ZREMRANGEBYSCORE', sent, '-inf', now - 60 * SECOND - STEADY_MARGIN)
local dead = redis.call('ZRANGEBYSCORE', flight, '-inf', now - MAX_FLIGHT, 'WITHSCORES')
for i = 1, #dead, 2 do
  redis.call('ZREM', flight, dead[i])
  note_sent(dead[i], dead[i + 1] + MAX_TRANSIT)
end

local function in_flight() return redis.call('ZCARD', flight) end
local function limit_in_flight() return math.max(math.floor(get('flight_limit') / 1000), 1) end

-- When each request in flight will have been counted at the latest, as far as can be said now.
local function transits()
  local all, times = redis.call('ZRANGE', flight, 0, -1, 'WITHSCORES'), {}
  for i = 2, #all, 2 do
    local let_go = tonumber(all[i])
    times[#times + 1] = math.min(let_go + MAX_TRANSIT, math.max(now, let_go))
  end
  return times
end

-- When a window of this length has room for one more.
local function window(limit, length)
  local counted = transits()
  local last = redis.call('ZRANGE', sent, -limit, -1, 'WITHSCORES')
  for i = 2, #last, 2 do counted[#counted + 1] = tonumber(last[i]) end
  if #counted < limit then return 0 end
  table.sort(counted)
  return counted[#counted - limit + 1] + length
end

local function acquire(burst, steady)
  local at = math.max(get('blocked_until'), window(burst, SECOND + BURST_MARGIN), window(steady, 60 * SECOND + STEADY_MARGIN))
  local until_ = get('remaining_until')
  if until_ > now and get('remaining') == 0 then at = math.max(at, until_) end
  if get('flight_limit') > 0 and in_flight() >= limit_in_flight() then at = math.max(at, now + FLIGHT_POLL) end
  if at > now then return { 0, string.format('%.0f', at - now) } end
  local number = redis.call('HINCRBY', rest, 'next', 1)
  redis.call('ZADD', flight, string.format('%.0f', now), number)
  if until_ > now then set('remaining', math.max(get('remaining') - 1, 0)) end
  return { 1, tostring(number) }
end

local function finish(number, feedback, first, second)
  local let_go = redis.call('ZSCORE', flight, number)
  if let_go then
    redis.call('ZREM', flight, number)
    note_sent(number, math.min(now, let_go + MAX_TRANSIT))
  end
  if feedback == 'window' then
    local later = 0
    for _, other in ipairs(redis.call('ZRANGE', flight, 0, -1)) do
      if tonumber(other) > tonumber(number) then later = later + 1 end
    end
    local remaining = math.max(first - later, 0)
    if get('remaining_until') <= now or remaining < get('remaining') then
      set('remaining', remaining)
      set('remaining_until', now + math.min(second, 60) * SECOND)
    end
    local limit = get('flight_limit')
    if limit > 0 then set('flight_limit', limit + math.max(math.floor(1000000 / limit), 1)) end
  elseif feedback == 'wait' then
    set('blocked_until', math.max(get('blocked_until'), now + math.min(first, 3600) * SECOND))
  elseif feedback == 'too_many_in_flight' then
    local found, limit = (in_flight() + 1) * 1000, get('flight_limit')
    if limit == 0 or found < limit then limit = found end
    set('flight_limit', math.max(math.floor(limit / 2), 1000))
  end
  return { 1, '0' }
end

local answer
if ARGV[1] == 'acquire' then
  answer = acquire(tonumber(ARGV[2]), tonumber(ARGV[3]))
elseif ARGV[1] == 'finish' then
  answer = finish(ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]))
else
  local function since(length)
    local count = redis.call('ZCOUNT', sent, '(' .. (now - length), '+inf')
    for _, at in ipairs(transits()) do if at + length > now then count = count + 1 end end
    return count
  end
  local limit = get('flight_limit') > 0 and limit_in_flight() or 0
  return { since(SECOND), since(60 * SECOND), in_flight(), limit, string.format('%.0f', math.max(get('blocked_until') - now, 0)) }
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, 3600000) end
return answer
