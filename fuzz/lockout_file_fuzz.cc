// The file of lockouts: what is taken is what would be written, byte for byte. The input is read as it is, and as the
// lines of a file whose first and last line fit, as no input comes upon the SHA-256 of what is before it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/sha256.h"
#include "identity/lockout_file.h"

namespace {

void read(const std::string& text) {
  const auto records = vigie::identity::parse_lockouts(text, "input");
  if (!records && records.error().message.empty()) std::abort();
  if (records && vigie::identity::write_lockouts(*records) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  read(input);
  const std::string lines = "vigie.lockouts 1\n" + input;
  read(lines + "sha256 " + vigie::sha256_hex(lines) + "\n");
  return 0;
}
