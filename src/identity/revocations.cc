#include "identity/revocations.h"

#include "base/file.h"
#include "base/json_writer.h"
#include "identity/epoch_seconds.h"
#include "identity/folder_lock.h"
#include "identity/local_keys.h"
#include "identity/strict_json.h"

namespace vigie::identity {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kLargestFile = 64 << 20;
constexpr std::size_t kMostEntries = 200'000;

Result<std::map<std::string, WallTime, std::less<>>> read_times(const json::object& document, const char* name) {
  std::map<std::string, WallTime, std::less<>> times;
  const json::value* const members = document.if_contains(name);
  if (members == nullptr || !members->is_object()) return fail(Code::kInvalidData, "missing", {.field = name});
  for (const auto& [key, value] : members->get_object()) {
    if (!value.is_int64()) return fail(Code::kInvalidData, "not whole seconds", {.field = name});
    times.emplace(key, time_of(value.get_int64()));
  }
  return times;
}

void write_times(JsonWriter& json, const char* name, const std::map<std::string, WallTime, std::less<>>& times) {
  json.key(name).begin_object();
  for (const auto& [key, time] : times) json.member(key, seconds_of(time));
  json.end_object();
}

Result<Revocations> in_file(Error error, const std::filesystem::path& file) {
  error.place.file = file.native();
  error.remedy = "put it back from a copy; without it revoked tokens would count again";
  return std::unexpected(std::move(error));
}

}  // namespace

std::filesystem::path Revocations::file(const std::filesystem::path& state) {
  return state / "identity" / "revocations.json";
}

Result<Revocations> Revocations::read(const std::filesystem::path& state) {
  const std::filesystem::path path = file(state);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return Revocations();
  const std::string text = VIGIE_TRY(read_file(path, kLargestFile));
  const auto document = parse_object(text, {.members = 2 * kMostEntries});
  if (!document) return in_file(document.error(), path);
  Revocations read;
  auto ids = read_times(*document, "ids");
  auto subjects = read_times(*document, "subjects");
  if (!ids || !subjects) return in_file(ids ? subjects.error() : ids.error(), path);
  read.ids_ = std::move(*ids);
  read.subjects_ = std::move(*subjects);
  if (const json::value* const everybody = document->if_contains("everybody")) {
    if (!everybody->is_int64())
      return in_file({Code::kInvalidData, "not whole seconds", {.field = "everybody"}, {}}, path);
    read.everybody_ = time_of(everybody->get_int64());
  }
  return read;
}

template <typename Change>
Status Revocations::change(const std::filesystem::path& state, WallTime now, const Change& change) {
  const auto lock = VIGIE_TRY(FolderLock::take(state / "identity"));
  Revocations all = VIGIE_TRY(read(state));
  std::erase_if(all.ids_, [&](const auto& entry) { return entry.second <= now; });
  // What was issued so long ago has run out by itself.
  std::erase_if(all.subjects_, [&](const auto& entry) { return entry.second + kLongestLife <= now; });
  change(all);
  if (all.ids_.size() + all.subjects_.size() > kMostEntries) {
    return fail(Code::kResourceExhausted, "200,000 tokens are revoked already", {.file = file(state).native()},
                "revoke all that were issued before now");
  }
  return all.save(state);
}

Status Revocations::revoke_id(const std::filesystem::path& state, const std::string& id, WallTime now) {
  return change(state, now, [&](Revocations& all) { all.ids_[id] = now + kLongestLife; });
}

Status Revocations::revoke_subject(const std::filesystem::path& state, const std::string& subject, WallTime before) {
  return change(state, before, [&](Revocations& all) { all.subjects_[subject] = before; });
}

Status Revocations::revoke_all(const std::filesystem::path& state, WallTime before) {
  return change(state, before, [&](Revocations& all) { all.everybody_ = before; });
}

// A token's time of issue is in whole seconds: one of the same second as the moment may be older, and is revoked too.
bool Revocations::revoked(const Claims& claims) const {
  const auto older = [&](WallTime before) {
    return !claims.issued || *claims.issued <= std::chrono::floor<std::chrono::seconds>(before);
  };
  if (everybody_ && older(*everybody_)) return true;
  if (const auto subject = subjects_.find(claims.subject); subject != subjects_.end() && older(subject->second)) {
    return true;
  }
  return !claims.id.empty() && ids_.contains(claims.id);
}

Status Revocations::save(const std::filesystem::path& state) const {
  JsonWriter json;
  json.begin_object();
  write_times(json, "ids", ids_);
  write_times(json, "subjects", subjects_);
  if (everybody_) json.member("everybody", seconds_of(*everybody_));
  json.end_object();
  VIGIE_TRY(write_file(file(state), std::move(json).text() + "\n", Readers::kOwner));
  return sync_folder(file(state).parent_path());
}

}  // namespace vigie::identity
