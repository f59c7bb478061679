import { createHash } from 'node:crypto';

export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

const script = (text: string): RedisScript => ({ text, sha: createHash('sha1').update(text).digest('hex') });

/**
 * KEYS: marker, take, then one a demand. ARGV: `take` or `peek`, now, a new marker, milliseconds to keep the marker, take id,
 * milliseconds to remember a granted and a refused take; then for each demand `lease` or `units`, `enforced` or `shadow`,
 * limit, cost, end (milliseconds since the epoch) and milliseconds to keep the counter.
 *
 * Answers the marker and the counters as they stood before the call, `used:reset,...`, from which the caller derives
 * the grant; a take that was made before is answered with what it found. Times stay text, because Lua writes large numbers as
 * 1.7e+12.
 */
export const takeScript = script(`
local taking = ARGV[1] == 'take'
local marker = redis.call('GET', KEYS[1])
if taking then
  if marker then
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
  else
    marker = ARGV[3]
    redis.call('SET', KEYS[1], marker, 'PX', ARGV[4])
  end
  local known = redis.call('GET', KEYS[2])
  if known then return { marker, string.sub(known, 2) } end
end

local used, standings, refused = {}, {}, false
for i = 1, #KEYS - 2 do
  local key, at, reset = KEYS[i + 2], 7 + (i - 1) * 6, '0'
  if ARGV[at + 1] == 'lease' then
    used[i] = redis.call('ZCOUNT', key, '(' .. ARGV[2], '+inf')
    reset = redis.call('ZRANGEBYSCORE', key, '(' .. ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2] or '0'
  else
    used[i] = tonumber(redis.call('GET', key) or '0')
  end
  standings[i] = string.format('%.0f:%s', used[i], reset)
  if ARGV[at + 2] == 'enforced' and used[i] + tonumber(ARGV[at + 4]) > tonumber(ARGV[at + 3]) then
    refused = true
  end
end
local answer = table.concat(standings, ',')
if not taking then return { marker or '', answer } end

if refused then
  redis.call('SET', KEYS[2], 'r' .. answer, 'PX', ARGV[7])
  return { marker, answer }
end
for i = 1, #KEYS - 2 do
  local key, at = KEYS[i + 2], 7 + (i - 1) * 6
  if ARGV[at + 1] == 'lease' then
    redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[2])
    for n = 1, tonumber(ARGV[at + 4]) do
      redis.call('ZADD', key, ARGV[at + 5], ARGV[5] .. ' ' .. n)
    end
    redis.call('PEXPIRE', key, ARGV[at + 6])
  elseif used[i] == 0 then
    redis.call('SET', key, ARGV[at + 4], 'PX', ARGV[at + 6])
  else
    redis.call('INCRBY', key, ARGV[at + 4])
  end
end
redis.call('SET', KEYS[2], 'g' .. answer, 'PX', ARGV[6])
return { marker, answer }
`);

/**
 * KEYS: take, what of it was given back, then one a demand. ARGV: take id, `keep` or `forget` the take; then for each demand
 * `lease` or `units`, and cost.
 */
export const giveBackScript = script(`
local known = redis.call('GET', KEYS[1])
local granted = known and string.sub(known, 1, 1) == 'g'
for i = 1, #KEYS - 2 do
  local key, at = KEYS[i + 2], 2 + (i - 1) * 2
  local cost = tonumber(ARGV[at + 2])
  if ARGV[at + 1] == 'lease' then
    for n = 1, cost do
      redis.call('ZREM', key, ARGV[1] .. ' ' .. n)
    end
  elseif granted and redis.call('SADD', KEYS[2], key) == 1 then
    local lowered = math.min(cost, tonumber(redis.call('GET', key) or '0'))
    if lowered > 0 then redis.call('DECRBY', key, string.format('%.0f', lowered)) end
  end
end
if ARGV[2] == 'forget' then
  redis.call('DEL', KEYS[1], KEYS[2])
elseif granted then
  redis.call('PEXPIRE', KEYS[2], math.max(1, redis.call('PTTL', KEYS[1])))
end
return 1
`);
