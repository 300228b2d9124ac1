// CRC-32 (ISO-HDLC, as in gzip) through zlib: finds torn and rotten bytes, not forged ones.
#pragma once

#include <cstdint>
#include <string_view>

namespace vigie::history {

std::uint32_t checksum(std::string_view bytes, std::uint32_t so_far = 0);

}  // namespace vigie::history
