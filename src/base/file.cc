#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace vigie {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18;
constexpr std::size_t kHandOnBytes = std::size_t{1} << 23;

struct Descriptor {
  int number = -1;
  explicit Descriptor(int n) : number(n) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

Result<std::uint64_t> regular_size(int descriptor, const std::filesystem::path& path) {
  struct stat info{};
  if (::fstat(descriptor, &info) != 0) return fail_errno("cannot read", path.native(), errno);
  if (S_ISDIR(info.st_mode)) return fail_errno("cannot read", path.native(), EISDIR);
  if (!S_ISREG(info.st_mode)) {
    return fail(Code::kInvalidArgument, "not a regular file", {.file = path.native()}, "give a file");
  }
  return static_cast<std::uint64_t>(info.st_size);
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

Status write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return fail_errno("cannot write", path.native(), errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit) {
  // Without O_NONBLOCK a named pipe would be waited for here, before anything can see that it is no file.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number < 0) return fail_errno("cannot open", path.native(), errno);
  const std::uint64_t size = VIGIE_TRY(regular_size(file.number, path));
  if (size > limit) {
    return fail(Code::kResourceExhausted,
                std::to_string(size) + " bytes are more than the limit of " + std::to_string(limit),
                {.file = path.native()}, "give a smaller file");
  }
  std::string bytes(size, '\0');
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t got = ::read(file.number, bytes.data() + at, bytes.size() - at);
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail_errno("cannot read", path.native(), errno);
    }
    if (got == 0) break;  // it shrank meanwhile
    at += static_cast<std::size_t>(got);
  }
  bytes.resize(at);
  return bytes;
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number < 0) return fail_errno("cannot open", path.native(), errno);
  const std::uint64_t size = VIGIE_TRY(regular_size(file.number, path));
  if (size == 0) return MappedFile(nullptr, 0);
  void* const data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (data == MAP_FAILED) return fail_errno("cannot map", path.native(), errno);
  ::madvise(data, size, MADV_SEQUENTIAL);
  return MappedFile(static_cast<const char*>(data), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

OutputFile::OutputFile(std::filesystem::path path, std::filesystem::path temporary, int descriptor)
    : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {
  buffer_.reserve(kBufferBytes);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      buffer_(std::move(other.buffer_)),
      written_(other.written_),
      handed_on_(other.handed_on_),
      named_(other.named_) {}

Result<OutputFile> OutputFile::create(const std::filesystem::path& path, Readers readers) {
  const mode_t mode = readers == Readers::kOwner ? 0600 : 0644;
  // Even where a shell has put a regular file behind it: the name is the system's, and renaming over it would take it
  // from every program on the machine; opening it anew would begin at the file's start again.
  if (path == "/dev/stdout") {
    const int descriptor = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0) return fail_errno("cannot write", path.native(), errno);
    return OutputFile(path, {}, descriptor);
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return fail_errno("cannot write", path.native(), EISDIR);
  // Something like a terminal or a named pipe cannot be renamed over: it is written as it comes.
  const auto kind = std::filesystem::status(path, ignored).type();
  const bool special = kind != std::filesystem::file_type::not_found && kind != std::filesystem::file_type::none &&
                       kind != std::filesystem::file_type::regular;
  if (special) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return fail_errno("cannot write", path.native(), errno);
    return OutputFile(path, {}, descriptor);
  }
  std::filesystem::path temporary = path;
  temporary += ".part" + std::to_string(::getpid());
  // Without a name until commit(): not even kill -9 leaves anything behind.
  const int unnamed = ::open(folder_of(path).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
  if (unnamed >= 0) {
    OutputFile file(path, std::move(temporary), unnamed);
    file.named_ = false;
    return file;
  }
  // Some file systems have no O_TMPFILE.
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (descriptor < 0) return fail_errno("cannot write", path.native(), errno);
  return OutputFile(path, std::move(temporary), descriptor);
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (!temporary_.empty() && named_) ::unlink(temporary_.c_str());
}

Status OutputFile::put(std::string_view bytes) {
  VIGIE_TRY(write_all(descriptor_, bytes, path_));
  written_ += bytes.size();
  // The disk starts on what is there already: else a large file would be written out while commit() waits. This is only
  // a hint, and something that is no file does not take it.
  if (written_ - handed_on_ >= kHandOnBytes) {
    ::sync_file_range(descriptor_, static_cast<off_t>(handed_on_), static_cast<off_t>(written_ - handed_on_),
                      SYNC_FILE_RANGE_WRITE);
    handed_on_ = written_;
  }
  return {};
}

Status OutputFile::flush() {
  VIGIE_TRY(put(buffer_));
  buffer_.clear();
  return {};
}

Status OutputFile::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) VIGIE_TRY(flush());
  if (bytes.size() >= kBufferBytes) return put(bytes);
  buffer_ += bytes;
  return {};
}

Status OutputFile::commit() {
  VIGIE_TRY(flush());
  if (temporary_.empty()) {
    ::close(std::exchange(descriptor_, -1));
    return {};
  }
  if (::fsync(descriptor_) != 0) return fail_errno("cannot write", path_.native(), errno);
  if (!named_) {
    const std::string self = "/proc/self/fd/" + std::to_string(descriptor_);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      return fail_errno("cannot write", path_.native(), errno);
    }
    named_ = true;
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return fail_errno("cannot write", path_.native(), errno);
  ::close(std::exchange(descriptor_, -1));
  return sync_folder(folder_of(path_));
}

Status write_file(const std::filesystem::path& path, std::string_view bytes, Readers readers) {
  auto file = VIGIE_TRY(OutputFile::create(path, readers));
  VIGIE_TRY(file.write(bytes));
  return file.commit();
}

Status sync_folder(const std::filesystem::path& folder) {
  const Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.number < 0) return fail_errno("cannot open", folder.native(), errno);
  if (::fsync(handle.number) != 0 && errno != EINVAL) return fail_errno("cannot sync", folder.native(), errno);
  return {};
}

}  // namespace vigie
