#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/file.h"
#include "dataset/bytes.h"

namespace vigie::dataset {
namespace {

struct Packing {
  std::string_view suffix;
  int (*add_filter)(archive*);
};

constexpr std::array<Packing, 3> kPackings = {{
    {".gz", archive_write_add_filter_gzip},
    {".xz", archive_write_add_filter_xz},
    {".zst", archive_write_add_filter_zstd},
}};

const Packing* packing_of(const std::filesystem::path& path) {
  const std::string suffix = path.extension().native();
  for (const auto& packing : kPackings) {
    if (suffix == packing.suffix) return &packing;
  }
  return nullptr;
}

}  // namespace

// On the heap, because libarchive keeps its address.
struct ByteSink::State {
  State(OutputFile output, std::string path) : file(std::move(output)), name(std::move(path)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (packer != nullptr) archive_write_free(packer);
  }

  static la_ssize_t put(archive* out, void* self, const void* bytes, std::size_t count) {
    auto& state = *static_cast<State*>(self);
    if (state.error) return -1;
    auto status = state.file.write({static_cast<const char*>(bytes), count});
    if (!status) {
      state.error = std::move(status).error();
      archive_set_error(out, EIO, "cannot write");
      return -1;
    }
    return static_cast<la_ssize_t>(count);
  }

  Status failure() {
    if (error) return std::unexpected(*error);
    const char* const reason = archive_error_string(packer);
    return fail(Code::kResourceExhausted, std::string("cannot compress: ") + (reason ? reason : "no reason given"),
                {.file = name}, "write without a compression suffix");
  }

  Status start(const Packing& packing) {
    packer = archive_write_new();
    if (packer == nullptr || archive_write_set_format_raw(packer) != ARCHIVE_OK ||
        packing.add_filter(packer) != ARCHIVE_OK) {
      return fail(Code::kUnsupported, "this build's libarchive cannot write " + std::string(packing.suffix) + " files",
                  {.file = name}, "write without a compression suffix");
    }
    // gzip would otherwise store the time of day: the same table must give the same bytes.
    archive_write_set_filter_option(packer, "gzip", "timestamp", nullptr);
    archive_write_set_bytes_in_last_block(packer, 1);
    if (archive_write_open(packer, this, nullptr, &State::put, nullptr) != ARCHIVE_OK) return failure();
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_filetype(entry, AE_IFREG);
    const int status = archive_write_header(packer, entry);
    archive_entry_free(entry);
    return status == ARCHIVE_OK ? Status() : failure();
  }

  OutputFile file;
  std::string name;
  archive* packer = nullptr;  // none: bytes go out as they are
  std::optional<Error> error;
};

ByteSink::ByteSink(std::unique_ptr<State> state) : state_(std::move(state)) {}
ByteSink::ByteSink(ByteSink&&) noexcept = default;
ByteSink::~ByteSink() = default;

Result<ByteSink> ByteSink::create(const std::filesystem::path& path) {
  const bool standard_output = path == "-";
  auto file = VIGIE_TRY(OutputFile::create(standard_output ? std::filesystem::path("/dev/stdout") : path));
  auto state = std::make_unique<State>(std::move(file), standard_output ? "standard output" : path.native());
  if (const Packing* packing = packing_of(path)) VIGIE_TRY(state->start(*packing));
  return ByteSink(std::move(state));
}

Status ByteSink::write(std::string_view bytes) {
  if (state_->packer == nullptr) return state_->file.write(bytes);
  while (!bytes.empty()) {
    const la_ssize_t taken = archive_write_data(state_->packer, bytes.data(), bytes.size());
    if (taken <= 0) return state_->failure();
    bytes.remove_prefix(static_cast<std::size_t>(taken));
  }
  return {};
}

Status ByteSink::commit() {
  if (state_->packer != nullptr && archive_write_close(state_->packer) != ARCHIVE_OK) return state_->failure();
  return state_->file.commit();
}

std::filesystem::path without_compression_suffix(const std::filesystem::path& path) {
  return packing_of(path) == nullptr ? path : path.parent_path() / path.stem();
}

}  // namespace vigie::dataset
