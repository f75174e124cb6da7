-- The load: PUT three random groups of a random user, as the administrator.
--
--   wrk ... -s put.lua URL -- USERS GROUPS SEED [check]
--
-- The last line is "result: " and a JSON object. Its "unexpected" counts the answers of 400 and
-- above, which wrk counts by itself. With "check" it counts all answers other than 204, which costs
-- wrk some speed.
--
-- Each request combines a head and a body, which are made before the clock starts. Complete requests
-- made in advance would repeat: each would find the groups of its user as it had left them, and the
-- server would have nothing to write.

local N_BODIES = 50000
local authorization = "Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ=" -- root@root.com:Root!1234
local digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
local random = math.random
local threads = {}

-- Like make_id of make_fixture.py.
local function make_id(number)
    local state, id = number, {}
    for i = 1, 22 do
        state = state * 48271 % 2147483647
        local digit = state % 62
        id[i] = digits:sub(digit + 1, digit + 1)
    end
    return table.concat(id)
end

local function make_heads(n_users)
    -- All bodies are as long as this one, so all heads have the same Content-Length.
    local group = make_id(1)
    local body = '{"groupIds":["' .. group .. '","' .. group .. '","' .. group .. '"]}'
    local headers = {["Authorization"] = authorization, ["Content-Type"] = "application/json"}
    local heads = {}
    for i = 1, n_users do
        local path = "/api/v1/main/users/" .. make_id(2 * i) .. "/groups"
        heads[i] = wrk.format("PUT", path, headers, body):sub(1, -#body - 1)
    end
    return heads
end

local function make_bodies(n_groups)
    local groups, bodies = {}, {}
    for i = 1, n_groups do
        groups[i] = make_id(2 * i + 1)
    end
    for i = 1, N_BODIES do
        local a, b, c
        repeat
            a, b, c = random(n_groups), random(n_groups), random(n_groups)
        until a ~= b and b ~= c and a ~= c
        bodies[i] = '{"groupIds":["' .. groups[a] .. '","' .. groups[b] .. '","' .. groups[c] ..
            '"]}'
    end
    return bodies
end

function setup(thread)
    table.insert(threads, thread)
    thread:set("number", #threads)
end

function init(arguments)
    local start = os.clock()
    math.randomseed(tonumber(arguments[3]) + number)
    heads = make_heads(tonumber(arguments[1]))
    bodies = make_bodies(tonumber(arguments[2]))
    n_heads, n_bodies = #heads, #bodies
    unexpected = 0
    if arguments[4] == "check" then
        response = function(status)
            if status ~= 204 and status < 400 then
                unexpected = unexpected + 1
            end
        end
    end
    preparation = os.clock() - start
end

function request()
    return heads[random(n_heads)] .. bodies[random(n_bodies)]
end

function done(summary, latency)
    local errors = summary.errors
    local unexpected_statuses, preparation_seconds = errors.status, 0
    for _, thread in ipairs(threads) do
        unexpected_statuses = unexpected_statuses + thread:get("unexpected")
        preparation_seconds = preparation_seconds + thread:get("preparation")
    end
    local socket_errors = errors.connect + errors.read + errors.write + errors.timeout
    print(string.format(
        'result: {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "unexpected": %d, ' ..
            '"failed": %d, "preparation": %f}',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        unexpected_statuses, socket_errors, preparation_seconds))
end
