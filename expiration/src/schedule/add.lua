-- Makes ARGV[1] due at ARGV[2]. Returns 1 when it is the first that is due, -1 when Redis is full, else 0.
local added = redis.pcall('ZADD', KEYS[1], ARGV[2], ARGV[1])
if type(added) == 'table' and added.err then
    return string.find(added.err, 'OOM', 1, true) and -1 or added
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return redis.call('ZRANGE', KEYS[1], 0, 0)[1] == ARGV[1] and 1 or 0
