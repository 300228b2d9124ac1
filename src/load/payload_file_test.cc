#include "load/payload_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "base/file.h"

namespace vigie::load {
namespace {

using testing::HasSubstr;

class PayloadFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("vigie-payloads-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string text(const std::string& name) const { return read_file(folder_ / name).value_or("(no such file)"); }

  std::filesystem::path folder_;
};

TEST_F(PayloadFile, LinesComeBackAsTheyWereMade) {
  for (const std::string name : {"p.ndjson", "p.ndjson.gz"}) {
    ASSERT_TRUE(write_payloads({.route = Route::kScore, .count = 30, .options = {.seed = 9}}, folder_ / name));
    const auto read = read_payloads(folder_ / name);
    ASSERT_TRUE(read) << read.error().to_string();
    ASSERT_EQ(read->size(), 30u);
    PayloadSource source(Route::kScore, {.seed = 9});
    for (const Payload& payload : *read) EXPECT_EQ(payload.json, source.next().json);
  }
}

TEST_F(PayloadFile, AnArrayIsOneDocument) {
  ASSERT_TRUE(
      write_payloads({.route = Route::kPredict, .form = PayloadForm::kJsonArray, .count = 3}, folder_ / "p.json"));
  const auto array = boost::json::parse(text("p.json")).as_array();
  ASSERT_EQ(array.size(), 3u);
  EXPECT_EQ(array[2].as_object().size(), 30u);
}

TEST_F(PayloadFile, ACollectionHasARequestForEachPayload) {
  const PayloadList list{.route = Route::kFraude, .form = PayloadForm::kPostman, .count = 2, .base_url = "http://x:1"};
  ASSERT_TRUE(write_payloads(list, folder_ / "p.json"));
  const auto collection = boost::json::parse(text("p.json")).as_object();
  EXPECT_EQ(collection.at("info").at("schema").as_string(),
            "https://schema.getpostman.com/json/collection/v2.1.0/collection.json");
  EXPECT_EQ(collection.at("variable").at(0).at("value").as_string(), "http://x:1");
  const auto& items = collection.at("item").as_array();
  ASSERT_EQ(items.size(), 2u);
  const auto& request = items[1].at("request");
  EXPECT_EQ(request.at("method").as_string(), "POST");
  EXPECT_EQ(request.at("url").at("raw").as_string(), "{{base_url}}/fraude");
  const auto body = boost::json::parse(request.at("body").at("raw").as_string());
  EXPECT_EQ(body.at("transaction_id").as_string(), "TX0000000000000002");
}

TEST_F(PayloadFile, ATooLargeCollectionAndAnEmptyListAreRefused) {
  const auto many = write_payloads({.form = PayloadForm::kPostman, .count = 1'001}, folder_ / "p.json");
  ASSERT_FALSE(many);
  EXPECT_THAT(many.error().to_string(), HasSubstr("--format json-array"));
  EXPECT_FALSE(write_payloads({.count = 0}, folder_ / "p.json"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "p.json"));
}

TEST_F(PayloadFile, WhatIsNoObjectIsNamedByItsLine) {
  ASSERT_TRUE(write_file(folder_ / "p", "{\"a\":1}\r\n\n  {\"b\":2}  \n[1]\n"));
  const auto bad = read_payloads(folder_ / "p");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().place.line, 4u);
  ASSERT_TRUE(write_file(folder_ / "p", "{\"a\":1}\r\n\n  {\"b\":2}  "));
  const auto good = read_payloads(folder_ / "p");
  ASSERT_TRUE(good);
  ASSERT_EQ(good->size(), 2u);
  EXPECT_EQ((*good)[0].json, "{\"a\":1}");
  EXPECT_EQ((*good)[1].json, "{\"b\":2}");
  ASSERT_TRUE(write_file(folder_ / "p", "\n\n"));
  EXPECT_FALSE(read_payloads(folder_ / "p"));
  EXPECT_FALSE(read_payloads(folder_ / "nowhere"));
}

}  // namespace
}  // namespace vigie::load
