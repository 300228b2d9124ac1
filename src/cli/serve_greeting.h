// What vigie serve says first: where it listens, what it answers, and a curl that works as pasted.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "cli/config.h"
#include "cli/site.h"
#include "decision/card_service.h"
#include "schema/card.h"

namespace vigie::cli {

// A typical transaction: the medians of the training data.
std::array<double, schema::kCardRaw> example_row(const decision::CardService& service);

// `login_link`: of a first start; empty: none.
std::string greeting(const Config& config, const std::string& url, const Site& site, const std::string& login_link);
std::string greeting_json(const std::string& url, std::uint16_t port, const Site& site, const std::string& login_link);

}  // namespace vigie::cli
