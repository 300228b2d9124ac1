#include "load/payloads.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <utility>

#include "base/json_writer.h"
#include "base/number.h"
#include "dataset/simulate_card.h"
#include "schema/card.h"

namespace vigie::load {
namespace {

struct RouteRow {
  std::string_view name;
  std::string_view path;
  bool body;
};

constexpr std::array<RouteRow, kRoutes> kRouteRows{{
    {"predict", "/predict", true},
    {"score", "/score", true},
    {"fraude", "/fraude", true},
    {"health", "/health", false},
}};

const RouteRow& row_of(Route route) { return kRouteRows[static_cast<std::size_t>(route)]; }

double cents(double amount) { return std::round(amount * 100) / 100; }

// Clients come back: a few often, most of them rarely.
std::string client(Random& random) {
  constexpr double kClients = 20'000;
  const auto number = static_cast<std::uint64_t>(std::pow(kClients, random.uniform()));
  return "C" + std::to_string(1000 + number);
}

// An element of `items`, the earlier ones more often.
template <std::size_t N>
std::string_view leaning(const std::array<std::string_view, N>& items, Random& random) {
  const double at = random.uniform();
  return items[std::min(N - 1, static_cast<std::size_t>(at * at * N))];
}

}  // namespace

std::string_view to_string(Route route) { return row_of(route).name; }
std::string_view path_of(Route route) { return row_of(route).path; }
bool has_body(Route route) { return row_of(route).body; }

std::optional<Route> find_route(std::string_view name) {
  for (std::size_t i = 0; i < kRoutes; ++i) {
    if (kRouteRows[i].name == name) return static_cast<Route>(i);
  }
  return std::nullopt;
}

void put_serial(char* to, std::uint64_t serial) {
  for (std::size_t i = kSerialDigits; i-- > 0; serial /= 10) to[i] = static_cast<char>('0' + serial % 10);
}

struct PayloadSource::CardBlock {
  dataset::Table table{{}};
  std::vector<const dataset::Column*> columns;  // in the order of schema::card_raw_fields()
  std::size_t row = 0;
};

PayloadSource::PayloadSource(Route route, const PayloadOptions& options)
    : route_(route), options_(options), random_(options.seed, static_cast<std::uint64_t>(route)) {
  assert(has_body(route));
}
PayloadSource::PayloadSource(PayloadSource&&) noexcept = default;
PayloadSource& PayloadSource::operator=(PayloadSource&&) noexcept = default;
PayloadSource::~PayloadSource() = default;

Payload PayloadSource::next() {
  switch (route_) {
    case Route::kPredict: return next_predict();
    case Route::kScore: return next_score();
    case Route::kFraude: return next_fraude();
    case Route::kHealth: break;
  }
  return {};
}

Payload PayloadSource::next_predict() {
  if (!block_ || block_->row == dataset::kCardBlock) {
    // One fraud in fifty, so that a short list shows both answers.
    const dataset::CardSimulation simulation{.seed = options_.seed, .fraud_rate = 0.02};
    block_ = std::make_unique<CardBlock>();
    block_->table = dataset::simulate_card_block(simulation, made_ / dataset::kCardBlock, dataset::kCardBlock);
    for (const auto& field : schema::card_raw_fields()) {
      block_->columns.push_back(block_->table.find(std::string(field.name)));
    }
  }
  Payload payload{.json = "{"};
  for (const auto* column : block_->columns) {
    payload.json += payload.json.size() > 1 ? ",\"" : "\"";
    payload.json += column->name();
    payload.json += "\":";
    column->append_text(block_->row, payload.json);
  }
  payload.json += '}';
  ++block_->row;
  ++made_;
  return payload;
}

Payload PayloadSource::next_score() {
  // Everybody has had a chance to fall behind on a payment; few have, and fewer often.
  const double income = std::exp(random_.normal(10.3, 0.5));
  JsonWriter json;
  json.begin_object();
  json.member("age", static_cast<int>(std::clamp(random_.normal(44, 15), 18.0, 95.0)));
  json.member("revenu", std::round(income / 100) * 100);
  json.member("historique_impaye", random_.bernoulli(0.8) ? 0 : 1 + static_cast<int>(random_.poisson(0.8)));
  if (random_.bernoulli(0.6)) {
    json.member("montant_credit", std::max(500.0, std::round(income * random_.uniform(0.05, 1.5) / 100) * 100));
    json.member("taux_endettement", std::round(std::min(2.0, random_.exponential(0.3)) * 1000) / 1000);
    json.member("credits_ouverts", random_.poisson(3));
    json.member("personnes_a_charge", random_.poisson(0.8));
  }
  if (random_.bernoulli(0.5)) json.member("client_id", client(random_));
  ++made_;
  return {.json = std::move(json.end_object()).text()};
}

Payload PayloadSource::next_fraude() {
  constexpr std::array<std::string_view, 5> kTypes{"paiement", "achat_en_ligne", "virement", "retrait", "dépôt"};
  constexpr std::array<std::string_view, 7> kCountries{"FR", "FR", "BE", "DE", "ES", "US", "NG"};
  constexpr std::string_view kIdentifier = "TX";
  std::string serial(kSerialDigits, '0');
  put_serial(serial.data(), options_.first_serial + made_++);
  JsonWriter json;
  json.begin_object().key("transaction_id");
  const std::size_t serial_at = json.text().size() + 1 + kIdentifier.size();  // behind the opening quote
  json.value(std::string(kIdentifier) + serial);
  json.member("client_id", client(random_));
  json.member("montant", std::max(0.01, cents(std::min(std::exp(random_.normal(4.0, 1.6)), 250'000.0))));
  json.member("type", leaning(kTypes, random_));
  if (random_.bernoulli(0.7)) json.member("devise", random_.bernoulli(0.9) ? "EUR" : "USD");
  if (random_.bernoulli(0.7)) json.member("pays", leaning(kCountries, random_));
  if (random_.bernoulli(0.5)) json.member("terminal_id", "T" + std::to_string(100 + random_.below(5'000)));
  if (random_.bernoulli(0.3)) json.member("historique_impaye", random_.poisson(0.3));
  // date_transaction is left out: the server takes now, where a date of this list would be of the past.
  return {.json = std::move(json.end_object()).text(), .serial_at = serial_at};
}

}  // namespace vigie::load
