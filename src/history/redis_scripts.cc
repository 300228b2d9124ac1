#include "history/redis_scripts.h"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "history/client_past.h"
#include "history/history.h"
#include "history/redis_record.h"
#include "history/terminal_past.h"

namespace vigie::history {
namespace {

// Numbers in records are unsigned with their lowest byte first; ids are beyond what a number of Lua holds and stay two
// halves. Strings count from 1. Texts are never compared by <, which would go by the server's locale.
constexpr std::string_view kCommon = R"lua(
local function u32(bytes, at)
  return (struct.unpack('<I4', bytes, at))
end

-- Of events and of frauds, which both begin with id and time: by time, then by id.
local function before(a, i, b, j)
  local a_low, a_high, a_time = struct.unpack('<I4I4I4', a, i)
  local b_low, b_high, b_time = struct.unpack('<I4I4I4', b, j)
  if a_time ~= b_time then return a_time < b_time end
  if a_high ~= b_high then return a_high < b_high end
  return a_low < b_low
end

-- Where, in records of `size` bytes from `first` to `last`, one begins with `start`.
local function find_record(bytes, start, first, last, size)
  local at = string.find(bytes, start, first, true)
  while at and at + size - 1 <= last do
    if (at - first) % size == 0 then return at end
    at = string.find(bytes, start, at + 1, true)
  end
end

-- The clock, or nothing and why.
local function read_clock()
  local setup = redis.call('GET', KEYS[1])
  if not setup then return nil, no_setup end
  if #setup ~= setup_bytes or string.sub(setup, 17, 24) ~= ARGV[1] then return nil, other_setup end
  local text = redis.call('GET', KEYS[2])
  if not text then return 0 end
  if #text > 10 or not string.find(text, '^%d+$') or tonumber(text) > latest_time then return nil, bad_clock end
  return tonumber(text)
end

local function is_client(bytes, key)
  local events = (#bytes - 16) / 24
  if string.sub(bytes, 1, 8) ~= key or events % 1 ~= 0 or events < 1 or events > most_events then return false end
  return u32(bytes, 13) == 0
end

local function is_terminal(bytes, key)
  if #bytes < 16 or string.sub(bytes, 1, 8) ~= key then return false end
  local uses, frauds, hourly = struct.unpack('<I2I2I4', bytes, 9)
  if hourly > 1 or frauds > most_frauds then return false end
  return uses <= (hourly == 1 and most_hours or most_seconds) and #bytes == 16 + 8 * uses + 16 * frauds
end
)lua";

constexpr std::string_view kObserve = R"lua(
-- Counts the event of a client whose record before it is `past`; events before `first` have expired.
local function add_event(past, event, first)
  local let_go = u32(past, 9)
  if #past == 16 + 24 * most_events and first == 17 then
    if before(event, 1, past, first) then
      let_go = math.max(let_go, u32(event, 9))
      event = ''
    else
      let_go = math.max(let_go, u32(past, first + 8))
      first = first + 24
    end
  end
  local at = #past + 1
  while event ~= '' and at > first and before(event, 1, past, at - 24) do at = at - 24 end
  -- What has expired stays until it is an eighth: a long string costs Lua by its bytes each time that one is made.
  if at == #past + 1 and (first - 17) * 8 < #past and #past < 16 + 24 * most_events then
    past = past .. event
  else
    past = string.sub(past, 1, 8) .. struct.pack('<I4I4', let_go, 0) .. string.sub(past, first, at - 1) .. event ..
      string.sub(past, at)
  end
  redis.call('SET', KEYS[3], past, 'EX', client_life)
end

-- Uses that ascend, as those of their hours.
local function by_the_hour(uses)
  local hours, last, count = {}, nil, 0
  for at = 1, #uses, 8 do
    local time, times = struct.unpack('<I4I4', uses, at)
    time = time - time % hour
    if last and time ~= last then
      hours[#hours + 1] = struct.pack('<I4I4', last, count)
      count = 0
    end
    last, count = time, count + times
  end
  hours[#hours + 1] = struct.pack('<I4I4', last, count)
  return table.concat(hours)
end

-- Counts a use of a terminal whose record before it is `past`, and lets go what has expired.
local function add_use(past, time, horizon)
  local count, _, hourly = struct.unpack('<I2I2I4', past, 9)
  local behind = 17 + 8 * count
  local first = 17
  while first < behind and u32(past, first) <= horizon do first = first + 8 end
  if first == behind then hourly = 0 end
  if hourly == 1 then time = time - time % hour end
  local at = behind
  while at > first and u32(past, at - 8) > time do at = at - 8 end
  local known = at > first and u32(past, at - 8) == time
  local times = known and u32(past, at - 4) + 1 or 1
  if known and first == 17 then
    redis.call('SETRANGE', KEYS[4], at - 5, struct.pack('<I4', times))
    redis.call('EXPIRE', KEYS[4], terminal_life)
    return
  end
  local uses = string.sub(past, first, known and at - 9 or at - 1) .. struct.pack('<I4I4', time, times) ..
    string.sub(past, at, behind - 1)
  if hourly == 0 and #uses > 8 * most_seconds then
    hourly = 1
    uses = by_the_hour(uses)
  end
  local fraud = behind
  while fraud < #past and u32(past, fraud + 8) <= horizon do fraud = fraud + 16 end
  local frauds = string.sub(past, fraud)
  local record = string.sub(past, 1, 8) .. struct.pack('<I2I2I4', #uses / 8, #frauds / 16, hourly) .. uses .. frauds
  redis.call('SET', KEYS[4], record, 'EX', terminal_life)
end

local clock, refusal = read_clock()
if refusal then return {refusal} end
local now, event, client, terminal = tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local time = u32(event, 9)
local moves = now > clock or clock - now > ahead
if moves then clock = now end
local horizon = clock - late - longest_window

local past = redis.call('GET', KEYS[3])
if past and not is_client(past, client) then return {bad_client} end
local used = KEYS[4] and redis.call('GET', KEYS[4])
if used and not is_terminal(used, terminal) then return {bad_terminal} end

local nothing = '\0\0\0\0\0\0\0\0'
local kept, first = past or client .. nothing, 17
while first < #kept and u32(kept, first + 8) <= horizon do first = first + 24 end

local outcome = counted
if find_record(kept, string.sub(event, 1, 8), first, #kept, 24) then
  outcome = duplicate
elseif time < clock - late then
  outcome = too_late
elseif time > now + ahead then
  outcome = too_early
end

if moves then redis.call('SET', KEYS[2], ARGV[2]) end
if outcome == counted then
  add_event(kept, event, first)
  if KEYS[4] then add_use(used or terminal .. nothing, time, horizon - risk_delay) end
end
return {outcome, clock, past, used or false}
)lua";

constexpr std::string_view kRead = R"lua(
local clock, refusal = read_clock()
if refusal then return {refusal} end
local used = KEYS[4] and redis.call('GET', KEYS[4])
return {0, clock, redis.call('GET', KEYS[3]), used or false}
)lua";

constexpr std::string_view kLabel = R"lua(
local clock, refusal = read_clock()
if refusal then return {refusal} end
local key, fraud, is_fraud = ARGV[2], ARGV[3], ARGV[4] == '1'
local time = u32(fraud, 9)
local horizon = clock - late - longest_window - risk_delay
if time <= horizon then return {too_old} end
local past = redis.call('GET', KEYS[3])
if not past then return {unknown} end
if not is_terminal(past, key) then return {bad_terminal} end

local uses, frauds, hourly = struct.unpack('<I2I2I4', past, 9)
local behind = 17 + 8 * uses
local counted_at = hourly == 1 and time - time % hour or time
if not find_record(past, struct.pack('<I4', counted_at), 17, behind - 1, 8) then return {unknown} end
local at = find_record(past, fraud, behind, #past, 16)
local known = at ~= nil
if known == is_fraud then return {taken} end

local head = string.sub(past, 17, behind - 1)
local list
if known then
  list = string.sub(past, behind, at - 1) .. string.sub(past, at + 16)
else
  at = #past + 1
  while at > behind and before(fraud, 1, past, at - 16) do at = at - 16 end
  list = string.sub(past, behind, at - 1) .. fraud .. string.sub(past, at)
  local first = 1
  if #list > 16 * most_frauds then
    while first < #list and u32(list, first + 8) <= horizon do first = first + 16 end
    if #list + 1 - first > 16 * most_frauds then first = first + 16 end
  end
  list = string.sub(list, first)
end
local record = key .. struct.pack('<I2I2I4', uses, #list / 16, hourly) .. head .. list
redis.call('SET', KEYS[3], record, 'EX', terminal_life)
return {taken}
)lua";

constexpr std::string_view kForget = R"lua(
local _, refusal = read_clock()
if refusal and refusal ~= bad_clock then return {refusal} end
return {redis.call('DEL', KEYS[3])}
)lua";

std::string constants(std::initializer_list<std::pair<std::string_view, std::int64_t>> values) {
  std::string text;
  for (const auto& [name, value] : values) {
    text += "local " + std::string(name) + " = " + std::to_string(value) + "\n";
  }
  return text;
}

}  // namespace

RedisScripts make_scripts(std::int64_t late, std::int64_t ahead) {
  // By Redis's clock, counted from the last change: an event may be `ahead`, and clocks differ by less than a day.
  const std::int64_t client_life = kLongestWindow + late + ahead + kDay;
  const auto number = [](auto named) { return static_cast<std::int64_t>(named); };
  const std::string common = constants({{"late", late},
                                        {"ahead", ahead},
                                        {"hour", kHour},
                                        {"longest_window", kLongestWindow},
                                        {"risk_delay", kRiskDelay},
                                        {"client_life", client_life},
                                        {"terminal_life", client_life + kRiskDelay},
                                        {"latest_time", domain::kLatestTime},
                                        {"setup_bytes", number(kRedisSetupBytes)},
                                        {"most_events", number(kMostEvents)},
                                        {"most_seconds", number(kMostSeconds)},
                                        {"most_hours", number(kMostHours)},
                                        {"most_frauds", number(kMostFrauds)},
                                        {"counted", number(Outcome::kCounted)},
                                        {"duplicate", number(Outcome::kDuplicate)},
                                        {"too_late", number(Outcome::kLate)},
                                        {"too_early", number(Outcome::kAhead)},
                                        {"taken", number(LabelOutcome::kTaken)},
                                        {"too_old", number(LabelOutcome::kTooOld)},
                                        {"unknown", number(LabelOutcome::kUnknown)},
                                        {"no_setup", number(Refusal::kNoSetup)},
                                        {"other_setup", number(Refusal::kOtherSetup)},
                                        {"bad_clock", number(Refusal::kBadClock)},
                                        {"bad_client", number(Refusal::kBadClient)},
                                        {"bad_terminal", number(Refusal::kBadTerminal)}}) +
                             std::string(kCommon);
  return {.observe = common + std::string(kObserve),
          .read = common + std::string(kRead),
          .label = common + std::string(kLabel),
          .forget = common + std::string(kForget)};
}

}  // namespace vigie::history
