#include "base/progress.h"

namespace vigie {

Progress& no_progress() {
  class Silent : public Progress {
    void begin(std::string_view, std::uint64_t, std::string_view) override {}
    void advance_to(std::uint64_t) override {}
    void end() override {}
  };
  static Silent silent;
  return silent;
}

}  // namespace vigie
