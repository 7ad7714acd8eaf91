"""What Redis does for a workspace, whole or not at all. All keys of a call are of one workspace.

A workspace in Redis is

    version     `EPOCH:COUNT`: how many units were written since it came into being, and when that was
    units       the last units, as `stores.units.record` tells them, for servers that know a recent version
    state       its own small state, as JSON
    places      a set of `vendor/resource`, for each of which there is
    documents   a hash of id -> number, blank, document as JSON; by their numbers they were put there
    counter     the last such number
    lock        the token of the server that acts upon it alone, for a while
"""

TAKE = """
-- KEYS lock version units; ARGV token (or none) milliseconds known-version
-- -> {0} somebody else has the lock; {1, version} nothing new; {2, version, units}; {3} read it all
if ARGV[1] ~= '' then
  local holder = redis.call('GET', KEYS[1])
  if holder and holder ~= ARGV[1] then return {0} end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
local now = redis.call('GET', KEYS[2]) or ''
if now == ARGV[3] then return {1, now} end
local epoch, count = string.match(now, '^(.+):(%d+)$')
local known_epoch, known_count = string.match(ARGV[3], '^(.+):(%d+)$')
if epoch and epoch == known_epoch then
  local missed = tonumber(count) - tonumber(known_count)
  if missed > 0 and missed <= redis.call('LLEN', KEYS[3]) then
    return {2, now, redis.call('LRANGE', KEYS[3], -missed, -1)}
  end
end
return {3}
"""

READ = """
-- KEYS version state places; ARGV prefix of the documents' keys
-- -> {version, state, {place, {id, document, ...}, ...}}
local found = {}
for _, place in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  found[#found + 1] = place
  found[#found + 1] = redis.call('HGETALL', ARGV[1] .. place)
end
return {redis.call('GET', KEYS[1]) or '', redis.call('GET', KEYS[2]) or '', found}
"""

WRITE = """
-- KEYS lock version units state places counter
-- ARGV token known-version epoch kept unit state prefix seconds, then verbs: put place id document,
--      delete place id, clear place, drop vendor (or none for all)
-- -> {0} somebody else has the lock, or ours has run out; {1} somebody else has written; {2, version}
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return {0} end
if ARGV[1] ~= '' and not holder then return {0} end
local now = redis.call('GET', KEYS[2]) or ''
if now ~= ARGV[2] then return {1} end
local prefix, at = ARGV[7], 9
while ARGV[at] do
  local verb = ARGV[at]
  if verb == 'put' then
    local key, id = prefix .. ARGV[at + 1], ARGV[at + 2]
    local old = redis.call('HGET', key, id)
    local number = old and string.match(old, '^%d+')
    if not number then
      number = redis.call('INCR', KEYS[6])
      redis.call('SADD', KEYS[5], ARGV[at + 1])
    end
    redis.call('HSET', key, id, number .. ' ' .. ARGV[at + 3])
    at = at + 4
  elseif verb == 'delete' then
    redis.call('HDEL', prefix .. ARGV[at + 1], ARGV[at + 2])
    at = at + 3
  elseif verb == 'clear' then
    redis.call('DEL', prefix .. ARGV[at + 1])
    at = at + 2
  else
    for _, place in ipairs(redis.call('SMEMBERS', KEYS[5])) do
      if ARGV[at + 1] == '' or string.sub(place, 1, #ARGV[at + 1] + 1) == ARGV[at + 1] .. '/' then
        redis.call('DEL', prefix .. place)
        redis.call('SREM', KEYS[5], place)
      end
    end
    if ARGV[at + 1] == '' then redis.call('DEL', KEYS[4]) end
    at = at + 2
  end
end
if ARGV[6] ~= '' then redis.call('SET', KEYS[4], ARGV[6]) end
local epoch, count = string.match(now, '^(.+):(%d+)$')
local version = (epoch or ARGV[3]) .. ':' .. (tonumber(count or '0') + 1)
redis.call('SET', KEYS[2], version)
redis.call('RPUSH', KEYS[3], ARGV[5])
redis.call('LTRIM', KEYS[3], -tonumber(ARGV[4]), -1)
if ARGV[8] ~= '' then
  for at = 2, 3 do redis.call('EXPIRE', KEYS[at], ARGV[8]) end
  redis.call('DEL', KEYS[6])
end
redis.call('DEL', KEYS[1])
return {2, version}
"""

STAY = """
-- KEYS lock; ARGV token milliseconds
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
"""

RELEASE = """
-- KEYS lock; ARGV token
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""

CLAIM = """
-- KEYS sender; ARGV token milliseconds -> 1 if it is ours now
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

APPEND = """
-- KEYS list; ARGV text most
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[2]), -1)
"""
