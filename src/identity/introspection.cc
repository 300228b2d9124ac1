#include "identity/introspection.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <utility>

#include "identity/remote_url.h"
#include "identity/strict_json.h"

namespace vigie::identity {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostBytes = 64 * 1024;

std::unexpected<Error> refuse(std::string_view member, std::string message) {
  return fail(Code::kInvalidData, std::move(message), {.field = std::string(member)},
              "check that this is the issuer's introspection endpoint");
}

}  // namespace

Result<Introspected> parse_introspection(std::string_view text) {
  if (text.size() > kMostBytes) return refuse({}, "the answer has more than 65536 bytes");
  Result<json::object> members = parse_object(text);
  if (!members) return refuse({}, "the answer cannot be read: " + members.error().message);
  const json::value* const active = members->if_contains("active");
  if (active == nullptr) return refuse("active", "missing");
  if (!active->is_bool()) return refuse("active", "neither true nor false");
  if (!active->get_bool()) return Introspected{};
  Result<Claims> claims = read_claims(std::move(*members));
  if (!claims) return refuse(claims.error().place.field, claims.error().message);
  return Introspected{.active = true, .claims = std::make_shared<const Claims>(std::move(*claims))};
}

Introspection::Introspection(IntrospectionOptions options, Fetcher& fetcher, const Clock& clock, const KeyedHash& hash)
    : options_(std::move(options)),
      fetcher_(fetcher),
      clock_(clock),
      hash_(hash),
      active_(options_.active_entries),
      inactive_(options_.inactive_entries) {}

Introspection::~Introspection() { stop(); }

void Introspection::stop() { stop_.request_stop(); }

IntrospectionState Introspection::state() const {
  const std::scoped_lock lock(mutex_);
  return state_;
}

std::optional<Introspected> Introspection::remembered(std::string_view digest, WallTime now) {
  if (const Introspected* const found = active_.find(digest, now)) return *found;
  if (const Introspected* const found = inactive_.find(digest, now)) return *found;
  return std::nullopt;
}

Result<Introspected> Introspection::call(const std::string& endpoint, std::string_view token, bool& reached) const {
  // Id and secret are encoded before they become Basic credentials (RFC 6749, 2.3.1).
  const BasicCredentials credentials{form_encoded(options_.client_id), form_encoded(options_.client_secret)};
  const std::string form = "token=" + form_encoded(token) + "&token_type_hint=access_token";
  auto fetched = fetcher_.post_form(endpoint, form, credentials, stop_.get_token());
  // Bytes came, if not those of an answer: nobody had to wait for them long.
  reached = fetched || fetched.error().code == Code::kInvalidData;
  const Document document = VIGIE_TRY(std::move(fetched));
  const RemoteUrl at = VIGIE_TRY(parse_remote_url(endpoint, fetcher_.options().plain_http));
  if (document.status == 401 || document.status == 403) {
    return fail(Code::kFailedPrecondition, "refuses our client id and secret", {.file = at.origin},
                "check them, and that the client may introspect tokens");
  }
  if (document.status != 200) {
    return fail(Code::kUnavailable, "asked about a token, answers " + std::to_string(document.status),
                {.file = at.origin}, "check the introspection endpoint and the issuer's log");
  }
  auto answer = parse_introspection(document.body);
  if (!answer) answer.error().place.file = at.origin;
  return answer;
}

void Introspection::remember(const std::string& digest, Introspected& answer, WallTime begun, WallTime now) {
  if (!answer.active) {
    answer.until = begun + options_.inactive_for;
    inactive_.put(digest, answer, now, answer.until);
    return;
  }
  answer.until = begun + options_.active_for;
  if (answer.claims->expires) answer.until = std::min(answer.until, *answer.claims->expires);
  active_.put(digest, answer, now, answer.until);
}

bool Introspection::record_failure(const Error& error, WallTime now, bool reached) {
  constexpr std::chrono::minutes kBetweenAlike{1};
  ++state_.failures;
  state_.last_failure = now;
  // One odd answer must not keep all others waiting; an issuer that is not there does.
  if (!reached) {
    unreachable_ = error;
    unreachable_since_ = now;
  }
  std::string text = error.to_string();
  if (text == state_.failure && now >= told_at_ && now < told_at_ + kBetweenAlike) return false;
  state_.failure = std::move(text);
  told_at_ = now;
  return true;
}

Result<Introspected> Introspection::ask(const std::string& endpoint, std::string_view token) {
  const KeyedHash::Digest words = hash_.digest(token);
  const std::string digest(reinterpret_cast<const char*>(words.data()), sizeof words);

  std::unique_lock lock(mutex_);
  const WallTime begun = clock_.now();
  if (auto found = remembered(digest, begun)) {
    ++state_.remembered;
    return *std::move(found);
  }
  if (const auto under_way = calls_.find(digest); under_way != calls_.end()) {
    const std::shared_ptr<Call> shared = under_way->second;
    ended_one_.wait(lock, [&] { return shared->outcome.has_value(); });
    return *shared->outcome;
  }
  if (unreachable_) {
    const bool pausing = begun >= unreachable_since_ && begun < unreachable_since_ + options_.pause;
    if (pausing || !calls_.empty()) return std::unexpected(*unreachable_);
  }
  if (calls_.size() >= options_.calls) {
    return fail(Code::kResourceExhausted, "too many tokens are being asked about", {}, "try again in a second");
  }
  const auto own = std::make_shared<Call>();
  calls_.emplace(digest, own);
  lock.unlock();
  bool reached = false;
  Result<Introspected> answer = call(endpoint, token, reached);
  lock.lock();
  calls_.erase(digest);
  bool tell = false;
  if (!stop_.stop_requested()) {
    const WallTime now = clock_.now();
    ++state_.calls;
    if (reached) unreachable_.reset();
    if (answer) {
      state_.last_success = now;
      remember(digest, *answer, begun, now);
    } else {
      tell = record_failure(answer.error(), now, reached);
    }
  }
  own->outcome = answer;
  ended_one_.notify_all();
  lock.unlock();
  if (tell) options_.on_failure(answer.error());
  return answer;
}

}  // namespace vigie::identity
