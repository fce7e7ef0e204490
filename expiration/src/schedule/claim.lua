-- Claims up to ARGV[1] members that are due, and makes them due again in ARGV[2] milliseconds.
-- Returns {member, milliseconds since it was due, its deadline or false, ...} and the milliseconds until the next is due.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[1])
local claimed = {}
for i = 1, #due, 2 do
    -- A full Redis refuses what needs memory only until a script has written: removing first lets it claim.
    redis.call('ZREM', KEYS[1], due[i])
    redis.call('ZADD', KEYS[1], now + ARGV[2], due[i])
    claimed[#claimed + 1] = due[i]
    claimed[#claimed + 1] = now - due[i + 1]
    claimed[#claimed + 1] = redis.call('HGET', KEYS[2], due[i])
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {claimed, first[2] and math.max(0, first[2] - now) or false}
