// Lists of request bodies as files: written for people and tools, read back as what to send.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "load/payloads.h"

namespace vigie::load {

enum class PayloadForm : std::uint8_t {
  kNdjson,     // one object a line
  kJsonArray,  // one array of objects; also what Postman's runner takes as a data file
  kPostman,    // a Postman collection, schema v2.1.0: one request a body, which checks that its answer is 200
};

std::optional<PayloadForm> find_payload_form(std::string_view name);  // "ndjson", "json-array", "postman"

inline constexpr std::uint64_t kMostPostmanRequests = 1'000;  // Postman draws each one in its list

struct PayloadList {
  Route route = Route::kPredict;
  PayloadForm form = PayloadForm::kNdjson;
  std::uint64_t count = 0;  // from 1
  PayloadOptions options{};
  std::string base_url = "http://127.0.0.1:8080";  // Postman: the collection's variable `base_url`
};

// The file is there whole or not at all; its suffix may be .gz, .xz or .zst, and "-" is standard output. The same list
// gives the same bytes. kInvalidArgument for no body at all, and for too many in a collection.
Status write_payloads(const PayloadList& list, const std::filesystem::path& path, Progress& progress = no_progress());

// The lines of an NDJSON file, as they are, blank ones left out; compressed ones are told by their first bytes. Each
// must begin and end as an object does: a server that refuses bodies is a fair thing to load, a wrong file is not.
// kInvalidData names the line; kResourceExhausted beyond kMostPayloadBytes in all.
inline constexpr std::size_t kMostPayloadBytes = std::size_t{256} << 20;
Result<std::vector<Payload>> read_payloads(const std::filesystem::path& path);

}  // namespace vigie::load
