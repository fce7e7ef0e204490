-- What wrk posts, by variables of its environment, and what it reports on the last line of its output.
--   BODY      is posted with every request. Without it and REQUESTS every request is a GET.
--   REQUESTS  names a file whose lines are a cookie, a tab and a body. Each line is posted once, with CYCLE again and again.
-- It knows one thread only: -t1.
local file, cycle = os.getenv("REQUESTS"), os.getenv("CYCLE")
wrk.body = os.getenv("BODY")
if wrk.body then
    wrk.method = "POST"
    wrk.headers["content-type"] = "application/json"
end

-- Global, so that `done`, which runs elsewhere, can get them.
first, last, created, refused, limited, failed = 0, 0, 0, 0, 0, 0

if file then
    local ffi = require("ffi")
    ffi.cdef("typedef struct { long seconds, micros; } timeval; int gettimeofday(timeval *time, void *zone);")
    local time = ffi.new("timeval")
    local function now()
        ffi.C.gettimeofday(time, nil)
        return tonumber(time.seconds) * 1e6 + tonumber(time.micros)
    end

    local requests, claimed, sent, answered = {}, 0, 0, 0
    function init()
        wrk.headers["content-type"] = "application/json"
        for line in io.lines(file) do
            local cookie, body = line:match("^(.-)\t(.*)$")
            wrk.headers["cookie"] = cookie
            requests[#requests + 1] = wrk.format("POST", wrk.path, wrk.headers, body)
        end
    end

    if not cycle then
        -- A connection for which nothing is left waits until the end.
        function delay()
            claimed = claimed + 1
            return claimed <= #requests and 0 or 3600000
        end
    end

    function request()
        if first == 0 then first = now() end
        sent = sent % #requests + 1
        return requests[sent]
    end

    function response(status)
        last = now()
        answered = answered + 1
        if status == 201 then created = created + 1
        elseif status == 429 then limited = limited + 1
        elseif status < 500 then refused = refused + 1
        else failed = failed + 1 end
        if not cycle and answered == #requests then wrk.thread:stop() end
    end
end

local thread
function setup(it) thread = it end

function done(summary, latency)
    local errors, micros = summary.errors, summary.duration
    if file then micros = thread:get("last") - thread:get("first") end
    io.write(string.format(
        "\nfigures requests=%d micros=%d p50=%d p99=%d max=%d created=%d refused=%d limited=%d failed=%d lost=%d\n",
        summary.requests, micros, latency:percentile(50), latency:percentile(99), latency.max,
        thread:get("created"), thread:get("refused"), thread:get("limited"),
        file and thread:get("failed") or errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
