#include "telemetry/thread_slot.h"

#include <bitset>
#include <mutex>

namespace vigie::telemetry {
namespace {

// The mutex also hands a slot's contents from the thread that leaves it to the one that takes it.
class Slots {
 public:
  std::size_t take() noexcept {
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < kThreadSlots; ++i) {
      if (taken_[i]) continue;
      taken_[i] = true;
      return i;
    }
    return kThreadSlots;
  }
  void give_back(std::size_t slot) noexcept {
    if (slot == kThreadSlots) return;
    const std::scoped_lock lock(mutex_);
    taken_[slot] = false;
  }

 private:
  std::mutex mutex_;
  std::bitset<kThreadSlots> taken_;
};

// Never destroyed: threads may end after static objects have gone.
Slots& slots() {
  static Slots& all = *new Slots;
  return all;
}

struct Holder {
  std::size_t slot = slots().take();
  Holder() = default;
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() { slots().give_back(slot); }
};

}  // namespace

std::size_t thread_slot() {
  thread_local const Holder holder;
  return holder.slot;
}

}  // namespace vigie::telemetry
