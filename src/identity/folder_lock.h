// Held by whoever changes the files of a folder that several processes use, until destroyed.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace vigie::identity {

class FolderLock {
 public:
  // Makes the folder, its owner's alone, where it is not there; waits for whoever has the lock.
  static Result<FolderLock> take(const std::filesystem::path& folder);

  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace vigie::identity
