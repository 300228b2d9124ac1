// The PROXY protocol's parser: it must never ask for more than it may, come to the same verdict however the bytes come,
// and find the same in a header whatever follows it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "http/proxy_protocol.h"

namespace {

using vigie::http::kLongestProxyHeader;
using vigie::http::ProxyHeader;

// In memory of its own size, so that a read beyond the end is seen.
ProxyHeader read(std::string_view bytes) {
  const std::vector<char> given(bytes.begin(), bytes.end());
  return vigie::http::read_proxy_header({given.data(), given.size()});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 2 * kLongestProxyHeader) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const ProxyHeader all = read(input);
  if (all.state == ProxyHeader::State::kNeedMore && size >= kLongestProxyHeader) std::abort();
  for (std::size_t given = 0; given <= size; ++given) {
    const ProxyHeader header = read(input.substr(0, given));
    if (header.state == ProxyHeader::State::kNeedMore) continue;
    if (header.state != all.state || header.size != all.size || header.source != all.source) std::abort();
    if (header.state == ProxyHeader::State::kDone && header.size != given) std::abort();
    return 0;
  }
  if (all.state != ProxyHeader::State::kNeedMore) std::abort();
  return 0;
}
