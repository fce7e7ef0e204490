-- Claims up to ARGV[1] members that are due, and makes them due again in ARGV[2] milliseconds.
-- Returns {member, milliseconds since it was due, ...} and the milliseconds until the next is due.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[1])
for i = 1, #due, 2 do
    redis.call('ZADD', KEYS[1], now + ARGV[2], due[i])
    due[i + 1] = now - due[i + 1]
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {due, first[2] and math.max(0, first[2] - now) or false}
