-- End the head's turn: store session and reply, take the mail that went with it, go on or let go.
-- KEYS: person, queue, bodies, mailbox, stored reply of the head, stored reply of the answered
-- ARGV: owner, head, sealed session, sealed reply ('' = nothing to say), deferred (0 | 1),
--       id of the update that the reply answers, mail taken, keep the lease (0 | 1), lease (ms),
--       keep (ms), life of a stored reply (ms), mark of parked notices that were told ('' = none)
--
-- {done, reply of the head ('' = by another road), mail left, next}   next: {} or
-- {deferred, '', mail left, next}                                      {head, state, body, mail, mark}
-- {lost}                                   the head is another's now, and not handled yet
local person, queue, bodies, mailbox, stored, answered = unpack(KEYS)
local owner, head, session, reply, deferred = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1'
local answers, taken, on = ARGV[6], tonumber(ARGV[7]), ARGV[8] == '1'
local lease, keep, life, told = tonumber(ARGV[9]), ARGV[10], ARGV[11], ARGV[12]

local function mail(text)
  if text == '' then return end
  redis.call('RPUSH', mailbox, answers .. '\n' .. text)
  redis.call('PEXPIRE', mailbox, keep)
end

-- Give `answers` its reply, by the one road that is open for it; `state` is its body's letter.
local function tell(state)
  if deferred then
    redis.call('HSET', bodies, answers, (state == 'l' or state == 'D') and 'D' or 'd')
  elseif state == 'q' or state == 'd' then
    redis.call('SET', answered, reply, 'PX', life)
    redis.call('HDEL', bodies, answers)
  elseif state == 'l' or state == 'D' then
    mail(reply)
    redis.call('SET', answered, '', 'PX', life)
    redis.call('HDEL', bodies, answers)
  else
    mail(reply)  -- answered before, or never asked
  end
end

local function letter(id)
  local body = redis.call('HGET', bodies, id)
  return body and string.sub(body, 1, 1) or ''
end

local mine = redis.call('HGET', person, 'owner') == owner
if mine and redis.call('LINDEX', queue, 0) == head then
  if taken > 0 then redis.call('LTRIM', mailbox, taken, -1) end
  redis.call('LPOP', queue)
  if answers == head then
    tell(letter(head))
  else
    local waiting = letter(answers)
    if deferred then
      -- more work is coming: whom it answers goes on waiting
    elseif waiting == 'q' or waiting == 'l' then
      mail(reply)  -- a turn of its own will answer it
    else
      tell(waiting)
    end
    redis.call('SET', stored, '', 'PX', life)
    redis.call('HDEL', bodies, head)
  end
  if told ~= '' and redis.call('HGET', person, 'parked') == told then  -- none was parked since
    redis.call('HDEL', person, 'parked')
  end
  redis.call('HSET', person, 'session', session)
  redis.call('HINCRBY', person, 'version', 1)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if on and redis.call('LLEN', queue) > 0 then
    redis.call('HSET', person, 'tries', 1, 'again', 0, 'until', string.format('%.0f', now + lease))
  else
    redis.call('HSET', person, 'owner', '', 'until', 0, 'tries', 0, 'again', 0)
    mine = false
  end
end

-- From here the answer is read from what is stored, so that a call sent twice gets it twice.
local said = redis.call('GET', stored)
local status
if said then status = 'done'
elseif string.upper(letter(head)) == 'D' then status = 'deferred'
else return {'lost'} end
local follow = {}
local next_head = redis.call('LINDEX', queue, 0)
if on and mine and next_head then
  local body = redis.call('HGET', bodies, next_head)
  follow = {next_head, string.sub(body, 1, 1), string.sub(body, 2), redis.call('LRANGE', mailbox, 0, 9),
            redis.call('HGET', person, 'parked') or ''}
end
return {status, said or '', redis.call('LLEN', mailbox), follow}
