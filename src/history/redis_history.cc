#include "history/redis_history.h"

#include <hiredis/hiredis.h>

#include <array>
#include <utility>
#include <vector>

#include "history/client_past.h"
#include "history/name_key.h"
#include "history/ranges.h"
#include "history/terminal_past.h"

namespace vigie::history {
namespace {

bool is_prefix(std::string_view prefix) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:";
  return !prefix.empty() && prefix.size() <= 64 && prefix.find_first_not_of(kAllowed) == std::string_view::npos;
}

Status check_options(const RedisHistory::Options& options) {
  if (!is_prefix(options.prefix)) {
    return fail(Code::kInvalidArgument, "is not 1 to 64 letters, digits, '.', '_', '-' and ':'", {.field = "prefix"},
                "give a prefix like vigie");
  }
  const RedisEndpoint& endpoint = options.endpoint;
  if (endpoint.password.empty() && !endpoint.user.empty()) {
    return fail(Code::kInvalidArgument, "has no password", {.field = "user"}, "give the password too, or no user");
  }
  for (const auto& [name, time] : {std::pair("connect", endpoint.connect), std::pair("answer", endpoint.answer),
                                   std::pair("pause", endpoint.pause)}) {
    if (time.count() < 1 || time > std::chrono::hours(1)) {
      return fail(Code::kInvalidArgument, "is not within 1 ms and 1 hour", {.field = name},
                  "give a time in this range");
    }
  }
  return check_waits(options.late, options.ahead);
}

std::string_view text_of(const redisReply& reply) { return {reply.str, reply.len}; }

bool is_no_script(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ERROR && text_of(reply).starts_with("NOSCRIPT");
}

// Of an answer of a script: the number in its first place.
std::optional<std::int64_t> first_number(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements == 0) return std::nullopt;
  if (reply.element[0]->type != REDIS_REPLY_INTEGER) return std::nullopt;
  return reply.element[0]->integer;
}

Result<RedisReply> ask(RedisConnection& connection, std::span<const std::string_view> words) {
  RedisReply reply = VIGIE_TRY(connection.call(words));
  if (auto refused = connection.error_of(*reply)) return std::unexpected(std::move(*refused));
  return reply;
}

// What is in Redis where `fresh` is not there first.
Result<std::string> put_first(RedisConnection& connection, const std::string& key, const std::string& fresh) {
  VIGIE_TRY(ask(connection, std::array<std::string_view, 4>{"SET", key, fresh, "NX"}));
  const RedisReply reply = VIGIE_TRY(ask(connection, std::array<std::string_view, 2>{"GET", key}));
  return std::string(reply->type == REDIS_REPLY_STRING ? text_of(*reply) : "");
}

// The name by which the server runs a script from now on.
Result<std::string> load(RedisConnection& connection, const std::string& text) {
  const RedisReply reply = VIGIE_TRY(ask(connection, std::array<std::string_view, 3>{"SCRIPT", "LOAD", text}));
  return std::string(reply->type == REDIS_REPLY_STRING ? text_of(*reply) : "");
}

std::string setup_with(const KeyedHash& hash, bool given) {
  RedisSetup setup{.fingerprint = fingerprint(hash)};
  if (!given) setup.secret = hash.secret();
  return write_setup(setup);
}

}  // namespace

RedisHistory::RedisHistory(const Options& options, const KeyedHash& hash)
    : address_(address_of(options.endpoint)),
      late_(options.late),
      event_keys_(hash),
      setup_(setup_with(hash, options.secret.has_value())),
      fingerprint_(key_bytes(fingerprint(hash))),
      keys_(options.prefix),
      pool_(std::make_unique<RedisPool>(options.endpoint)) {
  RedisScripts scripts = make_scripts(options.late, options.ahead);
  observe_.text = std::move(scripts.observe);
  read_.text = std::move(scripts.read);
  label_.text = std::move(scripts.label);
  forget_.text = std::move(scripts.forget);
}

Result<std::unique_ptr<RedisHistory>> RedisHistory::open(const Options& options) {
  VIGIE_TRY(check_options(options));
  auto connection = VIGIE_TRY(RedisConnection::open(options.endpoint));
  const bool given = options.secret.has_value();
  KeyedHash hash = given ? KeyedHash(*options.secret) : VIGIE_TRY(KeyedHash::draw());
  const std::string key = RedisKeys(options.prefix).setup;
  const auto setup = read_setup(VIGIE_TRY(put_first(*connection, key, setup_with(hash, given))));
  if (!setup) {
    return std::unexpected(connection->error(
        Code::kInvalidData, "the key " + key + " does not say how a history was begun",
        "give this history a prefix of its own; where its keys were damaged, remove all that begin like this one"));
  }
  if (setup->secret.has_value() == given) {
    return std::unexpected(connection->error(
        Code::kFailedPrecondition,
        "the history of " + key +
            (given ? " was begun with a secret that is kept there" : " was begun with a given secret"),
        given ? "give no secret, or a prefix of its own" : "give the secret that its other servers have"));
  }
  if (setup->secret) hash = KeyedHash(*setup->secret);
  std::unique_ptr<RedisHistory> history(new RedisHistory(options, hash));
  VIGIE_TRY(history->begin(*connection));
  for (Script* const script : {&history->observe_, &history->read_, &history->label_, &history->forget_}) {
    script->sha = VIGIE_TRY(load(*connection, script->text));
  }
  history->pool_->give_back(std::move(connection));
  return history;
}

// The setup is this history's, or is now.
Status RedisHistory::begin(RedisConnection& connection) const {
  const std::string there = VIGIE_TRY(put_first(connection, keys_.setup, setup_));
  if (there != setup_) return std::unexpected(refused(Refusal::kOtherSetup, {}));
  return {};
}

Error RedisHistory::malformed(std::string message, const std::string& key) const {
  return {.code = Code::kInvalidData,
          .message = "the key " + key + " " + std::move(message),
          .place = {.file = address_},
          .remedy = "remove the key, and see who else writes to this Redis"};
}

// `keys` are the script's.
Error RedisHistory::refused(Refusal refusal, std::span<const std::string> keys) const {
  switch (refusal) {
    case Refusal::kNoSetup:
    case Refusal::kOtherSetup: break;
    case Refusal::kBadClock: return malformed("is no clock of a history", keys_.clock);
    case Refusal::kBadClient: return malformed("is no record of a client", keys[2]);
    case Refusal::kBadTerminal: return malformed("is no record of a terminal", keys.back());
  }
  return {.code = Code::kFailedPrecondition,
          .message = "the history of " + keys_.setup + " has another secret",
          .place = {.file = address_},
          .remedy =
              "restart this server where it was begun anew; give all its servers the same secret, or this one a "
              "prefix of its own"};
}

Result<RedisReply> RedisHistory::run_on(RedisConnection& connection, const Script& script,
                                        std::span<const std::string> keys,
                                        std::span<const std::string> arguments) const {
  const std::string number = std::to_string(keys.size());
  std::vector<std::string_view> words{"EVALSHA", script.sha, number};
  words.insert(words.end(), keys.begin(), keys.end());
  words.push_back(fingerprint_);
  words.insert(words.end(), arguments.begin(), arguments.end());
  // A server that was emptied lacks the setup, and one that was restarted the scripts too: once each, then as always.
  for (int missing = 0;; ++missing) {
    RedisReply reply = VIGIE_TRY(connection.call(words));
    if (missing < 2 && is_no_script(*reply)) {
      VIGIE_TRY(load(connection, script.text));
      continue;
    }
    if (auto refusal = connection.error_of(*reply)) return std::unexpected(std::move(*refusal));
    const auto number_of = first_number(*reply);
    if (missing < 2 && number_of == static_cast<std::int64_t>(Refusal::kNoSetup)) {
      VIGIE_TRY(begin(connection));
      continue;
    }
    if (!number_of || *number_of < static_cast<std::int64_t>(Refusal::kBadTerminal) ||
        *number_of > static_cast<std::int64_t>(Outcome::kAhead)) {
      return std::unexpected(connection.error(Code::kInvalidData, "a script of the history gave no answer of its own",
                                              "see who changes commands of this Redis"));
    }
    if (*number_of < 0) return std::unexpected(refused(static_cast<Refusal>(*number_of), keys));
    return reply;
  }
}

Result<RedisReply> RedisHistory::run(const Script& script, std::span<const std::string> keys,
                                     std::span<const std::string> arguments) const {
  auto connection = VIGIE_TRY(pool_->take());
  auto reply = run_on(*connection, script, keys, arguments);
  pool_->give_back(std::move(connection));
  return reply;
}

std::vector<std::string> RedisHistory::keys_of(const domain::Event& event) const {
  std::vector<std::string> keys{keys_.setup, keys_.clock, keys_.client(event.client)};
  if (event.terminal != 0) keys.push_back(keys_.terminal(event.terminal));
  return keys;
}

// By the records before the event in an answer of observe and read.
Status RedisHistory::write_features(const domain::Event& event, const redisReply& reply,
                                    std::span<const std::string> keys, FeatureRow out) const {
  const std::int64_t clock =
      reply.elements == 4 && reply.element[1]->type == REDIS_REPLY_INTEGER ? reply.element[1]->integer : -1;
  if (clock < 0 || clock > domain::kLatestTime) return std::unexpected(refused(Refusal::kBadClock, keys));
  const std::int64_t horizon = clock - late_ - kLongestWindow;
  std::optional<ClientPast> past(std::in_place);
  if (const redisReply& record = *reply.element[2]; record.type == REDIS_REPLY_STRING) {
    past = read_client(text_of(record), event.client);
    if (!past) return std::unexpected(refused(Refusal::kBadClient, keys));
  }
  std::optional<TerminalPast> used(std::in_place);
  if (const redisReply& record = *reply.element[3]; record.type == REDIS_REPLY_STRING) {
    used = read_terminal(text_of(record), event.terminal);
    if (!used) return std::unexpected(refused(Refusal::kBadTerminal, keys));
  }
  write_client_features(event, *past, horizon, past->find(event.id, horizon), out);
  if (event.terminal == 0) {
    TerminalPast::write_no_features(out);
  } else {
    used->write_features(event.time, horizon - kRiskDelay, out);
  }
  return {};
}

Result<Outcome> RedisHistory::observe(const domain::Event& event, std::int64_t now, FeatureRow out) {
  VIGIE_TRY(check(event));
  VIGIE_TRY(check_time("now", now));
  const auto keys = keys_of(event);
  const RedisReply reply = VIGIE_TRY(
      run(observe_, keys,
          std::array{std::to_string(now), event_bytes(event), key_bytes(event.client), key_bytes(event.terminal)}));
  VIGIE_TRY(write_features(event, *reply, keys, out));
  return static_cast<Outcome>(reply->element[0]->integer);
}

Status RedisHistory::read(const domain::Event& event, FeatureRow out) const {
  VIGIE_TRY(check(event));
  const auto keys = keys_of(event);
  const RedisReply reply = VIGIE_TRY(run(read_, keys, {}));
  return write_features(event, *reply, keys, out);
}

Result<LabelOutcome> RedisHistory::label(const domain::Label& label) {
  VIGIE_TRY(check_time("time", label.time));
  const std::array keys{keys_.setup, keys_.clock, keys_.terminal(label.terminal)};
  const RedisReply reply = VIGIE_TRY(run(
      label_, keys, std::array{key_bytes(label.terminal), fraud_bytes(label), std::string(label.fraud ? "1" : "0")}));
  return static_cast<LabelOutcome>(reply->element[0]->integer);
}

Result<bool> RedisHistory::forget(std::uint64_t client) {
  const std::array keys{keys_.setup, keys_.clock, keys_.client(client)};
  const RedisReply reply = VIGIE_TRY(run(forget_, keys, {}));
  return reply->element[0]->integer > 0;
}

}  // namespace vigie::history
