#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"
#include "dataset/bytes.h"

namespace vigie::dataset {
namespace {

constexpr std::size_t kInputBytes = std::size_t{1} << 17;
constexpr std::size_t kMagicBytes = 6;

// A descriptor whose first bytes have been looked at and are handed out again.
class Input {
 public:
  Input(int descriptor, std::string name, std::uint64_t size)
      : descriptor_(descriptor), name_(std::move(name)), size_(size) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
  }

  Result<std::string_view> peek() {
    while (head_size_ < head_.size()) {
      const std::size_t got = VIGIE_TRY(read_raw(std::span(head_).subspan(head_size_)));
      if (got == 0) break;
      head_size_ += got;
    }
    return std::string_view(head_.data(), head_size_);
  }

  Result<std::size_t> read(std::span<char> into) {
    if (head_used_ < head_size_) {
      const std::size_t count = std::min(into.size(), head_size_ - head_used_);
      std::memcpy(into.data(), head_.data() + head_used_, count);
      head_used_ += count;
      position_ += count;
      return count;
    }
    const std::size_t got = VIGIE_TRY(read_raw(into));
    position_ += got;
    return got;
  }

  const std::string& name() const { return name_; }
  std::uint64_t position() const { return position_; }
  std::uint64_t size() const { return size_; }

 private:
  Result<std::size_t> read_raw(std::span<char> into) {
    for (;;) {
      const ssize_t got = ::read(descriptor_, into.data(), into.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return fail_errno("cannot read", name_, errno);
    }
  }

  int descriptor_;
  std::string name_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
  std::array<char, kMagicBytes> head_{};
  std::size_t head_size_ = 0;
  std::size_t head_used_ = 0;
};

std::unexpected<Error> damaged(const Input& input, std::string_view form, bool truncated) {
  return fail(Code::kInvalidData,
              std::string("the ") + std::string(form) +
                  (truncated ? " data ends too early or holds nothing" : " data is damaged"),
              {.file = input.name()}, "fetch or make the file again");
}

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(std::unique_ptr<Input> input) : input_(std::move(input)) {}
  Result<std::size_t> read(std::span<char> into) override { return input_->read(into); }
  const std::string& name() const override { return input_->name(); }
  std::uint64_t position() const override { return input_->position(); }
  std::uint64_t size() const override { return input_->size(); }

 private:
  std::unique_ptr<Input> input_;
};

// gzip goes through zlib: libarchive 3.6 reads over the checksum at a member's end without looking at it.
class GzipSource : public ByteSource {
 public:
  static Result<std::unique_ptr<ByteSource>> open(std::unique_ptr<Input> input) {
    auto source = std::unique_ptr<GzipSource>(new GzipSource(std::move(input)));
    constexpr int kGzipOnly = 16;
    if (inflateInit2(&source->stream_, MAX_WBITS + kGzipOnly) != Z_OK) {
      return fail(Code::kResourceExhausted, "no memory to unpack gzip data", {.file = source->name()});
    }
    source->ready_ = true;
    return source;
  }
  ~GzipSource() override {
    if (ready_) inflateEnd(&stream_);
  }

  Result<std::size_t> read(std::span<char> into) override {
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), 1u << 30));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted && !finished_) {
      if (stream_.avail_in == 0) VIGIE_TRY(refill());
      if (between_members_) {
        if (stream_.avail_in == 0) {
          finished_ = true;
          break;
        }
        inflateReset(&stream_);
        between_members_ = false;
      }
      if (stream_.avail_in == 0) return damaged(*input_, "gzip", true);
      switch (inflate(&stream_, Z_NO_FLUSH)) {
        case Z_OK:
        case Z_BUF_ERROR: break;
        case Z_STREAM_END: between_members_ = true; break;
        default: return damaged(*input_, "gzip", false);
      }
    }
    return wanted - stream_.avail_out;
  }
  const std::string& name() const override { return input_->name(); }
  std::uint64_t position() const override { return input_->position(); }
  std::uint64_t size() const override { return input_->size(); }

 private:
  explicit GzipSource(std::unique_ptr<Input> input) : input_(std::move(input)), buffer_(kInputBytes) {}

  Status refill() {
    stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
    stream_.avail_in = static_cast<uInt>(VIGIE_TRY(input_->read(buffer_)));
    return {};
  }

  std::unique_ptr<Input> input_;
  std::vector<char> buffer_;
  z_stream stream_{};
  bool ready_ = false;
  bool between_members_ = false;
  bool finished_ = false;
};

// xz and zstd through libarchive, with the one filter that the first bytes name: no guessing, no nesting. Data that
// unpack to nothing are an error: libarchive's way to allow them takes damaged data for empty ones.
class ArchiveSource : public ByteSource {
 public:
  static Result<std::unique_ptr<ByteSource>> open(std::unique_ptr<Input> input, int filter, std::string form) {
    auto source = std::unique_ptr<ArchiveSource>(new ArchiveSource(std::move(input), std::move(form)));
    archive* const in = source->archive_;
    if (in == nullptr || archive_read_support_format_raw(in) != ARCHIVE_OK ||
        archive_read_append_filter(in, filter) < ARCHIVE_WARN) {
      return fail(Code::kUnsupported, "this build's libarchive cannot unpack " + source->form_ + " data",
                  {.file = source->name()}, "install libarchive with " + source->form_ + " support");
    }
    if (archive_read_open(in, source.get(), nullptr, &ArchiveSource::more, nullptr) != ARCHIVE_OK) {
      return source->failure();
    }
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(in, &entry);
    source->at_end_ = status == ARCHIVE_EOF;  // well formed, and nothing inside
    if (status != ARCHIVE_OK && status != ARCHIVE_EOF) return source->failure();
    return source;
  }
  ~ArchiveSource() override { archive_read_free(archive_); }

  Result<std::size_t> read(std::span<char> into) override {
    if (at_end_) return 0;
    const la_ssize_t got = archive_read_data(archive_, into.data(), into.size());
    if (got < 0) return failure();
    at_end_ = got == 0;
    return static_cast<std::size_t>(got);
  }
  const std::string& name() const override { return input_->name(); }
  std::uint64_t position() const override { return input_->position(); }
  std::uint64_t size() const override { return input_->size(); }

 private:
  ArchiveSource(std::unique_ptr<Input> input, std::string form)
      : input_(std::move(input)), form_(std::move(form)), buffer_(kInputBytes), archive_(archive_read_new()) {}

  static la_ssize_t more(archive* in, void* self, const void** bytes) {
    auto& source = *static_cast<ArchiveSource*>(self);
    *bytes = source.buffer_.data();
    auto got = source.input_->read(source.buffer_);
    if (!got) {
      source.input_error_ = std::move(got).error();
      archive_set_error(in, EIO, "cannot read");
      return ARCHIVE_FATAL;
    }
    source.input_ended_ = *got == 0;
    return static_cast<la_ssize_t>(*got);
  }

  std::unexpected<Error> failure() {
    if (input_error_) return std::unexpected(*input_error_);
    return damaged(*input_, form_, input_ended_);
  }

  std::unique_ptr<Input> input_;
  std::string form_;
  std::vector<char> buffer_;
  archive* archive_;
  std::optional<Error> input_error_;
  bool input_ended_ = false;
  bool at_end_ = false;
};

class MappedSource : public ByteSource {
 public:
  MappedSource(MappedFile map, std::string name) : map_(std::move(map)), name_(std::move(name)) {}
  std::optional<std::string_view> whole() const override { return map_.bytes(); }
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = map_.bytes().copy(into.data(), into.size(), used_);
    used_ += count;
    return count;
  }
  const std::string& name() const override { return name_; }
  std::uint64_t position() const override { return used_; }
  std::uint64_t size() const override { return map_.bytes().size(); }

 private:
  MappedFile map_;
  std::string name_;
  std::size_t used_ = 0;
};

class MemorySource : public ByteSource {
 public:
  MemorySource(std::string_view bytes, std::string name, std::size_t piece)
      : bytes_(bytes), name_(std::move(name)), piece_(piece) {}
  std::optional<std::string_view> whole() const override { return piece_ == 0 ? std::optional(bytes_) : std::nullopt; }
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t most = piece_ == 0 ? into.size() : std::min(piece_, into.size());
    const std::size_t count = bytes_.copy(into.data(), most, used_);
    used_ += count;
    return count;
  }
  const std::string& name() const override { return name_; }
  std::uint64_t position() const override { return used_; }
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  std::string_view bytes_;
  std::string name_;
  std::size_t piece_;
  std::size_t used_ = 0;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_bytes(const std::filesystem::path& path, Access access) {
  using namespace std::string_view_literals;
  const bool standard_input = path == "-";
  const std::string name = standard_input ? "standard input" : path.native();
  const int descriptor = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail_errno("cannot open", name, errno);
  struct stat info{};
  const bool known = ::fstat(descriptor, &info) == 0;
  const bool regular = known && S_ISREG(info.st_mode);
  auto input = std::make_unique<Input>(descriptor, name, regular ? static_cast<std::uint64_t>(info.st_size) : 0);
  if (known && S_ISDIR(info.st_mode)) return fail_errno("cannot read", name, EISDIR);

  const std::string_view head = VIGIE_TRY(input->peek());
  if (head.starts_with("\x1F\x8B"sv)) return GzipSource::open(std::move(input));
  if (head.starts_with("\xFD"
                       "7zXZ\0"sv)) {
    return ArchiveSource::open(std::move(input), ARCHIVE_FILTER_XZ, "xz");
  }
  if (head.starts_with("\x28\xB5\x2F\xFD"sv)) {
    return ArchiveSource::open(std::move(input), ARCHIVE_FILTER_ZSTD, "zstd");
  }
  if (regular && !standard_input && access == Access::kMapped) {
    auto map = VIGIE_TRY(MappedFile::open(path));
    return std::make_unique<MappedSource>(std::move(map), name);
  }
  return std::make_unique<PlainSource>(std::move(input));
}

std::unique_ptr<ByteSource> bytes_in_memory(std::string_view bytes, std::string name, std::size_t piece) {
  return std::make_unique<MemorySource>(bytes, std::move(name), piece);
}

Result<std::string> stored_sha256(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::string();
  const auto file = VIGIE_TRY(MappedFile::open(path));
  return sha256_hex(file.bytes());
}

}  // namespace vigie::dataset
