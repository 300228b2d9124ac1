#include "identity/local_keys.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/file.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "identity/base64url.h"
#include "identity/epoch_seconds.h"
#include "identity/folder_lock.h"
#include "identity/nonce.h"
#include "identity/strict_json.h"

namespace vigie::identity {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kLargestFile = 1 << 20;
constexpr std::size_t kMostKeys = 100;
constexpr std::size_t kLongestSubject = 200;

// RFC 7638, of a key's required members.
std::string thumbprint(const std::string& members) { return sha256_base64url("{" + members + "}"); }

Result<LocalKey> read_key(const json::value& item) {
  const json::object* const members = item.if_object();
  const json::value* const pem = members == nullptr ? nullptr : members->if_contains("private");
  const json::value* const created = members == nullptr ? nullptr : members->if_contains("created");
  const json::value* const until = members == nullptr ? nullptr : members->if_contains("until");
  if (pem == nullptr || !pem->is_string() || created == nullptr || !created->is_int64() ||
      (until != nullptr && !until->is_int64())) {
    return fail(Code::kInvalidData, "an entry is no key", {.field = "keys"});
  }
  PrivateKey key = VIGIE_TRY(PrivateKey::from_pem(std::string_view(pem->get_string())));
  std::string id = thumbprint(VIGIE_TRY(key.public_jwk()));
  LocalKey out{std::move(id), time_of(created->get_int64()), std::nullopt, std::move(key)};
  if (until != nullptr) out.until = time_of(until->get_int64());
  return out;
}

Status check_mode(const std::filesystem::path& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return fail_errno("cannot read", file.native(), errno);
  if ((found.st_mode & 077) == 0) return {};
  return fail(Code::kPermissionDenied, "others than its owner may read this file, and it holds keys",
              {.file = file.native()}, "chmod 600 it; if others had access, vigie token rotate --overlap 0");
}

Error in_file(Error error, const std::filesystem::path& file) {
  error.place.file = file.native();
  if (error.remedy.empty()) error.remedy = "put it back from a copy, or move it away: a new key is made then";
  return error;
}

}  // namespace

std::filesystem::path LocalKeys::file(const std::filesystem::path& state) { return state / "identity" / "keys.json"; }

Result<LocalKeys> LocalKeys::read(const std::filesystem::path& state) {
  const std::filesystem::path path = file(state);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return fail(Code::kNotFound, "there are no keys yet", {.file = path.native()},
                "vigie serve or vigie token makes them");
  }
  VIGIE_TRY(check_mode(path));
  const std::string text = VIGIE_TRY(read_file(path, kLargestFile));
  const auto document = parse_object(text);
  if (!document) return std::unexpected(in_file(document.error(), path));
  const json::value* const issuer = document->if_contains("issuer");
  const json::value* const list = document->if_contains("keys");
  if (issuer == nullptr || !issuer->is_string() || issuer->get_string().empty() || list == nullptr ||
      !list->is_array() || list->get_array().empty() || list->get_array().size() > kMostKeys) {
    return std::unexpected(in_file({Code::kInvalidData, "not the local issuer's keys", {}, {}}, path));
  }
  LocalKeys keys;
  keys.issuer_ = issuer->get_string();
  for (const json::value& item : list->get_array()) {
    auto key = read_key(item);
    if (!key) return std::unexpected(in_file(key.error(), path));
    keys.keys_.push_back(std::move(*key));
  }
  if (keys.keys_.front().until) {
    return std::unexpected(in_file({Code::kInvalidData, "no key signs", {.field = "keys"}, {}}, path));
  }
  return keys;
}

Result<LocalKeys> LocalKeys::read_or_create(const std::filesystem::path& state, std::string_view issuer, WallTime now) {
  const auto lock = VIGIE_TRY(FolderLock::take(state / "identity"));
  auto found = read(state);
  if (found || found.error().code != Code::kNotFound) return found;
  LocalKeys keys;
  keys.issuer_ = issuer;
  VIGIE_TRY(keys.add(now));
  VIGIE_TRY(keys.save(state));
  return keys;
}

Result<std::string> LocalKeys::rotate(const std::filesystem::path& state, std::chrono::seconds overlap, WallTime now) {
  const auto lock = VIGIE_TRY(FolderLock::take(state / "identity"));
  LocalKeys keys = VIGIE_TRY(read(state));
  std::erase_if(keys.keys_, [&](const LocalKey& key) { return key.until && *key.until <= now; });
  for (LocalKey& key : keys.keys_) key.until = std::min(key.until.value_or(now + overlap), now + overlap);
  VIGIE_TRY(keys.add(now));
  if (keys.keys_.size() > kMostKeys) {
    return fail(Code::kResourceExhausted, "100 keys are published already", {.file = file(state).native()},
                "wait until some have run out, or give a shorter overlap");
  }
  VIGIE_TRY(keys.save(state));
  return keys.keys_.front().id;
}

Status LocalKeys::add(WallTime now) {
  PrivateKey key = VIGIE_TRY(PrivateKey::generate());
  std::string id = thumbprint(VIGIE_TRY(key.public_jwk()));
  keys_.insert(keys_.begin(), LocalKey{std::move(id), now, std::nullopt, std::move(key)});
  return {};
}

Status LocalKeys::save(const std::filesystem::path& state) const {
  JsonWriter json;
  json.begin_object().member("issuer", issuer_).key("keys").begin_array();
  for (const LocalKey& key : keys_) {
    const std::string pem = VIGIE_TRY(key.key.to_pem());
    json.begin_object().member("kid", key.id).member("created", seconds_of(key.created));
    if (key.until) json.member("until", seconds_of(*key.until));
    json.member("private", pem).end_object();
  }
  json.end_array().end_object();
  VIGIE_TRY(write_file(file(state), std::move(json).text() + "\n", Readers::kOwner));
  return sync_folder(file(state).parent_path());
}

Result<std::string> LocalKeys::jwks(WallTime now) const {
  std::string keys;
  for (const LocalKey& key : keys_) {
    if (key.until && *key.until <= now) continue;
    const std::string members = VIGIE_TRY(key.key.public_jwk());
    keys += (keys.empty() ? "{" : ",{") + members + R"(,"kid":")" + key.id + R"(","use":"sig","alg":"ES256"})";
  }
  return "{\"keys\":[" + keys + "]}";
}

Result<IssuedToken> LocalKeys::issue(const TokenRequest& request, WallTime now) const {
  if (request.life < std::chrono::seconds(1) || request.life > kLongestLife) {
    return fail(Code::kInvalidArgument, "not between a second and 30 days", {.field = "--ttl"},
                "give a shorter one; a service that runs for longer asks for a new token in time");
  }
  if (request.subject.empty() || request.subject.size() > kLongestSubject || !is_utf8(request.subject)) {
    return fail(Code::kInvalidArgument, "not 1 to 200 bytes of UTF-8", {.field = "--subject"},
                "give the name of the person or service that the token is for");
  }
  const LocalKey& key = keys_.front();
  const std::string id = VIGIE_TRY(draw_nonce(16));
  const std::int64_t issued = seconds_of(now);
  const std::int64_t expires = issued + request.life.count();
  JsonWriter claims;
  claims.begin_object().member("iss", issuer_).member("sub", request.subject).member("aud", request.audience);
  claims.member("iat", issued).member("nbf", issued).member("exp", expires).member("jti", id);
  claims.member("client_id", "vigie").key("roles").begin_array().value(to_string(request.role)).end_array();
  claims.end_object();
  const std::string header = R"({"alg":"ES256","kid":")" + key.id + R"(","typ":"at+jwt"})";
  const std::string signed_part = encode_base64url(header) + "." + encode_base64url(std::move(claims).text());
  const std::string signature = VIGIE_TRY(key.key.sign(signed_part));
  return IssuedToken{signed_part + "." + encode_base64url(signature), id, time_of(expires)};
}

}  // namespace vigie::identity
