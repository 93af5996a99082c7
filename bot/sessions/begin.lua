-- Queue an update that is new, and take the person's lease if it is free or has run out.
-- KEYS: person, queue, bodies, mailbox, stored reply, mark of a full queue
-- ARGV: id, sealed update, owner, lease (ms), cap (0: none), state of a new body (q | l), keep (ms),
--       what the person did ('' = nothing that lets us send), messages it allows, until (ms)
--
-- {done, reply, mail left}                 the update was handled
-- {full, 1 once an hour}                   200 wait already; this one was not taken
-- {wait, 1 if background work has it}      somebody else holds the lease, or nothing is to be run
-- {run, head, state, body, tries, session, version, mail, 1 if somebody began it before,
--  mark of parked notices ('' = none)}
--
-- A body's first letter tells its state: q queued, l queued and given up (late), d handled with
-- the reply deferred, D deferred and given up. A d or D holds nothing else and is in no queue.
local person, queue, bodies, mailbox, stored, full = unpack(KEYS)
local id, body, owner, lease, cap = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local fresh, keep = ARGV[6], ARGV[7]
local act, messages, till = ARGV[8], ARGV[9], ARGV[10]

local done = redis.call('GET', stored)
if done then return {'done', done, redis.call('LLEN', mailbox)} end

local state = redis.call('HGET', bodies, id)
if not state then
  if act ~= '' then  -- a new message opens the window anew, even one that finds a full queue
    redis.call('HSET', person, 'allow.' .. act, messages .. ':' .. till)
    redis.call('PEXPIRE', person, keep)
  end
  if cap > 0 and redis.call('LLEN', queue) >= cap then
    redis.call('SET', full, owner, 'NX', 'PX', 3600000)
    return {'full', redis.call('GET', full) == owner and 1 or 0}
  end
  redis.call('RPUSH', queue, id)
  redis.call('HSET', bodies, id, fresh .. body)
  redis.call('PEXPIRE', queue, keep)
  redis.call('PEXPIRE', bodies, keep)
  state = fresh
end
local deferred = string.upper(string.sub(state, 1, 1)) == 'D' and 1 or 0

local held = redis.call('HMGET', person, 'owner', 'until', 'tries', 'session', 'version', 'again',
                        'parked')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local other = held[1] and held[1] ~= '' and held[1] ~= owner
if other and tonumber(held[2]) > now then return {'wait', deferred} end

local head, text = redis.call('LINDEX', queue, 0), nil
while head do
  text = redis.call('HGET', bodies, head)
  if text then break end
  redis.call('LPOP', queue)  -- an evicted body must not stop the person for ever
  head = redis.call('LINDEX', queue, 0)
end
if not head then return {'wait', deferred} end
local tries = tonumber(held[3] or '0')
if held[1] ~= owner then tries = tries + 1 end  -- sent twice, it counts once
local again = (tries > 1 or held[6] == '1') and 1 or 0
redis.call('HSET', person, 'owner', owner, 'until', string.format('%.0f', now + lease), 'tries', tries)
redis.call('PEXPIRE', person, keep)
return {'run', head, string.sub(text, 1, 1), string.sub(text, 2), tries, held[4] or '',
        tonumber(held[5] or '0'), redis.call('LRANGE', mailbox, 0, 9), again, held[7] or ''}
