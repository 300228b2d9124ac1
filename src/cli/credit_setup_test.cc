#include "cli/credit_setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "model/sample_credit_model.h"

namespace vigie::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// A package that was trained with 400,650,800.
class CreditSetupTest : public testing::Test {
 protected:
  CreditSetupTest() {
    model::CreditModel model = model::sample_credit_model();
    model.thresholds = {400, 650, 800};
    const auto written = model::write_package(path_, model);
    EXPECT_TRUE(written) << written.error().to_string();
  }
  ~CreditSetupTest() override { std::filesystem::remove_all(path_); }

  // As a server has it with these lines in its config.yaml, and what it says on stderr.
  Result<model::CreditThresholds> served(std::string_view yaml) {
    Config config;
    const Status read = read_config_text(yaml, "config.yaml", config);
    EXPECT_TRUE(read) << read.error().to_string();
    config.credit_model = path_;
    testing::internal::CaptureStderr();
    const auto service = load_credit_service(config);
    log_ = testing::internal::GetCapturedStderr();
    if (!service) return std::unexpected(service.error());
    return (*service)->thresholds();
  }

  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("vigie-credit-setup-" + std::to_string(::getpid()));
  std::string log_;
};

TEST_F(CreditSetupTest, ThePackagesThresholdsAreServedUnlessSettingsSayOthers) {
  EXPECT_EQ(*served(""), (model::CreditThresholds{400, 650, 800}));
  EXPECT_THAT(log_, IsEmpty());
  EXPECT_EQ(*served("scoring: {thresholds: {refuse: package}}"), (model::CreditThresholds{400, 650, 800}));
  EXPECT_EQ(*served("scoring: {thresholds: {accepte: 650}}"), (model::CreditThresholds{400, 650, 800}));
  EXPECT_THAT(log_, IsEmpty()) << "they are the same";
  EXPECT_EQ(*served("scoring: {thresholds: {accepte: 700}}"), (model::CreditThresholds{400, 700, 800}));
  EXPECT_THAT(log_, HasSubstr("its card and fairness tables are of others"));
  EXPECT_THAT(log_, HasSubstr("400, 700, 800 are served, 400, 650, 800 were measured"));
  EXPECT_EQ(*served(config_yaml(starting_config())), (model::CreditThresholds{300, 600, 800}));
  EXPECT_THAT(log_, HasSubstr("\"log.level\": \"warn\""));
}

TEST_F(CreditSetupTest, ThresholdsThatCannotBeNameTheirSetting) {
  EXPECT_EQ(
      served("scoring: {thresholds: {refuse: 600, accepte: 500}}").error().to_string(),
      "scoring.thresholds.accepte: 500 is not above refuse, which is 600; give points that rise, such as 300, 600 "
      "and 800");
  EXPECT_THAT(served("scoring: {thresholds: {accepte: 820}}").error().to_string(),
              HasSubstr("scoring.thresholds: they must rise: low, accepted, excellent"));
  Config config;
  EXPECT_THAT(read_config_text("scoring: {thresholds: {excellent: 900}}", "config.yaml", config).error().to_string(),
              HasSubstr("scoring.thresholds.excellent: the value is not a number from 300 to 850, or package"));
}

}  // namespace
}  // namespace vigie::cli
