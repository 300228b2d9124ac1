#include "identity/login_codes.h"

#include <algorithm>
#include <vector>

#include "base/file.h"
#include "base/json_writer.h"
#include "identity/base64url.h"
#include "identity/epoch_seconds.h"
#include "identity/folder_lock.h"
#include "identity/nonce.h"
#include "identity/strict_json.h"

namespace vigie::identity {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kLargestFile = 1 << 20;
constexpr std::size_t kMostCodes = 1000;
constexpr std::size_t kCodeBytes = 32;

struct Waiting {
  std::string digest;  // of the code: who reads the file cannot log in
  Login login;
  WallTime until;
};

std::unexpected<Error> wrong(const std::filesystem::path& file, const char* message, const char* field) {
  return fail(Code::kInvalidData, message, {.file = file.native(), .field = field},
              "move it away: codes that were not used yet are lost, and vigie token link makes others");
}

Result<Waiting> read_entry(const json::value& value, const std::filesystem::path& file) {
  const json::object* const entry = value.if_object();
  if (entry == nullptr) return wrong(file, "an entry is no object", "logins");
  const auto text = [&](const char* name) {
    const json::value* const member = entry->if_contains(name);
    return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
  };
  const auto role = parse_role(text("role"));
  const json::value* const until = entry->if_contains("until");
  if (!role || until == nullptr || !until->is_int64() || text("digest").empty() || text("subject").empty()) {
    return wrong(file, "an entry is no login", "logins");
  }
  return Waiting{text("digest"), {text("subject"), *role}, time_of(until->get_int64())};
}

// Those that may still be used.
Result<std::vector<Waiting>> read(const std::filesystem::path& file, WallTime now) {
  std::vector<Waiting> all;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return all;
  const std::string text = VIGIE_TRY(read_file(file, kLargestFile));
  const auto document = parse_object(text, {.members = 6 * kMostCodes});
  const json::value* const list = document ? document->if_contains("logins") : nullptr;
  if (list == nullptr || !list->is_array()) return wrong(file, "not a list of logins", "logins");
  for (const json::value& value : list->get_array()) {
    Waiting entry = VIGIE_TRY(read_entry(value, file));
    if (entry.until > now) all.push_back(std::move(entry));
  }
  return all;
}

Status save(const std::filesystem::path& file, const std::vector<Waiting>& all) {
  JsonWriter json;
  json.begin_object().key("logins").begin_array();
  for (const Waiting& entry : all) {
    json.begin_object().member("digest", entry.digest).member("subject", entry.login.subject);
    json.member("role", to_string(entry.login.role)).member("until", seconds_of(entry.until)).end_object();
  }
  json.end_array().end_object();
  VIGIE_TRY(write_file(file, std::move(json).text() + "\n", Readers::kOwner));
  return sync_folder(file.parent_path());
}

}  // namespace

std::filesystem::path LoginCodes::file(const std::filesystem::path& state) {
  return state / "identity" / "logins.json";
}

Result<std::string> LoginCodes::add(const std::filesystem::path& state, const Login& login, WallTime now) {
  const auto lock = VIGIE_TRY(FolderLock::take(state / "identity"));
  auto all = VIGIE_TRY(read(file(state), now));
  if (all.size() >= kMostCodes) {
    return fail(Code::kResourceExhausted, "1,000 login codes wait to be used", {.file = file(state).native()},
                "use one of them, or wait for 15 minutes");
  }
  std::string code = VIGIE_TRY(draw_nonce(kCodeBytes));
  all.push_back({sha256_base64url(code), login, now + kLoginCodeLife});
  VIGIE_TRY(save(file(state), all));
  return code;
}

Result<Login> LoginCodes::take(const std::filesystem::path& state, std::string_view code, WallTime now) {
  const auto lock = VIGIE_TRY(FolderLock::take(state / "identity"));
  auto all = VIGIE_TRY(read(file(state), now));
  // Comparing digests tells nobody how much of a code was right.
  const auto found = std::ranges::find(all, sha256_base64url(code), &Waiting::digest);
  if (found == all.end()) {
    return fail(Code::kNotFound, "the login code is not known, was used or has run out", {},
                "vigie token link makes another one");
  }
  Login login = std::move(found->login);
  all.erase(found);
  VIGIE_TRY(save(file(state), all));
  return login;
}

}  // namespace vigie::identity
