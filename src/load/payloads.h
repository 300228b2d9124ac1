// Made-up bodies of requests that the decision services accept, for load, for Postman, for a first try. Card
// transactions are rows of `vigie data simulate card`; the others follow the contract of their route, with magnitudes
// as a bank sees them. A body depends on the seed and its number only, so a longer list begins with the shorter one.
//
//   PayloadSource source(Route::kPredict, {.seed = 7});
//   const Payload first = source.next();          // {"Time":0,"Amount":12.3,"V1":...}
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace vigie::load {

// What a request may ask for.
enum class Route : std::uint8_t { kPredict, kScore, kFraude, kHealth };
inline constexpr std::size_t kRoutes = 4;

std::string_view to_string(Route route);  // "predict", "score", "fraude", "health"
std::string_view path_of(Route route);    // "/predict"
bool has_body(Route route);               // POST; the others are GET
std::optional<Route> find_route(std::string_view name);

struct Payload {
  std::string json;           // one line, an object
  std::size_t serial_at = 0;  // where kSerialDigits digits make the body's identifier its own; 0: it has none
};
inline constexpr std::size_t kSerialDigits = 16;

struct PayloadOptions {
  std::uint64_t seed = 1;
  std::uint64_t first_serial = 1;  // of /fraude's transaction_id: a server answers one that it knows from its records
};

class PayloadSource {
 public:
  // A route that has a body.
  PayloadSource(Route route, const PayloadOptions& options);
  PayloadSource(PayloadSource&&) noexcept;
  PayloadSource& operator=(PayloadSource&&) noexcept;
  ~PayloadSource();

  Payload next();

 private:
  struct CardBlock;
  Payload next_predict();
  Payload next_score();
  Payload next_fraude();

  Route route_;
  PayloadOptions options_;
  std::uint64_t made_ = 0;
  Random random_;
  std::unique_ptr<CardBlock> block_;  // /predict: the simulated rows that come next
};

// Writes `serial` into the kSerialDigits digits at `to`, zeros in front.
void put_serial(char* to, std::uint64_t serial);

}  // namespace vigie::load
