#include "history/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "history/journal_format.h"

namespace vigie::history {
namespace {

constexpr std::size_t kMostPending = std::size_t{64} << 20;

class AppendedFile final : public JournalFile {
 public:
  AppendedFile(int descriptor, std::filesystem::path path) : descriptor_(descriptor), path_(std::move(path)) {}
  AppendedFile(const AppendedFile&) = delete;
  AppendedFile& operator=(const AppendedFile&) = delete;
  ~AppendedFile() override { ::close(descriptor_); }

  Status write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        return fail_errno("cannot write", path_.native(), errno);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Status sync() override {
    if (::fdatasync(descriptor_) != 0) return fail_errno("cannot sync", path_.native(), errno);
    return {};
  }

 private:
  int descriptor_;
  std::filesystem::path path_;
};

}  // namespace

std::string_view to_string(Durability durability) {
  switch (durability) {
    case Durability::kAlways: return "always";
    case Durability::kInterval: return "interval";
    case Durability::kNever: return "never";
  }
  return "";
}

Result<std::unique_ptr<JournalFile>> append_to_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor < 0) return fail_errno("cannot open", path.native(), errno);
  return std::make_unique<AppendedFile>(descriptor, path);
}

Journal::Journal(std::unique_ptr<JournalFile> file, std::uint64_t last,
                 std::optional<std::chrono::milliseconds> interval)
    : file_(std::move(file)), last_(last), synced_(last) {
  if (interval) thread_ = std::jthread([this, every = *interval](const std::stop_token& stop) { run(every, stop); });
}

Journal::~Journal() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  Lock lock(mutex_);
  if (!pending_.empty()) sync_pending(lock);  // whoever wants to know whether it went well waits before
}

std::uint64_t Journal::append(const Change& change) {
  Lock lock(mutex_);
  while (pending_.size() >= kMostPending) {
    if (busy_) {
      changed_.wait(lock, [&] { return !busy_; });
    } else {
      sync_pending(lock);
    }
  }
  const std::uint64_t number = ++last_;
  if (!failure_) append_journal_record(pending_, change, number, synced_);
  return number;
}

void Journal::sync_pending(Lock& lock) {
  busy_ = true;
  const std::string batch = std::exchange(pending_, {});
  const std::uint64_t last = last_;
  lock.unlock();
  Status done = file_->write(batch);
  if (done) done = file_->sync();
  lock.lock();
  busy_ = false;
  if (done) {
    synced_ = last;
    written_ += batch.size();
  } else if (!failure_) {
    failure_ = std::move(done).error();
    pending_.clear();
  }
  changed_.notify_all();
}

Status Journal::wait() {
  Lock lock(mutex_);
  const std::uint64_t last = last_;
  while (!failure_ && synced_ < last) {
    if (busy_) {
      changed_.wait(lock, [&] { return !busy_; });
    } else {
      sync_pending(lock);
    }
  }
  if (failure_) return std::unexpected(*failure_);
  return {};
}

Status Journal::status() const {
  const Lock lock(mutex_);
  if (failure_) return std::unexpected(*failure_);
  return {};
}

void Journal::run(std::chrono::milliseconds interval, const std::stop_token& stop) {
  Lock lock(mutex_);
  while (!stop.stop_requested()) {
    changed_.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); });
    if (!busy_ && !failure_ && !pending_.empty()) sync_pending(lock);
  }
}

Result<std::uint64_t> Journal::continue_in(const MakeFile& make) {
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return !busy_; });
  sync_pending(lock);
  // Others may have begun to write meanwhile: the present file gets what came until nobody does.
  while (busy_) changed_.wait(lock, [&] { return !busy_; });
  if (failure_) return std::unexpected(*failure_);
  const std::uint64_t first = synced_ + 1;
  busy_ = true;
  lock.unlock();
  auto file = make(first);
  lock.lock();
  busy_ = false;
  changed_.notify_all();
  if (!file) return std::unexpected(std::move(file).error());
  file_ = std::move(*file);
  written_ = 0;
  return first;
}

std::uint64_t Journal::written() const {
  const Lock lock(mutex_);
  return written_;
}

}  // namespace vigie::history
