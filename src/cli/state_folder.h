// The folder for everything that a server keeps: its owner's alone, and held by one server at a time.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace vigie::cli {

class StateFolder {
 public:
  // Makes the folder where it is not there, and takes its lock until destroyed. A folder in use is refused.
  static Result<StateFolder> open(const std::filesystem::path& path);

  StateFolder(StateFolder&& other) noexcept;
  StateFolder& operator=(StateFolder&&) = delete;
  ~StateFolder();

 private:
  explicit StateFolder(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace vigie::cli
