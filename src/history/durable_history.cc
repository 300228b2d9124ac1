#include "history/durable_history.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/number.h"
#include "history/journal_format.h"
#include "history/name_key.h"

namespace vigie::history {
namespace {

constexpr std::string_view kJournalName = "journal-";
constexpr std::size_t kSecretBytes = sizeof(KeyedHash::Secret);

std::filesystem::path snapshot_of(const std::filesystem::path& folder) { return folder / "snapshot"; }

std::filesystem::path journal_of(const std::filesystem::path& folder, std::uint64_t first) {
  std::string number = std::to_string(first);
  number.insert(0, 20 - number.size(), '0');
  return folder / (std::string(kJournalName) + number);
}

// In the order of their numbers.
std::vector<std::filesystem::path> journals_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool digits = name.find_first_not_of("0123456789", kJournalName.size()) == std::string::npos;
    if (name.starts_with(kJournalName) && name.size() == kJournalName.size() + 20 && digits) {
      found.push_back(entry.path());
    }
  }
  std::ranges::sort(found);
  return found;
}

std::unexpected<Error> refuse(std::string message, const std::filesystem::path& file) {
  return fail(Code::kInvalidData, std::move(message), {.file = file.native()},
              "bring back the whole folder from a copy, or remove it and start with no history");
}

// The folder's secret; drawn where the folder is new.
Result<KeyedHash> secret_in(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "secret";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    if (std::filesystem::exists(snapshot_of(folder), ignored) || !journals_in(folder).empty()) {
      return refuse("the secret is missing without which the history's keys mean nothing", file);
    }
    const KeyedHash hash = VIGIE_TRY(KeyedHash::draw());
    std::string bytes(kSecretBytes, '\0');
    std::memcpy(bytes.data(), hash.secret().data(), kSecretBytes);
    VIGIE_TRY(write_file(file, bytes, Readers::kOwner));
    return hash;
  }
  const std::string bytes = VIGIE_TRY(read_file(file, kSecretBytes));
  if (bytes.size() != kSecretBytes) return refuse("this is no secret: it has not 16 bytes", file);
  KeyedHash::Secret secret;
  std::memcpy(secret.data(), bytes.data(), kSecretBytes);
  return KeyedHash(secret);
}

Status cut(const std::filesystem::path& file, std::uint64_t size) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return fail_errno("cannot open", file.native(), errno);
  const bool done = ::ftruncate(descriptor, static_cast<off_t>(size)) == 0 && ::fsync(descriptor) == 0;
  const int why = errno;
  ::close(descriptor);
  if (!done) return fail_errno("cannot cut off a torn record", file.native(), why);
  return {};
}

struct FoundJournal {
  std::filesystem::path path;
  MappedFile file;
  std::uint64_t first = 1;

  bool is_empty() const { return file.bytes().size() == kJournalHeadBytes; }
};

Status remove_journals(const std::filesystem::path& folder, std::uint64_t before) {
  const std::filesystem::path first_kept = journal_of(folder, before);
  for (const std::filesystem::path& file : journals_in(folder)) {
    if (file < first_kept && ::unlink(file.c_str()) != 0) return fail_errno("cannot remove", file.native(), errno);
  }
  return {};
}

}  // namespace

class DurableHistory::Lock {
 public:
  static Result<std::unique_ptr<Lock>> take(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "lock";
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return fail_errno("cannot open", file.native(), errno);
    auto lock = std::make_unique<Lock>(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return fail_errno("cannot lock", file.native(), errno);
      return fail(Code::kFailedPrecondition, "another process has this history", {.file = folder.native()},
                  "stop it, or give each process a folder of its own");
    }
    return lock;
  }
  explicit Lock(int descriptor) : descriptor_(descriptor) {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { ::close(descriptor_); }

 private:
  int descriptor_;
};

DurableHistory::DurableHistory(std::filesystem::path folder, const Options& options, std::unique_ptr<Lock> lock,
                               const KeyedHash& hash)
    : folder_(std::move(folder)), options_(options), lock_(std::move(lock)), keys_(hash) {}

DurableHistory::~DurableHistory() = default;

Result<std::unique_ptr<DurableHistory>> DurableHistory::open(const std::filesystem::path& folder,
                                                             const Options& options) {
  if (options.interval.count() < 1) {
    return fail(Code::kInvalidArgument, "is below 1 ms", {.field = "interval"}, "give 1 ms or more");
  }
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (error) return fail_errno("cannot make the folder", folder.native(), error.value());
  auto lock = VIGIE_TRY(Lock::take(folder));
  const KeyedHash hash = VIGIE_TRY(secret_in(folder));
  std::unique_ptr<DurableHistory> history(new DurableHistory(folder, options, std::move(lock), hash));
  const bool journaled = options.durability != Durability::kNever;
  history->memory_ = VIGIE_TRY(EmbeddedHistory::make(options.bounds, journaled ? &history->log_ : nullptr));
  VIGIE_TRY(history->restore());
  if (journaled) {
    VIGIE_TRY(history->start_journal());
  } else if (!journals_in(folder).empty()) {
    VIGIE_TRY(history->checkpoint());
  }
  return history;
}

Status DurableHistory::restore() {
  const std::filesystem::path snapshot = snapshot_of(folder_);
  std::error_code ignored;
  if (std::filesystem::exists(snapshot, ignored)) {
    const MappedFile file = VIGIE_TRY(MappedFile::open(snapshot));
    SnapshotReader reader = VIGIE_TRY(SnapshotReader::open(file.bytes(), snapshot.native()));
    if (reader.header().fingerprint != fingerprint(keys_.hash())) {
      return refuse("the snapshot was made with another secret", snapshot);
    }
    VIGIE_TRY(memory_->restore(reader));
    last_ = reader.header().changes;
  }
  std::vector<FoundJournal> journals;
  for (const std::filesystem::path& path : journals_in(folder_)) {
    MappedFile file = VIGIE_TRY(MappedFile::open(path));
    const JournalHead head = VIGIE_TRY(read_journal_head(file.bytes(), path.native()));
    if (head.fingerprint != fingerprint(keys_.hash())) return refuse("the journal was made with another secret", path);
    journals.push_back({.path = path, .file = std::move(file), .first = head.first});
  }
  std::uint64_t due = last_ + 1;
  bool begun = false;
  for (auto journal = journals.begin(); journal != journals.end(); ++journal) {
    // A checkpoint that failed may leave a journal behind that nothing was ever written to, while the one before it
    // went on.
    if (journal->is_empty() && journal->first <= due) continue;
    if (begun ? journal->first != due : journal->first > due) {
      return refuse("the changes before number " + std::to_string(journal->first) + " are missing", journal->path);
    }
    begun = true;
    const auto take = [&](const Change& change, std::uint64_t number) { memory_->apply(change, number); };
    const JournalEnd end = VIGIE_TRY(read_journal(journal->file.bytes(), journal->path.native(), take));
    if (end.whole < journal->file.bytes().size()) {
      // Each journal is synced before the next one is written to.
      const bool goes_on = std::any_of(std::next(journal), journals.end(), [&](const FoundJournal& later) {
        return !later.is_empty() || later.first > end.next;
      });
      if (goes_on) return refuse("the journal is torn though another one follows it", journal->path);
      VIGIE_TRY(cut(journal->path, end.whole));
    }
    due = end.next;
    last_ = std::max(last_, due - 1);
  }
  if (memory_->last_change() > last_) {
    return refuse("the snapshot has changes up to number " + std::to_string(memory_->last_change()) +
                      ", the journals up to " + std::to_string(last_) + ": a journal is missing",
                  folder_);
  }
  return {};
}

Result<std::unique_ptr<JournalFile>> DurableHistory::make_journal(std::uint64_t first) const {
  const std::filesystem::path path = journal_of(folder_, first);
  const std::string head = write_journal_head({.first = first, .fingerprint = fingerprint(keys_.hash())});
  if (Status written = write_file(path, head, Readers::kOwner); !written) {
    ::unlink(path.c_str());  // it may have its name already, and only the folder could not be synced
    return std::unexpected(std::move(written).error());
  }
  auto file = append_to_file(path);
  if (!file) ::unlink(path.c_str());
  return file;
}

Status DurableHistory::start_journal() {
  auto file = VIGIE_TRY(make_journal(last_ + 1));
  std::optional<std::chrono::milliseconds> interval;
  if (options_.durability == Durability::kInterval) interval = options_.interval;
  log_.journal = std::make_unique<Journal>(std::move(file), last_, interval);
  return {};
}

Status DurableHistory::settle() {
  if (options_.durability != Durability::kAlways) return {};
  return log_.journal->wait();
}

Result<Outcome> DurableHistory::observe(const domain::Event& event, std::int64_t now, FeatureRow out) {
  if (const Status now_kept = status(); !now_kept) {
    VIGIE_TRY(memory_->read(event, out));
    return std::unexpected(now_kept.error());
  }
  const Outcome outcome = VIGIE_TRY(memory_->observe(event, now, out));
  // A duplicate's first may be on its way to the disk still.
  if (outcome == Outcome::kCounted || outcome == Outcome::kDuplicate) VIGIE_TRY(settle());
  return outcome;
}

Result<LabelOutcome> DurableHistory::label(const domain::Label& label) {
  VIGIE_TRY(status());
  const LabelOutcome outcome = VIGIE_TRY(memory_->label(label));
  if (outcome == LabelOutcome::kTaken) VIGIE_TRY(settle());
  return outcome;
}

Result<bool> DurableHistory::forget(std::uint64_t client) {
  VIGIE_TRY(status());
  const bool known = VIGIE_TRY(memory_->forget(client));
  VIGIE_TRY(settle());
  return known;
}

Status DurableHistory::write_snapshot(std::uint64_t changes) const {
  auto writer = VIGIE_TRY(
      SnapshotWriter::create(snapshot_of(folder_), {.changes = changes, .fingerprint = fingerprint(keys_.hash())}));
  VIGIE_TRY(memory_->write(writer));
  // What is in the snapshot must not be ahead of the journals: a power cut would leave a gap in the numbers.
  if (log_.journal != nullptr) VIGIE_TRY(log_.journal->wait());
  return writer.commit(memory_->clock());
}

Status DurableHistory::checkpoint() {
  const std::scoped_lock lock(checkpoint_);
  if (log_.journal == nullptr) {
    VIGIE_TRY(write_snapshot(last_));
    return remove_journals(folder_, last_ + 1);
  }
  // All before `first` are in the shards by now. Of later ones each shard has some, and says which.
  const std::uint64_t first =
      VIGIE_TRY(log_.journal->continue_in([this](std::uint64_t number) { return make_journal(number); }));
  VIGIE_TRY(write_snapshot(first - 1));
  return remove_journals(folder_, first);
}

std::uint64_t DurableHistory::journal_bytes() const { return log_.journal == nullptr ? 0 : log_.journal->written(); }

}  // namespace vigie::history
