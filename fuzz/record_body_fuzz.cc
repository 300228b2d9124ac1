// The bodies of /fraude, /score and /labels: whatever comes is read or refused; what is read keeps to its table, and
// what is refused can be told.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/record_body.h"
#include "schema/applicant.h"
#include "schema/transaction.h"

namespace {

void check(std::string_view body, std::span<const vigie::schema::Field> fields) {
  vigie::api::Record record;
  const auto reading = vigie::api::read_record(body, fields, record);
  if (!reading.problems.empty()) {
    for (const bool french : {false, true}) {
      if (vigie::api::problem_document(reading.problems, "\"body\"", french).empty()) std::abort();
    }
  }
  if (!reading.ok()) return;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!record[i].given) {
      if (!fields[i].optional) std::abort();
      continue;
    }
    const bool good = fields[i].type == vigie::schema::FieldType::kText ? accepts_text(fields[i], record[i].text)
                                                                        : accepts(fields[i], record[i].number);
    if (!good) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check(body, vigie::schema::transaction_fields());
  check(body, vigie::schema::applicant_fields());
  check(body, vigie::schema::label_fields());
  return 0;
}
