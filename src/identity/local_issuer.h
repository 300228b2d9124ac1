// The local issuer as a server sees it: the keys and revocations of the state folder, followed while `vigie token` and
// other processes change them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "identity/local_keys.h"
#include "identity/revocations.h"
#include "identity/verifier.h"

namespace vigie::identity {

class LocalIssuer : public KeySource, public RevocationSource {
 public:
  struct Options {
    std::filesystem::path state;
    std::string issuer;                     // of a first key; where there are keys, theirs holds
    std::chrono::milliseconds period{500};  // how often the files are looked at
    const Clock* clock = &system_clock();
    // Files that cannot be read any more: what was read before goes on to count. Called from the thread that looks,
    // once for each new error.
    std::function<void(const Error&)> on_failure = [](const Error&) {};
  };

  // Makes a first key where there is none.
  static Result<std::shared_ptr<LocalIssuer>> open(Options options);
  ~LocalIssuer() override;
  LocalIssuer(const LocalIssuer&) = delete;
  LocalIssuer& operator=(const LocalIssuer&) = delete;

  std::shared_ptr<const KeySet> keys() const override;
  // Looks at the files now: a key that was made a moment ago is there, however long the period.
  bool renew() override;
  bool revoked(const Claims& claims) const override;
  // Another number whenever keys or revocations have changed: what was found out about a token before may be wrong.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  const std::string& issuer() const { return issuer_; }
  const std::filesystem::path& state() const { return options_.state; }
  std::string jwks() const;  // as published now

 private:
  struct Seen;   // of a file, to notice that it changed
  struct Known;  // what was read

  explicit LocalIssuer(Options options);
  Result<std::shared_ptr<const Known>> read() const;
  std::shared_ptr<const Known> known() const;
  void follow();
  void look();

  Options options_;
  std::string issuer_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Known> known_;
  std::atomic<std::uint64_t> generation_ = 0;
  std::unique_ptr<Seen> seen_;
  std::string failure_;  // the last one told
  std::condition_variable wake_;
  std::condition_variable looked_;
  std::uint64_t asked_ = 0;  // looks that somebody waits for,
  std::uint64_t ended_ = 0;  // and how many of them have ended
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace vigie::identity
