#include "identity/local_issuer.h"

#include <sys/stat.h>

#include <array>

namespace vigie::identity {

// Files are replaced whole, by a rename: a change is another inode, or another time where the number came back.
struct LocalIssuer::Seen {
  struct Mark {
    ino_t inode = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    bool operator==(const Mark&) const = default;
  };
  std::array<Mark, 2> marks;
  bool operator==(const Seen&) const = default;

  static Seen of(const std::filesystem::path& state) {
    Seen seen;
    const std::array files = {LocalKeys::file(state), Revocations::file(state)};
    for (std::size_t i = 0; i < files.size(); ++i) {
      struct stat found{};
      if (::stat(files[i].c_str(), &found) != 0) continue;
      seen.marks[i] = {found.st_ino, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
    }
    return seen;
  }
};

struct LocalIssuer::Known {
  std::shared_ptr<const KeySet> keys;
  Revocations revocations;
  std::string jwks;
  // When the set changes by itself, because a key has run out.
  std::optional<WallTime> until;
};

Result<std::shared_ptr<LocalIssuer>> LocalIssuer::open(Options options) {
  const WallTime now = options.clock->now();
  const LocalKeys keys = VIGIE_TRY(LocalKeys::read_or_create(options.state, options.issuer, now));
  std::shared_ptr<LocalIssuer> issuer(new LocalIssuer(std::move(options)));
  issuer->issuer_ = keys.issuer();
  issuer->seen_ = std::make_unique<Seen>(Seen::of(issuer->options_.state));
  issuer->known_ = VIGIE_TRY(issuer->read());
  issuer->thread_ = std::thread([self = issuer.get()] { self->follow(); });
  return issuer;
}

LocalIssuer::LocalIssuer(Options options) : options_(std::move(options)) {}

LocalIssuer::~LocalIssuer() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  looked_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<std::shared_ptr<const LocalIssuer::Known>> LocalIssuer::read() const {
  const WallTime now = options_.clock->now();
  const LocalKeys keys = VIGIE_TRY(LocalKeys::read(options_.state));
  if (!issuer_.empty() && keys.issuer() != issuer_) {
    return fail(Code::kFailedPrecondition, "the keys are another issuer's now",
                {.file = LocalKeys::file(options_.state).native()}, "restart the server");
  }
  auto known = std::make_shared<Known>();
  known->jwks = VIGIE_TRY(keys.jwks(now));
  known->keys = std::make_shared<const KeySet>(VIGIE_TRY(KeySet::parse(known->jwks)));
  known->revocations = VIGIE_TRY(Revocations::read(options_.state));
  for (const LocalKey& key : keys.keys()) {
    if (key.until && *key.until > now) known->until = std::min(known->until.value_or(*key.until), *key.until);
  }
  return std::shared_ptr<const Known>(std::move(known));
}

std::shared_ptr<const LocalIssuer::Known> LocalIssuer::known() const {
  const std::scoped_lock lock(mutex_);
  return known_;
}

std::shared_ptr<const KeySet> LocalIssuer::keys() const { return known()->keys; }

bool LocalIssuer::revoked(const Claims& claims) const { return known()->revocations.revoked(claims); }

bool LocalIssuer::renew() {
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = ++asked_;
  wake_.notify_all();
  return looked_.wait_for(lock, std::chrono::seconds(1), [&] { return stop_ || ended_ >= mine; }) && !stop_;
}

std::string LocalIssuer::jwks() const { return known()->jwks; }

void LocalIssuer::follow() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_for(lock, options_.period, [this] { return stop_ || asked_ != ended_; });
    if (stop_) break;
    const std::uint64_t asked = asked_;
    lock.unlock();
    look();
    lock.lock();
    ended_ = asked;
    looked_.notify_all();
  }
}

void LocalIssuer::look() {
  const Seen seen = Seen::of(options_.state);  // before reading: a change meanwhile is seen next time
  const std::optional<WallTime> until = known()->until;
  const bool ran_out = until && *until <= options_.clock->now();
  if (seen == *seen_ && !ran_out && failure_.empty()) return;
  auto read_now = read();
  if (!read_now) {
    const std::string failure = read_now.error().to_string();
    if (failure != failure_) options_.on_failure(read_now.error());
    failure_ = failure;
    return;
  }
  failure_.clear();
  *seen_ = seen;
  {
    const std::scoped_lock lock(mutex_);
    known_ = std::move(*read_now);
  }
  generation_.fetch_add(1, std::memory_order_release);
}

}  // namespace vigie::identity
