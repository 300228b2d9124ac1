#include "history/event_keys.h"

#include <gtest/gtest.h>

#include <chrono>

namespace vigie::history {
namespace {

TEST(EventKeys, MakeAnEventOfATransaction) {
  const EventKeys keys(KeyedHash({1, 2}));
  const domain::Transaction transaction{.id = "TX1",
                                        .client = "C1",
                                        .amount = 19.999,
                                        .type = 4,
                                        .time = WallTime(std::chrono::microseconds(1'000'000'999'999)),
                                        .country = "FR",
                                        .terminal = "T1"};
  EXPECT_EQ(keys.event(transaction), (domain::Event{.id = keys("TX1"),
                                                    .client = keys("C1"),
                                                    .terminal = keys("T1"),
                                                    .cents = 2000,
                                                    .time = 1'000'000,
                                                    .country = domain::country_number("FR"),
                                                    .type = 4}));
}

TEST(EventKeys, WhatIsNotGivenIsNothing) {
  const EventKeys keys(KeyedHash({1, 2}));
  const auto event = keys.event({.id = "TX1", .client = "C1", .amount = 1});
  EXPECT_EQ(event.terminal, 0);
  EXPECT_EQ(event.country, 0);
  EXPECT_EQ(keys.event({.id = "TX1", .client = "C1", .amount = 1e300}).cents, domain::kMostCents);
}

TEST(EventKeys, DependOnTheSecret) {
  EXPECT_NE(EventKeys(KeyedHash({1, 2}))("C1"), EventKeys(KeyedHash({1, 3}))("C1"));
}

}  // namespace
}  // namespace vigie::history
