-- The load, as the administrator:
--
--   wrk ... -s load.lua URL -- MIX USERS GROUPS SEED
--
-- MIX is the name of a function in `mixes`, which makes requests. The last line is "result: " and a JSON
-- object. Its "unexpected" counts the answers of 400 and above.
--
-- A PUT combines a head and a body, which are made before the clock starts. Complete requests made in
-- advance would repeat: each would find the groups of its user as it had left them, and the server would
-- have nothing to write.

local N_BODIES = 50000
local MOST_USERS = 100000 -- as many heads as LuaJIT has memory for
local authorization = "Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ=" -- root@root.com:Root!1234
local digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
local random = math.random
local threads = {}

-- Like make_id of states.py.
local function make_id(number)
    local state, id = number, {}
    for i = 1, 22 do
        state = state * 48271 % 2147483647
        local digit = state % 62
        id[i] = digits:sub(digit + 1, digit + 1)
    end
    return table.concat(id)
end

-- Calls make(number) for every user, or for some from all over the state.
local function for_users(n_users, make)
    local made, step = {}, math.max(1, math.floor(n_users / MOST_USERS))
    for number = step, n_users, step do
        made[#made + 1] = make(number)
    end
    return made
end

local function one_of(requests)
    local count = #requests
    return function() return requests[random(count)] end
end

local function get(path)
    return wrk.format("GET", path, {["Authorization"] = authorization})
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

local mixes = {}

-- Three random groups of a random user.
function mixes.put(n_users, n_groups, headers)
    local bodies = make_bodies(n_groups)
    headers = headers or {}
    headers["Authorization"] = authorization
    headers["Content-Type"] = "application/json"
    -- All bodies are as long as the first one, so all heads have the same Content-Length.
    local heads = for_users(n_users, function(number)
        local path = "/api/v1/main/users/" .. make_id(2 * number) .. "/groups"
        return wrk.format("PUT", path, headers, bodies[1]):sub(1, -#bodies[1] - 1)
    end)
    local n_heads = #heads
    return function() return heads[random(n_heads)] .. bodies[random(N_BODIES)] end
end

-- wrk opens a new connection after an answer to this.
function mixes.connect(n_users, n_groups)
    return mixes.put(n_users, n_groups, {["Connection"] = "close"})
end

function mixes.user(n_users)
    return one_of(for_users(n_users, function(number)
        return get("/api/v1/users/" .. make_id(2 * number))
    end))
end

function mixes.groups(_, n_groups)
    local pages = {}
    for page = 1, n_groups / 10 do
        pages[page] = get("/api/v1/main/groups/search?size=10&page=" .. page)
    end
    return one_of(pages)
end

function mixes.members(_, n_groups)
    local requests = {}
    for i = 1, n_groups do
        requests[i] = get("/api/v1/main/groups/" .. make_id(2 * i + 1) .. "/members")
    end
    return one_of(requests)
end

-- 20 % writes, the rest equally the three reads above.
function mixes.mixed(n_users, n_groups)
    local kinds = {mixes.put(n_users, n_groups)}
    for _, name in ipairs({"user", "groups", "members"}) do
        kinds[#kinds + 1] = mixes[name](n_users, n_groups)
    end
    return function()
        return kinds[random(5) == 1 and 1 or random(2, 4)]()
    end
end

function setup(thread)
    table.insert(threads, thread)
    thread:set("number", #threads)
end

function init(arguments)
    local start = os.clock()
    math.randomseed(tonumber(arguments[4]) + number)
    request = mixes[arguments[1]](tonumber(arguments[2]), tonumber(arguments[3]))
    preparation = os.clock() - start
end

function done(summary, latency)
    local errors, preparation_seconds = summary.errors, 0
    for _, thread in ipairs(threads) do
        preparation_seconds = preparation_seconds + thread:get("preparation")
    end
    local socket_errors = errors.connect + errors.read + errors.write + errors.timeout
    print(string.format(
        'result: {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "unexpected": %d, ' ..
            '"failed": %d, "preparation": %f}',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        errors.status, socket_errors, preparation_seconds))
end
